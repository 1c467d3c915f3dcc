"""The JSON schema that an answer is held to, and what the API is documented to refuse in one.

Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs ("JSON Schema limitations",
"Schema complexity limits"). Beyond these numbers there is a limit on the compiled grammar, which is not
documented: whether a shape is within it is known only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from anthropic import transform_schema
from pydantic import BaseModel

MOST_OPTIONAL = 24  # properties that are not required, in a whole request
MOST_UNIONS = 16  # properties with anyOf or a list of types
_KEYWORDS = {
    "$defs",
    "$ref",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "enum",
    "const",
    "anyOf",
    "allOf",
    "format",
    "pattern",
    "default",
    "description",
    "title",
}
_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}

Json = dict[str, Any]


@cache
def schema_of(shape: type[BaseModel]) -> Json:
    """What the SDK makes of a shape for the API, without the titles, which only repeat the names."""
    schema = _untitled(transform_schema(shape))
    assert isinstance(schema, dict)
    return schema


def _untitled(node: Any, names: bool = False) -> Any:
    """`names`: the keys of this object are the document's own names, not the schema language's."""
    if isinstance(node, list):
        return [_untitled(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _untitled(value, names=not names and key in ("properties", "$defs"))
        for key, value in node.items()
        if names or key != "title"
    }


def objections(schema: Json) -> list[str]:
    """Why the API would refuse a schema, each with its place; empty when nothing documented speaks against it."""
    found = []
    nodes = list(_nodes(schema, "$"))
    for place, node in nodes:
        found += [f"{place}: {problem}" for problem in _faults(node)]
    found += [f"$defs.{name}: it contains itself" for name in _recursive(schema)]
    optional = sum(len(set(node.get("properties", {})) - set(node.get("required", []))) for _, node in nodes)
    unions = sum("anyOf" in node or isinstance(node.get("type"), list) for _, node in nodes)
    if optional > MOST_OPTIONAL:
        found.append(f"$: {optional} properties are optional, of {MOST_OPTIONAL} at most")
    if unions > MOST_UNIONS:
        found.append(f"$: {unions} properties are unions, of {MOST_UNIONS} at most")
    return found


def _faults(node: Json) -> Iterator[str]:
    unknown = sorted(set(node) - _KEYWORDS)
    if unknown:
        yield f"{', '.join(unknown)} cannot be kept"
    if node.get("type") == "object" and node.get("additionalProperties") is not False:
        yield "additionalProperties must be false"
    if node.get("minItems", 0) not in (0, 1):
        yield "minItems can only be 0 or 1"
    if any(isinstance(value, dict | list) for value in node.get("enum", [])):
        yield "enum can only hold texts, numbers, true, false and null"
    if not str(node.get("$ref", "#/")).startswith("#/"):
        yield "$ref must stay within the schema"
    if "format" in node and node["format"] not in _FORMATS:
        yield f"the format {node['format']} is not known"


def _nodes(node: Any, place: str) -> Iterator[tuple[str, Json]]:
    """All schemas within a schema, each with its place."""
    if not isinstance(node, dict):
        return
    yield place, node
    for key in ("properties", "$defs"):
        for name, part in node.get(key, {}).items():
            yield from _nodes(part, f"{place}.{name}" if key == "properties" else f"$defs.{name}")
    for key in ("anyOf", "allOf"):
        for index, part in enumerate(node.get(key, [])):
            yield from _nodes(part, f"{place}.{key}[{index}]")
    yield from _nodes(node.get("items"), f"{place}[]")


def _recursive(schema: Json) -> list[str]:
    """The definitions that lead back to themselves."""
    leads = {name: set(_references(part)) for name, part in schema.get("$defs", {}).items()}
    found = []
    for name, first in leads.items():
        seen: set[str] = set()
        ahead = set(first)
        while ahead:
            step = ahead.pop()
            if step not in seen:
                seen.add(step)
                ahead |= leads.get(step, set())
        if name in seen:
            found.append(name)
    return found


def _references(node: Any) -> Iterator[str]:
    for _, part in _nodes(node, ""):
        if "$ref" in part:
            yield str(part["$ref"]).removeprefix("#/$defs/")
