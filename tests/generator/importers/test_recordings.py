"""Recorded attempts, in the spellings that they come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.importers.recordings import RecordedCall, Recording, Unreadable, read_recordings

CALL = RecordedCall("get_user", {"user_id": "U1"})
TEXT = json.dumps({"user_id": "U1"})


def read(folder: Path, document: Any) -> list[Recording | Unreadable]:
    path = folder / "replays.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_recordings(path)


def recording(**changes: Any) -> dict[str, Any]:
    return {"task_id": "env_1-task_1", "env_id": "env_1", "init_config": {}, "calls": [], **changes}


@pytest.mark.parametrize(
    "calls",
    [
        {"calls": [{"name": "get_user", "arguments": {"user_id": "U1"}}]},
        {"calls": [{"name": "get_user", "arguments": TEXT}]},
        {"calls": json.dumps([{"name": "get_user", "arguments": {"user_id": "U1"}}])},
        {"calls": [["get_user", {"user_id": "U1"}]]},
        {"calls": None, "tool_calls": [{"id": "1", "function": {"name": "get_user", "arguments": TEXT}}]},
        {"calls": None, "actions": [{"tool": "get_user", "args": {"user_id": "U1"}}]},
        {
            "calls": None,
            "messages": [
                {"role": "user", "content": "Go on."},
                {"role": "assistant", "tool_calls": [{"function": {"name": "get_user", "arguments": TEXT}}]},
                {"role": "tool", "name": "get_user", "content": "{}"},
                {"role": "assistant", "tool_calls": [{"name": "chat_with_user", "arguments": {"content": "Done."}}]},
            ],
        },
        {
            "calls": None,
            "messages": json.dumps(
                [
                    {
                        "role": "assistant",
                        "tool_calls": [
                            {"id": "1", "function": {"name": "get_user", "arguments": TEXT}},
                            {"id": "2", "function": {"name": "never_made", "arguments": TEXT}},
                        ],
                    },
                    {"role": "tool", "tool_call_id": "1", "name": "get_user", "content": "{}"},
                ]
            ),
        },
        {
            "calls": None,
            "trajectory": [
                {"step": 0, "state_snapshot": {}},
                {"step": 1, "action": {"name": "get_user", "arguments": {"user_id": "U1"}}, "observation": "{}"},
                {"step": 2, "action": {"name": "chat_with_user", "arguments": {"content": "Done."}}},
            ],
        },
    ],
)
def test_a_call_is_read_in_every_spelling(tmp_path: Path, calls: dict[str, Any]) -> None:
    [found] = read(tmp_path, [recording(**calls)])
    assert isinstance(found, Recording)
    assert found.calls == (CALL,)


def test_a_call_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    [found] = read(tmp_path, [recording(calls=[7, {"arguments": {}}, {"name": "a", "arguments": 3}])])
    assert isinstance(found, Recording)
    assert [call.problem for call in found.calls] == [
        "a call is a number, not an object",
        "a call names no tool",
        "the arguments of a are a number, not an object",
    ]


@pytest.mark.parametrize(
    ("reward", "read_as"), [(0.5, 0.5), ("0.5", 0.5), (1, 1.0), (True, 1.0), (None, None), ("?", None)]
)
def test_a_reward_is_a_number_or_unknown(tmp_path: Path, reward: object, read_as: float | None) -> None:
    [found] = read(tmp_path, [recording(recorded_reward=reward)])
    assert isinstance(found, Recording)
    assert found.reward == read_as


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (5, "a number, not an object"),
        ({"calls": []}, "names no task_id"),
        (recording(calls={"a": 1}), "its calls are an object"),
        (recording(init_config=[1]), "its init_config is a list"),
        (recording(calls="[{"), "neither JSON nor a Python literal"),
    ],
)
def test_what_is_no_recording_is_told_and_stops_no_other(tmp_path: Path, record: object, words: str) -> None:
    bad, good = read(tmp_path, [record, recording()])
    assert isinstance(bad, Unreadable)
    assert words in bad.problem
    assert isinstance(good, Recording)


def test_what_envscaler_itself_writes_of_an_attempt_is_read(tmp_path: Path) -> None:
    checks = [{"check_item": "Is it?", "check_func": "def check_func(final_state): return True"}]
    info = recording(checklist_with_func=checks, init_config={"users": {}})
    [found] = read(tmp_path, [{"task_info": info, "trajectory": [], "messages": "[]", "total_reward": 0.25}])
    assert isinstance(found, Recording)
    assert (found.task_id, found.env_id, found.config, found.reward) == ("env_1-task_1", "env_1", {"users": {}}, 0.25)
    assert found.checks == (("Is it?", checks[0]["check_func"]),)


def test_checks_and_ids_of_calls_may_be_anything(tmp_path: Path) -> None:
    source = "def check_func(final_state): return True"
    calls = [{"id": {}, "name": "a"}, {"id": ["x"], "name": "b"}]
    messages = [{"role": "assistant", "tool_calls": calls}, {"role": "tool", "tool_call_id": ["x"]}]
    [found] = read(tmp_path, [recording(calls=None, messages=messages, checklist={"Is it?": source, "2": 5})])
    assert isinstance(found, Recording)
    assert [call.name for call in found.calls] == ["a", "b"]
    assert found.checks == (("Is it?", source), ("check 2", ""))


def test_the_environment_is_known_by_the_task_where_it_is_not_named(tmp_path: Path) -> None:
    [found] = read(tmp_path, [recording(env_id=None, task_id="env_7_rl-task_2_variant")])
    assert isinstance(found, Recording)
    assert found.env_id == "env_7_rl"
