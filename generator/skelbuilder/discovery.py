"""Which ids an agent can find: from queries that need no id to those that lead on from what was found.

Natural keys count as known, since they are what a person would name a thing by.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.skeleton.facts import query_params
from generator.skeleton.model import Entity, Model, Operation, Query
from generator.skeleton.types import ListOf, MapOf, Maybe, Record, Ref, Type, bare


def entities_in(type_: Type) -> Iterator[str]:
    """The entities whose ids a value of the type holds."""
    match type_:
        case Ref():
            yield type_.entity
        case Maybe() | ListOf():
            yield from entities_in(type_.item)
        case MapOf():
            yield from entities_in(type_.value)
        case Record():
            for _, item in type_.fields:
                yield from entities_in(item)


def findable(model: Model) -> set[str]:
    """The entities whose ids can be found."""
    found = {entity.name for entity in model.entities.values() if entity.key in ("given", "one")}
    while True:
        more = set(found)
        for needs, gives in _sources(model):
            if needs <= found:
                more |= gives
        if more == found:
            return found
        found = more


def unfindable(model: Model) -> list[tuple[Operation, str, str]]:
    """Commands that need an id nobody can find: the operation, its argument, the entity."""
    known = findable(model)
    return [
        (operation, param.argument, entity)
        for operation in model.commands
        for param in operation.params
        for entity in entities_in(param.type)
        if entity not in known
    ]


def _sources(model: Model) -> Iterator[tuple[set[str], set[str]]]:
    """Of each query: the entities whose ids it needs, and those whose ids it shows."""
    for entity in model.entities.values():
        for query in entity.queries.values():
            yield _of_query(model, entity, query)
    for operation in model.operations.values():
        if not operation.is_command:
            needs = {name for param in operation.params if param.required for name in entities_in(param.type)}
            yield needs, _of_result(model, operation)


def _of_query(model: Model, entity: Entity, query: Query) -> tuple[set[str], set[str]]:
    params = query_params(model, entity, query)
    if query.doc.kind == "exists":
        return {entity.name}, set()
    needs = {name for _, type_, _ in params for name in entities_in(type_)}
    if query.doc.fields is None:
        return needs, _view(model, entity)
    shown: set[str] = set()
    for name in query.doc.fields:
        if name in entity.owned:
            shown |= _view(model, model.entities[entity.owned[name]])
        else:
            shown |= set(entities_in(entity.fields[name].type))
    return needs, shown


def _of_result(model: Model, operation: Operation) -> set[str]:
    returns = operation.returns
    if returns is None:
        return set()
    if isinstance(returns, dict):
        return {name for node in returns.values() for name in entities_in(node.type)}
    inner = bare(returns.type)
    row = bare(inner.item) if isinstance(inner, ListOf) else inner
    if isinstance(row, Ref):
        return _view(model, model.entities[row.entity])
    return set(entities_in(returns.type)) | _keys(model, row)


def _keys(model: Model, type_: Type) -> set[str]:
    """Records may hold an id as a text, under the name that rows give it."""
    if isinstance(type_, ListOf):
        return _keys(model, bare(type_.item))
    names = {name for name, _ in type_.fields} if isinstance(type_, Record) else set()
    return {entity.name for entity in model.entities.values() if entity.key_column in names}


def _view(model: Model, entity: Entity) -> set[str]:
    """The entities whose ids a row shows: its own, those it refers to, and those of the rows it owns."""
    shown = {entity.name}
    for item in entity.fields.values():
        shown |= set(entities_in(item.type))
    for child in entity.owned.values():
        shown |= _view(model, model.entities[child])
    return shown
