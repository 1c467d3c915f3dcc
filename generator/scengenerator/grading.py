"""Grades an outcome: goals reached, what had to stay true, and damage beside the way (DESIGN section 6)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from generator.errors import Problem, ScenarioError
from generator.scengenerator.allowing import damage
from generator.scengenerator.checking import FAILURES, CheckCompiler
from generator.scengenerator.outcomes import Change, difference
from generator.scengenerator.scenario import AllowedChange, Check, JsonObject, Scenario, ToolCall
from generator.scengenerator.worlds import World
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton
from generator.skeleton.model import Model
from generator.skeleton.wording import nearest

__all__ = ["Change", "CheckResult", "Grade", "Grader"]


@dataclass(frozen=True)
class CheckResult:
    """A check and whether it holds; `error` says why it could not be decided, and then it does not hold."""

    id: str
    kind: str
    description: str
    weight: float
    holds: bool
    error: str | None


@dataclass(frozen=True)
class Grade:
    """`score` is the weighted share of goals reached; `reward` is 0 where a keep fails or there is damage."""

    score: float
    reward: float
    passed: bool
    checks: tuple[CheckResult, ...]
    damage: tuple[Change, ...]


class Grader:
    """Grades the scenarios of one environment; needs its skeleton alone."""

    def __init__(self, document: Skeleton | Model) -> None:
        """Raises SkeletonError when the skeleton does not pass the checker."""
        self.model = document if isinstance(document, Model) else check(document)
        self._compiler = CheckCompiler(self.model)

    def grade(self, scenario: Scenario, final_state: JsonObject, calls: Iterable[ToolCall], answer: str) -> Grade:
        """Grades a final state, the successful calls that led to it, and what the agent said at the end.

        Raises ScenarioError for a scenario that `problems` finds fault with; whatever the outcome is, never.
        """
        checks = [(item, self._compiler.check(item.that, ("checks", item.id, "that"))) for item in scenario.expressions]
        world = self._compiler.world(final_state, self._compiler.world(scenario.initial_state))
        made = [{"name": call.name, "arguments": call.arguments} for call in calls]
        results: list[CheckResult] = []
        for item, run in checks:
            holds, error = False, None
            try:
                holds = bool(run(world, made, answer))
            except FAILURES as failure:
                error = f"{type(failure).__name__}: {failure}"
            results.append(CheckResult(item.id, item.kind, item.description, item.weight, holds, error))
        return self._graded(results, self._damage(scenario, final_state, world))

    def damage(self, scenario: Scenario, final_state: JsonObject) -> list[Change]:
        """The differences that the scenario does not allow."""
        world = self._compiler.world(final_state, self._compiler.world(scenario.initial_state))
        return self._damage(scenario, final_state, world)

    def _damage(self, scenario: Scenario, final_state: JsonObject, world: World) -> list[Change]:
        changes = difference(scenario.initial_state, final_state, self.model)
        return damage(changes, scenario.allowed_changes, self._compiler, world) if changes else []

    @staticmethod
    def _graded(results: Sequence[CheckResult], harm: Sequence[Change]) -> Grade:
        score = _score([result for result in results if result.kind == "goal"])
        kept = all(result.holds for result in results if result.kind == "keep") and not harm
        reward = score if kept else 0.0
        return Grade(score, reward, reward == 1.0, tuple(results), tuple(harm))

    # -- what is wrong with a scenario ----------------------------------------------------------------------------

    def require(self, scenario: Scenario) -> None:
        """Raises ScenarioError, with the first problem, for a scenario that cannot be graded."""
        found = self.problems(scenario)
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            raise ScenarioError(f"scenario {scenario.id}: {found[0]}{more}; mend it or make the scenario again")

    def problems(self, scenario: Scenario) -> list[Problem]:
        """Everything about its checks and allowed changes that is wrong, in order."""
        if scenario.imported:
            return [Problem(("checks",), "Python sources are graded with the imported environment they came with")]
        return [*self._problems_of_checks(scenario.expressions), *self._problems_of_allowed(scenario.allowed_changes)]

    def _problems_of_checks(self, checks: Sequence[Check]) -> Iterator[Problem]:
        seen: set[str] = set()
        for at, item in enumerate(checks):
            if item.id in seen:
                yield Problem(("checks", at, "id"), f"the id '{item.id}' stands twice")
            seen.add(item.id)
            if not math.isfinite(item.weight):
                yield Problem(("checks", at, "weight"), "a weight is a number from 0 up")
            yield from self._compiler.checked(item.that, ("checks", at, "that")).problems
        if not any(item.kind == "goal" and item.weight > 0 for item in checks):
            yield Problem(("checks",), "at least one goal with a weight is needed")

    def _problems_of_allowed(self, allowed: Sequence[AllowedChange]) -> Iterator[Problem]:
        for at, item in enumerate(allowed):
            entity = self.model.by_plural(item.table)
            if entity is None:
                hint = nearest(item.table, [other.plural for other in self.model.entities.values()])
                yield Problem(("allowed_changes", at, "table"), f"there is no table '{item.table}'{hint}")
                continue
            columns = [field.column for field in entity.stored]
            for name in item.fields:
                if name not in columns:
                    message = f"rows of {item.table} have no '{name}'{nearest(name, columns)}"
                    yield Problem(("allowed_changes", at, "fields"), message)
            if not (item.fields or item.create or item.delete):
                yield Problem(("allowed_changes", at), "it allows nothing: give fields, create or delete")
            if item.row is not None and item.where is not None:
                yield Problem(("allowed_changes", at), "give row or where, not both")
            if item.at_most is not None and item.at_most < 1:
                yield Problem(("allowed_changes", at, "at_most"), "at_most is a whole number from 1 up")
            if item.where is not None:
                path = ("allowed_changes", at, "where")
                for before in (False, True):
                    problems = self._compiler.where_checked(entity, item.where, path, before=before).problems
                    yield from problems
                    if problems:
                        break


def _score(goals: Sequence[CheckResult]) -> float:
    """The weighted share of goals reached: exactly 1 for all that count, exactly 0 for none."""
    total = math.fsum(goal.weight for goal in goals)
    if total == 0:
        return 0.0
    if all(goal.holds for goal in goals if goal.weight):
        return 1.0
    share = math.fsum(goal.weight for goal in goals if goal.holds) / total
    return min(share, math.nextafter(1.0, 0.0))  # rounding must not make a missed goal pass
