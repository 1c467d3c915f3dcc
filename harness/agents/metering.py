"""What a model has taken during an attempt, turn by turn, and whether it may go on."""

from __future__ import annotations

from typing import TypeVar

from harness.agents.agent import Limits, Usage
from harness.errors import LimitError, UnusableProviderError

Number = TypeVar("Number", int, float)


class Meter:
    """Counts for the adapters that ask a model themselves."""

    def __init__(self, limits: Limits) -> None:
        self.usage = Usage(turns=0, input_tokens=0, output_tokens=0, cached_tokens=0, cost=0.0, retries=0)
        self._limits = limits

    def check(self) -> None:
        """Raise LimitError when there is nothing left for another turn."""
        usage, limits = self.usage, self._limits
        if limits.turns is not None and (usage.turns or 0) >= limits.turns:
            raise LimitError(f"All {limits.turns} turns were used.")
        tokens = (usage.input_tokens or 0) + (usage.output_tokens or 0)
        if limits.tokens is not None and tokens >= limits.tokens:
            raise LimitError(f"{tokens} tokens were used, of {limits.tokens}.")
        if limits.cost is not None and (usage.cost or 0.0) >= limits.cost:
            raise LimitError(f"${usage.cost:.4f} were spent, of ${limits.cost:g}.")

    def count(self, read: int | None, written: int | None, cached: int | None, cost: float | None) -> None:
        """One answer of the model: tokens it read and wrote, those it read from a cache, and US dollars.

        Raises:
            UnusableProviderError: there is a limit on tokens or cost, and nobody knows these.
        """
        usage = self.usage
        usage.turns = (usage.turns or 0) + 1
        usage.input_tokens = _sum(usage.input_tokens, read)
        usage.output_tokens = _sum(usage.output_tokens, written)
        usage.cached_tokens = _sum(usage.cached_tokens, cached)
        usage.cost = _sum(usage.cost, cost)
        if None in (usage.input_tokens, usage.output_tokens) and self._limits.tokens is not None:
            raise UnusableProviderError(
                "This provider tells no tokens, so a limit on them cannot be kept; limit turns."
            )
        if usage.cost is None and self._limits.cost is not None:
            raise UnusableProviderError(
                "What this model costs is not known, so a limit on cost cannot be kept; limit its tokens instead."
            )

    def retried(self) -> None:
        self.usage.retries = (self.usage.retries or 0) + 1


def _sum(total: Number | None, more: Number | None) -> Number | None:
    return None if total is None or more is None else total + more


def exceeded(usage: Usage, limits: Limits) -> str | None:
    """Which limit an attempt has gone beyond, as a sentence; what is unknown is beyond none."""
    tokens = _sum(usage.input_tokens, usage.output_tokens)
    taken = [
        (usage.turns, limits.turns, "{} turns were used, of {}."),
        (tokens, limits.tokens, "{} tokens were used, of {}."),
        (usage.cost, limits.cost, "${:.4f} were spent, of ${:g}."),
    ]
    for used, most, sentence in taken:
        if used is not None and most is not None and used > most:
            return sentence.format(used, most)
    return None
