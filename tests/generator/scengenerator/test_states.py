"""Initial states: rows, rules, history, diversity."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from generator.rendering import load_environment
from generator.scengenerator.laws import laws_of
from generator.scengenerator.sampling import SamplingError
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import parse_skeleton, read_skeleton

ROOT = Path(__file__).parents[3]
LIBRARY = (ROOT / "tests" / "fixtures" / "library.skeleton.yaml").read_text()
EXAMPLES = sorted((ROOT / "tests" / "golden" / "examples").glob("*.yaml"))
SERVERS = sorted((ROOT / "servers").glob("*/skeleton.yaml"))


@pytest.fixture(scope="module")
def model() -> Model:
    return check(parse_skeleton(LIBRARY, "library"))


@pytest.mark.parametrize("path", [*SERVERS, *EXAMPLES], ids=lambda path: path.parent.name + "/" + path.stem)
def test_states_fit_their_environment_and_keep_its_rules(path: Path) -> None:
    model = check(read_skeleton(path))
    module = load_environment(model)
    for size in (1, 4):
        state = make_state(model, "fit", size)
        text = json.dumps(state)
        jsonschema.validate(state, module.SCHEMA)
        assert json.dumps(module.Environment(json.loads(text)).state) == text
        assert laws_of(model).broken(laws_of(model).view(state)) == []
        assert state["clock"] == model.document.clock


def test_seeds_and_sizes_make_states_different(model: Model) -> None:
    states = [json.dumps(make_state(model, str(seed), size)) for seed in range(8) for size in (1, 5)]
    assert len(set(states)) == len(states)
    assert make_state(model, "same", 2) == make_state(model, "same", 2)


def test_sizes_grow_rows_and_past(model: Model) -> None:
    small, large = make_state(model, "grow", 1), make_state(model, "grow", 5)
    for plural in ("readers", "books", "loans"):
        assert len(small["tables"][plural]) < len(large["tables"][plural])
    with pytest.raises(ValueError, match="a size from 1 to 5, not 6"):
        make_state(model, "grow", 6)


def test_fields_are_as_the_skeleton_says(model: Model) -> None:
    for seed in range(6):
        tables = make_state(model, str(seed), 3)["tables"]
        readers = list(tables["readers"].values())
        assert all((row["guardian"] is not None) == (row["kind"] == "child") for row in readers)
        assert {row["kind"] for row in readers} == {"adult", "child"}
        assert {row["genre"] for row in tables["books"].values()} == {"novel", "poetry", "travel"}
        assert len({row["email"] for row in readers}) == len(readers)
        assert len({row["title"] for row in tables["books"].values()}) > 1
        assert all(key == row["code"] for key, row in tables["shelves"].items())
        assert [row["joined_at"] for row in readers] == sorted(row["joined_at"] for row in readers)


def test_some_rows_share_a_name(model: Model) -> None:
    near = 0
    for seed in range(10):
        readers = make_state(model, str(seed), 4)["tables"]["readers"].values()
        for column in ("first_name", "last_name"):
            near += any(count > 1 for count in Counter(row[column] for row in readers).values())
        assert len({(row["first_name"], row["last_name"]) for row in readers}) == len(readers)
    assert near >= 8


@pytest.mark.parametrize("path", SERVERS, ids=lambda path: path.parent.name)
def test_history_shows_the_words_of_state_machines(path: Path) -> None:
    model = check(read_skeleton(path))
    shown: Counter[str] = Counter()
    machines = [
        (entity.plural, item.column, word)
        for entity in model.entities.values()
        for item in entity.stored
        if item.doc.transitions is not None
        for word in item.type.words  # type: ignore[union-attr]
    ]
    seeds = 6
    for seed in range(seeds):
        tables = make_state(model, str(seed), 5)["tables"]
        for plural, column, word in machines:
            shown[f"{plural}: {word}"] += any(row[column] == word for row in tables[plural].values())
    assert all(shown[f"{plural}: {word}"] for plural, _, word in machines), shown
    assert shown.total() >= 0.8 * seeds * len(machines)


def test_history_goes_forward_to_the_clock(model: Model) -> None:
    state = make_state(model, "forward", 5)
    moments = [row["lent_at"] for row in state["tables"]["loans"].values()]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(moments)
    assert all(moment < state["clock"] for moment in moments)


def test_rules_that_no_sample_keeps_are_said() -> None:
    text = LIBRARY.replace("Books above 35 have no notes.", "Nothing is right.")
    text = text.replace("all(len(b.notes) == 0 for b in books if b.price > 35)", "len(books) == 0")
    with pytest.raises(SamplingError, match="keeps the rules: the rules do not let 5 books be sampled"):
        make_state(check(parse_skeleton(text, "library")), "x", 2)


def test_a_unique_field_needs_enough_values() -> None:
    text = LIBRARY.replace("shelf_codes: [A1, A2, B1, B2, C1]", "shelf_codes: [A1, A2]")
    with pytest.raises(SamplingError, match="3 shelves"):
        make_state(check(parse_skeleton(text, "library")), "x", 2)
