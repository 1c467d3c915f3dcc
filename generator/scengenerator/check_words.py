"""What a check asks for, as a person reads it in a report: rows by id and label, values as people write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.scengenerator.outcomes import Change
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.words import value_words
from generator.skeleton.facts import spaced
from generator.skeleton.model import Entity, Field, Model, Operation
from generator.skeleton.types import DATE, DATETIME, TEXT, Type, bare

LONGEST = 60  # characters of a text that are shown
COUNTS = ("no", "one", "two", "three", "four", "five")


class CheckWords:
    """Words for the checks of one outcome; `start` and `end` are environments."""

    def __init__(self, model: Model, start: Any, end: Any) -> None:
        self.model = model
        self._states = (Snapshot(model, start), Snapshot(model, end))

    def changed(self, entity: Entity, change: Change) -> str:
        """ "account A-0001 (New roof): status is open, freeze reason is empty"."""
        row = self._states[1].rows(entity)[change.row]
        items = [item for item in entity.stored if item.column in change.fields]
        return f"{self.name(entity, change.row)}: {self._listed(items, row)}"

    def gone(self, entity: Entity, key: str) -> str:
        return f"{self.name(entity, key)} is gone"

    def created(self, entity: Entity, key: str, count: int) -> str:
        """ "one new card: account is A-0001 (Groceries), last four is 1234"."""
        return self.content(entity, self._states[1].rows(entity)[key], count, "new ")

    def content(self, entity: Entity, row: dict[str, Any], count: int, word: str = "") -> str:
        """ "no prescription entry: prescription is RX-0001, medicine is diazepam"."""
        items = [item for item in entity.stored if row[item.column] not in (None, [], "") and not _is_moment(item)]
        noun = spaced(entity.name if count < 2 else entity.plural)
        return f"{number(count)} {word}{noun}: {self._listed(items, row)}"

    def count(self, entity: Entity, owner: Entity, key: str, count: int) -> str:
        """ "order SO-0001 (Jansen): two order lines"."""
        return f"{self.name(owner, key)}: {number(count)} {spaced(entity.name if count == 1 else entity.plural)}"

    def call(self, operation: Operation, given: dict[str, Any]) -> str:
        """ "refer patient: doctor is D-01 (Karl Butler)"."""
        parts = [
            f"{spaced(param.name)} is {self._value(param.type, given[param.argument])}"
            for param in operation.params
            if param.argument in given
        ]
        return f"{spaced(operation.name)}: {', '.join(parts)}"

    def name(self, entity: Entity, key: str) -> str:
        """A row by its noun, id and label."""
        noun = spaced(entity.name)
        if entity.key == "none":
            return f"a {noun}"
        if entity.key == "one":
            return f"the {noun}"
        return f"{noun} {self._reference(entity.name, key)}"

    def _reference(self, entity_name: str, key: str) -> str:
        entity = self.model.entities[entity_name]
        if entity.key == "counted" and key not in self._states[0].rows(entity):
            return f"the new {spaced(entity.name)}"  # its id is whatever the episode gives it
        label = None
        for snapshot in self._states:
            if entity.doc.label and key in snapshot.rows(entity):
                label = label or snapshot.value(entity, key, entity.doc.label)
        shown = key.replace("|", ", ")
        return f"{shown} ({label})" if label and str(label) != key else shown

    def _listed(self, items: Iterable[Field], row: dict[str, Any]) -> str:
        return ", ".join(f"{spaced(item.name)} is {self._value(item.type, row[item.column])}" for item in items)

    def _value(self, type_: Type, value: Any) -> str:
        if value is None or value in ([], "", {}):
            return "empty"
        if bare(type_) == TEXT:
            text = str(value)
            return f"“{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}”"
        return value_words(self.model, type_, value, self._reference)


def number(count: int) -> str:
    return COUNTS[count] if count < len(COUNTS) else str(count)


def _is_moment(item: Field) -> bool:
    return bare(item.type) in (DATE, DATETIME)
