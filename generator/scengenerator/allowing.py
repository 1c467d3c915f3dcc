"""Which differences a scenario allows; every other one is collateral damage (DESIGN section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generator.scengenerator.checking import FAILURES, CheckCompiler
from generator.scengenerator.outcomes import Change
from generator.scengenerator.scenario import AllowedChange
from generator.scengenerator.worlds import World


def damage(
    changes: Sequence[Change], allowed: Sequence[AllowedChange], compiler: CheckCompiler, world: World
) -> list[Change]:
    """The changes that no allowance covers; of a changed row only the fields that none covers.

    Several allowances may cover one row together. One with `at_most` covers so many rows, chosen so that as few as
    possible are left over; a row that needs one is covered by one.
    """
    fitting = [_fitting(change, allowed, compiler, world) for change in changes]
    free = {at for at, allowance in enumerate(allowed) if allowance.at_most is None}
    left = [
        _uncovered(change, [allowed[at] for at in found if at in free])
        for change, found in zip(changes, fitting, strict=True)
    ]
    room = {at: allowance.at_most or 0 for at, allowance in enumerate(allowed) if at not in free}
    choices = [
        [at for at in found if at in room and change is not None and _uncovered(change, [allowed[at]]) is None]
        for change, found in zip(left, fitting, strict=True)
    ]
    covered = _assigned(choices, room)
    return [change for at, change in enumerate(left) if change is not None and at not in covered]


def _fitting(change: Change, allowed: Sequence[AllowedChange], compiler: CheckCompiler, world: World) -> list[int]:
    """The allowances that are about this row."""
    return [at for at, allowance in enumerate(allowed) if _is_about(allowance, change, compiler, world)]


def _is_about(allowance: AllowedChange, change: Change, compiler: CheckCompiler, world: World) -> bool:
    if allowance.table != change.table or allowance.row not in (None, change.row):
        return False
    entity = compiler.model.by_plural(change.table)
    if allowance.where is None or entity is None:
        return allowance.where is None
    before = change.kind != "created"
    try:
        row = getattr(world.before if before else world, change.table)[change.row]
        return bool(compiler.where(entity, allowance.where, before=before)(world, row))
    except FAILURES:
        return False  # a condition that cannot be decided allows nothing


def _uncovered(change: Change, allowances: Sequence[AllowedChange]) -> Change | None:
    """What is left of a change once these allow what they allow."""
    if change.kind == "created":
        return None if any(allowance.create for allowance in allowances) else change
    if change.kind == "deleted":
        return None if any(allowance.delete for allowance in allowances) else change
    names = {name for allowance in allowances for name in allowance.fields}
    rest = {name: values for name, values in change.fields.items() if name not in names}
    return replace(change, fields=rest) if rest else None


def _assigned(choices: Sequence[Sequence[int]], room: dict[int, int]) -> set[int]:
    """The changes that find room: a largest assignment, by augmenting paths."""
    holders: dict[int, list[int]] = {at: [] for at in room}

    def place(change: int, seen: set[int]) -> bool:
        for at in choices[change]:
            if at in seen:
                continue
            seen.add(at)
            if len(holders[at]) < room[at]:
                holders[at].append(change)
                return True
            for held in list(holders[at]):
                if place(held, seen):
                    holders[at].remove(held)
                    holders[at].append(change)
                    return True
        return False

    for change in range(len(choices)):
        if choices[change]:
            place(change, set())
    return {change for held in holders.values() for change in held}
