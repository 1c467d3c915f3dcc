from __future__ import annotations

from pathlib import Path

import pytest
from builders import attempt, environment_record, run_document, scenario

from harness.statistics import breakdowns, overall, summarise, unheard
from harness.store import Run


def test_what_says_nothing_about_the_agent_is_in_no_rate() -> None:
    attempts = [
        attempt(1, outcome="passed", score=1.0, calls=4, seconds=1.0),
        attempt(2, outcome="failed", score=0.5, calls=2, seconds=3.0),
        attempt(3, outcome="limit", score=None, calls=None, seconds=2.0),
        attempt(4, outcome="agent_error", score=None, calls=0, seconds=2.0),
        attempt(5, outcome="provider_error", score=None, seconds=99.0),
        attempt(6, outcome="invalid", score=0.0),
        attempt(7, outcome="invalid", score=0.0),
    ]
    (summary,) = summarise(attempts)
    assert (summary.counted, summary.passed, summary.pass_rate) == (4, 1, 0.25)
    assert (summary.mean_score, summary.mean_calls, summary.mean_seconds) == (0.375, 2.0, 2.0)
    assert summary.excluded == {"provider_error": 1, "invalid": 2}


def test_groups_keep_their_order_and_may_be_without_figures() -> None:
    attempts = [attempt(agent="b", outcome="invalid"), attempt(agent="a", outcome="passed", score=1.0)]
    first, second = summarise(attempts)
    assert (first.agent, first.pass_rate, first.mean_score) == ("b", None, None)
    assert (second.agent, second.pass_rate) == ("a", 1.0)


def test_an_agent_whose_attempts_are_all_invalid_is_told_with_the_reason() -> None:
    deaf = [attempt(n, agent="deaf", outcome="invalid", reason="No tools\n(x).") for n in (1, 2)]
    half = [attempt(1, agent="half", outcome="invalid"), attempt(2, agent="half")]
    once = attempt(1, agent="once", outcome="invalid", reason="Never.")
    assert unheard([*deaf, *half, once]) == [
        "All 2 attempts of deaf came to 'invalid', which is in no figure: No tools (x).",
        "The only attempt of once came to 'invalid', which is in no figure: Never.",
    ]
    (mixed,) = unheard([*deaf, attempt(3, agent="deaf", outcome="invalid", reason="Other.")])
    assert mixed == "All 3 attempts of deaf came to 'invalid', which is in no figure, mostly: No tools (x)."


def test_repeated_attempts_by_scenario() -> None:
    outcomes = {"a": "passed passed passed", "b": "passed failed limit", "c": "passed invalid passed"}
    attempts = [
        attempt(number, scenario=name, outcome=outcome, score=float(outcome == "passed"))
        for name, listed in outcomes.items()
        for number, outcome in enumerate(listed.split(), start=1)
    ]
    (summary,) = overall(attempts)
    assert summary.pass_at_1 is not None and summary.score is not None
    assert (summary.pass_at_1.value, summary.pass_at_1.n, summary.pass_at_1.scenarios) == (0.75, 8, 3)
    assert 0 < summary.pass_at_1.low < 0.75 < summary.pass_at_1.high < 1
    assert summary.score == summary.pass_at_1
    assert [(one.k, one.value, one.scenarios) for one in summary.pass_at_k] == [
        (2, pytest.approx((1 + 2 / 3 + 1) / 3), 3),
        (3, 1.0, 2),  # c was counted twice only
    ]
    assert [(one.k, one.value, one.scenarios) for one in summary.pass_hat_k] == [
        (2, pytest.approx(2 / 3), 3),
        (3, 0.5, 2),
    ]
    assert summary.excluded == {"invalid": 1}


def test_attempts_by_what_their_scenarios_share(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "r", run_document(), [environment_record()], {}, [scenario()])
    attempts = [
        attempt(1, difficulty=1, outcome="passed", score=1.0),
        attempt(2, difficulty=2, kind="question"),
        attempt(3, difficulty=2, agent="reference", outcome="invalid"),
    ]
    found = {(one.aspect, one.value): one.summaries for one in breakdowns(run, attempts)}
    assert list(found) == [
        ("environment", "todo_list"),
        ("difficulty", "1"),
        ("difficulty", "2"),
        ("kind", "change"),
        ("kind", "question"),
        ("tool", "todo_list.add_item"),
    ]
    noop, reference = found["difficulty", "2"]
    assert (noop.agent, noop.counted, noop.passed) == ("noop", 1, 0)
    assert (reference.agent, reference.counted, reference.excluded) == ("reference", 0, {"invalid": 1})
    assert found["tool", "todo_list.add_item"][0].passed == 1
