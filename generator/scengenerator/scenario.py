"""The scenario document (DESIGN section 6): what an agent is asked, what it starts from, how it is graded."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
)

JsonObject = dict[str, Any]
Kind = Literal["change", "question", "decline"]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Check(_Document):
    """A `goal` is false at the start and weighted; a `keep` is true at the start and must stay so.

    `that` is an expression over the final tables, `before` (the initial ones), `calls` and `answer`.
    """

    id: str
    kind: Literal["goal", "keep"]
    description: str
    that: str
    weight: float = Field(default=1.0, ge=0)


class SourceCheck(_Document):
    """A check of an imported scenario: a stranger's Python function `check_func`, run in a contained process only.

    A `goal` is not true at the start (false, or it cannot be decided there), a `keep` is true at the start.
    """

    id: str
    kind: Literal["goal", "keep"]
    description: str
    source: str
    weight: float = Field(default=1.0, ge=0)


class AllowedChange(_Document):
    """What a right solution may touch. Any other difference is collateral damage.

    `row` names one row by its key; `where` is an expression over the row under its entity's name. `fields` may
    change; `create` and `delete` allow whole rows to appear and to go; `at_most` bounds how many rows it covers.
    """

    table: str
    row: str | None = None
    where: str | None = None
    fields: list[str] = Field(default_factory=list)
    create: bool = False
    delete: bool = False
    at_most: int | None = None


class ToolCall(_Document):
    """One call of a tool, as the agent would make it."""

    name: str
    arguments: JsonObject = Field(default_factory=dict)


class Solution(_Document):
    """Tool calls that solve the scenario, in order, and what the agent says at the end."""

    calls: list[ToolCall] = Field(default_factory=list)
    answer: str = ""


class Certificate(_Document):
    """What was proven about a scenario, with counts (DESIGN section 6)."""

    solution_passes: bool
    nothing_scores: float  # the score of doing nothing: 0
    replay_identical: bool
    mutants: dict[str, int] = Field(default_factory=dict)  # rejected, by operator
    equivalent: int = 0  # mutants with the same normalised outcome, counted apart
    partial_scores: list[float] = Field(default_factory=list)  # strictly between 0 and 1
    reorderings: int = 0  # orders of independent steps that pass too
    extra_queries: int = 0
    proven_by: str = ""  # the version of envwright


class AuditFinding(_Document):
    """What an audit found about a check: what it is called, a sentence, and what was seen that shows it."""

    what: str
    words: str
    evidence: JsonObject = Field(default_factory=dict)


class CheckAudit(_Document):
    """What is known of one check. `start` is its verdict on the initial state, `detail` what it raised there."""

    check: str
    start: Literal["true", "false", "raised", "missing_name", "not_boolean", "broken"]
    detail: str = ""
    findings: list[AuditFinding] = Field(default_factory=list)


class Audit(_Document):
    """What an imported scenario has instead of a certificate: each of its checks looked at (in their order)."""

    checks: list[CheckAudit] = Field(default_factory=list)
    explored: int = 0  # states that the checks were tried on, beside the initial one
    basis: str = ""  # a digest of what the whole audit was made with; empty where only the start was looked at
    made_by: str = ""  # the version of envwright


EXPRESSION, SOURCE = "<expression>", "<source>"
"""Tags of the two sorts of checks; in the places of validation errors they are to be left out."""


def _sort(check: object) -> str:
    if isinstance(check, SourceCheck):
        return SOURCE
    return SOURCE if isinstance(check, dict) and "source" in check and "that" not in check else EXPRESSION


AnyCheck = Annotated[Annotated[Check, Tag(EXPRESSION)] | Annotated[SourceCheck, Tag(SOURCE)], Discriminator(_sort)]


class Scenario(_Document):
    """`checks` are expressions, or, in an imported scenario, all Python sources; that one has no solution either."""

    schema_version: Literal[1] = 1
    id: str
    environment: str
    skeleton_digest: str
    environment_digest: str
    seed: int
    kind: Kind
    difficulty: int = Field(ge=1, le=5)
    clock: str
    initial_state: JsonObject
    task: str
    checks: list[AnyCheck]
    allowed_changes: list[AllowedChange] = Field(default_factory=list)
    solution: Solution
    certificate: Certificate | None = None
    audit: Audit | None = None  # of an imported scenario; not written where there is none

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> JsonObject:
        document: JsonObject = handler(self)
        if self.audit is None:
            document.pop("audit", None)
        return document

    @property
    def expressions(self) -> list[Check]:
        """The checks over a skeleton's tables."""
        return [check for check in self.checks if isinstance(check, Check)]

    @property
    def sources(self) -> list[SourceCheck]:
        """The checks that are Python sources."""
        return [check for check in self.checks if isinstance(check, SourceCheck)]

    @property
    def imported(self) -> bool:
        """Whether it came with its environment from elsewhere: checks are sources (or none), there is no solution."""
        return self.audit is not None or any(isinstance(check, SourceCheck) for check in self.checks)


def canonical(value: object) -> str:
    """Sorted keys, no spaces: what digests are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
