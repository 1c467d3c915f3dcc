"""How outcomes of imported scenarios are graded: as released, and by what was required."""

from __future__ import annotations

from random import Random

import pytest
from desk import CONFIG, STATUS, after, function, scenario
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import ScenarioError
from generator.importers.checks import difficulty
from generator.importers.contained.values import Instance, encode
from generator.importers.folder import check_box
from generator.importers.grading import SourceGrader, graded
from generator.importers.verdicts import Court, Judgement
from generator.scengenerator.scenario import Check, SourceCheck

ACTIVE = ("Is U1 active?", function(STATUS + "    return status == 'active'\n"))
THERE = ("Is U2 there?", function("    return 'U2' in final_state['users']\n"))
DONE = ("set_status", {"user_id": "U1", "status": "active"})


def check(number: int, kind: str, weight: float = 1.0) -> SourceCheck:
    return SourceCheck.model_validate(
        {"id": f"c{number}", "kind": kind, "description": "", "source": "", "weight": weight}
    )


def test_doing_nothing_earns_nothing_of_what_was_required() -> None:
    made = scenario(ACTIVE, THERE)
    grade = SourceGrader(check_box).grade(made, made.initial_state)
    assert (grade.as_released, grade.score, grade.reward, grade.passed) == (0.5, 0.0, 0.0, False)


def test_all_goals_and_keeps_pass() -> None:
    made = scenario(ACTIVE, THERE)
    grade = SourceGrader(check_box).grade(made, after(made, DONE))
    assert (grade.as_released, grade.score, grade.reward, grade.passed) == (1.0, 1.0, 1.0, True)


@pytest.mark.parametrize(
    "source",
    [
        "def check_func(final_state):\n    return initial_state['users'] != final_state['users']\n",
        "def check_func(initial_state, final_state):\n    return initial_state['users'] != final_state['users']\n",
        "def check_func(final_state, initial_state):\n    return initial_state['users'] != final_state['users']\n",
        "START = initial_state\n"
        "def check_func(final_state, initial_state=None):\n"
        "    return initial_state is None and START['users'] != final_state['users']\n",
    ],
)
def test_checks_get_both_states_as_they_name_them(source: str) -> None:
    made = scenario(("Has something changed?", source))
    assert not SourceGrader(check_box).grade(made, made.initial_state).judgements[0].holds
    assert SourceGrader(check_box).grade(made, after(made, DONE)).judgements[0].holds


def test_a_check_that_needs_both_states_raises_as_released_and_earns_here() -> None:
    source = "def check_func(initial_state, final_state):\n    return initial_state['users'] != final_state['users']\n"
    made = scenario(("Has something changed?", source), THERE)
    grade = SourceGrader(check_box).grade(made, after(made, DONE))
    assert (grade.as_released, grade.score, grade.passed) == (0.5, 1.0, True)


def test_checks_do_not_see_what_another_one_changed() -> None:
    clears = ("Are all gone?", function("    final_state['users'].clear()\n    return False\n"))
    made = scenario(clears, THERE, clears, ACTIVE)
    grade = SourceGrader(check_box).grade(made, after(made, DONE))
    assert [one.kind for one in grade.judgements] == ["false", "true", "false", "true"]
    assert [one.mutated for one in grade.judgements] == [True, False, True, False]


def test_a_state_whose_parts_cannot_be_compared_is_not_taken_for_a_changed_one() -> None:
    made = scenario(THERE)
    knot = Instance.of("Knot")
    knot.self = knot
    tables = encode({**CONFIG, "chance": Random(1), "knot": knot, "nan": float("nan")})
    with Court(lambda: check_box("2025-01-01T00:00:00")) as court:
        [judgement] = court.judge_many([made.sources[0].source], tables, tables)
    assert (judgement.kind, judgement.mutated) == ("true", False)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("    return 1\n", "not_boolean", "returned no boolean"),
        ("    return None\n", "not_boolean", "returned no boolean"),
        ("    return date.today()\n", "missing_name", "name 'date' is not defined"),
        ("    return final_state['nothing']['x']\n", "raised", "KeyError"),
        ("    raise SystemExit\n", "broken", "broke its process"),
        ("    return open('/etc/passwd').read() != ''\n", "broken", "broke its process"),
    ],
)
def test_what_cannot_be_decided_is_said_and_does_not_hold(body: str, kind: str, words: str) -> None:
    made = scenario(("Is it?", function(body)), ACTIVE)
    grade = SourceGrader(check_box).grade(made, after(made, DONE))
    first, second = grade.judgements
    assert first.kind == kind
    assert first.undecided is not None
    assert words in first.undecided
    assert second.holds  # in a fresh process where the first one broke its own
    assert (grade.as_released, grade.score) == (0.5, 0.5)


def test_a_check_sees_the_time_at_which_the_episode_ended() -> None:
    source = "import datetime\n" + function("    return datetime.datetime.now().year == 2031\n")
    made = scenario(("Is it 2031?", source))
    assert not SourceGrader(check_box).grade(made, made.initial_state).judgements[0].holds
    late = made.initial_state | {"clock": "2031-05-01T00:00:00"}
    assert SourceGrader(check_box).grade(made, late).judgements[0].holds


def test_a_court_goes_on_after_a_check_broke_its_box() -> None:
    with Court(lambda: check_box("2025-01-01T00:00:00")) as court:
        ends = "import os\n" + function("    os._exit(0)\n")
        judged = court.judge_many([ends, THERE[1]], {"users": {}}, {"users": {"U2": {}}})
    assert [one.kind for one in judged] == ["broken", "true"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["goal", "keep"]), st.booleans(), st.floats(0, 10, allow_subnormal=False)), min_size=1
    )
)
def test_passing_reward_and_score_agree(facts: list[tuple[str, bool, float]]) -> None:
    checks = [check(number, kind, weight) for number, (kind, _, weight) in enumerate(facts)]
    grade = graded(checks, [Judgement("true" if holds else "false") for _, holds, _ in facts])
    assert 0.0 <= grade.score <= 1.0
    assert grade.passed == (grade.reward == 1.0)
    assert grade.as_released == pytest.approx(sum(holds for _, holds, _ in facts) / len(facts))
    goals = [holds for kind, holds, weight in facts if kind == "goal" and weight]
    assert (grade.score == 1.0) == (bool(goals) and all(goals))
    assert grade.reward in (0.0, grade.score)


def test_scenarios_that_are_none_of_ours_are_refused() -> None:
    made = scenario(ACTIVE)
    expression = Check(id="e", kind="goal", description="", that="1 == 1")
    for broken in ([expression], [made.checks[0], made.checks[0]]):
        with pytest.raises(ScenarioError, match="import it again"):
            SourceGrader.require(made.model_copy(update={"checks": broken}))


def test_a_scenario_without_checks_earns_nothing() -> None:
    grade = graded([], [])
    assert (grade.as_released, grade.score, grade.passed) == (0.0, 0.0, False)


def test_difficulty_follows_the_number_of_checks() -> None:
    assert [difficulty(checks) for checks in (1, 6, 7, 14, 19, 40)] == [1, 1, 2, 3, 4, 5]
