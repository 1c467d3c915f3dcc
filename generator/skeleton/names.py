"""Checks names: what a word, a field or a definition stands for."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

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
)
from generator.skeleton.wording import a, nearest, shorten

if TYPE_CHECKING:
    from generator.skeleton.expressions import Expressions

_WORD_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class Names:
    """Resolves names against the scope and the model."""

    def __init__(self, main: Expressions) -> None:
        self._main = main
        self._running: list[str] = []  # definitions being instantiated, to find cycles
        self._instances: dict[tuple[str, tuple[Type, ...]], Instance] = {}

    def name(self, name: str, scope: Scope) -> Node:
        if name in scope.names:
            self._main.used.add(name)
            return Var(name, type=scope.names[name], key=name)
        if name in scope.local and not scope.local[name].params:
            return self._let(name, scope)
        if name in _WORD_LITERALS:
            value = _WORD_LITERALS[name]
            return Literal(value, type=NOTHING if value is None else BOOLEAN, key=repr(value))
        entity = self._main.model.entities.get(name)
        if entity and entity.key == "one":
            return Single(name, False, type=Ref(name), key=name)
        table = self._main.model.by_plural(name)
        if table and table.key != "one":
            return Rows(table.name, False, type=ListOf(Ref(table.name)), key=name)
        if name in self._main.model.document.definitions and not self._main.model.document.definitions[name].params:
            return self.apply(name, (), (), scope)
        self._main.problem(f"unknown name '{name}'{self._hint(name, scope)}")
        return Literal(None, type=UNKNOWN, key=name)

    def _let(self, name: str, scope: Scope) -> Node:
        assert scope.lets is not None
        lets = scope.lets
        self._main.used.add(name)
        if name not in lets.nodes:
            if name in self._running:
                self._main.problem(f"let: '{name}' goes in a circle")
                return Literal(None, type=UNKNOWN, key=name)
            self._running.append(name)
            node = self._main.check(lets.docs[name].body, replace(lets.outer, lets=lets), (*lets.path, name))
            self._running.pop()
            lets.nodes[name] = node
        return Var(name, type=lets.nodes[name].type, key=name)

    def _hint(self, name: str, scope: Scope) -> str:
        if name in FUNCTIONS or name in self._main.model.document.definitions or name in scope.local:
            return f": it is a function, written {name}(…)"
        if name in self._main.model.entities:
            return f": it is an entity; its rows are '{self._main.model.entities[name].plural}'"
        words = [enum for enum in self._main.model.enums.values() if name in enum.words]
        if words:
            return f"; the {words[0].name} is written '{name}' in quotes"
        plurals = [entity.plural for entity in self._main.model.entities.values()]
        return nearest(name, [*scope.names, *plurals, *scope.local, *self._main.model.document.definitions])

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
        local = name in scope.local
        doc = scope.local[name] if local else self._main.model.document.definitions[name]
        self._main.used.add(name)
        self._main.applied.add(name)
        key = f"{name}({', '.join(ast.unparse(tree) for tree in trees)})" if doc.params else name
        if len(args) != len(doc.params):
            self._main.problem(f"{name} takes {len(doc.params)} arguments ({', '.join(doc.params)}), found {len(args)}")
            return Literal(None, type=UNKNOWN, key=key)
        if any(arg.type == UNKNOWN for arg in args):
            return Literal(None, type=UNKNOWN, key=key)
        if name in self._running:
            self._main.problem(
                "definitions go in a circle: " + " → ".join([*self._running[self._running.index(name) :], name])
            )
            return Literal(None, type=UNKNOWN, key=key)
        types = tuple(arg.type for arg in args)
        instance = self._local(name, types, scope.lets) if local and scope.lets else self._global(name, types)
        return Apply(instance, args, type=instance.body.type, key=key)

    def _global(self, name: str, types: tuple[Type, ...]) -> Instance:
        """A definition at the types of its arguments."""
        if (name, types) not in self._instances:
            doc = self._main.model.document.definitions[name]
            params = dict(zip(doc.params, types, strict=True))
            self._running.append(name)
            body = self._main.check(doc.body, Scope(names=params), ("definitions", name))
            self._running.pop()
            self._instances[name, types] = Instance(name, tuple(params.items()), body)
        return self._instances[name, types]

    def _local(self, name: str, types: tuple[Type, ...], lets: Lets) -> Instance:
        """A `let` with parameters at the types of its arguments."""
        known = lets.instances.setdefault(name, [])
        for instance in known:
            if tuple(type_ for _, type_ in instance.params) == types:
                return instance
        doc = lets.docs[name]
        params = dict(zip(doc.params, types, strict=True))
        scope = replace(lets.outer, names={**lets.outer.names, **params}, lets=lets)
        self._running.append(name)
        body = self._main.check(doc.body, scope, (*lets.path, name))
        self._running.pop()
        known.append(Instance(name, tuple(params.items()), body, local=True))
        return known[-1]


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
