"""What can go wrong when a model is asked: each has its own error and sentence, and is asked again where that helps."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path

import pytest

from generator.errors import (
    AccountError,
    EmptyAnswerError,
    MalformedAnswerError,
    ModelError,
    NoCreditError,
    NoKeyError,
    NoSuchModelError,
    OverloadedError,
    RefusedError,
    RefusedKeyError,
    RejectedError,
    SchemaRejectedError,
    TruncatedError,
    UnreachableError,
)
from generator.llm.model import LanguageModel
from tests.generator.llm.conftest import CLINIC, Told, Topic, ctrl_c, request, told
from tests.llm.loopback import Asked, Failed, Loopback, Said, Script

SOON = {"retry-after-ms": "1"}


def one_after_the_other(*answers: Said | Failed) -> Script:
    return lambda asked: answers[min(asked.number, len(answers) - 1)]


def asked(script: Script) -> tuple[Loopback, Told, Topic | ModelError]:
    with Loopback(script).running() as provider:
        asking = told(provider)
        try:
            return provider, asking, asking.model.ask(request())
        except ModelError as error:
            return provider, asking, error


BUSY = [
    Failed(529, "overloaded_error", "Overloaded", SOON),
    Failed(429, "rate_limit_error", "Slow down", SOON),
    Failed(500, "api_error", "Internal", SOON),
    Failed(200, "overloaded_error", "Overloaded", midway=True),
    Failed(0),
    Said({"title": "veterinary clinic" * 500, "useful": 8}, cut=2500, quietly=True),
    Said({"title": "veterinary clinic" * 500, "useful": 8}, cut=2500),
]


@pytest.mark.parametrize("busy", BUSY, ids=lambda busy: getattr(busy, "kind", "cut"))
def test_what_may_pass_is_asked_again_and_counted(busy: Said | Failed) -> None:
    provider, asking, answer = asked(one_after_the_other(busy, Said(CLINIC)))
    assert answer == Topic(**CLINIC)
    assert (len(provider.asked), asking.model.spending.retries) == (2, 1)
    assert provider.asked[1].body == provider.asked[0].body


def test_the_delay_of_the_server_is_kept() -> None:
    moments: list[float] = []

    def script(asked: Asked) -> Said | Failed:
        moments.append(time.monotonic())
        return Failed(429, "rate_limit_error", "Slow down", {"retry-after": "1"}) if len(moments) < 2 else Said(CLINIC)

    _, asking, _ = asked(script)
    assert moments[1] - moments[0] >= 1
    assert asking.notices == [
        "mine: claude-opus-5's provider answered 429 (rate_limit_error): Slow down. Asked again in 1 s."
    ]


def test_patience_ends_after_eight_tries() -> None:
    provider, asking, error = asked(one_after_the_other(Failed(529, "overloaded_error", "Overloaded", SOON)))
    assert isinstance(error, OverloadedError)
    assert (len(provider.asked), asking.model.spending.retries) == (8, 7)


def test_a_provider_that_wants_an_hour_is_not_waited_for() -> None:
    provider, _, error = asked(one_after_the_other(Failed(429, "rate_limit_error", "Quota", {"retry-after": "3600"})))
    assert isinstance(error, OverloadedError) and "3600 s" in str(error)
    assert len(provider.asked) == 1


def test_an_answer_that_broke_off_is_counted_too_since_it_is_billed() -> None:
    _, asking, _ = asked(one_after_the_other(BUSY[-1], Said(CLINIC)))
    assert asking.model.spending.calls == 2


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.llm.door.pause", lambda asked, failures: 0.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UnreachableError, match=r"^mine: claude-opus-5 cannot be reached"):
        LanguageModel("claude-opus-5", base_url=url).ask(request())


FINAL: list[tuple[Failed, type[ModelError], str]] = [
    (Failed(401, "authentication_error", "invalid x-api-key"), RefusedKeyError, "ANTHROPIC_API_KEY"),
    (Failed(403, "permission_error", "not allowed"), RefusedKeyError, "ANTHROPIC_API_KEY"),
    (Failed(402, "billing_error", "no credit"), NoCreditError, "Add credit"),
    (Failed(400, "invalid_request_error", "Your credit balance is too low"), NoCreditError, "Add credit"),
    (
        Failed(400, "invalid_request_error", "No more", code="enforced_spend_limit_reached"),
        NoCreditError,
        "raise its limit",
    ),
    (Failed(404, "not_found_error", "model: claude-opus-5"), NoSuchModelError, "--model"),
]


@pytest.mark.parametrize(("failed", "kind", "remedy"), FINAL)
def test_what_nothing_mends_stops_everything(failed: Failed, kind: type[ModelError], remedy: str) -> None:
    with Loopback(one_after_the_other(failed)).running() as provider:
        model = told(provider, parallel=1).model
        with pytest.raises(kind, match=remedy) as raised:
            model.ask_all([request(str(number)) for number in range(20)])
    assert isinstance(raised.value, AccountError)
    assert len(provider.asked) < 20


def test_who_waits_for_the_budget_asks_nothing_after_the_end() -> None:
    begun = threading.Event()

    def broke(asked: Asked) -> Said | Failed:
        begun.wait(0.5)  # the others come to wait for what this one has set aside
        return Failed(402, "billing_error", "no credit") if asked.number == 0 else Said(CLINIC)

    with Loopback(broke).running() as provider:
        asking = told(provider, budget=0.05)
        before = set(threading.enumerate())
        with pytest.raises(NoCreditError):
            asking.model.ask_all([request(str(number)) for number in range(4)])
        for thread in set(threading.enumerate()) - before:
            if "run" in thread.name:
                thread.join(20)
        assert len(provider.asked) == 1
        assert asking.model.ask(request("again")) == Topic(**CLINIC), "another question is another matter"


def test_no_key_says_how_to_set_one_and_what_works_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    no_key = pytest.raises(NoKeyError, match=r"set ANTHROPIC_API_KEY .* works without one")
    with Loopback(one_after_the_other(Said(CLINIC))).running() as provider, no_key:
        told(provider).model.ask(request())
    assert provider.asked == []


@pytest.mark.parametrize("key", ["test-key\r", "test-key\n", "test key", "   ", "tést"])
def test_a_key_that_cannot_be_sent_is_told_at_once(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    with Loopback(one_after_the_other(Said(CLINIC))).running() as provider:
        asking = told(provider)
        with pytest.raises(RefusedKeyError, match="holds a character that no key has"):
            asking.model.ask(request())
    assert asking.model.spending.retries == 0


@pytest.mark.parametrize("url", ["127.0.0.1:8811", "http://", "http://[::1", "http://127.0.0.1:99999", "http://a\x1b"])
def test_an_address_that_is_none_is_told_at_once(url: str) -> None:
    with pytest.raises(UnreachableError, match="--base-url is an address such as"):
        LanguageModel("claude-opus-5", base_url=url)


def test_an_address_of_the_surroundings_that_is_none_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://[::1")
    with pytest.raises(UnreachableError, match="ANTHROPIC_BASE_URL is no address"):
        LanguageModel("claude-opus-5").ask(request())


def test_half_characters_are_sent_as_what_stands_for_them() -> None:
    """Arguments of the shell and broken JSON bring them, and so may an answer that is shown to the model again."""
    with Loopback(one_after_the_other(Said('{"title": "\ud800"}'), Said(CLINIC))).running() as provider:
        asking = told(provider)
        assert asking.model.ask(request("A \udcff vet.")) == Topic(**CLINIC)
    first, second = (each.body["messages"] for each in provider.asked)
    assert first[0]["content"] == "A \N{REPLACEMENT CHARACTER} vet."
    assert second[1]["content"] == '{"title": "\N{REPLACEMENT CHARACTER}"}'
    assert asking.model.spending.retries == 0


def test_a_refusal_is_not_asked_again() -> None:
    provider, _, error = asked(one_after_the_other(Said("", stop="refusal", explanation="It is about a lab.")))
    assert isinstance(error, RefusedError)
    assert str(error).startswith("mine: claude-opus-5 declined to answer (It is about a lab).")
    assert len(provider.asked) == 1


def test_a_cut_off_answer_is_asked_again_with_more_room() -> None:
    provider, asking, answer = asked(one_after_the_other(Said('{"title": "vet', stop="max_tokens"), Said(CLINIC)))
    assert answer == Topic(**CLINIC)
    assert [each.body["max_tokens"] for each in provider.asked] == [1000, 2000]
    assert asking.notices == ["mine: cut off; asked again with room for 2,000 tokens."]


def test_what_is_cut_off_twice_is_named() -> None:
    provider, _, error = asked(one_after_the_other(Said("{", stop="max_tokens")))
    assert isinstance(error, TruncatedError) and "2,000 tokens" in str(error)
    assert len(provider.asked) == 2


def test_the_new_room_is_what_the_model_has_at_most() -> None:
    script = one_after_the_other(Said("{", stop="max_tokens"), Said(CLINIC))
    with Loopback(script, most_tokens=1500).running() as provider:
        assert told(provider).model.ask(request()) == Topic(**CLINIC)
    assert [each.body["max_tokens"] for each in provider.asked] == [1000, 1500]


def test_no_more_room_than_the_model_has() -> None:
    cut_off = pytest.raises(TruncatedError, match="1,000 tokens")
    with Loopback(one_after_the_other(Said("{", stop="max_tokens")), most_tokens=1000).running() as provider, cut_off:
        told(provider).model.ask(request())
    assert len(provider.asked) == 1


def test_an_empty_answer_is_asked_for_once_more() -> None:
    _, asking, answer = asked(one_after_the_other(Said("", thinking="Hm."), Said(CLINIC)))
    assert answer == Topic(**CLINIC)
    assert asking.notices == ["mine: the answer was empty; asked again."]
    assert isinstance(asked(one_after_the_other(Said("")))[2], EmptyAnswerError)


WRONG = ['{"title": "vet"', '{"title": "vet"}', '{"title": "vet", "useful": 8, "more": 1}', "[]", "no"]


@pytest.mark.parametrize("wrong", WRONG)
def test_another_shape_is_named_to_the_model_once(wrong: str) -> None:
    provider, asking, answer = asked(one_after_the_other(Said(wrong), Said(CLINIC)))
    assert answer == Topic(**CLINIC)
    said, mend = provider.asked[1].body["messages"][1:]
    assert (said["role"], said["content"]) == ("assistant", wrong)
    assert "cannot be read" in mend["content"][0]["text"]
    assert asking.model.spending.calls == 2 and len(asking.notices) == 1


def test_another_shape_twice_is_an_error_that_keeps_the_text() -> None:
    _, _, error = asked(one_after_the_other(Said({"title": "vet"})))
    assert isinstance(error, MalformedAnswerError)
    assert (error.text, error.faults) == ('{"title": "vet"}', "useful: Field required.")


def test_a_request_that_is_too_long() -> None:
    _, _, error = asked(one_after_the_other(Failed(413, "request_too_large", "Request exceeds the maximum size")))
    assert isinstance(error, RejectedError) and "less to read" in str(error)


def test_a_shape_that_the_api_refuses_is_named() -> None:
    failed = Failed(400, "invalid_request_error", "output_config.format.schema: Invalid schema: no")
    provider, _, error = asked(one_after_the_other(failed))
    assert isinstance(error, SchemaRejectedError) and "no." in str(error)
    assert len(provider.asked) == 1


def test_a_shape_that_is_too_large_to_be_held_is_asked_for_in_words() -> None:
    with Loopback(lambda asked: Said(CLINIC), grammar=1).running() as provider:
        asking = told(provider)
        answers = [asking.model.ask(request(words)) for words in ("A", "B")]
    assert answers == [Topic(**CLINIC)] * 2
    assert len(provider.problems) == 1, "the second request knows"
    assert "too large to hold answers to it" in asking.notices[0]
    assert all('"useful"' in each.body["system"][0]["text"] for each in provider.asked)


def test_one_refusal_among_many_costs_only_its_own_answer() -> None:
    def script(asked: Asked) -> Said:
        bad = asked.body["messages"][0]["content"] == "bad"
        return Said("", stop="refusal") if bad else Said(CLINIC)

    with Loopback(script).running() as provider:
        answers = told(provider).model.ask_all([request(words) for words in ("a", "bad", "c")])
    assert [type(answer) for answer in answers] == [Topic, RefusedError, Topic]


def test_ctrl_c_ends_the_waiting_at_once() -> None:
    begun, never = threading.Event(), threading.Event()

    def slow(asked: Asked) -> Said:
        begun.set()
        never.wait(60)
        return Said(CLINIC)

    with Loopback(slow).running() as provider:
        model = told(provider).model
        with ctrl_c(lambda: begun.wait(20)):
            model.ask_all([request(str(number)) for number in range(6)])
        assert not never.is_set() and len(provider.asked) <= 4, "it ended while the model was still thinking"
        never.set()


def test_closing_waits_for_no_answer() -> None:
    """A gateway that takes the first question about the model and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        model = LanguageModel("claude-opus-5", base_url=f"http://127.0.0.1:{silent.getsockname()[1]}")

        def ask() -> None:
            with contextlib.suppress(ModelError):
                model.ask_all([request()])

        threading.Thread(target=ask, daemon=True).start()
        connection, _ = silent.accept()
        closing = threading.Thread(target=model.close, daemon=True)
        closing.start()
        closing.join(20)
        assert not closing.is_alive()
        connection.close()
