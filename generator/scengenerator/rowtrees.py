"""Values of rows as trees in which references to new rows are links, and sets are told from lists."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.skeleton.model import Entity, Model
from generator.skeleton.types import DECIMAL, MONEY, TEXT, ListOf, MapOf, Maybe, Record, Ref, Type


@dataclass(frozen=True)
class Link:
    """A reference to the new row with this number."""

    row: int


@dataclass(frozen=True)
class Unordered:
    items: tuple[Any, ...]


Tree = Any  # JSON values, with Link and Unordered among them


def counted(entity: Entity, key: str) -> bool:
    """Whether the environment made this key by counting, so that it means nothing."""
    if entity.key == "counted":
        return True
    pattern = entity.doc.id.next if entity.doc.id else None
    if entity.key != "given" or pattern is None:
        return False
    head, _, rest = pattern.partition("{")
    return re.fullmatch(re.escape(head) + r"\d+" + re.escape(rest.partition("}")[2]), key) is not None


class TreeMaker:
    """Makes trees of values by their types. `made` maps entity → key → number of the new row."""

    def __init__(self, model: Model, made: Mapping[str, Mapping[str, int]]) -> None:
        self._model = model
        self._made = made

    def tree(self, type_: Type, value: Any) -> Tree:
        """The tree of a stored value."""
        match type_:
            case Maybe():
                return None if value is None else self.tree(type_.item, value)
            case Ref():
                row = self._made.get(type_.entity, {}).get(value)
                return value if row is None else Link(row)
            case ListOf():
                items = tuple(self.tree(type_.item, item) for item in value or ())
                return Unordered(items) if type_.distinct else list(items)
            case MapOf():
                return {key: self.tree(type_.value, item) for key, item in value.items()}
            case Record():
                columns = {self._model.column(name, item): item for name, item in type_.fields}
                return {name: self.tree(item, value.get(name)) for name, item in columns.items()}
        if type_ in (MONEY, DECIMAL) and isinstance(value, int | float):
            return float(value) or 0.0
        return self._copied_id(value) if type_ == TEXT else value

    def _copied_id(self, value: Any) -> Tree:
        """A text that holds the counted id of a new row stands for that row."""
        for name, rows in self._made.items():
            if value in rows and counted(self._model.entities[name], value):
                return Link(rows[value])
        return value


def links(tree: Tree, path: str = "") -> Iterator[tuple[str, int]]:
    """Every link in a tree with its place; the place within a set is the set."""
    if isinstance(tree, Link):
        yield path, tree.row
    elif isinstance(tree, Unordered):
        for item in tree.items:
            yield from links(item, f"{path}{{}}")
    elif isinstance(tree, list):
        for at, item in enumerate(tree):
            yield from links(item, f"{path}[{at}]")
    elif isinstance(tree, dict):
        for name, item in tree.items():
            yield from links(item, f"{path}.{name}")


def show(tree: Tree, name: Callable[[int], Any] = lambda _: "") -> Any:
    """The tree as a JSON value; a link is shown by the name of its row."""
    if isinstance(tree, Link):
        return {"new": name(tree.row)}
    if isinstance(tree, Unordered):
        shown = [show(item, name) for item in tree.items]
        return {"set": sorted(shown, key=lambda item: json.dumps(item, sort_keys=True, ensure_ascii=False))}
    if isinstance(tree, list):
        return [show(item, name) for item in tree]
    if isinstance(tree, dict):
        return {key: show(item, name) for key, item in tree.items()}
    return tree
