"""Laws of every rendered environment, over calls that were drawn and arguments that nobody would send."""

from __future__ import annotations

import copy
import functools
import json
import random
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.rendering import load_environment
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import read_skeleton

ROOT = Path(__file__).parents[3]
SKELETONS = [
    *sorted((ROOT / "servers").glob("*/skeleton.yaml")),
    *sorted((ROOT / "tests" / "golden" / "examples").glob("*.yaml")),
]
EVERYWHERE = pytest.mark.parametrize(
    "path", SKELETONS, ids=lambda path: f"{path.parent.name}/{path.name.split('.')[0]}"
)
FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 2**32)
Call = tuple[str, dict[str, Any]]


@functools.cache
def model(path: Path) -> Model:
    return check(read_skeleton(path))


@functools.cache
def start(path: Path) -> str:
    return json.dumps(make_state(model(path), "properties", 2))


def opened(path: Path) -> Any:
    return load_environment(model(path)).Environment(json.loads(start(path)))


def spelled(environment: Any) -> str:
    """The whole state; the order of rows counts."""
    return json.dumps(environment.state)


def some_calls(path: Path, seed: int, number: int = 20) -> list[Call]:
    """Calls that succeed and calls that do not, each drawn for the state that those before it leave."""
    rng = random.Random(seed)
    proposer = Proposer(model(path), rng, Sampler(model(path), str(seed)), curious=True)
    environment = opened(path)
    calls: list[Call] = []
    for _ in range(number):
        operation = rng.choice(list(model(path).operations.values()))
        arguments = proposer.propose(operation, environment.state)
        if arguments is not None:
            calls.append((operation.name, copy.deepcopy(arguments)))
            environment.call(*calls[-1])
    return calls


@EVERYWHERE
@FEW
@given(seed=SEEDS)
def test_calls(path: Path, seed: int) -> None:
    """A refused call changes nothing, a query neither; results fit their schemas; arguments stay as they were."""
    module, environment = load_environment(model(path)), opened(path)
    tools = {tool["name"]: tool for tool in module.TOOLS}
    calls = some_calls(path, seed)
    for name, arguments in calls:
        before, given_arguments = spelled(environment), json.dumps(arguments)
        result = environment.call(name, arguments)
        assert json.dumps(arguments) == given_arguments
        if result.ok:
            jsonschema.validate(result.content, tools[name]["outputSchema"])
        if not result.ok or tools[name]["annotations"]["readOnlyHint"]:
            assert spelled(environment) == before, (name, arguments)


@EVERYWHERE
@FEW
@given(seed=SEEDS)
def test_replay_gives_the_same_bytes(path: Path, seed: int) -> None:
    calls = some_calls(path, seed)
    answers = []
    for _ in range(2):
        environment = opened(path)
        results = [environment.call(name, copy.deepcopy(arguments)) for name, arguments in calls]
        answers.append(json.dumps([[each.ok, each.content, each.origin] for each in results]) + spelled(environment))
    assert answers[0] == answers[1]


@EVERYWHERE
@FEW
@given(seed=SEEDS)
def test_states_survive_json(path: Path, seed: int) -> None:
    """Saved and loaded after every call, an environment goes on as if nothing had happened."""
    module, through, straight = load_environment(model(path)), opened(path), opened(path)
    for name, arguments in some_calls(path, seed):
        straight.call(name, copy.deepcopy(arguments))
        through.call(name, copy.deepcopy(arguments))
        through = module.Environment(json.loads(spelled(through)))
    jsonschema.validate(through.state, module.SCHEMA)
    assert spelled(through) == spelled(straight)


@EVERYWHERE
def test_every_query_answers_as_its_schema_says(path: Path) -> None:
    module, environment = load_environment(model(path)), opened(path)
    tools = {tool["name"]: tool for tool in module.TOOLS}
    before = spelled(environment)
    for entity in model(path).entities.values():
        rows = list(environment.state["tables"][entity.plural].values())
        for name in entity.queries:
            wanted = tools[name]["inputSchema"]["required"]
            for row in rows[:5]:
                flat = {key: value[0] if isinstance(value, list) and value else value for key, value in row.items()}
                result = environment.call(name, {key: flat.get(key) for key in wanted})
                if result.ok:
                    jsonschema.validate(result.content, tools[name]["outputSchema"])
    assert spelled(environment) == before


ODD_NUMBERS = st.sampled_from([float("nan"), float("inf"), -float("inf"), 10**400, -(10**30), 1e308, -0.0, 0, True])
ODD_TEXTS = st.sampled_from(["\ud800", "\x00", "", " ", "x" * 30_000, "2026-02-30", "24:00:00", "'; --", "{n}", "🙂"])
ODD = st.one_of(
    ODD_NUMBERS,
    ODD_TEXTS,
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from([object(), b"bytes", (1, 2), {1, 2}, 2j, str]),
)
ODD_KEYS = st.text(max_size=3) | st.integers() | st.none()
NESTED = st.recursive(
    ODD,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.integers() | st.none(), inner, max_size=3)
    ),
    max_leaves=8,
)


@EVERYWHERE
@MANY
@given(data=st.data())
def test_whatever_the_arguments_are(path: Path, data: st.DataObject) -> None:
    """Nothing is raised, what is refused changes nothing, and every answer can be sent."""
    module, environment = load_environment(model(path)), opened(path)
    tool = data.draw(st.sampled_from(module.TOOLS))
    schema = tool["inputSchema"]["properties"]
    keys = [key for row in environment.state["tables"].values() for key in list(row)[:2]]
    plausible = NESTED | st.sampled_from([*keys, "x", 1, 2.5]) if keys else NESTED
    arguments = data.draw(
        st.fixed_dictionaries({}, optional=dict.fromkeys(schema, plausible))
        | st.fixed_dictionaries(dict.fromkeys(tool["inputSchema"]["required"], plausible))
        | st.dictionaries(st.text(max_size=4) | st.integers(), NESTED, max_size=3)
        | NESTED
    )
    before = spelled(environment)
    result = environment.call(tool["name"], arguments)
    json.dumps(result.content, allow_nan=False).encode()
    result.text.encode()
    if not result.ok:
        assert spelled(environment) == before
    assert json.loads(spelled(environment)) == environment.state
