"""Which steps make no sense one after the other: what one does, another takes back or writes over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.scengenerator.outcomes import Change, difference
from generator.scengenerator.scenario import JsonObject
from generator.scengenerator.steps import Place, Step
from generator.skeleton.model import Model

Cell = tuple[str, str, str]  # (table, key, column)
_CALLED_OFF = "cancelled canceled withdrawn void voided aborted abandoned discarded scrapped revoked deleted"
CALLED_OFF = frozenset(_CALLED_OFF.split())
"""Words for what was all in vain: nobody works on a row first and has it called off in the same breath."""
SET_BACK = frozenset(
    ("blocked", "frozen", "suspended", "locked", "disabled", "inactive", "paused", "retired", "closed")
)
"""Words for what nobody wants of a row that was made just before."""


class Sense:
    """What a person would not ask for together."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def undoes(self, earlier: Sequence[Step], step: Step) -> bool:
        """Whether a step takes back, writes over or makes useless what an earlier one did."""
        history: dict[Cell, list[Any]] = {}  # what stood in each cell that was written, before each writing
        given: dict[Cell, set[str]] = {}  # the values that the writing steps were given
        touched: set[Place] = set()
        made: set[Place] = set()
        for one in earlier:
            for change in self._changes(one):
                holder = one.before if change.kind == "deleted" else one.after
                touched |= set(self._with_owner(change, holder.state["tables"][change.table][change.row]))
                made |= {(change.table, change.row)} if change.kind == "created" else set()
                for name, (old, _) in change.fields.items():
                    history.setdefault((change.table, change.row, name), []).append(old)
                    given.setdefault((change.table, change.row, name), set()).update(texts(one.arguments))
        for change in self._changes(step) if history else ():
            place = (change.table, change.row)
            if place in touched and change.kind == "deleted":
                return True
            for name, (old, new) in change.fields.items():
                if change.kind == "changed" and self._is_in_vain(new, place in touched, place in made):
                    return True
                cell = (*place, name)
                if cell in history and (
                    new in history[cell] or str(old) in given[cell] or self._skips(earlier, cell, new)
                ):
                    return True
        return False

    @staticmethod
    def _is_in_vain(new: Any, touched: bool, made: bool) -> bool:
        return (touched and new in CALLED_OFF) or (made and new in SET_BACK) if isinstance(new, str) else False

    def _with_owner(self, change: Change, row: JsonObject) -> Iterator[Place]:
        """The row, and the one that it is part of, by table."""
        yield change.table, change.row
        entity = self.model.by_plural(change.table)
        if entity is not None and entity.parent is not None:
            owner = row.get(entity.fields[entity.parent].column)
            if owner is not None:
                yield self.model.entities[entity.parent].plural, owner

    def _skips(self, earlier: Sequence[Step], cell: Cell, new: Any) -> bool:
        """Whether a row could have come to its new state without the earlier step, or is made only to be ended."""
        table, key, name = cell
        entity = self.model.by_plural(table)
        item = entity.field_of_column(name) if entity else None
        if entity is None or item is None or item.doc.transitions is None:
            return False
        at = next(at for at, one in enumerate(earlier) if any(_is_cell(c, cell) for c in self._changes(one)))
        moves = item.doc.transitions
        was = earlier[at].before.state["tables"][table].get(key)
        if was is not None:
            return new in moves.get(was[name], [])
        served = any((entity.name, key) in one.places for one in earlier[at + 1 :])
        return not moves.get(new) and not served

    def _changes(self, step: Step) -> list[Change]:
        return difference(step.before.state, step.after.state, self.model)


def _is_cell(change: Change, cell: Cell) -> bool:
    return (change.table, change.row) == cell[:2] and cell[2] in change.fields


def texts(arguments: JsonObject) -> set[str]:
    """The values that are given, also within lists and records."""
    found: set[str] = set()
    pending = list(arguments.values())
    while pending:
        value = pending.pop()
        if isinstance(value, dict | list):
            pending += value.values() if isinstance(value, dict) else value
        elif not isinstance(value, bool):
            found.add(str(value))
    return found
