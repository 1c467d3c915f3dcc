"""Steps of plans, and what they speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from generator.scengenerator.scenario import JsonObject, ToolCall
from generator.skeleton.model import Operation, Param
from generator.skeleton.nodes import Var, walk
from generator.skeleton.types import Ref, bare

Place = tuple[str, str]  # (entity, key)


@dataclass(frozen=True)
class Step:
    """One command of a plan, with the environment just before it and just after it."""

    operation: Operation
    arguments: JsonObject
    before: Any
    after: Any
    content: JsonObject

    @property
    def call(self) -> ToolCall:
        return ToolCall(name=self.operation.name, arguments=self.arguments)

    @property
    def places(self) -> list[Place]:
        """The rows that it names."""
        return places(self.operation, self.arguments)


@dataclass
class Plan:
    """Commands that succeed in order from `start`; with an `obstacle`, the second is refused without the first."""

    start: Any
    steps: list[Step] = field(default_factory=list)
    obstacle: bool = False
    refusal: str = ""  # of a plan that cannot or must not be done: why
    telling: frozenset[str] = frozenset()  # `entity.field`s that the refusal depends on, not to be spoken of

    @property
    def end(self) -> Any:
        return self.steps[-1].after if self.steps else self.start

    @property
    def calls(self) -> list[ToolCall]:
        return [step.call for step in self.steps]


def places(command: Operation, arguments: JsonObject) -> list[Place]:
    """The rows that a call names."""
    found: list[Place] = []
    for param in command.params:
        type_ = bare(param.type)
        if isinstance(type_, Ref) and arguments.get(param.argument) is not None:
            found.append((type_.entity, arguments[param.argument]))
    return found


def actors(operation: Operation) -> list[Param]:
    """Parameters that only guards read: who acts."""
    found: list[Param] = []
    written: set[str] = set()
    for effect in operation.effects:
        for node in (effect.target, effect.items, effect.when, *(assign.node for assign in effect.assigns)):
            written |= {part.name for part in walk(node) if isinstance(part, Var)} if node is not None else set()
        if effect.each is not None:
            written |= {part.name for part in walk(effect.each[1]) if isinstance(part, Var)}
    for name, let in operation.lets.items():
        if name in written and let.node is not None:
            written |= {part.name for part in walk(let.node) if isinstance(part, Var)}
    for param in operation.params:
        if isinstance(bare(param.type), Ref) and param.name not in written:
            found.append(param)
    return found
