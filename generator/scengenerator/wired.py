"""Tool calls as a model writes them: arguments as texts, and what an earlier call returned by its number.

A model cannot know the id that a row will get. It writes `$2.order_id` for what the second call returned under
`order_id`; `$2.lines[0].sku` leads further.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from generator.scengenerator.scenario import JsonObject, ToolCall
from generator.skeleton.wording import nearest

_EARLIER = re.compile(r"\$([0-9]{1,6})((?:\.\w+|\[[0-9]{1,6}\])+)")
_STEP = re.compile(r"\.(\w+)|\[([0-9]+)\]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_QUOTED = 200  # characters of a value that is told


class Wire(BaseModel):
    """A part of a model's answer: every member is there, nothing is optional."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _can_be_written(cls, value: Any) -> Any:
        """Half a character cannot stand in a file, and what steers a terminal is no word of a task."""
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (found := _UNWRITABLE.search(text)):
                raise ValueError(f"the character U+{ord(found[0]):04X} is no text; leave it out")
        return value


class WireArgument(Wire):
    """An argument of a call."""

    name: str
    value: str = Field(
        description="The value as text; a list or an object as JSON; $N.field for what call N of this list returned."
    )


class WireCall(Wire):
    """A call of a tool. Arguments that are left out are not listed."""

    tool: str
    arguments: list[WireArgument]


def read_json(text: str) -> Any:
    """A value of a model's. Raises ValueError for no JSON, and for what no file can hold: NaN, half characters."""
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value


class WiringError(Exception):
    """A call that cannot be made; the message is a sentence for the model."""


class NotYetError(WiringError):
    """It needs the result of a call that has not been made, or was refused."""


class Switchboard:
    """Makes a model's calls in environments; `tools` is the list that a rendered environment serves."""

    def __init__(self, tools: Sequence[JsonObject]) -> None:
        self._schemas: dict[str, JsonObject] = {tool["name"]: tool["inputSchema"]["properties"] for tool in tools}

    def call(self, wired: WireCall, results: Sequence[Any]) -> ToolCall:
        """The call with its values, given the results of earlier ones (None where there is none).

        Raises WiringError.
        """
        schema = self._schemas.get(wired.tool)
        if schema is None:
            raise WiringError(f"there is no tool '{wired.tool}'{nearest(wired.tool, self._schemas)}")
        arguments: JsonObject = {}
        for argument in wired.arguments:
            if argument.name not in schema:
                raise WiringError(
                    f"{wired.tool} has no argument '{argument.name}'{nearest(argument.name, schema) or _known(schema)}"
                )
            arguments[argument.name] = _value(wired.tool, argument, schema[argument.name], results)
        return ToolCall(name=wired.tool, arguments=arguments)


def _known(schema: JsonObject) -> str:
    return f"; it takes {', '.join(schema)}" if schema else "; it takes none"


def _value(tool: str, argument: WireArgument, schema: JsonObject, results: Sequence[Any]) -> Any:
    """The value of an argument: of an earlier result, or as its schema reads the text."""
    text = argument.value
    if _EARLIER.fullmatch(text.strip()):
        return _earlier(text.strip(), results)
    kinds = _kinds(schema)
    if "null" in kinds and text.strip() == "null":
        return None
    if "string" in kinds:
        return text
    try:
        value = read_json(text)
    except ValueError:
        raise WiringError(f"{tool}: {argument.name} is {_a(kinds)}, found {_cut(text)!r}") from None
    return _resolved(value, results)


def _cut(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _kinds(schema: JsonObject) -> list[str]:
    """The types that a schema names; one without any takes texts."""
    if "anyOf" in schema:
        return [kind for part in schema["anyOf"] for kind in _kinds(part)]
    kinds = schema.get("type", "string")
    return kinds if isinstance(kinds, list) else [kinds]


def _a(kinds: Sequence[str]) -> str:
    words = " or ".join(kind for kind in kinds if kind != "null")
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}"


def _resolved(value: Any, results: Sequence[Any]) -> Any:
    """A value of JSON with what earlier calls returned put in."""
    if isinstance(value, str) and _EARLIER.fullmatch(value):
        return _earlier(value, results)
    if isinstance(value, list):
        return [_resolved(item, results) for item in value]
    if isinstance(value, dict):
        return {name: _resolved(item, results) for name, item in value.items()}
    return value


def _earlier(text: str, results: Sequence[Any]) -> Any:
    match = _EARLIER.fullmatch(text)
    assert match is not None
    number = int(match[1])
    result = results[number - 1] if 1 <= number <= len(results) else None
    if result is None or not result.ok:
        raise NotYetError(f"{text}: call {number} has not returned anything by then")
    value: Any = result.content
    for name, index in _STEP.findall(match[2]):
        try:
            value = value[name] if name else value[int(index)]
        except (LookupError, TypeError):
            here = f"; it returned {', '.join(value)}" if isinstance(value, dict) else ""
            raise WiringError(f"{text}: call {number} returned no such value{here}") from None
    return value


def in_any_order(board: Switchboard, environment: Any, calls: Sequence[WireCall]) -> tuple[list[ToolCall], list[str]]:
    """Makes calls in `environment`; one that is refused is tried again once others have succeeded.

    Returns the calls that succeeded, and a sentence for each that did not.
    """
    results: list[Any] = [None] * len(calls)
    waiting = list(range(len(calls)))
    made: list[ToolCall] = []
    while waiting:
        still: list[int] = []
        problems: list[str] = []
        for at in waiting:
            try:
                call = board.call(calls[at], results)
            except WiringError as error:
                still.append(at)
                problems.append(str(error))
                continue
            result = environment.call(call.name, call.arguments)
            if result.ok:
                results[at] = result
                made.append(call)
            else:
                still.append(at)
                problems.append(f"{call.name} is refused: {result.content['message']}")
        if len(still) == len(waiting):
            return made, problems
        waiting = still
    return made, []
