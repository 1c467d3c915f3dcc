"""The checks of a release as checks of a scenario: which are goals, which must stay true, what is odd about them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from generator.importers.contained.checking import NO_PYTHON
from generator.importers.verdicts import Court, Judgement, OpenBox
from generator.scengenerator.scenario import Audit, AuditFinding, CheckAudit, SourceCheck

_DIFFICULTIES = (6, 10, 14, 19)  # checks, at most, of the scenarios of difficulty 1 to 4


def settle(open_box: OpenBox, checks: Sequence[tuple[str, str]], state: Any) -> tuple[list[SourceCheck], Audit]:
    """The checks (what each asks for, its source) of a scenario that starts from `state` (as `values.encode` writes).

    What is true at the start is to be kept; all else is a goal, and so is what cannot be decided there. Every check
    weighs 1, as released; what an audit would not count is for `repaired`.

    Raises ContainmentError.
    """
    with Court(open_box) as court:
        judged = court.judge_many([source for _, source in checks], state, state)
    found = [
        SourceCheck(
            id=f"c{number}",
            kind="keep" if judgement.holds else "goal",
            description=item,
            source=source,
        )
        for number, ((item, source), judgement) in enumerate(zip(checks, judged, strict=True), start=1)
    ]
    audits = [start_audit(check, judgement) for check, judgement in zip(found, judged, strict=True)]
    return found, Audit(checks=audits, made_by=version("envwright"))


def start_audit(check: SourceCheck, judgement: Judgement) -> CheckAudit:
    """What one look at the initial state tells about a check."""
    findings: list[AuditFinding] = []
    if judgement.holds:
        findings.append(
            AuditFinding(what="true_at_start", words="It is true before anything was done, so doing nothing earns it.")
        )
    elif judgement.kind != "false":
        findings.append(AuditFinding(what=_class_of(judgement), words=f"At the start: {judgement.undecided}"))
    if judgement.mutated:
        findings.append(AuditFinding(what="mutates", words="It changes the state that it is given."))
    return CheckAudit(check=check.id, start=judgement.kind, detail=judgement.detail, findings=findings)


def _class_of(judgement: Judgement) -> str:
    """What raised says by itself what is to be done only where the check could run at all."""
    if judgement.detail.startswith(NO_PYTHON):
        return "not_python"
    return "missing_name" if judgement.detail.startswith("ModuleNotFoundError") else judgement.kind


def difficulty(checks: int) -> int:
    """1 to 5, by how many checks there are; a release says nothing better."""
    return 1 + sum(checks > most for most in _DIFFICULTIES)
