"""The checked skeleton: what a document means, with every name resolved and every expression typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from generator.skeleton.document import AttributesDoc, EntityDoc, OperationDoc, QueryDoc, Skeleton
from generator.skeleton.nodes import Instance, Node
from generator.skeleton.types import Enum, ListOf, Maybe, Record, Ref, Type

Bound = int | float | str  # a number, or a date or time as text
KeyKind = Literal["counted", "given", "one", "composite", "none"]


@dataclass
class Field:
    """A field of an entity or a member of a record; `column` is its name in rows and arguments."""

    name: str
    type: Type
    doc: AttributesDoc
    column: str
    default: Node | None = None
    derived: Node | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None

    @property
    def stored(self) -> bool:
        return self.doc.derived is None

    @property
    def optional(self) -> bool:
        return isinstance(self.type, Maybe)


@dataclass
class Query:
    name: str
    doc: QueryDoc
    where: Node | None = None


@dataclass
class Entity:
    """A table. `fields` are in row order: the natural key, the parent's ref, then as written."""

    name: str
    plural: str
    doc: EntityDoc
    key: KeyKind
    key_column: str | None  # where rows carry their own id
    fields: dict[str, Field] = field(default_factory=dict)
    parent: str | None = None
    parent_list: str | None = None
    owned: dict[str, str] = field(default_factory=dict)  # list name → entity, on the parent
    queries: dict[str, Query] = field(default_factory=dict)

    @property
    def stored(self) -> list[Field]:
        return [item for item in self.fields.values() if item.stored]

    @property
    def derived(self) -> list[Field]:
        return [item for item in self.fields.values() if not item.stored]

    @property
    def key_fields(self) -> list[Field]:
        """The fields of a composite key, in order."""
        return [self.fields[name] for name in self.doc.key or [] if name in self.fields]

    @property
    def reference(self) -> bool:
        """Whether its rows are given in the skeleton itself."""
        return isinstance(self.doc.population, list)

    def field_of_column(self, column: str) -> Field | None:
        return next((item for item in self.fields.values() if item.column == column), None)


@dataclass
class Param:
    """A parameter: `name` in expressions, `argument` for agents."""

    name: str
    argument: str
    type: Type  # optional where it may be left out without a default
    doc: AttributesDoc
    source: Field | None = None  # the field that an `entity.field` parameter inherits from
    default: Node | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    partial: bool = False  # not given means unchanged on update, default on create

    @property
    def required(self) -> bool:
        return self.default is None and not isinstance(self.type, Maybe)


@dataclass(frozen=True)
class Sentence:
    """Words with `{expression}` holes."""

    parts: tuple[str | Node, ...]


@dataclass(frozen=True)
class ClauseOf:
    """One condition of a guard or a requirement; `origin` names it in reports."""

    that: Node
    sentence: Sentence
    origin: str


@dataclass(frozen=True)
class GuardInstance:
    name: str
    params: tuple[tuple[str, Type], ...]
    clauses: tuple[ClauseOf, ...]


@dataclass(frozen=True)
class Requirement:
    """Either clauses of its own or a guard applied; for each item of a list where `each` is set."""

    clauses: tuple[ClauseOf, ...]
    guard: GuardInstance | None
    args: tuple[Node, ...]
    each: tuple[str, Node] | None
    origin: str


@dataclass(frozen=True)
class Let:
    """A named expression of an operation; with parameters, one instance for each use by type."""

    name: str
    node: Node | None
    instances: list[Instance] = field(default_factory=list)


@dataclass(frozen=True)
class Assign:
    """A value for a field; `given` names the parameter that may have been left out."""

    field: Field
    node: Node
    given: str | None = None


@dataclass(frozen=True)
class Effect:
    kind: Literal["create", "update", "delete", "replace"]
    entity: str
    target: Node | None  # update and delete: the row; replace: the parent
    name: str  # create: the new row's name
    assigns: tuple[Assign, ...]
    when: Node | None
    each: tuple[str, Node] | None
    items: Node | None = None  # replace: the records


@dataclass
class Operation:
    name: str
    doc: OperationDoc
    params: list[Param] = field(default_factory=list)
    lets: dict[str, Let] = field(default_factory=dict)
    requires: list[Requirement] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    returns: Node | dict[str, Node] | None = None

    @property
    def is_command(self) -> bool:
        return bool(self.doc.effects)


@dataclass
class Rule:
    name: str
    text: str
    holds: Node


@dataclass
class Model:
    """A skeleton that passed the checker."""

    document: Skeleton
    enums: dict[str, Enum] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    members: dict[str, dict[str, Field]] = field(default_factory=dict)  # of each record type
    entities: dict[str, Entity] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    policies: dict[str, Rule] = field(default_factory=dict)
    footprints: dict[str, Any] = field(default_factory=dict)  # kept by facts.footprint

    def entity_of(self, type_: Type) -> Entity | None:
        """The entity that a ref, an optional ref or a list of refs points to."""
        while isinstance(type_, Maybe | ListOf):
            type_ = type_.item
        return self.entities[type_.entity] if isinstance(type_, Ref) else None

    def by_plural(self, plural: str) -> Entity | None:
        return next((entity for entity in self.entities.values() if entity.plural == plural), None)

    @property
    def commands(self) -> list[Operation]:
        return [operation for operation in self.operations.values() if operation.is_command]

    def column(self, name: str, type_: Type) -> str:
        """How a value of this type called `name` is called in rows, arguments and results."""
        inner = type_.item if isinstance(type_, Maybe) else type_
        if isinstance(inner, Ref):
            entity = self.entities[inner.entity]
            if entity.key == "counted":
                return f"{name}_id"
            if entity.key == "given" and name == entity.name and entity.key_column:
                return entity.key_column
        return name

    def clauses(self) -> Iterator[tuple[Operation, ClauseOf]]:
        """Every guard clause of every operation: what must be seen to refuse."""
        for operation in self.operations.values():
            for requirement in operation.requires:
                for clause in requirement.guard.clauses if requirement.guard else requirement.clauses:
                    yield operation, clause
