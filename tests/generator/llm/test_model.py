"""Asking a model: the real client, a provider on the loopback, and answers that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.llm.answers import AnswerStore
from generator.llm.requests import Request, Turn
from generator.rendering import find_environment
from generator.skeleton.reading import read_skeleton
from generator.skeleton.wire import WireSkeleton, from_wire, to_wire
from tests.generator.llm.conftest import CLINIC, Topic, request, told
from tests.llm.loopback import Asked, Loopback, Said

USED = {"input_tokens": 1000, "output_tokens": 100}


def vet(asked: Asked) -> Said:
    return Said(CLINIC, usage=USED)


def echo(asked: Asked) -> Said:
    return Said({"title": asked.body["messages"][0]["content"], "useful": 1})


def test_an_answer_comes_in_its_shape_with_what_it_took() -> None:
    with Loopback(vet).running() as provider:
        asking = told(provider)
        answer = asking.model.ask(request())
    assert answer == Topic(title="veterinary clinic", useful=8)
    assert str(asking.model.spending) == "1 call, 1,000 tokens in, 100 out, $0.0075"
    assert [(one.stage, one.stored, one.usd) for one in asking.answers] == [("mine", False, pytest.approx(0.0075))]
    assert provider.problems == []


def test_the_request_is_what_messages_parse_would_send_with_the_stable_part_cached() -> None:
    with Loopback(vet).running() as provider:
        told(provider).model.ask(request())
    asked = provider.asked[0]
    assert asked.stage == "mine"
    assert asked.body["system"] == [
        {"type": "text", "text": "You name topics.", "cache_control": {"type": "ephemeral"}}
    ]
    assert asked.body["thinking"] == {"type": "adaptive"}
    assert asked.body["output_config"]["format"] == {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {"title": {"type": "string"}, "useful": {"type": "integer"}},
            "required": ["title", "useful"],
            "additionalProperties": False,
        },
    }


def test_a_conversation_that_goes_on_is_cached_to_its_end() -> None:
    turns = (Turn("user", "A vet."), Turn("assistant", "{}"), Turn("user", "No."))
    with Loopback(vet).running() as provider:
        told(provider).model.ask(Request("mine", "You name topics.", turns, Topic))
    said = [message["content"] for message in provider.asked[0].body["messages"]]
    assert said == ["A vet.", "{}", [{"type": "text", "text": "No.", "cache_control": {"type": "ephemeral"}}]]


def test_cached_tokens_are_counted_and_cost_less() -> None:
    used = {"input_tokens": 10, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 100, "output_tokens": 1}
    with Loopback(lambda _: Said(CLINIC, usage=used)).running() as provider:
        asking = told(provider)
        asking.model.ask(request())
    spent = asking.model.spending
    assert (spent.input_tokens, spent.cached_tokens, spent.output_tokens) == (1010, 900, 1)
    assert spent.usd == pytest.approx((10 * 5 + 100 * 5 * 1.25 + 900 * 0.5 + 25) / 1e6)


def test_a_second_job_pays_for_no_answer_twice(tmp_path: Path) -> None:
    with Loopback(vet).running() as provider:
        told(provider, answers=AnswerStore(tmp_path)).model.ask(request())
        again = told(provider, answers=AnswerStore(tmp_path))
        assert again.model.ask(request()).useful == 8
    assert len(provider.asked) == 1
    assert str(again.model.spending) == "0 calls, 1 from the store, 0 tokens in, 0 out, $0.0000"


def test_kept_answers_need_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(vet).running() as provider:
        told(provider, answers=AnswerStore(tmp_path)).model.ask(request())
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        assert told(provider, answers=AnswerStore(tmp_path)).model.ask(request()).useful == 8


@pytest.mark.parametrize("changed", [{"name": "claude-sonnet-5"}, {"words": "A dentist."}, {"max_tokens": 2000}])
def test_another_request_is_another_answer(tmp_path: Path, changed: dict[str, Any]) -> None:
    name = changed.pop("name", "claude-opus-5")
    with Loopback(vet).running() as provider:
        told(provider, answers=AnswerStore(tmp_path)).model.ask(request())
        told(provider, answers=AnswerStore(tmp_path), name=name).model.ask(request(**changed))
    assert len(provider.asked) == 2


def test_several_at_once_come_in_their_order_and_the_same_one_is_asked_once() -> None:
    words = [f"T{number}" for number in range(9)] + ["T3"]
    with Loopback(echo).running() as provider:
        answers = told(provider).model.ask_all([request(each) for each in words])
    assert [answer.title for answer in answers if isinstance(answer, Topic)] == words
    assert len(provider.asked) == 9


def test_where_the_provider_tells_nothing_of_the_model_it_is_asked_plainly() -> None:
    with Loopback(vet, tells=False).running() as provider:
        told(provider).model.ask(request())
    assert "thinking" not in provider.asked[0].body


def test_a_model_without_structured_outputs_gets_the_schema_in_words() -> None:
    with Loopback(
        lambda _: Said('Here it is:\n```json\n{"title": "x", "useful": 1}\n```'), holds=False
    ).running() as it:
        assert told(it).model.ask(request()).title == "x"
    assert "output_config" not in it.asked[0].body
    assert '"useful"' in it.asked[0].body["system"][0]["text"]
    assert it.problems == []


@pytest.mark.parametrize("grammar", [None, 50], ids=["held to its shape", "too large to be held"])
def test_a_whole_skeleton_comes_through(grammar: int | None) -> None:
    document = read_skeleton(find_environment("credit_union") / "skeleton.yaml")
    said = Said(to_wire(document).model_dump_json(indent=1), thinking="Members, accounts, loans.")
    asked = Request("skeleton", "You write skeletons.", (Turn("user", "A credit union."),), WireSkeleton, 48_000)
    with Loopback(lambda _: said, grammar=grammar).running() as provider:
        answer = told(provider).model.ask(asked)
    assert from_wire(answer) == document
    assert len(provider.problems) == (1 if grammar else 0)
