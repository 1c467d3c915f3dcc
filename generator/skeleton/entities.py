"""Checks entities: names, keys, fields, owners, reference rows and queries."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.attributes import Attributes
from generator.skeleton.document import AttributesDoc, EntityDoc
from generator.skeleton.expressions import Expressions
from generator.skeleton.model import Entity, Field, KeyKind, Model
from generator.skeleton.queries import Queries
from generator.skeleton.reference_rows import ReferenceRows
from generator.skeleton.samples import parse_population
from generator.skeleton.scope import Path, Scope
from generator.skeleton.typenames import TypeNames
from generator.skeleton.types import (
    TEXT,
    UNKNOWN,
    ListOf,
    MapOf,
    Record,
    Ref,
    Type,
)
from generator.skeleton.wording import a, nearest


class Entities:
    """Fills a model with its types and entities."""

    def __init__(self, model: Model, expressions: Expressions, report: Callable[[Problem], None]) -> None:
        self.model = model
        self.document = model.document
        self.expressions = expressions
        self.attributes = Attributes(model, report)
        self.types = TypeNames(model, self.attributes, report)
        self._queries = Queries(model, expressions, report)
        self._reference_rows = ReferenceRows(model, report)
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
        for entity in self.model.entities.values():
            if entity.reference:
                self._reference_rows.check(entity)

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
        if list_name in owner.owned:
            self._problem(path, f"{parent} has a list '{list_name}' already, of {owner.owned[list_name]}")
        if list_name in owner.fields or list_name == owner.key_column or owner.field_of_column(list_name):
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
            item = entity.fields.get(name)
            if item is None:
                self._problem((*path, "key"), f"{entity.name} has no field '{name}'{nearest(name, entity.fields)}")
            elif not item.stored or item.optional or isinstance(item.type, ListOf | MapOf | Record):
                self._problem((*path, "key"), f"'{name}' is {a(item.type)}; a key is made of plain stored fields")
        if len(set(entity.doc.key or [])) < len(entity.doc.key or []):
            self._problem((*path, "key"), "the same field stands twice in the key")
        self._check_label(entity, (*path, "label"))
        population = entity.doc.population
        if isinstance(population, str) and parse_population(population) is None:
            self._problem((*path, "population"), f"'{population}' is no range such as 6..12")

    def _check_label(self, entity: Entity, path: Path) -> None:
        label = entity.doc.label
        if label is None:
            return
        item = entity.fields.get(label)
        if item is None:
            self._problem(path, f"{entity.name} has no field '{label}'{nearest(label, entity.fields)}")
        elif item.type not in (TEXT, UNKNOWN):
            self._problem(path, f"'{label}' is {a(item.type)}; the label is a text that is always there")

    def read_expressions(self) -> None:
        """Defaults and derived fields, once every field is known; then queries."""
        for entity in self.model.entities.values():
            scope = Scope(names={entity.name: Ref(entity.name)})
            for item in entity.fields.values():
                path = ("entities", entity.name, "fields", item.name)
                if item.doc.default is not None:
                    item.default = self.expressions.value(item.doc.default, Scope(), (*path, "default"), item.type)
                    self.attributes.check_default(item, path)
                if item.doc.derived is not None:
                    item.derived = self.expressions.value(item.doc.derived, scope, (*path, "derived"), item.type)
            for name, doc in entity.doc.queries.items():
                entity.queries[name] = self._queries.query(entity, name, doc)
        for name, members in self.model.members.items():
            for item in members.values():
                if item.doc.default is not None or item.doc.derived is not None:
                    self._problem(("types", name, item.name), "members of records have no default and are not derived")


def _is_pattern(text: str | None) -> bool:
    return text is not None and re.fullmatch(r"[^{}]*\{n(:0\d+)?\}[^{}]*", text) is not None
