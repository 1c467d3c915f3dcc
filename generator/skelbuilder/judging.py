"""The checker: says for each observed call whether result and change are what the description promises.

It takes the place of EnvScaler's checking agent (arXiv 2601.05808, section 3.3), which reads the code; this one sees
what an agent would see, and the rows that changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from generator.llm.prompts import prompt
from generator.llm.requests import Request, Turn
from generator.skelbuilder.presenting import spelt
from generator.skelbuilder.testing import Observation, Subject

MAX_TOKENS = 24_000
THRESHOLD = 0.85  # of the calls must not fail, as in the paper
_LONGEST = 1_600  # characters of a result that are shown
Mark = Literal["pass", "warning", "fail"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Verdict(_Part):
    """`number` is the call's, from 1; `remedy` says what the environment should do instead."""

    number: int
    mark: Mark
    reason: str
    remedy: str


class Verdicts(_Part):
    verdicts: list[Verdict]


class Judged(_Part):
    """One call with its verdict; None where the checker said nothing about it."""

    observation: Observation
    verdict: Verdict | None

    @property
    def fails(self) -> bool:
        return self.verdict is not None and self.verdict.mark == "fail"


class Judgement(_Part):
    """All calls with their verdicts."""

    calls: list[Judged] = Field(default_factory=list)
    mistakes: list[str] = Field(default_factory=list)  # the tester's own

    @property
    def score(self) -> float:
        """The share of calls that do not fail; a call without a verdict counts as one that does."""
        good = sum(call.verdict is not None and not call.fails for call in self.calls)
        return good / len(self.calls) if self.calls else 0.0

    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(("pass", "warning", "fail", "no verdict"), 0)
        for call in self.calls:
            counts[call.verdict.mark if call.verdict else "no verdict"] += 1
        return counts

    def findings(self) -> list[str]:
        """What failed, as sentences for a repair."""
        return self._told("fail")

    def doubts(self) -> list[str]:
        """What can be defended but misleads, as sentences that ride along with a repair."""
        return [f"{doubt} (a warning: leave it where it is meant so)" for doubt in self._told("warning")]

    def _told(self, mark: Mark) -> list[str]:
        found: list[str] = []
        for call in self.calls:
            if call.verdict is None or call.verdict.mark != mark:
                continue
            seen, verdict, tool = call.observation, call.verdict, _line(call.observation.tool)
            outcome = "answered" if seen.ok else "refused"
            changed = f"; it changed: {'; '.join(seen.changes)}" if seen.changes else "; it changed nothing"
            found.append(
                f"{tool} called with {spelt(seen.arguments)} {outcome} {_cut(spelt(seen.result))}{changed}. "
                f"The checker says: {_line(verdict.reason)} It asks for: {_line(verdict.remedy)}"
            )
        return found


def checker_request(subject: Subject, observations: Sequence[Observation]) -> Request[Verdicts]:
    """Asks for a verdict on each call."""
    calls = [_shown(number, seen) for number, seen in enumerate(observations, 1)]
    system, user = prompt("checker", **subject.facts(), calls=calls)
    return Request("checker", system, (Turn("user", user),), Verdicts, MAX_TOKENS)


def judged(observations: Sequence[Observation], answer: Verdicts, mistakes: Sequence[str]) -> Judgement:
    """Calls and verdicts together; of two verdicts on one call the worse counts, and others are left out."""
    order = ("pass", "warning", "fail")
    by_number: dict[int, Verdict] = {}
    for verdict in answer.verdicts:
        known = by_number.get(verdict.number)
        if known is None or order.index(verdict.mark) > order.index(known.mark):
            by_number[verdict.number] = verdict
    calls = [Judged(observation=seen, verdict=by_number.get(number)) for number, seen in enumerate(observations, 1)]
    return Judgement(calls=calls, mistakes=list(mistakes))


def _shown(number: int, seen: Observation) -> dict[str, Any]:
    return {
        "number": number,
        "case": f"{_line(seen.case)}, step {seen.step}",
        "tool": _line(seen.tool),
        "arguments": spelt(seen.arguments),
        "expected": f"{seen.expects}: {_line(seen.because)}",
        "outcome": "answered" if seen.ok else "refused",
        "result": _cut(spelt(seen.result)),
        "changes": seen.changes,
    }


def _line(text: str) -> str:
    """What a model wrote, on one line: a list that is shown has no other items than its own."""
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text) - _LONGEST} more characters)"
