"""All that needs no model: does a written skeleton check, sample, explore and give scenarios?

What is wrong comes as sentences with their place and a remedy, since a model is to mend it from them alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generator.errors import Problem, SkeletonError
from generator.scengenerator import unsampled
from generator.scengenerator.make import Tally, Wish, make_scenarios
from generator.skelbuilder.beginnings import meagre
from generator.skelbuilder.evaluation import evaluate
from generator.skelbuilder.report import OperationReport, Report, Share
from generator.skeleton.checker import examine
from generator.skeleton.document import Skeleton
from generator.skeleton.model import Model
from generator.skeleton.wire import WireSkeleton, from_wire

Stage = Literal["the type checker", "the samples check", "the exploration", "the making of scenarios", "envwright"]
SEEDS = (1, 2, 3)
TRIAL = 6  # scenarios that are made to see whether any can be
TRIAL_LEAST = 4
TRIAL_SEED = 1
_REASONS = 6  # why scenarios failed, at most
_KEPT = 90  # characters of a condition that is quoted


@dataclass(frozen=True)
class Proof:
    """What was found out about a document; `findings` have to be mended, `warnings` should be."""

    stage: Stage
    document: Skeleton | None = None
    findings: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    report: Report | None = None
    trial: int | None = None

    @property
    def clean(self) -> bool:
        return not self.findings

    @property
    def sound(self) -> bool:
        """Whether it can be rendered, clean or not."""
        return self.document is not None and self.stage not in ("the type checker", "the samples check")


def prove(written: WireSkeleton, name: str | None = None) -> Proof:
    """Looks at everything in turn and stops where the next step would make no sense.

    `name` replaces the document's id. Never raises for what the document says.
    """
    if name:
        written = written.model_copy(update={"id": name})
    try:
        document = from_wire(written)
    except SkeletonError as error:
        return Proof("the type checker", findings=_told(error.problems))
    checked = examine(document)
    warnings = _told(checked.warnings)
    if checked.problems:
        return Proof("the type checker", document, _told(checked.problems), warnings)
    if missing := unsampled.problems(checked.model):
        return Proof("the samples check", document, _told(missing), warnings)
    try:
        return _run(document, checked.model, warnings)
    except Exception as error:  # noqa: BLE001 - a document that checks and cannot be run is our bug, not its end
        fault = f"envwright itself fails on this document, which is a bug of it ({type(error).__name__}: {error})"
        return Proof("envwright", document, (f"{fault}; say the same in a simpler way",), warnings)


def _run(document: Skeleton, model: Model, warnings: tuple[str, ...]) -> Proof:
    report = _evaluated(document)
    findings = tuple(_explored(report, model))
    if any(finding.kind == "no_state" for finding in report.findings):
        return Proof("the exploration", document, findings, warnings, report)
    warnings = (*warnings, *meagre(model))
    tally = Tally()
    made = sum(1 for _ in make_scenarios(document, Wish(TRIAL, TRIAL_SEED), tally))
    if made < TRIAL_LEAST:
        reasons = [reason for reason, _ in tally.dropped.most_common(_REASONS)]
        why = f"; drafts were dropped since: {'; '.join(reasons)}" if reasons else ""
        trial = f"only {made} of {TRIAL} scenarios could be made and proven{why}"
        return Proof("the making of scenarios", document, (*findings, trial), warnings, report, made)
    return Proof("the exploration", document, findings, warnings, report, made)


def _evaluated(document: Skeleton) -> Report:
    """What one seed reaches can be reached; what is wrong with one is wrong. So what one misses, others look for."""
    reports: list[Report] = []
    for seed in SEEDS:
        report = evaluate(document, seed)
        if report.passed or report.findings:
            return report
        reports.append(report)
    return min(reports, key=lambda each: sum(len(share.missing) for share in _shares(each)))


def _shares(report: Report) -> tuple[Share, ...]:
    return report.commands, report.queries, report.clauses, report.words


def _told(problems: tuple[Problem, ...] | list[Problem]) -> tuple[str, ...]:
    return tuple(f"{problem.place}: {problem.message}" if problem.path else problem.message for problem in problems)


def _explored(report: Report, model: Model) -> list[str]:
    """Every finding of the exploration, with what it counted."""
    by_name = {item.name: item for item in report.operations}
    conditions = {clause.origin: clause.that.key for _, clause in model.clauses()}
    findings = [f"{finding.place}: {finding.text}" for finding in report.findings]
    for name in report.commands.missing:
        item = by_name[name]
        findings.append(
            f"operations.{name}: it never succeeds in {item.negative} calls{_refusals(item, conditions)}; "
            "let the states it needs come about, or demand less"
        )
    for name in report.queries.missing:
        findings.append(f"{name}: this query never answers{_refusals(by_name[name], conditions)}")
    for origin in report.clauses.missing:
        users = [operation.name for operation, clause in model.clauses() if clause.origin == origin]
        calls = "; ".join(
            f"{name} succeeds {by_name[name].positive} times{_refusals(by_name[name], conditions)}" for name in users
        )
        findings.append(
            f"{origin} ('{_cut(conditions.get(origin, ''))}'): this condition never refuses ({calls}) "
            "where it is reached; either nothing can break it (then leave it out), or the state that would break it "
            "never comes about (then sample it, or let operations lead to it), or an earlier condition refuses first"
        )
    for word in report.words.missing:
        findings.append(
            f"{word}: no row ever has this word; let an operation lead to it, weight it in samples, or leave it out"
        )
    return findings


def _refusals(item: OperationReport, conditions: dict[str, str]) -> str:
    """`: refused 240 times by repair_bike.requires[0] ('len(bike.defects) > 0'), …`."""
    most = sorted(item.refusals.items(), key=lambda pair: (-pair[1], pair[0]))[:4]
    parts = [
        f"{count} by {origin}" + (f" ('{_cut(conditions[origin])}')" if origin in conditions else "")
        for origin, count in most
    ]
    return f": refused {', '.join(parts)}" if parts else ""


def _cut(text: str) -> str:
    return text if len(text) <= _KEPT else text[: _KEPT - 1] + "…"
