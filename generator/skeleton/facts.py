"""What follows from a checked skeleton and is therefore never declared: annotations, schemas, reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.skeleton.document import AttributesDoc
from generator.skeleton.model import Bound, Entity, Field, Model, Operation, Query
from generator.skeleton.nodes import Attr, Node, Owned, Rows, Var, walk
from generator.skeleton.types import (
    DATE,
    DATETIME,
    INTEGER,
    TEXT,
    TIME,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Scalar,
    Type,
    bare,
)

Schema = dict[str, Any]
_SCALARS: dict[str, Schema] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "money": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "pattern": r"^\d{2}:\d{2}:\d{2}$"},
    "datetime": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"},
}


# -- schemas ----------------------------------------------------------------------------------------------------------


def schema_of(model: Model, type_: Type) -> Schema:
    """The JSON schema of a value as rows and results hold it."""
    match type_:
        case Scalar():
            return dict(_SCALARS.get(type_.name, {}))
        case Enum():
            return {"type": "string", "enum": list(type_.words)}
        case Ref():
            return {"type": "string"}
        case ListOf():
            return {"type": "array", "items": schema_of(model, type_.item)}
        case MapOf():
            value = schema_of(model, type_.value)
            return {
                "type": "object",
                "properties": dict.fromkeys(type_.key.words, value),
                "additionalProperties": False,
            }
        case Record():
            return _record_schema(model, type_)
        case Maybe():
            return _nullable(schema_of(model, type_.item))


def _nullable(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "type": ["string", "null"], "enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str) and schema["type"] not in ("object", "array"):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _record_schema(model: Model, type_: Record) -> Schema:
    members = model.members.get(type_.name, {})
    properties: Schema = {}
    for name, item in type_.fields:
        schema = schema_of(model, item)
        if name in members and members[name].doc.description:
            schema = {**schema, "description": members[name].doc.description}
        properties[model.column(name, item)] = schema
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def row_schema(model: Model, entity: Entity) -> Schema:
    """The schema of a stored row."""
    properties: Schema = {}
    if entity.key == "counted" and entity.key_column:
        properties[entity.key_column] = {"type": "string", "description": f"Id of the {spaced(entity.name)}."}
    for item in entity.stored:
        properties[item.column] = described(schema_of(model, item.type), item.doc)
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def view_schema(model: Model, entity: Entity) -> Schema:
    """The schema of a row as agents see it: with derived fields and owned rows."""
    schema = row_schema(model, entity)
    for item in entity.derived:
        schema["properties"][item.column] = described(schema_of(model, item.type), item.doc)
    for name, child in entity.owned.items():
        schema["properties"][name] = {"type": "array", "items": view_schema(model, model.entities[child])}
    schema["required"] = list(schema["properties"])
    return schema


def described(schema: Schema, doc: AttributesDoc) -> Schema:
    return {**schema, "description": doc.description} if doc.description else schema


def parameter_schema(model: Model, type_: Type, doc: AttributesDoc, low: Bound | None, high: Bound | None) -> Schema:
    """The input schema of one parameter, its constraints included."""
    inner = bare(type_)
    schema = input_schema_of(model, inner)
    if isinstance(inner, Ref) or (isinstance(inner, ListOf) and isinstance(inner.item, Ref)):
        entity = model.entity_of(inner)
        assert entity is not None
        text = "Ids" if isinstance(inner, ListOf) else "Id"
        schema["description"] = f"{text} of {'' if isinstance(inner, ListOf) else 'the '}{spaced(entity.name)}" + (
            f", such as {sample_id(entity)}." if sample_id(entity) else "."
        )
        if entity.key == "given" and entity.key_column:
            schema["description"] = f"{spaced(entity.key_column).capitalize()} of the {spaced(entity.name)}."
    _constrain(schema, inner, doc, low, high)
    schema = described(schema, doc)
    if doc.not_blank:
        schema["description"] = f"{schema.get('description', 'Text.')} Not blank."
    return schema


def input_schema_of(model: Model, type_: Type) -> Schema:
    """Like `schema_of`, but optional members of records may be left out."""
    if isinstance(type_, ListOf):
        return {"type": "array", "items": input_schema_of(model, type_.item)}
    if isinstance(type_, Record):
        schema = _record_schema(model, type_)
        members = model.members.get(type_.name, {})
        for name, item in type_.fields:
            column = model.column(name, item)
            if name in members:
                member = members[name]
                schema["properties"][column] = parameter_schema(model, item, member.doc, member.minimum, member.maximum)
            if isinstance(item, Maybe):
                schema["required"].remove(column)
        return schema
    return schema_of(model, type_)


def _constrain(schema: Schema, type_: Type, doc: AttributesDoc, low: Bound | None, high: Bound | None) -> None:
    if isinstance(type_, ListOf) and isinstance(type_.item, Ref | Record):
        names = ("minItems", "maxItems")
        target = schema
    else:
        names = ("minimum", "maximum")
        target = schema["items"] if isinstance(type_, ListOf) else schema
    if isinstance(low, int | float) and not isinstance(type_, MapOf):
        target[names[0]] = low
    if isinstance(high, int | float) and not isinstance(type_, MapOf):
        target[names[1]] = high
    if doc.pattern is not None:
        schema["pattern"] = doc.pattern


def operation_input(model: Model, operation: Operation) -> Schema:
    properties = {
        param.argument: parameter_schema(model, param.type, param.doc, param.minimum, param.maximum)
        for param in operation.params
    }
    required = [param.argument for param in operation.params if param.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


PAGING: Schema = {
    "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
    "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
}


def query_params(model: Model, entity: Entity, query: Query) -> list[tuple[str, Type, Field | None]]:
    """The arguments of a query: name for agents, type, and the field that they are about."""
    doc = query.doc
    if doc.kind in ("get", "exists"):
        if entity.key == "composite":
            return [(item.column, item.type, item) for item in entity.key_fields]
        if entity.key == "one":
            return []
        return [(entity.key_column or "", Ref(entity.name), entity.fields.get(entity.key_column or ""))]
    if doc.kind in ("find", "by"):
        item = entity.fields[doc.field or ""]
        type_ = bare(item.type)
        if isinstance(type_, ListOf):
            inner = bare(type_.item)
            target = model.entity_of(inner)
            name = (target.key_column or target.name) if target else item.name
            return [(name, inner, item)]
        return [(item.column, type_, item)]
    return []


def is_list_query(query: Query) -> bool:
    return query.doc.kind in ("by", "all") and query.doc.take is None


def query_input(model: Model, entity: Entity, query: Query) -> Schema:
    properties: Schema = {}
    for name, type_, item in query_params(model, entity, query):
        doc = item.doc if item is not None else AttributesDoc(type="text")
        plain = AttributesDoc(type="text", description=doc.description if not isinstance(type_, Ref) else None)
        properties[name] = parameter_schema(model, type_, plain, None, None)
    required = list(properties)
    if is_list_query(query):
        properties |= PAGING
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def query_output(model: Model, entity: Entity, query: Query) -> Schema:
    doc = query.doc
    if doc.kind == "exists":
        return object_schema({"exists": {"type": "boolean"}})
    view = view_schema(model, entity)
    if doc.fields:
        columns = [entity.fields[name].column if name in entity.fields else name for name in doc.fields]
        return object_schema({column: view["properties"][column] for column in columns})
    return rows_schema(entity, view) if is_list_query(query) else view


def operation_output(model: Model, operation: Operation) -> Schema:
    """The schema of an operation's result; see `rendering.results` for the shapes."""
    returns = operation.returns
    if returns is None:
        return object_schema({"ok": {"type": "boolean"}})
    if isinstance(returns, dict):
        members = {model.column(name, node.type): schema_of(model, node.type) for name, node in returns.items()}
        return object_schema(members)
    type_ = returns.type
    entity = model.entity_of(type_) if isinstance(bare(type_), Ref) or is_row_list(type_) else None
    if entity is not None:
        view = view_schema(model, entity)
        if isinstance(type_, Maybe):
            return object_schema({entity.name: _nullable(view)})
        return rows_schema(entity, view) if isinstance(type_, ListOf) else view
    if isinstance(type_, Record):
        return schema_of(model, type_)
    if isinstance(type_, ListOf):
        return object_schema({"items": schema_of(model, type_)})
    return object_schema({"value": schema_of(model, type_)})


def is_row_list(type_: Type) -> bool:
    return isinstance(type_, ListOf) and isinstance(type_.item, Ref)


def object_schema(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def rows_schema(entity: Entity, view: Schema) -> Schema:
    return object_schema({entity.plural: {"type": "array", "items": view}, "total": {"type": "integer"}})


def spaced(name: str) -> str:
    return name.replace("_", " ")


def sample_id(entity: Entity) -> str:
    """What an id looks like: `TH-0001`."""
    if entity.key != "counted" or not entity.doc.id or not entity.doc.id.pattern:
        return ""
    return entity.doc.id.pattern.format(n=1)


# -- effects ------------------------------------------------------------------------------------------------------------


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


def is_moment(type_: Type) -> bool:
    return bare(type_) in (DATE, TIME, DATETIME)


def is_whole(type_: Type) -> bool:
    return bare(type_) == INTEGER


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
