"""Recorded calls played again: which call changed what."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from shelf import SKELETON, state

from generator.scengenerator.outcomes import difference
from generator.skeleton.checker import check
from generator.skeleton.reading import read_skeleton
from harness.explaining import by_calls, change_record, explain
from harness.records import CallRecord
from harness.replaying import Replayer

REPLAYER = Replayer(check(read_skeleton(SKELETON)))


def call(n: int, name: str, book: str, ok: bool = True) -> CallRecord:
    return CallRecord(n=n, name=name, arguments={"book_id": book}, ok=ok, content={})


CALLS = [
    call(1, "get_book", "B-001"),
    call(2, "lend_book", "B-001"),
    call(3, "lend_book", "B-001", ok=False),
    call(4, "remove_book", "B-003"),
]


def final() -> dict[str, Any]:
    after = state()
    after["tables"]["books"]["B-001"]["status"] = "lent"
    del after["tables"]["books"]["B-003"]
    return after


def test_each_call_with_what_it_changed() -> None:
    before = state()
    found = REPLAYER.replay(before, CALLS, final())
    assert found is not None and before == state()
    assert {n: [(one.kind, one.row) for one in changes] for n, changes in found.items()} == {
        2: [("changed", "B-001")],
        4: [("deleted", "B-003")],
    }
    (change,) = found[4]
    record = change_record(change, state(), final(), found)
    assert record.calls == [4] and by_calls(record, {4: "remove_book"}) == " (call 4, remove_book)"


@pytest.mark.parametrize("calls", [CALLS[:2], [*CALLS[:2], call(3, "lend_book", "B-001")], [*CALLS, call(5, "x", "")]])
def test_what_does_not_lead_there_again_claims_nothing(calls: list[CallRecord]) -> None:
    assert REPLAYER.replay(state(), calls, final()) is None


def test_an_explanation_names_the_call_and_what_was_undone() -> None:
    before, after = state(), state()
    away, back = copy.deepcopy(before), copy.deepcopy(before)
    away["tables"]["books"]["B-001"]["status"] = "lent"
    replayed = {1: difference(before, away), 2: difference(away, back)}
    calls = [call(1, "lend_book", "B-001"), call(2, "take_back", "B-001")]
    that = "any(b.status == 'lent' for b in books)"
    assert explain(that, [], ["books"], calls, "", replayed) == (
        "Nothing changed in books. books B-001 was changed and is as before (call 1, lend_book, and call 2, take_back)."
    )
    after["tables"]["books"]["B-002"]["title"] = "Emmy"
    after["tables"]["books"]["B-003"]["status"] = "lent"
    changes = [change_record(one, before, after) for one in difference(before, after)]
    assert explain(that, changes, ["books"], calls, "").startswith("books B-003: status")  # it reads the status
