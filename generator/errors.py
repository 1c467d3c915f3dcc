"""What can go wrong in the generator.

EnvwrightError
├── SkeletonError      a skeleton that cannot be used; carries every problem found
├── RenderingError     a template or a formatter failed
├── ScenarioError      a scenario file that cannot be read or does not fit its environment
├── NotFoundError      a name on the command line that is neither a path nor an environment
├── TasksError         instruction data, or a list of topics, that cannot be read
├── BuildingError      an environment that cannot be built from what is given, or has no place
└── ModelError         a language model gave no answer that can be used
    ├── AccountError           it will refuse everything: nothing more is asked
    │   ├── NoKeyError         there is no key
    │   ├── RefusedKeyError    the key is wrong, or may not do this
    │   ├── NoCreditError      the account is empty
    │   └── NoSuchModelError   the model's name is wrong
    ├── SpendingError          the budget does not allow the request, or cannot be kept
    ├── NotAskedError          a dry run asks nothing
    ├── OverloadedError        busy each time, although it was asked patiently
    ├── UnreachableError       the connection could not be made, or was lost each time
    ├── RejectedError          the request itself is wrong or too long
    │   └── SchemaRejectedError    the shape of the answer is none that answers can be held to
    ├── RefusedError           it declined
    ├── TruncatedError         the answer was cut off
    ├── EmptyAnswerError       the answer holds nothing
    ├── MalformedAnswerError   the answer does not have its shape; `text` is what came
    └── BatchError             a request of a batch that was not answered: it expired or was canceled
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


class TasksError(EnvwrightError):
    """Instruction data or a list of topics that cannot be read, or a topic that is not in one."""


class BuildingError(EnvwrightError):
    """An environment cannot be built from what is given, or its name is taken."""


class ModelError(EnvwrightError):
    """No answer that can be used; `stage` is what was asked for."""

    def __init__(self, message: str, stage: str = "") -> None:
        self.stage = stage
        super().__init__(f"{stage}: {message}" if stage else message)


class AccountError(ModelError):
    """Every further request would end the same way."""


class NoKeyError(AccountError):
    """There is no key for the model."""


class RefusedKeyError(AccountError):
    """The key is not accepted, or not for this."""


class NoCreditError(AccountError):
    """The account has nothing left to pay with."""


class NoSuchModelError(AccountError):
    """The provider knows no model of this name."""


class SpendingError(ModelError):
    """The budget does not allow this request, or cannot be kept because nobody knows the price."""


class NotAskedError(ModelError):
    """A dry run came to a request whose answer is not there yet."""


class OverloadedError(ModelError):
    """The provider was busy, time after time."""


class UnreachableError(ModelError):
    """The provider could not be reached, or its answers broke off."""


class RejectedError(ModelError):
    """The provider does not take the request as it is."""


class SchemaRejectedError(RejectedError):
    """The shape of the answer is outside what the provider can hold a model to."""


class RefusedError(ModelError):
    """The model, or a classifier beside it, declined."""


class TruncatedError(ModelError):
    """The answer was cut off, with as much room as there is."""


class EmptyAnswerError(ModelError):
    """The answer holds no text."""


class MalformedAnswerError(ModelError):
    """The answer is no JSON of the asked shape, also after its faults were named to the model."""

    def __init__(self, message: str, stage: str, text: str, faults: str) -> None:
        self.text = text
        self.faults = faults
        super().__init__(message, stage)


class BatchError(ModelError):
    """A request of a batch expired, or was canceled."""
