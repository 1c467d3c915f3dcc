"""Asks the model what builds want to know: one after the other, or many builds side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.errors import EnvwrightError, ModelError, NotAskedError
from generator.llm.dry_run import DryRun
from generator.llm.model import LanguageModel
from generator.llm.requests import Request
from generator.skelbuilder import drafting, judging, repairing, testing
from generator.skelbuilder.building import CALLS, Build, Built

_FOLLOWING = {  # tokens of a question, as measured on environments of the usual size, and the most of its answer
    "skeleton": (15_000, drafting.MAX_TOKENS),
    "repair": (25_000, repairing.MAX_TOKENS),
    "tester": (8_000, testing.MAX_TOKENS),
    "checker": (16_000, judging.MAX_TOKENS),
}
Outcome = Built | EnvwrightError


def build_one(model: LanguageModel, build: Build) -> Built:
    """One environment.

    Raises:
        ModelError: a question was not answered; what was answered is kept for the next time.
        BuildingError, SamplingError: the build was refused, or has no state to be tested on.
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

    What goes wrong with one ends that one only. Raises ModelError when nothing will be answered any more.
    """
    steps = [build.steps() for build in builds]
    outcomes: dict[int, Outcome] = {}
    waiting: dict[int, Request[Any]] = {}

    def go_on(at: int, answer: Any) -> None:
        try:
            waiting[at] = steps[at].send(answer)
        except StopIteration as end:
            outcomes[at] = _built(end)
        except EnvwrightError as error:  # its name is taken, no state to test it on: whatever can be said of it
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


def foresee(model: DryRun, builds: Sequence[Build]) -> list[tuple[Build, EnvwrightError]]:
    """Builds as far as kept answers lead, and tells a dry run what may follow, at most; returns what was refused."""
    refused: list[tuple[Build, EnvwrightError]] = []
    for build, outcome in zip(builds, build_all(model, builds), strict=True):
        if not isinstance(outcome, NotAskedError):
            refused += [(build, outcome)] if isinstance(outcome, EnvwrightError) else []
            continue
        asked = build.stages[-1] if build.stages else ""
        left = CALLS - len(build.stages)
        following = [stage for stage in _FOLLOWING if stage not in build.stages]
        repairs = left - len(following) + ("repair" in following)
        for stage in following:
            calls = repairs if stage == "repair" else 1
            if asked != stage and calls > 0:
                model.foresee(stage, calls, *_FOLLOWING[stage])
    return refused


def _built(end: StopIteration) -> Built:
    assert isinstance(end.value, Built)
    return end.value
