"""What speaks against something that a language model wrote, and what came of all of it in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """`kind` is short and counted; `words` is a sentence that is told to the model."""

    kind: str
    words: str


@dataclass
class Turnout:
    """How many came out right at once, and how many once they were mended; `failed` counts the others by reason.

    `troubles` are sentences about requests that the model did not answer, each once.
    """

    right: int = 0
    mended: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)

    @property
    def good(self) -> int:
        return self.right + self.mended

    def fail(self, findings: Sequence[Finding]) -> None:
        """Counts what could not be used, by the first thing that was found."""
        self.failed[findings[0].kind if findings else "nothing came"] += 1

    def trouble(self, error: Exception) -> None:
        """Notes a request that was not answered."""
        if str(error) not in self.troubles:
            self.troubles.append(str(error))

    def lines(self, good: str, failed: str) -> list[str]:
        """For people: `11 reworded (2 of them mended), 1 kept the old words`, then the reasons."""
        mended = f" ({self.mended} of them mended)" if self.mended else ""
        reasons = sorted(self.failed.items(), key=lambda item: (-item[1], item[0]))
        return [f"{self.good} {good}{mended}, {sum(self.failed.values())} {failed}"] + [
            f"  {count:5} {reason}" for reason, count in reasons
        ]
