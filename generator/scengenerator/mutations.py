"""Wrong solutions: each operator spoils a right one in the way an agent might."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from generator.scengenerator.playing import is_command
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.scenario import JsonObject, ToolCall
from generator.scengenerator.steps import actors
from generator.skeleton.facts import query_params
from generator.skeleton.model import Entity, Model, Operation, Param
from generator.skeleton.types import (
    DATE,
    DATETIME,
    INTEGER,
    NUMBERS,
    TEXT,
    TIME,
    Enum,
    ListOf,
    MapOf,
    Record,
    Ref,
    Type,
    bare,
)

MOST = 4  # mutants of one operator and step
NEAREST = 3  # other rows that stand in for one
DROPPED = "step dropped"
EXTRA = "extra change elsewhere"


@dataclass(frozen=True)
class Mutant:
    """A spoilt solution, and the operator that spoilt it."""

    operator: str
    calls: list[ToolCall]


class Mutator:
    """Makes mutants of the calls of one solution, from one initial state."""

    def __init__(self, model: Model, start: Any, rng: random.Random, proposer: Proposer) -> None:
        self.model, self.start, self.rng, self.proposer = model, start, rng, proposer

    def mutants(self, calls: list[ToolCall]) -> Iterator[Mutant]:
        """Every operator over every command."""
        commands = [at for at, call in enumerate(calls) if is_command(self.model, call)]
        for at in commands:
            operation = self.model.operations[calls[at].name]
            if len(commands) > 1:
                several = sum(calls[other].name == operation.name for other in commands) > 1
                yield Mutant("part of a set" if several else DROPPED, [*calls[:at], *calls[at + 1 :]])
            makes = any(effect.kind == "create" for effect in operation.effects)
            yield Mutant("creation twice" if makes else "step repeated", [*calls[: at + 1], *calls[at:]])
            for operator, arguments in self._arguments(operation, calls[at].arguments):
                changed = ToolCall(name=operation.name, arguments=arguments)
                yield Mutant(operator, [*calls[:at], changed, *calls[at + 1 :]])
        yield from self.extra(calls)

    def extra(self, calls: list[ToolCall]) -> Iterator[Mutant]:
        """Another command besides, on rows that the task does not speak of."""
        commands = list(self.model.commands)
        self.rng.shuffle(commands)
        after = self.start.copy()
        for call in calls:
            if is_command(self.model, call):
                after.call(call.name, call.arguments)
        made = 0
        for operation in commands:
            arguments = self.proposer.propose(operation, after)
            if arguments is None or not after.copy().call(operation.name, arguments).ok:
                continue
            yield Mutant(EXTRA, [*calls, ToolCall(name=operation.name, arguments=arguments)])
            made += 1
            if made == MOST:
                return

    def silent_queries(self) -> Iterator[ToolCall]:
        """Queries that need no argument: looking around must not cost anything."""
        for entity in self.model.entities.values():
            for query in entity.queries.values():
                if not query_params(self.model, entity, query):
                    yield ToolCall(name=query.name)

    # -- arguments ----------------------------------------------------------------------------------------------------

    def _arguments(self, operation: Operation, arguments: JsonObject) -> Iterator[tuple[str, JsonObject]]:
        """The arguments with one of them spoilt."""
        acting = {param.name for param in actors(operation)}
        owners = {self.model.entities[effect.entity].parent for effect in operation.effects}
        for param in operation.params:
            if param.argument not in arguments:
                continue
            if not param.required:
                rest = {name: value for name, value in arguments.items() if name != param.argument}
                yield "argument left out", rest
            spoilt = chain(
                self._values(param.type, arguments[param.argument]), self._accepted(operation, param, arguments)
            )
            for operator, value in spoilt:
                yield self._named(operator, param, acting, owners), {**arguments, param.argument: value}

    def _accepted(self, operation: Operation, param: Param, arguments: JsonObject) -> Iterator[tuple[str, Any]]:
        """A row that the environment would take as well, however unlike it is."""
        type_, key = bare(param.type), arguments[param.argument]
        if isinstance(type_, Ref):
            near = self._others(self.model.entities[type_.entity], key)
            proposed = self.proposer.propose(operation, self.start) or {}
            other = proposed.get(param.argument, key)
            if other != key and other not in near:
                yield "other row", other

    def _named(self, operator: str, param: Param, acting: set[str], owners: set[str | None]) -> str:
        """Another row may be more than that: another actor, or the wrong owner of what is changed."""
        type_ = bare(param.type)
        if operator != "other row" or not isinstance(type_, Ref):
            return operator
        if param.name in acting:
            return "another actor"
        return "right change on the wrong owner" if type_.entity in owners else operator

    def _values(self, type_: Type, value: Any) -> Iterator[tuple[str, Any]]:
        """Spoilt values, each with its operator."""
        type_ = bare(type_)
        if isinstance(type_, Ref):
            yield from (("other row", key) for key in self._others(self.model.entities[type_.entity], value))
        elif isinstance(type_, Enum):
            yield from (("wrong enum", word) for word in [w for w in type_.words if w != value][:MOST])
        elif isinstance(type_, ListOf):
            yield from self._lists(type_, value)
        elif isinstance(type_, Record):
            for name, item in type_.fields:
                column = self.model.column(name, item)
                if value.get(column) is not None:
                    yield from ((op, {**value, column: other}) for op, other in self._values(item, value[column]))
        elif isinstance(type_, MapOf):
            for word, amount in value.items():
                yield from ((op, {**value, word: other}) for op, other in self._values(type_.value, amount))
        else:
            yield from (("other value", other) for other in neighbours(type_, value))

    def _lists(self, type_: ListOf, value: list[Any]) -> Iterator[tuple[str, Any]]:
        for at in range(min(len(value), MOST)):
            yield "part of a set", [*value[:at], *value[at + 1 :]]
        if isinstance(type_.item, Ref):
            for key in self._others(self.model.entities[type_.item.entity], *value):
                yield "other row", [*value[:-1], key]
        elif isinstance(type_.item, Record) and value:
            yield from ((op, [*value[:-1], other]) for op, other in self._values(type_.item, value[-1]))

    def _others(self, entity: Entity, *keys: str) -> list[str]:
        """Other rows, the nearest distractors first: those that share most with the right one."""
        rows = self.start.state["tables"][entity.plural]
        mine = rows.get(keys[0]) if keys else None
        others = [key for key in rows if key not in keys]
        if mine is not None:
            columns = [item.column for item in entity.stored]
            others.sort(key=lambda key: -sum(_alike(rows[key][column], mine[column]) for column in columns))
        return others[:NEAREST]


def _alike(one: Any, other: Any) -> float:
    if one == other:
        return 1.0
    if isinstance(one, str) and isinstance(other, str):
        return 0.5 if set(one.split()) & set(other.split()) else 0.0
    return 0.0


def neighbours(type_: Type, value: Any) -> list[Any]:
    """Values close to the right one."""
    if type_ in NUMBERS:
        step: float = 1 if type_ == INTEGER else 0.5
        return [value + step, value - step]
    if isinstance(value, bool):
        return [not value]
    if type_ == DATE:
        return [(date.fromisoformat(value) + timedelta(days=days)).isoformat() for days in (1, -7)]
    if type_ == DATETIME:
        return [(datetime.fromisoformat(value) + timedelta(days=1)).isoformat(timespec="seconds")]
    if type_ == TIME:
        hour = (int(value[:2]) + 1) % 24
        return [f"{hour:02}{value[2:]}"]
    if type_ == TEXT:
        return [f"{value} (new)", value[: max(1, len(value) // 2)]]
    return []
