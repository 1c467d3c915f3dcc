"""Scenarios in EnvScaler's own format (arXiv 2601.05808): env_id, env_class_name, task_id, init_config, task,
checklist_with_func.

Its functions see the final state alone and its reward is the share of them that hold; here, doing nothing and doing
harm must not earn anything. So every goal is one function that also asks for whatever must stay true and for no
damage. A function grades with envwright's own grader, so envwright must be installed where it runs; what it needs
stands in it. The exported environments keep their calls in the state, as `_calls`. What an agent says reaches no
state, so scenarios with a check of the answer are left out; and so are imported ones, whose checks are functions.
"""

from __future__ import annotations

import ast
import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from generator.scengenerator.grading import Grader
from generator.scengenerator.scenario import Scenario, Solution, ToolCall
from generator.skeleton.reading import parse_skeleton
from harness.exporting.envscaler_environments import class_name, record
from harness.store import Run

_UNSEEN = {"answer", "states", "declines"}
_APART = ("clock", "counters")

_FUNCTION = """def check_func(final_state):
    from harness.exporting.envscaler import goal_holds

    return goal_holds({goal!r}, final_state, {packed!r})
"""


@dataclass(frozen=True)
class Documents:
    """Scenarios, the environments they need by name, and the names of those that are left out."""

    scenarios: list[dict[str, Any]]
    environments: dict[str, dict[str, Any]]
    said: list[str]  # graded by what is said
    imported: list[str]


def documents(run: Run, places: Sequence[tuple[str, str]]) -> Documents:
    """The scenarios at these places, by environment and id, as EnvScaler has them."""
    found = Documents([], {}, [], [])
    for environment, name in places:
        scenario = run.scenario(environment, name)
        if scenario.imported:
            found.imported.append(f"{environment}/{name}")
            continue
        if any(_reads_answer(check.that) for check in scenario.expressions):
            found.said.append(f"{environment}/{name}")
            continue
        skeleton = run.skeleton(environment)
        if environment not in found.environments:
            found.environments[environment] = record(run.environment(environment), skeleton)
        found.scenarios.append(document(scenario, skeleton))
    return found


def document(scenario: Scenario, skeleton: str) -> dict[str, Any]:
    """One scenario; its tables stand at the top of `init_config`, with clock and counters beside them."""
    kept = scenario.model_copy(update={"certificate": None, "solution": Solution()})
    packed = _pack({"skeleton": skeleton, "scenario": kept.model_dump(mode="json")})
    state = scenario.initial_state
    return {
        "env_id": scenario.environment,
        "env_class_name": class_name(scenario.environment),
        "task_id": f"{scenario.environment}-{scenario.id}",
        "init_config": state["tables"] | {name: state[name] for name in _APART},
        "task": scenario.task,
        "checklist_with_func": [
            {"check_item": check.description, "check_func": _FUNCTION.format(goal=check.id, packed=packed)}
            for check in scenario.checks
            if check.kind == "goal"
        ],
    }


def goal_holds(goal: str, final_state: dict[str, Any], packed: str) -> bool:
    """Whether a goal is reached in a state of EnvScaler's shape, with all kept that must be and nothing damaged."""
    grader, scenario = _unpack(packed)
    tables = {name: rows for name, rows in final_state.items() if name in scenario.initial_state["tables"]}
    state = {name: final_state.get(name, scenario.initial_state[name]) for name in _APART} | {"tables": tables}
    calls = [ToolCall.model_validate(call) for call in final_state.get("_calls", [])]
    grade = grader.grade(scenario, state, calls, "")
    kept = all(check.holds for check in grade.checks if check.kind == "keep") and not grade.damage
    return kept and any(check.holds for check in grade.checks if check.id == goal)


def _reads_answer(that: str) -> bool:
    """Whether an expression is about what was said; a field may be called `answer` too."""
    return any(isinstance(node, ast.Name) and node.id in _UNSEEN for node in ast.walk(ast.parse(that, mode="eval")))


def _pack(value: dict[str, Any]) -> str:
    return base64.b85encode(zlib.compress(json.dumps(value, sort_keys=True).encode(), 9)).decode()


@lru_cache(maxsize=256)
def _unpack(packed: str) -> tuple[Grader, Scenario]:
    value = json.loads(zlib.decompress(base64.b85decode(packed)))
    return _grader(value["skeleton"]), Scenario.model_validate(value["scenario"])


@lru_cache(maxsize=64)
def _grader(skeleton: str) -> Grader:
    return Grader(parse_skeleton(skeleton, "skeleton.yaml"))
