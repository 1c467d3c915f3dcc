"""Tasks: words that denote what is meant when it is due, and drafts with their difficulty."""

from __future__ import annotations

import random

import pytest
from made import ENVIRONMENTS, made, model_of, scenarios, start_of, workshop_of

from generator.scengenerator.drafts import THRESHOLDS, Drafter, NoDraftError, OtherDifficultyError, difficulty
from generator.scengenerator.obstacles import Obstacles
from generator.scengenerator.plans import Planner
from generator.scengenerator.playing import is_command
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.resolution import denotes
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.states import make_state
from generator.scengenerator.steps import Plan
from generator.scengenerator.tasks import Task, TaskWriter, WordlessError


def planner_of(name: str, seed: int) -> Planner:
    model = model_of(name)
    proposer = Proposer(model, random.Random(seed), Sampler(model, f"tasks/{seed}"))
    return Planner(model, start_of(name), proposer, random.Random(seed), workshop_of(name).dependence)


def writer_of(name: str, seed: int = 0) -> TaskWriter:
    return TaskWriter(model_of(name), Snapshot(model_of(name), start_of(name)), random.Random(seed))


def said(name: str, least: int = 2) -> list[tuple[Plan, Task]]:
    found = []
    for seed, command in enumerate(model_of(name).commands):
        plan = planner_of(name, seed).change(command, least, least)
        if plan is not None:
            try:
                found.append((plan, writer_of(name, seed).write(plan)))
            except WordlessError:
                continue
    return found


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_description_denotes_its_row_at_the_start_and_when_its_step_is_due(name: str) -> None:
    """Resolved again by code that shares nothing with what chose the words."""
    plans = said(name)
    assert len(plans) >= 5
    for plan, task in plans:
        named = [place for step in plan.steps for place in step.places]
        initial = plan.start.state
        assert {mention.entity for mention in task.mentions} >= {entity for entity, _ in named}
        for mention in task.mentions:
            new = any(condition.test == "created" for condition in mention.conditions)
            keys = {key for entity, key in named if entity == mention.entity}
            environments = [plan.steps[-1].before] if new else [plan.start]
            assert any(denotes(model_of(name), env, mention, [key], initial) for env in environments for key in keys)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_a_step_changes_is_not_what_a_later_description_rests_on(name: str) -> None:
    for plan, task in said(name, 3):
        for step in plan.steps:
            for entity, key in step.places:
                fitting = [m for m in task.mentions if m.entity == entity]
                assert any(denotes(model_of(name), step.before, m, [key], plan.start.state) for m in fitting)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_calls_are_the_commands_in_order_with_queries_before_them(name: str) -> None:
    for plan, task in said(name):
        try:
            calls = writer_of(name).calls(plan, task.text)
        except WordlessError:
            continue
        assert [call for call in calls if is_command(model_of(name), call)] == plan.calls
        environment = plan.start.copy()
        assert all(environment.call(call.name, call.arguments).ok for call in calls)


def test_an_obstacle_is_told_with_what_has_to_come_first() -> None:
    found = 0
    for seed, command in enumerate(model_of("credit_union").commands):
        plan = Obstacles(planner_of("credit_union", seed)).obstructed(command)
        if plan is None:
            continue
        try:
            text = writer_of("credit_union", seed).write(plan).text
        except WordlessError:
            continue
        found += 1
        assert text[0].isupper()
        assert text.count(". ") + text.count("? ") >= 1
        assert "first" in text or "Before" in text or "before" in text
    assert found >= 2


def test_what_must_be_declined_does_not_say_why() -> None:
    """ "Cancel the cancelled order" gives it away."""
    states = {"cancelled", "closed", "issued", "approved", "rejected", "withdrawn", "shipped", "upheld", "frozen"}
    for scenario in scenarios("decline"):
        reason = scenario.solution.answer
        words = scenario.task.split('"')[0].casefold()
        telling = [word for word in states if f"the {word} " in words or f"only {word} " in words]
        assert not telling or not any(f" {word}" in reason for word in telling), scenario.task


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_texts_begin_with_a_capital_and_end_with_a_stop(name: str) -> None:
    for scenario in made(name)[0]:
        assert scenario.task[0].isupper() or not scenario.task[0].isalpha()
        assert scenario.task[-1] in '.?”"'
        assert "  " not in scenario.task
        assert "{" not in scenario.task
        assert "None" not in scenario.task


# -- difficulty -----------------------------------------------------------------------------------------------------


def test_difficulty_runs_from_one_to_five() -> None:
    assert [difficulty(points) for points in (2, *THRESHOLDS, 40)] == [1, 1, 2, 3, 4, 5]


def test_a_draft_of_another_difficulty_is_not_made() -> None:
    drafter = Drafter(workshop_of("parts_warehouse"), make_state(model_of("parts_warehouse"), "drafts", 1), 1)
    others = 0
    for command in model_of("parts_warehouse").commands:
        try:
            drafter.draft("change", command, "1", frozenset({5}))
            pytest.fail("one command over a small state is not difficult")
        except OtherDifficultyError:
            others += 1
        except NoDraftError:
            continue
    assert others >= 3


def test_a_command_that_cannot_be_done_leaves_the_state_barren() -> None:
    state = make_state(model_of("parts_warehouse"), "drafts", 1)
    state["tables"]["orders"].clear()
    state["tables"]["order_lines"].clear()
    drafter = Drafter(workshop_of("parts_warehouse"), state, 1)
    with pytest.raises(NoDraftError) as caught:
        drafter.draft("change", model_of("parts_warehouse").operations["ship_order"], "x")
    assert caught.value.barren


def test_every_kind_looks_something_up() -> None:
    for kind in ("change", "question", "decline"):
        for scenario in scenarios(kind):  # type: ignore[arg-type]
            model = model_of(scenario.environment)
            assert any(not is_command(model, call) for call in scenario.solution.calls), scenario.task


def test_the_answer_stands_in_no_question() -> None:
    for scenario in scenarios("question"):
        assert scenario.solution.answer.casefold() not in scenario.task.casefold().split()
