"""The Anthropic adapter: the real client and a real server, with a scripted provider on the loopback."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from models import Answer, Json, Script, anthropic, error, text, thought, turn, use
from theatre import Theatre, open_theatre

from harness.agents.agent import Limits
from harness.agents.registry import AgentOptions, find_agent
from harness.errors import RunError, UnusableProviderError
from harness.records import Evidence

NAME = "anthropic:claude-opus-5"


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")


def played(
    theatre: Theatre, script: Script, limits: Limits | None = None, adaptive: bool = True
) -> tuple[Evidence, list[Json]]:
    with anthropic(script, adaptive).running() as provider:
        evidence = theatre.attempt(NAME, limits, options=AgentOptions(base_url=provider.url))
    assert provider.problems == []
    return evidence, provider.requests


def in_turn(*answers: Answer) -> Script:
    return lambda _, number: answers[min(number, len(answers) - 1)]


MILK = use("add_item", {"text": "milk"}, "toolu_1")
DONE = turn(text("Done."))


def test_it_thinks_calls_tools_side_by_side_and_answers(theatre: Theatre) -> None:
    first = turn(thought("Milk, then look."), text("One moment."), MILK, use("list_items", {}, "toolu_2"))
    evidence, (asked, again) = played(theatre, in_turn(first, DONE))
    assert (evidence.attempt.outcome, evidence.answer) == ("passed", "Done.")
    assert [call.name for call in evidence.calls] == ["add_item", "list_items"]
    assert asked["system"][0]["text"] == "A to-do list."
    assert [tool["name"] for tool in asked["tools"]][:2] == ["add_item", "finish_item"]
    assert asked["tools"][0]["input_schema"]["required"] == ["text"]
    assert asked["thinking"] == {"type": "adaptive", "display": "summarized"} and asked["max_tokens"] == 4096
    assert asked["cache_control"] == asked["system"][0]["cache_control"] == {"type": "ephemeral"}
    kept, answered = again["messages"][1:]
    assert [block["type"] for block in kept["content"]] == ["thinking", "text", "tool_use", "tool_use"]
    assert [block["tool_use_id"] for block in answered["content"]] == ["toolu_1", "toolu_2"]
    assert json.loads(answered["content"][1]["content"])["total"] == 1
    roles = [message.role for message in evidence.messages]
    assert roles == ["system", "user", "assistant", "tool", "tool", "assistant"]
    assert evidence.messages[2].thinking == "Milk, then look."
    assert [call.id for call in evidence.messages[2].tool_calls] == ["toolu_1", "toolu_2"]


def test_tokens_cache_and_cost_are_counted(theatre: Theatre) -> None:
    fresh = {"input_tokens": 10, "cache_creation_input_tokens": 1000, "output_tokens": 200}
    cached = {"input_tokens": 20, "cache_read_input_tokens": 1000, "output_tokens": 100}
    evidence, _ = played(theatre, in_turn(turn(MILK, usage=fresh), turn(text("Done."), usage=cached)))
    made = evidence.attempt
    assert (made.turns, made.input_tokens, made.output_tokens, made.cached_tokens) == (2, 2030, 300, 1000)
    assert made.cost == pytest.approx((30 * 5 + 1000 * 6.25 + 1000 * 0.5 + 300 * 25) / 1e6)
    assert made.retries == 0


def test_what_is_not_known_to_cost_is_unknown(theatre: Theatre) -> None:
    with anthropic(in_turn(DONE)).running() as provider:
        evidence = theatre.attempt("anthropic:some-model", options=AgentOptions(base_url=provider.url))
    assert evidence.attempt.outcome == "failed" and evidence.attempt.cost is None
    assert evidence.attempt.output_tokens == 20
    assert "thinking" not in provider.requests[0]


def test_a_model_that_cannot_think_by_itself_is_not_asked_to(theatre: Theatre) -> None:
    _, (asked,) = played(theatre, in_turn(DONE), adaptive=False)
    assert "thinking" not in asked


def test_a_busy_provider_is_asked_again_when_it_says_and_no_tool_is_called_twice(theatre: Theatre) -> None:
    answers = (
        turn(MILK),
        error(429, "rate_limit_error", "Slow down.", retry_after="0.3"),
        error(529, "overloaded_error", "Overloaded.", retry_after="0"),
        Answer('{"id": "msg_1", "type": "mess'),
        Answer({"type": "message"}),
        DONE,
    )
    clock = time.monotonic()
    evidence, requests = played(theatre, in_turn(*answers))
    assert (evidence.attempt.outcome, evidence.attempt.retries, evidence.attempt.turns) == ("passed", 4, 2)
    assert len(evidence.calls) == 1 and all(request == requests[1] for request in requests[2:])
    assert time.monotonic() - clock >= 0.3


def test_a_provider_that_wants_more_time_than_there_is_is_no_limit_of_the_agent(theatre: Theatre) -> None:
    busy = error(429, "rate_limit_error", "Slow down.", retry_after="3600")
    evidence, requests = played(theatre, in_turn(busy))
    assert evidence.attempt.outcome == "provider_error" and len(requests) == 1
    assert "Slow down. Another try is due in 3600 s" in evidence.attempt.reason


def test_a_provider_that_stays_busy_is_given_up(theatre: Theatre) -> None:
    evidence, requests = played(theatre, in_turn(error(503, "api_error", "Down.", retry_after="0")))
    assert evidence.attempt.outcome == "provider_error" and len(requests) == 8
    assert (evidence.attempt.retries, evidence.attempt.turns) == (7, 0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (error(401, "authentication_error", "invalid x-api-key"), "Is the key right?"),
        (error(402, "billing_error", "Out of credit."), "Out of credit. Add credit to the account"),
        (error(400, "invalid_request_error", "Your credit balance is too low."), "credit balance is too low"),
        (error(404, "not_found_error", "model: claude-x"), "Is the model's name right?"),
        (error(429, "rate_limit_error", "Monthly limit reached.", x_should_retry="false"), "Monthly limit"),
    ],
)
def test_what_will_be_refused_again_ends_the_run(theatre: Theatre, answer: Answer, words: str) -> None:
    with pytest.raises(UnusableProviderError, match=words.replace("?", r"\?")):
        played(theatre, in_turn(turn(MILK), answer))


def test_a_request_that_is_wrong_is_told(theatre: Theatre) -> None:
    evidence, _ = played(theatre, in_turn(error(400, "invalid_request_error", "tools: too many.")))
    assert (evidence.attempt.outcome, evidence.attempt.reason) == (
        "provider_error",
        "The provider answered 400 (invalid_request_error): tools: too many.",
    )


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_nonsense_is_answered_so_that_it_can_be_mended(theatre: Theatre) -> None:
    wrong = (use("fly", {}, "toolu_1"), use("add_item", {"txt": 3}, "toolu_2"), use("add_item", ["milk"], "toolu_3"))
    script = in_turn(turn(*wrong), turn(use("add_item", {"text": "milk"}, "toolu_4")), DONE)
    evidence, (_, again, *_) = played(theatre, script)
    assert evidence.attempt.outcome == "passed" and evidence.attempt.refused == 2
    told = again["messages"][-1]["content"]
    assert [part["is_error"] for part in told] == [True, True, True]
    assert "There is no tool fly" in told[0]["content"] and "not a JSON object" in told[2]["content"]


def test_an_answer_that_is_cut_off_is_a_limit_and_its_calls_are_not_made(theatre: Theatre) -> None:
    evidence, _ = played(theatre, in_turn(turn(MILK, stop="max_tokens")))
    assert (evidence.attempt.outcome, evidence.attempt.calls) == ("limit", 0)
    assert evidence.attempt.reason == "An answer was cut off after 4096 tokens."


def test_a_refusal_counts_against_the_agent(theatre: Theatre) -> None:
    details: Any = {"type": "refusal", "category": "cyber", "explanation": None}
    evidence, _ = played(theatre, in_turn(turn(stop="refusal", stop_details=details)))
    assert evidence.attempt.outcome == "agent_error"
    assert evidence.attempt.reason.endswith("as a refusal: cyber.")


def test_a_pause_is_gone_on_from(theatre: Theatre) -> None:
    evidence, requests = played(theatre, in_turn(turn(MILK), turn(text("Wait."), stop="pause_turn"), DONE))
    assert evidence.attempt.outcome == "passed" and len(requests) == 3


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(turns=3), "All 3 turns were used."),
        (Limits(tokens=250), "360 tokens were used, of 250."),
        (Limits(cost=0.0015), "$0.0020 were spent, of $0.0015."),
        (Limits(tool_calls=2), "All 2 tool calls were used."),
    ],
)
def test_limits_hold(theatre: Theatre, limits: Limits, words: str) -> None:
    evidence, _ = played(theatre, in_turn(turn(use("list_items", {}))), limits)
    assert (evidence.attempt.outcome, evidence.attempt.reason) == ("limit", words)


def test_without_a_key_the_sentence_says_how_to_set_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UnusableProviderError, match=r"There is no key .*: set ANTHROPIC_API_KEY"):
        find_agent(NAME)
    monkeypatch.setenv("ANTHROPIC_PROFILE", "mine")
    with pytest.raises(UnusableProviderError, match=r"cannot be read: .*set ANTHROPIC_API_KEY"):
        find_agent(NAME)
    with pytest.raises(RunError, match="write 'anthropic:…'"):
        find_agent("anthropic")
