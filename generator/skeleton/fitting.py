"""Types against expectations: what may stand where, and literals that take the type that is wanted."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time

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
    Word,
    bare,
    fits,
    join,
)
from generator.skeleton.wording import a, no_word, shorten

MOMENT_FORMS: dict[Type, tuple[re.Pattern[str], str]] = {
    DATE: (re.compile(r"\d{4}-\d{2}-\d{2}"), "2026-03-02"),
    TIME: (re.compile(r"\d{2}:\d{2}:\d{2}"), "09:00:00"),
    DATETIME: (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"), "2026-03-02T09:00:00"),
}


def is_moment(text: str, type_: Type) -> bool:
    """Whether the text is a date, a time, or a date with a time, in its one spelling."""
    if MOMENT_FORMS[type_][0].fullmatch(text) is None:
        return False
    parsers: dict[Type, Callable[[str], object]] = {
        DATE: date.fromisoformat,
        TIME: time.fromisoformat,
        DATETIME: datetime.fromisoformat,
    }
    try:
        parsers[type_](text)
    except ValueError:
        return False
    return True


class Fitting:
    """Reports what does not fit, at the place that is being checked."""

    def __init__(self, report: Callable[[Problem], None]) -> None:
        self.report = report
        self.path: Path = ()
        self._applying: list[str] = []  # places that apply the definitions at hand, the outermost first

    @contextmanager
    def at(self, path: Path) -> Iterator[None]:
        """Problems found within belong to this place."""
        outer, self.path = self.path, path
        try:
            yield
        finally:
            self.path = outer

    @contextmanager
    def applied_at(self, place: str) -> Iterator[None]:
        """Problems found within say where the definition or guard at hand is applied."""
        self._applying.append(place)
        try:
            yield
        finally:
            self._applying.pop()

    def problem(self, message: str) -> None:
        """Reports at the place that is being checked."""
        where = f" (applied in {self._applying[0]})" if self._applying else ""
        self.report(Problem(self.path, message + where))

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
            if isinstance(wanted, Word):
                return node
            if isinstance(wanted, Enum):
                if node.value not in wanted.words:
                    self.problem(no_word(node.value, wanted))
                    return replace(node, type=UNKNOWN)
                return replace(node, type=wanted)
            if wanted in MOMENT_FORMS:
                if not is_moment(node.value, wanted):
                    self.problem(f"'{node.value}' is no {wanted}; write it as {MOMENT_FORMS[wanted][1]}")
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
