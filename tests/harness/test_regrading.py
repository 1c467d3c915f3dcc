"""Runs that are graded once more: from the folder alone, with both grades kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from shelf import LENT, lend_emma, render_shelf
from typer.testing import CliRunner, Result

from generator.scengenerator.grading import Grader
from generator.scengenerator.scenario import Scenario
from harness.cli import app
from harness.environments import RenderedEnvironment
from harness.errors import RunError
from harness.records import Stop
from harness.regrading import flips, regrade
from harness.run import carry_out, create_run, plan_run
from harness.store import Run

BROKEN = "any(b.title == 'Emma' and b.status == 'shelved' and b.title == 'Dune' for b in books)"


def goal(that: str) -> list[dict[str, str]]:
    return [{"id": "lent", "kind": "goal", "description": "Emma is lent.", "that": that}]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    return render_shelf(tmp_path_factory.mktemp("servers") / "shelf")


@pytest.fixture(scope="module")
def played(shelf: RenderedEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose scenario could not be passed, since its check was wrong."""
    plan = plan_run([(shelf, [lend_emma(shelf, checks=goal(BROKEN)), fine(shelf)])], ["reference", "noop"])
    run = create_run(plan, tmp_path_factory.mktemp("runs"), "r")
    carry_out(plan, run)
    return run.folder


@pytest.fixture
def run(played: Path, tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(played, tmp_path / "r")))


def fine(shelf: RenderedEnvironment, **changes: object) -> Scenario:
    return lend_emma(shelf, id="fine", **changes)


def outcomes(run: Run) -> list[str]:
    return [attempt.outcome for attempt in run.attempts()]


def test_corrected_checks_give_other_grades_and_the_first_are_kept(shelf: RenderedEnvironment, run: Run) -> None:
    kept = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    assert outcomes(run) == ["failed", "failed", "passed", "failed"]
    document = regrade(run, [lend_emma(shelf, checks=goal(LENT)), lend_emma(shelf, id="of no concern")])
    again = Run(run.folder)
    assert outcomes(again) == ["passed", "failed", "passed", "failed"]
    assert outcomes(Run(run.folder, grades=0)) == ["failed", "failed", "passed", "failed"]
    assert again.regrade == document and list(document.scenarios["shelf"]) == ["lend-emma"]
    passed = again.attempts()[0]
    evidence = again.evidence(passed.key)
    assert evidence.attempt == passed and evidence.grade is not None and evidence.grade.passed
    assert again.scenario("shelf", "lend-emma").checks[0].that == LENT
    assert Run(run.folder, grades=0).evidence(passed.key).attempt.score == 0.0
    assert [(was.outcome, now.outcome, now.key) for was, now in flips(run, 1)] == [("failed", "passed", passed.key)]
    assert {path: path.read_bytes() for path in kept} == kept


def test_its_own_checks_give_the_same_grades(run: Run) -> None:
    regrade(run)
    assert flips(run, 1) == []
    again = Run(run.folder)
    for attempt in again.attempts():
        assert again.evidence(attempt.key) == Run(run.folder, grades=0).evidence(attempt.key)


def test_a_grader_that_breaks_down_and_is_mended(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Grader, "grade", lambda *_: 1 / 0)
        regrade(run)
    assert outcomes(Run(run.folder)) == ["grader_error"] * 4
    assert "Grading lend-emma broke down: ZeroDivisionError" in Run(run.folder).attempts()[0].reason
    regrade(run)
    assert outcomes(Run(run.folder)) == ["failed", "failed", "passed", "failed"]
    assert [one.number for one in run.regrades()] == [1, 2]
    assert outcomes(Run(run.folder, grades=1))[0] == "grader_error"


def test_a_regrade_never_takes_the_place_of_another(run: Run) -> None:
    regrade(run)
    regrade(run)
    shutil.rmtree(run.folder / "regrades" / "1")
    assert regrade(run).number == 3
    assert [one.number for one in run.regrades()] == [2, 3]


def test_attempts_that_come_meanwhile_are_no_flips(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    regrade(run)
    late = run.attempts()[0].model_copy(update={"number": 2})
    plain = Run.attempts
    monkeypatch.setattr(Run, "attempts", lambda self: [*plain(self), *([late] if self.regrade is None else [])])
    assert flips(run, 1) == []


def test_what_ended_an_attempt_outlives_a_grader_that_broke_down(run: Run) -> None:
    passed = next(attempt for attempt in run.attempts() if attempt.outcome == "passed")
    stopped = Stop(outcome="limit", reason="The agent was not done after 9 seconds.")
    ungraded = {"outcome": "grader_error", "reason": "Check c1 raised.", "score": None, "reward": None}
    evidence = run.evidence(passed.key)
    evidence.attempt, evidence.grade = passed.model_copy(update=ungraded | {"stopped": stopped}), None
    lines = [one for one in run.attempts() if one != passed]
    (run.folder / "attempts.jsonl").write_text("".join(one.model_dump_json(exclude_none=True) + "\n" for one in lines))
    run.record(evidence)
    regrade(run)
    (again,) = [one for one in Run(run.folder).attempts() if one.key == passed.key]
    assert (again.outcome, again.reason, again.stopped) == (stopped.outcome, stopped.reason, None)
    assert (again.score, again.reward) == (1.0, 0.0)


def test_another_task_or_start_is_refused(shelf: RenderedEnvironment, run: Run) -> None:
    with pytest.raises(RunError, match="'fine' has another task than in the run"):
        regrade(run, [fine(shelf, task="Lend Dune.")])
    with pytest.raises(RunError, match="None of these scenarios is in"):
        regrade(run, [lend_emma(shelf, id="x")])
    with pytest.raises(RunError, match="has no regrade 3; it has none"):
        Run(run.folder, grades=3)


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_on_the_command_line(shelf: RenderedEnvironment, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mended.json"
    file.write_text(lend_emma(shelf, checks=goal(LENT)).model_dump_json())
    result = envwright("regrade", run.folder, "--scenarios", file)
    assert f"the first grades: envwright show {run.folder} --grades 0\n" in result.stderr
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "shelf/lend-emma · reference · attempt 1: failed, score 0.00, reward 0.00 → passed, score 1.00, reward 1.00\n"
        "1 of 4 attempts are graded otherwise.\n"
    )
    assert "Graded again on" in envwright("show", run.folder).stdout
    assert json.loads(envwright("show", run.folder, "--json").stdout)["regrade"] == 1
    assert json.loads(envwright("show", run.folder, "--grades", "0", "--json").stdout)["regrade"] is None
