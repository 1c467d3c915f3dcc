"""The tiny skeletons of tests/golden/rendering, rendered and opened."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from types import ModuleType
from typing import Any

from generator.rendering import load_environment
from generator.skeleton.reading import read_skeleton

GOLDEN = Path(__file__).parents[2] / "golden" / "rendering"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/skeleton.yaml"))
State = dict[str, Any]

FIRST: dict[str, State] = {
    "workshop": {},
    "festival": {},
    "odd_names": {},
    "diary": {
        "settings": {"one": {"owner": "Ida", "wake_up": "06:30:00", "moods": ["good"], "goal": 0.25}},
    },
}
CLOCKS = {"workshop": "2026-03-02T09:00:00", "festival": "2026-05-01T08:00:00", "diary": "2026-02-28T22:30:00"}


@functools.cache
def module(case: str) -> ModuleType:
    return load_environment(read_skeleton(GOLDEN / case / "skeleton.yaml"))


def first_state(case: str) -> State:
    """A state with as few rows as possible."""
    tables: State = {name: {} for name in module(case).SCHEMA["properties"]["tables"]["properties"]}
    clock = CLOCKS.get(case, "2026-01-01T00:00:00")
    return {"clock": clock, "counters": {}, "tables": tables | copy.deepcopy(FIRST[case])}


class Session:
    """An environment with short ways to call it."""

    def __init__(self, case: str, state: State | None = None) -> None:
        self.module = module(case)
        self.environment: Any = self.module.Environment(first_state(case) if state is None else state)

    def do(self, tool: str, **arguments: Any) -> Any:
        """The result of a call that must succeed."""
        result = self.environment.call(tool, arguments)
        assert result.ok, result.text
        return result.content

    def refused(self, tool: str, **arguments: Any) -> tuple[str, str, str]:
        """Code, message and origin of a call that must be refused, and change nothing."""
        before = self.spelled()
        result = self.environment.call(tool, arguments)
        assert not result.ok, result.text
        assert self.spelled() == before
        return result.content["code"], result.content["message"], result.origin

    def rows(self, table: str) -> Any:
        return self.environment.state["tables"][table]

    def spelled(self) -> str:
        """The state, the order of rows included."""
        return repr(self.environment.state)
