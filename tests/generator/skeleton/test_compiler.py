"""Compiled expressions against a plain interpreter of the same texts: the same value, or both refuse."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from club import DAYS, DEFINITIONS, NAMES, PEOPLE, RECORDS, SKELETON, STATUS, TABLES, WHOLE, some, state
from expression_texts import PARAMETERS, expression
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from interpreted_functions import Money, RefusedError
from interpreter import Interpreter, Row

from generator.scengenerator.worlds import Refused, Worlds
from generator.skeleton.checker import check
from generator.skeleton.compiler import Code, Compiler, argument_form, is_ref
from generator.skeleton.expressions import Expressions
from generator.skeleton.model import Model
from generator.skeleton.nodes import Node
from generator.skeleton.reading import parse_skeleton
from generator.skeleton.scope import Scope
from generator.skeleton.types import INTEGER, TEXT, ListOf, Maybe, Ref, Type

MODEL = check(parse_skeleton(SKELETON, "club"))


class PlainWorlds(Worlds):
    """As rendered environments have it: rows without an id are told apart by being the same object."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.compiler = Compiler(self.compiler.shared, now="self", before="self.before")


KEYED, PLAIN = Worlds(MODEL), PlainWorlds(MODEL)
FIELDS = MODEL.entities["person"].fields
TYPES: dict[str, Type] = {
    **{"p": Ref("person"), "q": Maybe(Ref("person")), "k": Maybe(INTEGER), "ps": ListOf(Ref("person"))},
    **{"n": INTEGER, "m": FIELDS["wallet"].type, "t": TEXT, "u": Maybe(TEXT), "d": FIELDS["born"].type},
    **{"c": FIELDS["rank"].type, "fs": FIELDS["friends"].type, "xs": FIELDS["scores"].type, "h": FIELDS["home"].type},
}
assert TYPES.keys() == PARAMETERS.keys()


def arguments(rng: random.Random, state: dict[str, Any]) -> dict[str, Any]:
    """A value for each parameter, as rows hold them."""
    people = list(state["tables"]["persons"])
    return {
        "p": rng.choice(people),
        "q": rng.choice([None, *people]),
        "n": rng.choice(WHOLE),
        "k": rng.choice([None, *WHOLE]),
        "m": rng.choice([0.0, 0.3, 12.5]),
        "t": rng.choice([*NAMES, *PEOPLE]),
        "u": rng.choice([None, *NAMES]),
        "d": rng.choice(DAYS),
        "c": rng.choice(STATUS),
        "ps": rng.choices(people, k=rng.randint(0, 3)),
        "fs": some(rng, people, 3),
        "xs": rng.choices(WHOLE, k=rng.randint(0, 3)),
        "h": state["tables"]["persons"]["P-001"]["home"],
    }


def typed(text: str, *, before: bool) -> Node:
    """The checked tree; the texts are well typed by construction."""
    problems: list[Any] = []
    node = Expressions(MODEL, problems.append).check(text, Scope(names=TYPES, before=before), ("text",))
    assert not problems, f"{text}\n{problems[0]}"
    return node


def compiled(worlds: Worlds, node: Node) -> Callable[[dict[str, Any], Any, Any], Any]:
    """The expression as a function of arguments and of both states."""
    names = {name: Code(name, argument_form(type_)) for name, type_ in TYPES.items()}
    function = worlds.function(node, names, TYPES, "key" if is_ref(node.type) and keys_known(worlds, node.type) else "")

    def run(given: dict[str, Any], now: Any, then: Any) -> Any:
        world = worlds.world(now, worlds.world(then))
        rows = {**given, "p": world.persons[given["p"]], "q": world.persons[given["q"]] if given["q"] else None}
        try:
            return plain(function(world, *(rows[name] for name in TYPES)), world)
        except Refused:
            return "refused"

    return run


def keys_known(worlds: Worlds, type_: Type) -> bool:
    entity = MODEL.entity_of(type_)
    return worlds is KEYED or entity is None or entity.key != "none"


def plain(value: Any, world: Any = None) -> Any:
    """A result of either side in one form: rows as keys, amounts as numbers, sets in order."""
    if isinstance(value, Row):
        return value.key
    if isinstance(value, dict) and world is not None and "text" in value and "cost" in value:
        return next((key for table in (world.notes, world.before.notes) for key, row in table.items() if row is value))
    if isinstance(value, list):
        return [plain(item, world) for item in value]
    if isinstance(value, timedelta):
        return str(value)
    return float(value) if isinstance(value, Money) else value


def interpreted(text: str, given: dict[str, Any], now: Any, then: Any) -> Any:
    interpreter = Interpreter(TABLES, RECORDS, DEFINITIONS, (now, then))
    kinds = {"p": "person", "q": "person", "m": "money", "ps": "list person", "fs": "set person", "h": "record spot"}
    names = {name: interpreter.read(value, kinds.get(name, "plain"), 0) for name, value in given.items()}
    try:
        return plain(interpreter.evaluate(text, names))
    except RefusedError:
        return "refused"


def same(one: Any, other: Any) -> bool:
    """Whether two plain results are equal; a whole number that is expected must be one."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(other, float):
        return isinstance(one, int | float) and abs(one - other) < 1e-9
    return type(one) is type(other) and bool(one == other)


def attempt(seed: int, *, before: bool) -> None:
    """One expression over a few random states."""
    rng = random.Random(seed)
    text = expression(rng, before=before)
    worlds = KEYED if before else PLAIN
    node = typed(text, before=before)
    run = compiled(worlds, node)
    for _ in range(3):
        now = state(rng)
        then = state(rng) if before else now
        given = arguments(rng, now)
        untouched = copy.deepcopy((given, now, then))
        expected, found = interpreted(text, given, now, then), run(given, now, then)
        code = worlds.compiler.text(node, {name: Code(name, argument_form(type_)) for name, type_ in TYPES.items()})
        assert same(found, expected), f"{text}\n{code}\ncompiled: {found!r}\ninterpreted: {expected!r}"
        assert (given, now, then) == untouched, f"{text} changes what it reads"


SEEDS = st.integers(0, 2**64 - 1)  # no shrinking through seeds: a failure prints the text itself


@settings(deadline=None, max_examples=400, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(SEEDS)
def test_expressions_of_environments(seed: int) -> None:
    attempt(seed, before=False)


@settings(deadline=None, max_examples=400, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(SEEDS)
def test_expressions_of_checks(seed: int) -> None:
    attempt(seed, before=True)
