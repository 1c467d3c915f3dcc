"""Asks the model what builds want to know: one after the other, or many builds side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.errors import BuildingError, ModelError
from generator.llm.model import LanguageModel
from generator.llm.requests import Request
from generator.skelbuilder.building import Build, Built

Outcome = Built | ModelError | BuildingError


def build_one(model: LanguageModel, build: Build) -> Built:
    """One environment.

    Raises:
        ModelError: a question was not answered; what was answered is kept for the next time.
        BuildingError: the build was refused.
    """
    steps = build.steps()
    request = next(steps)
    while True:
        answer = model.ask(request)
        try:
            request = steps.send(answer)
        except StopIteration as end:
            return _built(end)


def build_all(model: LanguageModel, builds: Sequence[Build]) -> list[Outcome]:
    """Many environments: the questions that are open are asked together, so that a batch can hold them.

    What goes wrong with one ends that one only. Raises AccountError when nothing will be answered any more.
    """
    steps = [build.steps() for build in builds]
    outcomes: dict[int, Outcome] = {}
    waiting: dict[int, Request[Any]] = {}

    def go_on(at: int, answer: Any) -> None:
        try:
            waiting[at] = steps[at].send(answer)
        except StopIteration as end:
            outcomes[at] = _built(end)
        except BuildingError as error:
            outcomes[at] = error

    for at in range(len(steps)):
        go_on(at, None)
    while waiting:
        asked, waiting = waiting, {}
        answers = model.ask_all(list(asked.values()))
        for at, answer in zip(asked, answers, strict=True):
            if isinstance(answer, ModelError):
                outcomes[at] = answer
            else:
                go_on(at, answer)
    return [outcomes[at] for at in range(len(steps))]


def _built(end: StopIteration) -> Built:
    assert isinstance(end.value, Built)
    return end.value
