"""What can go wrong in the harness.

EnvwrightError
└── HarnessError
    ├── HostingError               a server process could not be started, or refused what was asked of it
    │   ├── EnvironmentDiedError   it ended, or stopped answering, while an episode was open
    │   └── ConnectionBrokenError  an agent's connection to it broke
    ├── RunError                   a run folder, or what a run was asked to do, cannot be used
    │   └── BudgetError            it has cost what it may cost
    ├── PlaceError                 files cannot be written where they were meant to be
    ├── AgentError                 an agent did something that it must not, or broke down
    ├── LimitError                 an agent used up what an attempt may take
    ├── NotConnectedError          an agent says itself that it never got hold of the tools
    ├── ProviderError              the model behind an agent could not be reached or refused to work
    │   ├── BusyProviderError      it was busy for longer than an attempt is patient
    │   └── UnusableProviderError  it will refuse all that is asked of it: no key, no credit, no such model
    └── GraderError                an outcome could not be graded
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import EnvwrightError

if TYPE_CHECKING:
    from harness.agents.agent import Usage


class HarnessError(EnvwrightError):
    """The root of all errors of the harness."""


class HostingError(HarnessError):
    """A server process that does not start, or a request that it refused."""


class EnvironmentDiedError(HostingError):
    """A server process that ended, or no longer answers, while it was needed.

    `stderr` holds the last lines that it wrote to standard error.
    """

    def __init__(self, environment: str, what: str, stderr: str = "") -> None:
        self.environment = environment
        self.stderr = stderr
        tail = f" Its last words: {stderr}" if stderr else ""
        super().__init__(f"The server of {environment} {what}.{tail}")


class ConnectionBrokenError(HostingError):
    """An agent's connection to its server broke; `usage` is what the agent had taken, where it is known."""

    usage: Usage | None = None


class RunError(HarnessError):
    """A run that cannot be made, read or continued."""


class BudgetError(RunError):
    """A run that has used up its budget before all attempts were made."""


class PlaceError(HarnessError):
    """A folder that is not ours to write into."""


class AgentError(HarnessError):
    """An agent that broke down: counts against the agent."""


class LimitError(HarnessError):
    """An attempt reached one of its limits: counts as not passed."""


class ProviderError(HarnessError):
    """A model that could not be asked: counts in no rate."""


class BusyProviderError(ProviderError):
    """A model that was busy each time it was asked. In `delay` seconds it may not be, by its own account."""

    def __init__(self, what: str, delay: float | None = None) -> None:
        self.delay = delay or 0.0
        super().__init__(what)


class UnusableProviderError(ProviderError):
    """A model that will not answer any request of this run: nothing more needs to be tried."""


class NotConnectedError(HarnessError):
    """An agent whose own report says that it was not connected: says nothing about the agent."""


class GraderError(HarnessError):
    """An outcome that could not be graded: counts in no rate."""
