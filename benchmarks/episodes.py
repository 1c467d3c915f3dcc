"""512 episodes in one server process: how fast they open, what they cost, and that no call is dropped or crossed.

Figure: ready in at most 5 ms each, at most 0.5 MB each for a state of 50 KB, all called at once. Opening is set
beside parsing the same state in this process, and memory beside the same states parsed and held here.

    .venv/bin/python -m benchmarks.episodes [servers/NAME]
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.workload import Workload, chosen
from harness.hosting import EpisodeHandle, Host, host

EPISODES = 512


def memory(pid: int | str) -> float:
    """Resident memory in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def cpu(pid: int) -> float:
    """Seconds of processor time that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def held_here(text: str) -> tuple[float, float]:
    """MB a state and milliseconds a state for parsing EPISODES of them and holding them: the baseline."""
    before, started = memory("self"), time.perf_counter()
    states = [json.loads(text) for _ in range(EPISODES)]
    spent = time.perf_counter() - started
    return (memory("self") - before) / len(states), spent * 1000 / len(states)


async def opened(running: Host, load: Workload) -> tuple[list[EpisodeHandle], list[float]]:
    handles, times = [], []
    for _ in range(EPISODES):
        started = time.perf_counter()
        handles.append(await running.open(load.state))
        times.append((time.perf_counter() - started) * 1000)
    return handles, times


async def attempt(episode: EpisodeHandle, load: Workload, n: int, begin: asyncio.Event) -> list[dict[str, Any]]:
    """What the episode answered. Between the calls stand some that name this very client."""
    address = urlsplit(episode.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1 << 26)
    await begin.wait()
    answers = []
    for k, (name, arguments) in enumerate(load.calls):
        for called, given in ((f"probe_{n}_{k}", {}), (name, arguments)):
            params: dict[str, Any] = {"name": called, "arguments": given}
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
            head = (
                f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
                f"Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-06-18\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            writer.write((head + body).encode())
            headers = await reader.readuntil(b"\r\n\r\n")
            length = int(headers.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            answers.append(json.loads(await reader.readexactly(length))["result"]["structuredContent"])
    writer.close()
    return answers


async def wrong(running: Host, load: Workload, episodes: list[EpisodeHandle], answers: list[Any]) -> int:
    """How many episodes differ from what the same calls give in process, or from their own record."""
    world = load.environment.Environment(json.loads(json.dumps(load.state)))
    expected = [json.loads(json.dumps(world.call(name, arguments).content)) for name, arguments in load.calls]
    count = 0
    for n, (episode, got) in enumerate(zip(episodes, answers, strict=True)):
        record = await running.read(episode)
        probes = [call.name for call in record.calls[::2]]
        right = (
            got[1::2] == expected
            and probes == [f"probe_{n}_{k}" for k in range(len(expected))]
            and [call.content for call in record.calls] == got
            and record.state == world.state
        )
        count += not right
    return count


async def main() -> int:
    load = chosen()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    async with host(load.folder) as running:
        pid = running.process.pid
        await running.close(await running.open(load.state))  # warm
        before = memory(pid)
        episodes, times = await opened(running, load)
        cost = (memory(pid) - before) / EPISODES
        base_cost, base_time = held_here(json.dumps(load.state))
        used, begin = cpu(pid), asyncio.Event()
        attempts = [asyncio.create_task(attempt(e, load, n, begin)) for n, e in enumerate(episodes)]
        await asyncio.sleep(0.5)
        started = time.perf_counter()
        begin.set()
        answers = await asyncio.gather(*attempts)
        spent, used = time.perf_counter() - started, cpu(pid) - used
        full = (memory(pid) - before) / EPISODES
        failed = await wrong(running, load, episodes, answers)
    calls = sum(map(len, answers))
    ready, slow = statistics.median(times), sorted(times)[int(EPISODES * 0.99)]
    each = used / calls * 1e6
    print(f"{load.environment.NAME}: {EPISODES} episodes with a state of {load.kilobytes:.0f} KB in one process")
    print(f"ready   {ready:.2f} ms (99 %: {slow:.2f})   × {ready / base_time:.1f} of parsing the state")
    print(f"memory  {cost:.3f} MB   × {cost / base_cost:.2f} of the parsed state; {full:.3f} MB after the calls")
    print(f"at once {calls:,} calls in {spent:.1f} s, {each:.0f} µs of the server each; {failed} episodes wrong")
    return 0 if ready <= 5 and cost <= 0.5 * max(1, load.kilobytes / 50) and not failed else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
