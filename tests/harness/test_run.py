"""Runs with real servers, begun, stopped, killed and continued."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import grade_todo, scenario

from generator.errors import ScenarioError
from harness.agents.registry import find_agent
from harness.environments import RenderedEnvironment, load_environment
from harness.errors import HostingError, RunError
from harness.records import Attempt
from harness.run import Plan, carry_out, create_run, plan_run
from harness.store import Run

SLOW_RUN = Path(__file__).with_name("slow_run.py")


@pytest.fixture
def environment(server_folder: Path) -> RenderedEnvironment:
    return load_environment(server_folder)


def plan(environment: RenderedEnvironment, agents: list[str], count: int = 2, attempts: int = 1) -> Plan:
    scenarios = [scenario(id=f"todo-{n}", environment_digest=environment.digest) for n in range(count)]
    return plan_run([(environment, scenarios)], agents, attempts, grader=lambda *_: grade_todo)


def servers_of(folder: Path) -> list[int]:
    """The processes that serve an environment's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder.resolve() / "server.py").encode() in words:
            found.append(int(process.name))
    return found


def wait_until_gone(folder: Path, seconds: float = 5) -> list[int]:
    end = time.monotonic() + seconds
    while servers_of(folder) and time.monotonic() < end:
        time.sleep(0.05)
    return servers_of(folder)


def test_a_run_makes_every_attempt_once_and_keeps_it(environment: RenderedEnvironment, tmp_path: Path) -> None:
    planned = plan(environment, ["reference", "noop"], count=3, attempts=2)
    run = create_run(planned, tmp_path)
    seen: list[Attempt] = []
    carry_out(planned, run, parallel=3, progress=seen.append)
    attempts = Run(run.folder).attempts()
    assert sorted(attempt.key for attempt in attempts) == sorted(planned.configuration.keys())
    assert len(seen) == len(attempts) == 12
    assert {(attempt.agent, attempt.outcome) for attempt in attempts} == {
        ("reference", "passed"),
        ("noop", "failed"),
    }
    for attempt in attempts:
        assert run.evidence(attempt.key).attempt == attempt
    assert run.environment("todo_list").tools == environment.record.tools
    assert not servers_of(environment.folder)


def test_a_run_goes_on_where_it_was_stopped(environment: RenderedEnvironment, tmp_path: Path) -> None:
    planned = plan(environment, ["noop"], count=3)
    run = create_run(planned, tmp_path)
    carry_out(planned, run)
    lines = (run.folder / "attempts.jsonl").read_bytes().splitlines(keepends=True)
    (run.folder / "attempts.jsonl").write_bytes(lines[1] + lines[0][:20])
    again = Run(run.folder)
    carry_out(planned, again)
    assert sorted(attempt.key for attempt in again.attempts()) == sorted(planned.configuration.keys())


def test_a_run_and_its_twin_have_the_same_hash(environment: RenderedEnvironment) -> None:
    one, twin = (plan(environment, ["noop"]).configuration for _ in range(2))
    assert one.hash == twin.hash != plan(environment, ["random"]).configuration.hash


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_a_stopped_run_keeps_what_is_done_and_leaves_no_process(
    server_folder: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "todo_list"
    shutil.copytree(server_folder, folder)
    command = [sys.executable, str(SLOW_RUN), str(folder), str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    lines = tmp_path / "slow" / "attempts.jsonl"
    end = time.monotonic() + 30
    while time.monotonic() < end and (not lines.exists() or lines.read_bytes().count(b"\n") < 3):
        time.sleep(0.02)
    assert servers_of(folder)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (code, "")
    assert wait_until_gone(folder) == []
    attempts = Run(tmp_path / "slow").attempts()
    assert 3 <= len(attempts) < 50
    assert {attempt.outcome for attempt in attempts} == {"passed"}


def test_a_server_that_does_not_start_is_an_outcome(server_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "todo_list"
    shutil.copytree(server_folder, folder)
    environment = load_environment(folder)
    server = folder / "server.py"
    server.write_text(server.read_text().replace("import argparse", "raise SystemExit('no wind')"))
    planned = plan(environment, ["noop"])
    run = create_run(planned, tmp_path)
    carry_out(planned, run)
    assert [attempt.outcome for attempt in run.attempts()] == ["environment_error"] * 2
    assert "no wind" in run.attempts()[0].reason


def test_a_server_with_other_tools_than_rendered_is_never_worked_with(server_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "todo_list"
    shutil.copytree(server_folder, folder)
    environment = load_environment(folder)
    module = folder / "environment.py"
    module.write_text(module.read_text().replace('_tool("break_down"', '_tool("broken_down"'))
    planned = plan(environment, ["reference"])
    run = create_run(planned, tmp_path)
    carry_out(planned, run)
    assert [attempt.outcome for attempt in run.attempts()] == ["environment_error"] * 2
    assert "other tools" in run.attempts()[0].reason
    assert not servers_of(folder)


def test_what_cannot_be_run_is_told_before_anything_starts(environment: RenderedEnvironment) -> None:
    with pytest.raises(RunError, match=r"There is no agent 'refrence'; did you mean 'reference'\?"):
        plan(environment, ["refrence"])
    with pytest.raises(RunError, match="'noop:x' is not an agent's name; write 'noop'"):
        find_agent("noop:x")
    with pytest.raises(RunError, match="There is no scenario to run"):
        plan_run([(environment, [])], ["noop"], grader=lambda *_: grade_todo)
    for wrong, sentence in [
        ({"environment_digest": "other"}, "made for another version of todo_list"),
        ({"environment_digest": environment.digest, "environment": "x"}, "belongs to x, not to todo_list"),
    ]:
        with pytest.raises(ScenarioError, match=sentence):
            plan_run([(environment, [scenario(**wrong)])], ["noop"], grader=lambda *_: grade_todo)


def test_a_folder_without_an_environment_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostingError, match=r"no whole environment.*envwright render"):
        load_environment(tmp_path)


def test_a_full_disk_ends_a_run_with_a_sentence(environment: RenderedEnvironment, tmp_path: Path) -> None:
    planned = plan(environment, ["noop"])
    run = create_run(planned, tmp_path)
    (run.folder / "attempts").write_text("in the way")
    with pytest.raises(RunError, match="cannot be written"):
        carry_out(planned, run, parallel=2)
    assert not servers_of(environment.folder)


def test_runs_that_begin_in_the_same_second_share_no_folder(environment: RenderedEnvironment, tmp_path: Path) -> None:
    made = [create_run(plan(environment, ["noop"]), tmp_path / "runs") for _ in range(5)]
    assert len({run.folder for run in made}) == 5
    assert [run.document.id for run in made] == [run.folder.name for run in made]
