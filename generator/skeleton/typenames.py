"""Checks `types:` and the words that name types."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.attributes import Attributes
from generator.skeleton.model import Field, Model
from generator.skeleton.scope import Path
from generator.skeleton.types import (
    STORED_SCALARS,
    UNKNOWN,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
)
from generator.skeleton.wording import nearest

MAX_NESTED = 6  # levels of `list of optional …` and the like
MAX_RECORDS = 12  # record types within record types
_TYPE_WORDS = [*STORED_SCALARS, "optional", "list of", "set of", "map of"]


class TypeNames:
    """Reads enums and record types, and the types of fields and parameters."""

    def __init__(self, model: Model, attributes: Attributes, report: Callable[[Problem], None]) -> None:
        self.model = model
        self.document = model.document
        self._attributes = attributes
        self._report = report

    def _problem(self, path: Path, message: str) -> None:
        self._report(Problem(path, message))

    def read(self) -> None:
        """Enums first, then records, which may name each other but not in a circle."""
        for name, doc in self.document.types.items():
            if name in STORED_SCALARS or name in self.document.entities:
                self._problem(("types", name), f"the name '{name}' is that of another type or entity")
            if isinstance(doc, list):
                if len(set(doc)) != len(doc) or not doc or not all(word.strip() for word in doc):
                    self._problem(("types", name), "an enum is a list of different words")
                self.model.enums[name] = Enum(tuple(doc), name)
        for name, doc in self.document.types.items():
            if isinstance(doc, dict):
                self._record(name, ())

    def _record(self, name: str, above: tuple[str, ...]) -> Record:
        if name in self.model.records:
            return self.model.records[name]
        doc = self.document.types[name]
        assert isinstance(doc, dict)
        if name in above:
            self._problem(("types", name), "record types go in a circle: " + " → ".join((*above, name)))
            return Record((), name)
        if len(above) >= MAX_RECORDS:
            self._problem(("types", name), f"record types are nested more than {MAX_RECORDS} levels deep")
            return Record((), name)
        members: dict[str, Field] = {}
        for member, attributes in doc.items():
            path = ("types", name, member)
            type_ = self.type_of(attributes.type, path, (*above, name))
            members[member] = Field(member, type_, attributes, self.model.column(member, type_))
            self._attributes.check(members[member], path)
        columns = [item.column for item in members.values()]
        for item in members.values():
            if columns.count(item.column) > 1:
                self._problem(("types", name, item.name), f"two members would be called '{item.column}' by agents")
        self.model.members[name] = members
        self.model.records[name] = Record(tuple((item.name, item.type) for item in members.values()), name)
        return self.model.records[name]

    def type_of(self, text: str, path: Path, above: tuple[str, ...] = ()) -> Type:
        """The type that a text names; a problem and `unknown` where it names none."""
        text = text.strip()
        if text.count(" of ") + text.count("optional ") > MAX_NESTED:
            self._problem(path, f"this type is nested more than {MAX_NESTED} levels deep; use record types")
            return UNKNOWN
        if text in STORED_SCALARS:
            return STORED_SCALARS[text]
        if text in self.document.entities:
            if self.model.entities[text].key not in ("counted", "given"):
                self._problem(path, f"{text} has no id of its own, so nothing can refer to one")
            return Ref(text)
        if text in self.model.enums:
            return self.model.enums[text]
        if isinstance(self.document.types.get(text), dict):
            return self._record(text, above)
        if text.startswith("optional "):
            inner = self.type_of(text.removeprefix("optional "), path, above)
            return inner if isinstance(inner, Maybe) else Maybe(inner)
        for word in ("list", "set"):
            if text.startswith(f"{word} of "):
                item = self.type_of(text.removeprefix(f"{word} of "), path, above)
                if isinstance(item, Maybe):
                    self._problem(path, f"the items of a {word} are never missing; leave 'optional' out")
                    item = item.item
                return ListOf(item, word == "set")
        if match := re.fullmatch(r"map of (\w+) to (.+)", text):
            key, value = self.type_of(match[1], path, above), self.type_of(match[2], path, above)
            if isinstance(key, Enum) and (value in STORED_SCALARS.values() or isinstance(value, Enum)):
                return MapOf(key, value)
            self._problem(path, "a map goes from an enum to a plain value: map of cabin to integer")
            return UNKNOWN
        if text.startswith("[") and text.endswith("]"):
            words = tuple(word.strip() for word in text[1:-1].split(","))
            if len(set(words)) != len(words) or "" in words:
                self._problem(path, "an enum is a list of different words")
            return Enum(words)
        if not text:
            self._problem(path, "a type is missing")
            return UNKNOWN
        if re.fullmatch(r"(\w+)\.(\w+)", text):
            self._problem(path, f"'{text}' inherits from a field, which only parameters do; name its type")
            return UNKNOWN
        choices = [*_TYPE_WORDS, *self.document.types, *self.document.entities]
        self._problem(path, f"there is no type '{text}'{nearest(text, choices)}")
        return UNKNOWN
