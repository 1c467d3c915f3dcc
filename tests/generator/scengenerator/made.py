"""Scenarios of the bundled environments, made once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from generator.scengenerator.certificates import Prover
from generator.scengenerator.drafts import Workshop
from generator.scengenerator.laws import laws_of
from generator.scengenerator.make import Tally, Wish, make_scenarios
from generator.scengenerator.scenario import Kind, Scenario
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import read_skeleton

ROOT = Path(__file__).parents[3]
ENVIRONMENTS = ("credit_union", "outpatient_clinic", "parts_warehouse")
COUNT = 40


@cache
def model_of(name: str) -> Model:
    return check(read_skeleton(ROOT / "servers" / name / "skeleton.yaml"))


@cache
def prover_of(name: str) -> Prover:
    return Prover(model_of(name))


@cache
def workshop_of(name: str) -> Workshop:
    return Workshop(model_of(name))


@cache
def made(name: str) -> tuple[tuple[Scenario, ...], Tally]:
    """40 scenarios, and what was dropped on the way."""
    tally = Tally()
    return tuple(make_scenarios(model_of(name).document, Wish(COUNT, 11), tally)), tally


def scenarios(kind: Kind, steps: int = 1) -> list[Scenario]:
    """Of all environments, those of a kind with at least so many calls."""
    found = [scenario for name in ENVIRONMENTS for scenario in made(name)[0] if scenario.kind == kind]
    return [scenario for scenario in found if len(scenario.solution.calls) >= steps]


@cache
def start_of(name: str, size: int = 3) -> Any:
    """An environment on a state of its own."""
    return laws_of(model_of(name)).open(make_state(model_of(name), "tests", size))
