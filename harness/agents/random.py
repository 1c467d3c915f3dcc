"""Makes random calls that fit the schemas: what it earns, a scenario gives to luck."""

from __future__ import annotations

from random import Random

from mcp_types import Tool

from harness.agents.agent import Limits, Reply, Usage
from harness.agents.sampling import Sampler, UnknownValueError
from harness.agents.toolbox import Toolbox

_CALLS = 12


class RandomAgent:
    """The same seed makes the same calls, as long as the server answers the same."""

    name = "random"

    def __init__(self, toolbox: Toolbox, seed: str) -> None:
        self._toolbox = toolbox
        self._random = Random(seed)
        self._sampler = Sampler(self._random)
        self._tools: list[Tool] = []
        self._calls = _CALLS

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        self._calls = min(_CALLS, limits.tool_calls)
        await self._toolbox.open(instructions, endpoint, limits)
        self._tools = await self._toolbox.list()

    async def send(self, message: str) -> Reply:
        self._toolbox.say("user", message)
        while self._toolbox.calls < self._calls:
            call = self._next()
            if call is None and self._sampler.hear(message):  # no tool can be called without an id
                call = self._next()
            if call is None:
                break
            result = await self._toolbox.call(*call)
            if not result.is_error:
                self._sampler.learn(result.structured_content)
        return Reply()

    async def close(self) -> Usage:
        return await self._toolbox.leave(Usage())

    def _next(self) -> tuple[str, dict[str, object]] | None:
        """A tool in random order whose arguments can be made of what was seen so far."""
        for tool in self._random.sample(self._tools, len(self._tools)):
            try:
                return tool.name, self._sampler.arguments(tool.input_schema)
            except UnknownValueError:
                continue
        return None
