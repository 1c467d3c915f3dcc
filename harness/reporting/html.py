"""A run as one HTML file that needs nothing else: no network, no server (templates/report/)."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markupsafe import Markup

from generator.errors import NotFoundError, SkeletonError
from generator.rendering.bundled import templates, templates_folder
from generator.scengenerator.scenario import Scenario
from generator.skeleton.checker import check
from generator.skeleton.reading import read_skeleton
from harness.explaining import by_calls, change_record
from harness.files import write_atomic
from harness.outcomes import COUNTED
from harness.records import Attempt, Evidence
from harness.replaying import Replayer
from harness.reporting.charts import charts
from harness.reporting.terminal import interval
from harness.statistics import breakdowns, overall, summarise
from harness.store import Run

_FIGURES = ("refused", "turns", "input_tokens", "output_tokens", "cached_tokens", "started")


def write_report(run: Run, path: Path) -> None:
    """Write the run's report.

    Raises:
        RunError: the run cannot be read, the file cannot be written, or pygal is not installed.
    """
    write_atomic(path, report(run))


def report(run: Run) -> str:
    """The whole page. What agents and tasks say is escaped, or stands in it as data that is shown as text."""
    pages = templates("report", autoescape=True)
    pages.filters["interval"] = interval
    pages.filters["moment"] = _moment
    pages.globals["source"] = lambda name: Markup((templates_folder() / "report" / name).read_text("utf-8"))
    attempts = run.attempts()
    configuration = run.document.configuration
    summaries = summarise(attempts)
    return pages.get_template("report.html.jinja").render(
        run=run,
        due=len(configuration.keys()),
        made=len(attempts),
        overall=overall(attempts),
        agents=[agent for agent in configuration.agents if any(one.agent == agent for one in summaries)],
        environments=list(dict.fromkeys(one.environment for one in summaries)),
        matrix={(one.environment, one.agent): one for one in summaries},
        breakdowns=breakdowns(run, attempts),
        charts=[(chart, Markup(chart.svg)) for chart in charts(attempts)],
        index=Markup(_script_json([_line(attempt) for attempt in attempts])),
        details=_Details(run).of(attempts),
    )


def _moment(text: str) -> str:
    """A time of ours, to the minute: 2026-11-22 21:38 UTC."""
    return text[:16].replace("T", " ") + (" UTC" if text.endswith("+00:00") else "")


def _line(attempt: Attempt) -> list[Any]:
    """An attempt as the list shows it; report.js knows the order."""
    return [
        attempt.environment,
        attempt.scenario,
        attempt.agent,
        attempt.number,
        attempt.outcome,
        attempt.score if attempt.outcome in COUNTED else None,
        attempt.calls,
        round(attempt.seconds, 2),
        attempt.cost,
        attempt.kind,
        attempt.difficulty,
    ]


def _script_json(value: Any) -> str:
    """JSON that can stand in a script element, whatever it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class _Details:
    """What is known of each attempt, packed: it is unpacked when somebody looks at it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._replayers: dict[str, Replayer | None] = {}
        self._scenarios: dict[tuple[str, str], Scenario] = {}

    def of(self, attempts: list[Attempt]) -> Iterator[str]:
        for attempt in attempts:
            document = self._document(self._run.evidence(attempt.key))
            text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
            yield base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()

    def _document(self, evidence: Evidence) -> dict[str, Any]:
        attempt, grade = evidence.attempt, evidence.grade
        names = {call.n: call.name for call in evidence.calls}
        changes = self._changes(evidence)
        figures = ("reward", "as_released", *_FIGURES)
        return {
            "task": self._scenario(attempt).task,
            "reason": f"{attempt.reason} {attempt.history}".strip(),
            "answer": evidence.answer,
            "verdict": attempt.verdict,
            "figures": {name: getattr(attempt, name) for name in figures if getattr(attempt, name) is not None},
            "messages": [
                message.model_dump(mode="json", exclude_defaults=True)
                for message in evidence.messages
                if message.role != "system"
            ],
            "calls": [
                {
                    "n": call.n,
                    "name": call.name,
                    "arguments": call.arguments,
                    "ok": call.ok,
                    "content": call.content,
                    "seconds": call.seconds,
                    "changes": changes.get(call.n, []),
                }
                for call in evidence.calls
            ],
            "checks": [one.model_dump(mode="json") for one in grade.checks] if grade else [],
            "damage": [one.words + by_calls(one, names) for one in grade.damage] if grade else [],
        }

    def _scenario(self, attempt: Attempt) -> Scenario:
        place = (attempt.environment, attempt.scenario)
        if place not in self._scenarios:
            self._scenarios[place] = self._run.scenario(*place)
        return self._scenarios[place]

    def _changes(self, evidence: Evidence) -> dict[int, list[str]]:
        """What each call changed, in words, where the calls can be played again."""
        replayer = self._replayer(evidence.attempt.environment)
        if replayer is None or evidence.final_state is None:
            return {}
        found = replayer.replay(evidence.initial_state, evidence.calls, evidence.final_state) or {}
        empty: dict[str, Any] = {"tables": {}}
        return {n: [change_record(one, empty, empty).words for one in changes] for n, changes in found.items()}

    def _replayer(self, environment: str) -> Replayer | None:
        if environment not in self._replayers:
            self._replayers[environment] = None
            with contextlib.suppress(SkeletonError, NotFoundError):
                model = check(read_skeleton(self._run.skeleton_path(environment)))
                self._replayers[environment] = Replayer(model)
        return self._replayers[environment]
