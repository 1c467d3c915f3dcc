"""Environments as TRL's GRPOTrainer takes them: `environment_factory`, rows of a dataset, and a reward.

TRL (https://huggingface.co/docs/trl/openenv) makes an instance for each generation, calls `reset` with the row, and
offers every public method as a tool, whose schema it reads from signature and docstring. So the class that is made
here has one method for each tool, with the types and descriptions of its schema, and no other public method.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from generator.errors import ScenarioError
from generator.scengenerator.scenario import Scenario
from harness.records import JsonObject
from harness.training import ToolEnvironment, scenarios

__all__ = ["environment_factory", "reward", "rows"]

_PLAIN: dict[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool, "object": dict}


def environment_factory(environment: str | Path, max_calls: int = 200) -> type[Any]:
    """A class for `GRPOTrainer(environment_factory=…)`; rows must have the column `scenario`.

    Raises:
        NotFoundError: there is no such environment.
    """
    known = {scenario.id: scenario for scenario in scenarios(environment)}
    template = ToolEnvironment(environment, max_calls)
    methods = {tool["function"]["name"]: _method(tool["function"]) for tool in template.tools}

    def __init__(self: Any) -> None:
        self._episode, self._known = template.another(), known

    members: dict[str, Any] = {"__init__": __init__, "reset": _reset, "__doc__": template.instructions}
    return type(template.name, (), members | methods)


def rows(environment: str | Path) -> list[JsonObject]:
    """The rows of a dataset, one for each scenario: `prompt` (instructions and task) and `scenario` (its id)."""
    instructions = ToolEnvironment(environment).instructions

    def row(scenario: Scenario) -> JsonObject:
        system, user = ({"role": "system", "content": instructions}, {"role": "user", "content": scenario.task})
        return {"prompt": [system, user], "scenario": scenario.id}

    return [row(scenario) for scenario in scenarios(environment)]


def reward(environments: Sequence[Any], completions: Sequence[Any], **_: Any) -> list[float]:
    """For `GRPOTrainer(reward_funcs=…)`: ends every episode with what was said last, and grades it.

    An episode in which too many calls were made has ended already, and earns nothing.
    """
    return [_finish(one, completion) for one, completion in zip(environments, completions, strict=True)]


def _finish(environment: Any, completion: Any) -> float:
    episode: ToolEnvironment = environment._episode
    last = completion[-1] if isinstance(completion, list) and completion else completion
    if isinstance(last, dict):
        last = (last.get("content") or "") if last.get("role") == "assistant" else ""
    return episode.step(str(last or ""))[1] if episode.running else 0.0


def _reset(self: Any, scenario: str, **_: Any) -> None:
    if scenario not in self._known:
        raise ScenarioError(f"There is no scenario '{scenario}' of {self._episode.name}; make the rows of this one.")
    self._episode.reset(self._known[scenario])


def _method(function: JsonObject) -> Callable[..., str]:
    """A method that makes a call; refusals are results, as everywhere."""
    name, parameters = function["name"], function["parameters"]
    properties: JsonObject = parameters.get("properties", {})
    required = parameters.get("required", [])

    def call(self: Any, **arguments: Any) -> str:
        given = {key: value for key, value in arguments.items() if value is not None or key in required}
        episode: ToolEnvironment = self._episode
        if not episode.running:
            raise ValueError("The episode has ended: too many calls were made.")
        return episode.step({"name": name, "arguments": given})[0]

    known = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    types: dict[str, Any] = {}
    for key in sorted(properties, key=lambda key: key not in required):  # those that may be left out come last
        types[key] = _type(properties[key]) if key in required else _type(properties[key]) | None
        default = inspect.Parameter.empty if key in required else None
        known.append(inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=types[key]))
    call.__name__ = call.__qualname__ = name
    call.__signature__ = inspect.Signature(known, return_annotation=str)  # type: ignore[attr-defined]
    call.__annotations__ = types | {"return": str}
    lines = [f"    {key}: {_line(properties[key].get('description') or key)}" for key in types]
    call.__doc__ = "\n".join([_line(function["description"]), *(["", "Args:", *lines] if lines else [])])
    return call


def _type(schema: JsonObject) -> Any:
    """The Python type of a parameter's schema, as far as chat templates tell of it."""
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _type(choice)
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    if kind == "array":
        return list[_type(schema.get("items", {}))]  # type: ignore[misc]
    return _PLAIN.get(kind, str)


def _line(text: str) -> str:
    return " ".join(text.split())
