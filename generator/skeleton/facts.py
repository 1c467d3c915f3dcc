"""What follows from a checked skeleton and is therefore never declared: schemas, annotations, reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.skeleton.model import Model, Operation
from generator.skeleton.nodes import Attr, Node, Owned, Rows, Var, walk
from generator.skeleton.schemas import (
    PAGING,
    Schema,
    described,
    input_schema_of,
    is_list_query,
    is_row_list,
    object_schema,
    operation_input,
    operation_output,
    parameter_schema,
    query_input,
    query_output,
    query_params,
    row_schema,
    rows_schema,
    sample_id,
    schema_of,
    spaced,
    view_schema,
)
from generator.skeleton.types import TEXT, Ref

__all__ = [
    "PAGING",
    "Annotations",
    "Footprint",
    "Schema",
    "described",
    "escalations",
    "expressions",
    "footprint",
    "hints_of",
    "input_schema_of",
    "is_list_query",
    "is_row_list",
    "makers",
    "object_schema",
    "operation_input",
    "operation_output",
    "parameter_schema",
    "query_input",
    "query_output",
    "query_params",
    "row_schema",
    "rows_schema",
    "sample_id",
    "schema_of",
    "spaced",
    "view_schema",
]


@dataclass(frozen=True)
class Annotations:
    """The hints of MCP that follow from effects."""

    read_only: bool
    destructive: bool
    idempotent: bool


def hints_of(operation: Operation) -> Annotations:
    """Destructive is what changes or removes; idempotent what leaves the same state when done twice."""
    if not operation.is_command:
        return Annotations(True, False, True)
    kinds = {effect.kind for effect in operation.effects}
    written = {(effect.entity, assign.field.name) for effect in operation.effects for assign in effect.assigns}
    read = {place for effect in operation.effects for assign in effect.assigns for place in _attributes(assign.node)}
    idempotent = "create" not in kinds and "replace" not in kinds and not written & read
    return Annotations(False, bool(kinds - {"create"}), idempotent)


@dataclass(frozen=True)
class Footprint:
    """The fields (`entity.field`, or `entity.*` for rows that come and go) that an operation reads and writes."""

    reads: frozenset[str]
    writes: frozenset[str]


def footprint(model: Model, operation: Operation) -> Footprint:
    """Worked out once for each operation of a model."""
    key = operation.name
    if key not in model.footprints:
        model.footprints[key] = _footprint(model, operation)
    found: Footprint = model.footprints[key]
    return found


def _footprint(model: Model, operation: Operation) -> Footprint:
    reads: set[str] = set()
    for node in expressions(operation):
        reads |= {f"{entity}.{name}" for entity, name in _attributes(node)}
        for part in walk(node):
            if isinstance(part, Rows | Owned):
                reads.add(f"{part.entity}.*")
    writes: set[str] = set()
    for effect in operation.effects:
        writes |= {f"{effect.entity}.{assign.field.name}" for assign in effect.assigns if effect.kind == "update"}
        if effect.kind != "update":
            writes.add(f"{effect.entity}.*")
        if effect.kind == "delete":
            writes |= {f"{name}.*" for name in _cascades(model, effect.entity, set())}
    return Footprint(frozenset(reads), frozenset(writes))


def _cascades(model: Model, entity: str, seen: set[str]) -> set[str]:
    """The entities whose rows may go or change when a row of `entity` is deleted."""
    for other in model.entities.values():
        for item in other.stored:
            owned = other.parent == entity and item.name == entity
            refers = model.entity_of(item.type) is model.entities[entity] and item.doc.on_delete not in (None, "refuse")
            if (owned or refers) and other.name not in seen:
                seen.add(other.name)
                _cascades(model, other.name, seen)
    return seen


def expressions(operation: Operation) -> Iterator[Node]:
    """Every expression of an operation, those of its guards and definitions included."""
    for requirement in operation.requires:
        yield from requirement.args
        yield from (clause.that for clause in requirement.clauses)
        yield from (
            (clause.that for clause in requirement.guard.clauses if requirement.guard) if requirement.guard else ()
        )
        if requirement.each:
            yield requirement.each[1]
    for let in operation.lets.values():
        if let.node is not None:
            yield let.node
        yield from (instance.body for instance in let.instances)
    for effect in operation.effects:
        yield from (node for node in (effect.target, effect.when, effect.items) if node is not None)
        yield from (assign.node for assign in effect.assigns)
        if effect.each:
            yield effect.each[1]
    if isinstance(operation.returns, dict):
        yield from operation.returns.values()
    elif operation.returns is not None:
        yield operation.returns


def _attributes(node: Node) -> set[tuple[str, str]]:
    return {
        (part.base.type.entity, part.name)
        for part in walk(node)
        if isinstance(part, Attr) and isinstance(part.base.type, Ref)
    }


def makers(model: Model) -> dict[str, list[Operation]]:
    """Which operations make rows of each entity: what makes what another one needs."""
    result: dict[str, list[Operation]] = {name: [] for name in model.entities}
    for operation in model.operations.values():
        for effect in operation.effects:
            if effect.kind in ("create", "replace") and operation not in result[effect.entity]:
                result[effect.entity].append(operation)
    return result


def escalations(model: Model) -> list[Operation]:
    """Tools that hand over to a person: nothing changes, and what is said is read by nobody here."""
    return [
        operation
        for operation in model.operations.values()
        if not operation.is_command
        and operation.params
        and all(param.type == TEXT for param in operation.params)
        and not any(isinstance(part, Var | Rows) for node in expressions(operation) for part in walk(node))
    ]
