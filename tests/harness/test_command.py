"""Command lines as agents, on a real server; nothing of them stays."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from theatre import Theatre, open_theatre

from harness.agents.agent import AgentOptions, Limits
from harness.agents.registry import find_agent
from harness.errors import RunError

PROGRAM = shlex.join([sys.executable, str(Path(__file__).with_name("command_agents.py"))])
SECONDS = f"77.{os.getpid()}"  # by which the children of these tests are found

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pipes that are passed on")


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


def sleepers() -> list[int]:
    found = subprocess.run(["pgrep", "-f", f"^sleep {SECONDS}"], capture_output=True, text=True, check=False).stdout
    return [int(line) for line in found.split()]


@pytest.mark.parametrize(
    "line", ["milk {mcp_url} {prompt}", "milk {mcp_config} {prompt_file}", "milk {mcp_config}", "milk {mcp_url}"]
)
def test_tools_and_prompt_get_there_by_all_ways(theatre: Theatre, line: str) -> None:
    evidence = theatre.attempt(f"command:{PROGRAM} {line}")
    assert (evidence.attempt.outcome, evidence.attempt.reason, evidence.answer) == ("passed", "", "Done.")
    assert (evidence.attempt.cost, evidence.attempt.turns) == (None, None)


def test_an_exit_code_is_told_with_the_last_words(theatre: Theatre) -> None:
    evidence = theatre.attempt(f"command:{PROGRAM} fail {{mcp_url}}")
    assert evidence.attempt.outcome == "agent_error"
    assert evidence.attempt.reason == "The command ended with exit code 3: no idea"


def test_a_command_that_never_found_its_server_is_invalid(theatre: Theatre) -> None:
    evidence = theatre.attempt("command:sh -c 'echo fine' {mcp_url}")
    assert evidence.attempt.outcome == "invalid"
    assert evidence.attempt.reason == "The agent never listed the tools."


@pytest.mark.parametrize(("given", "outcome"), [("stay", "limit"), ("leave", "failed")])
def test_children_do_not_outlive_it_however_they_hide(theatre: Theatre, given: str, outcome: str) -> None:
    evidence = theatre.attempt(f"command:{PROGRAM} breed {{mcp_url}} {given} {SECONDS}", Limits(wall_seconds=5))
    assert evidence.attempt.outcome == outcome and evidence.attempt.seconds < 12
    assert sleepers() == []


def test_a_harness_that_is_killed_takes_its_commands_with_it(server_folder: Path) -> None:
    script = f"""
import pathlib, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from theatre import open_theatre
with open_theatre(pathlib.Path({str(server_folder)!r})) as theatre:
    theatre.attempt({f"command:{PROGRAM} breed {{mcp_url}} stay {SECONDS}"!r})
"""
    harness = subprocess.Popen([sys.executable, "-c", script])
    end = time.monotonic() + 30
    while len(sleepers()) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    assert len(sleepers()) == 3
    os.kill(harness.pid, signal.SIGKILL)
    harness.wait()
    end = time.monotonic() + 10
    while sleepers() and time.monotonic() < end:
        time.sleep(0.05)
    assert sleepers() == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no-such-program {mcp_url}", "There is no command 'no-such-program' here"),
        ("sh -c true", "write {mcp_url} or {mcp_config} into it"),
        ("sh 'x {mcp_url}", "cannot be read"),
    ],
)
def test_commands_that_cannot_work_are_told_before_anything_starts(line: str, words: str) -> None:
    with pytest.raises(RunError, match=words):
        find_agent(f"command:{line}")


def test_only_variables_that_were_named_are_passed_on(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "1234")
    monkeypatch.setenv("MY_SECRET", "5678")
    line = f"command:{PROGRAM} look {{mcp_url}}"
    answer = theatre.attempt(line, options=AgentOptions(env=("MY_KEY",))).answer
    assert "1234" in answer and "5678" not in answer and "MY_SECRET" not in answer


@pytest.mark.parametrize("virtual", [True, False])
def test_programs_beside_an_installed_python_are_found_and_those_of_a_virtual_environment_are_not(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, virtual: bool
) -> None:
    place = str(tmp_path / "bin")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", "/usr" if virtual else str(tmp_path))
    monkeypatch.setenv("PATH", os.pathsep.join((place, os.environ["PATH"])))
    seen = json.loads(theatre.attempt(f"command:{PROGRAM} look {{mcp_url}}").answer)
    assert (place in seen["env"]["PATH"].split(os.pathsep)) is not virtual
