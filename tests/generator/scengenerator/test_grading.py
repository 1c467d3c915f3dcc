"""Grading: goals, keeps, damage, and checks that cannot be decided."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from generator.errors import ScenarioError
from generator.scengenerator.grading import Grade, Grader
from generator.scengenerator.scenario import Scenario, ToolCall
from generator.skeleton.reading import read_skeleton

GOLDEN = Path(__file__).parents[2] / "golden" / "examples"
CLOCK = "2026-03-02T09:00:00"


def user(number: int, name: str, role: str = "member") -> dict[str, Any]:
    return {"user_id": f"U-{number:03}", "username": name, "joined_on": "2025-01-01", "reputation": 5, "role": role}


def thread(number: int, **fields: Any) -> dict[str, Any]:
    row = {"title": f"Title {number}", "author_id": "U-001", "category_id": "C-01", "tags": ["wifi", "linux"]}
    row |= {"status": "open", "created_at": CLOCK, "last_activity_at": CLOCK}
    return {"thread_id": f"TH-{number:04}", **row, **fields}


def forum() -> dict[str, Any]:
    category = {"category_id": "C-01", "name": "Audio", "description": "Sound.", "parent_id": None}
    tables = {
        "users": {"U-001": user(1, "ada"), "U-002": user(2, "bo", "moderator")},
        "categories": {"C-01": category},
        "tags": {name: {"tag_name": name, "is_approved": True} for name in ("wifi", "linux")},
        "threads": {f"TH-000{n}": thread(n) for n in (1, 2, 3)},
        "posts": {},
    }
    return {"clock": CLOCK, "counters": {"user": 2, "category": 1, "thread": 3}, "tables": tables}


def goal(that: str, weight: float = 1.0, name: str = "g") -> dict[str, Any]:
    return {"id": name, "kind": "goal", "description": "", "that": that, "weight": weight}


def keep(that: str, name: str = "k") -> dict[str, Any]:
    return {"id": name, "kind": "keep", "description": "", "that": that}


def scenario(checks: list[dict[str, Any]], allowed: list[dict[str, Any]] | None = None) -> Scenario:
    document = {
        "id": "s",
        "environment": "discussion_forum",
        "skeleton_digest": "",
        "environment_digest": "",
        "seed": 1,
        "kind": "change",
        "difficulty": 1,
        "clock": CLOCK,
        "initial_state": forum(),
        "task": "",
        "checks": checks,
        "allowed_changes": allowed or [],
        "solution": {},
    }
    return Scenario.model_validate(document)


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader(read_skeleton(GOLDEN / "forum.skeleton.yaml"))


CLOSED = "get(threads, 'TH-0001') is not None and get(threads, 'TH-0001').status == 'closed'"
MAY_CLOSE = [{"table": "threads", "row": "TH-0001", "fields": ["status"]}]


def closed(*numbers: int) -> dict[str, Any]:
    state = forum()
    for number in numbers:
        state["tables"]["threads"][f"TH-000{number}"]["status"] = "closed"
    return state


def graded(
    grader: Grader, one: Scenario, state: dict[str, Any], calls: list[ToolCall] | None = None, answer: str = ""
) -> Grade:
    assert grader.problems(one) == []
    return grader.grade(one, state, calls or [], answer)


def test_doing_nothing_earns_nothing(grader: Grader) -> None:
    grade = graded(grader, scenario([goal(CLOSED)], MAY_CLOSE), forum())
    assert (grade.score, grade.reward, grade.passed, grade.damage) == (0.0, 0.0, False, ())


def test_the_wanted_change_passes(grader: Grader) -> None:
    grade = graded(grader, scenario([goal(CLOSED), keep("len(threads) == 3")], MAY_CLOSE), closed(1))
    assert (grade.score, grade.reward, grade.passed) == (1.0, 1.0, True)


def test_goals_are_weighted(grader: Grader) -> None:
    checks = [goal(CLOSED, 3, "a"), goal("states(answer, 4)", 1, "b")]
    one = scenario(checks, MAY_CLOSE)
    assert graded(grader, one, closed(1)).score == 0.75
    assert graded(grader, one, forum(), answer="There are 4.").score == 0.25
    assert graded(grader, one, closed(1), answer="There are 4.").passed


@pytest.mark.parametrize("weights", [(0.1, 0.2, 0.3, 0.7), (1 / 3, 1 / 3, 1 / 3), (1e300, 1e-300), (7.0, 0.1, 1e-9)])
def test_all_goals_are_exactly_one_and_never_fewer(grader: Grader, weights: tuple[float, ...]) -> None:
    reached = [goal("len(threads) == 3", weight, f"g{at}") for at, weight in enumerate(weights)]
    assert graded(grader, scenario(reached), forum()).score == 1.0
    missed = [*reached[:-1], goal("len(threads) == 4", weights[-1], "missed")]
    grade = graded(grader, scenario(missed), forum())
    assert grade.score < 1.0 and not grade.passed


def test_a_keep_that_fails_takes_the_reward(grader: Grader) -> None:
    one = scenario([goal(CLOSED), keep("all(t.status == before(t).status for t in threads if t in before.threads)")])
    grade = graded(grader, one, closed(1))
    assert (grade.score, grade.reward, grade.passed) == (1.0, 0.0, False)


def test_damage_takes_the_reward_and_is_told(grader: Grader) -> None:
    grade = graded(grader, scenario([goal(CLOSED)], MAY_CLOSE), closed(1, 2))
    assert (grade.score, grade.reward) == (1.0, 0.0)
    assert [(change.row, change.fields) for change in grade.damage] == [("TH-0002", {"status": ("open", "closed")})]


def test_a_check_that_cannot_be_decided_does_not_hold(grader: Grader) -> None:
    one = scenario([goal("only(threads, 'TH-0009').status == 'open'"), keep("1 / (len(threads) - 2) == 1")])
    state = forum()
    del state["tables"]["threads"]["TH-0003"]
    results = {result.id: result for result in graded(grader, one, state).checks}
    assert not results["g"].holds and "There is no thread 'TH-0009'" in str(results["g"].error)
    assert not results["k"].holds and "divide by zero" in str(results["k"].error)


def test_a_torn_state_is_no_exception(grader: Grader) -> None:
    one = scenario([goal("all(t.author.username == 'ada' for t in threads) and any(t.tags == [] for t in threads)")])
    for tables in ({}, {"threads": {"TH-0001": {}}}, {"threads": {"TH-0001": {"author_id": "U-9"}}}):
        grade = grader.grade(one, {"tables": tables}, [], "")
        assert grade.reward == 0.0 and grade.damage


ALLOWED: list[tuple[str, list[dict[str, Any]], tuple[int, ...], int]] = [
    ("nothing", [], (1,), 1),
    ("another field", [{"table": "threads", "row": "TH-0001", "fields": ["title"]}], (1,), 1),
    ("another table", [{"table": "posts", "row": "TH-0001", "fields": ["content"]}], (1,), 1),
    ("any row", [{"table": "threads", "fields": ["status"]}], (1, 2), 0),
    ("at most one", [{"table": "threads", "fields": ["status"], "at_most": 1}], (1, 2), 1),
    ("at most one, and a row", [{"table": "threads", "fields": ["status"], "at_most": 1}, *MAY_CLOSE], (1, 2), 0),
    ("the row first", [*MAY_CLOSE, {"table": "threads", "fields": ["status"], "at_most": 1}], (1, 2), 0),
    (
        "two that overlap",
        [
            {"table": "threads", "where": "thread.status == 'open'", "fields": ["status"], "at_most": 1},
            {"table": "threads", "where": "thread.title == 'Title 1'", "fields": ["status"], "at_most": 1},
        ],
        (1, 2),
        0,
    ),
    ("where, as it was", [{"table": "threads", "where": "thread.status == 'open'", "fields": ["status"]}], (1, 3), 0),
    ("where, as it is", [{"table": "threads", "where": "thread.status == 'closed'", "fields": ["status"]}], (1, 3), 2),
    ("by ref", [{"table": "threads", "where": "thread.author.username == 'ada'", "fields": ["status"]}], (1,), 0),
    ("where that raises", [{"table": "threads", "where": "1 / 0 == 1", "fields": ["status"]}], (1,), 1),
]


@pytest.mark.parametrize(("allowed", "numbers", "damaged"), [case[1:] for case in ALLOWED], ids=[c[0] for c in ALLOWED])
def test_what_is_allowed(grader: Grader, allowed: list[dict[str, Any]], numbers: tuple[int, ...], damaged: int) -> None:
    grade = graded(grader, scenario([goal("len(threads) == 3")], allowed), closed(*numbers))
    assert len(grade.damage) == damaged


def test_rows_that_come_and_go(grader: Grader) -> None:
    state = forum()
    del state["tables"]["threads"]["TH-0002"]
    state["tables"]["threads"]["TH-0004"] = thread(4, author_id="U-002")
    create = {"table": "threads", "where": "thread.author.username == 'bo'", "create": True, "at_most": 1}
    delete = {"table": "threads", "row": "TH-0002", "delete": True}
    one = goal("len(threads) == 3")
    assert graded(grader, scenario([one], [create, delete]), state).passed
    assert [change.kind for change in graded(grader, scenario([one], [create]), state).damage] == ["deleted"]
    assert [change.kind for change in graded(grader, scenario([one], [delete]), state).damage] == ["created"]
    state["tables"]["threads"]["TH-0005"] = thread(5, author_id="U-002")
    assert len(graded(grader, scenario([one], [create, delete]), state).damage) == 1


def test_fields_of_one_row_may_be_allowed_apart(grader: Grader) -> None:
    state = closed(1)
    state["tables"]["threads"]["TH-0001"]["title"] = "New"
    title = {"table": "threads", "where": "thread.author.username == 'ada'", "fields": ["title"]}
    one = goal("len(threads) == 3")
    assert graded(grader, scenario([one], [*MAY_CLOSE, title]), state).damage == ()
    assert list(graded(grader, scenario([one], [title]), state).damage[0].fields) == ["status"]


def test_the_order_of_a_set_is_no_damage(grader: Grader) -> None:
    state = forum()
    state["tables"]["threads"]["TH-0001"]["tags"].reverse()
    assert graded(grader, scenario([goal("len(threads) == 3")]), state).passed


def test_calls_and_answer(grader: Grader) -> None:
    call = ToolCall(
        name="create_new_thread",
        arguments={"title": "T", "author_id": "U-001", "category_id": "C-01", "tags": ["linux", "wifi"]},
    )
    cases = {
        "called('create_new_thread', author_id='U-001')": True,
        "called('create_new_thread', author_id='U-001', title='T')": True,
        "called('create_new_thread', author_id='U-002')": False,
        "called('create_new_thread', tags=['wifi', 'linux'])": True,
        "called('create_new_thread', tags=['wifi'])": False,
        "called('close_thread')": False,
        "len(calls) == 1 and calls == calls": True,
        "any(c.name == 'create_new_thread' for c in calls)": True,
        "states(answer, get(threads, 'TH-0001').title)": None,
        "states(answer, len(threads))": True,
        "states(answer, 'ada')": True,
        "any(u.username == 'ada' and states(answer, u.role) for u in users)": True,
    }
    for that, expected in cases.items():
        one = scenario([goal(that)])
        if expected is None:
            assert grader.problems(one)
            continue
        assert graded(grader, one, forum(), [call], "ada is a member of 3 threads").passed is expected, that


PROBLEMS = [
    ([goal("thread.status == 'open'")], [], "checks[0].that: unknown name 'thread'"),
    ([goal("len(threads)")], [], "'len(threads)' is an integer, but a boolean is expected"),
    ([goal("any(t.status == 'opne' for t in threads)")], [], "did you mean 'open'?"),
    ([goal("len(threads) =")], [], "is not an expression"),
    ([goal("len(threads) == 4", 0.0)], [], "at least one goal with a weight is needed"),
    ([keep("len(threads) == 3")], [], "at least one goal with a weight is needed"),
    ([goal("len(threads) == 4"), goal("len(threads) == 4")], [], "the id 'g' stands twice"),
    ([goal("len(threads) == 4", float("inf"))], [], "a weight is a number from 0 up"),
    ([goal("called('shut_thread')")], [], "there is no tool 'shut_thread'"),
    ([goal("called('close_thread', user='U-001')")], [], "close_thread has no argument 'user'"),
    ([goal("len(threads) == 4")], [{"table": "thread", "create": True}], "did you mean 'threads'?"),
    ([goal("len(threads) == 4")], [{"table": "threads", "fields": ["state"]}], "rows of threads have no 'state'"),
    ([goal("len(threads) == 4")], [{"table": "threads"}], "it allows nothing"),
    ([goal("len(threads) == 4")], [{"table": "threads", "create": True, "at_most": 0}], "at_most"),
    ([goal("len(threads) == 4")], [{"table": "threads", "where": "threads.x", "create": True}], "where: "),
]


@pytest.mark.parametrize(("checks", "allowed", "words"), PROBLEMS)
def test_problems_are_told_before_grading(
    grader: Grader, checks: list[dict[str, Any]], allowed: list[dict[str, Any]], words: str
) -> None:
    one = scenario(checks, allowed)
    assert words in "\n".join(map(str, grader.problems(one)))
    with pytest.raises(ScenarioError, match="scenario s: "):
        grader.require(one)


def test_grading_reads_and_leaves_states_as_they_are(grader: Grader) -> None:
    one = scenario([goal(CLOSED), keep("all(t in before.threads for t in threads)")], MAY_CLOSE)
    initial, state = copy.deepcopy(one.initial_state), closed(1, 2)
    final = copy.deepcopy(state)
    grader.grade(one, state, [], "")
    assert json.dumps(state) == json.dumps(final) and json.dumps(one.initial_state) == json.dumps(initial)


def test_policies_of_the_airline_are_checks_like_others() -> None:
    document = read_skeleton(GOLDEN / "airline.skeleton.yaml")
    grader = Grader(document)
    for policy in document.policies.values():
        one = scenario([goal(f"not ({policy.holds})"), keep(policy.holds)])
        assert grader.problems(one) == []
