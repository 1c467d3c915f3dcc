"""Python functions as agents, on a real server."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from theatre import Theatre, open_theatre

from harness.agents.agent import Limits
from harness.agents.registry import find_agent
from harness.errors import RunError


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


@pytest.mark.parametrize(("function", "cost"), [("milk", None), ("plain", 0.5)])
def test_functions_work_whether_or_not_they_are_coroutines(theatre: Theatre, function: str, cost: float | None) -> None:
    evidence = theatre.attempt(f"python:own_agents:{function}")
    assert (evidence.attempt.outcome, evidence.answer, evidence.attempt.cost) == ("passed", "Done.", cost)
    assert [message.role for message in evidence.messages] == [*("system", "user", "assistant", "tool", "assistant")]


def test_a_function_that_never_returns_reaches_its_limit_and_stops_nobody(theatre: Theatre) -> None:
    evidence = theatre.attempt("python:own_agents:sleeping", Limits(wall_seconds=1.5))
    assert evidence.attempt.outcome == "limit" and evidence.attempt.seconds < 5
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "agent")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("raising", "SystemExit: 3"),
        ("leaving", "SystemExit: 0"),
        ("exhausted", "StopIteration: nothing left"),
        ("counting", "returned int, not a text"),
    ],
)
def test_what_goes_wrong_inside_is_the_agents(theatre: Theatre, function: str, words: str) -> None:
    evidence = theatre.attempt(f"python:own_agents:{function}")
    assert evidence.attempt.outcome == "agent_error" and words in evidence.attempt.reason


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("own_agents", "write 'python:package.module:function'"),
        ("own_agents:nothing", "has no function 'nothing'"),
        ("own_agents:NO_FUNCTION", "has no function 'NO_FUNCTION'"),
        ("no_such_module:f", "cannot be imported: ModuleNotFoundError"),
    ],
)
def test_names_that_lead_nowhere_are_told_before_anything_starts(name: str, words: str) -> None:
    with pytest.raises(RunError, match=words):
        find_agent(f"python:{name}")


def test_the_working_directory_is_the_last_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "my_own_agent.py").write_text("def run(**_): return 'hi'\n")
    (tmp_path / "colorsys.py").write_text("raise ValueError\n")
    find_agent("python:my_own_agent:run")
    find_agent("python:colorsys:rgb_to_hsv")
    assert sys.path[-1] == str(tmp_path)
