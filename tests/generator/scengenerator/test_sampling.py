"""Values for fields and parameters."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.scengenerator.sampling import NoRowsError, Sampler, SamplingError
from generator.scengenerator.unsampled import unsampled
from generator.skeleton.checker import check
from generator.skeleton.document import AttributesDoc
from generator.skeleton.model import Field, Model
from generator.skeleton.reading import parse_skeleton
from generator.skeleton.types import DATE, INTEGER, MONEY, TEXT, Enum, ListOf, MapOf, Maybe, Record, Ref, Type

ROOT = Path(__file__).parents[3]
LIBRARY = (ROOT / "tests" / "fixtures" / "library.skeleton.yaml").read_text()


@pytest.fixture(scope="module")
def model() -> Model:
    return check(parse_skeleton(LIBRARY, "library"))


def values(model: Model, type_: Type, count: int = 200, tables: Any = None, **attributes: Any) -> list[Any]:
    sampler = Sampler(model, "values")
    doc = AttributesDoc(type=str(type_), **attributes)
    return [sampler.value(type_, doc, tables or {}, name="x") for _ in range(count)]


def test_ranges_hold_both_ends(model: Model) -> None:
    assert set(values(model, INTEGER, sample="3..6")) == {3, 4, 5, 6}
    amounts = values(model, MONEY, sample="5..40")
    assert all(isinstance(amount, float) and 5 <= amount <= 40 for amount in amounts)
    assert all(round(amount, 2) == amount for amount in amounts)


def test_bounds_stand_in_for_a_sample(model: Model) -> None:
    sampler = Sampler(model, "bounds")
    doc = AttributesDoc(type="integer")
    drawn = {sampler.value(INTEGER, doc, {}, minimum=7, maximum=8) for _ in range(50)}
    assert drawn == {7, 8}


def test_weights_decide_how_often_a_word_comes(model: Model) -> None:
    words = values(model, Enum(("often", "seldom", "never")), weights=["9", "1", "0"])
    assert words.count("often") > 100
    assert "seldom" in words
    assert "never" not in words


def test_dates_may_lie_on_both_sides_of_the_clock(model: Model) -> None:
    clock = dt.date.fromisoformat(model.document.clock[:10])
    drawn = values(model, DATE, sample="past.1d..future.2d")
    assert {(dt.date.fromisoformat(day) - clock).days for day in drawn} == {-1, 0, 1, 2}


def test_dates_are_relative_to_the_clock(model: Model) -> None:
    clock = dt.date.fromisoformat(model.document.clock[:10])
    past = values(model, DATE, sample="past.30d")
    future = values(model, DATE, sample="future.14d")
    assert all(clock - dt.timedelta(30) <= dt.date.fromisoformat(day) < clock for day in past)
    assert all(clock < dt.date.fromisoformat(day) <= clock + dt.timedelta(14) for day in future)


def test_maps_give_every_word_a_value(model: Model) -> None:
    for value in values(model, MapOf(Enum(("a", "b", "c")), INTEGER), 20, sample="1..2"):
        assert list(value) == ["a", "b", "c"]


def test_optional_values_are_mixed(model: Model) -> None:
    drawn = values(model, Maybe(INTEGER), sample="1..2")
    assert 40 < drawn.count(None) < 120


def test_sets_repeat_nothing_and_references_are_of_existing_rows(model: Model) -> None:
    tables = {"readers": {"R-001": {}, "R-002": {}}}
    for value in values(model, ListOf(Ref("reader"), distinct=True), tables=tables):
        assert set(value) <= {"R-001", "R-002"}
        assert len(value) == len(set(value))
    with pytest.raises(NoRowsError):
        values(model, Ref("reader"))
    assert values(model, Maybe(Ref("reader")), 20) == [None] * 20


def test_holes_are_drawn_anew(model: Model) -> None:
    titles = set(values(model, TEXT, sample="titles"))
    assert {"A winter in the attic", "A winter in the harbour", "Bread and salt"} <= titles
    assert not any("{" in title for title in titles)


def test_prose_is_never_made_up(model: Model) -> None:
    with pytest.raises(SamplingError, match="'x' cannot be made up; give it a sample"):
        values(model, TEXT)
    assert unsampled(model) == []
    without = LIBRARY.replace("{type: text, sample: notes}", "text")
    places = [name for _, name in unsampled(check(parse_skeleton(without, "library")))]
    assert places == ["copy_note.content"]


def test_contacts_go_with_the_name(model: Model) -> None:
    fields = list(model.entities["reader"].fields.values())
    email = model.entities["reader"].fields["email"]
    row = {"first_name": "Marta", "last_name": "Ruiz"}
    drawn = Sampler(model, "contacts").matching(email, fields, row, {})
    assert drawn.startswith("marta.ruiz@example.")


def test_records_repeat_what_rows_say(model: Model) -> None:
    type_ = Record((("title", TEXT), ("genre", Enum(("novel", "poetry", "travel")))))
    tables = {"books": {"B-001": {"title": "Bread and salt", "genre": "poetry"}}}
    sampler = Sampler(model, "records")
    sampler.rng.random = lambda: 0.0  # type: ignore[method-assign]
    assert sampler.record(type_, tables) == {"title": "Bread and salt", "genre": "poetry"}


def test_every_provider_gives_text(model: Model) -> None:
    from generator.skeleton.samples import PROVIDERS

    sampler = Sampler(model, "providers")
    for provider in PROVIDERS:
        field = Field("x", TEXT, AttributesDoc(type="text", sample=provider), "x")
        assert sampler.field(field, {}).strip()


def test_the_same_seed_gives_the_same_bytes_in_every_process(model: Model) -> None:
    program = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from generator.skeleton.checker import check\n"
        "from generator.skeleton.reading import read_skeleton\n"
        "from generator.scengenerator.states import make_state\n"
        "model = check(read_skeleton(Path(sys.argv[1])))\n"
        "print(json.dumps([make_state(model, 'x', size) for size in (1, 3)]))\n"
    )
    path = ROOT / "tests" / "fixtures" / "library.skeleton.yaml"
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
            capture_output=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0])
