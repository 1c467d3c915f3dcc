"""The type checker of expressions: text in, a typed tree out, problems reported on the way."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from generator.errors import Problem
from generator.skeleton.fitting import Fitting
from generator.skeleton.functions import FUNCTIONS, Functions
from generator.skeleton.model import Model
from generator.skeleton.names import Names
from generator.skeleton.narrowing import facts_of
from generator.skeleton.nodes import (
    Attr,
    Before,
    Clause,
    Comprehension,
    Index,
    ListDisplay,
    Literal,
    Node,
    Present,
    RecordDisplay,
    Slice,
)
from generator.skeleton.operators import Operators
from generator.skeleton.parsing import ExpressionError, parse
from generator.skeleton.scope import Path, Scope
from generator.skeleton.types import (
    BOOLEAN,
    DECIMAL,
    INTEGER,
    NOTHING,
    TEXT,
    UNKNOWN,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
    bare,
)
from generator.skeleton.wording import a, nearest, no_word, shorten

_WORDS = re.compile(r"[^\W\d]\w*([ -]+\w+)*")  # what reads as words, and not as an expression
_CONSTANTS = ("None", "True", "False", "null", "true", "false")


class Expressions(Fitting):
    """Checks expressions against a model; problems go to `report`, in the order in which they are found."""

    def __init__(self, model: Model, report: Callable[[Problem], None]) -> None:
        super().__init__(report)
        self.model = model
        self.applied: set[str] = set()  # definitions that some expression applies
        self._names = Names(self)
        self._operators = Operators(self)
        self._functions = Functions(self)

    def _parse(self, text: str) -> ast.expr | None:
        try:
            return parse(text)
        except ExpressionError as error:
            self.problem(str(error))
            return None

    def check(self, text: str, scope: Scope, path: Path, expected: Type | None = None) -> Node:
        """The typed tree of `text`; after a problem it holds nodes of the type `unknown`."""
        with self.at(path):
            tree = self._parse(text)
            if tree is None:
                return Literal(None, type=UNKNOWN, key=text)
            node = self.node(tree, scope)
            return node if expected is None else self.expect(node, expected)

    def value(self, text: str, scope: Scope, path: Path, expected: Type) -> Node:
        """Like `check`, and a bare word of an expected enum is that word."""
        wanted = bare(expected)
        if isinstance(wanted, Enum) and _WORDS.fullmatch(text) and not self._names.known(text, scope):
            if text in wanted.words:
                return Literal(text, type=wanted, key=repr(text))
            if text not in _CONSTANTS:
                self.report(Problem(path, no_word(text, wanted)))
                return Literal(None, type=UNKNOWN, key=text)
        return self.check(text, scope, path, expected)

    def arguments(self, text: str, scope: Scope, path: Path) -> list[Node] | None:
        """The typed trees of `a, b` between the brackets of a guard's call; None after a problem of its form."""
        with self.at(path):
            tree = self._parse(f"f({text})")
            if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords:
                return [self.node(arg, scope) for arg in tree.args]
            if tree is not None:
                self.problem(f"'{shorten(text)}' are no arguments; they are written one after another: guard(a, b)")
            return None

    @property
    def read(self) -> Mapping[str, set[str]]:
        """Which of its parameters each applied definition reads."""
        return self._names.read

    def trial(self) -> AbstractContextManager[None]:
        """What is checked within finds problems and leaves nothing to compile."""
        return self._names.trial()

    def _narrowed(self, node: Node, scope: Scope) -> Node:
        """Removes `optional` where an earlier condition has shown the value to be there."""
        if not isinstance(node.type, Maybe):
            return node
        known = node.key in scope.facts.present
        if not known and isinstance(node, Attr) and isinstance(node.base.type, Ref):
            doc = self.model.entities[node.base.type.entity].fields[node.name].doc
            for other, words in (doc.only_for or {}).items():
                left = scope.facts.words.get(f"{node.base.key}.{other}")
                known = known or (left is not None and left <= set(words))
        return Present(node, type=node.type.item, key=node.key) if known else node

    def node(self, tree: ast.expr, scope: Scope) -> Node:
        """Dispatches on the form of the tree."""
        match tree:
            case ast.Constant():
                return self._constant(tree)
            case ast.Name():
                return self._narrowed(self._names.name(tree.id, scope), scope)
            case ast.Attribute():
                return self._narrowed(self._names.attribute(tree, scope), scope)
            case ast.Call():
                return self._narrowed(self._call(tree, scope), scope)
            case ast.BinOp():
                return self._operators.binary(tree, scope)
            case ast.UnaryOp():
                return self._operators.unary(tree, scope)
            case ast.BoolOp():
                return self._operators.logic(tree, scope)
            case ast.Compare():
                return self._operators.comparison(tree, scope)
            case ast.IfExp():
                return self._operators.conditional(tree, scope)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(tree, scope)
            case ast.List():
                items = tuple(self.node(item, scope) for item in tree.elts)
                return ListDisplay(items, type=ListOf(self.joined(items)), key=ast.unparse(tree))
            case ast.Dict():
                return self._record(tree, scope)
            case ast.Subscript():
                return self._narrowed(self._subscript(tree, scope), scope)
        return self.unknown(tree, f"'{shorten(ast.unparse(tree))}' is not part of the expression language")

    def _constant(self, tree: ast.Constant) -> Node:
        kinds: dict[type, Type] = {
            bool: BOOLEAN,
            int: INTEGER,
            float: DECIMAL,
            str: TEXT,
            type(None): NOTHING,
        }
        value = tree.value
        if not isinstance(value, (bool, int, float, str, type(None))) or value in (
            float("inf"),
            float("-inf"),
        ):
            return self.unknown(tree, f"'{shorten(ast.unparse(tree))}' is not part of the expression language")
        return Literal(value, type=kinds[type(value)], key=ast.unparse(tree))

    def _comprehension(self, tree: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Node:
        clauses: list[Clause] = []
        for generator in tree.generators:
            if not isinstance(generator.target, ast.Name):
                return self.unknown(tree, "a comprehension has one name after 'for'")
            name = generator.target.id
            items = self.present(self.node(generator.iter, scope), "going through it")
            if not isinstance(items.type, ListOf) and items.type != UNKNOWN:
                self.problem(f"'{shorten(items.key)}' is {a(items.type)}; only lists and sets can be gone through")
            self.refuse_collision(name, scope)
            scope = scope.bind(name, items.type.item if isinstance(items.type, ListOf) else UNKNOWN)
            conditions: list[Node] = []
            for condition in generator.ifs:
                conditions.append(self.expect(self.node(condition, scope), BOOLEAN))
                scope = scope.knowing(facts_of(conditions[-1], True, scope.conditions))
            clauses.append(Clause(name, items, tuple(conditions)))
        element = self.node(tree.elt, scope)
        lazy = isinstance(tree, ast.GeneratorExp)
        return Comprehension(element, tuple(clauses), lazy, type=ListOf(element.type), key=ast.unparse(tree))

    def refuse_collision(self, name: str, scope: Scope) -> None:
        """A new name must not hide another one."""
        if name in scope.names or name in scope.local:
            self.problem(f"the name '{name}' is taken here already; use another one")
        elif self.model.by_plural(name) or name in FUNCTIONS or name in self.model.document.definitions:
            self.problem(f"the name '{name}' is that of a table, a function or a definition; use another one")

    def _record(self, tree: ast.Dict, scope: Scope) -> Node:
        members: dict[str, Node] = {}
        for key, value in zip(tree.keys, tree.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or not key.value.isidentifier():
                return self.unknown(tree, "the keys of a record are constant names in quotes")
            if keyword.iskeyword(key.value):
                return self.unknown(tree, f"'{key.value}' is a word of the expression language; use another name")
            if key.value in members:
                self.problem(f"the key '{key.value}' stands twice")
            members[key.value] = self.node(value, scope)
        type_ = Record(tuple((name, node.type) for name, node in members.items()))
        return RecordDisplay(tuple(members.items()), type=type_, key=ast.unparse(tree))

    def _subscript(self, tree: ast.Subscript, scope: Scope) -> Node:
        base = self.present(self.node(tree.value, scope), "indexing")
        key = ast.unparse(tree)
        if base.type == UNKNOWN:
            return replace(base, key=key)
        if isinstance(tree.slice, ast.Slice):
            if not isinstance(base.type, ListOf) and base.type != TEXT:
                return self.unknown(tree, f"'{shorten(base.key)}' is {a(base.type)}; only texts and lists are sliced")
            if tree.slice.step is not None:
                return self.unknown(tree, "a slice has a start and an end, and no step")
            ends = [
                None if end is None else self.expect(self.node(end, scope), INTEGER)
                for end in (tree.slice.lower, tree.slice.upper)
            ]
            return Slice(base, ends[0], ends[1], type=base.type, key=key)
        if isinstance(base.type, MapOf):
            return Index(base, self.expect(self.node(tree.slice, scope), base.type.key), type=base.type.value, key=key)
        return self.unknown(tree, f"'{shorten(base.key)}' is {a(base.type)}; [ ] is for maps: use first or last")

    def _call(self, tree: ast.Call, scope: Scope) -> Node:
        if not isinstance(tree.func, ast.Name):
            return self.unknown(
                tree, f"'{shorten(ast.unparse(tree.func))}' cannot be called; functions have plain names"
            )
        name = tree.func.id
        if (name in scope.local and scope.local[name].params) or name in self.model.document.definitions:
            if tree.keywords:
                self.problem(f"{name}: arguments are given by position")
            args = tuple(self.node(arg, scope) for arg in tree.args)
            return self._names.apply(name, args, tuple(tree.args), scope)
        if name == "before" and scope.before:
            row = self.present(self.node(tree.args[0], scope), "looking it up") if len(tree.args) == 1 else None
            if row is None or not isinstance(row.type, Ref):
                return self.unknown(tree, "before(row) takes one row")
            return Before(row, type=Ref(row.type.entity, True), key=ast.unparse(tree))
        if name in FUNCTIONS and (scope.grading or not FUNCTIONS[name].grading):
            return self._functions.call(tree, name, scope)
        choices = [*scope.local, *self.model.document.definitions, *FUNCTIONS]
        return self.unknown(tree, f"there is no function '{name}'{nearest(name, choices)}")
