"""What an attempt costs beside a bare official client that makes the same calls on the same server.

Figure: the reference agent over MCP with everything recorded (episode, record, grade, explanations, the attempt's
file and line, both flushed to disk): at most 1.3 times the bare client. The bare client shares one HTTP client over
all its connections, as the harness does; one that makes its own each time is shown beside. They are asked in turn.

    .venv/bin/python -m benchmarks.harness_overhead [servers/NAME]
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from benchmarks.workload import Workload, chosen
from harness.agents.agent import Limits
from harness.agents.registry import find_agent
from harness.agents.toolbox import http_client
from harness.attempt import Job, Stage, make_attempt
from harness.environments import load_environment
from harness.hosting import Host, host
from harness.run import create_run, plan_run

ROUNDS = 60
LIMIT = 1.3


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def bare(url: str, workload: Workload, http: httpx2.AsyncClient | None) -> None:
    transport = streamable_http_client(url, http_client=http) if http else streamable_http_client(url)
    async with Client(transport) as client:
        await client.list_tools()
        for name, arguments in workload.calls:
            await client.call_tool(name, arguments)


async def measure(workload: Workload, folder: Path) -> dict[str, list[float]]:
    environment = load_environment(workload.folder)
    plan = plan_run([(environment, [workload.scenario])], ["reference"])
    run = create_run(plan, folder)
    times: dict[str, list[float]] = {"bare": [], "bare, own HTTP client": [], "harness": []}
    async with http_client() as http, host(environment.folder) as server:
        stage = Stage(server, environment.record.instructions, plan.graders[environment.name], Limits(), http)

        async def harness(number: int) -> None:
            job = Job(find_agent("reference"), workload.scenario, number)
            await asyncio.to_thread(run.record, (await make_attempt(job, stage)).evidence)

        for number in range(1, ROUNDS + 1):
            for name, client in (("bare", http), ("bare, own HTTP client", None)):
                episode = await fresh(server, workload)
                times[name].append(await timed(lambda e=episode, c=client: bare(e, workload, c)))  # type: ignore[misc]
            times["harness"].append(await timed(lambda n=number: harness(n)))  # type: ignore[misc]
    outcomes = {attempt.outcome for attempt in run.attempts()}
    assert outcomes == {"passed"}, outcomes
    return times


async def fresh(server: Host, workload: Workload) -> str:
    return (await server.open(workload.state)).url


def main() -> None:
    workload = chosen()
    with tempfile.TemporaryDirectory() as folder:
        times = asyncio.run(measure(workload, Path(folder)))
    print(f"{workload.folder.name}: {workload.kilobytes:.0f} KB, {len(workload.calls)} calls, {ROUNDS} rounds")
    medians = {name: statistics.median(taken[5:]) for name, taken in times.items()}
    for name, median in medians.items():
        print(f"  {name:24} {median * 1000:7.1f} ms   {median / medians['bare']:.2f} ×")
    ratio = medians["harness"] / medians["bare"]
    print(f"harness / bare = {ratio:.2f} (at most {LIMIT})")


if __name__ == "__main__":
    main()
