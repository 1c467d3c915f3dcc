from __future__ import annotations

import io
from pathlib import Path

from builders import STATE, attempt, environment_record, evidence, run_document, scenario
from rich.console import Console, RenderableType

from harness.agents.agent import Message
from harness.records import ChangeRecord, CheckRecord, Evidence, GradeRecord
from harness.reporting.terminal import repeated, run_view, summary_table
from harness.statistics import overall, summarise
from harness.store import Run


def text(renderable: RenderableType) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(renderable)
    return console.export_text()


def test_a_table_with_what_is_left_out_beside() -> None:
    attempts = [
        attempt(1, agent="reference", outcome="passed", score=1.0, calls=4, seconds=0.25),
        attempt(2, agent="reference", outcome="environment_error", score=None, calls=None),
        attempt(1, agent="noop", outcome="invalid", score=None),
    ]
    shown = text(summary_table(summarise(attempts)))
    reference, noop = (line for line in shown.splitlines() if "reference" in line or "noop" in line)
    assert " ".join(reference.split()) == "todo_list reference 1 1 (100%) 21–100 % 1.00 4.0 0.25 s 1 environment error"
    assert " ".join(noop.split()) == "noop 0 – – – – – 1 invalid"
    assert "count in no figure" in shown


def test_nothing_left_out_needs_no_column() -> None:
    assert "left out" not in text(summary_table(summarise([attempt()])))


def test_a_run_shows_why_attempts_failed(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "r", run_document(3), [environment_record()], {}, [scenario()])
    run.record(evidence(1, outcome="passed"))
    run.record(evidence(2, outcome="environment_error", reason="The server of todo_list ended.", score=None))
    change = ChangeRecord(table="items", row="IT-1", kind="deleted", fields={}, words="items IT-1 was deleted")
    check = CheckRecord(
        id="c", kind="goal", description="Milk is on the list.", weight=1, holds=False, explanation="Nothing changed."
    )
    grade = GradeRecord(score=0.0, reward=0.0, passed=False, checks=[check], damage=[change])
    messages = [Message(role="user", content="Add milk to the list.")]
    run.record(Evidence(attempt=attempt(3), initial_state=STATE, grade=grade, messages=messages))
    shown = text(run_view(run))
    for line in (
        "todo_list/todo-01 · noop · attempt 2 · environment error",
        "The server of todo_list ended.",
        "todo_list/todo-01 · noop · attempt 3 · failed, score 0.00, reward 0.00",
        "task: Add milk to the list.",
        "✗ Milk is on the list.",
        "Nothing changed.",
        "! not asked for: items IT-1 was deleted",
    ):
        assert line in shown
    assert "Unfinished" not in shown


def test_an_unfinished_run_says_so(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "r", run_document(3), [environment_record()], {}, [scenario()])
    run.record(evidence(1, outcome="passed"))
    assert "Unfinished: 1 of 3 attempts were made." in text(run_view(run))


def test_repeated_attempts_are_shown_with_their_estimates(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "r", run_document(4), [environment_record()], {}, [scenario()])
    for number, outcome in enumerate(("passed", "failed", "passed", "failed"), start=1):
        run.record(evidence(number, outcome=outcome))
    shown = text(run_view(run))
    assert "noop: pass@2 83%, pass@4 100%; pass^2 17%, pass^4 0% (1 scenario)" in shown
    assert "difficulty" in shown and "question" not in shown


def test_estimates_of_fewer_scenarios_say_so() -> None:
    tried = {"a": 3, "b": 2, "c": 1}
    attempts = [
        attempt(n, scenario=name, outcome="passed") for name, count in tried.items() for n in range(1, count + 1)
    ]
    shown = repeated(overall(attempts)).plain
    assert shown == "noop: pass@2 100%, pass@3 100% of 1 scenario; pass^2 100%, pass^3 100% of 1 scenario (2 scenarios)"


def test_what_was_said_moves_no_cursor_and_turns_no_signs(tmp_path: Path) -> None:
    task, reason = "\x1b]0;owned\x07Add\tmilk,\nplease.\x9b2J", "\x1b[2Jgone \u202eevil\u202c \u200fمرحبا"
    run = Run.create(tmp_path / "r", run_document(1), [environment_record()], {}, [scenario(task=task)])
    messages = [Message(role="user", content=task)]
    run.record(Evidence(attempt=attempt(1, reason=reason), initial_state=STATE, messages=messages))
    shown = text(run_view(run))
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e", "\u202c"}
    assert "␛[2Jgone �evil� \u200fمرحبا" in shown and "␛]0;ownedAdd" in shown
