"""Set plans: the same command for every row that one phrase denotes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from generator.rendering import bundled_environments
from generator.scengenerator.dependence import Dependence
from generator.scengenerator.laws import laws_of
from generator.scengenerator.plans import Planner
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.resolution import denotes
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.sets import SetPlan, Sets
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.states import make_state
from generator.scengenerator.tasks import TaskWriter
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import read_skeleton

STATES = 6


def _found(model: Model) -> list[tuple[SetPlan, str]]:
    """Set plans over a few states, with their words."""
    found: list[tuple[SetPlan, str]] = []
    for number in range(STATES):
        start = laws_of(model).open(make_state(model, f"sets/{number}", 3))
        rng = random.Random(f"sets/{number}")
        snapshot = Snapshot(model, start)
        planner = Planner(model, start, Proposer(model, rng, Sampler(model, f"{number}")), rng, Dependence(model))
        writer = TaskWriter(model, snapshot, rng)
        for command in model.commands:
            planned = Sets(planner, writer.describer, snapshot).planned(command)
            if planned is not None:
                found.append((planned, writer.write_set(planned).text))
    return found


@pytest.fixture(scope="module")
def warehouse() -> Model:
    folder: Path = next(folder for folder in bundled_environments() if folder.name == "parts_warehouse")
    return check(read_skeleton(folder / "skeleton.yaml"))


def test_a_set_plan_does_the_same_to_every_row_that_its_phrase_denotes(warehouse: Model) -> None:
    plans = _found(warehouse)
    assert plans
    for planned, text in plans:
        argument = planned.param.argument
        keys = [step.arguments[argument] for step in planned.plan.steps]
        assert len(keys) == len(set(keys)) >= 2
        assert denotes(warehouse, planned.plan.start, planned.description, keys)
        assert planned.description.text in text
        others = [{k: v for k, v in step.arguments.items() if k != argument} for step in planned.plan.steps]
        assert all(other == others[0] for other in others)


def test_every_step_of_a_set_plan_changes_something(warehouse: Model) -> None:
    for planned, _ in _found(warehouse):
        for step in planned.plan.steps:
            assert step.before.state["tables"] != step.after.state["tables"]
