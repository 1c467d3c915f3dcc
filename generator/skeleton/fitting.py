"""Types against expectations: what may stand where, and literals that take the type that is wanted."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from generator.errors import Problem
from generator.skeleton.nodes import (
    Conditional,
    ListDisplay,
    Literal,
    Node,
    RecordDisplay,
)
from generator.skeleton.scope import Path
from generator.skeleton.types import (
    DATE,
    DATETIME,
    NEVER,
    TEXT,
    TIME,
    UNKNOWN,
    Enum,
    ListOf,
    Maybe,
    Record,
    Type,
    bare,
    fits,
    join,
)
from generator.skeleton.wording import a, nearest, shorten

MOMENT_FORMS = {
    DATE: (re.compile(r"\d{4}-\d{2}-\d{2}"), "2026-03-02"),
    TIME: (re.compile(r"\d{2}:\d{2}:\d{2}"), "09:00:00"),
    DATETIME: (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"), "2026-03-02T09:00:00"),
}


class Fitting:
    """Reports what does not fit, at the place that is being checked."""

    def __init__(self, report: Callable[[Problem], None]) -> None:
        self._report = report
        self.path: Path = ()

    def problem(self, message: str) -> None:
        """Reports at the place that is being checked."""
        self._report(Problem(self.path, message))

    def unknown(self, tree: ast.expr, message: str) -> Node:
        """Reports, and stands for a value about which nothing more is said."""
        self.problem(message)
        return Literal(None, type=UNKNOWN, key=ast.unparse(tree))

    def expect(self, node: Node, expected: Type) -> Node:
        """The node, made to fit `expected` where a literal allows it; else a problem."""
        node = self.coerce(node, expected)
        if not fits(node.type, expected):
            hint = ""
            if isinstance(node.type, Maybe) and fits(node.type.item, expected):
                hint = "; it may be missing: test it first (… is not None)"
            self.problem(f"'{shorten(node.key)}' is {a(node.type)}, but {a(expected)} is expected{hint}")
            return replace(node, type=UNKNOWN)
        return node

    def coerce(self, node: Node, expected: Type) -> Node:
        """Gives text literals the enum or moment that is expected, also inside displays and conditionals."""
        wanted = bare(expected)
        if isinstance(node, Literal) and isinstance(node.value, str) and node.type == TEXT:
            if isinstance(wanted, Enum):
                if node.value not in wanted.words:
                    choices = ", ".join(wanted.words)
                    guess = nearest(node.value, wanted.words) or f"; it is one of {choices}"
                    self.problem(f"'{node.value}' is no {wanted.name or 'value here'}{guess}")
                    return replace(node, type=UNKNOWN)
                return replace(node, type=wanted)
            if wanted in MOMENT_FORMS:
                form, example = MOMENT_FORMS[wanted]
                if form.fullmatch(node.value) is None:
                    self.problem(f"'{node.value}' is no {wanted}; write it as {example}")
                    return replace(node, type=UNKNOWN)
                return replace(node, type=wanted)
        if isinstance(node, ListDisplay) and isinstance(wanted, ListOf):
            items = tuple(self.coerce(item, wanted.item) for item in node.items)
            type_ = self.joined(items) if items else NEVER
            return replace(node, items=items, type=ListOf(type_))
        if isinstance(node, Conditional):
            then, otherwise = self.coerce(node.then, expected), self.coerce(node.otherwise, expected)
            if then.type != node.then.type or otherwise.type != node.otherwise.type:
                return replace(node, then=then, otherwise=otherwise, type=join(then.type, otherwise.type) or UNKNOWN)
        if isinstance(node, RecordDisplay) and isinstance(wanted, Record):
            members = tuple((name, self.coerce(item, wanted.member(name) or UNKNOWN)) for name, item in node.members)
            return replace(node, members=members, type=Record(tuple((name, item.type) for name, item in members)))
        return node

    def joined(self, items: Iterable[Node]) -> Type:
        """The one type of all items."""
        result: Type = NEVER
        for item in items:
            both = join(result, item.type)
            if both is None:
                self.problem(f"a list of one kind is expected, found {a(result)} and {a(item.type)}")
                return UNKNOWN
            result = both
        return result

    def present(self, node: Node, use: str) -> Node:
        """The node, which must not be missing here."""
        if isinstance(node.type, Maybe):
            self.problem(f"'{shorten(node.key)}' may be missing: test it before {use} (… is not None)")
            return replace(node, type=UNKNOWN)
        return node
