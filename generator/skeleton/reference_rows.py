"""Checks reference data: the rows that stand in the skeleton itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from generator.errors import Problem
from generator.skeleton.fitting import MOMENT_FORMS, is_moment
from generator.skeleton.model import Entity, Field, Model
from generator.skeleton.scope import Path
from generator.skeleton.types import (
    BOOLEAN,
    INTEGER,
    NUMBERS,
    TEXT,
    UNKNOWN,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
    bare,
)
from generator.skeleton.wording import a, nearest, no_word, shorten

EMPTY = ("", "null")
"""How a row spells that an optional field has no value."""


class ReferenceRows:
    """Checks written rows as every later write is checked."""

    def __init__(self, model: Model, report: Callable[[Problem], None]) -> None:
        self._model = model
        self._report = report

    def _problem(self, path: Path, message: str) -> None:
        self._report(Problem(path, message))

    def check(self, entity: Entity) -> None:
        """Every row of the entity's population: its fields, their values, and what must be unique."""
        rows = entity.doc.population
        assert isinstance(rows, list)
        for at, row in enumerate(rows):
            path: Path = ("entities", entity.name, "population", at)
            names = [item.name for item in entity.stored]
            for name in row:
                if name not in names:
                    derived = name in entity.fields
                    hint = "; it is derived" if derived else nearest(name, names)
                    self._problem((*path, name), f"{entity.name} has no field '{name}' to write{hint}")
            for item in entity.stored:
                if item.name in row:
                    self._field(item, row[item.name], (*path, item.name))
                elif not item.optional and item.doc.default is None:
                    self._problem(path, f"'{item.name}' is missing")
        self._check_unique(entity, rows)

    def _check_unique(self, entity: Entity, rows: list[dict[str, Any]]) -> None:
        groups = [[item.name] for item in entity.stored if item.doc.unique or item.name == entity.key_column]
        groups += [entity.doc.key] if entity.doc.key else []
        for names in groups:
            seen: dict[tuple[str, ...], int] = {}
            for at, row in enumerate(rows):
                values = tuple(str(row.get(name, "")) for name in names)
                if not any(values):
                    continue
                if values in seen:
                    path = ("entities", entity.name, "population", at)
                    self._problem(path, f"{' and '.join(names)} '{', '.join(values)}' stands in an earlier row too")
                seen.setdefault(values, at)

    def _field(self, item: Field, value: object, path: Path) -> None:
        if value in EMPTY and item.optional:
            return
        self._value(value, bare(item.type), path)
        doc = item.doc
        if isinstance(value, str):
            if doc.not_blank and not value.strip():
                self._problem(path, f"'{item.name}' must not be blank")
            if doc.pattern is not None and not _matches(doc.pattern, value):
                self._problem(path, f"'{shorten(value)}' does not match {doc.pattern}")
        self._check_bounds(item, value, path)

    def _check_bounds(self, item: Field, value: object, path: Path) -> None:
        values = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
        for one in values:
            number = _number(one) if not isinstance(item.minimum or item.maximum, str) else str(one)
            for bound, word in ((item.minimum, "min"), (item.maximum, "max")):
                if bound is None or number is None or isinstance(bound, str) != isinstance(number, str):
                    continue
                over = number < bound if word == "min" else number > bound  # type: ignore[operator]
                if over:
                    self._problem(path, f"{one} is {'below' if word == 'min' else 'above'} {word} {bound}")

    def _value(self, value: object, type_: Type, path: Path) -> None:
        if type_ == UNKNOWN:
            return
        if isinstance(type_, ListOf):
            if not isinstance(value, list):
                self._problem(path, f"a list is expected, found '{shorten(str(value))}'")
                return
            for at, item in enumerate(value):
                self._value(item, type_.item, (*path, at))
        elif isinstance(type_, MapOf | Record):
            self._mapping(value, type_, path)
        elif not isinstance(value, str):
            self._problem(path, f"{a(type_)} is expected, found a {'list' if isinstance(value, list) else 'mapping'}")
        elif isinstance(type_, Ref):
            self._ref(value, type_, path)
        elif isinstance(type_, Enum):
            if value not in type_.words:
                self._problem(path, no_word(value, type_))
        elif not _is_scalar(value, type_):
            example = f"; write it as {MOMENT_FORMS[type_][1]}" if type_ in MOMENT_FORMS else ""
            self._problem(path, f"'{shorten(value)}' is no {type_}{example}")

    def _mapping(self, value: object, type_: MapOf | Record, path: Path) -> None:
        members = dict(type_.fields) if isinstance(type_, Record) else dict.fromkeys(type_.key.words, type_.value)
        if not isinstance(value, dict):
            self._problem(path, f"a mapping with {', '.join(members)} is expected, found '{shorten(str(value))}'")
            return
        for name, item in value.items():
            if name not in members:
                self._problem(path, f"there is no '{name}' in {a(type_)}{nearest(name, members)}")
            elif not (item in EMPTY and isinstance(members[name], Maybe)):
                self._value(item, bare(members[name]), (*path, name))
        if isinstance(type_, Record):
            for name, member in members.items():
                if name not in value and not isinstance(member, Maybe):
                    self._problem(path, f"'{name}' is missing")

    def _ref(self, value: str, type_: Ref, path: Path) -> None:
        """A row that is written out can refer only to rows that are written out too."""
        target = self._model.entities[type_.entity]
        rows = target.doc.population
        if not isinstance(rows, list):
            self._problem(path, f"'{value}' refers to {target.plural}, whose rows are not written in the skeleton")
            return
        known = row_ids(target, rows)
        if value not in known:
            self._problem(path, f"there is no {target.name} '{shorten(value)}'{nearest(value, known)}")


def row_ids(entity: Entity, rows: list[dict[str, Any]]) -> list[str]:
    """The ids of written rows: the natural keys, or the counted ids in the order of writing."""
    if entity.key == "given" and entity.key_column:
        return [str(row.get(entity.key_column, "")) for row in rows]
    pattern = (entity.doc.id.pattern if entity.doc.id else None) or "{n}"
    try:
        return [pattern.format(n=at) for at in range(1, len(rows) + 1)]
    except (ValueError, KeyError, IndexError):
        return []


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True  # reported where the pattern stands


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _is_scalar(value: str, type_: Type) -> bool:
    if type_ == TEXT:
        return True
    if type_ == BOOLEAN:
        return value in ("true", "false")
    if type_ == INTEGER:
        return re.fullmatch(r"-?\d+", value) is not None
    if type_ in NUMBERS:
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return type_ in MOMENT_FORMS and is_moment(value, type_)
