"""What differs between two states, in words, and what that means for a check that does not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from generator.scengenerator.scenario import Check
from harness.records import CallRecord, ChangeRecord, JsonObject

_SHOWN = 4


def differences(before: JsonObject, after: JsonObject) -> list[ChangeRecord]:
    """Every row that differs between two states, table by table, in row order."""
    found: list[ChangeRecord] = []
    old_tables, new_tables = before.get("tables", {}), after.get("tables", {})
    for table in [*old_tables, *(name for name in new_tables if name not in old_tables)]:
        old, new = old_tables.get(table, {}), new_tables.get(table, {})
        for row in [*old, *(key for key in new if key not in old)]:
            if old.get(row) != new.get(row):
                found.append(_change(table, row, old.get(row), new.get(row)))
    return found


def _change(table: str, row: str, old: JsonObject | None, new: JsonObject | None) -> ChangeRecord:
    names = [*(old or {}), *(name for name in new or {} if name not in (old or {}))]
    pairs = {name: ((old or {}).get(name), (new or {}).get(name)) for name in names}
    kind = "created" if old is None else "deleted" if new is None else "changed"
    if kind == "changed":
        pairs = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return change_record(table, row, kind, pairs)


def change_record(table: str, row: str, kind: str, fields: dict[str, tuple[Any, Any]]) -> ChangeRecord:
    """A change with its words."""
    return ChangeRecord.model_validate(
        {"table": table, "row": row, "kind": kind, "fields": fields, "words": _words(table, row, kind, fields)}
    )


def _words(table: str, row: str, kind: str, fields: dict[str, tuple[Any, Any]]) -> str:
    if kind == "changed":
        parts = [f"{name} was {_value(old)}, is {_value(new)}" for name, (old, new) in fields.items()]
        return f"{table} {row}: {'; '.join(parts)}"
    side = 1 if kind == "created" else 0
    parts = [f"{name} {_value(pair[side])}" for name, pair in fields.items()]
    return f"{table} {row} was {kind}" + (f" ({', '.join(parts)})" if parts else "")


def explain(
    check: Check, changes: Sequence[ChangeRecord], tables: Iterable[str], calls: Sequence[CallRecord], answer: str
) -> str:
    """Why a check does not hold, by what it reads: rows that changed or did not, calls, the answer."""
    words = set(re.findall(r"[A-Za-z_]\w*", check.that))
    read = [table for table in tables if table in words]
    parts: list[str] = []
    if read:
        touched = [change.words for change in changes if change.table in read]
        parts.append(_listed(touched) if touched else f"Nothing changed in {_and(read)}.")
    if "calls" in words:
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
