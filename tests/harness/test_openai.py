"""The adapter for chat completions: the real client and a real server, with a scripted provider on the loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import environment_record, run_document, scenario
from models import Answer, Json, Script, call, completion, openai
from theatre import Theatre, open_theatre

from harness.agents.agent import Limits
from harness.agents.registry import AgentOptions, find_agent
from harness.errors import UnusableProviderError
from harness.records import Evidence
from harness.store import Run


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        monkeypatch.delenv(name)


def played(theatre: Theatre, script: Script, limits: Limits | None = None) -> tuple[Evidence, list[Json]]:
    with openai(script).running() as provider:
        evidence = theatre.attempt("openai:m", limits, options=AgentOptions(base_url=provider.url))
    assert provider.problems == []
    return evidence, provider.requests


def in_turn(*answers: Answer) -> Script:
    return lambda _, number: answers[min(number, len(answers) - 1)]


def refused(status: int, code: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"error": {"message": f"It is {code}.", "type": "t", "code": code}}, status, named)


MILK_ARGUMENTS = ("add_item", {"text": "milk"})
MILK = call(*MILK_ARGUMENTS)
DONE = completion("Done.")


def test_it_calls_tools_side_by_side_and_answers(theatre: Theatre) -> None:
    thoughts: Any = {"reasoning_content": "Milk, then look."}
    first = completion("One moment.", MILK, call("list_items", {}, "call_2"), message=thoughts)
    evidence, (asked, again) = played(theatre, in_turn(first, DONE))
    assert (evidence.attempt.outcome, evidence.answer) == ("passed", "Done.")
    assert asked["messages"][0] == {"role": "system", "content": "A to-do list."}
    assert asked["tools"][0]["function"]["parameters"]["required"] == ["text"]
    assert [message["role"] for message in again["messages"]] == ["system", "user", "assistant", "tool", "tool"]
    assert again["messages"][2]["reasoning_content"] == "Milk, then look."
    assert evidence.messages[2].thinking == "Milk, then look."
    made = evidence.attempt
    assert (made.turns, made.input_tokens, made.output_tokens, made.cached_tokens) == (2, 200, 40, None)
    assert made.cost is None


def test_half_characters_and_endless_nesting_are_kept_as_far_as_files_can(theatre: Theatre, tmp_path: Path) -> None:
    nested = '{"deep": ' + "[" * 300 + "]" * 300 + "}"
    calls = [
        call("add_item", '{"text": "\\ud83d"}'),
        call("add_item", nested, "call_2"),
        call(*MILK_ARGUMENTS, "call_3"),
    ]
    evidence, (_, again) = played(theatre, in_turn(completion("Milk \ud83d", *calls), DONE))
    assert evidence.attempt.outcome == "passed"
    assert [message["content"] for message in again["messages"]][2] == "Milk \ufffd"
    assert "nested too deeply" in again["messages"][4]["content"]
    assert [one.arguments.get("text") for one in evidence.calls] == ["\ufffd", None, "milk"]
    run = Run.create(tmp_path / "r", run_document(1), [environment_record()], {}, [scenario()])
    run.record(evidence)
    assert run.evidence(evidence.attempt.key) == evidence


def test_what_a_gateway_tells_is_kept_and_what_it_does_not_is_unknown(theatre: Theatre) -> None:
    told = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, "cost": 0.25}
    told["prompt_tokens_details"] = {"cached_tokens": 4}
    evidence, _ = played(theatre, in_turn(completion("Done.", usage=told)))
    assert (evidence.attempt.cost, evidence.attempt.cached_tokens) == (0.25, 4)
    evidence, _ = played(theatre, in_turn(completion("Done.", usage=None)))
    assert (evidence.attempt.turns, evidence.attempt.input_tokens, evidence.attempt.cost) == (1, None, None)


def test_a_busy_provider_is_asked_again(theatre: Theatre) -> None:
    busy = refused(429, "rate_limit_exceeded", retry_after="0")
    torn = Answer('{"id": "c1", "choi')
    empty = completion("", choices=[])
    evidence, requests = played(theatre, in_turn(completion(None, MILK), busy, torn, empty, DONE))
    assert (evidence.attempt.outcome, evidence.attempt.retries) == ("passed", 3)
    assert len(evidence.calls) == 1 and all(request == requests[1] for request in requests[2:])


@pytest.mark.parametrize(
    ("status", "code"), [(429, "insufficient_quota"), (401, "invalid_api_key"), (404, "model_not_found")]
)
def test_what_will_be_refused_again_ends_the_run(theatre: Theatre, status: int, code: str) -> None:
    with pytest.raises(UnusableProviderError, match=code):
        played(theatre, in_turn(refused(status, code)))


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (completion(None, MILK, stop="length"), "limit", "cut off"),
        (refused(400, "context_length_exceeded"), "limit", "no longer fits"),
        (completion("", stop="content_filter"), "agent_error", "content filter"),
        (completion(None, message={"refusal": "I would rather not."}), "agent_error", "I would rather not."),
        (refused(400, "bad_request"), "provider_error", "answered 400"),
    ],
)
def test_ends_that_are_none_of_the_models_own(theatre: Theatre, answer: Answer, outcome: str, words: str) -> None:
    evidence, _ = played(theatre, in_turn(answer))
    assert (evidence.attempt.outcome, evidence.attempt.calls) == (outcome, 0)
    assert words in evidence.attempt.reason


def test_nonsense_is_answered_so_that_it_can_be_mended(theatre: Theatre) -> None:
    wrong = (call("fly", {}), call("add_item", '{"text": "mi', "call_2"), call("add_item", "[1]", "call_3"))
    unnamed = {**MILK, "id": None}
    evidence, requests = played(theatre, in_turn(completion(None, *wrong), completion(None, unnamed), DONE))
    assert (evidence.attempt.outcome, evidence.attempt.refused) == ("passed", 1)
    told = [message["content"] for message in requests[1]["messages"][3:]]
    assert "There is no tool fly" in told[0] and all("not a JSON object" in words for words in told[1:])


def test_limits_hold_or_are_said_not_to(theatre: Theatre) -> None:
    busy = in_turn(completion(None, call("list_items", {})))
    evidence, _ = played(theatre, busy, Limits(tokens=200))
    assert (evidence.attempt.outcome, evidence.attempt.reason) == ("limit", "240 tokens were used, of 200.")
    with pytest.raises(UnusableProviderError, match="What this model costs is not known"):
        played(theatre, busy, Limits(cost=1))
    with pytest.raises(UnusableProviderError, match="tells no tokens"):
        played(theatre, in_turn(completion("Done.", usage=None)), Limits(tokens=1))


def test_a_key_is_wanted_unless_another_server_is_named() -> None:
    with pytest.raises(UnusableProviderError, match=r"set OPENAI_API_KEY.*--base-url"):
        find_agent("openai:m")
    find_agent("openai:m", AgentOptions(base_url="http://127.0.0.1:9"))
