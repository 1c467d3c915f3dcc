"""The whole way on a small environment: skeleton, rendering, server, agents, grades, explanations, folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shelf import lend_emma, render_shelf
from typer.testing import CliRunner, Result

from generator.errors import ScenarioError
from generator.scengenerator.scenario import Solution, ToolCall
from harness.agents.reference import ReferenceAgent
from harness.agents.registry import AgentSpec
from harness.agents.toolbox import Toolbox
from harness.cli import app
from harness.environments import RenderedEnvironment, load_environment
from harness.errors import GraderError, PlaceError, RunError
from harness.making import render_folder
from harness.records import Evidence
from harness.run import carry_out, create_run, plan_run, skeleton_grader
from harness.store import Run

ENVWRIGHT = [sys.executable, "-m", "harness"]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    return render_shelf(tmp_path_factory.mktemp("servers") / "shelf")


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def played(shelf: RenderedEnvironment, folder: Path, solution: Solution) -> Evidence:
    """What comes of an agent that does this instead of the solution."""
    plan = plan_run([(shelf, [lend_emma(shelf)])], ["reference"])
    plan.agents["reference"] = AgentSpec("reference", lambda at: ReferenceAgent(Toolbox(at.http), solution))
    run = create_run(plan, folder)
    carry_out(plan, run)
    return run.evidence(plan.configuration.keys()[0])


def calls(*made: tuple[str, str]) -> list[ToolCall]:
    return [ToolCall(name=name, arguments={"book_id": book}) for name, book in made]


def test_the_solution_passes_and_doing_nothing_scores_nothing(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    plan = plan_run([(shelf, [lend_emma(shelf)])], ["reference", "noop"])
    run = create_run(plan, tmp_path)
    carry_out(plan, run, parallel=2)
    reference, noop = (run.evidence(key) for key in plan.configuration.keys())  # noqa: SIM118
    assert (reference.attempt.outcome, reference.attempt.score) == ("passed", 1.0)
    assert (noop.attempt.outcome, noop.attempt.score) == ("failed", 0.0)
    assert noop.grade is not None and not noop.grade.damage
    assert [(check.id, check.holds, check.explanation) for check in noop.grade.checks] == [
        ("lent", False, "Nothing changed in books."),
        ("said", False, "There was no answer."),
    ]
    assert run.skeleton_path("shelf").read_text() == (shelf.folder / "skeleton.yaml").read_text()


def test_half_of_it_earns_half(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    evidence = played(shelf, tmp_path, Solution(calls=calls(("lend_book", "B-002")), answer="It was Dune."))
    assert (evidence.attempt.outcome, evidence.attempt.score, evidence.attempt.reward) == ("failed", 0.5, 0.5)
    assert evidence.grade is not None
    assert evidence.grade.checks[1].explanation == "The answer was: It was Dune."


def test_damage_beside_takes_the_reward(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    wrong = calls(("lend_book", "B-002"), ("remove_book", "B-003"), ("lend_book", "B-002"))
    evidence = played(shelf, tmp_path, Solution(calls=wrong, answer="Emma"))
    assert (evidence.attempt.outcome, evidence.attempt.score, evidence.attempt.reward) == ("failed", 1.0, 0.0)
    assert evidence.grade is not None
    assert [change.words for change in evidence.grade.damage] == [
        'books B-003 was deleted (title "Ulysses", status "shelved")'
    ]
    assert evidence.grade.damage[0].calls == [2]
    assert (evidence.attempt.calls, evidence.attempt.refused) == (3, 1)
    assert evidence.calls[2].content["message"] == "Emma is lent already."


def test_the_wrong_row_is_explained(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    evidence = played(shelf, tmp_path, Solution(calls=calls(("lend_book", "B-001")), answer="Emma"))
    assert evidence.grade is not None
    assert evidence.grade.checks[0].explanation == ('books B-001: status was "shelved", is "lent" (call 1, lend_book).')


def test_a_check_that_misses_what_it_looks_for_does_not_hold(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    check = {"id": "c", "kind": "goal", "description": "", "that": "6 // (len(books) - 3) == 2"}
    plan = plan_run([(shelf, [lend_emma(shelf, checks=[check])])], ["noop"])
    run = create_run(plan, tmp_path)
    carry_out(plan, run)
    (attempt,) = run.attempts()
    assert (attempt.outcome, attempt.score) == ("failed", 0.0)


def test_a_state_that_cannot_be_read_is_no_failure_of_the_agent(shelf: RenderedEnvironment) -> None:
    grade = skeleton_grader(shelf, [])
    with pytest.raises(GraderError, match="Grading lend-emma broke down"):
        grade(lend_emma(shelf), {"tables": 3}, [], "")


def test_a_scenario_that_cannot_be_graded_is_told_before_anything_starts(shelf: RenderedEnvironment) -> None:
    check = {"id": "c", "kind": "goal", "description": "", "that": "any(b.titel == 'Emma' for b in books)"}
    with pytest.raises(ScenarioError, match=r"scenario lend-emma: .*titel"):
        plan_run([(shelf, [lend_emma(shelf, checks=[check])])], ["noop"])


def test_a_skeleton_newer_than_its_rendering_is_told(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    shutil.copytree(shelf.folder, folder)
    skeleton = folder / "skeleton.yaml"
    skeleton.write_text(skeleton.read_text().replace("You look after a shelf", "You look after the shelf"))
    with pytest.raises(RunError, match=r"was changed since it was rendered.*envwright render"):
        skeleton_grader(load_environment(folder), [])


def test_rendering_twice_gives_the_same_files_and_nothing_beside_a_package(tmp_path: Path) -> None:
    shelf = render_shelf(tmp_path / "shelf")
    first = {path.name: path.read_bytes() for path in shelf.folder.iterdir()}
    render_folder(shelf.folder)
    assert {path.name: path.read_bytes() for path in shelf.folder.iterdir()} == first
    assert {"environment.py", "server.py", "state.json", "skeleton.yaml"} <= set(first)
    bundled = tmp_path / "_bundled" / "servers" / "shelf"
    shutil.copytree(shelf.folder, bundled)
    with pytest.raises(PlaceError, match="--out"):
        render_folder(bundled)
    copy = render_folder(bundled, tmp_path / "mine")
    assert {path.name: path.read_bytes() for path in copy} == first


def test_run_and_show_on_the_command_line(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    file = tmp_path / "scenarios" / "lend-emma.json"
    file.parent.mkdir()
    file.write_text(lend_emma(shelf).model_dump_json())
    options = ["--environments", shelf.folder, "--scenarios", file.parent, "--out", tmp_path / "runs"]
    result = envwright("run", "--agent", "reference", "--agent", "noop", "--agent", "random", *options)
    assert result.exit_code == 0, result.output
    table = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert any(line.startswith("shelf reference 1 1 (100%) 21–100 % 1.00 1.0 ") for line in table), result.output
    assert any(line.startswith("noop 1 0 (0%) 0–79 % 0.00 0.0 ") for line in table)
    (folder,) = (tmp_path / "runs").iterdir()
    shown = envwright("show", folder).stdout
    assert "shelf/lend-emma · noop · attempt 1 · failed, score 0.00, reward 0.00" in shown
    assert "✗ Emma is lent." in shown and "Nothing changed in books." in shown
    printed = json.loads(envwright("run", *options, "--json").stdout)
    assert printed["summaries"][0]["passed"] == 1
    assert [attempt["outcome"] for attempt in printed["attempts"]] == ["passed"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_ctrl_c_is_a_sentence(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    file = tmp_path / "lend-emma.json"
    file.write_text(lend_emma(shelf).model_dump_json())
    options = ["--environments", shelf.folder, "--scenarios", file, "--attempts", "3000", "--out", tmp_path]
    process = subprocess.Popen([*ENVWRIGHT, "run", *map(str, options)], stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 30
    while time.monotonic() < end and not any(
        path.read_bytes().count(b"\n") > 2 for path in tmp_path.glob("*/attempts.jsonl")
    ):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.startswith("Stopped after ") and "of 3000 attempts" in said and said.count("\n") == 1
    (folder,) = (path.parent for path in tmp_path.glob("*/run.json"))
    assert {attempt.outcome for attempt in Run(folder).attempts()} == {"passed"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no command 'true'")
def test_why_an_agents_attempts_are_all_invalid_is_told_at_the_end(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    task = tmp_path / "lend-emma.json"
    task.write_text(lend_emma(shelf).model_dump_json())
    asked = ("--environments", shelf.folder, "--scenarios", task, "--out", tmp_path / "runs")
    result = envwright("run", "--agent", "command:true {mcp_url}", "--agent", "noop", *asked)
    assert result.exit_code == 0, result.output
    (told,) = [line for line in result.stderr.splitlines() if "invalid" in line]
    assert told.startswith(
        "The only attempt of command:true {mcp_url} came to 'invalid', which is in no figure: The agent"
    )
