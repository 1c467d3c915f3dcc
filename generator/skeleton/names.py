"""Checks names: what a word, a field or a definition stands for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.skeleton.document import DefinitionDoc
from generator.skeleton.functions import FUNCTIONS
from generator.skeleton.nodes import (
    Apply,
    Attr,
    Instance,
    Literal,
    Node,
    Owned,
    Rows,
    Single,
    Var,
)
from generator.skeleton.scope import Lets, Scope
from generator.skeleton.types import (
    BOOLEAN,
    NOTHING,
    TEXT,
    UNKNOWN,
    ListOf,
    Maybe,
    Record,
    Ref,
    Type,
    Word,
)
from generator.skeleton.wording import a, amount, nearest, place, shorten

if TYPE_CHECKING:
    from generator.skeleton.expressions import Expressions

MAX_APPLIED = 24  # definitions that apply each other, one within the other
_WORD_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class Names:
    """Resolves names against the scope and the model."""

    def __init__(self, main: Expressions) -> None:
        self._main = main
        self._running: list[str] = []  # definitions being instantiated, to find cycles
        self._instances: dict[tuple[str, tuple[Type, ...]], Instance] = {}
        self._trying = False
        self.read: dict[str, set[str]] = {}  # the parameters that the body of a definition reads

    def name(self, name: str, scope: Scope) -> Node:
        """What a plain word stands for: the nearest of scope, `let`s, literals, tables and definitions."""
        model = self._main.model
        if name in scope.names:
            scope.used.add(name)
            return Var(name, type=scope.names[name], key=name)
        if name in scope.local and not scope.local[name].params:
            return self._let(name, scope)
        if name in _WORD_LITERALS:
            value = _WORD_LITERALS[name]
            return Literal(value, type=NOTHING if value is None else BOOLEAN, key=repr(value))
        entity = model.entities.get(name)
        if entity and entity.key == "one":
            return Single(name, False, type=Ref(name), key=name)
        table = model.by_plural(name)
        if table and table.key != "one":
            return Rows(table.name, False, type=ListOf(Ref(table.name)), key=name)
        if name in model.document.definitions and not model.document.definitions[name].params:
            return self.apply(name, (), (), scope)
        self._main.problem(f"unknown name '{name}'{self._hint(name, scope)}")
        return Literal(None, type=UNKNOWN, key=name)

    def known(self, name: str, scope: Scope) -> bool:
        """Whether the word is a name here, so that it cannot be a bare word of an enum."""
        return name in scope.names or name in scope.local

    def _let(self, name: str, scope: Scope) -> Node:
        assert scope.lets is not None
        lets = scope.lets
        scope.used.add(name)
        if name not in lets.nodes:
            if not self._may_run(name):
                return Literal(None, type=UNKNOWN, key=name)
            self._running.append(name)
            node = self._main.check(lets.docs[name].body, replace(lets.outer, lets=lets), (*lets.path, name))
            self._running.pop()
            lets.nodes[name] = node
        return Var(name, type=lets.nodes[name].type, key=name)

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Instances made within find problems and are not kept for compiling."""
        outer, self._trying = self._trying, True
        try:
            yield
        finally:
            self._trying = outer

    def _may_run(self, name: str) -> bool:
        """Whether a definition can be entered: not in a circle, and not without end."""
        if name in self._running:
            circle = [*self._running[self._running.index(name) :], name]
            self._main.problem(f"'{name}' is defined by itself: {shorten(' → '.join(circle))}")
        elif len(self._running) >= MAX_APPLIED:
            self._main.problem(f"definitions apply each other more than {MAX_APPLIED} levels deep")
        else:
            return True
        return False

    def _hint(self, name: str, scope: Scope) -> str:
        model = self._main.model
        if name in FUNCTIONS or name in model.document.definitions or name in scope.local:
            return f": it is a function, written {name}(…)"
        if name in model.entities:
            return f": it is an entity; its rows are '{model.entities[name].plural}'"
        words = [enum for enum in model.enums.values() if name in enum.words]
        if words:
            return f"; the {words[0].name} is written '{name}' in quotes"
        tables = [item.name if item.key == "one" else item.plural for item in model.entities.values()]
        hint = nearest(name, [*scope.names, *scope.local, *tables, *model.document.definitions, *_WORD_LITERALS])
        return hint or "; a text is written in quotes"

    def attribute(self, tree: ast.Attribute, scope: Scope) -> Node:
        key = ast.unparse(tree)
        if isinstance(tree.value, ast.Name) and tree.value.id == "before" and "before" not in scope.names:
            return self._before_table(tree, scope)
        base = self._main.node(tree.value, scope)
        if base.type == UNKNOWN:
            return Literal(None, type=UNKNOWN, key=key)
        base = self._main.present(base, f"reading .{tree.attr}")
        if isinstance(base.type, Ref):
            return self._field(base, tree.attr, key)
        if isinstance(base.type, Record):
            member = base.type.member(tree.attr)
            if member is not None:
                return Attr(base, tree.attr, type=member, key=key)
            names = [name for name, _ in base.type.fields]
            return self._main.unknown(tree, f"{base.type} has no '{tree.attr}'{nearest(tree.attr, names)}")
        if base.type == UNKNOWN:
            return base
        return self._main.unknown(tree, f"'{shorten(base.key)}' is {a(base.type)}; it has no '{tree.attr}'")

    def _field(self, base: Node, name: str, key: str) -> Node:
        assert isinstance(base.type, Ref)
        entity = self._main.model.entities[base.type.entity]
        if name in entity.fields:
            return Attr(base, name, type=_in_world(entity.fields[name].type, base.type.before), key=key)
        if name in entity.owned:
            child = entity.owned[name]
            return Owned(base, child, type=ListOf(Ref(child, base.type.before)), key=key)
        if name == entity.key_column:
            return Attr(base, name, type=TEXT, key=key)
        names = [*entity.fields, *entity.owned, *([entity.key_column] if entity.key_column else [])]
        self._main.problem(f"{entity.name} has no field '{name}'{nearest(name, names)}")
        return Literal(None, type=UNKNOWN, key=key)

    def _before_table(self, tree: ast.Attribute, scope: Scope) -> Node:
        if not scope.before:
            return self._main.unknown(tree, "'before' can be read in policies and checks only")
        entity = self._main.model.entities.get(tree.attr)
        if entity and entity.key == "one":
            return Single(entity.name, True, type=Ref(entity.name, True), key=ast.unparse(tree))
        table = self._main.model.by_plural(tree.attr)
        if table is None:
            plurals = [item.plural for item in self._main.model.entities.values()]
            return self._main.unknown(tree, f"there is no table '{tree.attr}'{nearest(tree.attr, plurals)}")
        return Rows(table.name, True, type=ListOf(Ref(table.name, True)), key=ast.unparse(tree))

    def apply(self, name: str, args: tuple[Node, ...], trees: tuple[ast.expr, ...], scope: Scope) -> Node:
        """A definition, or a `let` with parameters, at the types of its arguments."""
        lets = scope.lets if name in scope.local else None
        doc = scope.local[name] if lets else self._main.model.document.definitions[name]
        scope.used.add(name)
        if not lets:
            self._main.applied.add(name)
        key = f"{name}({', '.join(ast.unparse(tree) for tree in trees)})" if doc.params else name
        unknown = Literal(None, type=UNKNOWN, key=key)
        if len(args) != len(doc.params):
            wanted = f"{amount(len(doc.params), 'argument')} ({', '.join(doc.params)})"
            self._main.problem(f"{name} takes {wanted}, found {len(args)}")
            return unknown
        if any(arg.type == UNKNOWN for arg in args) or not self._may_run(name):
            return unknown
        instance = self._instance(name, doc, tuple(arg.type for arg in args), lets)
        words = word_types(args, doc.params, doc.body)
        if words:  # a misspelt word among the arguments shows only where the definition compares it
            with self.trial():
                self._instance(name, doc, words, lets)
        return Apply(instance, args, type=instance.body.type, key=key)

    def _instance(self, name: str, doc: DefinitionDoc, types: tuple[Type, ...], lets: Lets | None) -> Instance:
        cache = lets.applied if lets else self._instances
        if (name, types) not in cache:
            params = tuple(zip(doc.params, types, strict=True))
            with self._main.applied_at(place(self._main.path)):
                self._running.append(name)
                if lets:
                    names = {**lets.outer.names, **dict(params)}
                    body = self._main.check(doc.body, replace(lets.outer, names=names, lets=lets), (*lets.path, name))
                else:
                    scope = Scope(names=dict(params))
                    body = self._main.check(doc.body, scope, ("definitions", name))
                    self.read.setdefault(name, set()).update(scope.used)
                self._running.pop()
            cache[name, types] = Instance(name, params, body, local=lets is not None)
        if lets and not self._trying:
            known = lets.instances.setdefault(name, [])
            if not any(instance is cache[name, types] for instance in known):
                known.append(cache[name, types])
        return cache[name, types]


def word_types(args: Sequence[Node], params: Sequence[str], body: str) -> tuple[Type, ...] | None:
    """The types of arguments with text literals as their one word; None where there is nothing to try.

    A parameter that the body compares with literals of its own is left alone: it chooses between ways there.
    """
    types = tuple(
        Word((arg.value,))
        if isinstance(arg, Literal)
        and isinstance(arg.value, str)
        and arg.type == TEXT
        and not re.search(rf"\b{param}\s*(==|!=|in|not\s+in)\s*['\"\[]", body)
        else arg.type
        for arg, param in zip(args, params, strict=True)
    )
    return types if any(isinstance(type_, Word) for type_ in types) else None


def _in_world(type_: Type, before: bool) -> Type:
    """The type with its refs pointing into the initial tables."""
    if not before:
        return type_
    if isinstance(type_, Ref):
        return Ref(type_.entity, True)
    if isinstance(type_, Maybe):
        return Maybe(_in_world(type_.item, before))
    if isinstance(type_, ListOf):
        return ListOf(_in_world(type_.item, before), type_.distinct)
    if isinstance(type_, Record):
        return Record(tuple((name, _in_world(item, before)) for name, item in type_.fields), type_.name)
    return type_
