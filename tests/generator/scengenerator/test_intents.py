"""What a reader took words for: the right reading is always taken as right, whatever the environment."""

from __future__ import annotations

import re

import pytest
from made import ENVIRONMENTS, made, model_of

from generator.scengenerator.examples import as_proposal
from generator.scengenerator.intents import Meant, Reading, difference_of, refused_command
from generator.scengenerator.playing import is_command
from generator.scengenerator.scenario import Scenario
from generator.scengenerator.setting import Setting
from generator.scengenerator.wired import WireArgument, WireCall

_LITERAL = re.compile(r"'([^']*)'")


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def setting(request: pytest.FixtureRequest) -> Setting:
    return Setting(model_of(request.param))


def commands(setting: Setting, scenario: Scenario) -> list[WireCall]:
    """The commands of a solution, which refer to each other by their place among commands."""
    calls = as_proposal(setting, scenario).calls
    places: dict[int, int] = {}
    for at, one in enumerate(scenario.solution.calls, start=1):
        if is_command(setting.model, one):
            places[at] = len(places) + 1

    def renumbered(value: str) -> str:
        return re.sub(r"^\$(\d+)\.", lambda match: f"${places.get(int(match[1]), 99)}.", value)

    return [
        WireCall(
            tool=calls[at - 1].tool,
            arguments=[WireArgument(name=one.name, value=renumbered(one.value)) for one in calls[at - 1].arguments],
        )
        for at in places
    ]


def reading_of(setting: Setting, scenario: Scenario) -> Reading:
    """The right reading of a scenario's words."""
    empty = Reading(number=1, commands=[], asked="", rows=[], answer="", unclear="")
    if scenario.kind != "question":
        return empty.model_copy(update={"commands": commands(setting, scenario)})
    expression = scenario.expressions[0].that
    inner = re.sub(r"\)+$", "", expression)
    asked = "count" if "count(" in expression else inner.rsplit(".", 1)[1]
    if match := re.search(r"(?:sum|max|min)\(\w\.(\w+)", expression):
        asked = match[1]
    return empty.model_copy(
        update={"asked": asked, "rows": _LITERAL.findall(expression), "answer": scenario.solution.answer}
    )


def test_the_right_reading_is_taken_as_right(setting: Setting) -> None:
    kinds = {"change": 0, "question": 0, "decline": 0}
    for scenario in made(setting.name)[0]:
        if scenario.kind == "decline" and refused_command(setting, scenario) is None:
            continue  # a policy forbids it: what was asked for is not in the solution
        kinds[scenario.kind] += 1
        assert difference_of(setting, Meant(scenario), reading_of(setting, scenario)) == "", scenario.task
    assert all(kinds.values())


@pytest.mark.parametrize("asked", ["", " ", ".", "nothing"])
def test_a_reading_that_names_no_column_is_not_taken_as_right(setting: Setting, asked: str) -> None:
    questions = [scenario for scenario in made(setting.name)[0] if scenario.kind == "question"]
    for scenario in questions:
        unsure = reading_of(setting, scenario).model_copy(update={"asked": asked})
        assert difference_of(setting, Meant(scenario), unsure), scenario.task
    assert questions


def test_a_reading_without_one_of_its_commands_is_told(setting: Setting) -> None:
    found = 0
    for scenario in made(setting.name)[0]:
        whole = reading_of(setting, scenario)
        if scenario.kind == "change" and len(whole.commands) == 2:
            found += 1
            part = whole.model_copy(update={"commands": whole.commands[:1]})
            assert difference_of(setting, Meant(scenario), part), scenario.task
    assert found
