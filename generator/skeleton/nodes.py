"""Checked expressions: a small tree in which every node knows its type.

`key` is the expression's own text in one spelling; equal keys in one scope mean equal values, which is what
narrowing of optional values goes by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal as Word

from generator.skeleton.types import Record, Type


@dataclass(frozen=True, kw_only=True)
class Node:
    type: Type
    key: str


@dataclass(frozen=True)
class Literal(Node):
    value: str | int | float | bool | None


@dataclass(frozen=True)
class Var(Node):
    """A parameter, a `let`, a loop variable, a created row, or the row that a field belongs to."""

    name: str


@dataclass(frozen=True)
class Rows(Node):
    """All rows of a table, in creation order."""

    entity: str
    before: bool


@dataclass(frozen=True)
class Single(Node):
    """The row of a singleton."""

    entity: str
    before: bool


@dataclass(frozen=True)
class Attr(Node):
    """A field of a row or a member of a record."""

    base: Node
    name: str


@dataclass(frozen=True)
class Owned(Node):
    """The rows of `entity` that belong to the row `base`."""

    base: Node
    entity: str


@dataclass(frozen=True)
class Call(Node):
    """A built-in function; `get` and `only` over a table carry its entity, `sorted` its keys."""

    function: str
    args: tuple[Node, ...]
    entity: str = ""
    before: bool = False
    by: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Apply(Node):
    """A definition, or a `let` with parameters, applied."""

    instance: Instance
    args: tuple[Node, ...]


@dataclass(frozen=True)
class Binary(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Logic(Node):
    op: Word["and", "or"]
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Not(Node):
    item: Node


@dataclass(frozen=True)
class Negative(Node):
    item: Node


@dataclass(frozen=True)
class Conditional(Node):
    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class Clause:
    """`for name in items if conditions`."""

    name: str
    items: Node
    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class Comprehension(Node):
    element: Node
    clauses: tuple[Clause, ...]
    lazy: bool  # a generator expression, read once by the function around it


@dataclass(frozen=True)
class ListDisplay(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True)
class RecordDisplay(Node):
    members: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Slice(Node):
    base: Node
    start: Node | None
    stop: Node | None


@dataclass(frozen=True)
class Index(Node):
    """A value of a map; a missing key refuses."""

    base: Node
    at: Node


@dataclass(frozen=True)
class Present(Node):
    """An optional value that was tested before: never missing here."""

    item: Node


@dataclass(frozen=True)
class Before(Node):
    """The same row in the initial tables."""

    item: Node


@dataclass(frozen=True)
class Instance:
    """A definition at the types of its arguments. `local` for a `let` of an operation."""

    name: str
    params: tuple[tuple[str, Type], ...]
    body: Node
    local: bool = False


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below, in the order in which they are evaluated."""
    for spec in fields(node):
        yield from _nodes(getattr(node, spec.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, Clause):
        yield value.items
        yield from value.conditions
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)


def walk(node: Node, *, through: bool = True) -> Iterator[Node]:
    """Every node of the expression, and where `through` once of each definition that it applies."""
    yield from _walk(node, through, set())


def _walk(node: Node, through: bool, seen: set[int]) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _walk(child, through, seen)
    if through and isinstance(node, Apply) and id(node.instance) not in seen:
        seen.add(id(node.instance))
        yield from _walk(node.instance.body, True, seen)


def records(node: Node) -> Iterator[Record]:
    """The record types that the expression makes."""
    for part in walk(node):
        if isinstance(part.type, Record):
            yield part.type
