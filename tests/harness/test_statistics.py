from __future__ import annotations

from builders import attempt

from harness.statistics import summarise


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
