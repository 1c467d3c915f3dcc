"""Random values that fit a JSON schema, with ids taken from results that were seen."""

from __future__ import annotations

import re
from collections import defaultdict
from random import Random
from typing import Any

Schema = dict[str, Any]

_WORDS = ("please", "note", "urgent", "green", "second", "update", "family", "morning", "late", "copy")


class UnknownValueError(Exception):
    """A value, such as an id, that nobody can make up and that no result has shown yet."""


class Sampler:
    """Learns values from results and fills in arguments."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._seen: dict[str, dict[Any, None]] = defaultdict(dict)  # in order, each once; there may be very many
        self._heard: list[str] = []

    def hear(self, task: str) -> bool:
        """Take the words of a task with a figure in them for ids, where no result shows any. Says whether it helps."""
        had, self._heard = self._heard, sorted(set(re.findall(r"[\w-]*\d[\w-]*", task)))
        return self._heard != had

    def learn(self, content: object, name: str = "") -> None:
        """Remember every scalar of a result under its field's name."""
        if isinstance(content, dict):
            for key, value in content.items():
                self.learn(value, key)
        elif isinstance(content, list):
            for value in content:
                self.learn(value, name)
        elif content is not None:
            self._seen[name].setdefault(content)

    def arguments(self, schema: Schema) -> dict[str, Any]:
        """Arguments for a tool: every required one, each other one half of the time.

        Raises:
            UnknownValueError: a required value can only come from a result, and none has shown it.
        """
        required = schema.get("required", [])
        made: dict[str, Any] = {}
        for name, property_ in schema.get("properties", {}).items():
            if name not in required and self._random.random() < 0.5:
                continue
            try:
                made[name] = self.value(name, property_)
            except UnknownValueError:
                if name in required:
                    raise
        return made

    def value(self, name: str, schema: Schema) -> Any:
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self.value(name, self._random.choice(schema[union]))
        kind = schema.get("type", "string")
        if isinstance(kind, list):
            kind = self._random.choice(kind)
        match kind:
            case "null":
                return None
            case "boolean":
                return self._random.random() < 0.5
            case "integer" | "number":
                return self._number(kind, schema)
            case "array":
                return self._array(name, schema)
            case "object":
                return self.arguments(schema)
            case _:
                return self._text(name, schema)

    def _number(self, kind: str, schema: Schema) -> int | float:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        high = schema.get("maximum", schema.get("exclusiveMaximum", low + 101) - 1)
        if kind == "integer":
            return self._random.randint(int(low), max(int(low), int(high)))
        return round(self._random.uniform(low, max(low, high)), 2)

    def _array(self, name: str, schema: Schema) -> list[Any]:
        low = schema.get("minItems", 0)
        size = self._random.randint(low, min(schema.get("maxItems", low + 2), low + 2))
        made: list[Any] = []
        for _ in range(4 * size):
            if len(made) == size:
                break
            item = self.value(name, schema.get("items", {}))
            if item not in made:
                made.append(item)
        if len(made) < low:
            raise UnknownValueError(name)
        return made

    def _text(self, name: str, schema: Schema) -> str:
        if "format" in schema:
            return self._moment(schema["format"])
        pattern = schema.get("pattern")
        if pattern is not None or name.endswith(("_id", "_ids")):
            return self._known(name, pattern)
        known = [value for value in self._seen[name] if isinstance(value, str)]
        if known and self._random.random() < 0.5:
            return str(self._random.choice(known))
        text = " ".join(self._random.choices(_WORDS, k=3))
        return text[: schema.get("maxLength", 200)].strip().ljust(schema.get("minLength", 0), "x")

    def _known(self, name: str, pattern: str | None) -> str:
        """An id: seen under this name, or anywhere if it has the form."""
        names = {name, name.removesuffix("s"), name.removesuffix("_ids") + "_id"}
        known = [value for key in sorted(names) for value in self._seen[key] if isinstance(value, str)]
        if pattern is not None:
            form = re.compile(pattern)
            known = [value for value in known if form.search(value)] or [
                value
                for values in list(self._seen.values())
                for value in values
                if isinstance(value, str) and form.search(value)
            ]
        known = known or self._heard
        if not known:
            raise UnknownValueError(name)
        return str(self._random.choice(known))

    def _moment(self, format_: str) -> str:
        day = f"2026-{self._random.randint(1, 12):02}-{self._random.randint(1, 28):02}"
        time = f"{self._random.randint(8, 19):02}:{self._random.choice((0, 15, 30, 45)):02}:00"
        return {"date": day, "time": time}.get(format_, f"{day}T{time}")
