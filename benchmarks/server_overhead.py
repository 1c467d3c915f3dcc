"""What a rendered server costs beside a bare server of the SDK with the same tools and the same answer.

Figure: server start to first tools/list, and tools/call over stdio and HTTP: at most 1.1 times the bare server.
Both run at the same time and are asked in turn, so that what else the machine does weighs on both alike.

    .venv/bin/python -m benchmarks.server_overhead [servers/NAME]
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import mcp_types as types

from benchmarks.workload import Workload, chosen

VERSION = "2026-07-28"
ENVELOPE = {
    types.PROTOCOL_VERSION_META_KEY: VERSION,
    types.CLIENT_INFO_META_KEY: {"name": "benchmark", "version": "1"},
    types.CLIENT_CAPABILITIES_META_KEY: {},
}
STARTS, ROUNDS, CALLS = 11, 40, 25
Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


def message(method: str, params: dict[str, Any], modern: bool) -> bytes:
    if modern:
        params = {**params, "_meta": ENVELOPE}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n"


class Stdio:
    """A server process, asked over its standard input."""

    def __init__(self, command: list[str], modern: bool) -> None:
        self.modern = modern
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not modern:
            params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "b", "version": "1"}}
            self.ask("initialize", params)

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(message(method, params, self.modern))
        self.process.stdin.flush()
        reply: dict[str, Any] = json.loads(self.process.stdout.readline())
        return reply

    def __enter__(self) -> Stdio:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


class Http(Stdio):
    """A server process, asked over one HTTP connection."""

    def __init__(self, command: list[str], modern: bool) -> None:
        self.modern = modern
        self.process = subprocess.Popen([*command, "--http", "0"], stderr=subprocess.PIPE)
        assert self.process.stderr is not None
        port = int(self.process.stderr.readline().split(b":")[-1].removesuffix(b"/mcp\n"))
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.connection.connect()
        # http.client sends head and body apart, which would else wait 40 ms for an acknowledgement.
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        headers["MCP-Protocol-Version"] = VERSION if self.modern else "2025-06-18"
        if self.modern:
            headers |= {"Mcp-Method": method} | ({"Mcp-Name": params["name"]} if "name" in params else {})
        self.connection.request("POST", "/mcp", message(method, params, self.modern), headers)
        reply: dict[str, Any] = json.loads(self.connection.getresponse().read())
        return reply


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def start_to_list(command: list[str], modern: bool) -> float:
    def start() -> None:
        with Stdio(command, modern) as server:
            assert server.ask("tools/list", {})["result"]["tools"]

    return seconds(start)


def calls(ask: Ask, name: str, arguments: dict[str, Any]) -> float:
    """Seconds for one call, over CALLS of them."""

    def call() -> None:
        for _ in range(CALLS):
            assert not ask("tools/call", {"name": name, "arguments": arguments})["result"].get("isError")

    return seconds(call) / CALLS


def report(what: str, ours: list[float], bare: list[float]) -> bool:
    """Medians, and the median of the ratios of measurements made next to each other."""
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    mine, theirs = statistics.median(ours), statistics.median(bare)
    holds = ratio <= 1.1
    print(
        f"{what:34} {mine * 1000:8.2f} ms  bare {theirs * 1000:8.2f} ms  × {ratio:.3f}  {'ok' if holds else 'TOO SLOW'}"
    )
    return holds


def commands(load: Workload, folder: Path) -> tuple[list[str], list[str]]:
    name, arguments = load.query
    scenario = folder / "scenario.json"
    digest = next(line for line in (load.folder / "server.py").read_text().splitlines() if line.startswith("DIGEST"))
    document = {"environment": load.environment.NAME, "environment_digest": digest.split('"')[1], "task": "-"}
    scenario.write_text(json.dumps(document | {"initial_state": load.state}))
    result = load.environment.Environment(json.loads(json.dumps(load.state))).call(name, arguments)
    answer = folder / "bare.json"
    answer.write_text(json.dumps({"tools": load.environment.TOOLS, "text": result.text, "content": result.content}))
    ours = [sys.executable, str(load.folder / "server.py")]
    print(f"{load.environment.NAME}: {len(load.environment.TOOLS)} tools, state {load.kilobytes:.0f} KB,", end=" ")
    print(f"{name} answers {len(result.text):,} bytes")
    return [*ours, "--scenario", str(scenario)], [
        sys.executable,
        str(Path(__file__).with_name("bare_server.py")),
        str(answer),
    ]


def main() -> int:
    load = chosen()
    name, arguments = load.query
    held = []
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = commands(load, Path(folder))
        plain = ours[:2]  # as a client starts it: with the default state
        pairs = [(start_to_list(plain, True), start_to_list(bare, True)) for _ in range(STARTS)]
        held.append(report("start to first tools/list, stdio", *map(list, zip(*pairs, strict=True))))
        for transport in (Stdio, Http):
            for modern in (True, False):
                with ExitStack() as stack:
                    mine, theirs = (stack.enter_context(transport(command, modern)) for command in (ours, bare))
                    calls(mine.ask, name, arguments), calls(theirs.ask, name, arguments)
                    pairs = [
                        (calls(mine.ask, name, arguments), calls(theirs.ask, name, arguments)) for _ in range(ROUNDS)
                    ]
                era = VERSION if modern else "handshake"
                what = f"tools/call, {transport.__name__.lower()}, {era}"
                held.append(report(what, *map(list, zip(*pairs, strict=True))))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
