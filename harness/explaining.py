"""What differs between two states, in words, and what that means for a check that does not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from generator.scengenerator.outcomes import Change
from harness.records import CallRecord, ChangeRecord, JsonObject

_SHOWN = 4  # changes in one explanation
_TOLD = 3  # fields that tell a row without an id from others


def change_record(change: Change, before: JsonObject, after: JsonObject) -> ChangeRecord:
    """A change between two states, with its words."""
    rows = [state.get("tables", {}).get(change.table, {}).get(change.row, {}) for state in (before, after)]
    place = _place(change, rows[0] or rows[1])
    if change.kind == "changed":
        parts = [f"{name} was {_value(old)}, is {_value(new)}" for name, (old, new) in change.fields.items()]
        words = f"{place}: {'; '.join(parts)}"
    else:
        side = 1 if change.kind == "created" else 0
        row = {name: pair[side] for name, pair in change.fields.items()}
        parts = [f"{name} {_value(value)}" for name, value in row.items() if value is not None and value != change.row]
        words = f"{place} was {change.kind}" + (f" ({', '.join(parts)})" if parts else "")
    return ChangeRecord(table=change.table, row=change.row, kind=change.kind, fields=change.fields, words=words)


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
    that: str, changes: Sequence[ChangeRecord], tables: Iterable[str], calls: Sequence[CallRecord], answer: str
) -> str:
    """Why a check does not hold, by what it reads: rows that changed or did not, calls, the answer."""
    words = set(re.findall(r"[A-Za-z_]\w*", that))
    read = [table for table in tables if table in words]
    parts: list[str] = []
    if read:
        touched = [change.words for change in changes if change.table in read]
        parts.append(_listed(touched) if touched else f"Nothing changed in {_and(read)}.")
    if words & {"calls", "called"}:
        made = [f"{call.name} {json.dumps(call.arguments, ensure_ascii=False)}" for call in calls if call.ok]
        parts.append(f"Calls that were carried out: {_listed(made)}" if made else "No call was carried out.")
    if "answer" in words:
        parts.append(f"The answer was: {answer}" if answer else "There was no answer.")
    if not parts:
        touched = [change.words for change in changes]
        parts.append(_listed(touched) if touched else "Nothing changed.")
    return " ".join(parts)


def _listed(items: Sequence[str]) -> str:
    more = f"; and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return "; ".join(items[:_SHOWN]) + more + "."


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
