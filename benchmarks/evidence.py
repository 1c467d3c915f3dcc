"""What it takes to keep evidence, to look at much of it, and to train without a server.

Figures: an attempt with everything recorded beside the same with nothing recorded and nothing graded; the size of a
report of 5,000 attempts and how long it takes to make; how long a run of 5,000 attempts takes to find that nothing
is missing; steps a second of harness.training beside direct calls of the environment.

    .venv/bin/python -m benchmarks.evidence [ENVIRONMENT]
"""

from __future__ import annotations

import asyncio
import pickle
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from generator.rendering import find_environment, find_scenarios
from generator.scengenerator.files import load_scenario
from harness.agents.agent import Limits
from harness.agents.toolbox import http_client
from harness.attempt import Stage, make_attempt
from harness.environments import load_environment
from harness.hosting import host
from harness.records import GradeRecord
from harness.reporting.html import report
from harness.resuming import resumed
from harness.run import Plan, carry_out, create_run, plan_run
from harness.store import Run
from harness.training import ToolEnvironment, scenarios

ROUNDS, ATTEMPTS = 60, 5000


def plan_of(name: str, attempts: int = 1) -> Plan:
    folder = find_environment(name)
    chosen = [load_scenario(path) for path in find_scenarios(folder)]
    return plan_run([(load_environment(folder), chosen)], ["reference"], attempts)


async def recording(plan: Plan, run: Run) -> tuple[float, float]:
    """Median seconds of an attempt: with everything recorded, and with nothing."""
    (environment,) = plan.environments.values()
    nothing = GradeRecord(score=0, reward=0, passed=False, checks=[], damage=[])
    times: tuple[list[float], list[float]] = ([], [])
    async with http_client() as http, host(environment.folder) as server:
        stage = Stage(server, environment.record.instructions, plan.graders[environment.name], Limits(), http)
        bare = replace(stage, grade=lambda *_: nothing)
        for _, key in zip(range(ROUNDS), plan.configuration.keys() * ROUNDS, strict=False):
            began = time.perf_counter()
            await asyncio.to_thread(run.record, (await make_attempt(plan.job(key), stage)).evidence)
            times[0].append(time.perf_counter() - began)
            began = time.perf_counter()
            await make_attempt(plan.job(key), bare)
            times[1].append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


def large(plan: Plan, folder: Path) -> Run:
    """A run of real attempts, each many times over."""
    once = create_run(plan, folder, "once")
    carry_out(plan, once, 2)
    made = [once.evidence(attempt.key) for attempt in once.attempts()]
    (name,) = plan.environments
    run = create_run(plan_of(name, ATTEMPTS // len(made)), folder, "large")
    for number in range(1, ATTEMPTS // len(made) + 1):
        for evidence in made:
            evidence.attempt = evidence.attempt.model_copy(update={"number": number})
            run.record(evidence)
    return run


def steps(name: str) -> tuple[float, float]:
    """Calls a second: in an episode of harness.training, and of the environment itself."""
    environment, taken, direct, calls = ToolEnvironment(name), 0.0, 0.0, 0
    for scenario in scenarios(name) * 20:
        environment.reset(scenario)
        bare = environment._module.Environment(pickle.loads(pickle.dumps(scenario.initial_state)))
        made = scenario.solution.calls
        began = time.perf_counter()
        for call in made:
            environment.step(call)
        between = time.perf_counter()
        for call in made:
            bare.call(call.name, call.arguments)
        taken, direct, calls = taken + between - began, direct + time.perf_counter() - between, calls + len(made)
    return calls / taken, calls / direct


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "credit_union"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plan = plan_of(name)
        kept, bare = asyncio.run(recording(plan, create_run(plan, folder, "recorded")))
        print(f"attempt, all recorded      {kept * 1000:8.1f} ms   nothing {bare * 1000:.1f} ms   {kept / bare:.2f} ×")
        run = large(plan, folder)
        began = time.perf_counter()
        text = report(run)
        count = len(run.attempts())
        print(f"report of {count} attempts  {time.perf_counter() - began:8.1f} s    {len(text) / 1e6:.1f} MB")
        began = time.perf_counter()
        with resumed(run) as again:
            carry_out(again, run)
        print(f"resume, nothing missing    {time.perf_counter() - began:8.1f} s")
    stepped, direct = steps(name)
    print(f"harness.training           {stepped:8.0f} steps a second, directly {direct:.0f} ({stepped / direct:.0%})")


if __name__ == "__main__":
    main()
