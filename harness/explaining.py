"""What differs between two states, in words, and what that means for a check that does not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from generator.scengenerator.grading import CheckResult
from generator.scengenerator.outcomes import Change
from generator.scengenerator.scenario import SourceCheck
from harness.records import CallRecord, ChangeRecord, CheckRecord, JsonObject
from harness.replaying import Replay

_SHOWN = 4  # changes in one explanation
_TOLD = 3  # fields that tell a row without an id from others


def change_record(
    change: Change, before: JsonObject, after: JsonObject, replayed: Replay | None = None
) -> ChangeRecord:
    """A change between two states, with its words, and with the calls that made it where they are known."""
    place = _place(change, _row(before, change) or _row(after, change))
    if change.kind == "changed":
        parts = [f"{name} was {_value(old)}, is {_value(new)}" for name, (old, new) in change.fields.items()]
        words = parts[0] if list(change.fields) == [place] else f"{place}: {'; '.join(parts)}"
    else:
        side = 1 if change.kind == "created" else 0
        row = {name: pair[side] for name, pair in change.fields.items()}
        parts = [f"{name} {_value(value)}" for name, value in row.items() if value is not None and value != change.row]
        words = f"{place} was {change.kind}" + (f" ({', '.join(parts)})" if parts else "")
    calls = [n for n, made in (replayed or {}).items() if any(_touches(one, change) for one in made)]
    return ChangeRecord(
        table=change.table, row=change.row, kind=change.kind, fields=change.fields, words=words, calls=calls
    )


def check_record(
    check: CheckResult | SourceCheck, holds: bool, explanation: str, error: str | None = None
) -> CheckRecord:
    """A check and how it came out."""
    return CheckRecord(
        id=check.id,
        kind=check.kind,
        description=check.description,
        weight=check.weight,
        holds=holds,
        error=error,
        explanation=explanation,
    )


def _row(state: JsonObject, change: Change) -> JsonObject:
    """The row as it stands there, or nothing: imported attributes may be figures, texts and lists too."""
    table = state.get("tables", {}).get(change.table)
    row = table.get(change.row) if isinstance(table, dict) else None
    return row if isinstance(row, dict) else {}


def _touches(made: Change, change: Change) -> bool:
    return (made.table, made.row) == (change.table, change.row) and (
        "changed" not in (made.kind, change.kind) or bool(made.fields.keys() & change.fields.keys())
    )


def _place(change: Change, row: JsonObject) -> str:
    """The row in the words of its table; inner keys are nobody's business, so content stands for them."""
    if change.row == "one":
        return change.table
    if not change.row.startswith("#") and "|" not in change.row:
        return f"{change.table} {change.row}"
    if change.kind != "changed":
        return f"a row of {change.table}"
    same = [f"{name} {_value(value)}" for name, value in row.items() if name not in change.fields]
    return f"the row of {change.table} with {', '.join(same[:_TOLD])}" if same else f"a row of {change.table}"


def explain(
    that: str,
    changes: Sequence[ChangeRecord],
    tables: Iterable[str],
    calls: Sequence[CallRecord],
    answer: str,
    replayed: Replay | None = None,
) -> str:
    """Why a check does not hold, by what it reads: rows that changed or did not, and through which call; the answer.

    Changes of fields that the check reads come first. `replayed` tells also of what was changed and changed back.
    """
    words = set(re.findall(r"[A-Za-z_]\w*", that))
    read = [table for table in tables if table in words]
    parts: list[str] = []
    names = {call.n: call.name for call in calls}
    if read:
        found = [change for change in changes if change.table in read]
        found.sort(key=lambda change: not change.fields.keys() & words)
        touched = [change.words + by_calls(change, names) for change in found]
        parts.append(_listed(touched) if touched else f"Nothing changed in {_and(read)}.")
        parts += _undone(found, read, words, replayed or {}, names)
    if words & {"calls", "called"}:
        made = [f"{call.name} {json.dumps(call.arguments, ensure_ascii=False)}" for call in calls if call.ok]
        parts.append(f"Calls that were carried out: {_listed(made)}" if made else "No call was carried out.")
    if "answer" in words:
        parts.append(f"The answer was: {answer}" if answer else "There was no answer.")
    if not parts:
        touched = [change.words + by_calls(change, names) for change in changes]
        parts.append(_listed(touched) if touched else "Nothing changed.")
    return " ".join(parts)


def by_calls(change: ChangeRecord, names: Mapping[int, str]) -> str:
    """` (call 2, lend_book)`, or nothing where it is not known."""
    made = [f"call {n}, {names[n]}" for n in change.calls if n in names]
    return f" ({'; '.join(made)})" if made else ""


def _undone(
    left: Sequence[ChangeRecord], read: Sequence[str], words: set[str], replayed: Replay, names: Mapping[int, str]
) -> Iterator[str]:
    """Rows whose fields a check reads that are as before, since one call changed them and another one back."""
    there = {(change.table, change.row) for change in left}
    found: dict[tuple[str, str], list[int]] = {}
    for n, made in replayed.items():
        for change in made:
            place = (change.table, change.row)
            if (
                change.table in read
                and place not in there
                and (change.kind != "changed" or change.fields.keys() & words)
            ):
                found.setdefault(place, []).append(n)
    for (table, row), calls in found.items():
        if len(calls) > 1:
            told = " and ".join(f"call {n}, {names[n]}," for n in (calls[0], calls[-1]))
            yield f"{table} {row} was changed and is as before ({told.rstrip(',')})."


def _listed(items: Sequence[str]) -> str:
    more = f"; and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return "; ".join(items[:_SHOWN]) + more + "."


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
