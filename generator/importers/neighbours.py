"""States next to another one: what could make a check come out otherwise.

A state here is `values.decode` of what the wire has; an edit is as `contained.probing` reads it, and a group of
edits makes one neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from generator.importers.asked import Asked
from generator.importers.wanted import Wanted

Path = tuple[Any, ...]
Group = list[list[Any]]
MISSING = object()
OTHER_TEXT = "zzz"
_NEW = "neighbour-"
_MOST = 300  # neighbours of one state
_MOST_ROWS = 40
_MOST_TABLES = 6
_MOST_VALUES = 12  # of one field
_MOST_IDS = 8


def at(state: Any, path: Sequence[Any]) -> Any:
    """What is at a path, or MISSING."""
    for step in path:
        try:
            state = state[step]
        except (LookupError, TypeError):
            return MISSING
    return state


def towards(state: Any, reads: Sequence[Path], wanted: Wanted, asked: Asked) -> list[Group]:
    """Neighbours that a check might judge otherwise, by what it reads and the values that its code and words name."""
    return list(islice(_distinct(_Around(state, reads, wanted, asked).groups()), _MOST))


class _Around:
    """The neighbours of one state."""

    def __init__(self, state: Any, reads: Sequence[Path], wanted: Wanted, asked: Asked) -> None:
        self._state, self._reads, self._wanted, self._quoted = state, reads, wanted, asked.quoted
        self._rows = self._touched()
        keys = {step for path in reads for step in path if isinstance(step, str)} | set(wanted.values)
        named = dict.fromkeys([*asked.quoted, *wanted.texts])
        self._named = [text for text in named if text not in keys and len(text) < 400]
        parents = dict.fromkeys([*(path[:-1] for path in self._rows), *(path[:-1] for path in reads), *reads])
        self._tables = [path for path in parents if path and _is_table(at(state, path))][:_MOST_TABLES]
        self._ids = self._wanted_ids()

    def groups(self) -> Iterator[Group]:
        """Of every sort in turn, so that none of them crowds out the others."""
        sorts = [
            chain.from_iterable(map(self._assigned, self._rows)),
            *map(self._chained_rows, self._tables),
            *map(self._new_rows, self._tables),
            chain.from_iterable(map(self._other_values, self._reads)),
            self._removed(),
            self._everywhere(),
        ]
        while sorts:
            for one in list(sorts):
                group = next(one, None)
                if group is None:
                    sorts.remove(one)
                else:
                    yield group

    def _removed(self) -> Iterator[Group]:
        for path in self._tables:
            yield [[list(row)] for row in self._rows if row[:-1] == path and self._fits(at(self._state, row))]
        for path in self._rows:
            yield [[list(path)]]

    def _everywhere(self) -> Iterator[Group]:
        for values in self._values({}):
            yield [
                [[*path, name], value]
                for path in self._rows
                for name, value in values.items()
                if name in at(self._state, path)
            ]

    def _touched(self) -> list[Path]:
        """The mappings below an attribute that the check looked into."""
        found: dict[Path, None] = {}
        for path in self._reads:
            for end in (path, path[:-1]):
                if len(end) > 1 and isinstance(at(self._state, end), dict):
                    found.setdefault(tuple(end))
        return sorted(found, key=lambda path: not self._fits(at(self._state, path)))[:_MOST_ROWS]

    def _wanted_ids(self) -> list[str]:
        """Keys of rows that hold something that the check wants, or that were made on the way here."""
        found: dict[str, None] = {}
        for path in self._tables:
            for key, row in at(self._state, path).items():
                if isinstance(key, str) and (key.startswith(_NEW) or self._fits(row)):
                    found.setdefault(key)
        first = sorted(found, key=lambda key: not key.startswith(_NEW))[:_MOST_IDS]
        some = [key for path in self._tables for key in islice(at(self._state, path), 2) if isinstance(key, str)]
        return list(dict.fromkeys([*first, *some]))

    def _fits(self, row: Any) -> bool:
        """Whether one of a row's fields holds what it is compared with."""
        return isinstance(row, dict) and any(
            name in row and any(_alike(row[name], value) for value in values)
            for name, values in self._wanted.values.items()
        )

    def _values(self, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Values for the fields of a row: the first that each is compared with, then the last, then the others."""
        fields = {name: values for name, values in self._wanted.values.items() if not row or name in row}
        for choose in (0, -1, 1, 2):
            made = {name: values[choose] for name, values in fields.items() if -1 <= choose < len(values)}
            if made:
                yield made

    def _assigned(self, path: Path) -> Iterator[Group]:
        row = at(self._state, path)
        for values in [*self._values(row), {}]:
            yield [[[*path, name], value] for name, value in self._summed(row, values).items()]

    def _summed(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """With the fields that are to be sums of others."""
        made = row | values
        found = dict(values)
        for name, (left, sign, right) in self._wanted.sums.items():
            one, other = made.get(left), made.get(right)
            if isinstance(one, int | float) and isinstance(other, int | float):
                found[name] = one + other if sign == "+" else one - other
        return found

    def _chained_rows(self, table: Path) -> Iterator[Group]:
        """A new row for each value that one field is compared with, each linked to the one before."""
        rows = at(self._state, table)
        key, model = next(((key, row) for key, row in rows.items() if isinstance(row, dict)), ("", {}))
        for name, values in self._wanted.values.items():
            texts = [value for value in values if isinstance(value, str)]
            for order in (texts, texts[::-1]) if name in model and len(texts) > 1 else ():
                group: Group = []
                for number, text in enumerate(order[:5], start=1):
                    new, last = f"{_NEW}{number}", f"{_NEW}{number - 1}"
                    row = {field: new if value == key else value for field, value in model.items()}
                    links = {field: last for field in row if str(field).endswith("id") and row[field] != new}
                    group.append([[*table, new], row | (links if number > 1 else {}) | {name: text}])
                yield group

    def _new_rows(self, table: Path) -> Iterator[Group]:
        rows = at(self._state, table)
        models = [(key, row) for key, row in rows.items() if isinstance(row, dict)] or [("", {})]
        new = f"{_NEW}{1 + sum(str(key).startswith(_NEW) for key in rows)}"
        for key, model in [*models[:2], *models[-1:]]:
            copied = {name: new if value == key else value for name, value in model.items()}
            links = [name for name in copied if str(name).endswith("id") and copied[name] != new]
            lists = [name for name, value in copied.items() if isinstance(value, list)]
            for values in [*self._values({}), {}]:
                for kept in ({name: one for name, one in values.items() if name in copied}, values):
                    row = copied | self._summed(copied, kept)
                    yield [[[*table, new], row]]
                    for one in self._ids:
                        linked = {name: one for name in links if name not in kept}
                        listed = {name: [one] for name in lists if name not in kept}
                        yield [[[*table, new], row | linked | listed]]

    def _other_values(self, path: Path) -> Iterator[Group]:
        """Other values at one place."""
        value, name = at(self._state, path), path[-1]
        known = self._wanted.values.get(name, [])[:_MOST_VALUES] if isinstance(name, str) else []
        if value is MISSING:
            if len(path) > 1 and isinstance(at(self._state, path[:-1]), dict):  # attributes are the class's to make
                for one in [*known, OTHER_TEXT, *self._named[:3]]:
                    yield [[list(path), one]]
        elif isinstance(value, list):
            for one in [*known, *self._ids, *self._named[:_MOST_VALUES]]:
                yield [[list(path), one, "append"]]
            for number in range(min(len(value), 5)):
                yield [[[*path, number]]]
        elif not isinstance(value, dict):
            for one in self._instead(value, known, str(name)):
                yield [[list(path), one]]

    def _instead(self, value: Any, known: Sequence[Any], name: str) -> Iterator[Any]:
        yield from (one for one in known if not _alike(one, value))
        if isinstance(value, bool):
            yield not value
        elif isinstance(value, int | float):
            yield from (value + 1, value - 1)
        elif isinstance(value, str) or value is None:
            texts = [one for one in dict.fromkeys([*known, *self._quoted, *self._named]) if isinstance(one, str)]
            yield from self._ids if name.endswith("id") else ()
            yield from (one for one in self._quoted if one != value)
            yield from (one for one in self._named[: 6 if known else _MOST_VALUES] if one != value)
            yield " ".join([value or "", *texts])
            yield from (f"{OTHER_TEXT}, {one}" for one in texts[:3])
            yield from (OTHER_TEXT, "")


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and (not value or any(isinstance(row, dict) for row in value.values()))


def _distinct(groups: Iterable[Group]) -> Iterator[Group]:
    seen: set[str] = set()
    for group in groups:
        if group and (key := repr(group)) not in seen:
            seen.add(key)
            yield group


def _alike(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def column(state: Any, path: Path) -> list[str]:
    """The short texts that stand in the same field of the table's other rows."""
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
