"""What the benchmarks serve: an environment with one of its scenarios; and rows for those that make a state."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from generator.rendering import bundled_environments, find_scenarios, load_environment
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario
from generator.skeleton.reading import read_skeleton

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Workload:
    """A scenario, and the environment it is played in; `calls` are those of its solution."""

    folder: Path
    environment: ModuleType
    scenario: Scenario

    @property
    def state(self) -> dict[str, Any]:
        return self.scenario.initial_state

    @property
    def calls(self) -> list[Call]:
        return [(call.name, call.arguments) for call in self.scenario.solution.calls]

    @property
    def kilobytes(self) -> float:
        """The size of the state as compact JSON, in KB of 1,000 bytes."""
        return len(json.dumps(self.state, separators=(",", ":"))) / 1000

    @property
    def query(self) -> Call:
        """The query among the calls whose result is of median size."""
        reads = {tool["name"] for tool in self.environment.TOOLS if tool["annotations"]["readOnlyHint"]}
        world = self.environment.Environment(json.loads(json.dumps(self.state)))
        sizes = []
        for name, arguments in self.calls:
            result = world.call(name, arguments)
            if name in reads and result.ok:
                sizes.append((len(result.text), name, json.dumps(arguments)))
        _, name, text = sorted(sizes)[len(sizes) // 2]
        return name, json.loads(text)


def chosen() -> Workload:
    """Of the folder on the command line, or of the first environment that has scenarios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("server", nargs="?", type=Path, help="a folder of servers/")
    named: Path | None = parser.parse_args().server
    for folder in [named] if named else bundled_environments():
        scenarios = [load_scenario(path) for path in find_scenarios(folder)]
        if scenarios:
            # The state nearest to the 50 KB of the figure.
            best = min(scenarios, key=lambda one: abs(len(json.dumps(one.initial_state)) - 50_000))
            return Workload(folder.resolve(), load_environment(read_skeleton(folder / "skeleton.yaml")), best)
    sys.exit(f"{named or 'servers/'} is no rendered server with scenarios.")


def rows(size: int, row: Callable[[int], tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Rows by id, numbered from 1, until they take so many bytes as JSON."""
    found: dict[str, dict[str, Any]] = {}
    while len(json.dumps(found)) < size:
        for _ in range(20):
            key, fields = row(len(found) + 1)
            found[key] = fields
    return found
