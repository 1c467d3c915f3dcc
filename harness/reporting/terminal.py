"""A run as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import Evidence
from harness.statistics import Summary, summarise
from harness.store import Run

_EXPLAINED = 10
_LEFT_OUT = "outcomes that say nothing about the agent; they count in no figure"


def run_view(run: Run) -> RenderableType:
    """The summary of a run and, below it, the attempts that failed, with what went wrong."""
    attempts = run.attempts()
    due = len(run.document.configuration.keys())
    parts: list[RenderableType] = [summary_table(summarise(attempts))]
    if run.regrade:
        parts.append(Text(f"Graded again on {run.regrade.created}; the first grades: --grades 0"))
    if len(attempts) < due:
        parts.append(Text(f"Unfinished: {len(attempts)} of {due} attempts were made."))
    troubled = [attempt for attempt in attempts if attempt.outcome != "passed"]
    parts += [failure(run.evidence(attempt.key)) for attempt in troubled[:_EXPLAINED]]
    if len(troubled) > _EXPLAINED:
        parts.append(Text(f"… and {len(troubled) - _EXPLAINED} more in {run.folder / 'attempts'}."))
    return Group(*parts)


def summary_table(summaries: Sequence[Summary]) -> Table:
    """One line for each environment and agent."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("environment", overflow="fold")
    table.add_column("agent", overflow="fold")
    for heading in ("attempts", "passed", "mean score", "calls", "time"):
        table.add_column(heading, justify="right")
    if any(summary.excluded for summary in summaries):
        table.add_column("left out", overflow="fold")
        table.caption = f"left out: {_LEFT_OUT}"
        table.caption_justify = "left"
    before = None
    for summary in summaries:
        shown = summary.environment if summary.environment != before else ""
        if before is not None and shown:
            table.add_section()
        before = summary.environment
        table.add_row(*_cells(shown, summary))
    return table


def _cells(environment: str, summary: Summary) -> list[str]:
    passed = f"{summary.passed} ({summary.pass_rate:.0%})" if summary.pass_rate is not None else "–"
    return [
        environment,
        summary.agent,
        str(summary.counted),
        passed,
        _figure(summary.mean_score, "{:.2f}"),
        _figure(summary.mean_calls, "{:.1f}"),
        _figure(summary.mean_seconds, "{:.2f} s"),
        ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in summary.excluded.items()),
    ]


def failure(evidence: Evidence) -> RenderableType:
    """One attempt that did not pass: what was asked, which checks do not hold and why, what was damaged."""
    attempt = evidence.attempt
    text = Text()
    text.append(f"\n{attempt.environment}/{attempt.scenario}", style="bold")
    text.append(f" · {attempt.agent} · attempt {attempt.number} · {attempt.verdict}\n")
    for message in evidence.messages:
        if message.role == "user":
            text.append(f"  task: {message.content}\n", style="dim")
            break
    if attempt.reason:
        text.append(f"  {attempt.reason}\n")
    if evidence.grade is not None:
        for check in evidence.grade.checks:
            if not check.holds:
                text.append("  ✗ ", style="red")
                text.append(f"{check.description}\n")
                text.append(f"    {check.explanation}\n", style="dim")
        for change in evidence.grade.damage:
            text.append("  ! ", style="yellow")
            text.append(f"not asked for: {change.words}\n")
    text.rstrip()
    return text


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)
