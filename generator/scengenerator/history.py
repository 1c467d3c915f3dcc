"""What happened before the scenario starts: commands under an advancing clock, up to the scenario's own.

Each command is drawn by what the state lacks: entities below the number of rows that the size calls for, words of
enums that no row shows, and rows in a state that another command waits for. Refused commands leave no trace.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

from generator.scengenerator.laws import Laws, Row, World
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.tendencies import Move, Place, Tendency, places, tendencies
from generator.skeleton.model import Entity

TRIES = 3  # proposals for one command before another one is drawn
DAYS = (20, 12)  # the length of the past in days: at the least, and for each step of size
COMMANDS = (18, 12)  # commands in it, likewise
ROWS = (2.0, 1.6)  # rows of an entity that commands make, likewise
GROWTH = 1_000  # rows that a past may add
_OPENING, _CLOSING = 8, 18  # commands are given in working hours


class History:
    """Lets things happen in a world until its clock has come to `end`."""

    def __init__(self, laws: Laws, world: World, proposer: Proposer, size: int) -> None:
        self.laws, self.world, self.proposer, self.size = laws, world, proposer, size
        self.rng: random.Random = proposer.rng
        kept = laws.kept.get("tendencies")
        if kept is None:
            kept = laws.kept["tendencies"] = (tendencies(laws.model), [place for place, _ in places(laws.model)])
        self.tendencies: list[Tendency] = kept[0]
        self.places: list[Place] = kept[1]
        self.wanted = ROWS[0] + ROWS[1] * size
        self.done: Counter[str] = Counter()
        self.shown: dict[Place, Counter[str]] = {}
        self._bases: dict[int, float] = {}  # weights, as far as rows decide them; kept until those rows change

    def run(self, end: str) -> None:
        """Commands at the moments of `clocks`; the clock is `end` afterwards."""
        moments = clocks(self.rng, end, self.size)
        self._look(None)
        most = self._count() + GROWTH
        for at, moment in enumerate(moments):
            if self._count() > most:
                break  # what copies itself doubles each time
            self.world.clock = moment
            self._happen(late=at > 0.6 * len(moments))
        self.world.clock = end

    def _count(self) -> int:
        return sum(len(self._rows(entity.plural)) for entity in self.laws.model.entities.values())

    def _happen(self, late: bool) -> None:
        needed = self._needed()
        candidates = list(range(len(self.tendencies)))
        weights = [self._weight(at, needed) ** (1.6 if late else 1.0) for at in candidates]
        while candidates:
            drawn = self.rng.choices(range(len(candidates)), weights)[0]
            item = self.tendencies[candidates[drawn]]
            if self.proposer.succeeding(self.world, item.operation, TRIES, self._wish(item)) is not None:
                self.done[item.operation.name] += 1
                self._look(item)
                return
            del candidates[drawn], weights[drawn]

    def _look(self, item: Tendency | None) -> None:
        """Counts words again where a command may have changed them; everywhere without one."""
        changed = None if item is None or item.removes else item.touches
        for place in self.places:
            if changed is None or place.entity in changed:
                self.shown[place] = Counter([row[place.column] for row in self._rows(place.plural).values()])
        for at, other in enumerate(self.tendencies):
            if changed is None or other.touches & changed:
                self._bases.pop(at, None)

    def _rows(self, plural: str) -> dict[str, Row]:
        rows: dict[str, Row] = getattr(self.world, plural)
        return rows

    # -- what the state lacks -----------------------------------------------------------------------------------------

    def _weight(self, at: int, needed: set[tuple[Place, str]]) -> float:
        item = self.tendencies[at]
        if at not in self._bases:
            self._bases[at] = self._base(item)
        weight = self._bases[at]
        if needed and any((move.place, move.word) in needed for move in (*item.moves, *item.starts)):
            weight *= 2.5
        return weight / (1 + 0.5 * self.done[item.operation.name] / (1 + self.size))

    def _base(self, item: Tendency) -> float:
        weight = 1.0
        for entity in item.makes:
            if entity.parent is None:
                weight *= min(6.0, max(0.25, 1.5 / (self._share(entity) + 0.15)))
        if item.removes:
            weight *= 0.4
        gains = [self._gain(move) for move in (*item.moves, *item.starts)]
        if gains and (item.moves or max(gains) > 1.5):
            weight *= max(gains)
        return weight * min((self._loss(move) for move in item.moves), default=1.0)

    def _wish(self, item: Tendency) -> dict[str, str]:
        """The parameter that makes the command set the word that is missed most."""
        moves = [move for move in (*item.moves, *item.starts) if move.choice is not None]
        if len(moves) < 2 or self.rng.random() < 0.3:
            return {}
        self.rng.shuffle(moves)
        most = max(moves, key=self._gain)
        return {} if most.choice is None else {most.choice[0]: most.choice[1]}

    def _share(self, entity: Entity) -> float:
        return len(self._rows(entity.plural)) / self.wanted

    def _gain(self, move: Move) -> float:
        """How much a state would gain from one more row that shows this word."""
        counts = self.shown[move.place]
        share = counts[move.word] / max(1, counts.total())
        if counts[move.word] == 0:
            return 3.0 if move.machine else 2.0
        if not move.machine:
            return 1.0
        return (2.0 if share < 0.15 else 1.0 if share < 0.35 else 0.4) * (0.6 if move.final else 1.0)

    def _loss(self, move: Move) -> float:
        """What it costs to move one of the last rows on that a later step could start from."""
        if not move.sources:
            return 1.0
        left = max(self.shown[move.place][source] for source in move.sources)
        return 0.2 if left <= 1 else 0.6 if left == 2 else 1.0

    def _needed(self) -> set[tuple[Place, str]]:
        """Words that commands wait for whose rows are still few."""
        needed: set[tuple[Place, str]] = set()
        for item in self.tendencies:
            short = [entity for entity in item.makes if entity.parent is None and self._share(entity) < 0.7]
            if short:
                most = min(len(self._rows(entity.plural)) for entity in short) + 2
                needed |= {(place, word) for place, word in item.needs if self.shown[place][word] < most}
        return needed


def clocks(rng: random.Random, end: str, size: int) -> list[str]:
    """Moments in working hours before `end`, in order, closer together towards it."""
    last = dt.datetime.fromisoformat(end)
    moments: list[dt.datetime] = []
    for _ in range(COMMANDS[0] + COMMANDS[1] * size + rng.randint(0, 6)):
        back = int(length(size) * rng.random() ** 1.5)
        day = (last - dt.timedelta(days=back)).date()
        moment = dt.datetime.combine(day, dt.time(rng.randrange(_OPENING, _CLOSING), rng.randrange(60)))
        moments.append(moment if moment < last else moment - dt.timedelta(days=1))
    return [moment.isoformat() for moment in sorted(moments)]


def length(size: int) -> int:
    """How many days before the end the past begins."""
    return DAYS[0] + DAYS[1] * size
