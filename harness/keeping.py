"""Grades the state that a served scenario left in a file: of a person at work, or of any client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from generator.errors import ScenarioError
from generator.rendering import find_environment
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario, ToolCall
from harness.environments import load_environment
from harness.errors import RunError
from harness.files import first_problem
from harness.records import CallRecord, GradeRecord
from harness.run import grader_for
from harness.selection import beside

_KINDS: dict[str, type] = {"clock": str, "counters": dict, "tables": dict}


def grade_kept(scenario: Path, state: Path, answer: str = "", environment: str | None = None) -> GradeRecord:
    """The grade of a state file.

    Raises:
        RunError: the file cannot be read, or keeps the state of something else.
        ScenarioError: the scenario cannot be read or graded, or is of another version of its environment.
        NotFoundError: its environment is nowhere to be found.
        GraderError: the grader broke down.
    """
    asked = load_scenario(scenario)
    folder = find_environment(environment) if environment else beside(scenario, asked, "--environment")
    rendered = load_environment(folder)
    if asked.environment_digest != rendered.digest:
        raise ScenarioError(
            f"{scenario} was made for another version of {rendered.name} than the one in {rendered.folder}."
        )
    grade = grader_for(rendered, [asked])
    kept = _read(state, asked)
    return grade(asked, {name: kept[name] for name in _KINDS}, _calls(kept.get("calls", []), state), answer)


def _calls(kept: Any, path: Path) -> list[CallRecord]:
    """The calls that were carried out; a state file keeps no others."""
    try:
        made = TypeAdapter(list[ToolCall]).validate_python(kept)
    except ValidationError as error:
        raise RunError(f"{path} is damaged: calls, {first_problem(error)}.") from error
    return [
        CallRecord(n=n, name=call.name, arguments=call.arguments, ok=True, content=None)
        for n, call in enumerate(made, start=1)
    ]


def _read(path: Path, scenario: Scenario) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        remedy = f"serve it with: envwright serve {scenario.environment} --scenario … --state {path}"
        raise RunError(f"{path} cannot be read: {error.strerror or error}; {remedy}") from error
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} is not a whole JSON document ({error}).") from error
    if not isinstance(kept, dict) or not all(isinstance(kept.get(name), kind) for name, kind in _KINDS.items()):
        raise RunError(f"{path} holds no state that a server has kept.")
    for name, own in (("environment", scenario.environment), ("scenario", scenario.id)):
        if kept.get(name) != own:
            raise RunError(f"{path} keeps a state of {name} {kept.get(name)}, not of {own}.")
    return kept
