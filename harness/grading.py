"""Grades outcomes for the harness: the generator's grader, with explanations, and failures as GraderError."""

from __future__ import annotations

from generator.scengenerator.grading import Grader  # type: ignore[import-not-found]

from generator.scengenerator.scenario import Check, Scenario, ToolCall
from generator.skeleton.document import Skeleton
from harness.errors import GraderError
from harness.explaining import change_record, differences, explain
from harness.records import CallRecord, CheckRecord, GradeRecord, JsonObject


class ScenarioGrader:
    """Grades the scenarios of one environment. Needs its skeleton alone: no server, no agent."""

    def __init__(self, skeleton: Skeleton) -> None:
        """Raises SkeletonError when the skeleton cannot be used."""
        self._grader = Grader(skeleton)

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
        broken = [check for check in grade.checks if check.error is not None]
        if broken:
            raise GraderError(f"Check {broken[0].id} of {scenario.id} broke down: {broken[0].error}")
        changes = differences(scenario.initial_state, state)
        tables = list(scenario.initial_state.get("tables", {}))
        written = {check.id: check for check in scenario.checks}

        def explanation(check: Check) -> str:
            return explain(check, changes, tables, calls, answer)

        return GradeRecord(
            score=grade.score,
            reward=grade.reward,
            passed=grade.passed,
            checks=[
                CheckRecord(
                    id=check.id,
                    kind=check.kind,
                    description=check.description,
                    weight=check.weight,
                    holds=check.holds,
                    explanation="" if check.holds else explanation(written[check.id]),
                )
                for check in grade.checks
            ],
            damage=[change_record(change.table, change.row, change.kind, change.fields) for change in grade.damage],
        )
