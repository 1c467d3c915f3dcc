"""What a check of an imported scenario says about a state; it runs in a contained process with nothing else in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from generator.importers.contained.box import Box, Verdict
from generator.importers.contained.checking import BOTH_STATES
from generator.importers.contained.errors import Broken

Kind = Literal["true", "false", "raised", "missing_name", "not_boolean", "broken"]
OpenBox = Callable[[], Box]
WORDS: dict[str, str] = {
    "raised": "It could not be decided, since the check raised an exception",
    "missing_name": "It could not be decided, since the check uses a name that is not defined",
    "not_boolean": "It could not be decided, since the check returned no boolean",
    "broken": "It could not be decided, since the check broke its process",
}


@dataclass(frozen=True)
class Judgement:
    """A check's verdict on a state. Anything but true and false is undecided, and `detail` says what happened.

    `mutated`: it changed the state that it was given (a copy), which a check must not.
    """

    kind: Kind
    detail: str = ""
    mutated: bool = False
    lines: tuple[int, ...] = ()  # of its code that were reached; known of neighbours only

    @property
    def holds(self) -> bool:
        return self.kind == "true"

    @property
    def as_released(self) -> bool:
        """Whether EnvScaler would count it."""
        return self.holds and self.detail != BOTH_STATES

    @property
    def undecided(self) -> str | None:
        """Why there is no answer, in a sentence; None where there is one."""
        if self.kind not in WORDS:
            return None
        words = f"{WORDS[self.kind]}: {self.detail}" if self.detail else WORDS[self.kind]
        return words if words.endswith(".") else f"{words}."


class Court(AbstractContextManager["Court"]):
    """Judges states, in one box after the other: one that a check broke is replaced by a fresh one.

    Raises ContainmentError where nothing here can contain a process.
    """

    def __init__(self, open_box: OpenBox) -> None:
        self._open = open_box
        self._box: Box | None = None
        self.judged = 0  # verdicts so far

    def judge(self, source: str, before: Any, after: Any) -> Judgement:
        """The verdict of a check's source on two states, as `values.encode` writes them."""
        self.judged += 1
        try:
            verdict = self.box.check(source, before, after)
        except Broken as error:
            self.close()
            return Judgement("broken", str(error))
        return _judgement(verdict)

    def judge_many(self, sources: Sequence[str], before: Any, after: Any) -> list[Judgement]:
        """The verdicts of many checks; each by itself where one of them breaks the box."""
        if len(sources) < 2:  # what breaks the box alone need not break it twice
            return [self.judge(source, before, after) for source in sources]
        try:
            verdicts = self.box.judge(sources, before, after)
        except Broken:
            self.close()
            return [self.judge(source, before, after) for source in sources]
        self.judged += len(sources)
        return [_judgement(verdict) for verdict in verdicts]

    def judge_together(self, sources: Sequence[str], before: Any, after: Any) -> list[Judgement] | None:
        """The verdicts as EnvScaler gets them: what a check changes, the next ones see. None where one breaks."""
        try:
            verdicts = self.box.judge(sources, before, after, shared=True)
        except Broken:
            self.close()
            return None
        return [_judgement(verdict) for verdict in verdicts]

    def probe(self, source: str, before: Any, after: Any, edits: Sequence[Any]) -> list[Judgement | None]:
        """The verdicts on neighbours of `after`; None for those that do not fit, and for all where it breaks."""
        try:
            verdicts = self.box.probe(source, before, after, edits)
        except Broken:
            self.close()
            return [None] * len(edits)
        return [None if verdict is None else _judgement(verdict) for verdict in verdicts]

    def reads(self, source: str, before: Any, after: Any) -> list[tuple[Any, ...]]:
        """The paths of `after` that a check asks for; none where it breaks."""
        try:
            return [tuple(path) for path in self.box.reads(source, before, after)]
        except Broken:
            self.close()
            return []

    @property
    def box(self) -> Box:
        """The box that is open now."""
        if self._box is None:
            self._box = self._open()
        return self._box

    def close(self) -> None:
        if self._box is not None:
            self._box.close()
            self._box = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _judgement(verdict: Verdict) -> Judgement:
    return Judgement(verdict.kind, verdict.detail, verdict.mutated, verdict.lines)
