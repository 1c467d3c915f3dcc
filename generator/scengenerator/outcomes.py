"""What an episode left behind: the rows that differ, and when two outcomes are the same.

Inner keys (`#1`, …) are nobody's business: rows without an id of their own are told apart by their owner, their
content and their place in the owner's list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from generator.scengenerator.labelling import Graph, canonical_names
from generator.scengenerator.rowtrees import Tree, TreeMaker, counted, show
from generator.scengenerator.scenario import JsonObject
from generator.skeleton.model import Entity, Model
from generator.skeleton.types import ListOf, bare

Row = dict[str, Any]
Table = dict[str, Row]


@dataclass(frozen=True)
class Change:
    """A row that differs; `fields` holds what it was and what it is, None where there was or is no row."""

    table: str
    row: str
    kind: Literal["created", "deleted", "changed"]
    fields: dict[str, tuple[Any, Any]]


def difference(before: JsonObject, after: JsonObject, model: Model | None = None) -> list[Change]:
    """Every row that differs between two states, table by table, in row order; new rows last.

    With a model, the order of a `set of` means nothing, and rows without an id that were replaced by equal ones in
    the same place are no difference.
    """
    found: list[Change] = []
    old_tables, new_tables = before.get("tables", {}), after.get("tables", {})
    for name in dict.fromkeys([*old_tables, *new_tables]):
        old, new = old_tables.get(name, {}), new_tables.get(name, {})
        if old is new or old == new:
            continue
        entity = model.by_plural(name) if model else None
        sets = [item.column for item in entity.stored if _is_set(item.type)] if entity else []
        same = _replaced(entity, old, new) if entity and entity.key == "none" else frozenset()
        for key in dict.fromkeys([*old, *new]):
            if key in same:
                continue
            change = _change(name, key, old.get(key), new.get(key), sets)
            if change is not None:
                found.append(change)
    return found


def _is_set(type_: object) -> bool:
    inner = bare(type_)  # type: ignore[arg-type]
    return isinstance(inner, ListOf) and inner.distinct


def _change(table: str, key: str, old: Row | None, new: Row | None, sets: list[str]) -> Change | None:
    if old is None or new is None:
        row = old or new or {}
        fields = {name: (value, None) if new is None else (None, value) for name, value in row.items()}
        return Change(table, key, "deleted" if new is None else "created", fields)
    if old == new:
        return None
    fields = {
        name: (old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if (name in old) != (name in new) or not _equal(old[name], new[name], name in sets)
    }
    return Change(table, key, "changed", fields) if fields else None


def _equal(one: Any, other: Any, unordered: bool) -> bool:
    if unordered and isinstance(one, list) and isinstance(other, list):
        return sorted(map(_text, one)) == sorted(map(_text, other))
    return bool(one == other)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _replaced(entity: Entity, old: Table, new: Table) -> set[str]:
    """Inner keys of rows that went and of equal rows that came in their place."""
    same: set[str] = set()
    before, after = _by_owner(entity, old), _by_owner(entity, new)
    for owner in before.keys() & after.keys():
        was, now = before[owner], after[owner]
        if [key for key, _ in was] == [key for key, _ in now]:
            continue
        was_texts, now_texts = ([_text(row) for _, row in rows] for rows in (was, now))
        for block in SequenceMatcher(None, was_texts, now_texts, autojunk=False).get_matching_blocks():
            for at in range(block.size):
                gone, come = was[block.a + at][0], now[block.b + at][0]
                if gone not in new and come not in old:
                    same |= {gone, come}
    return same


def _by_owner(entity: Entity, table: Table) -> dict[str, list[tuple[str, Row]]]:
    """The rows of each owner, in order; all under one name where nobody owns them."""
    column = entity.fields[entity.parent].column if entity.parent else None
    owners: dict[str, list[tuple[str, Row]]] = {}
    for key, row in table.items():
        owners.setdefault(str(row.get(column)) if column else "", []).append((key, row))
    return owners


def normalised(model: Model, state: JsonObject, initial: JsonObject) -> str:
    """One text for all states that are the same outcome of an episode that began with `initial`.

    It tells how the state differs from `initial`. Rows that came have no counted ids in it: they are named by their
    content and by what refers to what, so the order of independent steps does not matter. A `set of` has no order;
    counters and clock are left out; rows without an id are their owner's list.

    Method: colour refinement, then individualisation of ties (B. McKay, Practical Graph Isomorphism, 1981).
    """
    return _Outcome(model, state.get("tables", {}), initial.get("tables", {})).text()


class _Outcome:
    def __init__(self, model: Model, tables: dict[str, Table], initial: dict[str, Table]) -> None:
        self._entities = list(model.entities.values())
        self._now, self._then = tables, initial
        self._made: dict[str, dict[str, int]] = {}  # entity → key → number, of rows that are named by content
        self._places: list[tuple[Entity, str, int | None]] = []  # of each such row; its place in its owner's list
        self._trees = TreeMaker(model, self._made)

    def text(self) -> str:
        differing = [item for item in self._entities if self._now.get(item.plural) != self._then.get(item.plural)]
        for entity in differing:
            self._collect(entity)
        graph = Graph([self._tree_of(place) for place in self._places])
        changed: dict[str, dict[str, Any]] = {}
        gone: dict[str, list[str]] = {}
        for entity in differing:
            if entity.key == "none":
                lists = self._emptied(entity)
                if lists:
                    gone[entity.plural] = lists
                continue
            old, new = self._then.get(entity.plural, {}), self._now.get(entity.plural, {})
            went = sorted(key for key in old if key not in new)
            if went:
                gone[entity.plural] = went
            for key, row in new.items():
                if key in old and old[key] != row:
                    fields = dict(self._changed_fields(entity, old[key], row))
                    if fields:
                        changed.setdefault(entity.plural, {})[key] = fields
        for table, rows in changed.items():
            for key, fields in rows.items():
                for name, tree in fields.items():
                    graph.mark(tree, f"{table}.{key}.{name}")
        shown = {
            table: {key: {name: show(tree) for name, tree in fields.items()} for key, fields in rows.items()}
            for table, rows in changed.items()
        }
        return _text({"changed": shown, "gone": gone, "made": canonical_names(graph)})

    def _collect(self, entity: Entity) -> None:
        """Finds the rows that are named by content: new ones, and whole lists of rows without an id."""
        old, new = self._then.get(entity.plural, {}), self._now.get(entity.plural, {})
        made = self._made.setdefault(entity.name, {})
        if entity.key == "none":
            for _, rows in self._differing_lists(entity):
                for at, (key, _) in enumerate(rows):
                    made[key] = len(self._places)
                    self._places.append((entity, key, at if entity.parent else None))
            return
        for key in new:
            if key not in old:
                made[key] = len(self._places)
                self._places.append((entity, key, None))

    def _differing_lists(self, entity: Entity) -> Iterator[tuple[str, list[tuple[str, Row]]]]:
        """Owners whose list is another than before, with the list."""
        before = _by_owner(entity, self._then.get(entity.plural, {}))
        after = _by_owner(entity, self._now.get(entity.plural, {}))
        for owner, rows in after.items():
            old, new = ([row for _, row in found] for found in (before.get(owner, []), rows))
            if old != new and (entity.parent or sorted(map(_text, old)) != sorted(map(_text, new))):
                yield owner, rows

    def _emptied(self, entity: Entity) -> list[str]:
        """Owners whose list has no rows any more."""
        before = _by_owner(entity, self._then.get(entity.plural, {}))
        return sorted(before.keys() - _by_owner(entity, self._now.get(entity.plural, {})).keys())

    def _tree_of(self, place: tuple[Entity, str, int | None]) -> Tree:
        entity, key, at = place
        row = self._now[entity.plural][key]
        members = {item.column: self._trees.tree(item.type, row.get(item.column)) for item in entity.stored}
        if entity.key_column and counted(entity, key):
            members.pop(entity.key_column, None)
        return {"entity": entity.name, "at": at, **{f".{name}": tree for name, tree in members.items()}}

    def _changed_fields(self, entity: Entity, old: Row, new: Row) -> Iterator[tuple[str, Tree]]:
        for item in entity.stored:
            one, other = old.get(item.column), new.get(item.column)
            if one != other and not _equal(one, other, _is_set(item.type)):
                yield item.column, self._trees.tree(item.type, other)
