"""Looks at the tools and stops: whatever this one earns, a scenario gives away."""

from __future__ import annotations

from harness.agents.agent import Limits, Reply, Usage
from harness.agents.toolbox import Toolbox


class NoopAgent:
    name = "noop"

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        await self._toolbox.open(instructions, endpoint, limits)
        await self._toolbox.list()

    async def send(self, message: str) -> Reply:
        self._toolbox.say("user", message)
        return Reply()

    async def close(self) -> Usage:
        return await self._toolbox.leave(Usage())
