"""What CI systems are told: a JUnit file, and exit codes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from builders import STATE, attempt, environment_record, evidence, run_document, scenario
from typer.testing import CliRunner, Result

from harness.cli import app
from harness.records import CheckRecord, Evidence, GradeRecord
from harness.store import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run.create(tmp_path / "r", run_document(4), [environment_record()], {}, [scenario()])
    run.record(evidence(1, outcome="passed", score=1.0, reward=1.0))
    check = CheckRecord(
        id="c", kind="goal", description="Is <b> & \x00?", weight=1, holds=False, explanation="Nothing changed."
    )
    grade = GradeRecord(score=0.0, reward=0.0, passed=False, checks=[check], damage=[])
    run.record(Evidence(attempt=attempt(2), initial_state=STATE, grade=grade))
    run.record(evidence(3, outcome="provider_error", score=None, reason="No key."))
    run.record(evidence(4, outcome="passed", score=1.0, reward=1.0))
    return run


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_every_attempt_is_a_case(run: Run, tmp_path: Path) -> None:
    result = envwright("show", run.folder, "--junit", tmp_path / "out" / "junit.xml")
    assert result.exit_code == 0, result.output
    root = ElementTree.parse(tmp_path / "out" / "junit.xml").getroot()
    (suite,) = root
    for element in (root, suite):
        assert {name: element.get(name) for name in ("tests", "failures", "errors", "time")} == {
            "tests": "4",
            "failures": "1",
            "errors": "1",
            "time": "2.000",
        }
    assert [(case.get("name"), [child.tag for child in case]) for case in suite] == [
        ("todo-01 #1", []),
        ("todo-01 #2", ["failure"]),
        ("todo-01 #3", ["error"]),
        ("todo-01 #4", []),
    ]
    failure, error = suite[1][0], suite[2][0]
    assert (failure.get("type"), failure.text) == ("failed", "✗ Is <b> & \N{REPLACEMENT CHARACTER}? Nothing changed.")
    assert (error.get("type"), error.get("message")) == ("provider_error", "No key.")


@pytest.mark.parametrize(("share", "code"), [("0.5", 0), ("0.6666", 0), ("0.67", 1), ("1", 1)])
def test_too_little_is_exit_code_1(run: Run, share: str, code: int) -> None:
    result = envwright("show", run.folder, "--fail-under", share)
    assert result.exit_code == code
    assert ("noop passed 2 of 3 (66.7%), under" in result.stderr) == (code == 1)


def test_nothing_that_counts_is_not_good_enough(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "r", run_document(1), [environment_record()], {}, [scenario()])
    assert "There is no attempt." in envwright("show", run.folder, "--fail-under", "0").stderr
    run.record(evidence(1, outcome="invalid"))
    result = envwright("show", run.folder, "--fail-under", "0")
    assert result.exit_code == 1 and "noop has no attempt that counts." in result.stderr


@pytest.mark.parametrize("place", [".", "run.json/x.xml"])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_made(
    run: Run, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run.folder)
    result = envwright("run", "--agent", "noop", "--out", "more", "--junit", place)
    assert result.exit_code == 2 and f"{place} cannot be written: " in result.stderr
    assert not Path("more").exists()


def test_a_share_that_is_none_is_told(run: Run) -> None:
    assert envwright("show", run.folder, "--fail-under", "90").exit_code == 2
