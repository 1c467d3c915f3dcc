"""Checks and allowed changes, made from an outcome: what a right solution leaves behind, not how it got there.

No check names an id that was made during the episode: a new row is known by its content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.scengenerator.check_words import CheckWords
from generator.scengenerator.outcomes import Change, difference
from generator.scengenerator.provenance import references
from generator.scengenerator.scenario import AllowedChange, Check, JsonObject
from generator.scengenerator.steps import Plan, actors
from generator.skeleton.facts import escalations
from generator.skeleton.model import Entity, Field, Model
from generator.skeleton.types import ListOf, MapOf, Maybe, Record, Ref, Type, bare

Row = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """Checks and allowed changes of one outcome."""

    checks: list[Check]
    allowed: list[AllowedChange]


class CheckWriter:
    """Writes what must be true at the end, in the expression language."""

    def __init__(self, model: Model, start: Any, end: Any) -> None:
        """`start` and `end` are environments before and after a right solution."""
        self.model = model
        self.words = CheckWords(model, start, end)
        self.initial: JsonObject = start.state
        self.final: JsonObject = end.state
        self.changes = difference(self.initial, self.final, model)
        self._new = {(change.table, change.row) for change in self.changes if change.kind == "created"}

    def write(self) -> Expected:
        """One goal for each row that changed or went, one for each kind of new row."""
        checks: list[Check] = []
        allowed: list[AllowedChange] = []
        for table in dict.fromkeys(change.table for change in self.changes):
            entity = self.model.by_plural(table)
            assert entity is not None
            changes = [change for change in self.changes if change.table == table]
            for change in changes:
                if change.kind == "changed":
                    allowed.append(AllowedChange(table=table, row=change.row, fields=list(change.fields)))
                elif change.kind == "deleted":
                    allowed.append(AllowedChange(table=table, row=change.row, delete=True))
                if entity.key != "none" and change.kind != "created":
                    checks.append(
                        self._changed(entity, change) if change.kind == "changed" else self._deleted(entity, change)
                    )
            made, permitted = self._created(entity, [change for change in changes if change.kind == "created"])
            checks += made
            allowed += permitted
            if entity.key == "none":
                checks += self._contents(entity, changes)
                checks += self._numbers(entity, changes)
        for number, check in enumerate(checks, start=1):
            check.id = f"goal-{number}"
        return Expected(checks, allowed)

    # -- rows that were there -------------------------------------------------------------------------------------

    def _changed(self, entity: Entity, change: Change) -> Check:
        row = self.final["tables"][change.table][change.row]
        tests = [self._is_row(entity, "x", change.row)]
        for column in change.fields:
            item = entity.field_of_column(column)
            assert item is not None
            tests.append(self._test(f"x.{item.name}", item.type, row[column]))
        that = f"any({' and '.join(tests)} for x in {entity.plural})"
        if entity.key == "one":
            that = " and ".join(test.replace("x.", f"{entity.name}.", 1) for test in tests[1:])
        return Check(id="", kind="goal", description=self.words.changed(entity, change), that=that)

    def _deleted(self, entity: Entity, change: Change) -> Check:
        that = f"not any({self._is_row(entity, 'x', change.row)} for x in {entity.plural})"
        return Check(id="", kind="goal", description=self.words.gone(entity, change.row), that=that)

    def _is_row(self, entity: Entity, variable: str, key: str) -> str:
        """A test for one row that was there at the start, by its id or key."""
        if entity.key == "composite":
            row = self._row(entity, key)
            return " and ".join(
                self._test(f"{variable}.{item.name}", item.type, row[item.column]) for item in entity.key_fields
            )
        return f"{variable}.{entity.key_column} == {key!r}"

    def _row(self, entity: Entity, key: str) -> Row:
        rows = self.final["tables"][entity.plural]
        row: Row = rows[key] if key in rows else self.initial["tables"][entity.plural][key]
        return row

    # -- rows that were made --------------------------------------------------------------------------------------

    def _created(self, entity: Entity, changes: list[Change]) -> tuple[list[Check], list[AllowedChange]]:
        groups: dict[str, list[Change]] = {}
        for change in changes:
            row = self.final["tables"][change.table][change.row]
            groups.setdefault(self._content(entity, "x", row, frozenset({(change.table, change.row)})), []).append(
                change
            )
        checks, allowed = [], []
        for content, same in groups.items():
            new = f"x not in before.{entity.plural}" + (f" and {content}" if content else "")
            that = f"count(x for x in {entity.plural} if {new}) == {len(same)}"
            row = self.final["tables"][entity.plural][same[0].row]
            words = self.words.created(entity, same[0].row, len(same))
            checks.append(Check(id="", kind="goal", description=words, that=that))
            own = self._content(entity, entity.name, row, frozenset({(entity.plural, same[0].row)}))
            allowed.append(AllowedChange(table=entity.plural, where=own or None, create=True, at_most=len(same)))
        return checks, allowed

    def _content(self, entity: Entity, variable: str, row: Row, seen: frozenset[tuple[str, str]]) -> str:
        """Tests for everything that a new row holds; a new row that it refers to is described in its turn."""
        tests: list[str] = []
        for item in entity.stored:
            path, value = f"{variable}.{item.name}", row[item.column]
            target = self.model.entity_of(item.type)
            if target is not None and self._names_new(item, target, value):
                tests += self._new_ref(item, target, path, value, seen)
            else:
                tests.append(self._test(path, item.type, value))
        return " and ".join(tests)

    def _names_new(self, item: Field, target: Entity, value: Any) -> bool:
        keys = value if isinstance(bare(item.type), ListOf) else [value]
        return any((target.plural, key) in self._new and target.key == "counted" for key in keys or [])

    def _new_ref(
        self, item: Field, target: Entity, path: str, value: Any, seen: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        if isinstance(bare(item.type), ListOf):
            yield f"len({path}) == {len(value)}"
            return
        if isinstance(item.type, Maybe):
            yield f"{path} is not None"
        if (target.plural, value) not in seen:
            inner = self.final["tables"][target.plural][value]
            yield self._content(target, path, inner, seen | {(target.plural, value)}) or "True"

    def _contents(self, entity: Entity, changes: list[Change]) -> Iterator[Check]:
        """Rows without an id that changed or went: how many there are of what they were and of what they are."""
        before, after = self.initial["tables"][entity.plural], self.final["tables"][entity.plural]
        rows: list[Row] = []
        for change in changes:
            if change.kind != "created":
                rows += [table[change.row] for table in (before, after) if change.row in table]
        seen: list[Row] = []
        for row in rows:
            was, now = ([one for one in table.values() if one == row] for table in (before, after))
            if row in seen or len(was) == len(now):
                continue
            seen.append(row)
            content = self._content(entity, "x", row, frozenset())
            that = f"count(x for x in {entity.plural} if {content}) == {len(now)}"
            yield Check(id="", kind="goal", description=self.words.content(entity, row, len(now)), that=that)

    def _numbers(self, entity: Entity, changes: list[Change]) -> Iterator[Check]:
        """Rows without an id of their own: how many each owner has."""
        if entity.parent is None:
            return
        parent = entity.fields[entity.parent]
        owners = dict.fromkeys(
            key for change in changes if (key := self._owner(entity, change, parent.column)) is not None
        )
        for owner in owners:
            target = self.model.entities[entity.parent]
            if (target.plural, owner) in self._new and target.key == "counted":
                continue
            rows = [row for row in self.final["tables"][entity.plural].values() if row[parent.column] == owner]
            first = [row for row in self.initial["tables"][entity.plural].values() if row[parent.column] == owner]
            if len(rows) == len(first):
                continue
            test = self._test(f"x.{parent.name}", parent.type, owner)
            that = f"count(x for x in {entity.plural} if {test}) == {len(rows)}"
            words = self.words.count(entity, target, owner, len(rows))
            yield Check(id="", kind="goal", description=words, that=that)

    def _owner(self, entity: Entity, change: Change, column: str) -> str | None:
        for state in (self.final, self.initial):
            row = state["tables"][entity.plural].get(change.row)
            if row is not None:
                owner: str = row[column]
                return owner
        return None

    # -- values -----------------------------------------------------------------------------------------------------

    def _test(self, path: str, type_: Type, value: Any) -> str:
        """A test that what stands at `path` equals a value of rows; it never raises."""
        if value is None:
            return f"{path} is None"
        inner = bare(type_)
        there = f"{path} is not None and " if isinstance(type_, Maybe) else ""
        if isinstance(inner, Ref):
            entity = self.model.entities[inner.entity]
            return f"{there}{path}.{entity.key_column} == {value!r}"
        if isinstance(inner, ListOf):
            return there + self._list_test(path, inner, value)
        if isinstance(inner, MapOf):
            tests = [f"{word!r} in {path} and {path}[{word!r}] == {amount!r}" for word, amount in value.items()]
            return there + (" and ".join([f"len({path}) == {len(value)}", *tests]))
        if isinstance(inner, Record):
            members = [
                self._test(f"{path}.{name}", item, value[self.model.column(name, item)]) for name, item in inner.fields
            ]
            return there + " and ".join(members)
        return f"{path} == {value!r}"

    def _list_test(self, path: str, type_: ListOf, value: list[Any]) -> str:
        item = type_.item
        if not value:
            return f"len({path}) == 0"
        if isinstance(item, Ref):
            entity = self.model.entities[item.entity]
            keys = f"[r.{entity.key_column} for r in {path}]"
            return f"sorted({keys}) == {sorted(value)!r}" if type_.distinct else f"{keys} == {value!r}"
        if isinstance(item, Record):
            tests = [f"len({path}) == {len(value)}"]
            for entry in value:
                inner = [self._test(f"r.{name}", t, entry[self.model.column(name, t)]) for name, t in item.fields]
                tests.append(f"any({' and '.join(inner)} for r in {path})")
            return " and ".join(tests)
        if type_.distinct:
            tests = [f"{part!r} in {path}" for part in value]
            return " and ".join([f"len({path}) == {len(value)}", *tests])
        return f"{path} == {value!r}"


def acting(model: Model, plan: Plan) -> list[Check]:
    """Who acts: a parameter that only guards read leaves no other trace."""
    checks: list[Check] = []
    initial = plan.start.state["tables"]
    words = CheckWords(model, plan.start, plan.end)
    for number, step in enumerate(plan.steps, start=1):
        if not {param.argument for param in actors(step.operation)} & step.arguments.keys():
            continue
        known = {
            key
            for entity, key in references(model, step.operation, step.arguments)
            if key in initial[model.entities[entity].plural]
        }
        given = {
            param.argument: value
            for param in step.operation.params
            if isinstance(value := step.arguments.get(param.argument), str) and value in known
        }
        listed = ", ".join(f"{name}={value!r}" for name, value in given.items())
        that = f"called('{step.operation.name}', {listed})"
        said = words.call(step.operation, given)
        checks.append(Check(id=f"actor-{number}", kind="goal", description=said, that=that, weight=0.5))
    return checks


def declining(model: Model) -> Check:
    """The goal of what has to be declined: the agent says so, or hands over with the tool for it."""
    tools = escalations(model)
    that = " or ".join([*(f"called('{tool.name}')" for tool in tools), "declines(answer)"])
    words = "the agent says that it cannot be done" + (", or hands the request over" if tools else "")
    return Check(id="goal-1", kind="goal", description=words, that=that)
