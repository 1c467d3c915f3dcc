"""Checks the queries of entities."""

from __future__ import annotations

from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.document import QueryDoc
from generator.skeleton.expressions import Expressions
from generator.skeleton.model import Entity, Model, Query
from generator.skeleton.scope import Path, Scope
from generator.skeleton.types import BOOLEAN, MOMENTS, NUMBERS, TEXT, UNKNOWN, Enum, ListOf, MapOf, Record, Ref, bare
from generator.skeleton.wording import a, nearest

_ORDERED = (*NUMBERS, *MOMENTS, TEXT, BOOLEAN, UNKNOWN)
_WINDOW = ("limit", "offset")  # the arguments that every list query has


class Queries:
    """Reads one-line queries."""

    def __init__(self, model: Model, expressions: Expressions, report: Callable[[Problem], None]) -> None:
        self._model = model
        self._expressions = expressions
        self._report = report

    def _problem(self, path: Path, message: str) -> None:
        self._report(Problem(path, message))

    def query(self, entity: Entity, name: str, doc: QueryDoc) -> Query:
        """The query, its `where` over the row that bears the entity's name."""
        path: Path = ("entities", entity.name, "queries", name)
        self._check_kind(entity, doc, path)
        for wanted in doc.fields or []:
            names = [*entity.fields, *entity.owned, *([entity.key_column] if entity.key_column else [])]
            if wanted not in names:
                self._problem(path, f"{entity.name} has no field '{wanted}'{nearest(wanted, names)}")
        if doc.field is not None:
            self._check_field(entity, doc, doc.field, path)
        if doc.order is not None:
            self._check_order(entity, doc.order, (*path, "order"))
        query = Query(name, doc)
        if doc.where is not None:
            scope = Scope(names={entity.name: Ref(entity.name)})
            query.where = self._expressions.check(doc.where, scope, (*path, "where"), BOOLEAN)
            if entity.name not in scope.used:
                self._problem((*path, "where"), f"'where' says nothing about the {entity.name}; name its fields")
        return query

    def _check_kind(self, entity: Entity, doc: QueryDoc, path: Path) -> None:
        if (doc.kind == "exists" and entity.key in ("none", "one")) or (doc.kind == "get" and entity.key == "none"):
            self._problem(path, f"{entity.name} has no id to look it up by")
        lists = doc.kind in ("by", "all")
        if doc.order is not None and not lists:
            self._problem((*path, "order"), "'order' is for lists: 'by' and 'all'")
        if doc.take is not None and doc.kind != "by":
            self._problem((*path, "take"), "'take: one' is for queries by a field")
        if doc.where is not None and not lists:
            self._problem((*path, "where"), "'where' is for lists: 'by' and 'all'")
        if doc.take is not None and doc.order is not None:
            self._problem((*path, "order"), "there is nothing to order where only one row is taken")

    def _check_field(self, entity: Entity, doc: QueryDoc, name: str, path: Path) -> None:
        item = entity.fields.get(name)
        if item is None:
            hint = nearest(name, entity.fields)
            if name == entity.key_column:
                hint = "; rows are read by their id with 'get'"
            self._problem(path, f"{entity.name} has no field '{name}' to look rows up by{hint}")
            return
        type_ = bare(item.type)
        if doc.kind == "find":
            if type_ not in (TEXT, UNKNOWN):
                self._problem(path, f"find looks a row up by a text field; '{name}' is {a(item.type)}")
        elif isinstance(bare(type_.item) if isinstance(type_, ListOf) else type_, MapOf | Record | ListOf):
            self._problem(path, f"rows cannot be looked up by '{name}', which is {a(item.type)}")
        elif item.column in _WINDOW and doc.take is None:
            self._problem(path, f"the argument '{item.column}' would stand for two things; rename the field")

    def _check_order(self, entity: Entity, order: str, path: Path) -> None:
        for part in order.split(","):
            name = part.strip().removeprefix("-")
            item = entity.fields.get(name)
            if item is None:
                self._problem(path, f"{entity.name} has no field '{name}'{nearest(name, entity.fields)}")
            elif not isinstance(bare(item.type), Enum) and bare(item.type) not in _ORDERED:
                self._problem(path, f"'{name}' is {a(item.type)}, which has no order")
