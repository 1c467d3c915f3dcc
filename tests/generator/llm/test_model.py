"""Asking a model: the real client, a provider on the loopback, and answers that are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from generator.llm.answers import AnswerStore
from generator.llm.model import Answered, LanguageModel
from generator.llm.requests import Request, Turn
from tests.llm.loopback import Asked, Failed, Loopback, Said


class Topic(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    useful: int


def request(words: str = "A vet.", stage: str = "mine") -> Request[Topic]:
    return Request(stage, "You name topics.", (Turn("user", words),), Topic, 1000)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")


def vet(asked: Asked) -> Said:
    return Said({"title": "veterinary clinic", "useful": 8}, usage={"input_tokens": 1000, "output_tokens": 100})


def test_an_answer_comes_in_its_shape_with_what_it_took() -> None:
    told: list[Answered] = []
    with Loopback(vet).running() as provider:
        model = LanguageModel("claude-opus-5", base_url=provider.url, on_answer=told.append)
        answer = model.ask(request())
    assert answer == Topic(title="veterinary clinic", useful=8)
    assert (model.spending.calls, model.spending.input_tokens, model.spending.output_tokens) == (1, 1000, 100)
    assert model.spending.usd == pytest.approx(1000 * 5e-6 + 100 * 25e-6)
    assert [one.stage for one in told] == ["mine"]
    assert provider.asked[0].stage == "mine"
    assert provider.asked[0].body["output_config"]["format"]["schema"]["required"] == ["title", "useful"]


def test_a_second_job_pays_for_no_answer_twice(tmp_path: Path) -> None:
    with Loopback(vet).running() as provider:
        for _ in range(2):
            model = LanguageModel("claude-opus-5", base_url=provider.url, answers=AnswerStore(tmp_path))
            model.ask(request())
    assert len(provider.asked) == 1
    assert (model.spending.calls, model.spending.stored, model.spending.usd) == (0, 1, 0.0)
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text())["answer"] == {"title": "veterinary clinic", "useful": 8}


def test_several_at_once_come_in_their_order() -> None:
    def numbered(asked: Asked) -> Said | Failed:
        words = asked.body["messages"][0]["content"]
        return Said({"title": words, "useful": 1})

    with Loopback(numbered).running() as provider:
        model = LanguageModel("claude-opus-5", base_url=provider.url)
        answers = model.ask_all([request(f"T{number}") for number in range(9)])
    assert [answer.title for answer in answers if isinstance(answer, Topic)] == [f"T{number}" for number in range(9)]
