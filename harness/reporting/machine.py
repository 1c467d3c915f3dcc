"""A run as JSON, for other programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from harness.statistics import Summary, breakdowns, overall, summarise
from harness.store import Run


def summary_document(run: Run) -> dict[str, Any]:
    """The run's figures and all of its attempts; what is unknown is null."""
    attempts = run.attempts()
    configuration = run.document.configuration
    return {
        "run": run.document.id,
        "folder": str(run.folder),
        "configuration_hash": run.document.configuration_hash,
        "regrade": run.regrade.number if run.regrade else None,
        "due": len(configuration.keys()),
        "made": len(attempts),
        "overall": [_figures(summary) for summary in overall(attempts)],
        "summaries": [_figures(summary) for summary in summarise(attempts)],
        "breakdowns": [
            {"aspect": one.aspect, "value": one.value, "summaries": [_figures(summary) for summary in one.summaries]}
            for one in breakdowns(run, attempts)
        ],
        "attempts": [attempt.model_dump(mode="json") for attempt in attempts],
    }


def _figures(summary: Summary) -> dict[str, Any]:
    found = {**asdict(summary), "pass_rate": summary.pass_rate}
    if summary.mean_as_released is None:
        del found["mean_as_released"]
    return found
