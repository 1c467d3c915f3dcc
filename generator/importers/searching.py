"""Looks for an edited state that a check judges otherwise, guided by which lines of its code are reached.

Coverage-guided search as fuzzers do it (M. Zalewski, AFL, 2013): an edit after which the check gets further than
any before is kept, and the next edits are made on top of it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.importers.asked import Asked
from generator.importers.contained import probing
from generator.importers.neighbours import Group, Path, towards
from generator.importers.verdicts import Judgement
from generator.importers.wanted import Wanted

Reads = Callable[[Any], Sequence[Path]]
Probe = Callable[[Any, Sequence[Group]], Sequence[Judgement | None]]
_ROUNDS = 6
_BASES = 3  # states that are taken further in each round
_MOST_READS = 200_000  # of all neighbours of one check together: a large state is searched less, not longer


@dataclass
class Search:
    """`kinds` of verdicts that edited states got; `found` is one that got the verdict looked for, decoded."""

    kinds: set[str] = field(default_factory=set)
    found: Any = None


def search(
    state: Any, goal: str, wanted: Wanted, asked: Asked, reads: Reads, probe: Probe, rounds: int = _ROUNDS
) -> Search:
    """Edit a decoded state until the check's verdict is `goal` (`true` or `false`), or nothing leads further."""
    outcome, seen = Search(), set[int]()
    bases, left = [state], _MOST_READS
    for _ in range(rounds):
        further: list[tuple[int, Any]] = []
        for base in bases:
            paths = reads(base)
            groups = towards(base, paths, wanted, asked)[: max(0, left) // max(1, len(paths))]
            left -= len(groups) * len(paths)
            for group, judgement in zip(groups, probe(base, groups), strict=True):
                if judgement is None:
                    continue
                outcome.kinds.add(judgement.kind)
                if judgement.kind == goal:
                    outcome.found = _edited(base, group)
                    return outcome
                new = set(judgement.lines) - seen
                if new:
                    seen |= new
                    further.append((len(judgement.lines), _edited(base, group)))
        further.sort(key=lambda pair: -pair[0])
        bases = [base for _, base in further[:_BASES]]
    return outcome


def _edited(state: Any, group: Group) -> Any:
    made = copy.deepcopy(state)
    probing.edit(made, group)
    return made
