"""A dry run: what would be asked and what it may cost, and nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import NotAskedError, SpendingError
from generator.llm.answers import AnswerStore
from generator.llm.dry_run import DryRun, estimate
from tests.generator.llm.conftest import CLINIC, Topic, request, told
from tests.llm.loopback import Loopback, Said


def test_tokens_are_counted_by_the_api_where_a_key_is_there() -> None:
    with Loopback(lambda _: Said(CLINIC)).running() as provider:
        run = DryRun("claude-opus-5", base_url=provider.url)
        with pytest.raises(NotAskedError):
            run.ask(request())
    assert (provider.asked, provider.counted) == ([], 1)
    (call,) = run.planned
    assert (call.stage, call.calls, call.output_tokens, call.counted) == ("mine", 1, 1000, True)
    assert call.usd == pytest.approx((call.input_tokens * 5 * 1.25 + 1000 * 25) / 1e6)


def test_without_a_key_they_are_estimated_by_length(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    run = DryRun("claude-opus-5", base_url="http://127.0.0.1:9")
    answers = run.ask_all([request("A" * 3500), request("B")])
    assert all(isinstance(answer, NotAskedError) for answer in answers)
    first, second = run.planned
    assert not first.counted and first.input_tokens - second.input_tokens == pytest.approx(1000, abs=2)


def test_counting_that_fails_falls_back_and_says_so() -> None:
    notices: list[str] = []
    run = DryRun("claude-opus-5", base_url="http://127.0.0.1:9", on_notice=notices.append)
    run.ask_all([request("a"), request("b")])
    assert [call.counted for call in run.planned] == [False, False]
    assert len(notices) == 1 and "estimated by length" in notices[0]


def test_kept_answers_are_given_so_that_a_stopped_job_is_looked_at_from_there(tmp_path: Path) -> None:
    with Loopback(lambda _: Said(CLINIC)).running() as provider:
        told(provider, answers=AnswerStore(tmp_path)).model.ask(request())
        run = DryRun("claude-opus-5", base_url=provider.url, answers=AnswerStore(tmp_path))
        assert run.ask(request()) == Topic(**CLINIC)
    assert run.planned == [] and run.usd == 0


def test_a_batch_is_estimated_at_half_and_what_follows_at_most() -> None:
    with Loopback(lambda _: Said(CLINIC)).running() as provider:
        full, half = (DryRun("claude-opus-5", base_url=provider.url, batch=batch) for batch in (False, True))
        for run in (full, half):
            run.ask_all([request()])
    assert half.usd == pytest.approx((full.usd or 0) / 2)
    full.foresee("repair", 3, 1000, 2000)
    repair = full.planned[-1]
    assert (repair.calls, repair.sure, repair.input_tokens, repair.output_tokens) == (3, False, 3000, 6000)


def test_an_unknown_price_is_unknown() -> None:
    run = DryRun("mystery", base_url="http://127.0.0.1:9")
    run.ask_all([request()])
    assert run.usd is None
    with pytest.raises(SpendingError, match="What mystery costs is not known here"):
        DryRun("mystery", budget=3)


def test_calls_of_one_kind_are_one_line() -> None:
    run = DryRun("claude-opus-5", base_url="http://127.0.0.1:9")
    run.foresee("repair", 3, 1000, 2000)
    run.foresee("tester", 1, 10, 20)
    run.foresee("repair", 1, 500, 100)
    assert [(line.stage, line.calls, line.input_tokens, line.output_tokens) for line in run.by_stage()] == [
        ("repair", 4, 3500, 6100),
        ("tester", 1, 10, 20),
    ]
    assert sum(line.usd or 0 for line in run.by_stage()) == pytest.approx(run.usd)


def test_the_estimate_grows_with_the_text() -> None:
    assert estimate({"a": "x" * 700}) - estimate({"a": ""}) == 200
