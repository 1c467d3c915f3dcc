"""The tool list and the schemas as Python source: rows' schemas stand once, under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.rendering.queries import describe
from generator.skeleton.facts import (
    Schema,
    hints_of,
    operation_input,
    operation_output,
    query_input,
    query_output,
    row_schema,
    rows_schema,
    view_schema,
)
from generator.skeleton.model import Entity, Model


@dataclass(frozen=True)
class Tool:
    """One entry of the tool list; schemas as Python source."""

    name: str
    title: str
    description: str
    input: str
    output: str
    annotations: str


class ToolWriter:
    """Writes `TOOLS`, the schemas that it shares, and the schema of the state."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._known: list[tuple[Schema, str]] = []  # schema → source that stands for it
        self.shared: list[tuple[str, str]] = []
        self._used: set[str] = set()

    def write(self) -> list[Tool]:
        """Queries of entities first, in document order, then operations."""
        for entity in self.model.entities.values():
            self._share(entity)
        tools = [
            self._tool(
                name,
                describe(entity, query),
                query_input(self.model, entity, query),
                query_output(self.model, entity, query),
                (True, False, True),
            )
            for entity in self.model.entities.values()
            for name, query in entity.queries.items()
        ]
        for operation in self.model.operations.values():
            hints = hints_of(operation)
            tools.append(
                self._tool(
                    operation.name,
                    operation.doc.description,
                    operation_input(self.model, operation),
                    operation_output(self.model, operation),
                    (hints.read_only, hints.destructive, hints.idempotent),
                )
            )
        return tools

    def _share(self, entity: Entity) -> None:
        """Children first, so that an owner's schema names theirs."""
        name = f"{entity.name.upper()}_SCHEMA"
        if any(name == known for known, _ in self.shared):
            return
        for child in entity.owned.values():
            self._share(self.model.entities[child])
        schema = view_schema(self.model, entity)
        self.shared.append((name, self._literal(schema)))
        self._known.append((schema, name))
        self._known.append((rows_schema(entity, schema), f'_rows("{entity.plural}", {name})'))

    def _tool(self, name: str, description: str, given: Schema, result: Schema, hints: tuple[bool, bool, bool]) -> Tool:
        shown = {
            "readOnlyHint": hints[0],
            "destructiveHint": hints[1],
            "idempotentHint": hints[2],
            "openWorldHint": False,
        }
        title = name.replace("_", " ").capitalize()
        return Tool(name, title, description, self._literal(given), self._literal(result), repr(shown))

    def _literal(self, value: Any) -> str:
        for schema, name in self._known:
            if value == schema:
                return name
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key!r}: {self._literal(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self._literal(item) for item in value) + "]"
        return repr(value)

    def state_schema(self) -> str:
        """The schema of a whole state."""
        tables: Schema = {}
        for entity in self.model.entities.values():
            table: Schema = {"type": "object", "additionalProperties": row_schema(self.model, entity)}
            if entity.key == "one":
                table["required"] = ["one"]
                table["properties"] = {"one": table.pop("additionalProperties")}
            tables[entity.plural] = table
        clock = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
        properties: Schema = {
            "clock": clock,
            "counters": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
            "tables": {
                "type": "object",
                "properties": tables,
                "required": list(tables),
                "additionalProperties": False,
            },
        }
        schema = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
        return self._literal(schema)
