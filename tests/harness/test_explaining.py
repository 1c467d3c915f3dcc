from __future__ import annotations

from typing import Any

from generator.importers.changes import changes
from generator.scengenerator.outcomes import difference
from harness.explaining import change_record, explain
from harness.records import CallRecord, ChangeRecord


def state(**tables: dict[str, Any]) -> dict[str, Any]:
    return {"clock": "", "counters": {}, "tables": tables}


BEFORE = state(
    loans={"L-1": {"loan_id": "L-1", "status": "open", "fee": 0}, "L-2": {"loan_id": "L-2", "status": "open"}},
    members={"M-1": {"member_id": "M-1"}},
)
AFTER = state(
    loans={
        "L-1": {"loan_id": "L-1", "status": "returned", "fee": 2.5},
        "L-3": {"loan_id": "L-3", "status": "open"},
    },
    members={"M-1": {"member_id": "M-1"}},
)
CALLS = [
    CallRecord(n=1, name="return_loan", arguments={"loan_id": "L-1"}, ok=True, content={}),
    CallRecord(n=2, name="return_loan", arguments={"loan_id": "L-9"}, ok=False, content={}),
]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[ChangeRecord]:
    return [change_record(change, before, after) for change in difference(before, after)]


def explained(that: str, after: dict[str, Any] = AFTER, answer: str = "") -> str:
    return explain(that, differences(BEFORE, after), list(BEFORE["tables"]), CALLS, answer)


def test_rows_differ_in_words() -> None:
    assert [change.words for change in differences(BEFORE, AFTER)] == [
        'loans L-1: status was "open", is "returned"; fee was 0, is 2.5',
        'loans L-2 was deleted (status "open")',
        'loans L-3 was created (status "open")',
    ]
    assert differences(BEFORE, BEFORE) == []


def test_a_table_that_only_one_state_has() -> None:
    (change,) = differences(state(), state(tags={"x": {"tag": "x"}}))
    assert (change.kind, change.fields) == ("created", {"tag": (None, "x")})


def test_inner_keys_are_not_shown() -> None:
    lines = {"#1": {"order_id": "O-1", "sku": "A", "price": 2, "amount": 1}, "O-1|A": {"sku": "A"}}
    before = state(lines=lines, session={"one": {"cwd": ""}})
    after = state(lines={"#1": lines["#1"] | {"amount": 4}}, session={"one": {"cwd": "/x"}})
    assert [change.words for change in differences(before, after)] == [
        'the row of lines with order_id "O-1", sku "A", price 2: amount was 1, is 4',
        'a row of lines was deleted (sku "A")',
        'session: cwd was "", is "/x"',
    ]


def test_attributes_of_imported_states_may_be_figures_texts_and_lists() -> None:
    before = {"count": 0, "log": [], "stock": {"nails": 4}, "one": 1, "mode": "a"}
    after = {"count": 2, "log": [1, 1], "stock": {"nails": 3, "#1": 7}, "mode": {"fast": True}}
    found = [change_record(one, state(**before), state(**after)) for one in changes(before, after)]
    assert [change.words for change in found] == [
        "count was 0, is 2",
        "log was [], is [1, 1]",
        "stock nails: nails was 4, is 3",
        "a row of stock was created (#1 7)",
        "one was deleted (one 1)",
        'mode was "a", is {"fast": true}',
    ]


def test_a_check_is_explained_by_what_it_reads() -> None:
    assert explained("any(m.name == 'x' for m in members)") == "Nothing changed in members."
    assert explained("loans['L-1'].fee == 0").startswith('loans L-1: status was "open"')
    assert explained("states(answer, 3)", answer="It is 4.") == "The answer was: It is 4."
    assert explained("states(answer, 3)") == "There was no answer."
    assert explained("True", after=BEFORE) == "Nothing changed."
    assert explained("any(c.name == 'x' for c in calls)") == (
        'Calls that were carried out: return_loan {"loan_id": "L-1"}.'
    )


def test_long_lists_and_values_are_cut() -> None:
    many = state(loans={f"L-{n}": {"note": "x" * 200} for n in range(10)})
    text = explained("loans", after=many)
    assert text.endswith("; and 6 more.") and len(text) < 600
