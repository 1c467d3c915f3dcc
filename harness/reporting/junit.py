"""A run as JUnit XML, the form that CI systems show: a suite for each environment and agent, a case an attempt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.explaining import by_calls
from harness.files import write_atomic
from harness.outcomes import COUNTED
from harness.records import Attempt, Evidence
from harness.store import Run

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(run: Run, path: Path) -> None:
    """Write the run's attempts; raises RunError when that cannot be done.

    What did not pass is a `failure`; what says nothing about the agent (an unreachable model, a broken server) is
    an `error`.
    """
    write_atomic(path, junit(run))


def junit(run: Run) -> str:
    """The document as text."""
    attempts = sorted(run.attempts(), key=_suite)
    root = Element("testsuites", {"name": _clean(run.document.id)} | _counts(attempts))
    for (environment, agent), group in groupby(attempts, key=_suite):
        members = list(group)
        name = _clean(f"{environment} · {agent}")
        known = {"name": name, "timestamp": members[0].started[:19]}
        suite = SubElement(root, "testsuite", known | _counts(members))
        for attempt in members:
            _case(suite, run, attempt)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(attempt: Attempt) -> tuple[str, str]:
    return attempt.environment, attempt.agent


def _counts(attempts: Iterable[Attempt]) -> dict[str, str]:
    made = list(attempts)
    counted = [attempt for attempt in made if attempt.outcome in COUNTED]
    return {
        "tests": str(len(made)),
        "failures": str(sum(attempt.outcome != "passed" for attempt in counted)),
        "errors": str(len(made) - len(counted)),
        "time": f"{sum(attempt.seconds for attempt in made):.3f}",
    }


def _case(suite: Element, run: Run, attempt: Attempt) -> None:
    name = attempt.scenario if run.document.configuration.attempts == 1 else f"{attempt.scenario} #{attempt.number}"
    case = SubElement(
        suite,
        "testcase",
        classname=_clean(f"{attempt.environment}.{attempt.agent}"),
        name=_clean(name),
        time=f"{attempt.seconds:.3f}",
    )
    if attempt.as_released is not None:
        scores = {"score": attempt.score, "as_released": attempt.as_released}
        properties = SubElement(case, "properties")
        for key, value in scores.items():
            SubElement(properties, "property", name=key, value=f"{value or 0.0:.4f}")
    if attempt.outcome != "passed":
        kind = "failure" if attempt.outcome in COUNTED else "error"
        found = SubElement(case, kind, type=attempt.outcome, message=_clean(attempt.reason or attempt.verdict))
        found.text = _clean(_why(run.evidence(attempt.key)))


def _why(evidence: Evidence) -> str:
    lines = [evidence.attempt.reason] if evidence.attempt.reason else []
    if evidence.grade is not None:
        lines += [f"✗ {one.description} {one.explanation}" for one in evidence.grade.checks if not one.holds]
        names = {call.n: call.name for call in evidence.calls}
        lines += [f"! not asked for: {change.words}{by_calls(change, names)}" for change in evidence.grade.damage]
    return "\n".join(lines)


def _clean(text: str) -> str:
    """Without the characters that XML has no way to hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
