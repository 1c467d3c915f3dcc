"""Reads the rows that a skeleton gives itself: every cell is text, the field's type says what it means."""

from __future__ import annotations

from typing import Any

from generator.scengenerator.laws import Laws, Row, World
from generator.skeleton.model import Entity, Model
from generator.skeleton.types import BOOLEAN, DECIMAL, INTEGER, MONEY, TIME, ListOf, MapOf, Maybe, Record, Type


def read_cell(model: Model, type_: Type, cell: Any) -> Any:
    """The value of a cell. Raises ValueError for text that is no number where one is due."""
    match type_:
        case Maybe():
            return None if cell in ("", "null") else read_cell(model, type_.item, cell)
        case ListOf():
            return [read_cell(model, type_.item, part) for part in cell]
        case MapOf():
            return {word: read_cell(model, type_.value, cell[word]) for word in type_.key.words}
        case Record():
            return {model.column(name, item): read_cell(model, item, cell.get(name, "")) for name, item in type_.fields}
    if type_ == BOOLEAN:
        return cell == "true"
    if type_ == INTEGER:
        return int(cell)
    if type_ in (MONEY, DECIMAL):
        return float(cell)
    if type_ == TIME and len(cell) == 5:
        return f"{cell}:00"
    return cell


def reference_row(laws: Laws, world: World, entity: Entity, cells: dict[str, Any]) -> Row:
    """A row as it is written in the skeleton; fields that are not written have their default, or no value."""
    row: Row = {entity.key_column: ""} if entity.key == "counted" and entity.key_column else {}
    for item in entity.stored:
        if item.name in cells:
            row[item.column] = read_cell(laws.model, item.type, cells[item.name])
        elif item.default is not None:
            row[item.column] = laws.default(world, entity, item)
        else:
            row[item.column] = None
    return row
