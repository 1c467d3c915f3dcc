"""Documents that many tests of the harness start from."""

from __future__ import annotations

from typing import Any

from generator.scengenerator.scenario import Scenario
from harness.agents.agent import Limits
from harness.records import (
    Attempt,
    CallRecord,
    Configuration,
    EnvironmentRecord,
    Evidence,
    GradeRecord,
    JsonObject,
    RunDocument,
)

STATE: dict[str, Any] = {"clock": "2026-03-02T09:00:00", "counters": {}, "tables": {"items": {}}}


def scenario(**changes: Any) -> Scenario:
    document = {
        "id": "todo-01",
        "environment": "todo_list",
        "skeleton_digest": "",
        "environment_digest": "",
        "seed": 1,
        "kind": "change",
        "difficulty": 1,
        "clock": "2026-03-02T09:00:00",
        "initial_state": STATE,
        "task": "Add milk to the list.",
        "checks": [],
        "solution": {"calls": [{"name": "add_item", "arguments": {"text": "milk"}}], "answer": "Done."},
    }
    return Scenario.model_validate(document | changes)


def attempt(number: int = 1, **changes: Any) -> Attempt:
    document = {
        "environment": "todo_list",
        "scenario": "todo-01",
        "agent": "noop",
        "number": number,
        "kind": "change",
        "difficulty": 1,
        "outcome": "failed",
        "score": 0.0,
        "reward": 0.0,
        "calls": 2,
        "started": "2026-03-02T09:00:00+00:00",
        "seconds": 0.5,
    }
    return Attempt.model_validate(document | changes)


def evidence(number: int = 1, **changes: Any) -> Evidence:
    return Evidence(attempt=attempt(number, **changes), initial_state=STATE)


def run_document(attempts: int = 3) -> RunDocument:
    configuration = Configuration(
        agents=["noop"], scenarios={"todo_list": {"todo-01": "d"}}, attempts=attempts, limits=Limits()
    )
    return RunDocument(
        id="r",
        created="2026-03-02T09:00:00+00:00",
        configuration=configuration,
        configuration_hash=configuration.hash,
        versions={},
    )


def environment_record() -> EnvironmentRecord:
    return EnvironmentRecord(name="todo_list", title="To-do", version="1", digest="", instructions="", tools=[])


def grade_todo(_: Scenario, state: JsonObject, calls: list[CallRecord], answer: str) -> GradeRecord:
    """Grades the to-do list's scenario: half for the item, half for saying so."""
    done = any(item["text"] == "milk" for item in state["tables"]["items"].values())
    score = (done + (answer == "Done.")) / 2
    return GradeRecord(score=score, reward=score, passed=score == 1, checks=[], damage=[])
