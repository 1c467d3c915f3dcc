"""What the tests of the door to a model share: a key, a small shape, and a model whose words are collected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from generator.llm.asking import Answered
from generator.llm.model import LanguageModel
from generator.llm.requests import Request, Turn
from tests.llm.loopback import Loopback


class Topic(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    useful: int


CLINIC = {"title": "veterinary clinic", "useful": 8}


@dataclass
class Told:
    """A model, and what it told while it worked."""

    model: LanguageModel
    answers: list[Answered] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def told(provider: Loopback, **options: Any) -> Told:
    answers: list[Answered] = []
    notices: list[str] = []
    options = {"name": "claude-opus-5", **options}
    model = LanguageModel(base_url=provider.url, on_answer=answers.append, on_notice=notices.append, **options)
    return Told(model, answers, notices)


def request(words: str = "A vet.", max_tokens: int = 1000) -> Request[Topic]:
    return Request("mine", "You name topics.", (Turn("user", words),), Topic, max_tokens)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
