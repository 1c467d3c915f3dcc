"""Two agents, or two runs, on the same scenarios: what differs, and what could not have been seen to differ.

Scenarios are the unit everywhere: attempts at one scenario are no independent evidence.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from harness.errors import RunError
from harness.outcomes import COUNTED, OUTCOMES, Outcome
from harness.store import Run

_LEVEL, _POWER = 0.05, 0.8
_RESAMPLES, _SEED = 5000, 20260322


@dataclass(frozen=True)
class Pair:
    """A scenario that both sides have counted attempts at: shares passed and mean scores."""

    environment: str
    scenario: str
    passed: tuple[float, float]
    score: tuple[float, float]


@dataclass(frozen=True)
class Difference:
    """B minus A, with the interval of a paired bootstrap over scenarios (95 %)."""

    value: float
    low: float
    high: float
    detectable: float | None  # what would have been shown with 80 % power at 5 %


@dataclass(frozen=True)
class Comparison:
    """`better` and `worse` are scenarios that B passes more, or less, often than A; `p_value` is McNemar's, exact."""

    a: str
    b: str
    scenarios: int
    attempts: tuple[int, int]
    pass_rates: tuple[float, float]
    scores: tuple[float, float]
    passed: Difference
    score: Difference
    better: tuple[Pair, ...]
    worse: tuple[Pair, ...]
    p_value: float
    excluded: tuple[dict[Outcome, int], dict[Outcome, int]]
    left_out: tuple[str, ...]  # scenarios of only one side, or changed between the runs, or without a counted attempt


@dataclass(frozen=True)
class Side:
    """One agent's attempts in a run."""

    run: Run
    agent: str

    @property
    def name(self) -> str:
        return f"{self.run.document.id}:{self.agent}"


def sides(a: Run, b: Run, agents: tuple[str | None, str | None] = (None, None)) -> list[tuple[Side, Side]]:
    """Who is compared with whom: the agents named, else the only one of each run, else those that both runs have.

    Raises:
        RunError: an agent is not in its run, or there are several and none is in both.
    """
    known = a.document.configuration.agents, b.document.configuration.agents
    for run, name, there in zip((a, b), agents, known, strict=True):
        if name is not None and name not in there:
            raise RunError(f"{run.folder} has no agent '{name}'; it has {', '.join(there)}.")
    first, second = ([name] if name else there for name, there in zip(agents, known, strict=True))
    if len(first) == len(second) == 1:
        pairs = [(first[0], second[0])]
    elif a.folder.resolve() == b.folder.resolve():
        pairs = []
    else:
        pairs = [(name, name) for name in first if name in second]
    if not pairs:
        raise RunError(
            f"There are {', '.join(first)} on one side and {', '.join(second)} on the other; "
            "choose with --agent-a and --agent-b."
        )
    return [(Side(a, one), Side(b, other)) for one, other in pairs]


def compare(a: Side, b: Side) -> Comparison:
    """Compare two sides on the scenarios that are the same in both.

    Raises:
        RunError: there is no such scenario.
    """
    same, left_out = _same(a.run, b.run)
    tried = [_attempts(side) for side in (a, b)]
    pairs: list[Pair] = []
    for place in same:
        values = [one.get(place, []) for one in tried]
        if not all(values):
            left_out.append("/".join(place))
            continue
        shares, scores = ([fmean(value[at] for value in side) for side in values] for at in (0, 1))
        pairs.append(Pair(*place, (shares[0], shares[1]), (scores[0], scores[1])))
    if not pairs:
        raise RunError(_nothing(a, b, len(same)))
    better = [pair for pair in pairs if pair.passed[1] > pair.passed[0]]
    worse = [pair for pair in pairs if pair.passed[1] < pair.passed[0]]
    places = {(pair.environment, pair.scenario) for pair in pairs}
    counts = [sum(len(found) for place, found in one.items() if place in places) for one in tried]
    return Comparison(
        a=a.name,
        b=b.name,
        scenarios=len(pairs),
        attempts=(counts[0], counts[1]),
        pass_rates=(fmean(pair.passed[0] for pair in pairs), fmean(pair.passed[1] for pair in pairs)),
        scores=(fmean(pair.score[0] for pair in pairs), fmean(pair.score[1] for pair in pairs)),
        passed=difference([pair.passed[1] - pair.passed[0] for pair in pairs], least_shift=True),
        score=difference([pair.score[1] - pair.score[0] for pair in pairs]),
        better=tuple(better),
        worse=tuple(worse),
        p_value=mcnemar(len(worse), len(better)),
        excluded=(_excluded(a), _excluded(b)),
        left_out=tuple(left_out),
    )


