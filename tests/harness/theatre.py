"""A running server of the to-do list, and attempts on it, for tests of agents."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
from builders import grade_todo, scenario

from harness.agents.agent import Agent, Limits
from harness.agents.registry import AgentOptions, AgentSpec, Occasion, find_agent
from harness.agents.toolbox import http_client
from harness.attempt import Job, Stage, make_attempt
from harness.hosting import Host, host
from harness.records import Evidence, GradeRecord

Agents = Callable[[Occasion], Agent]


class Theatre:
    """A running server, and attempts on it, one after the other in one event loop."""

    def __init__(self, runner: asyncio.Runner, server: Host, http: httpx2.AsyncClient) -> None:
        self.server = server
        self._runner = runner
        self._http = http

    def attempt(
        self,
        make: Agents | str,
        limits: Limits | None = None,
        grade: Callable[..., GradeRecord] = grade_todo,
        options: AgentOptions | None = None,
    ) -> Evidence:
        """One attempt on the to-do list's scenario by a named agent, or by what a test makes."""
        spec = find_agent(make, options or AgentOptions()) if isinstance(make, str) else AgentSpec("scripted", make)
        stage = Stage(self.server, "A to-do list.", grade, limits or Limits(), self._http)
        return self._runner.run(make_attempt(Job(spec, scenario(), 1), stage)).evidence


@contextlib.contextmanager
def open_theatre(folder: Path) -> Iterator[Theatre]:
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()

        async def begin() -> Theatre:
            http = await stack.enter_async_context(http_client())
            return Theatre(runner, await stack.enter_async_context(host(folder)), http)

        yield runner.run(begin())
        runner.run(stack.aclose())
