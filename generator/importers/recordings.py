"""Recorded attempts at a release's scenarios: tool calls, and the reward that they earned there.

`[{task_id, env_id, init_config, checklist_with_func, calls: [{name, arguments}], recorded_reward}, …]`, and the
spellings of it that other programs write. A recording's `init_config` and checks are its own: they need not be
those of the released scenario of that id, and what stands in them is data, whatever it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.importers.checklists import check_of, listed_checks
from generator.importers.reading import Record, read_records
from generator.importers.spellings import SpellingError, kind, unwrap

_CALLS = ("calls", "tool_calls", "actions", "trajectory", "messages", "conversation")
_REWARDS = ("recorded_reward", "reward", "score", "final_reward", "total_reward")
_INFO = "task_info"  # where EnvScaler's own program keeps the scenario
_CHECKS = ("checklist_with_func", "checklist", "checks")
_ARGUMENTS = ("arguments", "args", "parameters", "input", "kwargs")
_CHAT = "chat_with_user"  # EnvScaler's own: it ends an attempt, or talks, and reaches no environment


@dataclass(frozen=True)
class RecordedCall:
    """A call as it was recorded. `problem` says why it cannot be made; EnvScaler did not make such a one either."""

    name: str
    arguments: dict[str, Any]
    problem: str = ""


@dataclass(frozen=True)
class Recording:
    """One attempt. `config` is None and `checks` are empty where they are those of the scenario `task_id`."""

    place: str
    task_id: str
    env_id: str
    config: Any
    checks: tuple[tuple[str, str], ...]
    calls: tuple[RecordedCall, ...]
    reward: float | None


@dataclass(frozen=True)
class Unreadable:
    """A record that is no recording, and why, in a sentence."""

    place: str
    problem: str


def read_recordings(path: Path) -> list[Recording | Unreadable]:
    """All records of a file, in order. Raises ReleaseError for a file that cannot be read at all."""
    return [_read(record) for record in read_records(path)]


def _read(record: Record) -> Recording | Unreadable:
    value = record.value
    if not isinstance(value, dict):
        return Unreadable(record.place, record.problem or f"it holds {kind(value)}, not an object")
    try:
        info = _loosened(value.get(_INFO))
        value = {**info, **value} if isinstance(info, dict) else value
        config = _loosened(value.get("init_config"))
        checks = tuple(_checks(_loosened(_first(value, _CHECKS))))
        made = _loosened(_first(value, _CALLS))
    except SpellingError as error:
        return Unreadable(record.place, str(error))
    task_id = value.get("task_id") or value.get("id") or record.key
    env_id = value.get("env_id") or str(task_id or "").partition("-")[0]
    if not task_id or not env_id:
        return Unreadable(record.place, "it names no task_id and no env_id")
    if not isinstance(made, list):
        return Unreadable(record.place, f"its calls are {kind(made)}, not a list")
    if config is not None and not isinstance(config, dict):
        return Unreadable(record.place, f"its init_config is {kind(config)}, not an object")
    return Recording(
        place=record.place,
        task_id=str(task_id),
        env_id=str(env_id),
        config=config,
        checks=checks,
        calls=tuple(_calls([item for item in made if not _is_beginning(item)])),
        reward=_reward(_first(value, _REWARDS)),
    )


def _first(value: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _loosened(value: Any) -> Any:
    """A value, also where it is written as a text of JSON."""
    return unwrap(value)[0] if isinstance(value, str) else value


def _checks(value: Any) -> Iterator[tuple[str, str]]:
    for number, item in enumerate(listed_checks(value), start=1):
        check = check_of(item)  # without a source it is one that never holds
        yield (check.item or f"check {number}", check.source) if check else (f"check {number}", "")


def _is_beginning(item: Any) -> bool:
    """Whether a step of a trajectory is the state that it began with."""
    return isinstance(item, dict) and "state_snapshot" in item and "action" not in item


def _made(call: Any, answered: set[str]) -> bool:
    """Whether one of several calls of a message was carried out: EnvScaler makes the first alone."""
    return not isinstance(call, dict) or "id" not in call or str(call["id"]) in answered


def _calls(items: list[Any]) -> Iterator[RecordedCall]:
    answered = {
        str(item.get("tool_call_id")) for item in items if isinstance(item, dict) and item.get("role") == "tool"
    }
    for item in items:
        if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
            yield _call({"name": item[0], "arguments": item[1]})
        elif not isinstance(item, dict):
            yield RecordedCall("", {}, f"a call is {kind(item)}, not an object")
        elif isinstance(item.get("tool_calls"), list):  # a message of a conversation
            yield from _calls([one for at, one in enumerate(item["tool_calls"]) if at == 0 or _made(one, answered)])
        elif "role" not in item or "name" in item:
            call = _call(item)
            if call.name != _CHAT and item.get("role") != "tool":
                yield call


def _call(item: dict[str, Any]) -> RecordedCall:
    for inner in ("function", "action", "tool_call"):
        if isinstance(item.get(inner), dict):
            return _call(item[inner])
    name = _first(item, ("name", "tool", "tool_name", "function"))
    arguments = _first(item, _ARGUMENTS)
    if not isinstance(name, str) or not name:
        return RecordedCall("", {}, "a call names no tool")
    try:
        arguments = {} if arguments is None or arguments == "" else _loosened(arguments)
    except SpellingError as error:
        return RecordedCall(name, {}, f"the arguments of {name} are no JSON: {error}")
    if not isinstance(arguments, dict):
        return RecordedCall(name, {}, f"the arguments of {name} are {kind(arguments)}, not an object")
    return RecordedCall(name, arguments)


def _reward(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None if value is None else float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
