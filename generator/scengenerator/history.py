"""What happened before the scenario starts: commands under an advancing clock, up to the scenario's own.

Each command is drawn by what the state lacks: entities below the number of rows that their size calls for, and words
of state machines that no row shows. Refused commands leave no trace.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.scengenerator.laws import Laws, World
from generator.scengenerator.proposals import Proposer
from generator.skeleton.model import Effect, Entity, Field, Model, Operation
from generator.skeleton.nodes import Literal, Node, Var, children
from generator.skeleton.types import Enum, bare

TRIES = 3  # proposals for one command before another one is drawn
DAYS = (20, 12)  # the length of the past in days: at the least, and for each step of size
COMMANDS = (14, 11)  # commands in it, likewise
ROWS = (2.0, 1.6)  # rows of an entity that commands make, likewise
_OPENING, _CLOSING = 8, 18  # commands are given in working hours


@dataclass
class Tendency:
    """What a command does to a state, as far as the skeleton tells beforehand."""

    operation: Operation
    makes: list[Entity] = field(default_factory=list)
    removes: bool = False
    words: list[tuple[Entity, Field, str]] = field(default_factory=list)  # words that it may set
    ends: bool = False  # sets a word that no transition leads away from


def tendencies(model: Model) -> list[Tendency]:
    return [_tendency(model, operation) for operation in model.commands]


def _tendency(model: Model, operation: Operation) -> Tendency:
    result = Tendency(operation)
    for effect in operation.effects:
        entity = model.entities[effect.entity]
        if effect.kind == "create" and entity not in result.makes:
            result.makes.append(entity)
        result.removes = result.removes or effect.kind == "delete"
        for item, words in _words_set(entity, effect):
            result.words += [(entity, item, word) for word in words]
            moves = item.doc.transitions or {}
            result.ends = result.ends or (effect.kind == "update" and all(not moves.get(word) for word in words))
    return result


def _words_set(entity: Entity, effect: Effect) -> Iterator[tuple[Field, list[str]]]:
    """The words of state machines that an effect may set."""
    assigned = {assign.field.name: assign.node for assign in effect.assigns}
    for item in entity.stored:
        type_ = bare(item.type)
        if item.doc.transitions is None or not isinstance(type_, Enum):
            continue
        node = assigned.get(item.name, item.default if effect.kind == "create" else None)
        if node is not None:
            yield item, [word for word in type_.words if word in possible_words(node)]


def possible_words(node: Node) -> set[str]:
    """The texts that an expression may come to: literals in it, and the words of what it passes on."""
    if isinstance(node, Literal):
        return {str(node.value)}
    if isinstance(node, Var) and isinstance(bare(node.type), Enum):
        return set(bare(node.type).words)  # type: ignore[union-attr]
    found: set[str] = set()
    for child in children(node):
        found |= possible_words(child)
    return found


class History:
    """Lets things happen in a world until its clock has come to `end`."""

    def __init__(self, laws: Laws, world: World, proposer: Proposer, size: int) -> None:
        self.laws, self.world, self.proposer, self.size = laws, world, proposer, size
        self.rng: random.Random = proposer.rng
        self.tendencies = tendencies(laws.model)
        self.wanted = ROWS[0] + ROWS[1] * size
        self.done: Counter[str] = Counter()

    def run(self, end: str) -> None:
        """Commands at the moments of `clocks`; the clock is `end` afterwards."""
        for moment in clocks(self.rng, end, self.size):
            self.world.clock = moment
            self._happen()
        self.world.clock = end

    def _happen(self) -> None:
        candidates = list(self.tendencies)
        weights = [self._weight(item) for item in candidates]
        while candidates:
            at = self.rng.choices(range(len(candidates)), weights)[0]
            if self.proposer.succeeding(self.world, candidates[at].operation, TRIES) is not None:
                self.done[candidates[at].operation.name] += 1
                return
            del candidates[at], weights[at]

    def _weight(self, item: Tendency) -> float:
        tables = self.world.state["tables"]
        weight = 1.0
        for entity in item.makes:
            if entity.parent is None:
                share = len(tables[entity.plural]) / self.wanted
                weight *= min(6.0, max(0.3, 1.5 / (share + 0.15)))
        if item.removes:
            weight *= 0.4
        if item.words and not item.makes:
            weight *= self._lack(item)
        return weight / (1 + 0.5 * self.done[item.operation.name] / (1 + self.size))

    def _lack(self, item: Tendency) -> float:
        """How much a state would gain from a row that shows one of these words."""
        gain = 0.0
        tables = self.world.state["tables"]
        for entity, machine, word in item.words:
            rows = tables[entity.plural]
            shown = sum(1 for row in rows.values() if row[machine.column] == word)
            share = shown / max(1, len(rows))
            gain = max(gain, 3.0 if shown == 0 else 1.5 if share < 0.15 else 0.8 if share < 0.4 else 0.25)
        return gain * (0.6 if item.ends else 1.0)


def clocks(rng: random.Random, end: str, size: int) -> list[str]:
    """Moments in working hours before `end`, in order, closer together towards it."""
    last = dt.datetime.fromisoformat(end)
    days = length(size)
    moments: list[dt.datetime] = []
    for _ in range(COMMANDS[0] + COMMANDS[1] * size + rng.randint(0, 6)):
        back = int(days * rng.random() ** 1.5)
        day = (last - dt.timedelta(days=back)).date()
        moment = dt.datetime.combine(day, dt.time(rng.randrange(_OPENING, _CLOSING), rng.randrange(60)))
        moments.append(moment if moment < last else moment - dt.timedelta(days=1))
    return [moment.isoformat() for moment in sorted(moments)]


def length(size: int) -> int:
    """How many days before the end the past begins."""
    return DAYS[0] + DAYS[1] * size
