"""Which queries an agent needs to find the id of a row that it was only told about in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.scengenerator.scenario import ToolCall
from generator.scengenerator.snapshot import derived
from generator.skeleton.facts import query_params
from generator.skeleton.model import Entity, Model, Operation, Query
from generator.skeleton.nodes import Node
from generator.skeleton.types import BOOLEAN, Enum, ListOf, Ref, Type, bare

MAX_DEPTH = 4  # queries one after the other
Row = dict[str, Any]


class Lookups:
    """Finds the shortest chains of queries, given what a task says."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def find(self, environment: Any, entity: Entity, key: str, said: str) -> list[ToolCall] | None:
        """The calls after which the key of a row is known, or None where no query shows it.

        `said` is the text of the task: a value counts as known when it stands there.
        """
        return self._find(environment, entity, key, said.casefold(), MAX_DEPTH)

    def show(self, environment: Any, entity: Entity, key: str, said: str) -> list[ToolCall] | None:
        """The calls after which all of a row has been seen, or None where no query shows it."""
        calls = self.find(environment, entity, key, said)
        if calls is None or (calls and self._lists_whole(calls[-1].name, entity)):
            return calls
        if calls and any(
            _returns_rows_of(self.model.operations[c.name], entity)
            for c in calls[-1:]
            if c.name in self.model.operations
        ):
            return calls
        for query in entity.queries.values():
            if query.doc.kind == "get" and query.doc.fields is None and entity.key_column:
                return [*calls, ToolCall(name=query.name, arguments={entity.key_column: key})]
        for query in entity.queries.values():
            if query.doc.kind == "all":
                return [*calls, ToolCall(name=query.name)]
        return calls

    def _find(self, environment: Any, entity: Entity, key: str, said: str, depth: int) -> list[ToolCall] | None:
        if entity.key in ("counted", "given") and _stands_in(key, said):
            return []
        if depth == 0:
            return None
        row = getattr(environment, entity.plural)[key]
        best: list[ToolCall] | None = None
        for calls in self._ways(environment, entity, row, said, depth):
            if calls is not None and (best is None or len(calls) < len(best)):
                best = calls
        return best

    def _ways(
        self, environment: Any, entity: Entity, row: Row, said: str, depth: int
    ) -> Iterable[list[ToolCall] | None]:
        for query in entity.queries.values():
            if query.doc.fields is None and query.doc.kind in ("find", "by", "all"):
                yield self._by_query(environment, entity, query, row, said, depth)
        for operation in self.model.operations.values():
            if not operation.is_command and _returns_rows_of(operation, entity):
                yield self._by_operation(environment, entity, operation, row, said, depth)
        if entity.parent is not None:
            yield self._by_parent(environment, entity, row, said, depth)

    def _by_query(
        self, environment: Any, entity: Entity, query: Query, row: Row, said: str, depth: int
    ) -> list[ToolCall] | None:
        before: list[ToolCall] = []
        arguments: Row = {}
        if query.where is not None and not self._shows(environment, entity, query, row):
            return None
        for name, type_, item in query_params(self.model, entity, query):
            assert item is not None
            value = row[item.column] if item.stored else derived(environment, entity.name, row, item.name)
            if isinstance(bare(item.type), ListOf):
                value = next((part for part in value or [] if _stands_in(str(part), said)), None)
            if value is None:
                return None
            if isinstance(type_, Ref):
                found = self._find(environment, self.model.entities[type_.entity], value, said, depth - 1)
                if found is None:
                    return None
                before += found
            elif not (isinstance(type_, Enum) or type_ == BOOLEAN or _is_told(value, said)):
                return None  # the words of an enum are in the tool's schema, so they can be tried
            arguments[name] = value
        return [*before, ToolCall(name=query.name, arguments=arguments)]

    def _shows(self, environment: Any, entity: Entity, query: Query, row: Row) -> bool:
        """Whether a query with a condition of its own lists the row."""
        arguments: Row = {}
        for name, _, item in query_params(self.model, entity, query):
            if item is None or not item.stored:
                return False
            arguments[name] = row[item.column]
        result = environment.call(query.name, arguments)
        rows = result.content.get(entity.plural, [result.content]) if result.ok else []
        return any(all(shown.get(column) == row[column] for column in row) for shown in rows)

    def _by_operation(
        self, environment: Any, entity: Entity, operation: Operation, row: Row, said: str, depth: int
    ) -> list[ToolCall] | None:
        """A query of its own making, such as a search: texts are what the task says of the row."""
        before: list[ToolCall] = []
        arguments: Row = {}
        for param in operation.params:
            if not param.required:
                continue
            type_ = bare(param.type)
            if isinstance(type_, Ref):
                owner = self.model.entities[type_.entity]
                ways = [
                    (key, found)
                    for key in self._around(environment, entity, row, type_.entity)
                    if (found := self._find(environment, owner, key, said, depth - 1)) is not None
                ]
                if not ways:
                    return None
                key, found = min(ways, key=lambda way: len(way[1]))
                before += found
                arguments[param.argument] = key
            else:
                value = self._told(environment, entity, row, type_, said)
                if value is None:
                    return None
                arguments[param.argument] = value
        call = ToolCall(name=operation.name, arguments=arguments)
        return [*before, call] if self._is_in(environment, entity, call, row) else None

    def _around(self, environment: Any, entity: Entity, row: Row, wanted: str) -> list[str]:
        """The keys of rows of an entity that a row leads to, directly or over others."""
        found: list[str] = []
        here: list[tuple[Entity, Row]] = [(entity, row)]
        for _ in range(3):
            further: list[tuple[Entity, Row]] = []
            for owner, content in here:
                for item in owner.stored:
                    type_, key = bare(item.type), content[item.column]
                    if not isinstance(type_, Ref) or key is None:
                        continue
                    if type_.entity == wanted:
                        found.append(key)
                    target = self.model.entities[type_.entity]
                    further.append((target, getattr(environment, target.plural)[key]))
            here = further
        return found

    def _told(self, environment: Any, entity: Entity, row: Row, type_: Type, said: str) -> Any:
        """A value of the row that the task names; its label first."""
        items = sorted(entity.fields.values(), key=lambda item: item.name != entity.doc.label)
        for item in items:
            if bare(item.type) != type_:
                continue
            value = row[item.column] if item.stored else derived(environment, entity.name, row, item.name)
            if value is not None and _is_told(value, said):
                return value
        return None

    @staticmethod
    def _is_in(environment: Any, entity: Entity, call: ToolCall, row: Row) -> bool:
        result = environment.call(call.name, call.arguments)
        shown = result.content.get(entity.plural, [result.content]) if result.ok else []
        key = entity.key_column or ""
        return any(item.get(key) == row.get(key) for item in shown)

    def _by_parent(self, environment: Any, entity: Entity, row: Row, said: str, depth: int) -> list[ToolCall] | None:
        assert entity.parent is not None
        parent = self.model.entities[entity.parent]
        parent_key = row[entity.fields[parent.name].column]
        found = self._find(environment, parent, parent_key, said, depth - 1)
        if found is None:
            return None
        if any(self._lists_whole(call.name, parent) for call in found[-1:]):
            return found
        for query in parent.queries.values():
            fields = query.doc.fields
            if query.doc.kind == "get" and (fields is None or entity.parent_list in fields):
                return [*found, ToolCall(name=query.name, arguments={parent.key_column or "": parent_key})]
        return None

    @staticmethod
    def _lists_whole(tool: str, entity: Entity) -> bool:
        return tool in entity.queries and entity.queries[tool].doc.fields is None


def _returns_rows_of(operation: Operation, entity: Entity) -> bool:
    returns = operation.returns
    if not isinstance(returns, Node) or entity.key_column is None:
        return False
    type_ = returns.type.item if isinstance(returns.type, ListOf) else returns.type
    return bare(type_) == Ref(entity.name)


def _is_told(value: Any, said: str) -> bool:
    return _stands_in(str(value).replace("_", " "), said) or _stands_in(str(value), said)


def _stands_in(value: str, said: str) -> bool:
    """Whether a value stands in a text as words of its own."""
    value = value.casefold()
    at = said.find(value)
    while value and at >= 0:
        before, after = said[at - 1 : at], said[at + len(value) : at + len(value) + 1]
        if not (before.isalnum() or before == "-") and not (after.isalnum() or after == "-"):
            return True
        at = said.find(value, at + 1)
    return False
