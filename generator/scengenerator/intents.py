"""What a reader took a task to ask for, compared with what the scenario means by it.

A change is compared by its outcome: the reader's commands, run from the initial state, must earn what the solution
earns. A question is compared by its value, by what is read, and by the rows it is about. What has to be declined is
compared by the command that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field

from generator.scengenerator.playing import is_command
from generator.scengenerator.scenario import Scenario, ToolCall
from generator.scengenerator.setting import Setting
from generator.scengenerator.showing import call_text
from generator.scengenerator.wired import Wire, WireCall, WiringError, in_any_order
from generator.scengenerator.worlds import called
from generator.skeleton.facts import escalations

COUNT = "count"
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")


class Reading(Wire):
    """What one task was taken to ask for."""

    number: int = Field(description="The number of the task.")
    commands: list[WireCall] = Field(
        description="What is to be done, by tools that change the state, in order; empty for a question."
    )
    asked: str = Field(
        description="For a question: the column that is read, or count where rows are counted; else empty."
    )
    rows: list[str] = Field(description="For a question: the ids or keys of the rows that it is about; else empty.")
    answer: str = Field(description="For a question: its answer, the bare value; else empty.")
    unclear: str = Field(
        description="Empty; or in one sentence which two readings the words allow, or what is missing."
    )


class Readings(Wire):
    """One reading for each task."""

    readings: list[Reading]


@dataclass(frozen=True)
class Meant:
    """A scenario whose words are to be read; `declined` is the command that is asked for where it must not be done."""

    scenario: Scenario
    declined: ToolCall | None = None


def difference_of(setting: Setting, meant: Meant, reading: Reading) -> str:
    """Why a reading is not what is meant, as a sentence; nothing where it is."""
    scenario = meant.scenario
    if reading.unclear.strip():
        return f"a reader found the words unclear: {reading.unclear.strip()}"
    if scenario.kind == "change":
        return _change(setting, scenario, reading)
    if scenario.kind == "question":
        return _question(setting, scenario, reading)
    return _decline(setting, scenario, meant.declined or refused_command(setting, scenario), reading)


def _change(setting: Setting, scenario: Scenario, reading: Reading) -> str:
    environment = setting.open(scenario.initial_state)
    made, problems = in_any_order(setting.board, environment, reading.commands)
    read = _read([call_text(call) for call in made], reading)
    if problems:
        return f"{read}, and that cannot be done: {problems[0]}"
    grade = setting.prover.grader.grade(scenario, environment.state, made, scenario.solution.answer)
    if grade.passed:
        return ""
    missed = [check.description for check in grade.checks if not check.holds]
    harm = [f"{change.table} {change.row} must not change like that" for change in grade.damage]
    return f"{read}; what is meant is not reached: {'; '.join([*missed, *harm])}"


def _question(setting: Setting, scenario: Scenario, reading: Reading) -> str:
    if reading.commands:
        return _read([call.tool for call in reading.commands], reading) + ", but it is a question"
    read = f"a reader took the words to ask for {reading.asked or 'nothing'} of {', '.join(reading.rows) or 'no row'}"
    grade = setting.prover.grader.grade(scenario, scenario.initial_state, [], reading.answer)
    if not grade.passed:
        return f"{read} and answered {reading.answer!r}, where {scenario.solution.answer!r} is right"
    expression = scenario.expressions[0].that
    keys = {key for rows in scenario.initial_state["tables"].values() for key in rows}
    missing = [key for key in _LITERAL.findall(expression) if key in keys and key not in reading.rows]
    if missing:
        return f"{read}, not of {', '.join(missing)}"
    counted = re.search(r"\bcount\(", expression) is not None
    if counted != (reading.asked.strip().casefold() == COUNT):
        return f"{read}, where {'a number of rows' if counted else 'a value, not a number of rows,'} is asked for"
    if not counted and not _names_field(setting, reading.asked, expression):
        return f"{read}, which is not what is asked for"
    return ""


def _names_field(setting: Setting, asked: str, expression: str) -> bool:
    """Whether a column, as the reader names it, is one that the question's expression reads."""
    name = asked.strip().split(".")[-1].split(" ")[-1]
    if not name:
        return False
    names = {name} | {
        item.name
        for entity in setting.model.entities.values()
        for item in entity.fields.values()
        if item.column == name
    }
    return any(re.search(rf"\.{re.escape(one)}\b", expression) for one in names)


def refused_command(setting: Setting, scenario: Scenario) -> ToolCall | None:
    """The command that the solution of a decline tries in vain; none where a policy forbids it."""
    commands = [call for call in scenario.solution.calls if is_command(setting.model, call)]
    return commands[-1] if commands else None


def _decline(setting: Setting, scenario: Scenario, expected: ToolCall | None, reading: Reading) -> str:
    if expected is None:
        return "nobody could say what the original asks for"
    handing = {tool.name for tool in escalations(setting.model)}
    wanted = [call for call in reading.commands if call.tool not in handing]
    read = _read([], reading)
    if len(wanted) != 1:
        return f"{read}, where one thing is asked for: {call_text(expected)}"
    found = the_command(setting, wanted[0])
    if found is None or not _same(setting, found, expected):
        return f"{read}, where {call_text(expected)} is asked for"
    return ""


def the_command(setting: Setting, wired: WireCall) -> ToolCall | None:
    """A single command of a reading; none where it cannot be made."""
    try:
        return setting.board.call(wired, [])
    except WiringError:
        return None


def _same(setting: Setting, one: ToolCall, other: ToolCall) -> bool:
    """Whether two calls ask for the same; what is left out counts as its default."""
    return all(
        called(setting.model, [first.model_dump()], second.name, second.arguments)
        for first, second in ((one, other), (other, one))
    )


def _read(calls: Iterable[str], reading: Reading) -> str:
    said = list(calls) or [
        f"{call.tool}({', '.join(f'{argument.name}={argument.value}' for argument in call.arguments)})"
        for call in reading.commands
    ]
    return f"a reader took the words to ask for {', then '.join(said) or 'nothing to be done'}"
