"""Figures about attempts. Outcomes that say nothing about the agent are in no rate, and beside every one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Literal, TypeVar

from generator.skeleton.wording import amount
from harness.estimators import Estimate, clustered, pass_at_k, pass_hat_k
from harness.outcomes import COUNTED, OUTCOMES, Outcome
from harness.records import Attempt
from harness.store import Run

Aspect = Literal["environment", "difficulty", "kind", "tool"]
Label = TypeVar("Label")
ASPECTS: tuple[Aspect, ...] = ("environment", "difficulty", "kind", "tool")
_REASON = 400  # characters of a reason that stand in a sentence


@dataclass(frozen=True)
class Repeated:
    """An estimate about k attempts at one scenario: the mean over the scenarios that have k counted attempts."""

    k: int
    value: float
    scenarios: int


@dataclass(frozen=True)
class Summary:
    """Attempts of one agent: all of them in one environment, or those that share something else.

    `counted` is the n of all means and of the pass rate; a mean over nothing is None. `excluded` holds the
    outcomes that are not counted, with how often they came.
    """

    environment: str
    agent: str
    counted: int
    passed: int
    mean_score: float | None
    mean_calls: float | None
    mean_seconds: float | None
    excluded: dict[Outcome, int] = field(default_factory=dict)
    pass_at_1: Estimate | None = None
    score: Estimate | None = None
    pass_at_k: tuple[Repeated, ...] = ()
    pass_hat_k: tuple[Repeated, ...] = ()
    made_again: int = 0  # tries that something else than the agent ended, of attempts that were then made again
    mean_as_released: float | None = None  # over the counted attempts at imported scenarios

    @property
    def pass_rate(self) -> float | None:
        return self.passed / self.counted if self.counted else None


@dataclass(frozen=True)
class Breakdown:
    """The attempts of all agents whose scenarios share something: a summary for each agent."""

    aspect: Aspect
    value: str
    summaries: tuple[Summary, ...]


def summarise(attempts: Iterable[Attempt]) -> list[Summary]:
    """One summary for each environment and agent, in the order in which they first appear.

    A counted attempt without a score, such as one of an agent that broke down too early, scores 0.
    """
    groups = _grouped(attempts, lambda attempt: (attempt.environment, attempt.agent))
    return [summary(group, environment, agent) for (environment, agent), group in groups.items()]


def overall(attempts: Iterable[Attempt]) -> list[Summary]:
    """One summary for each agent, over all environments."""
    groups = _grouped(attempts, lambda attempt: attempt.agent)
    return [summary(group, "", agent) for agent, group in groups.items()]


def shortfalls(attempts: Sequence[Attempt], share: float) -> list[str]:
    """A sentence for each agent that passes less than a share of its counted attempts, or has none."""
    found = []
    for one in overall(attempts):
        if one.pass_rate is None:
            found.append(f"{one.agent} has no attempt that counts.")
        elif one.pass_rate < share:
            found.append(f"{one.agent} passed {one.passed} of {one.counted} ({one.pass_rate:.1%}), under {share:.1%}.")
    return found or ([] if attempts else ["There is no attempt."])


def unheard(attempts: Sequence[Attempt]) -> list[str]:
    """A sentence for each agent all of whose attempts are `invalid`, with the reason, or the most frequent one."""
    found = []
    for agent, made in _grouped(attempts, lambda attempt: attempt.agent).items():
        if all(attempt.outcome == "invalid" for attempt in made):
            reasons = Counter(attempt.reason for attempt in made)
            many = f"All {amount(len(made), 'attempt')}" if len(made) > 1 else "The only attempt"
            most = ", mostly" if len(reasons) > 1 else ""
            reason = shorten(reasons.most_common(1)[0][0], _REASON, placeholder=" …")
            found.append(f"{many} of {agent} came to 'invalid', which is in no figure{most}: {reason}")
    return found


def breakdowns(run: Run, attempts: Sequence[Attempt], aspects: Sequence[Aspect] = ASPECTS) -> list[Breakdown]:
    """The attempts by environment, by difficulty, by kind, and by every tool that a scenario's solution calls.

    By the solution's tools, not by those that an agent called: what it called is part of how it did.
    """
    tools: dict[tuple[str, str], list[str]] = {}

    def labels(aspect: Aspect, attempt: Attempt) -> list[str]:
        if aspect != "tool":
            return [str(getattr(attempt, aspect))]
        place = (attempt.environment, attempt.scenario)
        if place not in tools:
            called = run.scenario(*place).solution.calls
            tools[place] = [f"{attempt.environment}.{name}" for name in dict.fromkeys(call.name for call in called)]
        return tools[place]

    found: list[Breakdown] = []
    for aspect in aspects:
        groups: dict[str, list[Attempt]] = {}
        for attempt in attempts:
            for label in labels(aspect, attempt):
                groups.setdefault(label, []).append(attempt)
        found += [Breakdown(aspect, label, tuple(overall(groups[label]))) for label in sorted(groups)]
    return found


def summary(attempts: Sequence[Attempt], environment: str, agent: str) -> Summary:
    """All figures about these attempts."""
    counted = [attempt for attempt in attempts if attempt.outcome in COUNTED]
    outcomes = Counter(attempt.outcome for attempt in attempts)
    scenarios = list(_grouped(counted, lambda attempt: (attempt.environment, attempt.scenario)).values())
    passes = [[float(attempt.outcome == "passed") for attempt in group] for group in scenarios]
    return Summary(
        environment=environment,
        agent=agent,
        counted=len(counted),
        passed=outcomes["passed"],
        mean_score=_mean([attempt.score or 0.0 for attempt in counted]),
        mean_calls=_mean([attempt.calls for attempt in counted if attempt.calls is not None]),
        mean_seconds=_mean([attempt.seconds for attempt in counted]),
        excluded={name: outcomes[name] for name in OUTCOMES if name not in COUNTED and outcomes[name]},
        pass_at_1=clustered(passes),
        score=clustered([[attempt.score or 0.0 for attempt in group] for group in scenarios]),
        pass_at_k=_repeated(passes, pass_at_k),
        pass_hat_k=_repeated(passes, pass_hat_k),
        made_again=sum(len(attempt.earlier) for attempt in attempts),
        mean_as_released=_mean([attempt.as_released for attempt in counted if attempt.as_released is not None]),
    )


def _repeated(passes: Sequence[Sequence[float]], estimate: Callable[[int, int, int], float]) -> tuple[Repeated, ...]:
    """An estimate for every power of two, and for the largest number of attempts that a scenario has."""
    most = max(map(len, passes), default=0)
    found = []
    for k in sorted({2**power for power in range(1, most.bit_length()) if 2**power <= most} | ({most} - {0, 1})):
        values = [estimate(len(group), int(sum(group)), k) for group in passes if len(group) >= k]
        found.append(Repeated(k, sum(values) / len(values), len(values)))
    return tuple(found)


def _grouped(attempts: Iterable[Attempt], label: Callable[[Attempt], Label]) -> dict[Label, list[Attempt]]:
    groups: dict[Label, list[Attempt]] = {}
    for attempt in attempts:
        groups.setdefault(label(attempt), []).append(attempt)
    return groups


def _mean(values: list[int] | list[float]) -> float | None:
    return sum(values) / len(values) if values else None
