"""What a noun phrase says about the rows it denotes, as data that can be resolved again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Value = str | int | float | bool | None
Test = Literal["==", "contains", "on", "amounts to", "is", "created"]


@dataclass(frozen=True)
class Condition:
    """A test of what is found along `path`, field by field over references (`account.member`).

    `contains`: the list there holds the value. `on`: the date there, or that of the moment there. `amounts to`: the
    number there, whatever its sign. `is`: the one row that the description in `value` denotes. `created`: the row
    itself (the path is empty) did not exist in the initial tables.
    """

    path: str
    test: Test
    value: Value | Description


@dataclass(frozen=True)
class Description:
    """A noun phrase that denotes one row, or with `many` a set of rows.

    `text` is ready for a sentence, its article included. `order` makes it a superlative: of the rows that meet the
    conditions, the only one with the greatest (True) or the least (False) value along the path. `steps` counts the
    look-ups that a reader needs. `noun` is the common noun of the phrase, or nothing for a bare name.
    """

    entity: str
    text: str
    conditions: tuple[Condition, ...]
    order: tuple[str, bool] | None = None
    steps: int = 1
    noun: str = ""
    cost: float = 0.0  # how far from what a person would say first
    by_id: bool = False
    many: bool = False
