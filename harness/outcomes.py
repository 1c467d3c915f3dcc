"""The closed set of what an attempt can come to (DESIGN section 7)."""

from __future__ import annotations

from typing import Literal, get_args

Outcome = Literal[
    "passed",
    "failed",
    "limit",
    "agent_error",
    "provider_error",
    "environment_error",
    "grader_error",
    "invalid",
]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
COUNTED: frozenset[Outcome] = frozenset({"passed", "failed", "limit", "agent_error"})
"""What counts in a rate; the others say nothing about the agent and are shown beside it."""
