"""Input schemas of released tools: mended where they are no JSON Schema, with a note for all that was mended."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]

from generator.importers.spellings import kind, shown
from generator.importers.type_words import TYPES, Schema, from_text, union

Say = Callable[[str], None]
_INNER = ("items", "additionalProperties", "not", "contains", "propertyNames")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_KNOWN = {"type", "properties", "required", "additionalProperties", "description", "title", "$schema", "$defs"}


def mend(parameters: Any, say: Say) -> Schema:
    """The input schema of a tool as `{"type": "object", "properties": …, "required": …}`.

    `parameters` is what the release declares, whatever it is; `say` hears what was mended.
    """
    if not isinstance(parameters, dict):
        if parameters is not None:
            say(f"is {kind(parameters)} where a schema is expected; it was read as one without parameters")
        return {"type": "object", "properties": {}, "required": []}
    whole = copy.deepcopy(parameters)
    if "properties" not in whole and not set(whole) <= _KNOWN and "type" not in _KNOWN & _described(whole):
        say("has no properties but is a mapping of parameters; it was read as these")
        whole = {"properties": whole}
    properties = _properties(whole.pop("properties", None), say)
    needed = _required(whole.pop("required", None), properties, say)
    if whole.pop("type", "object") != "object":
        say("is no object by its type; the arguments of a tool always are")
    extra = whole.pop("additionalProperties", False)
    if extra not in (False, None):
        say("allows any further argument; only those that are declared are taken")
    kept = {key: whole[key] for key in ("$defs", "definitions", "description") if key in whole}
    mended = {name: mend_value(value, say, name) for name, value in properties.items()}
    schema = {"type": "object", "properties": mended, "required": needed, **kept}
    return _without_faults(schema, say)


def _described(whole: Schema) -> set[str]:
    """The keywords that stand there as keywords: `type` as a word, not as a parameter of that name."""
    return {key for key, value in whole.items() if key != "type" or value == "object"}


def _properties(declared: Any, say: Say) -> dict[str, Any]:
    if declared is None:
        return {}
    if isinstance(declared, list):
        say("lists its properties; they were read by their names")
        return {str(item["name"]): {k: v for k, v in item.items() if k != "name"} for item in declared if _named(item)}
    if not isinstance(declared, dict):
        say(f"has properties that are {kind(declared)}; they were passed over")
        return {}
    return {str(name): value for name, value in declared.items()}


def _named(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str)


def _required(declared: Any, properties: dict[str, Any], say: Say) -> list[str]:
    if declared is not None and not isinstance(declared, list):
        say(f"has required {shown(declared)} where a list of names is expected; it was passed over")
        declared = None
    needed = [str(name) for name in declared or []]
    for name, value in properties.items():
        own = value.get("required") if isinstance(value, dict) else None
        if isinstance(own, bool):
            say(f"says required within {name}; it was said in its list of names instead")
            del value["required"]
            if own and name not in needed:
                needed.append(name)
    for name in [name for name in needed if name not in properties]:
        say(f"requires {name}, which it does not declare")
    return list(dict.fromkeys(name for name in needed if name in properties))


def mend_value(value: Any, say: Say, place: str) -> Schema:
    """The schema of one parameter, or of a part of it."""
    if isinstance(value, bool):
        return {} if value else {"not": {}}
    if isinstance(value, str):
        found = from_text(value)
        say(f"gives the type of {place} as {shown(value)}; it was read as {shown(found if found else 'any value')}")
        return found or {}
    if not isinstance(value, dict):
        if value is not None:
            say(f"has {kind(value)} for {place} where a schema is expected; any value is taken")
        return {}
    schema = _typed(value, say, place)
    for key in _INNER:
        if key in schema and not isinstance(schema[key], bool):
            schema[key] = mend_value(schema[key], say, f"{place}.{key}")
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {k: mend_value(v, say, f"{place}.{k}") for k, v in schema["properties"].items()}
    for key in _LISTS:
        if isinstance(schema.get(key), list):
            schema[key] = [mend_value(part, say, f"{place}.{key}") for part in schema[key]]
    if "$ref" in schema:
        say(f"refers to another schema for {place}; any value is taken")
        schema.pop("$ref")
    return schema


def _typed(value: Schema, say: Say, place: str) -> Schema:
    named = value.get("type")
    fine = isinstance(named, str) and named in TYPES
    fine = fine or (isinstance(named, list) and bool(named) and all(word in TYPES for word in named))
    if "type" not in value or fine:
        return dict(value)
    words = named if isinstance(named, list) else [named]
    found = union([from_text(word) if isinstance(word, str) else None for word in words])
    say(f"gives the type of {place} as {shown(named)}; it was read as {shown(found if found else 'any value')}")
    rest = {key: item for key, item in value.items() if key != "type"}
    return {**(found or {}), **rest}


def _without_faults(schema: Schema, say: Say) -> Schema:
    """The schema without the keywords that JSON Schema itself refuses."""
    for _ in range(100):
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            path = list(error.absolute_path)
            if not path:
                break
            say(f"has {'.'.join(map(str, path))} = {shown(error.instance)}, which is no JSON Schema; it was taken away")
            _remove(schema, path)
        else:
            return schema
    say("cannot be mended; any arguments of these names are taken")
    return {**schema, "properties": {name: {} for name in schema["properties"]}}


def _remove(schema: Any, path: list[Any]) -> None:
    while len(path) > 1 and isinstance(path[-1], int):
        path = path[:-1]
    for part in path[:-1]:
        schema = schema[part]
    del schema[path[-1]]
