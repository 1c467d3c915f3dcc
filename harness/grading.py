"""Grades outcomes for the harness: the generator's grader, with explanations, and failures as GraderError."""

from __future__ import annotations

from generator.scengenerator.grading import CheckResult, Grader
from generator.scengenerator.outcomes import difference
from generator.scengenerator.scenario import Scenario, ToolCall
from generator.skeleton.document import Skeleton
from harness.errors import GraderError
from harness.explaining import change_record, check_record, explain
from harness.records import CallRecord, CheckRecord, GradeRecord, JsonObject
from harness.replaying import Replayer


class ScenarioGrader:
    """Grades the scenarios of one environment. Needs its skeleton alone: no server, no agent."""

    def __init__(self, skeleton: Skeleton) -> None:
        """Raises SkeletonError when the skeleton cannot be used."""
        self._grader = Grader(skeleton)
        self._replayer = Replayer(self._grader.model)

    def require(self, scenario: Scenario) -> None:
        """Raises ScenarioError for a scenario that cannot be graded."""
        self._grader.require(scenario)

    def grade(self, scenario: Scenario, state: JsonObject, calls: list[CallRecord], answer: str) -> GradeRecord:
        """Grade a final state, the calls that led to it and what the agent said at the end.

        Raises:
            GraderError: a check, or the grader, broke down; that is not the agent's failure.
        """
        made = [ToolCall(name=call.name, arguments=call.arguments) for call in calls if call.ok]
        try:
            grade = self._grader.grade(scenario, state, made, answer)
        except Exception as error:  # whatever a check does to the grader
            raise GraderError(f"Grading {scenario.id} broke down: {type(error).__name__}: {error}") from error
        # A refusal says that what a check looks for is not there: it does not hold. Anything else is not the agent's.
        broken = [check for check in grade.checks if check.error and not check.error.startswith("Refused")]
        if broken:
            raise GraderError(f"Check {broken[0].id} of {scenario.id} broke down: {broken[0].error}")
        before = scenario.initial_state
        model = self._grader.model
        replayed = None if grade.passed else self._replayer.replay(before, calls, state)
        changes = [change_record(one, before, state, replayed) for one in difference(before, state, model)]
        that = {check.id: check.that for check in scenario.expressions}

        def record(result: CheckResult) -> CheckRecord:
            why = "" if result.holds else explain(that[result.id], changes, before["tables"], calls, answer, replayed)
            return check_record(result, result.holds, why)

        return GradeRecord(
            score=grade.score,
            reward=grade.reward,
            passed=grade.passed,
            checks=[record(result) for result in grade.checks],
            damage=[change_record(one, before, state, replayed) for one in grade.damage],
        )
