"""A run as JSON, for other programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from harness.statistics import summarise
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
        "summaries": [{**asdict(summary), "pass_rate": summary.pass_rate} for summary in summarise(attempts)],
        "attempts": [attempt.model_dump(mode="json") for attempt in attempts],
    }
