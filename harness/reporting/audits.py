"""Audits and replays of imported scenarios: tables and sentences for a terminal, and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table

from generator.importers.audit import REMEDIES, WORDS, worthless
from generator.importers.repaired import reasons
from generator.skeleton.wording import counted
from harness.auditing import Audited, findings
from harness.recorded import Comparison

_SCENARIOS_SHOWN = 40
_QUIET = ("true_at_start", "unreached", "raised")  # so many that they stand in the tables, and in the JSON


def class_table(outcome: Audited) -> Table:
    """How many checks and scenarios have a finding of each class."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("finding")
    table.add_column("checks", justify="right")
    table.add_column("share", justify="right")
    table.add_column("scenarios", justify="right")
    table.add_column("what it is")
    for what, (checks, scenarios) in outcome.classes.items():
        share = f"{checks / outcome.checks:.1%}" if outcome.checks else "–"
        table.add_row(what.replace("_", " "), str(checks), share, str(scenarios), WORDS[what])
    return table


def scenario_table(outcome: Audited) -> Table:
    """One line a scenario, or, where there are many, one an environment: its checks and how many have what."""
    single = len(outcome.scenarios) <= _SCENARIOS_SHOWN
    rows: dict[tuple[str, str], Counter[str]] = {}
    for _, scenario in outcome.scenarios:
        row = rows.setdefault((scenario.environment, scenario.id if single else ""), Counter())
        row["scenarios"] += 1
        for one in scenario.audit.checks if scenario.audit else ():
            row["checks"] += 1
            row["of no worth"] += worthless(one) is not None
            row.update({finding.what for finding in one.findings})
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("environment", overflow="fold")
    table.add_column("scenario" if single else "scenarios", overflow="fold")
    shown = [what for what in WORDS if any(row[what] for row in rows.values())]
    for heading in ("checks", "of no worth", *shown):
        table.add_column(heading.replace("_", " "), justify="right")
    for (environment, name), row in rows.items():
        cells = [str(row[what]) for what in ("checks", "of no worth", *shown)]
        table.add_row(environment, name or str(row["scenarios"]), *cells)
    return table


def sentences(outcome: Audited, every: bool = False) -> list[str]:
    """A sentence a finding: where, what, and what to do about it; the commonest classes only with `every`."""
    return [
        f"{scenario.environment}/{scenario.id}, {check.id} ({_short(check.description)}): "
        f"{finding.words} To do: {REMEDIES[finding.what]}."
        for scenario, check, finding in findings(outcome)
        if every or finding.what not in _QUIET
    ]


def audit_document(outcome: Audited) -> dict[str, Any]:
    """The whole audit; what is unknown is null."""
    return {
        "scenarios": len(outcome.scenarios),
        "kept": outcome.kept,
        "checks": outcome.checks,
        "of_no_worth": outcome.worthless,
        "classes": {
            what: {"checks": checks, "scenarios": scenarios} for what, (checks, scenarios) in outcome.classes.items()
        },
        "seconds": round(outcome.seconds, 3),
        "checks_per_second": outcome.speed and round(outcome.speed, 2),
        "verdicts": {"on_outcomes": outcome.judged, "on_edited_states": outcome.probed},
        "audits": [
            {
                "environment": scenario.environment,
                "scenario": scenario.id,
                "explored": scenario.audit.explored if scenario.audit else 0,
                "weightless": reasons(scenario),
                "checks": [
                    {
                        "id": one.check,
                        "description": check.description,
                        "kind": check.kind,
                        "start": one.start,
                        "detail": one.detail,
                        "findings": [
                            {**finding.model_dump(mode="json"), "to_do": REMEDIES[finding.what]}
                            for finding in one.findings
                        ],
                    }
                    for check, one in zip(scenario.sources, scenario.audit.checks, strict=True)
                ]
                if scenario.audit
                else [],
            }
            for _, scenario in outcome.scenarios
        ],
    }


def replay_table(compared: Sequence[Comparison]) -> Table:
    """One line a recording: what it earned, what it earns here, and equal or the cause."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("recording", overflow="fold")
    table.add_column("environment", overflow="fold")
    for heading in ("recorded", "as released", "score"):
        table.add_column(heading, justify="right")
    table.add_column("", overflow="fold")
    for one in compared:
        table.add_row(
            one.task_id or one.place,
            one.environment,
            _figure(one.recorded),
            _figure(one.ours),
            _figure(one.score),
            _verdict(one),
        )
    return table


def replay_sentences(compared: Sequence[Comparison]) -> list[str]:
    """A sentence for each difference, and the sum."""
    told = [f"{one.task_id or one.place}: {one.cause}: {one.words.removesuffix('.')}." for one in compared if one.cause]
    known = [one for one in compared if one.played and one.recorded is not None]
    equal = sum(one.equal for one in known)
    explained = sum(one.explained and not one.equal for one in known)
    rest = len(known) - equal - explained
    unplayed = sum(not one.played for one in compared)
    return [
        *told,
        f"{equal} of {len(known)} rewards are equal to four decimals; {explained} differ{'s' * (explained == 1)} "
        f"for a cause that was found, {rest} for none."
        + (f" {counted(unplayed, 'recording')} could not be played." if unplayed else ""),
    ]


def replay_document(compared: Sequence[Comparison], folder: str) -> dict[str, Any]:
    known = [one for one in compared if one.played and one.recorded is not None]
    return {
        "run": folder,
        "recordings": len(compared),
        "equal": sum(one.equal for one in known),
        "explained": sum(one.explained and not one.equal for one in known),
        "unexplained": sum(not one.explained for one in known),
        "unplayed": sum(not one.played for one in compared),
        "replays": [{**vars(one), "equal": one.equal} for one in compared],
    }


def _verdict(one: Comparison) -> str:
    if one.equal:
        return "equal"
    if not one.cause:
        return "no recorded reward"
    return f"{one.cause} (shown)" if one.proven else one.cause


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:87]}…"
