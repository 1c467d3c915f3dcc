"""Runs tool calls from one state; what begins as the solution does goes on from where the solution was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.scengenerator.scenario import ToolCall
from generator.skeleton.model import Model


@dataclass(frozen=True)
class Played:
    """Tool calls, run: the environment they left, those that succeeded, and what all of them answered."""

    environment: Any
    succeeded: list[ToolCall]
    results: list[Any]

    @property
    def refused(self) -> int:
        return len(self.results) - len(self.succeeded)

    @property
    def first_refusal(self) -> str:
        """What the first refused call was told."""
        return next((str(result.content["message"]) for result in self.results if not result.ok), "")


class Player:
    """Plays calls from `start`, which never changes."""

    def __init__(self, model: Model, start: Any, solution: Sequence[ToolCall]) -> None:
        self.model, self.start = model, start
        self._calls = list(solution)
        self._marks: list[tuple[int, Any]] = [(0, start)]  # where the solution was after so many of its calls
        self.solution = self._played(start.copy(), self._calls, [], [], mark=True)

    def play(self, calls: Sequence[ToolCall]) -> Played:
        """The run of any calls; each starts anew."""
        same = 0
        for mine, other in zip(self._calls, calls, strict=False):
            if mine is not other:
                break
            same += 1
        at, environment = next(mark for mark in reversed(self._marks) if mark[0] <= same)
        results = self.solution.results[:at]
        succeeded = [call for call, result in zip(calls, results, strict=False) if result.ok]
        return self._played(environment.copy(), calls[at:], succeeded, results)

    def _played(
        self,
        environment: Any,
        calls: Sequence[ToolCall],
        succeeded: list[ToolCall],
        results: list[Any],
        *,
        mark: bool = False,
    ) -> Played:
        for call in calls:
            result = environment.call(call.name, call.arguments)
            results.append(result)
            if result.ok:
                succeeded.append(call)
            if mark and result.ok and is_command(self.model, call):
                self._marks.append((len(results), environment.copy()))
        return Played(environment, succeeded, results)


def is_command(model: Model, call: ToolCall) -> bool:
    operation = model.operations.get(call.name)
    return operation is not None and operation.is_command
