"""Checks types and entities: names, keys, fields and their attributes, queries."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.document import AttributesDoc, EntityDoc, QueryDoc
from generator.skeleton.expressions import Expressions, Path, Scope, nearest
from generator.skeleton.functions import FUNCTIONS
from generator.skeleton.model import Bound, Entity, Field, KeyKind, Model, Query
from generator.skeleton.samples import Between, Provider, Span, parse_population, parse_sample
from generator.skeleton.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    MOMENTS,
    MONEY,
    NUMBERS,
    STORED_SCALARS,
    TEXT,
    TIME,
    UNKNOWN,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
    bare,
)

_TYPE_WORDS = [*STORED_SCALARS, "optional", "list of", "set of", "map of"]
_MOMENT_BOUNDS = {
    DATE: r"\d{4}-\d{2}-\d{2}",
    TIME: r"\d{2}:\d{2}(:\d{2})?",
    DATETIME: r"\d{4}-\d{2}-\d{2}T[\d:]{8}",
}


class Entities:
    """Fills a model with its types and entities."""

    def __init__(self, model: Model, expressions: Expressions, report: Callable[[Problem], None]) -> None:
        self.model = model
        self.document = model.document
        self.expressions = expressions
        self._problem = lambda path, message: report(Problem(path, message))

    # -- types ----------------------------------------------------------------------------------------------------

    def read_types(self) -> None:
        """Enums first, then records, which may name each other but not in a circle."""
        for name, doc in self.document.types.items():
            if name in STORED_SCALARS or name in self.document.entities:
                self._problem(("types", name), f"the name '{name}' is that of another type or entity")
            if isinstance(doc, list):
                if len(set(doc)) != len(doc) or not doc:
                    self._problem(("types", name), "an enum is a list of different words")
                self.model.enums[name] = Enum(tuple(doc), name)
        for name in self.document.entities:
            self._declare(name, self.document.entities[name])
        for name, doc in self.document.types.items():
            if isinstance(doc, dict):
                self._record(name, ())

    def _record(self, name: str, above: tuple[str, ...]) -> Record:
        if name in self.model.records:
            return self.model.records[name]
        doc = self.document.types[name]
        assert isinstance(doc, dict)
        if name in above:
            self._problem(("types", name), "record types go in a circle: " + " → ".join((*above, name)))
            return Record((), name)
        members: dict[str, Field] = {}
        for member, attributes in doc.items():
            path = ("types", name, member)
            type_ = self.type_of(attributes.type, path, (*above, name))
            members[member] = Field(member, type_, attributes, self.model.column(member, type_))
            self._check_attributes(members[member], path)
        self.model.members[name] = members
        self.model.records[name] = Record(tuple((item.name, item.type) for item in members.values()), name)
        return self.model.records[name]

    def type_of(self, text: str, path: Path, above: tuple[str, ...] = ()) -> Type:
        """The type that a text names; a problem and `unknown` where it names none."""
        text = text.strip()
        if text in STORED_SCALARS:
            return STORED_SCALARS[text]
        if text in self.document.entities:
            if self.model.entities[text].key not in ("counted", "given"):
                self._problem(path, f"{text} has no id of its own, so nothing can refer to one")
            return Ref(text)
        if text in self.model.enums:
            return self.model.enums[text]
        if isinstance(self.document.types.get(text), dict):
            return self._record(text, above)
        if text.startswith("optional "):
            inner = self.type_of(text.removeprefix("optional "), path, above)
            return inner if isinstance(inner, Maybe) else Maybe(inner)
        for word in ("list", "set"):
            if text.startswith(f"{word} of "):
                return ListOf(self.type_of(text.removeprefix(f"{word} of "), path, above), word == "set")
        if match := re.fullmatch(r"map of (\w+) to (.+)", text):
            key, value = self.type_of(match[1], path, above), self.type_of(match[2], path, above)
            if isinstance(key, Enum) and (value in STORED_SCALARS.values() or isinstance(value, Enum)):
                return MapOf(key, value)
            self._problem(path, "a map goes from an enum to a plain value: map of cabin to integer")
            return UNKNOWN
        if text.startswith("[") and text.endswith("]"):
            words = tuple(word.strip() for word in text[1:-1].split(","))
            return Enum(words)
        if not text:
            self._problem(path, "a type is missing")
            return UNKNOWN
        choices = [*_TYPE_WORDS, *self.document.types, *self.document.entities]
        self._problem(path, f"there is no type '{text}'{nearest(text, choices)}")
        return UNKNOWN

    # -- entities -------------------------------------------------------------------------------------------------

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
                self._check_attributes(item, ("entities", entity.name, "fields", item.name), entity)
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
                type_ = self.type_of(doc.type, (*path, name))
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

    # -- attributes -------------------------------------------------------------------------------------------------

    def _check_attributes(self, item: Field, path: Path, entity: Entity | None = None) -> None:
        doc, type_ = item.doc, bare(item.type)
        if type_ == UNKNOWN:
            return
        item.minimum, item.maximum = self.bounds(doc, item.type, path)
        self.check_sample(doc, item.type, path)
        if doc.not_blank and type_ != TEXT:
            self._problem((*path, "not_blank"), "not_blank is for texts")
        if doc.pattern is not None:
            self.check_pattern(doc.pattern, type_, (*path, "pattern"))
        if doc.transitions is not None:
            self._check_transitions(doc.transitions, type_, (*path, "transitions"))
        if doc.on_delete is not None:
            self._check_on_delete(doc.on_delete, item.type, (*path, "on_delete"))
        if doc.only_for is not None:
            self._check_only_for(doc.only_for, item, entity, (*path, "only_for"))
        if doc.weights is not None and not (isinstance(type_, Enum) and len(doc.weights) == len(type_.words)):
            self._problem((*path, "weights"), "weights gives one number for each word of an enum")
        if doc.unique and (entity is None or isinstance(type_, ListOf | MapOf | Record)):
            self._problem((*path, "unique"), "unique is for plain fields of entities")
        if doc.default is not None and doc.derived is not None:
            self._problem(path, "a derived field has no default")

    def bounds(self, doc: AttributesDoc, type_: Type, path: Path) -> tuple[Bound | None, Bound | None]:
        """`min` and `max` as values of the type they bound."""
        low, high = (self._bound(text, type_, (*path, word)) for text, word in ((doc.min, "min"), (doc.max, "max")))
        if low is not None and high is not None and type(low) is type(high) and low > high:  # type: ignore[operator]
            self._problem((*path, "max"), f"max is below min: {doc.max} < {doc.min}")
        return low, high

    def _bound(self, text: str | None, type_: Type, path: Path) -> Bound | None:
        if text is None:
            return None
        target = bounded(type_)
        try:
            if target == INTEGER:
                return int(text)
            if target in (DECIMAL, MONEY):
                return float(text)
        except ValueError:
            self._problem(path, f"'{text}' is no {'whole number' if target == INTEGER else 'number'}")
            return None
        if target in MOMENTS and re.fullmatch(_MOMENT_BOUNDS[target], text):  # type: ignore[index]
            return f"{text}:00" if target == TIME and len(text) == 5 else text
        self._problem(path, f"'{text}' does not bound a {type_}")
        return None

    def check_sample(self, doc: AttributesDoc, type_: Type, path: Path) -> None:
        """A sample must make values of the field's type."""
        if doc.sample is None:
            return
        target = bare(type_)
        target = (
            target.value if isinstance(target, MapOf) else bare(target.item) if isinstance(target, ListOf) else target
        )
        sample = parse_sample(doc.sample, self.document.corpora)
        path = (*path, "sample")
        if sample is None:
            choices = [*self.document.corpora, "person.name", "past.3y", "future.30d"]
            self._problem(
                path,
                f"'{doc.sample}' is no range, span, provider or list of words{nearest(doc.sample, choices)}",
            )
        elif isinstance(sample, Between):
            if target not in (*NUMBERS, TIME):
                self._problem(path, f"a range samples numbers or times, not {target}")
            for end in (sample.low, sample.high):
                self._bound(end, target, path)
        elif isinstance(sample, Span):
            if target not in (DATE, DATETIME):
                self._problem(path, f"'{doc.sample}' samples dates, not {target}")
        elif target != TEXT:
            self._problem(
                path,
                f"'{doc.sample}' samples {'names' if isinstance(sample, Provider) else 'words'}, not {target}",
            )

    def check_pattern(self, pattern: str, type_: Type, path: Path) -> None:
        """A regular expression that both Python and JSON Schema understand."""
        if type_ != TEXT:
            self._problem(path, "pattern is for texts")
        try:
            re.compile(pattern)
        except re.error as error:
            self._problem(path, f"'{pattern}' is no regular expression: {error}")

    def _check_transitions(self, transitions: dict[str, list[str]], type_: Type, path: Path) -> None:
        if not isinstance(type_, Enum):
            self._problem(path, "transitions are for enums")
            return
        for word in [*transitions, *(word for targets in transitions.values() for word in targets)]:
            if word not in type_.words:
                self._problem(path, f"'{word}' is no {type_}{nearest(word, type_.words)}")

    def _check_on_delete(self, way: str, type_: Type, path: Path) -> None:
        if way == "clear" and not (isinstance(type_, Maybe) and isinstance(type_.item, Ref)):
            self._problem(path, "clear is for optional refs")
        elif way == "remove" and not (isinstance(type_, ListOf) and isinstance(type_.item, Ref)):
            self._problem(path, "remove is for lists and sets of refs")
        elif self.model.entity_of(type_) is None:
            self._problem(path, "on_delete is for refs")

    def _check_only_for(self, only_for: dict[str, list[str]], item: Field, entity: Entity | None, path: Path) -> None:
        if not item.optional:
            self._problem(path, "only_for is for optional fields")
        for name, words in only_for.items():
            other = entity.fields.get(name) if entity else None
            if other is None or not isinstance(other.type, Enum):
                self._problem(path, f"'{name}' is no enum field of the same entity")
                continue
            for word in words:
                if word not in other.type.words:
                    self._problem(path, f"'{word}' is no {other.type}{nearest(word, other.type.words)}")

    # -- expressions of fields and queries ---------------------------------------------------------------------------

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


def bounded(type_: Type) -> Type:
    """What `min`, `max` and `sample` speak of: the values of maps and of lists of scalars, else a length."""
    type_ = bare(type_)
    if isinstance(type_, MapOf):
        return type_.value
    if isinstance(type_, ListOf):
        return INTEGER if isinstance(type_.item, Ref | Record) else type_.item
    return type_


def _is_pattern(text: str | None) -> bool:
    return text is not None and re.fullmatch(r"[^{}]*\{n(:0\d+)?\}[^{}]*", text) is not None
