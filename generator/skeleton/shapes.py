"""Validates the shape of a document and says in sentences, all at once, what does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.errors import Problem
from generator.skeleton.document import Signature, Skeleton
from generator.skeleton.spellings import keys_at

Path = tuple[str | int, ...]
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_WANTED = {
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
}


def validated(written: object) -> Skeleton | list[Problem]:
    """The document in its normalised form, or everything that is wrong with its shape."""
    if not isinstance(written, dict):
        return [Problem((), f"expected a mapping with schema_version, id, entities and so on, found {_found(written)}")]
    unwritable = list(_unwritable(written, ()))
    if unwritable:
        return unwritable
    try:
        return Skeleton.model_validate(written)
    except ValidationError as error:
        found = (_problem(detail) for detail in error.errors(include_url=False))
        return list(dict.fromkeys(found))


def _unwritable(value: object, path: Path) -> Iterator[Problem]:
    """Texts that no file can hold: unpaired surrogates and control characters."""
    parts: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        parts = value.items()
        yield from (problem for key in value for problem in _unwritable(key, path))
    elif isinstance(value, list):
        parts = enumerate(value)
    elif isinstance(value, str) and (found := _UNWRITABLE.search(value)):
        yield Problem(path, f"the character U+{ord(found[0]):04X} is no text; leave it out")
    for part, inner in parts:
        yield from _unwritable(inner, (*path, part))


def _problem(detail: ErrorDetails) -> Problem:
    path = tuple(part for part in detail["loc"] if not (isinstance(part, str) and part.startswith("<")))
    in_key = path[-1:] == ("[key]",)
    if in_key:
        path = path[:-1]
    kind, value = detail["type"], detail["input"]
    if kind == "missing":
        return Problem(path[:-1], f"'{path[-1]}' is missing")
    if kind == "extra_forbidden":
        return Problem(path, _unknown(str(path[-1]), keys_at(path[:-1])))
    if kind == "string_pattern_mismatch":
        return Problem(path, _no_name(value, path, in_key))
    return Problem(path, _sentence(kind, value, detail))


def _sentence(kind: str, value: object, detail: ErrorDetails) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"expected {context['expected']}, found {_found(value)}{_nearest(value, context['expected'])}"
    if kind == "too_short":
        return "the list is empty; leave it out, or name at least one"
    if kind == "greater_than_equal":
        return f"expected at least {context['ge']}, found {_found(value)}"
    if kind in _WANTED:
        quote = ": quote this text" if kind == "string_type" and isinstance(value, (list, dict)) else ""
        return f"expected {_WANTED[kind]}, found {_found(value)}{quote}"
    return detail["msg"]


def _unknown(key: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(key, known, 1)
    if near:
        return f"there is no '{key}' here; did you mean '{near[0]}'?"
    if not _is_name(key):
        return f"there is no '{key}' here; if it belongs to the text before it, quote that text"
    return f"there is no '{key}' here; known are {', '.join(known)}"


def _no_name(value: object, path: Path, in_key: bool) -> str:
    rule = "small letters, digits and underscores, beginning with a letter"
    if path[-1] == "part_of":
        return f"'{value}' does not name a parent and its list; write parent.list, such as reservation.flights"
    if in_key and path[-2:-1] in (("definitions",), ("guards",), ("let",)):
        try:
            return f"'{Signature.parse(str(value)).name}' is defined twice"
        except ValueError as error:
            return str(error)
    return f"'{value}' is not a name: {rule}"


def _is_name(text: str) -> bool:
    return text.replace("_", "").isalnum() and text.isascii()


def _nearest(value: object, expected: str) -> str:
    words = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    near = get_close_matches(value, words, 1) if isinstance(value, str) else []
    return f"; did you mean '{near[0]}'?" if near else ""


def _found(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    return "nothing" if text == "" else f"'{text if len(text) <= 60 else text[:57] + '…'}'"
