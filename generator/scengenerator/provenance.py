"""Where the values of a solution come from: the words of the task, or an earlier result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.scengenerator.playing import is_command
from generator.scengenerator.scenario import JsonObject, ToolCall, canonical
from generator.scengenerator.words import value_words
from generator.skeleton.facts import escalations, query_params
from generator.skeleton.model import Model, Operation
from generator.skeleton.types import BOOLEAN, Enum, ListOf, MapOf, Record, Ref, Type, bare


def untold(model: Model, task: str, calls: list[ToolCall], results: list[Any]) -> str:
    """The first argument of a command that an agent could not have known, as `tool.argument = value`; or nothing."""
    return next(all_untold(model, task, calls, results), "")


def all_untold(
    model: Model, task: str, calls: list[ToolCall], results: list[Any], *, searches: bool = False
) -> Iterator[str]:
    """Every argument that an agent could not have known when it was needed.

    `searches` looks at those of queries that are operations too, which nobody but their author has looked up.
    """
    said = " " + _plain(task) + " "
    for call, result in zip(calls, results, strict=True):
        for name, type_ in _parameters(model, call, searches):
            value = call.arguments.get(name)
            for part, part_type in _scalars(model, type_, value):
                if isinstance(part_type, Enum) and not is_command(model, call):
                    continue  # a query's words are in its schema: they can be tried
                if not _is_told(model, part, part_type, said):
                    yield f"{call.name}.{name} = {part!r}"
        said += _plain(canonical(result.content)) + " "


def _parameters(model: Model, call: ToolCall, searches: bool) -> list[tuple[str, Type]]:
    if call.name in model.operations:
        operation = model.operations[call.name]
        if not operation.is_command and (not searches or operation in escalations(model)):
            return []  # what is said in a hand-over is the agent's own
        return [(param.argument, param.type) for param in operation.params]
    for entity in model.entities.values():
        if call.name in entity.queries:
            return [(name, type_) for name, type_, _ in query_params(model, entity, entity.queries[call.name])]
    return []


def _scalars(model: Model, type_: Type, value: Any) -> list[tuple[Any, Type]]:
    type_ = bare(type_)
    if value is None or type_ == BOOLEAN:
        return []
    if isinstance(type_, ListOf) and isinstance(value, list):
        return [pair for item in value for pair in _scalars(model, type_.item, item)]
    if isinstance(type_, Record) and isinstance(value, dict):
        members = [(model.column(name, item), item) for name, item in type_.fields]
        return [pair for column, item in members for pair in _scalars(model, item, value.get(column))]
    if isinstance(type_, MapOf) and isinstance(value, dict):
        return [pair for item in value.values() for pair in _scalars(model, type_.value, item)]
    return [(value, type_)]


def _is_told(model: Model, value: Any, type_: Type, said: str) -> bool:
    spellings = {str(value), value_words(model, type_, value)}
    if isinstance(value, float):
        spellings |= {f"{value:g}", f"{value:.2f}", f"{value:,.2f}"}
    return any(_stands(_plain(spelling), said) for spelling in spellings)


def _plain(text: str) -> str:
    """Lower case, one space, `_` as a space, quotes alike."""
    text = text.casefold().replace("_", " ").replace("“", '"').replace("”", '"').replace('\\"', '"')
    return re.sub(r"\s+", " ", text).strip()


def _stands(value: str, said: str) -> bool:
    if not value:
        return True
    return re.search(rf"(?<![\w]){re.escape(value)}(?![\w])", said) is not None


def references(model: Model, operation: Operation, arguments: JsonObject) -> list[tuple[str, str]]:
    """Every row that a call names, also inside lists and records, as (entity, key)."""
    return [
        (part_type.entity, part)
        for param in operation.params
        for part, part_type in _scalars(model, param.type, arguments.get(param.argument))
        if isinstance(part_type, Ref)
    ]
