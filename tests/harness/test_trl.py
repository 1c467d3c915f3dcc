"""Environments as TRL takes them; TRL itself is not needed for what is said here."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import harness.trl
from generator.errors import ScenarioError
from harness.training import ToolEnvironment, scenarios
from harness.trl import environment_factory, reward, rows

NAME = "credit_union"


@pytest.fixture(scope="module")
def factory() -> type[Any]:
    return environment_factory(NAME, max_calls=30)


def test_every_tool_is_a_method_with_types_and_descriptions(factory: type[Any]) -> None:
    assert harness.trl.__all__ == ["environment_factory", "reward", "rows"]
    made = factory()
    methods = {name: method for name, method in inspect.getmembers(made, inspect.ismethod) if not name.startswith("_")}
    tools = {tool["function"]["name"]: tool["function"] for tool in ToolEnvironment(NAME).tools}
    assert set(methods) == {*tools, "reset"}
    for name, tool in tools.items():
        parameters = inspect.signature(methods[name]).parameters
        assert set(parameters) == set(tool["parameters"]["properties"])
        required = [key for key, one in parameters.items() if one.default is inspect.Parameter.empty]
        assert set(required) == set(tool["parameters"].get("required", []))
        text = inspect.getdoc(methods[name])
        assert text is not None and text.startswith(tool["description"].split()[0])
        assert all(f"    {key}: " in text for key in parameters)


def test_solutions_earn_everything_and_nothing_earns_nothing(factory: type[Any]) -> None:
    known = {scenario.id: scenario for scenario in scenarios(NAME)}
    made = [factory() for _ in known]
    for row, environment in zip(rows(NAME), made, strict=True):
        assert [message["role"] for message in row["prompt"]] == ["system", "user"]
        environment.reset(**row)
        for call in known[row["scenario"]].solution.calls:
            assert isinstance(getattr(environment, call.name)(**call.arguments), str)
    said = [
        [{"role": "tool", "content": "x"}, {"role": "assistant", "content": one.solution.answer}]
        for one in known.values()
    ]
    assert reward(made, said, prompts=[]) == [1.0] * len(known)
    for row, environment in zip(rows(NAME), made, strict=True):
        environment.reset(**row)
    assert reward(made, [[]] * len(known)) == [0.0] * len(known)


def test_too_many_calls_end_it() -> None:
    made = environment_factory(NAME, max_calls=1)()
    row = rows(NAME)[0]
    made.reset(**row)
    tool = next(
        tool["function"] for tool in ToolEnvironment(NAME).tools if not tool["function"]["parameters"].get("required")
    )
    getattr(made, tool["name"])()
    with pytest.raises(ValueError, match="too many calls"):
        getattr(made, tool["name"])()
    assert reward([made], ["Done."]) == [0.0]


def test_a_row_of_something_else_is_told(factory: type[Any]) -> None:
    with pytest.raises(ScenarioError, match=f"There is no scenario 'x' of {NAME}"):
        factory().reset(scenario="x")
