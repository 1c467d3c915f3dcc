"""Programs that are started as agents: `python command_agents.py WHAT URL_OR_CONFIG [PROMPT_OR_FILE]`."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client


async def use(url: str, calls: list[tuple[str, dict[str, object]]]) -> None:
    async with Client(streamable_http_client(url)) as client:
        await client.list_tools()
        for name, arguments in calls:
            await client.call_tool(name, arguments)


def url_in(text: str) -> str:
    if text.startswith("http"):
        return text
    (server,) = json.loads(Path(text).read_text())["mcpServers"].values()
    return str(server["url"])


def main(what: str, where: str, given: str = "", seconds: str = "") -> None:
    url = url_in(where)
    if what == "milk":
        prompt = Path(given).read_text() if given.endswith(".txt") else given or sys.stdin.read()
        assert prompt == "A to-do list.\n\nAdd milk to the list.", prompt
        asyncio.run(use(url, [("add_item", {"text": "milk"})]))
        print("Done.")
    elif what == "fail":
        asyncio.run(use(url, []))
        print("no idea", file=sys.stderr)
        sys.exit(3)
    elif what == "breed":  # children: one in this group, one in its own session, one an orphan of it
        asyncio.run(use(url, []))
        for leave in (False, True):
            subprocess.Popen(["sleep", seconds], start_new_session=leave)
        subprocess.Popen(["sh", "-c", f"setsid sleep {seconds} & exit"], start_new_session=True)
        time.sleep(60 if given == "stay" else 0.3)
    elif what == "look":  # all that an agent can see of its own place
        asyncio.run(use(url, []))
        seen = {"env": dict(os.environ), "argv": sys.argv, "cwd": str(Path.cwd())}
        seen["files"] = sorted(str(path) for path in Path(os.environ["HOME"]).parent.rglob("*"))
        print(json.dumps(seen))


main(*sys.argv[1:])
