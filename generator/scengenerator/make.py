"""ScenGenerator without a model: makes certified scenarios of an environment, and counts what it had to drop."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.rendering import digests
from generator.scengenerator.certificates import Prover, UncertifiedError
from generator.scengenerator.drafts import Drafter, NoDraftError, Workshop
from generator.scengenerator.sampling import SamplingError
from generator.scengenerator.scenario import Kind, Scenario
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton
from generator.skeleton.model import Model

ATTEMPTS = 60  # drafts for one scenario before its command is given up
DRAFTS_A_STATE = 12
STRICT = 2  # states tried for exactly the difficulty whose turn it is, before any other will do
SCENARIOS_A_STATE = 20  # of a state for each size, as sizes come in turn
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
        self._drafters: dict[tuple[int, int], Drafter] = {}
        self._texts: set[str] = set()
        self._plans: set[str] = set()
        self._uses: Counter[str] = Counter()

    def make(self) -> Iterator[Scenario]:
        rng = random.Random(f"{self.model.document.id}/{self.wish.seed}")
        commands = list(self.model.commands)
        rng.shuffle(commands)
        turns = itertools.cycle(commands)
        kinds = itertools.cycle([self.wish.kind] if self.wish.kind else KINDS)
        barren = 0
        while self.tally.kept < self.wish.count and barren < 3 * len(commands):
            kind = next(kinds)
            scenario = self._scenario(kind, self._rarest(turns, len(commands)))
            barren = 0 if scenario else barren + 1
            if scenario is not None:
                self.tally.kept += 1
                yield scenario

    def _rarest(self, turns: Iterator[Any], count: int) -> Any:
        """Of the next commands, one that was asked for least: every command gets its turn."""
        return min(itertools.islice(turns, count), key=lambda command: self._uses[command.name])

    def _scenario(self, kind: Kind, focus: Any) -> Scenario | None:
        number = self.tally.kept + 1
        self._uses[focus.name] += 1
        for attempt in range(ATTEMPTS // DRAFTS_A_STATE):
            turn = number - 1 + (number - 1) // 5 + max(0, attempt - STRICT + 1)  # not in step with the kinds
            level = self.wish.difficulty or 1 + turn % 5
            drafter = self._drafter(level, number // SCENARIOS_A_STATE + attempt % STRICT)
            if drafter is None:
                continue
            for draft in range(DRAFTS_A_STATE):
                seed = f"{self.wish.seed}/{number}/{kind}/{focus.name}/{attempt}/{draft}"
                wanted = self.wish.difficulty or (level if kind == "change" and attempt < STRICT else None)
                scenario, barren = self._attempt(drafter, kind, focus, seed, number, wanted)
                if scenario is not None:
                    return scenario
                if barren:
                    break
        return None

    def _drafter(self, level: int, number: int) -> Drafter | None:
        """Drafts over one state; a state serves a few scenarios, since making one takes longest."""
        if (level, number) not in self._drafters:
            seed = f"{self.wish.seed}/{level}/{number}"
            try:
                state = make_state(self.model, seed, level)
            except SamplingError:
                self.tally.dropped["no state keeps the rules"] += 1
                return None
            self._drafters[level, number] = Drafter(self.workshop, state, level)
        return self._drafters[level, number]

    def _attempt(
        self, drafter: Drafter, kind: Kind, focus: Any, seed: str, number: int, difficulty: int | None
    ) -> tuple[Scenario | None, bool]:
        """A proven scenario, or whether to give this state up."""
        try:
            scenario = drafter.draft(kind, focus, seed, difficulty)
            scenario = scenario.model_copy(
                update={
                    "id": f"{self.model.document.id.replace('_', '-')}-{number:03}",
                    "seed": self.wish.seed,
                    **self.digests,
                }
            )
            if scenario.task in self._texts or _shape(scenario) in self._plans:
                raise NoDraftError("the same task again")
            certificate = self.prover.prove(scenario)
        except NoDraftError as error:
            self.tally.dropped[str(error)] += 1
            return None, error.barren
        except UncertifiedError as error:
            self.tally.dropped[error.reason] += 1
            return None, False
        self._texts.add(scenario.task)
        self._plans.add(_shape(scenario))
        for call in scenario.solution.calls:
            self._uses[call.name] += 1
        own = self.prover.open(scenario.initial_state).state  # the drafter goes on with its own
        return scenario.model_copy(update={"certificate": certificate, "initial_state": own}), False


def _shape(scenario: Scenario) -> str:
    """Two scenarios of one shape are the same task: the same calls, or the same question."""
    calls = [(call.name, sorted(call.arguments.items(), key=str)) for call in scenario.solution.calls]
    return f"{scenario.kind} {calls} {scenario.checks[0].that if scenario.kind == 'question' else ''}"
