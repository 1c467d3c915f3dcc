"""What quality evaluation found: calls per operation, what was never reached, what is wrong, and the verdict."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FindingKind = Literal[
    "rule_broken",  # a command leads to a state in which a rule does not hold
    "query_changes_state",
    "refusal_changes_state",
    "result_off_schema",
    "replay_differs",
    "raises",  # the environment fails instead of refusing
    "unfindable_id",  # a command needs an id that no query gives
    "no_sample",  # a text that would have to be made up
    "no_state",  # the sampled rows cannot keep the rules
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Finding(_Part):
    """Something wrong; `place` is the operation, rule or field that it is about."""

    kind: FindingKind
    place: str
    text: str


class OperationReport(_Part):
    """The calls of one tool: those that succeeded, and those that were refused, by what refused them."""

    name: str
    command: bool
    positive: int = 0
    negative: int = 0
    refusals: dict[str, int] = Field(default_factory=dict)
    never_refused: list[str] = Field(default_factory=list)  # clauses of this operation


class Thresholds(_Part):
    """The shares that must be reached; anything wrong fails whatever the shares are."""

    commands: float = Field(default=1.0, ge=0, le=1)  # that succeed
    queries: float = Field(default=1.0, ge=0, le=1)
    clauses: float = Field(default=1.0, ge=0, le=1)  # that refuse, in at least one operation
    words: float = Field(default=1.0, ge=0, le=1)  # of state machines that some row shows


class Share(_Part):
    """How much of something was reached, and what was not."""

    reached: int
    total: int
    missing: list[str] = Field(default_factory=list)

    @property
    def value(self) -> float:
        return self.reached / self.total if self.total else 1.0

    def __str__(self) -> str:
        return f"{self.reached} of {self.total}"


class Report(_Part):
    """The result of an evaluation; the same document, seed and budget give the same report."""

    environment: str
    seed: str
    calls: int
    states: int  # initial states that were explored
    commands: Share
    queries: Share
    clauses: Share
    words: Share
    operations: list[OperationReport]
    findings: list[Finding] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    thresholds: Thresholds = Field(default_factory=Thresholds)

    @property
    def passed(self) -> bool:
        shares = ("commands", "queries", "clauses", "words")
        enough = all(getattr(self, name).value >= getattr(self.thresholds, name) for name in shares)
        return enough and not self.findings

    def lines(self) -> list[str]:
        """The report as plain text, one line an entry: the verdict first, then what to mend, then the calls."""
        verdict = "passes" if self.passed else "does not pass"
        lines = [
            f"{self.environment} {verdict}: {self.calls:,} calls from {self.states} initial states, seed {self.seed}.",
            f"{self.commands} commands succeed, {self.queries} queries answer, {self.clauses} conditions refuse, "
            f"{self.words} words of state machines are reached.",
        ]
        lines += [f"wrong: {finding.place}: {finding.text}" for finding in self.findings]
        for share, words in (
            (self.commands, "never succeeds"),
            (self.queries, "never answers"),
            (self.clauses, "never refuses"),
            (self.words, "is never reached"),
        ):
            lines += [f"unreached: {name} {words}" for name in share.missing]
        lines += [f"note: {note}" for note in self.notes]
        return lines

    def table(self) -> list[tuple[str, str, str, str]]:
        """Rows for people: operation, kind, calls that succeeded, calls that were refused."""
        return [
            (item.name, "command" if item.command else "query", f"{item.positive:,}", f"{item.negative:,}")
            for item in self.operations
        ]
