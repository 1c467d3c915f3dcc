"""Which values a check's code compares which fields with, read from its syntax; nothing is run."""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

_NEUTRAL = frozenset({"lower", "upper", "strip", "casefold", "lstrip", "rstrip", "title", "split", "replace"})
_CONVERTING = frozenset({"str", "float", "int", "round", "abs", "len", "bool", "list", "set", "sorted"})
_TEXT_TESTS = frozenset({"startswith", "endswith", "find", "index", "count"})
_SUMS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_UNKNOWN = object()


@dataclass
class Wanted:
    """`values`: what fields are compared with, in the code's order. `texts`: all texts that stand in it.

    `sums`: fields that are compared with a sum of two others: `{"duration": ("end", "-", "start")}`.
    """

    values: dict[str, list[Any]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    sums: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def add(self, name: str, value: Any) -> None:
        known = self.values.setdefault(name, [])
        if not any(type(value) is type(one) and value == one for one in known):
            known.append(value)


def wanted(source: str) -> Wanted:
    """What a check's source says; of one that is no Python, nothing."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Wanted()
    return _Reader(tree).found


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self.found = Wanted()
        self._values: dict[str, Any] = {}
        self._fields: dict[str, str] = {}
        self._sums: dict[str, tuple[str, str, str]] = {}
        nodes = list(ast.walk(tree))
        stored = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        self._constant = {name for name, times in stored.items() if times == 1}
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self._assign(node.targets[0].id, node.value)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
                self.found.texts.append(node.value)
        for node in nodes:
            for name, value in self._comparisons(node):
                self.found.add(name, value)

    def _assign(self, name: str, value: ast.expr) -> None:
        known = self._value(value)
        if known is not _UNKNOWN:
            if name in self._constant:
                self._values[name] = known
        elif (of := self._field(value)) is not None:
            self._fields[name] = of
        elif (made := self._sum(value)) is not None:
            self._sums[name] = made

    def _comparisons(self, node: ast.AST) -> Iterator[tuple[str, Any]]:
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for (left, right), kind in zip(pairwise(sides), node.ops, strict=True):
                yield from self._compared(left, right, kind)
                yield from self._compared(right, left, kind)
        elif isinstance(node, ast.Call) and node.args:
            if isinstance(node.func, ast.Attribute) and node.func.attr in _TEXT_TESTS:
                yield from self._compared(node.func.value, node.args[0], ast.Eq())
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "isclose" and len(node.args) > 1:
                yield from self._compared(node.args[0], node.args[1], ast.Eq())
                yield from self._compared(node.args[1], node.args[0], ast.Eq())
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):  # abs(a - 5) < eps
            yield from self._compared(node.left, node.right, ast.Eq())

    def _compared(self, side: ast.expr, other: ast.expr, kind: ast.cmpop) -> Iterator[tuple[str, Any]]:
        name, value = self._field(side), self._value(other)
        if name is not None and (made := self._sum(other)) is not None:
            self.found.sums.setdefault(name, made)
        if name is None or value is _UNKNOWN:
            return
        if value is None and isinstance(side, ast.Name):
            return  # it asks whether something was found
        if isinstance(value, list | tuple | set | frozenset):
            values: list[Any] = list(value) if isinstance(kind, ast.In | ast.NotIn) else [list(value)]
        else:
            values = [value]
        for one in values:
            yield name, one
            if isinstance(kind, ast.Lt | ast.Gt | ast.LtE | ast.GtE) and type(one) in (int, float):
                yield name, one + 1
                yield name, one - 1

    def _sum(self, node: ast.expr) -> tuple[str, str, str] | None:
        if isinstance(node, ast.Name):
            return self._sums.get(node.id)
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
            return None
        left, right = self._field(node.left), self._field(node.right)
        return None if left is None or right is None else (left, "+" if isinstance(node.op, ast.Add) else "-", right)

    def _field(self, node: ast.expr) -> str | None:
        """The key that a value was taken by: `status` of `user.get("status", "").lower()`."""
        match node:
            case ast.Name(id=name):
                return self._fields.get(name)
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                return key
            case ast.Subscript(value=of, slice=ast.Constant(value=int())):
                return self._field(of)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
                return key
            case ast.Call(func=ast.Attribute(value=of, attr=method)) if method in _NEUTRAL:
                return self._field(of)
            case ast.Call(func=ast.Name(id=name), args=[of, *_]) if name in _CONVERTING:
                return self._field(of)
            case ast.BoolOp(op=ast.Or(), values=[of, *_]):
                return self._field(of)
            case ast.Attribute(attr=name):
                return name
        return None

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value) if isinstance(value, str | int | float | bool | None):
                return value
            case ast.Name(id=name):
                return self._values.get(name, _UNKNOWN)
            case ast.UnaryOp(op=ast.USub(), operand=of):
                inner = self._value(of)
                return -inner if type(inner) in (int, float) else _UNKNOWN
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _SUMS:
                one, other = self._value(left), self._value(right)
                if type(one) in (int, float) and type(other) in (int, float) and abs(one) + abs(other) < 1e18:
                    return _SUMS[type(sign)](one, other) if other or not isinstance(sign, ast.Div | ast.FloorDiv) else 0
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                values = [self._value(item) for item in items]
                return values if all(value is not _UNKNOWN for value in values) else _UNKNOWN
            case ast.Call(func=ast.Attribute(value=of, attr="lower" | "strip" | "casefold" | "upper" as method)):
                inner = self._value(of)
                return getattr(inner, method)() if isinstance(inner, str) else _UNKNOWN
        return _UNKNOWN
