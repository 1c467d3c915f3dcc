"""Compiles arithmetic, comparisons, boolean logic and conditionals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.skeleton.nodes import (
    Attr,
    Binary,
    Compare,
    Conditional,
    Literal,
    Logic,
    Negative,
    Node,
    Not,
    Present,
    Rows,
)
from generator.skeleton.python_code import (
    AND,
    ATOM,
    COMPARISON,
    NOT,
    OR,
    PRODUCT,
    SUM,
    TERNARY,
    UNARY,
    Code,
    Form,
    Locals,
    is_ref,
)
from generator.skeleton.types import DURATION, INTEGER, MOMENTS, MONEY, NOTHING, NUMBERS, ListOf, Maybe, bare

if TYPE_CHECKING:
    from generator.skeleton.compiler import Compiler

_LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT}
_OPPOSITE = {"==": "!=", "!=": "==", "is": "is not", "is not": "is", "in": "not in", "not in": "in"}


class OperatorCode:
    """The operators of one compiler."""

    def __init__(self, main: Compiler) -> None:
        self._main = main

    def binary(self, node: Binary, names: Locals) -> Code:
        left_type, right_type = node.left.type, node.right.type
        if isinstance(left_type, ListOf):
            want: Form = "key" if is_ref(node.type) else ""
            left, right = self._main.code(node.left, names, want), self._main.code(node.right, names, want)
            return Code(f"{left.within(SUM)} + {right.within(SUM + 1)}", want, SUM)
        left, right = self._main.code(node.left, names), self._main.code(node.right, names)
        if left_type in MOMENTS and right_type == DURATION:
            sign = "-" if node.op == "-" else ""
            return Code(f"shift({left.text}, {sign}{right.within(UNARY) if sign else right.text})")
        if left_type in MOMENTS:
            return Code(f"between({left.text}, {right.text})")
        if node.type == DURATION:
            return self._duration(node, left, right)
        level = _LEVELS[node.op]
        divisor = right.within(level + 1)
        if node.op in ("/", "//", "%") and not (isinstance(node.right, Literal) and node.right.value):
            divisor = f"nonzero({right.text})"
        text = f"{left.within(level)} {node.op} {divisor}"
        if node.op == "//" and node.type == INTEGER and INTEGER not in (left_type, right_type):
            return Code(f"int({text})")  # how many times one amount goes into another
        return Code(text, "", level)

    @staticmethod
    def _duration(node: Binary, left: Code, right: Code) -> Code:
        """Durations are reckoned in seconds: a `timedelta` ends at a billion days, numbers refuse later."""
        sides = [
            f"{code.within(ATOM)}.total_seconds()" if side.type == DURATION else code.within(PRODUCT + 1)
            for side, code in ((node.left, left), (node.right, right))
        ]
        return Code(f"lasting({sides[0]} {node.op} {sides[1]})")

    def compare(self, node: Compare, names: Locals) -> Code:
        if node.op in ("in", "not in"):
            return self._membership(node, names)
        if node.op in ("is", "is not") or NOTHING in (node.left.type, node.right.type):
            value = node.left if node.right.type == NOTHING else node.right
            op = "is" if node.op in ("is", "==") else "is not"
            return Code(f"{self._untested(value, names).within(SUM)} {op} None", "", COMPARISON)
        want: Form = "key" if is_ref(node.left.type) else ""
        if self._main.keyless(node.left.type):
            return self._compare_identities(node, names)
        sides = []
        for side, other in ((node.left, node.right), (node.right, node.left)):
            equal = node.op in ("==", "!=")
            code = self._untested(side, names, want) if equal else self._main.code(side, names, want)
            text = code.within(COMPARISON + 1)
            exact = isinstance(side, Attr | Literal | Present) or isinstance(side.type, Maybe)
            money = MONEY in (side.type, other.type) and side.type in NUMBERS
            if isinstance(side.type, ListOf) and (
                side.type.distinct or (isinstance(other.type, ListOf) and other.type.distinct)
            ):
                text = f"set({code.text})"
            sides.append(f"cents({code.text})" if money and not exact else text)
        return Code(f"{sides[0]} {node.op} {sides[1]}", "", COMPARISON)

    def _compare_identities(self, node: Compare, names: Locals) -> Code:
        left, right = self._main.code(node.left, names, "row"), self._main.code(node.right, names, "row")
        if isinstance(bare(node.left.type), ListOf):
            return Code(f"list(map(id, {left.text})) {node.op} list(map(id, {right.text}))", "", COMPARISON)
        op = "is" if node.op == "==" else "is not"
        return Code(f"{left.within(SUM)} {op} {right.within(SUM)}", "", COMPARISON)

    def _untested(self, node: Node, names: Locals, want: Form = "") -> Code:
        return self._main.code(node.item if isinstance(node, Present) else node, names, want)

    def _membership(self, node: Compare, names: Locals) -> Code:
        container = node.right.type
        if isinstance(container, ListOf) and is_ref(container):
            if self._main.keyless(container):
                rows = self._main.iterable(node.right, names, "row")
                item = self._main.row(node.left, names)
                return Code(f"id({item}) {node.op} map(id, {rows.text})", "", COMPARISON)
            right = self._main.iterable(node.right, names, "key")
            if isinstance(node.right, Rows):  # a table is a map by key, also where rows have no id of their own
                right = Code(self._main.table(node.right.entity, node.right.before))
            key = self._main.code(node.left, names, "key")
            return Code(f"{key.within(SUM)} {node.op} {right.within(SUM)}", "", COMPARISON)
        left, right = self._main.code(node.left, names), self._main.code(node.right, names)
        return Code(f"{left.within(SUM)} {node.op} {right.within(SUM)}", "", COMPARISON)

    def negated(self, node: Node, names: Locals) -> Code:
        """`not node`, as a person would write it."""
        if isinstance(node, Not):
            return self._main.code(node.item, names)
        if isinstance(node, Compare) and node.op in _OPPOSITE:
            return self.compare(replace(node, op=_OPPOSITE[node.op]), names)
        return Code(f"not {self._main.code(node, names).within(NOT)}", "", NOT)

    def negative(self, node: Negative, names: Locals) -> Code:
        return Code(f"-{self._main.code(node.item, names).within(UNARY)}", "", UNARY)

    def logic(self, node: Logic, names: Locals) -> Code:
        level = AND if node.op == "and" else OR
        parts = []
        with self._main.knowing():
            for item in node.items:
                parts.append(self._main.code(item, names).within(level + 1))
                self._main.learn(item, names, holds=node.op == "and")
        return Code(f" {node.op} ".join(parts), "", level)

    def tested(self, node: Node, names: Locals, holds: bool) -> Iterator[str]:
        """The code of what is not None where the test came out so, as far as a type checker sees it too."""
        if isinstance(node, Not):
            yield from self.tested(node.item, names, not holds)
        elif isinstance(node, Logic) and (node.op == "and") == holds:
            for item in node.items:
                yield from self.tested(item, names, holds)
        elif isinstance(node, Compare) and NOTHING in (node.left.type, node.right.type):
            value = node.left if node.right.type == NOTHING else node.right
            if (node.op in ("is not", "!=")) == holds:
                yield self._untested(value, names).text

    def conditional(self, node: Conditional, names: Locals) -> Code:
        want = self._form_of_branches(node, names)
        with self._main.knowing():
            self._main.learn(node.test, names, holds=True)
            then = self._main.code(node.then, names, want)
        with self._main.knowing():
            self._main.learn(node.test, names, holds=False)
            otherwise = self._main.code(node.otherwise, names, want)
        test = self._main.code(node.test, names)
        return Code(f"{then.within(OR)} if {test.within(OR)} else {otherwise.within(TERNARY)}", want, TERNARY)

    def _form_of_branches(self, node: Conditional, names: Locals) -> Form:
        """References are keys where both branches have them as keys, else rows."""
        if not is_ref(node.type):
            return ""
        forms = {self._main.code(branch, names).form for branch in (node.then, node.otherwise)} - {""}
        return "key" if forms == {"key"} else "row"
