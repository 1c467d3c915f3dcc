"""What the tests of the door to a model share: a key, a small shape, and a model whose words are collected."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
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


@contextlib.contextmanager
def ctrl_c(when: Callable[[], object]) -> Iterator[None]:
    """Ctrl-C ends what is done within, pressed when `when` returns; again where a finalizer swallowed it."""
    heard = threading.Event()

    def press() -> None:
        when()
        while not heard.is_set():
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            heard.wait(5)

    presser = threading.Thread(target=press)
    presser.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        heard.set()
        presser.join()


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
