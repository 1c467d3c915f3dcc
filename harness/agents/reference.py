"""Plays a scenario's own solution through MCP: what passes here can be solved with the tools alone."""

from __future__ import annotations

from generator.scengenerator.scenario import Solution
from harness.agents.agent import Limits, Reply, Usage
from harness.agents.toolbox import Toolbox


class ReferenceAgent:
    """Ours and not under test, so it alone is given the solution."""

    name = "reference"

    def __init__(self, toolbox: Toolbox, solution: Solution) -> None:
        self._toolbox = toolbox
        self._solution = solution

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        await self._toolbox.open(instructions, endpoint, limits)
        await self._toolbox.list()

    async def send(self, message: str) -> Reply:
        self._toolbox.say("user", message)
        for call in self._solution.calls:
            await self._toolbox.call(call.name, call.arguments)
        self._toolbox.say("assistant", self._solution.answer)
        return Reply(text=self._solution.answer)

    async def close(self) -> Usage:
        return await self._toolbox.leave(Usage())
