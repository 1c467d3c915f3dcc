"""The MCP side of the adapters that run inside the harness."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import anyio
import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent, Tool

from harness.agents.agent import Limits, Message, MessageCall, Usage
from harness.errors import ConnectionBrokenError, HostingError, LimitError

_BROKEN = (httpx2.HTTPError, anyio.BrokenResourceError, anyio.ClosedResourceError, MCPError)


def http_client() -> httpx2.AsyncClient:
    """An HTTP client for all episodes of a run.

    Making one is a large part of connecting, hence shared. Proxies of the user's environment are for the
    outside world, and a tool may take its time: only the attempt's own limit ends a call.
    """
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    timeout = httpx2.Timeout(30.0, read=None)
    return httpx2.AsyncClient(timeout=timeout, limits=limits, trust_env=False)


class Toolbox:
    """The tools of one episode, through the official client; keeps the conversation and counts calls.

    When the connection breaks, the SDK (2.3.0) cancels the task that waits and tells the reason only as its
    client is closed; so that is where ConnectionBrokenError is raised then.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.messages: list[Message] = []
        self.calls = 0
        self._http = http
        self._stack = AsyncExitStack()
        self._client: Client | None = None
        self._limits = Limits()

    async def open(self, instructions: str, endpoint: str, limits: Limits) -> None:
        self._limits = limits
        self.messages.append(Message(role="system", content=instructions))
        client = Client(streamable_http_client(endpoint, http_client=self._http))
        try:
            self._client = await self._stack.enter_async_context(client)
        except* (MCPError, httpx2.HTTPError) as group:
            raise HostingError(f"The server did not answer the client: {_sentence(group)}") from group

    async def list(self) -> list[Tool]:
        """All tools, every page of them."""
        tools: list[Tool] = []
        cursor: str | None = None
        while True:
            try:
                page = await self._connected.list_tools(cursor=cursor)
            except MCPError as error:
                raise HostingError(f"The server did not list its tools: {error}.") from error
            tools.extend(page.tools)
            cursor = page.next_cursor
            if cursor is None:
                return tools

    async def call(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        """Call a tool and keep both sides in the conversation. Raises as `perform`."""
        call = MessageCall(id=f"call_{self.calls + 1}", name=name, arguments=arguments)
        self.messages.append(Message(role="assistant", tool_calls=[call]))
        result = await self.perform(name, arguments)
        self.messages.append(Message(role="tool", content=text_of(result), tool_call_id=call.id))
        return result

    async def perform(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        """Call a tool; a refusal is a result too.

        Raises:
            LimitError: the attempt has no calls left.
            HostingError: the server gave no result, or one against its own schema.
        """
        if self.calls >= self._limits.tool_calls:
            raise LimitError(f"All {self._limits.tool_calls} tool calls were used.")
        self.calls += 1
        try:
            return await self._connected.call_tool(name, arguments)
        except (MCPError, RuntimeError) as error:  # RuntimeError: against the tool's output schema
            raise HostingError(f"Calling {name} failed: {error}.") from error

    def say(self, role: str, text: str) -> None:
        self.messages.append(Message.model_validate({"role": role, "content": text}))

    async def close(self) -> None:
        self._client = None
        try:
            await self._stack.aclose()
        except* _BROKEN as group:
            raise ConnectionBrokenError(f"The connection to the server broke: {_sentence(group)}") from group

    async def leave(self, usage: Usage) -> Usage:
        """Close, and give an adapter's usage with the conversation; a connection that broke does not lose it."""
        told = usage.model_copy(update={"messages": self.messages})
        try:
            await self.close()
        except ConnectionBrokenError as error:
            error.usage = told
            raise
        return told

    @property
    def _connected(self) -> Client:
        if self._client is None:
            raise RuntimeError("the toolbox is not open")
        return self._client


def text_of(result: CallToolResult) -> str:
    """What a model reads of a result."""
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def _sentence(group: BaseExceptionGroup[BaseException]) -> str:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{str(error).rstrip('.') or type(error).__name__}."
