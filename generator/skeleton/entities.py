"""Checks entities: names, keys, fields, owners, reference rows and queries."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.attributes import Attributes
from generator.skeleton.document import AttributesDoc, EntityDoc, QueryDoc
from generator.skeleton.expressions import Expressions
from generator.skeleton.functions import FUNCTIONS
from generator.skeleton.model import Entity, Field, KeyKind, Model, Query
from generator.skeleton.samples import parse_population
from generator.skeleton.scope import Path, Scope
from generator.skeleton.typenames import TypeNames
from generator.skeleton.types import (
    BOOLEAN,
    TEXT,
    UNKNOWN,
    Ref,
    Type,
    bare,
)
from generator.skeleton.wording import nearest


class Entities:
    """Fills a model with its types and entities."""

    def __init__(self, model: Model, expressions: Expressions, report: Callable[[Problem], None]) -> None:
        self.model = model
        self.document = model.document
        self.expressions = expressions
        self.attributes = Attributes(model, report)
        self.types = TypeNames(model, self.attributes, report)
        self._report = report

    def _problem(self, path: Path, message: str) -> None:
        self._report(Problem(path, message))

    def read_types(self) -> None:
        """The types; the names of entities before them, since records may refer to rows."""
        for name, doc in self.document.entities.items():
            self._declare(name, doc)
        self.types.read()

    def _declare(self, name: str, doc: EntityDoc) -> None:
        path = ("entities", name)
        kind: KeyKind = doc.id.kind if doc.id else "composite" if doc.key else "none"
        if doc.id and doc.key:
            self._problem((*path, "key"), "an entity has an id or a key, not both")
        column = {"counted": f"{name}_id", "given": doc.id.given if doc.id else None}.get(kind)
        if doc.id and doc.id.kind == "counted" and not _is_pattern(doc.id.pattern):
            self._problem((*path, "id"), f"'{doc.id.pattern}' is no pattern for ids; write one such as U-{{n:03}}")
        if doc.id and doc.id.next and not _is_pattern(doc.id.next):
            self._problem((*path, "id", "next"), f"'{doc.id.next}' is no pattern for ids")
        plurals = [other for other, item in self.document.entities.items() if item.plural == doc.plural]
        if plurals[0] != name:
            self._problem((*path, "plural"), f"the plural '{doc.plural}' is that of {plurals[0]} already")
        if doc.plural in FUNCTIONS or (doc.plural in self.document.entities and kind != "one"):
            self._problem((*path, "plural"), f"the plural '{doc.plural}' is the name of something else")
        self.model.entities[name] = Entity(name, doc.plural, doc, kind, column)

    def read_fields(self) -> None:
        """The fields of every entity, then owners, then what refers to other fields."""
        for entity in self.model.entities.values():
            self._fields(entity)
        for entity in self.model.entities.values():
            self._own(entity)
        for entity in self.model.entities.values():
            for item in entity.fields.values():
                self.attributes.check(item, ("entities", entity.name, "fields", item.name), entity)
            self._check_entity(entity)

    def _fields(self, entity: Entity) -> None:
        path: Path = ("entities", entity.name, "fields")
        docs = self._field_docs(entity, path)
        given = entity.key_column if entity.key == "given" else None
        if given:
            docs = {given: docs.get(given, AttributesDoc(type="text")), **docs}
        if entity.doc.part_of:
            parent = entity.doc.part_of.split(".")[0]
            if parent in docs:
                self._problem((*path, parent), f"the ref to the owner is made by part_of; leave out '{parent}'")
            first = {given: docs[given]} if given else {}
            docs = {**first, parent: AttributesDoc(type=parent), **docs}
        for name, doc in docs.items():
            type_: Type = UNKNOWN
            if entity.doc.part_of and name == entity.doc.part_of.split(".")[0]:
                if name in self.model.entities:
                    type_ = Ref(name)
            else:
                type_ = self.types.type_of(doc.type, (*path, name))
            entity.fields[name] = Field(name, type_, doc, self.model.column(name, type_))
        if given and entity.fields[given].type != TEXT:
            self._problem((*path, given), "a natural key is a text")
        columns: dict[str, str] = {} if entity.key != "counted" else {f"{entity.name}_id": "its id"}
        for item in entity.fields.values():
            if item.column in columns:
                self._problem((*path, item.name), f"its name in rows, {item.column}, is that of {columns[item.column]}")
            columns[item.column] = item.name

    def _field_docs(self, entity: Entity, path: Path) -> dict[str, AttributesDoc]:
        if isinstance(entity.doc.fields, dict):
            return dict(entity.doc.fields)
        record = self.document.types.get(entity.doc.fields)
        if isinstance(record, dict):
            return dict(record)
        self._problem(
            path,
            f"there is no record type '{entity.doc.fields}'{nearest(entity.doc.fields, self.document.types)}",
        )
        return {}

    def _own(self, entity: Entity) -> None:
        if not entity.doc.part_of:
            return
        path: Path = ("entities", entity.name, "part_of")
        parent, list_name = entity.doc.part_of.split(".")
        owner = self.model.entities.get(parent)
        if owner is None:
            self._problem(path, f"there is no entity '{parent}'{nearest(parent, self.model.entities)}")
            return
        if owner.key not in ("counted", "given"):
            self._problem(path, f"{parent} has no id of its own, so it cannot own rows")
        if list_name in owner.fields or list_name in owner.owned:
            self._problem(path, f"{parent} has a field '{list_name}' already")
        entity.parent, entity.parent_list = parent, list_name
        owner.owned[list_name] = entity.name
        above: str | None = parent
        seen = {entity.name}
        while above:
            if above in seen:
                self._problem(path, "part_of goes in a circle")
                break
            seen.add(above)
            part_of = self.model.entities[above].doc.part_of if above in self.model.entities else None
            above = part_of.split(".")[0] if part_of else None

    def _check_entity(self, entity: Entity) -> None:
        path: Path = ("entities", entity.name)
        for name in entity.doc.key or []:
            if name not in entity.fields:
                self._problem((*path, "key"), f"there is no field '{name}'{nearest(name, entity.fields)}")
        label = entity.doc.label
        if label and (label not in entity.fields or bare(entity.fields[label].type) != TEXT):
            self._problem((*path, "label"), f"the label is a text field{nearest(label, entity.fields)}")
        population = entity.doc.population
        if isinstance(population, str) and parse_population(population) is None:
            self._problem((*path, "population"), f"'{population}' is no range such as 6..12")
        if isinstance(population, list):
            self._check_reference_rows(entity, population)

    def _check_reference_rows(self, entity: Entity, rows: list[dict[str, object]]) -> None:
        for at, row in enumerate(rows):
            path: Path = ("entities", entity.name, "population", at)
            for name in row:
                if name not in entity.fields or not entity.fields[name].stored:
                    self._problem((*path, name), f"there is no field '{name}'{nearest(name, entity.fields)}")
            for item in entity.stored:
                if item.name not in row and not item.optional and item.doc.default is None:
                    self._problem(path, f"'{item.name}' is missing")

    def read_expressions(self) -> None:
        """Defaults and derived fields, once every field is known; then queries."""
        for entity in self.model.entities.values():
            scope = Scope(names={entity.name: Ref(entity.name)})
            for item in entity.fields.values():
                path = ("entities", entity.name, "fields", item.name)
                if item.doc.default is not None:
                    item.default = self.expressions.value(item.doc.default, Scope(), (*path, "default"), item.type)
                if item.doc.derived is not None:
                    item.derived = self.expressions.value(item.doc.derived, scope, (*path, "derived"), item.type)
            for name, doc in entity.doc.queries.items():
                entity.queries[name] = self._query(entity, name, doc, scope)
        for name, members in self.model.members.items():
            for item in members.values():
                if item.doc.default is not None or item.doc.derived is not None:
                    self._problem(("types", name, item.name), "members of records have no default and are not derived")

    def _query(self, entity: Entity, name: str, doc: QueryDoc, scope: Scope) -> Query:
        path: Path = ("entities", entity.name, "queries", name)
        if name in self.document.operations:
            self._problem(path, f"there is an operation '{name}' too; tools need names of their own")
        if (
            doc.kind in ("get", "exists")
            and entity.key in ("none", "one")
            and not (doc.kind == "get" and entity.key == "one")
        ):
            self._problem(path, f"{entity.name} has no id to look it up by")
        for wanted in doc.fields or []:
            if wanted not in entity.fields and wanted not in entity.owned:
                self._problem(path, f"{entity.name} has no field '{wanted}'{nearest(wanted, entity.fields)}")
        if doc.field and doc.field not in entity.fields:
            self._problem(path, f"{entity.name} has no field '{doc.field}'{nearest(doc.field, entity.fields)}")
        elif doc.field and doc.kind == "find" and bare(entity.fields[doc.field].type) != TEXT:
            self._problem(path, "find looks a row up by a text field")
        if doc.order and doc.order.lstrip("-") not in entity.fields:
            self._problem(
                (*path, "order"),
                f"{entity.name} has no field '{doc.order}'{nearest(doc.order, entity.fields)}",
            )
        query = Query(name, doc)
        if doc.where is not None:
            query.where = self.expressions.check(doc.where, scope, (*path, "where"), BOOLEAN)
        return query


def _is_pattern(text: str | None) -> bool:
    return text is not None and re.fullmatch(r"[^{}]*\{n(:0\d+)?\}[^{}]*", text) is not None
