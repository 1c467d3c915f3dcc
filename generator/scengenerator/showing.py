"""An environment and a state as a language model reads them: tools, tables and rows in few words.

Rows are JSON, a line each. What stands in them may be anything, instructions too: prompts put a fence around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.scengenerator.scenario import JsonObject, ToolCall
from generator.scengenerator.snapshot import Snapshot
from generator.skeleton.model import Entity, Field, Model, Operation, Sentence
from generator.skeleton.types import BOOLEAN, INTEGER, MONEY, NUMBERS, Enum, ListOf, MapOf, Maybe, Record, Ref, Type

_BOUNDS = {"minimum": "at least", "maximum": "at most", "minItems": "at least", "maxItems": "at most"}


def line(value: object) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


# -- tools ------------------------------------------------------------------------------------------------------------


def tools_text(model: Model, tools: list[JsonObject], *, refusals: bool = False) -> str:
    """Every tool with its arguments, a paragraph each; with `refusals` also what a command is refused with.

    `tools` is the list that a rendered environment serves.
    """
    parts: list[str] = []
    for tool in tools:
        operation = model.operations.get(tool["name"])
        changes = operation is not None and operation.is_command
        lines = [f"{tool['name']} ({'changes the state' if changes else 'reads only'}): {tool['description']}"]
        schema = tool["inputSchema"]
        for name, about in schema["properties"].items():
            if name in ("limit", "offset"):
                continue  # of every list
            optional = "" if name in schema["required"] else " (may be left out)"
            words = f" - {about['description']}" if about.get("description") else ""
            lines.append(f"    {name}{optional}: {_schema_words(about)}{words}")
        if refusals and operation is not None:
            lines += [f"    refused with: {text}" for text in _refusals(operation)]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _schema_words(schema: JsonObject) -> str:
    """`integer, at least 1, at most 50`, `one of "standard", "express"`."""
    if "enum" in schema:
        return "one of " + ", ".join(json.dumps(word, ensure_ascii=False) for word in schema["enum"] if word)
    if "anyOf" in schema:
        return " or ".join(_schema_words(part) for part in schema["anyOf"] if part.get("type") != "null")
    kind = schema.get("type", "value")
    kind = " or ".join(one for one in kind if one != "null") if isinstance(kind, list) else kind
    limits = [f"{words} {schema[key]}" for key, words in _BOUNDS.items() if key in schema]
    if kind == "array":
        kind = f"list of ({_schema_words(schema.get('items', {}))})"
    elif kind == "object" and "properties" in schema:
        kind = "object with " + ", ".join(f"{name}: {_schema_words(s)}" for name, s in schema["properties"].items())
    elif schema.get("format"):
        kind = schema["format"]
    return ", ".join([str(kind), *limits])


def _refusals(operation: Operation) -> Iterator[str]:
    for requirement in operation.requires:
        for clause in requirement.guard.clauses if requirement.guard else requirement.clauses:
            yield _sentence(clause.sentence)


def _sentence(sentence: Sentence) -> str:
    return "".join(part if isinstance(part, str) else f"{{{part.key}}}" for part in sentence.parts)


# -- tables -----------------------------------------------------------------------------------------------------------


def tables_text(model: Model) -> str:
    """Every table with its fields as expressions name them, and their types."""
    return "\n".join(_table(model, entity) for entity in model.entities.values())


def _table(model: Model, entity: Entity) -> str:
    about = f": {entity.doc.description}" if entity.doc.description else ""
    lines = [f"{entity.plural} (a row is a {entity.name}){about}"]
    if entity.key == "counted":
        lines.append(f"    {entity.key_column}: text, its id")
    if entity.key == "composite":
        lines.append(f"    looked up by {', '.join(item.name for item in entity.key_fields)}")
    lines += [f"    {_field(model, item)}" for item in entity.fields.values()]
    lines += [f"    {name}: list of rows of {model.entities[child].plural}" for name, child in entity.owned.items()]
    return "\n".join(lines)


def _field(model: Model, item: Field) -> str:
    words = f" - {item.doc.description}" if item.doc.description else ""
    return f"{item.name}: {type_words(model, item.type)}{'' if item.stored else ', derived'}{words}"


def type_words(model: Model, type_: Type) -> str:
    """`money`, `'draft' or 'released'`, `a row of customers, may be missing`."""
    if isinstance(type_, Maybe):
        return f"{type_words(model, type_.item)}, may be missing (test `is not None` first)"
    if isinstance(type_, Ref):
        return f"a row of {model.entities[type_.entity].plural}"
    if isinstance(type_, Enum):
        return " or ".join(repr(word) for word in type_.words)
    if isinstance(type_, ListOf):
        return f"list of ({type_words(model, type_.item)})"
    if isinstance(type_, MapOf):
        return f"map from ({type_words(model, type_.key)}) to {type_words(model, type_.value)}"
    if isinstance(type_, Record):
        return "record of " + ", ".join(f"{name}: {type_words(model, item)}" for name, item in type_.fields)
    return str(type_)


# -- rows -------------------------------------------------------------------------------------------------------------


def state_text(model: Model, environment: Any) -> str:
    """All rows of a state, a line each under the names of their columns; derived values too, as tools show them."""
    snapshot = Snapshot(model, environment)
    lines: list[str] = [f"now: {line(environment.state['clock'])}"]
    for entity in model.entities.values():
        items = [item for item in entity.fields.values() if not isinstance(item.type, ListOf) or item.stored]
        columns = [item.column for item in items]
        own = entity.key_column if entity.key == "counted" else None
        lines.append(f"{entity.plural}: {line([own, *columns] if own else columns)}")
        for key, row in snapshot.rows(entity).items():
            values = [row[item.column] if item.stored else _derived(snapshot, entity, key, item) for item in items]
            lines.append(f"  {line([key, *values] if own else values)}")
    return "\n".join(lines)


def _derived(snapshot: Snapshot, entity: Entity, key: str, item: Field) -> Any:
    """A derived value as far as it is plain: a row is shown by its key."""
    value = snapshot.value(entity, key, item.name)
    if isinstance(value, dict):
        target = snapshot.model.entity_of(item.type)
        return value.get(target.key_column) if target is not None and target.key_column else value
    if isinstance(value, float) and item.type in (*NUMBERS, MONEY) and item.type not in (INTEGER, BOOLEAN):
        return round(value, 2)
    return value


def call_text(call: ToolCall) -> str:
    """`ship_order(order_id="SO-0007", carrier="Nordfracht")`."""
    return f"{call.name}({', '.join(f'{name}={line(value)}' for name, value in call.arguments.items())})"
