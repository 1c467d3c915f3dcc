"""Words for types, as schemas and signatures of strangers use them, in the words of JSON Schema."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Schema = dict[str, Any]

ANY: Schema = {}
_WORDS = {
    "str": "string", "string": "string", "text": "string", "char": "string", "bytes": "string", "uuid": "string",
    "date": "string", "datetime": "string", "time": "string", "timedelta": "string", "timestamp": "string",
    "path": "string", "enum": "string", "anystr": "string",
    "int": "integer", "integer": "integer", "long": "integer",
    "float": "number", "number": "number", "double": "number", "decimal": "number", "numeric": "number",
    "complex": "number", "real": "number",
    "bool": "boolean", "boolean": "boolean",
    "list": "array", "array": "array", "tuple": "array", "set": "array", "frozenset": "array", "sequence": "array",
    "iterable": "array", "collection": "array", "deque": "array", "mutablesequence": "array",
    "dict": "object", "object": "object", "mapping": "object", "map": "object", "mutablemapping": "object",
    "defaultdict": "object", "ordereddict": "object", "json": "object", "counter": "object",
    "none": "null", "null": "null", "nonetype": "null",
}  # fmt: skip
_ANYTHING = {"any", "", "unknown", "typevar", "variant", "mixed"}
TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")


def from_text(text: str, classes: Mapping[str, ast.ClassDef] = MappingProxyType({})) -> Schema | None:
    """The schema of a type that is written in words (`List[str]`, `str or None`); None for an unknown word."""
    plain = text.strip().strip("'\"")
    if plain.lower() in _ANYTHING:
        return {}
    if plain.lower() in _WORDS:
        return {"type": _WORDS[plain.lower()]}
    for joint in (" or ", ",", "/"):
        if joint in plain and "[" not in plain:
            return union([from_text(part, classes) for part in plain.split(joint)])
    try:
        return from_annotation(ast.parse(plain, mode="eval").body, classes)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def from_annotation(node: ast.expr | None, classes: Mapping[str, ast.ClassDef]) -> Schema | None:
    """The schema of an annotation; `{}` for any value, None where it says nothing that is known.

    `classes` are those of the module: a TypedDict or a dataclass among them is an object.
    """
    if node is None:
        return None
    if isinstance(node, ast.Constant):
        return _from_constant(node.value, classes)
    if isinstance(node, ast.Name | ast.Attribute):
        word = node.id if isinstance(node, ast.Name) else node.attr
        if word.lower() in _WORDS:
            return {"type": _WORDS[word.lower()]}
        return {} if word.lower() in _ANYTHING else _from_class(word, classes)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return union([from_annotation(node.left, classes), from_annotation(node.right, classes)])
    return _from_subscript(node, classes) if isinstance(node, ast.Subscript) else None


def _from_constant(value: object, classes: Mapping[str, ast.ClassDef]) -> Schema | None:
    if value is None:
        return {"type": "null"}
    return from_text(value, classes) if isinstance(value, str) else None


def _from_class(word: str, classes: Mapping[str, ast.ClassDef]) -> Schema | None:
    if word not in classes:
        return None
    bases = {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in classes[word].bases}
    return {"type": "string"} if bases & {"Enum", "StrEnum", "str"} else {"type": "object"}


def _from_subscript(node: ast.Subscript, classes: Mapping[str, ast.ClassDef]) -> Schema | None:
    base = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if base in ("Annotated", "Required", "NotRequired", "ReadOnly", "Final", "ClassVar"):
        return from_annotation(inner[0], classes)
    if base == "Optional":
        return union([from_annotation(inner[0], classes), {"type": "null"}])
    if base == "Union":
        return union([from_annotation(part, classes) for part in inner])
    if base == "Literal":
        values = [part.value for part in inner if isinstance(part, ast.Constant)]
        return union([_of_value(value) for value in values])
    kind = _WORDS.get(base.lower())
    if kind == "array":
        items = from_annotation(inner[0], classes)
        same = base.lower() != "tuple" or len(inner) == 1 or getattr(inner[1], "value", 0) is ...
        return {"type": "array", "items": items} if items and same else {"type": "array"}
    return {"type": kind} if kind else None


def _of_value(value: object) -> Schema | None:
    words = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return {"type": words[type(value)]} if type(value) in words else None


def union(parts: list[Schema | None]) -> Schema | None:
    """One schema for several; None when one of them is unknown, `{}` when one takes anything."""
    if not parts or None in parts:
        return None
    if {} in parts:
        return {}
    whole: Schema = {}
    for part in parts:
        assert part is not None
        if "items" in part and "items" not in whole:
            whole["items"] = part["items"]
    found = list(dict.fromkeys(word for part in parts if part for word in types_of(part)))
    return {"type": found[0] if len(found) == 1 else found, **whole}


def types_of(schema: Schema) -> list[str]:
    """The JSON types that a schema names; all of them where it names none."""
    named = schema.get("type")
    if isinstance(named, str):
        return [named]
    return list(named) if isinstance(named, list) else list(TYPES)
