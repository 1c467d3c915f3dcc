"""The server processes of a run: one an environment, started when first needed and again when it died."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any

import httpx2

from generator.scengenerator.scenario import canonical, digest
from harness.agents.agent import Limits
from harness.agents.toolbox import Toolbox
from harness.environments import RenderedEnvironment
from harness.errors import HostingError
from harness.hosting import Host, host


class Servers:
    """Hands out running servers that have shown that they list the rendered tools."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self._stack = AsyncExitStack()
        self._running: dict[str, Host] = {}
        self._failed: dict[str, HostingError] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def get(self, environment: RenderedEnvironment) -> Host:
        """The environment's server.

        Raises:
            HostingError: it does not start, or lists other tools than were rendered.
        """
        async with self._locks.setdefault(environment.name, asyncio.Lock()):
            if environment.name in self._failed:  # it would not start the next time either
                raise self._failed[environment.name]
            running = self._running.get(environment.name)
            if running is None or not running.alive:
                try:
                    running = await self._start(environment)
                except HostingError as error:
                    self._failed[environment.name] = error
                    raise
                self._running[environment.name] = running
            return running

    async def _start(self, environment: RenderedEnvironment) -> Host:
        async with AsyncExitStack() as stack:
            running = await stack.enter_async_context(host(environment.folder))
            await check_ready(running, environment, self._http)
            self._stack.push_async_exit(stack.pop_all())
        return running

    async def __aenter__(self) -> Servers:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()


async def check_ready(running: Host, environment: RenderedEnvironment, http: httpx2.AsyncClient) -> None:
    """Ask a server for its tools as an agent would.

    In an episode of its own, once a process: the list is the same for every episode, and an agent's is
    touched by nobody but the agent, so its record says whether *it* listed the tools.

    Raises:
        HostingError: the tools are not the rendered ones.
    """
    if running.tools_digest != digest(canonical(environment.record.tools)):
        raise HostingError(f"The server of {environment.name} has other tools than {environment.folder}.")
    episode = await running.open()
    toolbox = Toolbox(http)
    try:
        await toolbox.open("", episode.url, Limits())
        tools = await toolbox.list()
    finally:
        await toolbox.close()
        with suppress(HostingError):
            await running.close(episode)
    listed: list[dict[str, Any]] = [tool.model_dump(mode="json", by_alias=True, exclude_unset=True) for tool in tools]
    if listed != environment.record.tools:
        names = {tool["name"] for tool in listed} ^ {tool["name"] for tool in environment.record.tools}
        which = f": {', '.join(sorted(names))}" if names else " in their schemas"
        raise HostingError(f"The server of {environment.name} lists other tools than were rendered{which}.")
