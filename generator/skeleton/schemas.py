"""The JSON schemas of rows, arguments and results, which follow from types and constraints."""

from __future__ import annotations

from typing import Any

from generator.skeleton.document import AttributesDoc
from generator.skeleton.model import Bound, Entity, Field, Model, Operation, Query
from generator.skeleton.types import Enum, ListOf, MapOf, Maybe, Record, Ref, Scalar, Type, bare

Schema = dict[str, Any]
NOT_BLANK = r"\S"
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
    """Not `"type": [..., "null"]`, which clients that know less of JSON Schema stumble over."""
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
        target["pattern"] = doc.pattern
    elif doc.not_blank:
        target["pattern"] = NOT_BLANK


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
