"""Arguments that are accepted, or refused for one given reason."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from generator.rendering import load_environment
from generator.scengenerator.laws import Laws, laws_of
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.states import make_state
from generator.skelbuilder.evaluation import evaluate
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import parse_skeleton, read_skeleton

ROOT = Path(__file__).parents[3]
LIBRARY = (ROOT / "tests" / "fixtures" / "library.skeleton.yaml").read_text()
SERVERS = sorted((ROOT / "servers").glob("*/skeleton.yaml"))


@pytest.fixture(scope="module")
def model() -> Model:
    return check(parse_skeleton(LIBRARY, "library"))


def proposer(model: Model, seed: str = "p") -> Proposer:
    return Proposer(model, random.Random(seed), Sampler(model, seed))


@pytest.mark.parametrize("path", SERVERS, ids=lambda path: path.parent.name)
def test_most_proposals_are_accepted(path: Path) -> None:
    model = check(read_skeleton(path))
    laws: Laws = laws_of(model)
    made = accepted = 0
    for seed in range(4):
        make = proposer(model, str(seed))
        world = laws.open(make_state(model, str(seed), 4))
        for operation in model.commands * 8:
            arguments = make.propose(operation, world)
            if arguments is not None:
                made += 1
                accepted += world.call(operation.name, arguments).ok
    assert made > 200
    assert accepted > 0.75 * made, (accepted, made)


def test_a_refusal_can_be_aimed_at(model: Model) -> None:
    laws = laws_of(model)
    make = proposer(model)
    lend = model.operations["lend_book"]
    hit: dict[str, int] = {}
    for seed in range(4):
        world = laws.open(make_state(model, str(seed), 5))
        for origin in (f"lend_book.requires[{at}]" for at in range(3)):
            for _ in range(12):
                arguments = make.propose(lend, world, refused_by=origin)
                if arguments is not None:
                    result = world.call(lend.name, arguments)
                    hit[origin] = hit.get(origin, 0) + (result.origin == origin)
    assert len(hit) == 3
    assert all(count >= 10 for count in hit.values()), hit


def test_wishes_are_kept_where_they_can_be(model: Model) -> None:
    world = laws_of(model).open(make_state(model, "1", 3))
    key = list(world.state["tables"]["books"])[2]
    arguments = proposer(model).propose(model.operations["change_book"], world, wish={"book": key, "price": 12.0})
    assert arguments is not None
    assert (arguments["book_id"], arguments["price"]) == (key, 12.0)


def test_some_optional_arguments_are_given_and_some_left_out(model: Model) -> None:
    world = laws_of(model).open(make_state(model, "1", 3))
    make = proposer(model)
    given: list[Any] = [make.propose(model.operations["change_book"], world) for _ in range(60)]
    for name in ("title", "price"):
        count = sum(name in arguments for arguments in given)
        assert 10 < count < 55
    assert all(arguments.get("price", 0) <= 35 for arguments in given)


def test_a_proposal_needs_only_the_state(model: Model) -> None:
    state = make_state(model, "1", 3)
    arguments = proposer(model).propose(model.operations["lend_book"], state)
    assert arguments is not None
    assert load_environment(model).Environment(state).call("lend_book", arguments).ok


def test_nothing_is_proposed_where_no_row_would_do(model: Model) -> None:
    world = laws_of(model).open(laws_of(model).empty())
    assert proposer(model).propose(model.operations["return_book"], world) is None
    assert proposer(model).succeeding(world, model.operations["return_book"]) is None


def test_queries_of_entities_are_asked_for_what_exists(model: Model) -> None:
    world = laws_of(model).open(make_state(model, "1", 3))
    make = proposer(model)
    for entity in model.entities.values():
        for query in entity.queries.values():
            answers = []
            for _ in range(10):
                arguments = make.propose_query(entity, query, world)
                assert arguments is not None
                answers.append(world.call(query.name, arguments).ok)
            assert any(answers), query.name


def test_numbers_that_must_be_equal_are_evened_out() -> None:
    text = LIBRARY + (
        "\n  pay_for_books:\n    description: Pay for books.\n    params:\n      books: {type: list of book, min: 1}\n"
        "      amount: {type: money, min: 0}\n    requires:\n      - that: amount == sum(b.price for b in books)\n"
        "        else: Exactly that.\n    effects:\n"
        "      - {for_each: b in books, update: b, values: {reserved_for: None}}\n"
    )
    model = check(parse_skeleton(text, "library"))
    world = laws_of(model).open(make_state(model, "1", 3))
    make = proposer(model)
    for _ in range(20):
        arguments = make.propose(model.operations["pay_for_books"], world)
        assert arguments is not None
        assert world.call("pay_for_books", arguments).ok


def test_only_a_curious_proposer_says_what_only_conditions_name() -> None:
    model = check(read_skeleton(ROOT / "tests" / "golden" / "examples" / "files.fragment.skeleton.yaml"))
    world = laws_of(model).open(make_state(model, "1", 2))
    change = model.operations["cd"]
    plain, curious = proposer(model), Proposer(model, random.Random("c"), Sampler(model, "c"), curious=True)
    said = [{(maker.propose(change, world) or {}).get("folder") for _ in range(80)} for maker in (plain, curious)]
    assert ".." not in said[0]
    assert {"..", "/"} <= said[1]


LOOKING = """
  look_around:
    description: Look for books by any of this.
    params:
      part: {type: optional text, description: A part of the title.}
      parts: {type: optional list of text}
      author: {type: text, default: "''"}
    returns: >-
      [b for b in books if part is None or contains(b.title, part)][:len(parts if parts is not None else [author])]
"""


def test_an_optional_text_that_nothing_describes_is_left_out() -> None:
    model = check(parse_skeleton(LIBRARY + LOOKING, "library"))
    world = laws_of(model).open(make_state(model, "1", 3))
    make = proposer(model)
    assert all(make.propose(model.operations["look_around"], world) == {} for _ in range(40))
    assert (
        evaluate(model.document, "1").findings
        == evaluate(check(parse_skeleton(LIBRARY, "library")).document, "1").findings
    )
