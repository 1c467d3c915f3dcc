"""What can go wrong in the generator.

EnvwrightError
├── SkeletonError      a skeleton that cannot be used; carries every problem found
├── RenderingError     a template or a formatter failed
├── ScenarioError      a scenario file that cannot be read or does not fit its environment
└── NotFoundError      a name on the command line that is neither a path nor an environment
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class EnvwrightError(Exception):
    """Shown to a user as its sentence, with exit code 2."""


@dataclass(frozen=True)
class Problem:
    """One finding in a document: where, what, and what to do about it.

    `path` leads through the document (`("operations", "close_thread", "effects", 0)`); `line` is 1-based
    where the document was read from a file.
    """

    path: tuple[str | int, ...]
    message: str
    line: int | None = None
    warning: bool = False

    @property
    def place(self) -> str:
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.place) if part)
        return f"{where}: {self.message}" if where else self.message


class SkeletonError(EnvwrightError):
    """A skeleton with problems; `problems` holds all of them, in document order."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__(f"{source}: {count}\n" + "\n".join(f"  {problem}" for problem in self.problems))


class RenderingError(EnvwrightError):
    """Rendering failed for a reason that is not the skeleton's."""


class ScenarioError(EnvwrightError):
    """A scenario that cannot be read, or belongs to another environment."""


class NotFoundError(EnvwrightError):
    """A name that leads to no environment, scenario or run."""
