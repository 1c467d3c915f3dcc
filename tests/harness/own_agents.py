"""Functions as people would write them for `--agent python:own_agents:…`."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from harness.agents.agent import Limits, Usage

NO_FUNCTION = 3


async def milk(endpoint: str, task: str, instructions: str, limits: Limits) -> str:
    assert task == "Add milk to the list." and instructions == "A to-do list." and limits.tool_calls > 0
    async with Client(streamable_http_client(endpoint)) as client:
        await client.list_tools()
        await client.call_tool("add_item", {"text": "milk"})
    return "Done."


def plain(**given: Any) -> tuple[str, Usage]:
    return asyncio.run(milk(**given)), Usage(turns=3, cost=0.5)


async def looking(endpoint: str, **_: Any) -> None:
    async with Client(streamable_http_client(endpoint)) as client:
        await client.list_tools()


def sleeping(**given: Any) -> None:
    asyncio.run(looking(**given))
    time.sleep(60)


def raising(**given: Any) -> None:
    asyncio.run(looking(**given))
    raise SystemExit(3)


async def leaving(**given: Any) -> None:
    await looking(**given)
    raise SystemExit(0)


def exhausted(**given: Any) -> None:
    asyncio.run(looking(**given))
    raise StopIteration("nothing left")


async def counting(**given: Any) -> int:
    await looking(**given)
    return 3
