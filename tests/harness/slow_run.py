"""A run that takes its time, as a program: tests start it and stop it in the middle.

slow_run.py SERVER_FOLDER RUNS_FOLDER
"""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path

from builders import grade_todo, scenario

from harness.agents.agent import Reply
from harness.agents.reference import ReferenceAgent
from harness.agents.registry import AgentSpec
from harness.agents.toolbox import Toolbox
from harness.environments import load_environment
from harness.run import carry_out, create_run, plan_run


class Slow(ReferenceAgent):
    async def send(self, message: str) -> Reply:
        reply = await super().send(message)
        await asyncio.sleep(0.2)
        return reply


def main(server: Path, runs: Path) -> None:
    environment = load_environment(server)
    scenarios = [scenario(id=f"todo-{n}", environment_digest=environment.digest) for n in range(50)]
    plan = plan_run([(environment, scenarios)], ["reference"], grader=lambda *_: grade_todo)
    slow = AgentSpec("reference", lambda at: Slow(Toolbox(at.http), at.scenario.solution))
    plan = replace(plan, agents={"reference": slow})
    carry_out(plan, create_run(plan, runs, "slow"), parallel=2)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background processes ignore it
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except KeyboardInterrupt:
        sys.exit(130)
