from __future__ import annotations

import errno
import os
import re
import threading
from pathlib import Path

import pytest
from builders import STATE, environment_record, evidence, run_document, scenario

from generator.errors import NotFoundError
from harness.errors import RunError
from harness.records import Key, Regrade, RegradeDocument
from harness.store import Run, find_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "r", run_document(), [environment_record()], {}, [scenario()])


def test_a_folder_holds_all_that_was_recorded(run: Run) -> None:
    run.record(evidence(1))
    run.record(evidence(2, outcome="provider_error", score=None, reason="No key."))
    again = Run(run.folder)
    assert [attempt.number for attempt in again.attempts()] == [1, 2]
    assert again.attempts()[1].score is None
    assert again.evidence(Key("todo_list", "todo-01", "noop", 2)).attempt.reason == "No key."
    assert again.scenario("todo_list", "todo-01").task == "Add milk to the list."
    assert again.environment("todo_list").title == "To-do"
    assert again.document.configuration.hash == again.document.configuration_hash


def test_unknown_figures_stay_unknown(run: Run) -> None:
    run.record(evidence(1))
    (attempt,) = Run(run.folder).attempts()
    assert (attempt.cost, attempt.input_tokens) == (None, None)
    assert b"cost" not in (run.folder / "attempts.jsonl").read_bytes()


def test_every_torn_last_line_is_dropped_and_written_over(run: Run) -> None:
    run.record(evidence(1))
    whole = (run.folder / "attempts.jsonl").read_bytes()
    run.record(evidence(2))
    both = (run.folder / "attempts.jsonl").read_bytes()
    for cut in range(len(whole), len(both), 7):
        (run.folder / "attempts.jsonl").write_bytes(both[:cut])
        torn = Run(run.folder)
        assert [attempt.number for attempt in torn.attempts()] == [1]
        torn.record(evidence(3))
        assert [attempt.number for attempt in Run(run.folder).attempts()] == [1, 3]


def test_a_damaged_line_in_the_middle_is_told(run: Run) -> None:
    run.record(evidence(1))
    lines = run.folder / "attempts.jsonl"
    lines.write_bytes(b'{"environment"\n' + lines.read_bytes())
    remedy = f"Remove that line; then this makes its attempt again: envwright run --resume {run.folder}"
    with pytest.raises(RunError, match=rf"attempts\.jsonl, line 1 is damaged.*{re.escape(remedy)}$"):
        run.attempts()


def test_attempts_without_a_whole_file_are_due_again(run: Run) -> None:
    for number in (1, 2, 3):
        run.record(evidence(number))
    first, second, third = (run.folder / "attempts" / "todo_list" / "todo-01" / f"noop.{n}.json" for n in (1, 2, 3))
    first.unlink()
    third.write_bytes(b'{"attempt": {"environment": "\xff')
    with pytest.raises(
        RunError, match=r"noop\.1\.json cannot be read.*makes the attempt again: envwright run --resume "
    ):
        run.evidence(evidence(1).attempt.key)
    assert run.mend() == 2
    assert [attempt.number for attempt in run.attempts()] == [2]
    assert run.mend() == 0
    run.record(evidence(1))
    assert [attempt.number for attempt in Run(run.folder).attempts()] == [1, 2]

    foreign = second.read_text().replace('"answer"', '"reply"')
    second.write_text(foreign)
    with pytest.raises(RunError, match=r"noop\.2\.json is damaged: .* Remove the file, and its attempt is made again"):
        run.mend()
    assert second.read_text() == foreign and len(run.attempts()) == 2


def test_a_regrade_counts_for_the_attempt_that_it_graded(run: Run) -> None:
    run.record(evidence(1))
    graded = evidence(1, outcome="passed", score=1.0).attempt
    document = RegradeDocument(number=1, created="2026-03-02T10:00:00+00:00", envwright="1", scenarios={})
    run.add_regrade(document, [Regrade(attempt=graded)], [])
    assert [one.outcome for one in Run(run.folder).attempts()] == ["passed"]
    (run.folder / "attempts.jsonl").write_text("")
    run = Run(run.folder)
    run.record(evidence(1, started="2026-03-03T09:00:00+00:00"))
    assert [one.outcome for one in run.attempts()] == ["failed"]
    assert run.evidence(graded.key).attempt.outcome == "failed"


def test_threads_record_at_once(run: Run) -> None:
    threads = [threading.Thread(target=run.record, args=(evidence(n),)) for n in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(attempt.number for attempt in Run(run.folder).attempts()) == list(range(1, 21))


def test_a_full_disk_is_a_sentence_and_leaves_whole_lines(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.record(evidence(1))
    before = (run.folder / "attempts.jsonl").read_bytes()
    line = len(before)

    def full(descriptor: int) -> None:
        if os.fstat(descriptor).st_size == 2 * line:  # the line is there, but cannot be kept
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"cannot be written: No space left on device\. Make room"):
        run.record(evidence(2))
    monkeypatch.undo()
    assert (run.folder / "attempts.jsonl").read_bytes() == before
    run.record(evidence(2))
    assert len(run.attempts()) == 2


def test_names_never_lead_out_of_the_folder(run: Run) -> None:
    strange = "../../x"
    run.record(evidence(1, scenario=strange, agent="openai:meta/llama"))
    key = Key("todo_list", strange, "openai:meta/llama", 1)
    assert run.evidence(key).initial_state == STATE
    assert {path.name for path in run.folder.parent.iterdir()} == {"r"}


def test_a_name_finds_a_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = run.folder.parent
    assert find_run(str(run.folder)).folder == run.folder
    assert find_run("r", runs).folder == runs / "r"
    assert find_run("latest", runs).folder == runs / "r"
    with pytest.raises(NotFoundError, match="There is no run 'x'"):
        find_run("x", runs)
    with pytest.raises(NotFoundError, match="make one with"):
        find_run("latest", runs / "r")


def test_a_run_is_never_written_over(run: Run) -> None:
    with pytest.raises(RunError, match="holds a run already"):
        Run.create(run.folder, run_document(), [], {}, [])


def test_a_damaged_run_document_is_told(run: Run) -> None:
    (run.folder / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        Run(run.folder)
