"""How far a run is, in a few words."""

from __future__ import annotations

from collections.abc import Iterable

from harness.outcomes import COUNTED
from harness.records import Attempt


class Standing:
    """Counts attempts as they come."""

    def __init__(self, made: Iterable[Attempt] = ()) -> None:
        self.made = self.passed = self.left_out = 0
        self.cost: float | None = None  # nobody has told any
        self._last = ""
        for attempt in made:
            self.add(attempt)

    def add(self, attempt: Attempt) -> None:
        self.made += 1
        self.passed += attempt.outcome == "passed"
        self.left_out += attempt.outcome not in COUNTED
        if attempt.cost is not None:
            self.cost = (self.cost or 0.0) + attempt.cost
        self._last = f"{attempt.environment}/{attempt.scenario}"

    def __str__(self) -> str:
        parts = [f"{self.passed} passed"]
        if self.left_out:
            parts.append(f"{self.left_out} left out")
        if self.cost is not None:
            parts.append(f"${self.cost:.2f}")
        return " · ".join([*parts, self._last] if self._last else parts)
