"""How many certified scenarios are made a second on one core: states, words, checks and proofs included.

Figure: at least 20 a second for each environment. What can be shared is set up before, by making a few. Beside it
stands how much longer making takes than its calls of the environment alone, made in the same run.

    .venv/bin/python -m benchmarks.scenarios [COUNT] [servers/NAME ...]
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path
from typing import Any

from generator.rendering import bundled_environments, load_environment
from generator.scengenerator.laws import laws_of
from generator.scengenerator.make import Wish, make_scenarios
from generator.scengenerator.scenario import Scenario
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton
from generator.skeleton.reading import read_skeleton

COUNT = 120
SETUP = 2  # scenarios that are made before the clock is started
WISHED = 20


def made(skeleton: Skeleton, count: int) -> tuple[list[Scenario], float]:
    """Scenarios, and the processor time of all but the first few."""
    making = make_scenarios(skeleton, Wish(count + SETUP, 1))
    first = list(itertools.islice(making, SETUP))
    started = time.process_time()
    rest = list(making)
    return first + rest, time.process_time() - started


def calls_of(skeleton: Skeleton, count: int) -> int:
    """How many calls of the environment making takes."""
    environment: Any = load_environment(skeleton).Environment
    plain, calls = environment.call, 0

    def counting(self: Any, name: str, arguments: object) -> Any:
        nonlocal calls
        calls += 1
        return plain(self, name, arguments)

    environment.call = counting
    try:
        made(skeleton, count)
    finally:
        environment.call = plain
    return calls


def bare(skeleton: Skeleton, scenarios: list[Scenario], calls: int) -> float:
    """The time of so many calls, those of the solutions over and over."""
    laws = laws_of(check(skeleton))
    starts: list[Any] = [laws.open(scenario.initial_state) for scenario in scenarios]
    left, started = calls, time.process_time()
    for scenario, start in itertools.cycle(zip(scenarios, starts, strict=True)):
        environment = start.copy()
        for call in scenario.solution.calls[:left]:
            environment.call(call.name, call.arguments)
        left -= len(scenario.solution.calls)
        if left <= 0:
            return time.process_time() - started
    return 0.0


def main(count: int, folders: list[Path]) -> int:
    missed = 0
    for folder in folders:
        skeleton = read_skeleton(folder / "skeleton.yaml")
        scenarios, spent = made(skeleton, count)
        calls = calls_of(skeleton, count)
        alone = bare(skeleton, scenarios, calls)
        speed = (len(scenarios) - SETUP) / spent
        missed += speed < WISHED
        print(
            f"{folder.name}: {speed:.1f} certified scenarios a second and core (wished: {WISHED}), "
            f"{calls / len(scenarios):.0f} calls each, {spent / alone:.2f} × the time of these calls alone"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    given = sys.argv[1:]
    number = int(given.pop(0)) if given and given[0].isdigit() else COUNT
    sys.exit(main(number, [Path(name) for name in given] or bundled_environments()))
