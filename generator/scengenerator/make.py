"""ScenGenerator without a model: makes certified scenarios of an environment, and counts what it had to drop."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.rendering import digests
from generator.scengenerator.certificates import Prover, UncertifiedError
from generator.scengenerator.drafts import Drafter, NoDraftError, OtherDifficultyError, Workshop
from generator.scengenerator.sampling import SamplingError
from generator.scengenerator.scenario import Kind, Scenario
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton
from generator.skeleton.model import Model, Operation

ATTEMPTS = 60  # drafts for one scenario before its command is given up
DRAFTS_A_STATE = 12
STRICT = 2  # states tried for exactly the difficulty whose turn it is, before any other will do
SCENARIOS_A_STATE = 20  # of a state for each size, as sizes come in turn
MISSES = 4  # drafts of a difficulty that is not wanted before a state is given up
LEVELS = range(1, 6)
KINDS: tuple[Kind, ...] = ("change", "change", "question", "change", "decline")


@dataclass
class Tally:
    """What became of the drafts: kept, and dropped by reason."""

    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """For people, the most frequent reason first."""
        reasons = sorted(self.dropped.items(), key=lambda item: (-item[1], item[0]))
        return [f"{self.kept} kept, {sum(self.dropped.values())} dropped"] + [
            f"  {count:5} {reason}" for reason, count in reasons
        ]


@dataclass(frozen=True)
class Wish:
    """What is asked for: all kinds in turn and difficulties as they come, unless one is named."""

    count: int
    seed: int
    difficulty: int | None = None
    kind: Kind | None = None


def make_scenarios(document: Skeleton, wish: Wish, tally: Tally | None = None) -> Iterator[Scenario]:
    """Certified scenarios, each another task; the same wish gives the same bytes.

    Ends early when a kind or difficulty cannot be had from this environment; `tally` says why. Raises
    SkeletonError when the skeleton does not pass the checker.
    """
    yield from _Maker(check(document), wish, tally or Tally()).make()


class _Maker:
    def __init__(self, model: Model, wish: Wish, tally: Tally) -> None:
        self.model, self.wish, self.tally = model, wish, tally
        self.prover = Prover(model)
        self.workshop = Workshop(model)
        skeleton, environment = digests(model.document)
        self.digests = {"skeleton_digest": skeleton, "environment_digest": environment}
        self._drafters: dict[tuple[int, int], Drafter | None] = {}
        self._texts: set[str] = set()
        self._plans: set[str] = set()
        self._uses: Counter[str] = Counter()  # of commands, in solutions
        self._asked: Counter[tuple[Kind, str]] = Counter()
        self._levels: Counter[int] = Counter(dict.fromkeys(LEVELS, 0))

    def make(self) -> Iterator[Scenario]:
        rng = random.Random(f"{self.model.document.id}/{self.wish.seed}")
        commands = list(self.model.commands)
        rng.shuffle(commands)
        turns = itertools.cycle(commands)
        kinds = itertools.cycle([self.wish.kind] if self.wish.kind else KINDS)
        barren = 0
        while self.tally.kept < self.wish.count and barren < 3 * len(commands):
            kind = next(kinds)
            scenario = self._scenario(kind, self._rarest(kind, turns, len(commands)))
            barren = 0 if scenario else barren + 1
            if scenario is not None:
                self._note(scenario)
                yield scenario

    def _rarest(self, kind: Kind, turns: Iterator[Operation], count: int) -> Operation:
        """Of the commands, one that solutions have least; one that was asked for in vain waits a while."""

        def asked(command: Operation) -> float:
            uses = self._uses[command.name] if kind == "change" else 0
            return uses + self._asked[kind, command.name] / 2

        focus = min(itertools.islice(turns, count), key=asked)
        self._asked[kind, focus.name] += 1
        return focus

    def _note(self, scenario: Scenario) -> None:
        self.tally.kept += 1
        self._texts.add(scenario.task)
        self._plans.add(shape_of(scenario))
        self._levels[scenario.difficulty] += 1
        if scenario.kind == "change":
            self._uses.update(call.name for call in scenario.solution.calls)

    def _scenario(self, kind: Kind, focus: Operation) -> Scenario | None:
        """A proven scenario with this command in it, or nothing after so many drafts."""
        number = self.tally.kept + 1
        for attempt in range(ATTEMPTS // DRAFTS_A_STATE):
            strict = attempt < STRICT
            level = self.wish.difficulty or self._level(kind, number, attempt)
            drafter = self._drafter(level, number // SCENARIOS_A_STATE + attempt % STRICT)
            wanted = self._wanted(kind, strict)
            others = 0  # of a difficulty that is not wanted
            for draft in range(DRAFTS_A_STATE if drafter else 0):
                assert drafter is not None
                seed = f"{self.wish.seed}/{number}/{kind}/{focus.name}/{attempt}/{draft}"
                try:
                    return self._proven(drafter.draft(kind, focus, seed, wanted), number)
                except NoDraftError as error:
                    self.tally.dropped[str(error)] += 1
                    others += isinstance(error, OtherDifficultyError)
                    if error.barren or others == MISSES:
                        break
                except UncertifiedError as error:
                    self.tally.dropped[error.reason] += 1
        return None

    # -- difficulties and states --------------------------------------------------------------------------------------

    def _level(self, kind: Kind, number: int, attempt: int) -> int:
        """The size of the state: for changes by the difficulties that are rarest so far, for others in turn."""
        if kind == "change" and attempt < STRICT:
            return sorted(LEVELS, key=lambda level: (self._levels[level], (level - number) % 5))[attempt]
        return 1 + (number - 1 + (number - 1) // 5 + attempt) % 5  # not in step with the kinds

    def _wanted(self, kind: Kind, strict: bool) -> frozenset[int]:
        """The difficulties that will do: those that are not ahead of others, as long as we are strict."""
        if self.wish.difficulty:
            return frozenset({self.wish.difficulty})
        if kind != "change" or not strict:
            return frozenset(LEVELS)
        least = min(self._levels.values())
        return frozenset(level for level in LEVELS if self._levels[level] <= least + 1)

    def _drafter(self, level: int, number: int) -> Drafter | None:
        """Drafts over one state; a state serves a few scenarios, since making one takes longest."""
        if (level, number) not in self._drafters:
            for place in [place for place in self._drafters if place[1] < number - STRICT]:
                del self._drafters[place]
            try:
                state = make_state(self.model, f"{self.wish.seed}/{level}/{number}", level)
                self._drafters[level, number] = Drafter(self.workshop, state, level)
            except SamplingError:
                self.tally.dropped["no state keeps the rules"] += 1
                self._drafters[level, number] = None
        return self._drafters[level, number]

    # -- proving ------------------------------------------------------------------------------------------------------

    def _proven(self, draft: Scenario, number: int) -> Scenario:
        """The draft with its identity and certificate. Raises NoDraftError and UncertifiedError."""
        if draft.task in self._texts or shape_of(draft) in self._plans:
            raise NoDraftError("the same task again")
        name = f"{self.model.document.id.replace('_', '-')}-{number:03}"
        scenario = draft.model_copy(update={"id": name, "seed": self.wish.seed, **self.digests})
        certificate = self.prover.prove(scenario)
        own = self.prover.open(scenario.initial_state).state  # the drafter goes on with its own
        return scenario.model_copy(update={"certificate": certificate, "initial_state": own})


def shape_of(scenario: Scenario) -> str:
    """Two scenarios of one shape are the same task: the same calls, or the same question."""
    calls = [(call.name, sorted(call.arguments.items(), key=str)) for call in scenario.solution.calls]
    return f"{scenario.kind} {calls} {scenario.expressions[0].that if scenario.kind == 'question' else ''}"
