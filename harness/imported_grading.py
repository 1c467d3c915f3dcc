"""Grades outcomes of imported environments: the generator's source grader, with explanations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator.importers.changes import changes, mentions, shown
from generator.importers.contained.errors import ContainmentError
from generator.importers.contained.values import DecodingError
from generator.importers.folder import check_box
from generator.importers.grading import SourceGrader
from generator.importers.replaying import Player
from generator.importers.verdicts import Judgement
from generator.scengenerator.scenario import Scenario, SourceCheck
from harness.errors import GraderError
from harness.explaining import change_record, check_record, explain
from harness.records import CallRecord, ChangeRecord, CheckRecord, GradeRecord, JsonObject
from harness.replaying import Replay

_UNSEEN = frozenset({"calls", "called", "answer", "before", "states"})  # words of expressions, not of sources


class ImportedGrader:
    """Grades the scenarios of one imported environment.

    With its folder, calls are played again to tell which of them changed what; without it, as when a run is graded
    again elsewhere, nothing is said about that.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._grader = SourceGrader(check_box)
        self._player = Player.of(folder) if folder is not None else None

    def require(self, scenario: Scenario) -> None:
        """Raises ScenarioError for a scenario that cannot be graded."""
        self._grader.require(scenario)

    def grade(self, scenario: Scenario, state: JsonObject, calls: list[CallRecord], answer: str) -> GradeRecord:
        """Grade a final state. What the agent said cannot matter: the checks see states alone.

        Raises:
            GraderError: there is no check, nothing here can contain one, or the state is none.
        """
        if not scenario.sources:  # some parts of a release have none; the conversations are worth something still
            raise GraderError(f"{scenario.id} was released without checks, so nothing can be graded.")
        try:
            grade = self._grader.grade(scenario, state)
        except ContainmentError as error:
            raise GraderError(f"{scenario.id} cannot be graded: {error}") from error
        try:
            before, after = ({"tables": shown(one["tables"])} for one in (scenario.initial_state, state))
        except DecodingError as error:
            raise GraderError(f"{scenario.id} ended in a state that cannot be read: {error}") from error
        replayed: Replay | None = None
        if self._player is not None and not grade.passed:
            made = [(call.n, call.name, call.arguments, call.ok, _code(call)) for call in calls]
            replayed = self._player.changes(scenario.initial_state, made, state)
        found = [change_record(one, before, after, replayed) for one in changes(before["tables"], after["tables"])]
        tables = list(dict.fromkeys([*before["tables"], *after["tables"]]))
        return GradeRecord(
            as_released=grade.as_released,
            score=grade.score,
            reward=grade.reward,
            passed=grade.passed,
            checks=[
                _record(check, judgement, found, tables, calls, replayed)
                for check, judgement in zip(scenario.sources, grade.judgements, strict=True)
            ],
            damage=[],  # a release says nothing of what may change
        )


def _record(
    check: SourceCheck,
    judgement: Judgement,
    found: Sequence[ChangeRecord],
    tables: Sequence[str],
    calls: Sequence[CallRecord],
    replayed: Replay | None,
) -> CheckRecord:
    why = [] if judgement.undecided is None else [judgement.undecided]
    if not judgement.holds:
        words = " ".join(word for word in mentions(check.source).split() if word not in _UNSEEN)
        why.append(explain(words, found, tables, calls, "", replayed))
    error = judgement.undecided
    if judgement.mutated:
        error = " ".join([*([error] if error else []), "The check changes the state that it is given."])
    return check_record(check, judgement.holds, " ".join(why), error)


def _code(call: CallRecord) -> str | None:
    """The code of what refused a call."""
    return call.content.get("code") if not call.ok and isinstance(call.content, dict) else None
