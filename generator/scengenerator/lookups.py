"""Which queries an agent needs to find the id of a row that it was only told about in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.scengenerator.scenario import ToolCall
from generator.skeleton.facts import query_params
from generator.skeleton.model import Entity, Model, Query
from generator.skeleton.types import ListOf, Ref, bare

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
            value = row[item.column] if item.stored else getattr(environment, f"_{entity.name}_{item.name}")(row)
            if isinstance(bare(item.type), ListOf):
                value = next((part for part in value or [] if _stands_in(str(part), said)), None)
            if value is None:
                return None
            if isinstance(type_, Ref):
                found = self._find(environment, self.model.entities[type_.entity], value, said, depth - 1)
                if found is None:
                    return None
                before += found
            elif not _stands_in(str(value).replace("_", " "), said) and not _stands_in(str(value), said):
                return None
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
