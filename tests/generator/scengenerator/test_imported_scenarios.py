"""Scenario documents whose checks are Python sources, beside those whose checks are expressions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.errors import ScenarioError
from generator.rendering import find_environment, find_scenarios
from generator.scengenerator.files import load_scenario, parse_scenario, scenario_text
from generator.scengenerator.grading import Grader
from generator.skeleton.reading import read_skeleton

SOURCE = "def check_func(final_state):\n    return final_state['users']['U1']['status'] == 'active'\n"


def document() -> dict[str, Any]:
    return {
        "schema_version": 1,
        "id": "env_1-task_1",
        "environment": "sleep",
        "skeleton_digest": "",
        "environment_digest": "d",
        "seed": 0,
        "kind": "change",
        "difficulty": 1,
        "clock": "2024-01-01T00:00:00",
        "initial_state": {"clock": "2024-01-01T00:00:00", "counters": {}, "tables": {}},
        "task": "Reactivate U1.",
        "checks": [{"id": "c1", "kind": "goal", "description": "Is U1 active?", "source": SOURCE, "weight": 1.0}],
        "allowed_changes": [],
        "solution": {"calls": [], "answer": ""},
        "certificate": None,
    }


def test_a_python_source_stands_where_an_expression_would() -> None:
    scenario = parse_scenario(json.dumps(document()), "it")
    assert scenario.imported
    assert [check.source for check in scenario.sources] == [SOURCE]
    assert scenario.expressions == []


def test_it_is_written_as_it_was_read_with_and_without_an_audit() -> None:
    plain = json.dumps(document(), indent=1) + "\n"
    assert scenario_text(parse_scenario(plain, "it")) == plain
    finding = {"what": "accepts_more", "words": "It accepts unverified.", "evidence": {"value": "unverified"}}
    audit = {
        "checks": [{"check": "c1", "start": "false", "detail": "", "findings": [finding]}],
        "explored": 3,
        "basis": "",
        "made_by": "1",
    }
    audited = json.dumps(document() | {"audit": audit}, indent=1) + "\n"
    assert scenario_text(parse_scenario(audited, "it")) == audited


@pytest.mark.parametrize("path", find_scenarios(find_environment("credit_union"))[:3], ids=lambda path: path.stem)
def test_scenarios_of_skeletons_keep_their_bytes(path: Path) -> None:
    assert scenario_text(load_scenario(path)) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"id": "c", "kind": "goal", "description": "d", "source": 5}, "checks[0].source: input should be a valid"),
        ({"id": "c", "kind": "goal", "description": "d"}, "checks[0].that: is missing"),
        ({"id": "c", "kind": "goal", "description": "d", "that": "1", "source": "x"}, "checks[0].source: is no part"),
    ],
)
def test_what_is_wrong_with_a_check_is_said_with_its_place(check: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(json.dumps(document() | {"checks": [check]}), "it")
    assert words in str(caught.value)


def test_a_skeletons_grader_does_not_take_python_sources() -> None:
    grader = Grader(read_skeleton(find_environment("credit_union") / "skeleton.yaml"))
    with pytest.raises(ScenarioError, match="imported environment"):
        grader.require(parse_scenario(json.dumps(document()), "it"))
