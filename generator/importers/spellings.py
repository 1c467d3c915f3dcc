"""Values as releases spell them: JSON, JSON in a string (once or more), or Python's way of writing the same."""

from __future__ import annotations

import ast
import json
import math
import re
import warnings
from typing import Any

MAX_LAYERS = 4
_FENCE = re.compile(r"\A\s*```[ \t]*(?:python|py)?[ \t]*\r?\n(.*?)(?:\r?\n)?```\s*\Z", re.DOTALL | re.IGNORECASE)
_WORDS = {"null": None, "true": True, "false": False}


class SpellingError(ValueError):
    """A value that cannot be read; a part of a sentence says why."""


def parse(text: str) -> Any:
    """The value that a text spells, as JSON or as a Python literal. Raises SpellingError."""
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise SpellingError("it is nested too deeply to be read") from None
    except ValueError as error:
        reason = f"{error.msg} at character {error.pos}" if isinstance(error, json.JSONDecodeError) else str(error)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return json.loads(json.dumps(ast.literal_eval(text.strip())))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise SpellingError(f"it is neither JSON nor a Python literal ({reason})") from None


def unwrap(value: Any) -> tuple[Any, int]:
    """A value out of its strings, and out of how many of them. Raises SpellingError."""
    layers = 0
    while isinstance(value, str):
        if not value.strip():
            return None, layers
        if layers == MAX_LAYERS:
            raise SpellingError(f"it is wrapped in more than {MAX_LAYERS} strings")
        value, layers = parse(value), layers + 1
    if layers and too_deep(value):
        raise SpellingError("it is nested too deeply to be worked with")
    return (whole(value) if layers else value), layers


def unfenced(text: str) -> str | None:
    """What stands in a Markdown fence that a model put around the whole text; None where there is none."""
    fence = _FENCE.match(text)
    return fence.group(1) if fence else None


def finite(value: Any) -> Any:
    """The value without NaN and infinities, which no JSON has: they become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list) else value


def whole(value: Any) -> Any:
    """The value with every half character (a lone surrogate), which no file can hold, replaced by U+FFFD."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {whole(key): whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value


def too_deep(value: Any, levels: int = 150) -> bool:
    """Whether JSON is nested beyond what can be worked with."""
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > levels:
            return True
        parts = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        waiting += [(part, depth + 1) for part in parts if isinstance(part, dict | list)]
    return False


def shown(value: object, most: int = 60) -> str:
    """A value in a sentence."""
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
