"""Figures about attempts. Outcomes that say nothing about the agent are in no rate, and beside every one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.outcomes import COUNTED, OUTCOMES, Outcome
from harness.records import Attempt


@dataclass(frozen=True)
class Summary:
    """The attempts of one agent in one environment.

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

    @property
    def pass_rate(self) -> float | None:
        return self.passed / self.counted if self.counted else None


def summarise(attempts: Iterable[Attempt]) -> list[Summary]:
    """One summary for each environment and agent, in the order in which they first appear.

    A counted attempt without a score, such as one of an agent that broke down too early, scores 0.
    """
    groups: dict[tuple[str, str], list[Attempt]] = {}
    for attempt in attempts:
        groups.setdefault((attempt.environment, attempt.agent), []).append(attempt)
    return [_summary(environment, agent, group) for (environment, agent), group in groups.items()]


def _summary(environment: str, agent: str, attempts: list[Attempt]) -> Summary:
    counted = [attempt for attempt in attempts if attempt.outcome in COUNTED]
    outcomes = Counter(attempt.outcome for attempt in attempts)
    return Summary(
        environment=environment,
        agent=agent,
        counted=len(counted),
        passed=outcomes["passed"],
        mean_score=_mean([attempt.score or 0.0 for attempt in counted]),
        mean_calls=_mean([attempt.calls for attempt in counted if attempt.calls is not None]),
        mean_seconds=_mean([attempt.seconds for attempt in counted]),
        excluded={name: outcomes[name] for name in OUTCOMES if name not in COUNTED and outcomes[name]},
    )


def _mean(values: list[int] | list[float]) -> float | None:
    return sum(values) / len(values) if values else None
