"""Checks arithmetic, comparisons, boolean logic and conditionals."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from generator.skeleton.fitting import MOMENT_FORMS
from generator.skeleton.narrowing import facts_of
from generator.skeleton.nodes import (
    Binary,
    Compare,
    Conditional,
    Logic,
    Negative,
    Node,
    Not,
    Present,
)
from generator.skeleton.scope import Scope
from generator.skeleton.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    INTEGER,
    MONEY,
    NOTHING,
    NUMBERS,
    TEXT,
    UNKNOWN,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Type,
    Word,
    bare,
    comparable,
    join,
    ordered,
)
from generator.skeleton.wording import a, no_word, shorten

if TYPE_CHECKING:
    from generator.skeleton.expressions import Expressions

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"}
_COMPARISONS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


class Operators:
    """The forms of an expression that calculate, compare and decide."""

    def __init__(self, main: Expressions) -> None:
        self._main = main

    def binary(self, tree: ast.BinOp, scope: Scope) -> Node:
        op = _OPERATORS.get(type(tree.op))
        if op is None:
            return self._main.unknown(
                tree, f"'{shorten(ast.unparse(tree))}': this operator is not part of the language"
            )
        left = self._main.present(self._main.node(tree.left, scope), "calculating")
        right = self._main.present(self._main.node(tree.right, scope), "calculating")
        type_ = _result(op, left.type, right.type)
        if type_ is None:
            message = f"'{shorten(ast.unparse(tree))}': {a(left.type)} {op} {a(right.type)} cannot be calculated"
            return self._main.unknown(tree, message)
        return Binary(op, left, right, type=type_, key=ast.unparse(tree))

    def unary(self, tree: ast.UnaryOp, scope: Scope) -> Node:
        item = self._main.present(self._main.node(tree.operand, scope), "using")
        if isinstance(tree.op, ast.Not):
            return Not(self._main.expect(item, BOOLEAN), type=BOOLEAN, key=ast.unparse(tree))
        if isinstance(tree.op, ast.USub) and (item.type in (*NUMBERS, DURATION, UNKNOWN)):
            return Negative(item, type=item.type, key=ast.unparse(tree))
        return self._main.unknown(tree, f"'{shorten(ast.unparse(tree))}': this operator is not part of the language")

    def logic(self, tree: ast.BoolOp, scope: Scope) -> Node:
        op: Literal["and", "or"] = "and" if isinstance(tree.op, ast.And) else "or"
        items: list[Node] = []
        for value in tree.values:
            item = self._main.expect(self._main.node(value, scope), BOOLEAN)
            items.append(item)
            scope = scope.knowing(facts_of(item, op == "and", scope.conditions))
        return Logic(op, tuple(items), type=BOOLEAN, key=ast.unparse(tree))

    def comparison(self, tree: ast.Compare, scope: Scope) -> Node:
        left = self._main.node(tree.left, scope)
        parts: list[Node] = []
        for op, operand in zip(tree.ops, tree.comparators, strict=True):
            right = self._main.node(operand, scope)
            parts.append(self._compare(_COMPARISONS[type(op)], left, right))
            left = right
        if len(parts) == 1:
            return parts[0]
        return Logic("and", tuple(parts), type=BOOLEAN, key=ast.unparse(tree))

    def _compare(self, op: str, left: Node, right: Node) -> Node:
        if op in ("is", "is not") and NOTHING not in (left.type, right.type):
            self._main.problem(f"'{op}' is for None only; compare values with {'==' if op == 'is' else '!='}")
        if op in ("in", "not in"):
            return self._membership(op, left, self._main.present(right, "looking into it"))
        left, right = self._main.coerce(left, right.type), self._main.coerce(right, left.type)
        key = f"{left.key} {op} {right.key}"
        if op in ("==", "!=", "is", "is not"):
            if wrong := _misspelt(left.type, right.type):
                self._main.problem(no_word(*wrong))
            elif not comparable(left.type, right.type):
                self._main.problem(
                    f"'{shorten(key)}' compares {a(left.type)} with {a(right.type)}, which are never equal"
                )
            else:
                self._refuse_idle_test(left, right)
            return Compare(op, left, right, type=BOOLEAN, key=key)
        left, right = self._main.present(left, "comparing"), self._main.present(right, "comparing")
        if not ordered(left.type, right.type):
            self._main.problem(f"'{shorten(key)}': {a(left.type)} and {a(right.type)} have no order between them")
        return Compare(op, left, right, type=BOOLEAN, key=key)

    def _refuse_idle_test(self, left: Node, right: Node) -> None:
        """A test for None of what is always there is a mistake, unless it was tested before."""
        value = left if right.type == NOTHING else right
        tested = isinstance(value, Present) or isinstance(value.type, Maybe) or value.type in (UNKNOWN, NOTHING)
        if NOTHING in (left.type, right.type) and not tested:
            self._main.problem(f"'{shorten(value.key)}' is {a(value.type)} and never missing")

    def _membership(self, op: str, left: Node, right: Node) -> Node:
        key = f"{left.key} {op} {right.key}"
        container = right.type
        if isinstance(container, ListOf):
            if isinstance(right.type, ListOf) and (wrong := _misspelt(left.type, right.type.item)):
                self._main.problem(no_word(*wrong))
                return Compare(op, left, right, type=BOOLEAN, key=key)
            wanted = bare(left.type)
            if (isinstance(wanted, Enum) and not isinstance(wanted, Word)) or wanted in MOMENT_FORMS:
                right = self._main.coerce(right, ListOf(wanted))
            else:
                left = self._main.coerce(left, container.item)
            if isinstance(right.type, ListOf) and not comparable(left.type, right.type.item):
                self._main.problem(f"'{shorten(key)}' looks for {a(left.type)} in {a(right.type)}, where it never is")
        elif isinstance(container, MapOf):
            left = self._main.expect(left, container.key)
        elif container in (TEXT, UNKNOWN) or isinstance(container, Enum):
            left = self._main.expect(left, TEXT)
        else:
            self._main.problem(f"'{shorten(right.key)}' is {a(container)}; 'in' needs a list, a map or a text")
        return Compare(op, left, right, type=BOOLEAN, key=key)

    def conditional(self, tree: ast.IfExp, scope: Scope) -> Node:
        test = self._main.expect(self._main.node(tree.test, scope), BOOLEAN)
        then = self._main.node(tree.body, scope.knowing(facts_of(test, True, scope.conditions)))
        otherwise = self._main.node(tree.orelse, scope.knowing(facts_of(test, False, scope.conditions)))
        then, otherwise = self._main.coerce(then, otherwise.type), self._main.coerce(otherwise, then.type)
        type_ = join(then.type, otherwise.type)
        if type_ is None:
            return self._main.unknown(tree, f"the two sides are of unlike types: {then.type} and {otherwise.type}")
        return Conditional(test, then, otherwise, type=type_, key=ast.unparse(tree))


def _misspelt(left: Type, right: Type) -> tuple[str, Enum] | None:
    """The known word of one side and the enum of the other, where that has no such word."""
    for one, other in ((bare(left), bare(right)), (bare(right), bare(left))):
        if isinstance(one, Word) and isinstance(other, Enum) and not isinstance(other, Word):
            return None if one.words[0] in other.words else (one.words[0], other)
    return None


def _result(op: str, left: Type, right: Type) -> Type | None:
    """The type of `left op right`, or None where that is not defined."""
    if UNKNOWN in (left, right):
        return UNKNOWN
    if left in NUMBERS and right in NUMBERS:
        if left == right == MONEY:
            return {"+": MONEY, "-": MONEY, "/": DECIMAL, "//": INTEGER, "%": MONEY}.get(op)
        if MONEY in (left, right):
            return DECIMAL if right == MONEY and op in ("/", "//", "%") else MONEY
        if op == "/":
            return DECIMAL
        return INTEGER if left == right == INTEGER else DECIMAL
    text = (TEXT,)
    if op == "+" and (left in text or isinstance(left, Enum)) and (right in text or isinstance(right, Enum)):
        return TEXT
    if op == "+" and isinstance(left, ListOf) and isinstance(right, ListOf):
        joined = join(left.item, right.item)
        return None if joined is None else ListOf(joined)
    if op in "+-" and right == DURATION and left in (DATE, DATETIME, DURATION):
        return left
    if op == "-" and left == right and left in (DATE, DATETIME):
        return DURATION
    if op == "*" and {left, right} == {DURATION, INTEGER}:
        return DURATION
    return None
