"""Grades an outcome by the Python checks of an imported scenario: as its release would, and by what was required."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.errors import ScenarioError
from generator.importers.contained.box import Box
from generator.importers.verdicts import Court, Judgement
from generator.scengenerator.scenario import Scenario, SourceCheck


@dataclass(frozen=True)
class SourceGrade:
    """`as_released`: the share of all checks that hold, as EnvScaler's `calculate_reward` has it (what cannot be
    decided does not hold). `score`: the weighted share of the goals, which are not true at the start, that hold.
    `passed`: there are goals, and all of them and all keeps hold; then, and only then, `reward` is 1.
    """

    as_released: float
    score: float
    reward: float
    passed: bool
    judgements: tuple[Judgement, ...]  # one a check, in their order


class SourceGrader:
    """Grades scenarios with Python checks, each outcome in a fresh box that never loads the environment's class."""

    def __init__(self, open_box: Callable[[str], Box]) -> None:
        """`open_box` is given the time that checks are to see: that at which the episode ended."""
        self._open = open_box

    @staticmethod
    def require(scenario: Scenario) -> None:
        """Raises ScenarioError for a scenario that cannot be graded so."""
        if scenario.expressions or not scenario.imported:
            fault = "has checks that are expressions" if scenario.expressions else "has no check"
            raise ScenarioError(f"scenario {scenario.id} {fault}; import it again")
        ids = [check.id for check in scenario.checks]
        if len(set(ids)) < len(ids):
            raise ScenarioError(f"scenario {scenario.id} has two checks of one id; import it again")
        if not all(math.isfinite(check.weight) for check in scenario.checks):
            raise ScenarioError(f"scenario {scenario.id}: a weight is a number from 0 up; mend it")

    def grade(self, scenario: Scenario, final_state: dict[str, Any]) -> SourceGrade:
        """Grade a final state, of the shape of the scenario's initial one.

        Raises ContainmentError; whatever a check does, nothing else.
        """
        before, after = scenario.initial_state["tables"], final_state["tables"]
        with Court(lambda: self._open(final_state["clock"])) as court:
            return judged(court, scenario.sources, before, after)


def judged(court: Court, checks: Sequence[SourceCheck], before: Any, after: Any) -> SourceGrade:
    """The grade of an outcome (two encoded states).

    Each check gets states of its own; only `as_released` counts what EnvScaler would, where a check that changes the
    final state changes it for those after it.
    """
    sources = [check.source for check in checks]
    grade = graded(checks, court.judge_many(sources, before, after))
    together = None
    if any(judgement.mutated for judgement in grade.judgements):
        together = court.judge_together(sources, before, after)
    return grade if together is None else replace(grade, as_released=graded(checks, together).as_released)


def graded(checks: Sequence[SourceCheck], judged: Sequence[Judgement]) -> SourceGrade:
    """The grade that verdicts come to."""
    pairs = list(zip(checks, judged, strict=True))
    goals = [(check.weight, judgement.holds) for check, judgement in pairs if check.kind == "goal" and check.weight]
    kept = all(judgement.holds for check, judgement in pairs if check.kind == "keep")
    reached = bool(goals) and all(holds for _, holds in goals)
    total = math.fsum(weight for weight, _ in goals)
    share = math.fsum(weight for weight, holds in goals if holds) / total if goals else 0.0
    score = 1.0 if reached else min(share, math.nextafter(1.0, 0.0))  # rounding must not make a missed goal pass
    return SourceGrade(
        as_released=sum(judgement.as_released for judgement in judged) / len(judged) if judged else 0.0,
        score=score,
        reward=score if kept else 0.0,
        passed=reached and kept,
        judgements=tuple(judged),
    )