def _nothing(a: Side, b: Side, same: int) -> str:
    """Why there is nothing to compare, and what to do."""
    if same:
        return (
            f"{a.name} and {b.name} have {same} scenario{'s' * (same > 1)} in common, but no counted attempts of both; "
            "go on with 'envwright run --resume', or look at what was left out with 'envwright show'."
        )
    first, second = (
        {(name, id_) for name, ids in side.run.document.configuration.scenarios.items() for id_ in ids}
        for side in (a, b)
    )
    if first & second:
        return (
            f"{a.name} and {b.name} have scenarios of the same names, but with other documents (made again "
            "meanwhile?); run both agents on the same ones."
        )
    return f"{a.name} and {b.name} have no scenario in common; run both agents on the same ones."


def mcnemar(worse: int, better: int) -> float:
    """The exact two-sided p-value of McNemar's test: as many or more of the pairs that differ on one side by luck.

    With one attempt each it is McNemar's; with several it is the sign test on the scenarios whose shares differ.
    """
    n = worse + better
    tail = sum(math.comb(n, k) for k in range(min(worse, better) + 1))
    return float(min(1.0, 2 * tail / 2**n))


def least_flips(level: float = _LEVEL) -> int:
    """How many scenarios must differ, all to one side, before McNemar's test sees anything."""
    n = 1
    while mcnemar(0, n) > level:
        n += 1
    return n


def difference(values: Sequence[float], least_shift: bool = False) -> Difference:
    """The mean of paired differences with its percentile bootstrap interval (B. Efron, 1979), and what could be seen.

    The smallest detectable difference is (z₀.₉₇₅ + z₀.₈)·s/√n (E. Miller, arXiv 2411.00640, section 5); with
    `least_shift` it is never less than what the exact test needs.
    """
    chance, n = random.Random(_SEED), len(values)
    means = sorted(math.fsum(chance.choices(values, k=n)) / n for _ in range(_RESAMPLES))
    low, high = means[round(0.025 * (_RESAMPLES - 1))], means[round(0.975 * (_RESAMPLES - 1))]
    detectable: float | None = None
    if n > 1:
        normal = NormalDist()
        factor = normal.inv_cdf(1 - _LEVEL / 2) + normal.inv_cdf(_POWER)
        detectable = factor * stdev(values) / math.sqrt(n)
        if least_shift:
            detectable = max(detectable, least_flips() / n)
        detectable = detectable if 0 < detectable <= 1 else None
    return Difference(fmean(values), low, high, detectable)


def _same(a: Run, b: Run) -> tuple[list[tuple[str, str]], list[str]]:
    """The scenarios with the same documents in both runs, and the names of all others."""
    first, second = (
        {
            (name, id_): digest
            for name, ids in run.document.configuration.scenarios.items()
            for id_, digest in ids.items()
        }
        for run in (a, b)
    )
    same = dict.fromkeys(place for place in first if second.get(place) == first[place])
    return list(same), ["/".join(place) for place in {**first, **second} if place not in same]


def _attempts(side: Side) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Whether each counted attempt passed, and its score, by scenario."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for attempt in side.run.attempts():
        if attempt.agent == side.agent and attempt.outcome in COUNTED:
            found[attempt.environment, attempt.scenario].append(
                (float(attempt.outcome == "passed"), attempt.score or 0.0)
            )
    return found


def _excluded(side: Side) -> dict[Outcome, int]:
    made = [attempt.outcome for attempt in side.run.attempts() if attempt.agent == side.agent]
    return {name: made.count(name) for name in OUTCOMES if name not in COUNTED and name in made}
