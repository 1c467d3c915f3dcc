"""States next to another one: what could make a check true, and what should not.

A state here is `values.decode` of what the wire has; an edit is as `contained.probing` reads it, and a group of
edits makes one neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from generator.importers.asked import Asked
from generator.importers.wanted import Wanted

Path = tuple[Any, ...]
Group = list[list[Any]]
MISSING = object()
NEW_KEY = "neighbour-1"
OTHER_TEXT = "zzz"
_MOST = 400  # neighbours of one state
_MOST_ROWS = 40
_MOST_VALUES = 12  # of one field


def at(state: Any, path: Sequence[Any]) -> Any:
    """What is at a path, or MISSING."""
    for step in path:
        try:
            state = state[step]
        except (LookupError, TypeError):
            return MISSING
    return state


def towards(state: Any, reads: Sequence[Path], wanted: Wanted, asked: Asked) -> list[Group]:
    """Neighbours that a check might hold in, going by what it reads and by the values that its code and words name."""
    return list(islice(_distinct(_towards(state, reads, wanted, asked)), _MOST))


def _towards(state: Any, reads: Sequence[Path], wanted: Wanted, asked: Asked) -> Iterator[Group]:
    rows = _rows(state, reads)
    tables = list(dict.fromkeys(path[:-1] for path in rows if isinstance(at(state, path[:-1]), dict)))
    named = [text for text in [*asked.quoted, *wanted.texts] if len(text) < 400]
    for path in rows:
        for values in _assignments(wanted, at(state, path)):
            yield [[[*path, name], value] for name, value in values.items()]
    for path in tables[:6]:
        yield from _new_rows(state, path, wanted)
    for path in reads:
        yield from _leaf(state, path, wanted, named)
    for path in rows:
        yield [[list(path)]]
    for path in tables[:6]:
        yield [[list(row)] for row in rows if row[:-1] == path and _fits(at(state, row), wanted)]
    for values in _assignments(wanted, {}):
        yield [[[*path, name], value] for path in rows for name, value in values.items() if name in at(state, path)]


def _leaf(state: Any, path: Path, wanted: Wanted, named: Sequence[str]) -> Iterator[Group]:
    """Other values at one place."""
    value, name = at(state, path), path[-1]
    known = wanted.values.get(name, []) if isinstance(name, str) else []
    if value is MISSING:
        if isinstance(at(state, path[:-1]), dict):
            for one in [*known[:_MOST_VALUES], OTHER_TEXT, *named[:3]]:
                yield [[list(path), one]]
    elif isinstance(value, list):
        for one in [*known[:_MOST_VALUES], *named[:_MOST_VALUES]]:
            yield [[list(path), one, "append"]]
        for number in range(min(len(value), 5)):
            yield [[[*path, number]]]
    elif not isinstance(value, dict):
        for one in known[:_MOST_VALUES]:
            if not _alike(one, value):
                yield [[list(path), one]]
        if isinstance(value, str) or value is None:
            for one in named[:_MOST_VALUES]:
                if one != value and not known:
                    yield [[list(path), one]]
            yield [[list(path), OTHER_TEXT]]
        elif isinstance(value, bool):
            yield [[list(path), not value]]
        elif isinstance(value, int | float):
            yield [[list(path), value + 1]]
            yield [[list(path), value - 1]]


def _rows(state: Any, reads: Sequence[Path]) -> list[Path]:
    """The mappings below an attribute that a check looked into."""
    found: dict[Path, None] = {}
    for path in reads:
        for end in (path, path[:-1]):
            if len(end) > 1 and isinstance(at(state, end), dict):
                found.setdefault(tuple(end))
    return list(found)[:_MOST_ROWS]


def _assignments(wanted: Wanted, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Values for the fields of a row: the first that each is compared with, then the last, then the others."""
    fields = {name: values for name, values in wanted.values.items() if not row or name in row}
    for choose in (0, -1, 1, 2):
        made = {name: values[choose] for name, values in fields.items() if -1 <= choose < len(values)}
        if made:
            yield made


def _new_rows(state: Any, table: Path, wanted: Wanted) -> Iterator[Group]:
    rows = at(state, table)
    models = [row for row in rows.values() if isinstance(row, dict)]
    for values in _assignments(wanted, {}):
        for model in [*models[:2], *models[-1:]]:
            key = next(key for key, row in rows.items() if row is model)
            copied = {name: NEW_KEY if value == key else value for name, value in model.items()}
            yield [[[*table, NEW_KEY], copied | {name: one for name, one in values.items() if name in copied}]]
            yield [[[*table, NEW_KEY], copied | values]]


def _fits(row: Any, wanted: Wanted) -> bool:
    """Whether one of a row's fields holds what it is compared with."""
    return isinstance(row, dict) and any(
        name in row and any(_alike(row[name], value) for value in values) for name, values in wanted.values.items()
    )


def _distinct(groups: Iterable[Group]) -> Iterator[Group]:
    seen: set[str] = set()
    for group in groups:
        if group and (key := repr(group)) not in seen:
            seen.add(key)
            yield group


def _alike(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def column(state: Any, path: Path) -> list[str]:
    """The texts that stand in the same field of the table's other rows, most short ones first come."""
    if len(path) < 2:
        return []
    rows = at(state, path[:-2])
    found: dict[str, None] = {}
    if isinstance(rows, dict):
        for row in rows.values():
            value = row.get(path[-1]) if isinstance(row, dict) else None
            if isinstance(value, str) and len(value) < 80:
                found.setdefault(value)
    return list(found)[:_MOST_VALUES]
