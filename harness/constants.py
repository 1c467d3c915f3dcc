"""The constants of a module, read from its source: nothing of it is run.

A folder may hold anything, so what it says about itself is looked up, not executed. What rendered modules use is
understood: literals, names of other constants, `+` and `|`, and functions that only put a value together.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 200  # names and calls within one another
MAX_SIZE = 2_000_000  # values, a shared one counted wherever it stands


class NotConstantError(ValueError):
    """A name that is not there or is not put together from constants alone; a sentence."""


class Constants:
    """The constants of one module."""

    def __init__(self, source: bytes) -> None:
        """Raises NotConstantError for what is no Python."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                tree = ast.parse(source)
        except SyntaxError as error:
            raise NotConstantError(f"line {error.lineno}: {error.msg}") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise NotConstantError(f"it cannot be read as Python: {error or type(error).__name__}") from error
        self._assigned: dict[str, ast.expr] = {}
        self._functions: dict[str, ast.FunctionDef] = {}
        self._known: dict[str, Any] = {}
        for node in tree.body:
            self._enter(node)

    def _enter(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef):
            self._functions[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            self._assigned[node.target.id] = node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._assigned[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for part, item in zip(target.elts, value.elts, strict=True):
                self._assign(part, item)

    def __getitem__(self, name: str) -> Any:
        """The value of a constant. Raises NotConstantError."""
        try:
            value = self._name(name, {}, 0)
            _size(value, {})
        except RecursionError as error:
            raise NotConstantError(f"{name} is nested too deeply") from error
        return value

    def _name(self, name: str, given: Mapping[str, Any], depth: int) -> Any:
        if name in given:
            return given[name]
        if name not in self._known:
            if name not in self._assigned:
                raise NotConstantError(f"there is no {name}")
            self._known[name] = self._value(self._assigned[name], {}, depth + 1)
        return self._known[name]

    def _value(self, node: ast.expr, given: Mapping[str, Any], depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise NotConstantError(f"line {node.lineno}: constants go round in a circle")
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._name(node.id, given, depth)
        if isinstance(node, ast.List):
            return [self._value(item, given, depth + 1) for item in node.elts]
        if isinstance(node, ast.Tuple):
            return tuple(self._value(item, given, depth + 1) for item in node.elts)
        if isinstance(node, ast.Dict):
            return self._dict(node, given, depth)
        if isinstance(node, ast.UnaryOp | ast.BinOp):
            return self._operation(node, given, depth)
        if isinstance(node, ast.Call):
            return self._call(node, given, depth)
        raise NotConstantError(f"line {node.lineno}: this is no constant")

    def _dict(self, node: ast.Dict, given: Mapping[str, Any], depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            value = self._value(item, given, depth + 1)
            if key is not None:
                name = self._value(key, given, depth + 1)
                if not isinstance(name, str | int | float | bool | None):
                    raise NotConstantError(f"line {node.lineno}: this key is no constant")
                found[name] = value
            elif isinstance(value, dict):
                found.update(value)
            else:
                raise NotConstantError(f"line {node.lineno}: this is no mapping")
        return found

    def _operation(self, node: ast.UnaryOp | ast.BinOp, given: Mapping[str, Any], depth: int) -> Any:
        if isinstance(node, ast.UnaryOp):
            value = self._value(node.operand, given, depth + 1)
            if isinstance(node.op, ast.USub) and isinstance(value, int | float):
                return -value
        else:
            left, right = (self._value(part, given, depth + 1) for part in (node.left, node.right))
            if isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, str | list):
                if len(left) + len(right) > MAX_SIZE:
                    raise NotConstantError(f"line {node.lineno}: this is too long")
                return left + right
            if isinstance(node.op, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
                return left | right
        raise NotConstantError(f"line {node.lineno}: this is no constant")

    def _call(self, node: ast.Call, given: Mapping[str, Any], depth: int) -> Any:
        """A function of the module that names parts and returns a value made of them."""
        function = self._functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if function is None or function.decorator_list:
            raise NotConstantError(f"line {node.lineno}: this is no constant")
        parameters = [argument.arg for argument in function.args.args]
        values = [self._value(argument, given, depth + 1) for argument in node.args]
        local: dict[str, Any] = dict(zip(parameters, values, strict=False))
        local |= {word.arg: self._value(word.value, given, depth + 1) for word in node.keywords if word.arg}
        if len(values) > len(parameters) or set(local) != set(parameters):
            raise NotConstantError(f"line {node.lineno}: {function.name} takes other arguments")
        for statement in function.body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self._value(statement.value, local, depth + 1)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                local[statement.targets[0].id] = self._value(statement.value, local, depth + 1)
            elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                break
        raise NotConstantError(f"line {node.lineno}: {function.name} does more than put a value together")


def _size(value: Any, seen: dict[int, int]) -> int:
    """How many values one holds. Raises NotConstantError where it would be too many to write out."""
    if not isinstance(value, dict | list | tuple):
        return 1
    if id(value) not in seen:
        parts = value.values() if isinstance(value, dict) else value
        seen[id(value)] = 1 + sum(_size(part, seen) for part in parts)
        if seen[id(value)] > MAX_SIZE:
            raise NotConstantError("what the module says about itself is too long")
    return seen[id(value)]
