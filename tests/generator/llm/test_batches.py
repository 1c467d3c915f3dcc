"""Message Batches: half the price, picked up after a stop, and a typed error for each request that failed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.errors import BatchError, OverloadedError, RefusedError, RefusedKeyError, SpendingError
from generator.llm.answers import AnswerStore
from generator.llm.batches import name_of
from tests.generator.llm.conftest import CLINIC, Topic, ctrl_c, request, told
from tests.llm.loopback import Asked, Failed, Loopback, Said

USED = {"input_tokens": 1000, "output_tokens": 100}
WORDS = ("a", "b", "c")
FULL_PRICE = 3 * (1000 * 5 + 100 * 25) / 1e6


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.llm.batches._FIRST_LOOK", 0.01)


def echo(asked: Asked) -> Said | Failed:
    return Said({"title": asked.body["messages"][0]["content"], "useful": 1}, usage=USED)


def titles(answers: list[object]) -> list[str]:
    return [answer.title if isinstance(answer, Topic) else type(answer).__name__ for answer in answers]


def sizes(provider: Loopback) -> list[int]:
    return [len(requests) for requests in provider.batches.created.values()]


def test_one_batch_answers_all_at_half_the_price() -> None:
    with Loopback(echo).running() as provider:
        asking = told(provider, batch=True)
        answers = asking.model.ask_all([request(words) for words in WORDS])
    assert titles(list(answers)) == list(WORDS)
    assert sizes(provider) == [3]
    assert asking.model.spending.usd == pytest.approx(FULL_PRICE / 2)
    assert [one.usd for one in asking.answers] == [pytest.approx(FULL_PRICE / 6)] * 3
    assert "goes on when this stops" in asking.notices[0] and "3 of 3 answered" in asking.notices[1]


def test_a_long_wait_is_told_of_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.llm.batches._LONGEST_LOOK", 0.01)
    with Loopback(echo).running() as provider:
        provider.batches.polls = 35
        asking = told(provider, batch=True)
        asking.model.ask_all([request()])
    assert [notice for notice in asking.notices if "under way" in notice] == [
        "Batch msgbatch_0001: 1 requests under way."
    ] * 2


def test_a_single_question_does_not_wait_for_a_batch() -> None:
    with Loopback(echo).running() as provider:
        asking = told(provider, batch=True)
        asking.model.ask(request())
    assert (sizes(provider), asking.model.spending.usd) == ([], pytest.approx(FULL_PRICE / 3))


def test_answers_that_are_kept_are_not_in_the_batch(tmp_path: Path) -> None:
    with Loopback(echo).running() as provider:
        told(provider, answers=AnswerStore(tmp_path)).model.ask(request("b"))
        model = told(provider, batch=True, answers=AnswerStore(tmp_path)).model
        assert titles(list(model.ask_all([request(words) for words in WORDS]))) == list(WORDS)
        assert titles(list(model.ask_all([request(words) for words in WORDS]))) == list(WORDS)
    assert sizes(provider) == [2]


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Loopback]:
    """A provider with a batch whose job was stopped with Ctrl-C while it waited."""
    with Loopback(echo).running() as provider:
        provider.batches.polls = 1_000_000

        def submitted() -> None:
            end = time.monotonic() + 30
            while not list((tmp_path / "batches").glob("*.json")) and time.monotonic() < end:
                time.sleep(0.01)

        model = told(provider, batch=True, answers=AnswerStore(tmp_path)).model
        with ctrl_c(submitted):
            model.ask_all([request(words) for words in WORDS])
        provider.batches.polls = 1
        yield provider


def test_a_stopped_job_picks_its_batch_up(stopped: Loopback, tmp_path: Path) -> None:
    asking = told(stopped, batch=True, answers=AnswerStore(tmp_path))
    answers = asking.model.ask_all([request(words) for words in WORDS])
    assert titles(list(answers)) == list(WORDS)
    assert sizes(stopped) == [3]
    assert "picked up: 3 requests" in asking.notices[0]
    assert not list((tmp_path / "batches").iterdir()), "what is settled is not picked up again"


def test_what_is_new_goes_into_another_batch(stopped: Loopback, tmp_path: Path) -> None:
    model = told(stopped, batch=True, answers=AnswerStore(tmp_path)).model
    assert titles(list(model.ask_all([request(words) for words in "xbc"]))) == ["x", "b", "c"]
    assert sizes(stopped) == [3, 1]


def test_a_batch_that_is_paid_for_needs_no_budget(stopped: Loopback, tmp_path: Path) -> None:
    model = told(stopped, batch=True, answers=AnswerStore(tmp_path), budget=0.001).model
    assert titles(list(model.ask_all([request(words) for words in WORDS]))) == list(WORDS)


def test_a_batch_that_is_paid_for_comes_before_what_the_budget_does_not_allow(
    stopped: Loopback, tmp_path: Path
) -> None:
    model = told(stopped, batch=True, answers=AnswerStore(tmp_path), budget=0.001).model
    assert titles(list(model.ask_all([request(words) for words in "xbc"]))) == ["SpendingError", "b", "c"]
    assert sizes(stopped) == [3]


def test_who_wants_a_part_of_a_batch_leaves_the_rest_of_it_to_others(stopped: Loopback, tmp_path: Path) -> None:
    for part in ("b", "ac"):
        model = told(stopped, batch=True, answers=AnswerStore(tmp_path)).model
        assert titles(list(model.ask_all([request(words) for words in part]))) == list(part)
    assert sizes(stopped) == [3]
    assert not list((tmp_path / "batches").iterdir())


def test_a_batch_that_is_gone_is_asked_again(stopped: Loopback, tmp_path: Path) -> None:
    stopped.batches.created.clear()
    stopped.batches.created["msgbatch_of_another"] = []
    asking = told(stopped, batch=True, answers=AnswerStore(tmp_path))
    assert titles(list(asking.model.ask_all([request(words) for words in WORDS]))) == list(WORDS)
    assert any("is not there any more" in notice for notice in asking.notices)


def test_a_damaged_note_of_a_batch_is_told_of(stopped: Loopback, tmp_path: Path) -> None:
    (note,) = (tmp_path / "batches").iterdir()
    note.write_text("{")
    asking = told(stopped, batch=True, answers=AnswerStore(tmp_path))
    assert titles(list(asking.model.ask_all([request(words) for words in WORDS]))) == list(WORDS)
    assert any(f"{note} is damaged" in notice for notice in asking.notices)


def test_each_failed_request_has_its_own_error() -> None:
    def script(asked: Asked) -> Said | Failed:
        match asked.body["messages"][0]["content"]:
            case "old":
                return Failed(1, "expired")
            case "gone":
                return Failed(1, "canceled")
            case "no":
                return Said("", stop="refusal")
            case "busy":
                return Failed(529, "overloaded_error", "Overloaded")
            case _:
                return Said(CLINIC)

    with Loopback(script).running() as provider:
        words = ["fine", "old", "gone", "no", "busy"]
        answers = told(provider, batch=True).model.ask_all([request(each) for each in words])
    kinds = [type(answer) for answer in answers]
    assert kinds == [Topic, BatchError, BatchError, RefusedError, OverloadedError]
    assert "expired" in str(answers[1]) and "canceled" in str(answers[2])
    assert sizes(provider) == [5, 1, 1], "only what may work later is tried again"


def test_what_must_be_mended_goes_into_the_next_batch_together() -> None:
    def script(asked: Asked) -> Said | Failed:
        if asked.number < 3:
            return [Said("{", stop="max_tokens"), Said({"title": "b"}), Said(CLINIC)][asked.number]
        return Said(CLINIC)

    with Loopback(script).running() as provider:
        answers = told(provider, batch=True).model.ask_all([request(words) for words in WORDS])
    assert answers == [Topic(**CLINIC)] * 3
    assert sizes(provider) == [3, 2]


def test_expired_requests_are_asked_again_by_the_next_job(tmp_path: Path) -> None:
    def script(asked: Asked) -> Said | Failed:
        return Failed(1, "expired") if asked.number == 0 else echo(asked)

    with Loopback(script).running() as provider:
        first = told(provider, batch=True, answers=AnswerStore(tmp_path)).model.ask_all([request("a"), request("b")])
        again = told(provider, batch=True, answers=AnswerStore(tmp_path)).model.ask_all([request("a"), request("b")])
    assert sorted(titles(list(first))) != ["a", "b"] and titles(list(again)) == ["a", "b"]
    assert sizes(provider) == [2, 1]


def test_a_budget_sends_as_many_as_it_allows() -> None:
    with Loopback(echo).running() as provider:
        model = told(provider, batch=True, budget=0.04).model
        answers = model.ask_all([request(str(number)) for number in range(12)])
    failed = [answer for answer in answers if isinstance(answer, SpendingError)]
    assert 0 < len(failed) < 12
    assert model.spending.usd is not None and model.spending.usd <= 0.04


def test_a_shape_that_is_too_large_goes_into_the_next_batch_in_words() -> None:
    with Loopback(lambda _: Said(CLINIC), grammar=1).running() as provider:
        asking = told(provider, batch=True)
        answers = asking.model.ask_all([request(words) for words in WORDS])
    assert answers == [Topic(**CLINIC)] * 3
    assert sizes(provider) == [3, 3] and asking.model.spending.calls == 3


def test_a_batch_whose_creation_was_not_confirmed_is_found_and_not_paid_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(echo).running() as provider:
        post, lost = provider.batches.post, []

        def lose(rest: list[str], body: dict[str, object], url: str) -> object:
            made = post(rest, body, url)
            if lost:
                return made
            lost.append(made)
            return Failed(0)

        monkeypatch.setattr(provider.batches, "post", lose)
        monkeypatch.setattr("generator.llm.batches._SKEW", provider.batches.skew)
        answers = told(provider, batch=True).model.ask_all([request(words) for words in WORDS])
    assert titles(list(answers)) == list(WORDS)
    assert sizes(provider) == [3]


def test_a_refused_key_ends_a_batch_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "another")
    with Loopback(echo).running() as provider, pytest.raises(RefusedKeyError):
        told(provider, batch=True).model.ask_all([request()])


def test_a_gateway_without_batches_says_to_leave_them_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(echo).running() as provider, pytest.raises(BatchError, match="leave out --batch"):
        monkeypatch.setattr(provider.batches, "post", lambda *_: None)
        told(provider, batch=True).model.ask_all([request()])


def test_names_fit_the_api_and_tell_the_stage() -> None:
    assert name_of("read_back", "f" * 64) == "read_back-" + "f" * 40
    assert len(name_of("x" * 90, "f" * 64)) == 64
