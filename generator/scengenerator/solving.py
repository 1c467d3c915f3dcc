"""The solution of a proposed task: its calls made in the environment, with the look-ups that are missing put in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.scengenerator.findings import Finding
from generator.scengenerator.lookups import Lookups
from generator.scengenerator.playing import is_command
from generator.scengenerator.provenance import references
from generator.scengenerator.scenario import ToolCall, canonical
from generator.scengenerator.setting import Setting
from generator.scengenerator.showing import call_text
from generator.scengenerator.steps import Plan, Step
from generator.scengenerator.wired import WireCall, WiringError

CALL = "a call cannot be made"
REFUSED = "the solution is refused"


@dataclass
class Solved:
    """`calls` is what an agent does, `plan` the commands that succeeded; `refused` the last call, where it was."""

    plan: Plan
    calls: list[ToolCall] = field(default_factory=list)
    seen: str = ""  # the words of the task and everything that was returned
    last: ToolCall | None = None  # the last command
    refused: Any = None  # the result of the last command, where it was refused
    findings: list[Finding] = field(default_factory=list)


class Solver:
    """Runs proposals over one initial state, which never changes."""

    def __init__(self, setting: Setting, start: Any) -> None:
        self.setting, self.model, self.start = setting, setting.model, start
        self.lookups = Lookups(setting.model)

    def solved(self, task: str, calls: Sequence[WireCall], *, declined: bool = False) -> Solved:
        """Makes the calls in order. Of what is `declined` the last command may be refused."""
        solved = Solved(Plan(self.start), seen=task)
        results: list[Any] = []
        environment = self.start.copy()
        for number, wired in enumerate(calls, start=1):
            try:
                call = self.setting.board.call(wired, results)
            except WiringError as error:
                solved.findings.append(Finding(CALL, f"call {number}: {error}"))
                results.append(None)
                continue
            if is_command(self.model, call):
                self._look_up(solved, environment, call, task)
                result = self._commanded(solved, environment, call)
            else:
                result = environment.call(call.name, call.arguments)
            results.append(result)
            solved.seen += " " + canonical(result.content)
            if result.ok or (declined and number == len(calls) and is_command(self.model, call)):
                solved.calls.append(call)
                solved.refused = None if result.ok else result
            else:
                words = f"call {number}, {call_text(call)}, is refused: {result.content['message']}"
                solved.findings.append(Finding(REFUSED, words))
        return solved

    def _commanded(self, solved: Solved, environment: Any, call: ToolCall) -> Any:
        operation = self.model.operations[call.name]
        before = environment.copy()
        result = environment.call(call.name, call.arguments)
        solved.last = call
        if result.ok:
            step = Step(operation, call.arguments, before, environment.copy(), result.content)
            solved.plan.steps.append(step)
        return result

    def _look_up(self, solved: Solved, environment: Any, call: ToolCall, task: str) -> None:
        """Puts in the queries that show the ids which a command needs and nothing has shown so far."""
        operation = self.model.operations[call.name]
        for entity_name, key in references(self.model, operation, call.arguments):
            entity = self.model.entities[entity_name]
            known = isinstance(key, str) and key in environment.state["tables"][entity.plural]
            if not known or f'"{key}"' in solved.seen:
                continue  # what is no row is refused
            found = self.lookups.find(environment, entity, key, task)
            if found is None:
                continue  # what is not told anywhere is found by the provenance of values
            for query in found:
                solved.seen += " " + canonical(environment.call(query.name, query.arguments).content)
                solved.calls.append(query)
