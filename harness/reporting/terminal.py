"""A run as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from generator.skeleton.wording import amount
from harness.estimators import Estimate
from harness.explaining import by_calls
from harness.records import Evidence
from harness.reporting.plain import plain
from harness.statistics import Aspect, Breakdown, Summary, breakdowns, overall, summarise
from harness.store import Run

_EXPLAINED = 10
_SMALL: tuple[Aspect, ...] = ("difficulty", "kind")  # all others are in the JSON and in the report
_LEFT_OUT = "outcomes that say nothing about the agent; they count in no figure"


def run_view(run: Run) -> RenderableType:
    """The summary of a run and, below it, the attempts that failed, with what went wrong."""
    attempts = run.attempts()
    due = len(run.document.configuration.keys())
    parts: list[RenderableType] = [summary_table(summarise(attempts))]
    again = repeated(overall(attempts))
    if again:
        parts.append(again)
    parts.append(breakdown_table(breakdowns(run, attempts, _SMALL)))
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
    imported = any(summary.mean_as_released is not None for summary in summaries)
    again = any(summary.made_again for summary in summaries)
    figures = ["attempts", "passed", "95 %", "mean score", "calls", "time"]
    figures += (["as released"] if imported else []) + (["made again"] if again else [])
    for heading in figures:
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
        table.add_row(*_cells(shown, summary, imported, again))
    return table


def _cells(environment: str, summary: Summary, imported: bool, again: bool) -> list[str]:
    passed = f"{summary.passed} ({summary.pass_rate:.0%})" if summary.pass_rate is not None else "–"
    return [
        environment,
        summary.agent,
        str(summary.counted),
        passed,
        interval(summary.pass_at_1),
        _figure(summary.mean_score, "{:.2f}"),
        _figure(summary.mean_calls, "{:.1f}"),
        _figure(summary.mean_seconds, "{:.2f} s"),
        *([_figure(summary.mean_as_released, "{:.2f}")] if imported else []),
        *([str(summary.made_again)] if again else []),
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
    text.append("".join(f"  {told}\n" for told in (attempt.reason, attempt.history) if told))
    names = {call.n: call.name for call in evidence.calls}
    if evidence.grade is not None:
        for check in evidence.grade.checks:
            if not check.holds:
                text.append("  ✗ ", style="red")
                text.append(f"{check.description}\n")
                text.append(f"    {check.explanation}\n", style="dim")
        for change in evidence.grade.damage:
            text.append("  ! ", style="yellow")
            text.append(f"not asked for: {change.words}{by_calls(change, names)}\n")
    text.plain = plain(text.plain)
    text.rstrip()
    return text


def breakdown_table(found: Sequence[Breakdown]) -> Table:
    """How the agents did by what their scenarios share."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("by", "", "agent"):
        table.add_column(heading, overflow="fold")
    for heading in ("attempts", "passed", "95 %", "mean score"):
        table.add_column(heading, justify="right")
    before: tuple[str, str] = ("", "")
    for one in found:
        for summary in one.summaries:
            aspect = one.aspect if one.aspect != before[0] else ""
            value = one.value if (one.aspect, one.value) != before else ""
            before = (one.aspect, one.value)
            rate = _figure(summary.pass_rate, "{:.0%}")
            cells = (str(summary.counted), rate, interval(summary.pass_at_1), _figure(summary.mean_score, "{:.2f}"))
            table.add_row(aspect, value, summary.agent, *cells)
    return table


def repeated(summaries: Sequence[Summary]) -> Text:
    """pass@k and pass^k of each agent, where a scenario was tried more than once; fewer were tried k times often."""
    text = Text()
    for summary in summaries:
        if summary.pass_at_k:
            tried = summary.pass_at_k[0].scenarios
            any_, all_ = (
                ", ".join(
                    f"{sign}{one.k} {one.value:.0%}"
                    + (f" of {amount(one.scenarios, 'scenario')}" if one.scenarios != tried else "")
                    for one in found
                )
                for sign, found in (("pass@", summary.pass_at_k), ("pass^", summary.pass_hat_k))
            )
            text.append(f"{summary.agent}: {any_}; {all_} ({amount(tried, 'scenario')})\n")
    text.rstrip()
    return text


def interval(estimate: Estimate | None) -> str:
    return f"{100 * estimate.low:.0f}–{100 * estimate.high:.0f} %" if estimate else "–"


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)
