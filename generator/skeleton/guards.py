"""Checks requirements, guards and their sentences."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.document import IDENTIFIER, ClauseDoc, RequireDoc
from generator.skeleton.expressions import Expressions
from generator.skeleton.model import (
    ClauseOf,
    GuardInstance,
    Model,
    Requirement,
    Sentence,
)
from generator.skeleton.names import word_types
from generator.skeleton.narrowing import NO_FACTS, Facts, facts_of
from generator.skeleton.nodes import Node
from generator.skeleton.phrases import split_holes
from generator.skeleton.scope import Path, Scope
from generator.skeleton.types import (
    BOOLEAN,
    DURATION,
    UNKNOWN,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
    bare,
)
from generator.skeleton.wording import a, amount, nearest, place, shorten

_EACH = re.compile(rf"({IDENTIFIER})\s+in\s+(.+)", re.DOTALL)


class Guards:
    """Reads what operations require."""

    def __init__(self, model: Model, expressions: Expressions, report: Callable[[Problem], None]) -> None:
        self.model = model
        self.expressions = expressions
        self._report = report
        self.used: set[str] = set()
        self.read: dict[str, set[str]] = {}  # the parameters that a guard reads
        self._guards: dict[tuple[str, tuple[Type, ...]], GuardInstance] = {}

    def _problem(self, path: Path, message: str) -> None:
        self._report(Problem(path, message))

    def requirement(self, doc: RequireDoc, scope: Scope, path: Path, origin: str) -> tuple[Requirement | None, Facts]:
        each: tuple[str, Node] | None = None
        if doc.each is not None:
            each, scope = self.each(doc.each, scope, (*path, "each"))
        if doc.that is not None:
            clause, facts = self._clause(ClauseDoc(that=doc.that, else_=doc.else_ or ""), scope, path, origin)
            return Requirement((clause,), None, (), each, origin), NO_FACTS if each else facts
        read = self._guard_call(doc.check or "", scope, (*path, "check") if doc.each else path)
        if read is None:
            return None, NO_FACTS
        guard, args, facts = read
        return Requirement((), guard, args, each, origin), NO_FACTS if each else facts

    def _clause(self, doc: ClauseDoc, scope: Scope, path: Path, origin: str) -> tuple[ClauseOf, Facts]:
        that = self.expressions.check(doc.that, scope, (*path, "that"), BOOLEAN)
        refusing = scope.knowing(facts_of(that, False, scope.conditions))
        sentence = self._sentence(doc.else_, refusing, (*path, "else"))
        return ClauseOf(that, sentence, origin), facts_of(that, True, scope.conditions)

    def _sentence(self, text: str, scope: Scope, path: Path) -> Sentence:
        parts: list[str | Node] = []
        try:
            pieces = split_holes(text)
        except ValueError as error:
            self._problem(path, f"{error} in '{text}'")
            return Sentence((text,))
        for piece in pieces:
            if isinstance(piece, str):
                parts.append(piece)
                continue
            node = self.expressions.check(piece.text, scope, path)
            if isinstance(bare(node.type), Ref | Record | MapOf | ListOf):
                self._problem(path, f"{{{piece.text}}} is {a(bare(node.type))}; name one of its fields")
            elif bare(node.type) == DURATION:
                self._problem(path, f"{{{piece.text}}} is a duration; days(…) or hours(…) of it is a number")
            elif isinstance(node.type, Maybe):
                self._problem(path, f"{{{piece.text}}} may be missing here; name something that is always there")
            parts.append(node)
        return Sentence(tuple(parts))

    def _guard_call(self, text: str, scope: Scope, path: Path) -> tuple[GuardInstance, tuple[Node, ...], Facts] | None:
        match = re.fullmatch(rf"\s*({IDENTIFIER})\s*(?:\((.*)\))?\s*", text, re.DOTALL)
        guards = self.model.document.guards
        if match is None or match[1] not in guards:
            name = match[1] if match else shorten(text)
            hint = nearest(name, guards) or "; a condition is written {that, else}"
            self._problem(path, f"there is no guard '{name}'{hint}")
            return None
        name, doc = match[1], guards[match[1]]
        self.used.add(name)
        listed = self.expressions.arguments(match[2] or "", scope, path)
        if listed is not None and len(listed) != len(doc.params):
            wanted = f"{amount(len(doc.params), 'argument')} ({', '.join(doc.params)})"
            self._problem(path, f"{name} takes {wanted}, found {len(listed)}")
            return None
        if listed is None or any(arg.type == UNKNOWN for arg in listed):
            return None
        with self.expressions.applied_at(place(path)):
            guard = self._guard(name, tuple(arg.type for arg in listed))
            body = " ".join(clause.that for clause in doc.clauses)
            words = word_types(listed, doc.params, body)
            if words:
                with self.expressions.trial():
                    self._guard(name, words)
        facts = NO_FACTS
        names = {param: arg.key for (param, _), arg in zip(guard.params, listed, strict=True)}
        for clause in guard.clauses:
            facts = facts.both(facts_of(clause.that, True, {}).renamed(names))
        return guard, tuple(listed), facts

    def _guard(self, name: str, types: tuple[Type, ...]) -> GuardInstance:
        if (name, types) not in self._guards:
            doc = self.model.document.guards[name]
            params = dict(zip(doc.params, types, strict=True))
            scope = Scope(names=params)
            clauses: list[ClauseOf] = []
            for at, item in enumerate(doc.clauses):
                path: Path = ("guards", name, at) if len(doc.clauses) > 1 else ("guards", name)
                origin = f"{name}[{at}]" if len(doc.clauses) > 1 else name
                clause, facts = self._clause(item, scope, path, origin)
                clauses.append(clause)
                scope = scope.knowing(facts)
            self.read.setdefault(name, set()).update(scope.used)
            self._guards[name, types] = GuardInstance(name, tuple(params.items()), tuple(clauses))
        return self._guards[name, types]

    def each(self, text: str, scope: Scope, path: Path) -> tuple[tuple[str, Node] | None, Scope]:
        match = _EACH.fullmatch(text.strip())
        if match is None:
            self._problem(path, f"'{shorten(text)}' is not of the form: x in xs")
            return None, scope
        items = self.expressions.check(match[2], scope, path)
        if not isinstance(items.type, ListOf):
            if items.type != UNKNOWN:
                self._problem(path, f"'{shorten(match[2])}' is {a(items.type)}, a list is expected")
            return (match[1], items), scope.bind(match[1], UNKNOWN)
        with self.expressions.at(path):
            self.expressions.refuse_collision(match[1], scope)
        return (match[1], items), scope.bind(match[1], items.type.item)
