"""The scenario document (DESIGN section 6): what an agent is asked, what it starts from, how it is graded."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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


class Scenario(_Document):
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
    checks: list[Check]
    allowed_changes: list[AllowedChange] = Field(default_factory=list)
    solution: Solution
    certificate: Certificate | None = None


def canonical(value: object) -> str:
    """Sorted keys, no spaces: what digests are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
