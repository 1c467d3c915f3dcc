"""Runs that are killed at any moment and gone on with: nothing lost that was done, nothing done twice."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from shelf import LENT, lend_emma, render_shelf
from typer.testing import CliRunner, Result

from harness.cli import app
from harness.environments import RenderedEnvironment
from harness.errors import RunError
from harness.resuming import require_same, resumed
from harness.run import carry_out, create_run, plan_run
from harness.store import Run

PARALLEL = 3


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    return render_shelf(tmp_path_factory.mktemp("servers") / "shelf")


def unbegun(shelf: RenderedEnvironment, runs: Path, name: str, attempts: int, agents: tuple[str, ...]) -> Run:
    scenarios = [lend_emma(shelf), lend_emma(shelf, id="again")]
    return create_run(plan_run([(shelf, scenarios)], agents, attempts), runs, name)


def finish(run: Run, *environments: RenderedEnvironment) -> None:
    with resumed(run, environments=environments) as plan:
        carry_out(plan, run, PARALLEL)


def content(run: Run) -> dict[str, Any]:
    """All files of a run, without what is a matter of time."""
    found: dict[str, Any] = {}
    for path in sorted(run.folder.rglob("*")):
        name = str(path.relative_to(run.folder))
        if path.is_dir() or name == "run.json":
            continue
        if name == "attempts.jsonl":
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            found[name] = sorted(json.dumps(timeless(line)) for line in lines)
        elif name.startswith("attempts/"):
            found[name] = timeless(json.loads(path.read_text()))
        else:
            found[name] = path.read_text()
    return found


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: timeless(inner) for key, inner in value.items() if key not in ("started", "seconds")}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


def whole_lines(run: Run) -> list[bytes]:
    content = (run.folder / "attempts.jsonl").read_bytes()
    return content[: content.rfind(b"\n") + 1].splitlines()


def kill_somewhere(run: Run, shelf: RenderedEnvironment, chance: random.Random) -> None:
    """Go on with a run in a process of its own, and kill that at a random moment."""
    before = whole_lines(run)
    process = multiprocessing.get_context("fork").Process(target=finish, args=(Run(run.folder), shelf))
    process.start()
    if chance.random() < 0.8:  # most moments before the first attempt are all alike
        end = time.monotonic() + 30
        while len(whole_lines(run)) == len(before) and process.is_alive() and time.monotonic() < end:
            time.sleep(0.001)
    time.sleep(chance.random() * 0.2)
    seen = whole_lines(run)
    process.kill()
    process.join()
    after = whole_lines(run)
    assert after[: len(seen)] == seen and seen[: len(before)] == before
    files = sum(1 for _ in (run.folder / "attempts").rglob("*.json"))
    assert len(after) <= files <= len(after) + 2 * PARALLEL  # begun again, and again killed in between


def hold_to_it(shelf: RenderedEnvironment, runs: Path, kills: int, seed: int) -> None:
    unbroken = unbegun(shelf, runs, "unbroken", 10, ("reference", "noop"))
    finish(unbroken, shelf)
    run, chance = unbegun(shelf, runs, "killed", 10, ("reference", "noop")), random.Random(seed)
    for _ in range(kills):
        kill_somewhere(run, shelf, chance)
        if len(whole_lines(run)) > 28:  # hardly anything is left to be killed at
            finish(run, shelf)
            assert content(run) == content(unbroken)
            shutil.rmtree(run.folder)
            run = unbegun(shelf, runs, "killed", 10, ("reference", "noop"))
    finish(run, shelf)
    assert len(run.attempts()) == len({attempt.key for attempt in run.attempts()}) == 40
    assert content(run) == content(unbroken)


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_run_that_is_killed_anywhere_ends_as_an_unbroken_one(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    hold_to_it(shelf, tmp_path, kills=5, seed=1)


@pytest.mark.soak
def test_a_run_that_is_killed_a_hundred_times(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    hold_to_it(shelf, tmp_path, kills=100, seed=int(os.environ.get("SOAK_SEED", "2")))


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_only_what_is_missing_is_made_without_the_environment_beside(
    shelf: RenderedEnvironment, tmp_path: Path
) -> None:
    run = unbegun(shelf, tmp_path, "r", 2, ("reference",))
    finish(run)
    lines = whole_lines(run)
    (run.folder / "attempts.jsonl").write_bytes(lines[0] + b"\n" + lines[1][:30])
    (run.folder / "attempts" / ".00.tmp").write_text("{")
    result = envwright("run", "--resume", run.folder, "--attempts", "2", "--limit-calls", "200", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["made"] == 4
    assert whole_lines(run)[0] == lines[0] and len(whole_lines(run)) == 4
    assert not list(run.folder.rglob("*.tmp"))


def test_attempts_whose_files_are_gone_or_broken_off_are_made_again(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    run = unbegun(shelf, tmp_path, "r", 2, ("reference",))
    finish(run)
    before, (empty, gone, *others) = content(run), sorted((run.folder / "attempts").rglob("*.json"))
    kept = [path.read_bytes() for path in others]
    empty.write_text("")
    gone.unlink()
    assert envwright("show", run.folder, "--junit", tmp_path / "x.xml").exit_code == 0  # all passed: no file is read
    result = envwright("run", "--resume", run.folder)
    assert result.exit_code == 0 and "The files of 2 attempts are gone or damaged; made again." in result.stderr
    assert content(run) == before and [path.read_bytes() for path in others] == kept
    assert "made again" not in envwright("run", "--resume", run.folder).stderr


def test_a_damaged_line_that_was_removed_is_made_again(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    run = unbegun(shelf, tmp_path, "r", 2, ("reference",))
    finish(run)
    before, lines = content(run), whole_lines(run)
    place = run.folder / "attempts.jsonl"
    place.write_bytes(b"\n".join([lines[0], lines[1][:30], *lines[2:], b""]))
    refused = envwright("run", "--resume", run.folder)
    assert refused.exit_code == 2 and "attempts.jsonl, line 2 is damaged: " in refused.stderr
    assert f"Remove that line; then this makes its attempt again: envwright run --resume {run.folder}" in refused.stderr
    place.write_bytes(b"\n".join([lines[0], *lines[2:], b""]))
    assert envwright("run", "--resume", run.folder).exit_code == 0
    assert content(run) == before


def test_what_is_asked_otherwise_is_named(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    run = unbegun(shelf, tmp_path, "r", 2, ("reference",))
    options = ["--agent", "noop", "--attempts", "3", "--limit-seconds", "5"]
    result = envwright("run", "--resume", "r", "--out", tmp_path, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "agents was reference, is noop; attempts was 2, is 3; limits.wall_seconds was 600.0, is 5.0. Leave these"
    ) in result.stderr
    assert "tool_calls" not in result.stderr
    with pytest.raises(RunError, match=r"scenarios\.shelf\.again is in the run only\. Leave"):
        require_same(
            run, {"scenarios": {"shelf": {"lend-emma": run.document.configuration.scenarios["shelf"]["lend-emma"]}}}
        )


def test_a_scenario_that_was_changed_in_the_folder_is_named(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    run = unbegun(shelf, tmp_path, "r", 1, ("reference",))
    file = run.folder / "scenarios" / "shelf" / "again.json"
    file.write_text(file.read_text().replace(LENT, "True"))
    with pytest.raises(RunError, match=r"scenarios\.shelf\.again was changed since"), resumed(run):
        pass


def test_an_environment_that_is_nowhere_is_told(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    run = unbegun(shelf, tmp_path, "r", 1, ("reference",))
    run.skeleton_path("shelf").unlink()
    with pytest.raises(RunError, match="shelf is not here as the run used it"), resumed(run):
        pass
    with resumed(run, environments=[shelf]) as plan:
        assert plan.environments["shelf"] is shelf


@pytest.mark.skipif(sys.platform == "win32", reason="no claim is made there")
def test_two_processes_never_work_on_one_run(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    run = unbegun(shelf, tmp_path, "r", 1, ("reference",))
    with run.claimed(), resumed(run) as plan, pytest.raises(RunError, match="Another process is at work"):
        carry_out(plan, Run(run.folder))
