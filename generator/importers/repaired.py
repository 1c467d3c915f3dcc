"""Imported scenarios with the weights that their audit leaves to their checks."""

from __future__ import annotations

from typing import Any

from generator.importers.audit import WORTHLESS, worthless
from generator.importers.changes import shown
from generator.importers.folder import ForeignClass
from generator.scengenerator.scenario import Scenario


def reasons(scenario: Scenario) -> dict[str, str]:
    """The checks that should not count, by id, each with the reason in words."""
    found: dict[str, str] = {}
    for one in scenario.audit.checks if scenario.audit else ():
        why = worthless(one)
        if why is not None:
            found[one.check] = WORTHLESS[why]
    return found


def repaired(scenario: Scenario) -> Scenario:
    """The scenario with weight 0 for what should not count; what is true at the start is kept as a `keep`."""
    out = reasons(scenario)
    checks = [
        check.model_copy(update={"weight": 0.0 if check.id in out else check.weight}) for check in scenario.sources
    ]
    return scenario.model_copy(update={"checks": checks})


def released(scenario: Scenario, foreign: ForeignClass) -> dict[str, Any]:
    """The repaired scenario in EnvScaler's own format.

    Its reward is the plain mean over `checklist_with_func`, so what should not count is not in it, and stands with
    the reason in `checks_left_out`.
    """
    out = reasons(scenario)
    checks = [(check, {"check_item": check.description, "check_func": check.source}) for check in scenario.sources]
    return {
        "env_id": foreign.env_id,
        "env_class_name": foreign.class_name,
        "task_id": scenario.id,
        "init_config": shown(scenario.initial_state["tables"]),
        "task": scenario.task,
        "checklist_with_func": [told | {"weight": check.weight} for check, told in checks if check.id not in out],
        "checks_left_out": [told | {"weight": 0.0, "why": out[check.id]} for check, told in checks if check.id in out],
    }
