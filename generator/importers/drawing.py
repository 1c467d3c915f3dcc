"""Arguments for trying a tool: drawn from the state, so that some of them name what is there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from generator.importers.type_words import Schema, types_of

_MAX_VALUES = 400  # of one name
_PLURAL = re.compile(r"(?:ies|es|s)\Z")


class Drawer:
    """Draws arguments. The same state and seed give the same, one after the other."""

    def __init__(self, state: Any, seed: str) -> None:
        """`state` is plain JSON."""
        self._random = random.Random(seed)
        self._by_name: dict[str, list[Any]] = {}
        self._all: list[Any] = []
        self._collect("", state, 0)

    def _collect(self, name: str, value: Any, depth: int) -> None:
        if depth > 12:
            return
        if isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, dict | list):
                    self._keep(f"{_singular(name)}_id" if name else "id", str(key))
                self._collect(str(key), item, depth + 1)
        elif isinstance(value, list):
            self._keep(name, value)
            for item in value:
                self._collect(_singular(name), item, depth + 1)
        else:
            self._keep(name, value)

    def _keep(self, name: str, value: Any) -> None:
        values = self._by_name.setdefault(name, [])
        if len(values) < _MAX_VALUES and value not in values:
            values.append(value)
            if not isinstance(value, list):
                self._all.append(value)

    def draw(self, schema: Schema) -> dict[str, Any]:
        """Arguments that fit the schema of a tool; of optional ones some are left out."""
        needed = schema["required"]
        return {
            name: self._value(name, inner)
            for name, inner in schema["properties"].items()
            if name in needed or self._random.random() < 0.6
        }

    def _value(self, name: str, schema: Schema) -> Any:
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return self._random.choice(schema["enum"])
        kinds = [kind for kind in types_of(schema) if kind != "null"] or ["null"]
        kind = self._random.choice(kinds) if "type" in schema else "string"
        if kind == "array":
            items = schema.get("items")
            inner = items if isinstance(items, dict) else {}
            return [self._value(_singular(name), inner) for _ in range(self._random.randint(1, 2))]
        if kind == "object":
            parts = schema.get("properties")
            return {key: self._value(key, value) for key, value in parts.items()} if isinstance(parts, dict) else {}
        candidates = [value for value in self._near(name) if _fits(value, kind)]
        if candidates and self._random.random() < 0.9:
            return self._random.choice(candidates)
        return self._invented(name, kind)

    def _near(self, name: str) -> list[Any]:
        """Values under this name, or under one that ends like it."""
        if name in self._by_name:
            return self._by_name[name]
        found = [value for other in self._likely(name) for value in self._by_name[other]]
        return found or self._all

    def _likely(self, name: str) -> Iterator[str]:
        words = name.lower().split("_")
        for other in self._by_name:
            if other and (other.lower().endswith(words[-1]) or name.lower().endswith(other.lower())):
                yield other

    def _invented(self, name: str, kind: str) -> Any:
        number = self._random.randint(1, 20)
        if kind in ("integer", "number"):
            return number
        if kind == "boolean":
            return number % 2 == 0
        if kind == "null":
            return None
        if "date" in name or "time" in name:
            return f"2026-03-{number:02}"
        return f"{name} {number}"


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches")):
        return name[:-2]
    return name[:-1] if _PLURAL.search(name) and not name.endswith("ss") else name


def _fits(value: Any, kind: str) -> bool:
    if kind == "boolean" or isinstance(value, bool):
        return kind == "boolean" and isinstance(value, bool)
    kinds: dict[str, Any] = {"string": str, "integer": int, "number": int | float}
    return kind in kinds and isinstance(value, kinds[kind])
