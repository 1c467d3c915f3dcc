"""What code sees in other words for a task: nothing in the task's own words, and every fact that is lost or added."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import ENVIRONMENTS, made, model_of

from generator.scengenerator.laws import laws_of
from generator.scengenerator.scenario import Scenario
from generator.scengenerator.wordings import Wordings

EVERY = [(name, at) for name in ENVIRONMENTS for at in range(40)]


def judge(name: str) -> Wordings:
    return Wordings(model_of(name), laws_of(model_of(name)).module.INSTRUCTIONS)


def scenario(name: str, beginning: str) -> Scenario:
    return next(one for one in made(name)[0] if one.task.startswith(beginning))


def kinds(one: Scenario, words: str) -> set[str]:
    return {finding.kind for finding in judge(one.environment).faults(one, words)}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_own_words_of_a_task_are_without_fault(name: str) -> None:
    for one in made(name)[0]:
        assert judge(name).faults(one, one.task) == [], one.task


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_frame_of_plain_words_adds_nothing(name: str) -> None:
    for one in made(name)[0]:
        framed = f"Sorry to bother you again, but I promised to see to this. {one.task} Thanks a lot, that helps me."
        assert judge(name).faults(one, framed) == [], one.task


@settings(max_examples=60, deadline=None)
@given(place=st.sampled_from(EVERY), data=st.data())
def test_each_fact_is_missed_when_it_is_left_out(place: tuple[str, int], data: st.DataObject) -> None:
    name, at = place
    scenarios = made(name)[0]
    one = scenarios[at % len(scenarios)]
    facts = judge(name).must_stand(one)
    if not facts:
        return
    fact = data.draw(st.sampled_from(facts))
    assert "a fact is lost" in kinds(one, one.task.replace(fact, "something"))


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ("He has been a member since 2019.", "a fact is added"),
        ("It is about A-0003, I think.", "a fact is added"),
        ("We talked about it on Tuesday.", "a fact is added"),
        ("I called yesterday.", "a fact is added"),
        ("There are three of them.", "a fact is added"),
        ("My colleague Ines asked for it.", "a fact is added"),
        ("It is for Zebedee Holdings.", "a fact is added"),
        ("Use find_member for it.", "tells how to go about it"),
        ("You will have to search for the member.", "tells how to go about it"),
        ("You can look the member up by name.", "tells how to go about it"),
        ("I do not have the ID.", "tells how to go about it"),
        ("And so on. " * 60, "too long"),
    ],
)
def test_what_is_added_is_seen(extra: str, kind: str) -> None:
    one = scenario("credit_union", "I need you to close the account of Joseph Jackson")
    assert kinds(one, f"{one.task} {extra}") == {kind}


@pytest.mark.parametrize("extra", ["a", "-", "$", "Aa "])
def test_words_without_end_are_too_long_and_nobody_looks_for_facts_in_them(extra: str) -> None:
    """Looking for figures in fifty thousand letters took two minutes."""
    one = scenario("credit_union", "I need you to close the account of Joseph Jackson")
    assert kinds(one, extra * 50_000) == {"too long"}


@pytest.mark.parametrize(
    "extra",
    [
        "I have two things on my mind, this is the first.",
        "Two quick ones, please, it will not take five minutes.",
        "Will you be so kind? I would be grateful, really.",
        "ASAP if you can - I am in a hurry.",
        "I do not like to insist; it has been on my mind all day.",
    ],
)
def test_manners_and_moods_are_no_facts(extra: str) -> None:
    one = scenario("credit_union", "I need you to close the account of Joseph Jackson")
    assert kinds(one, f"{extra} {one.task}") == set()


def test_another_row_of_the_state_is_not_to_be_named() -> None:
    one = scenario("credit_union", "I need you to close the account of Joseph Jackson")
    other = next(row for row in one.initial_state["tables"]["members"].values() if row["first_name"] not in one.task)
    assert kinds(one, f"{one.task} {other['first_name']} {other['last_name']} told me to.") == {"a fact is added"}


@pytest.mark.parametrize(
    ("end", "asks"),
    [
        ("I need nothing but the figure.", True),
        ("The figure, and that is all.", True),
        ("Simply the figure, no explanations.", True),
        ("Tell me all about it.", False),
        ("", False),
    ],
)
def test_a_question_asks_for_the_value_alone(end: str, asks: bool) -> None:
    one = next(s for s in made("credit_union")[0] if s.task.endswith(" Just the figure, please."))
    found = kinds(one, one.task.replace("Just the figure, please.", end))
    assert ("does not ask for the value alone" in found) != asks


def test_a_question_does_not_give_its_answer_away() -> None:
    one = next(s for s in made("credit_union")[0] if s.kind == "question" and not s.solution.answer.isdigit())
    assert "gives the answer away" in kinds(one, f"{one.task} I think it is {one.solution.answer}.")
