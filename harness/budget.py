"""What a whole run may cost."""

from __future__ import annotations

from collections.abc import Iterable

from harness.agents.agent import Limits
from harness.records import Attempt


class Budget:
    """US dollars for a run; `total` None is without end.

    An attempt that begins may spend what is left then, so attempts at the same time can together go beyond
    the total by as much as they spend before their next turn. A cost that nobody told is not counted.
    """

    def __init__(self, total: float | None, made: Iterable[Attempt]) -> None:
        self.total = total
        self.spent = 0.0
        for attempt in made:
            self.take(attempt)
            self.spent += sum(one.cost or 0.0 for one in attempt.earlier)

    @property
    def used_up(self) -> bool:
        return self.total is not None and self.spent >= self.total

    def narrow(self, limits: Limits) -> Limits:
        """The limits of an attempt that begins now."""
        if self.total is None:
            return limits
        left = self.total - self.spent
        return limits.model_copy(update={"cost": left if limits.cost is None else min(left, limits.cost)})

    def take(self, attempt: Attempt) -> None:
        """Count what one try has cost; those before it were taken before."""
        self.spent += attempt.cost or 0.0
