"""From the wire form to the document."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from generator.errors import Problem, SkeletonError
from generator.skeleton import wire_shapes as wire
from generator.skeleton.document import Skeleton
from generator.skeleton.shapes import validated

Path = tuple[str | int, ...]
Block = dict[str, Any]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Item = TypeVar("_Item", bound=_Named)


def from_wire(written: wire.WireSkeleton, source: str = "structured output") -> Skeleton:
    """The document that `written` says. Raises SkeletonError with every problem of its shape."""
    reader = _Reader()
    data = reader.skeleton(written)
    document = validated(data)
    problems = [*reader.problems, *(document if isinstance(document, list) else ())]
    if problems or isinstance(document, list):
        raise SkeletonError(source, problems)
    return document


class _Reader:
    """Builds the normalised document as plain data and keeps what it stumbles over."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def skeleton(self, written: wire.WireSkeleton) -> Block:
        head = ("id", "title", "domain", "summary", "introduction", "clock")
        return {
            "schema_version": 1,
            **{name: getattr(written, name) for name in head},
            "corpora": self.named(written.corpora, ("corpora",), lambda each, _: each.words),
            "types": self.named(written.types, ("types",), self.type),
            "entities": self.named(written.entities, ("entities",), self.entity),
            "definitions": self.definitions(written.definitions, ("definitions",)),
            "guards": self.named(written.guards, ("guards",), self.guard),
            "rules": self.named(written.rules, ("rules",), self.rule),
            "policies": self.named(written.policies, ("policies",), self.rule),
            "operations": self.named(written.operations, ("operations",), self.operation),
        }

    def named(self, items: Sequence[_Item], path: Path, convert: Callable[[_Item, Path], object]) -> Block:
        """A list of named things as a mapping; of two with one name, the first."""
        block: Block = {}
        for item in items:
            here = (*path, item.name)
            if item.name in block:
                self.problems.append(Problem(here, f"'{item.name}' stands here a second time"))
            else:
                block[item.name] = convert(item, here)
        return block

    def either(self, path: Path, first: tuple[str, Any], second: tuple[str, Any]) -> Any:
        """The one of two that is not empty."""
        if first[1] and second[1]:
            message = f"'{first[0]}' and '{second[0]}' exclude each other; leave one empty"
            self.problems.append(Problem(path, message))
        return first[1] or second[1]

    def type(self, each: wire.WireType, path: Path) -> Any:
        return self.either(path, ("words", each.words), ("members", self.fields(each.members, path)))

    def fields(self, fields: Sequence[wire.WireField], path: Path) -> Block:
        return self.named(fields, path, self.field)

    def field(self, field: wire.WireField, path: Path) -> Block:
        block: Block = {"type": field.type, "description": field.description}
        for each in field.attributes:
            here = (*path, each.attribute)
            if each.attribute in ("transitions", "only_for"):
                members: Block = block.setdefault(each.attribute, {})
                self.put(members, each.of, each.values, here)
            elif each.attribute == "weights":
                self.put(block, "weights", each.values, path)
            elif len(each.values) != 1:
                message = f"'{each.attribute}' takes one value, found {len(each.values)}"
                self.problems.append(Problem(here, message))
            else:
                self.put(block, each.attribute, each.values[0], path)
        return block

    def put(self, block: Block, name: str, value: object, path: Path) -> None:
        if name in block:
            self.problems.append(Problem((*path, name), f"'{name}' stands here a second time"))
        block[name] = value

    def entity(self, entity: wire.WireEntity, path: Path) -> Block:
        rows = [self.row(row, (*path, "population", index)) for index, row in enumerate(entity.rows)]
        fields = self.fields(entity.fields, (*path, "fields"))
        return {
            "plural": entity.plural,
            "description": entity.description,
            "part_of": entity.part_of,
            "id": _id(entity),
            "key": entity.key,
            "label": entity.label,
            "population": self.either(path, ("population", entity.population), ("rows", rows)),
            "fields": self.either(path, ("record", entity.record), ("fields", fields)),
            "queries": self.named(entity.queries, (*path, "queries"), _query),
        }

    def row(self, row: wire.WireRow, path: Path) -> Block:
        block: Block = {}
        for cell in row.cells:
            self.put(block, cell.field, self.cell(cell, (*path, cell.field)), path)
        return block

    def cell(self, cell: wire.WireCell, path: Path) -> object:
        if cell.form == "text":
            return cell.value
        try:
            return json.loads(cell.value)
        except (ValueError, RecursionError):
            self.problems.append(Problem(path, "this is marked as JSON and is none; mark it as text"))
            return cell.value

    def definitions(self, definitions: Sequence[wire.WireDefinition], path: Path) -> Block:
        return self.named(definitions, path, lambda each, _: {"params": each.params, "body": each.body})

    def guard(self, guard: wire.WireGuard, path: Path) -> Block:
        clauses = [{"that": clause.that, "else": clause.otherwise} for clause in guard.clauses]
        return {"params": guard.params, "clauses": clauses}

    def rule(self, rule: wire.WireRule, path: Path) -> Block:
        return {"text": rule.text, "holds": rule.holds}

    def operation(self, operation: wire.WireOperation, path: Path) -> Block:
        record = self.values(operation.returns_record, (*path, "returns"))
        return {
            "description": operation.description,
            "params": self.fields(operation.params, (*path, "params")),
            "let": self.definitions(operation.let, (*path, "let")),
            "requires": [_requirement(require) for require in operation.requires],
            "effects": [self.effect(each, (*path, "effects", index)) for index, each in enumerate(operation.effects)],
            "returns": self.either(path, ("returns", operation.returns), ("returns_record", record)),
            "say": operation.say,
        }

    def effect(self, effect: wire.WireEffect, path: Path) -> Block:
        names, expression = ("with_names", effect.with_names), ("with_expression", effect.with_expression)
        return {
            "kind": effect.kind,
            "target": effect.target,
            "as": effect.created_as,
            "with": self.either(path, names, expression),
            "values": self.values(effect.values, (*path, "values")),
            "when": effect.when,
            "for_each": effect.for_each,
        }

    def values(self, values: Sequence[wire.WireValue], path: Path) -> Block:
        return self.named(values, path, lambda each, _: each.value)


def _id(entity: wire.WireEntity) -> Block | None:
    if entity.id_kind == "none":
        return None
    name = "given" if entity.id_kind == "given" else "pattern"
    return {"kind": entity.id_kind, name: entity.id, "next": entity.next_id}


def _query(query: wire.WireQuery, path: Path) -> Block:
    return {
        "kind": query.kind,
        "fields": query.fields,
        "field": query.field,
        "where": query.where,
        "order": query.order,
        "take": "one" if query.take_one else None,
        "description": query.description,
    }


def _requirement(require: wire.WireRequirement) -> Block:
    return {
        "each": require.each,
        "check": require.check,
        "that": require.that,
        "else": require.otherwise,
    }
