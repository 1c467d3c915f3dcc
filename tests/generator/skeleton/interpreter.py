"""A plain interpreter of expressions, to compare the compiler with.

It reads the text with Python's own parser and walks over plain tables. It knows nothing of the checker, its typed trees
or the compiler: what a field is stands in `Table`, and values carry what they are (`Row`, `Money`, `Bag`).
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from interpreted_functions import FUNCTIONS, Bag, Money, RefusedError, UnsoundError, cents, equal, moved


@dataclass(frozen=True)
class Row:
    """A row, wherever it is: equal by table and key. `side` is 0 for the final tables, 1 for the initial ones."""

    entity: str
    key: str
    side: int = field(compare=False)


@dataclass
class Table:
    """What a row's columns hold: field → (column, kind); kinds are `money`, `person`, `set person`, `record spot`…"""

    plural: str
    key: str | None = None
    composite: tuple[str, ...] = ()
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    derived: dict[str, tuple[str, str]] = field(default_factory=dict)  # name → (expression, kind)
    owned: dict[str, tuple[str, str]] = field(default_factory=dict)  # name → (entity, its column for the owner)


_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_LITERALS = {"true": True, "false": False, "null": None}


class Interpreter:
    """Evaluates expressions over the final and the initial state."""

    def __init__(
        self,
        tables: Mapping[str, Table],
        records: Mapping[str, dict[str, tuple[str, str]]],
        definitions: Mapping[str, tuple[tuple[str, ...], str]],
        states: tuple[Mapping[str, Any], Mapping[str, Any]],
    ) -> None:
        self.tables, self.records, self.definitions, self.states = tables, records, definitions, states
        self.plurals = {table.plural: name for name, table in tables.items()}

    def evaluate(self, text: str, names: Mapping[str, Any], home: int = 0) -> Any:
        """The value of an expression; tables named in it are those of `home`."""
        return _Evaluation(self, home, dict(names)).value(ast.parse(text.strip(), mode="eval").body)

    def rows(self, entity: str, side: int) -> list[Row]:
        return [Row(entity, key, side) for key in self.states[side]["tables"][self.tables[entity].plural]]

    def lookup(self, entity: str, keys: list[Any], side: int) -> Row | None:
        key = "|".join(part.key if isinstance(part, Row) else str(part) for part in keys)
        return Row(entity, key, side) if key in self.states[side]["tables"][self.tables[entity].plural] else None

    def attribute(self, row: Row, name: str) -> Any:
        table = self.tables[row.entity]
        if name == table.key:
            return row.key
        if name in table.owned:
            child, column = table.owned[name]
            found = self.rows(child, row.side)
            return [item for item in found if self.stored(item)[column] == row.key]
        if name in table.derived:
            text, kind = table.derived[name]
            value = self.evaluate(text, {row.entity: row}, home=row.side)
            return Money(cents(value)) if kind == "money" and value is not None else value
        column, kind = table.fields[name]
        return self.read(self.stored(row)[column], kind, row.side)

    def stored(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = self.states[row.side]["tables"][self.tables[row.entity].plural][row.key]
        return found

    def read(self, value: Any, kind: str, side: int) -> Any:
        """A stored value with what it is."""
        shape, _, inner = kind.partition(" ")
        if value is None:
            return None
        if shape in ("list", "set"):
            items = [self.read(item, inner, side) for item in value]
            return Bag(items) if shape == "set" else items
        if shape == "map":
            return {key: self.read(item, inner, side) for key, item in value.items()}
        if shape == "record":
            return {name: self.read(value[column], kind, side) for name, (column, kind) in self.records[inner].items()}
        if shape == "money":
            return Money(value)
        return Row(shape, value, side) if shape in self.tables else value


class _Evaluation:
    def __init__(self, world: Interpreter, home: int, names: dict[str, Any]) -> None:
        self.world, self.home, self.names = world, home, names

    def value(self, tree: ast.expr) -> Any:
        method = getattr(self, f"_{type(tree).__name__}")
        return method(tree)

    def _Constant(self, tree: ast.Constant) -> Any:
        return tree.value

    def _Name(self, tree: ast.Name) -> Any:
        name, world = tree.id, self.world
        if name in self.names:
            return self.names[name]
        if name in _LITERALS:
            return _LITERALS[name]
        if name in world.plurals:
            return world.rows(world.plurals[name], self.home)
        if name in world.tables:
            return Row(name, "one", self.home)
        return self._apply(name, [])

    def _Attribute(self, tree: ast.Attribute) -> Any:
        if isinstance(tree.value, ast.Name) and tree.value.id == "before":
            entity = self.world.plurals.get(tree.attr)
            return self.world.rows(entity, 1) if entity else Row(tree.attr, "one", 1)
        base = self.value(tree.value)
        if base is None:
            raise UnsoundError(ast.unparse(tree))
        return self.world.attribute(base, tree.attr) if isinstance(base, Row) else base[tree.attr]

    def _List(self, tree: ast.List) -> Any:
        return [self.value(item) for item in tree.elts]

    def _Dict(self, tree: ast.Dict) -> Any:
        pairs = zip(tree.keys, tree.values, strict=True)
        return {ast.literal_eval(key): self.value(item) for key, item in pairs if key is not None}

    def _Subscript(self, tree: ast.Subscript) -> Any:
        base = self.value(tree.value)
        if isinstance(tree.slice, ast.Slice):
            ends = [None if end is None else self.value(end) for end in (tree.slice.lower, tree.slice.upper)]
            return type(base)(base[slice(*ends)])
        at = self.value(tree.slice)
        if at not in base:
            raise RefusedError(f"no {at}")
        return base[at]

    def _items(self, generators: list[ast.comprehension], element: ast.expr) -> Iterator[Any]:
        if not generators:
            yield self.value(element)
            return
        clause, *rest = generators
        assert isinstance(clause.target, ast.Name)
        for item in self.value(clause.iter):
            inner = _Evaluation(self.world, self.home, {**self.names, clause.target.id: item})
            if all(inner.value(condition) for condition in clause.ifs):
                yield from inner._items(rest, element)

    def _ListComp(self, tree: ast.ListComp | ast.GeneratorExp) -> Any:
        return list(self._items(tree.generators, tree.elt))

    _GeneratorExp = _ListComp

    def _IfExp(self, tree: ast.IfExp) -> Any:
        return self.value(tree.body if self.value(tree.test) else tree.orelse)

    def _BoolOp(self, tree: ast.BoolOp) -> bool:
        values = (bool(self.value(item)) for item in tree.values)
        return all(values) if isinstance(tree.op, ast.And) else any(values)

    def _UnaryOp(self, tree: ast.UnaryOp) -> Any:
        value = self.value(tree.operand)
        if isinstance(tree.op, ast.Not):
            return not value
        return Money(-value) if isinstance(value, Money) else -value

    def _BinOp(self, tree: ast.BinOp) -> Any:
        left, right = self.value(tree.left), self.value(tree.right)
        if None in (left, right):
            raise UnsoundError(ast.unparse(tree))
        if isinstance(left, list):
            return [*left, *right]
        try:
            if isinstance(left, str) and not isinstance(tree.op, ast.Add) and isinstance(right, str):
                return datetime.fromisoformat(left) - datetime.fromisoformat(right)
            if isinstance(left, str) and isinstance(right, timedelta):
                return moved(left, _ARITHMETIC[type(tree.op)](timedelta(), right))
            value = _ARITHMETIC[type(tree.op)](left, right)
        except (ZeroDivisionError, OverflowError) as error:
            raise RefusedError(str(error)) from error
        return _typed(tree.op, left, right, value)

    def _Compare(self, tree: ast.Compare) -> bool:
        left = self.value(tree.left)
        for op, operand in zip(tree.ops, tree.comparators, strict=True):
            right = self.value(operand)
            if not self._holds(op, left, right):
                return False
            left = right
        return True

    @staticmethod
    def _holds(op: ast.cmpop, left: Any, right: Any) -> bool:
        if isinstance(op, ast.Eq | ast.Is):
            return equal(left, right)
        if isinstance(op, ast.NotEq | ast.IsNot):
            return not equal(left, right)
        if isinstance(op, ast.In | ast.NotIn):
            found = left in right if isinstance(right, str | dict) else any(equal(left, item) for item in right)
            return found == isinstance(op, ast.In)
        if None in (left, right):
            raise UnsoundError("an order with a missing value")
        if isinstance(left, Money) or isinstance(right, Money):
            left, right = cents(left), cents(right)
        return _ORDER[type(op)](left, right)

    def _Call(self, tree: ast.Call) -> Any:
        assert isinstance(tree.func, ast.Name)
        name = tree.func.id
        if name in self.world.definitions:
            return self._apply(name, [self.value(arg) for arg in tree.args])
        if name == "before":
            row = self.value(tree.args[0])
            return self._there(self.world.lookup(row.entity, [row.key], 1))
        if name in ("get", "only") and len(tree.args) > 1:
            return self._lookup(name, tree)
        if name in ("now", "today"):
            clock: str = self.world.states[self.home]["clock"]
            return clock if name == "now" else clock[:10]
        args: list[Any] = []
        for arg in tree.args:
            lazy = isinstance(arg, ast.GeneratorExp) and name in ("any", "all", "first")
            args.append(self._items(arg.generators, arg.elt) if lazy else self.value(arg))  # type: ignore[attr-defined]
        if any(arg is None for arg in args):
            raise UnsoundError(ast.unparse(tree))
        if name == "sorted" and tree.keywords:
            return self._sorted(args[0], ast.literal_eval(tree.keywords[0].value))
        if name == "merge":
            return {key: value for arg in args for key, value in self._members(arg).items()}
        return FUNCTIONS[name](*args)

    def _apply(self, name: str, args: list[Any]) -> Any:
        params, body = self.world.definitions[name]
        return self.world.evaluate(body, dict(zip(params, args, strict=True)), self.home)

    @staticmethod
    def _there(row: Row | None) -> Row:
        if row is None:
            raise RefusedError("no such row")
        return row

    def _lookup(self, name: str, tree: ast.Call) -> Row | None:
        table = tree.args[0]
        side = 1 if isinstance(table, ast.Attribute) else self.home
        plural = table.attr if isinstance(table, ast.Attribute) else ast.unparse(table)
        found = self.world.lookup(self.world.plurals[plural], [self.value(arg) for arg in tree.args[1:]], side)
        return found if name == "get" else self._there(found)

    def _sorted(self, items: Iterable[Any], by: str) -> list[Any]:
        found = list(items)
        for part in reversed(by.split(",")):
            name = part.strip().lstrip("-")
            found = sorted(found, key=lambda item: self._members(item)[name], reverse=part.strip().startswith("-"))
        return found

    def _members(self, item: Any) -> dict[str, Any]:
        if not isinstance(item, Row):
            return dict(item)
        table = self.world.tables[item.entity]
        names = [*([table.key] if table.key else []), *table.fields, *table.derived]
        return {name: self.world.attribute(item, name) for name in names}


def _typed(op: ast.operator, left: Any, right: Any, value: Any) -> Any:
    """Money stays money, but for what is a share of it."""
    if isinstance(left, Money) and isinstance(right, Money) and isinstance(op, ast.FloorDiv):
        return int(value)
    if not isinstance(value, float) or not (isinstance(left, Money) or isinstance(right, Money)):
        return value
    share = isinstance(right, Money) and isinstance(op, ast.Div | ast.FloorDiv | ast.Mod)
    both_rest = isinstance(left, Money) and isinstance(right, Money) and isinstance(op, ast.Mod)
    return float(value) if share and not both_rest else Money(value)
