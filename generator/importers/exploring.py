"""Random calls of a class's declared tools, with values that its state and its scenario's checks name.

What a check is worth shows in states that the tools can make; calls of mere chance seldom reach any, so arguments
come from fields of the same name, and half of the time from what the checks compare such fields with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from generator.importers.contained.box import Box
from generator.importers.contained.errors import Broken
from generator.importers.wanted import Wanted

_PREFIX = re.compile(r"^(?:new|updated|target|requesting|to|from|source|destination|dest|current)_")
_MOST = 40  # values kept of one field
_OPTIONAL = 0.5
_FROM_CHECKS = 0.5


def explored(
    box: Box,
    tools: Sequence[dict[str, Any]],
    state: Any,
    wanted: Sequence[Wanted],
    texts: Sequence[str],
    calls: int,
    seed: str,
) -> Iterator[Any]:
    """Every new state (encoded) that random calls make; `box` holds an object in `state` (decoded).

    `texts` are the quoted words of the task. Ends early, without an error, when the class breaks its box.
    """
    chance = Random(seed)
    values = _Values(state, wanted, texts, chance)
    last: Any = None
    for _ in range(calls if tools else 0):
        tool = chance.choice(tools)
        try:
            reply = box.call(tool["name"], values.arguments(tool["inputSchema"]))
            values.learn(reply.value)
            now = box.state() if reply.ok else last
        except Broken:
            return
        if now is not None and now != last:
            last = now
            yield now


class _Values:
    """What there is to choose from for a parameter."""

    def __init__(self, state: Any, wanted: Sequence[Wanted], texts: Sequence[str], chance: Random) -> None:
        self._chance = chance
        self._texts = list(texts) or ["text"]
        self._seen: dict[str, list[Any]] = {}
        self._wanted: dict[str, list[Any]] = {}
        for one in wanted:
            for name, values in one.values.items():
                self._wanted.setdefault(name, []).extend(value for value in values if _is_scalar(value))
        self.learn(state)

    def learn(self, value: Any, name: str = "", depth: int = 0) -> None:
        """Take up the values of fields, and the keys of tables as ids of what the table's name says."""
        if depth > 8:
            return
        if isinstance(value, dict):
            table = bool(value) and all(isinstance(row, dict) for row in value.values())
            for key, item in value.items():
                if table and isinstance(key, str):
                    for of in (f"{_singular(name)}_id", "id", "_id"):
                        self._add(of, key)
                self.learn(item, name if table else str(key), depth + 1)
        elif isinstance(value, list | tuple | set):
            for item in list(value)[:_MOST]:
                self.learn(item, name, depth + 1)
        elif _is_scalar(value):
            self._add(name, value)

    def _add(self, name: str, value: Any) -> None:
        kept = self._seen.setdefault(name, [])
        if len(kept) < _MOST and value not in kept:
            kept.append(value)

    def arguments(self, schema: dict[str, Any]) -> dict[str, Any]:
        required = schema.get("required", [])
        return {
            name: self._value(name, of if isinstance(of, dict) else {})
            for name, of in schema.get("properties", {}).items()
            if name in required or self._chance.random() < _OPTIONAL
        }

    def _value(self, name: str, schema: dict[str, Any]) -> Any:
        if schema.get("enum"):
            return self._chance.choice(schema["enum"])
        kind = schema.get("type")
        if kind == "array":
            items = schema.get("items")
            return [self._value(_singular(name), items if isinstance(items, dict) else {"type": "string"})]
        if kind == "object":
            inner = schema.get("properties")
            return self.arguments(schema) if inner else {}
        if kind == "boolean":
            return self._chance.random() < 0.5
        found = [value for value in self._named(name) if _fits(value, kind)]
        if found:
            return self._chance.choice(found)
        if kind in ("integer", "number"):
            return self._chance.choice([0, 1, 2, 10, 100])
        return self._chance.choice(self._texts)

    def _named(self, name: str) -> list[Any]:
        bare = _PREFIX.sub("", name)
        names = list(dict.fromkeys([name, bare, f"{bare}_id", bare.removesuffix("_id"), f"_{bare}"]))
        asked = [value for one in names for value in self._wanted.get(one, [])]
        seen = [value for one in names[:3] for value in self._seen.get(one, [])]
        if asked and (not seen or self._chance.random() < _FROM_CHECKS):
            return asked
        return seen or [value for one in names[3:] for value in self._seen.get(one, [])]


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _fits(value: Any, kind: Any) -> bool:
    if kind == "integer":
        return type(value) is int or (type(value) is float and value.is_integer())
    if kind == "number":
        return type(value) in (int, float)
    return isinstance(value, str) if kind == "string" else True


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
