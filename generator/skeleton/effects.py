"""Checks effects: what operations create, update, delete and replace."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from generator.errors import Problem
from generator.skeleton.document import EffectDoc
from generator.skeleton.expressions import Expressions
from generator.skeleton.model import (
    Assign,
    Effect,
    Entity,
    Field,
    Model,
)
from generator.skeleton.narrowing import Facts, facts_of
from generator.skeleton.nodes import Attr, Literal, Node, Var
from generator.skeleton.presence import Presence
from generator.skeleton.scope import Path, Scope
from generator.skeleton.types import (
    BOOLEAN,
    NOTHING,
    UNKNOWN,
    ListOf,
    Maybe,
    Record,
    Ref,
    Type,
    bare,
    fits,
)
from generator.skeleton.wording import a, nearest, one, shorten


class Effects:
    """Reads what operations do."""

    def __init__(
        self,
        model: Model,
        expressions: Expressions,
        each: Callable[[str, Scope, Path], tuple[tuple[str, Node] | None, Scope]],
        report: Callable[[Problem], None],
    ) -> None:
        self.model = model
        self.expressions = expressions
        self._report = report
        self._each = each
        self._presence = Presence(report)

    def _problem(self, path: Path, message: str) -> None:
        self._report(Problem(path, message))

    def effect(self, doc: EffectDoc, scope: Scope, path: Path) -> tuple[Effect | None, Scope]:
        """One effect, and the scope in which the next one stands."""
        inner, each = scope, None
        if doc.for_each is not None:
            each, inner = self._each(doc.for_each, scope, (*path, "for_each"))
        when: Node | None = None
        if doc.when is not None:
            when = self.expressions.check(doc.when, inner, (*path, "when"), BOOLEAN)
            inner = inner.knowing(facts_of(when, True, inner.conditions))
        if doc.as_ is not None and doc.kind != "create":
            self._problem((*path, "as"), "'as' names the row that a 'create' makes; leave it out here")
        if doc.kind == "create":
            return self._create(doc, scope, inner, each, when, path)
        if doc.kind == "replace":
            return self._replace(doc, inner, each, when, path), after_effect(scope, None, ())
        return self._change(doc, scope, inner, each, when, path)

    def _change(
        self, doc: EffectDoc, scope: Scope, inner: Scope, each: tuple[str, Node] | None, when: Node | None, path: Path
    ) -> tuple[Effect | None, Scope]:
        """An update or a delete."""
        target = self.expressions.check(doc.target, inner, (*path, doc.kind))
        if not isinstance(target.type, Ref):
            if target.type != UNKNOWN:
                hint = "; it may be missing: test it first (… is not None)" if isinstance(target.type, Maybe) else ""
                message = f"'{shorten(doc.target)}' is {a(target.type)}, a row is expected{hint}"
                self._problem((*path, doc.kind), message)
            return None, scope
        entity = self.model.entities[target.type.entity]
        if doc.kind == "delete":
            if doc.with_ or doc.values:
                self._problem(path, "a delete takes neither 'with' nor 'values'")
            if entity.key == "one":
                self._problem((*path, "delete"), f"there is always one {entity.name}; it cannot be deleted")
            return Effect("delete", entity.name, target, "", (), when, each), after_effect(scope, None, ())
        assigns = self._assigns(doc, entity, inner, path)
        if not doc.with_ and not doc.values:
            self._problem(path, "this update changes nothing: give 'with' or 'values'")
        for assign in assigns:
            name = assign.field.name
            if name in self._fixed_fields(entity):
                self._problem(path, f"'{name}' is the key of {entity.name} and never changes")
            elif name == entity.parent:
                self._problem(path, f"'{name}' owns this {entity.name}; rows never change their owner")
            elif assign.node.key == f"{target.key}.{name}":
                self._problem((*path, "values", name), f"'{name}' is set to itself, so this changes nothing")
        self._presence.updated(entity, assigns, target.key, inner.facts, path)
        effect = Effect("update", entity.name, target, "", tuple(assigns), when, each)
        certain = target.key if when is None and each is None else None
        return effect, after_effect(scope, certain, assigns)

    @staticmethod
    def _fixed_fields(entity: Entity) -> list[str]:
        return [entity.key_column or ""] if entity.key == "given" else list(entity.doc.key or [])

    def _create(
        self,
        doc: EffectDoc,
        scope: Scope,
        inner: Scope,
        each: tuple[str, Node] | None,
        when: Node | None,
        path: Path,
    ) -> tuple[Effect | None, Scope]:
        entity = self.model.entities.get(doc.target)
        if entity is None:
            hint = nearest(doc.target, self.model.entities)
            self._problem((*path, "create"), f"there is no entity '{shorten(doc.target)}'{hint}")
            return None, scope
        if entity.key == "one":
            self._problem((*path, "create"), f"there is always one {entity.name}; update it instead")
        name = doc.as_ or entity.name
        assigns = self._assigns(doc, entity, inner, path)
        self._check_complete(entity, assigns, "", (*path, "create"))
        self._presence.created(entity, assigns, path)
        effect = Effect("create", entity.name, None, name, tuple(assigns), when, each)
        if each is not None:
            if doc.as_ is not None:
                self._problem((*path, "as"), "a row made for each of a list has no name; leave 'as' out")
            return effect, scope
        if name in scope.names or name in scope.local:
            self._problem((*path, "create"), f"the name '{name}' is taken here; name the new row with 'as'")
            return effect, scope
        type_: Type = Ref(entity.name)
        return effect, scope.bind(name, Maybe(type_) if when else type_)

    def _check_complete(self, entity: Entity, assigns: Sequence[Assign], skip: str, path: Path) -> None:
        """Every field of a new row has a value, or may be without one."""
        given = {assign.field.name: assign for assign in assigns}
        for item in entity.stored:
            made = entity.key == "given" and item.name == entity.key_column and entity.doc.id and entity.doc.id.next
            if item.name == skip or item.optional or item.default is not None or made:
                continue
            if item.name not in given:
                self._problem(path, f"creating {one(entity.name)} leaves '{item.name}' without a value")
            elif given[item.name].given is not None:
                message = f"'{item.name}' has no default, but the parameter may be left out"
                self._problem(path, f"creating {one(entity.name)} leaves '{item.name}' without a value: {message}")

    def _replace(
        self, doc: EffectDoc, scope: Scope, each: tuple[str, Node] | None, when: Node | None, path: Path
    ) -> Effect | None:
        parent_text, _, list_name = doc.target.rpartition(".")
        parent = self.expressions.check(parent_text, scope, (*path, "replace")) if parent_text else None
        if parent is None or not isinstance(parent.type, Ref):
            self._problem((*path, "replace"), f"'{doc.target}' is not of the form: reservation.passengers")
            return None
        owner = self.model.entities[parent.type.entity]
        child = owner.owned.get(list_name)
        if child is None:
            hint = nearest(list_name, owner.owned)
            self._problem((*path, "replace"), f"{owner.name} owns no rows called '{list_name}'{hint}")
            return None
        if not isinstance(doc.with_, str) and not (isinstance(doc.with_, list) and len(doc.with_) == 1):
            self._problem((*path, "with"), "replace takes the list of the new rows in 'with'")
            return None
        text = doc.with_ if isinstance(doc.with_, str) else doc.with_[0]
        items = self.expressions.check(text, scope, (*path, "with"))
        if not isinstance(items.type, ListOf) or not isinstance(items.type.item, Record):
            if items.type != UNKNOWN:
                self._problem((*path, "with"), f"'{shorten(text)}' is {a(items.type)}, a list of records is expected")
            return None
        entity = self.model.entities[child]
        row = Var("row", type=items.type.item, key="row")
        written = {item.field.name: item for item in self._from_record(row, entity, (*path, "with"), skip=owner.name)}
        for name, value in doc.values.items():
            item = self._stored_field(entity, name, (*path, "values", name))
            if item is not None:
                node = self.expressions.value(value, scope, (*path, "values", name), item.type)
                written[name] = Assign(item, node)
        assigns = list(written.values())
        self._check_complete(entity, assigns, owner.name, (*path, "with"))
        return Effect("replace", child, parent, "row", tuple(assigns), when, each, items)

    def _assigns(self, doc: EffectDoc, entity: Entity, scope: Scope, path: Path) -> list[Assign]:
        assigns: dict[str, Assign] = {}
        if isinstance(doc.with_, list):
            for name in doc.with_:
                if doc.with_.count(name) > 1 or name in doc.values:
                    self._problem((*path, "with"), f"'{name}' gets a value twice")
                item = self._stored_field(entity, name, (*path, "with"))
                if item is not None:
                    assigns[name] = self._same_name(item, name, scope, (*path, "with"))
        elif doc.with_ is not None:
            record = self.expressions.check(doc.with_, scope, (*path, "with"))
            assigns = {item.field.name: item for item in self._from_record(record, entity, (*path, "with"))}
        for name, text in doc.values.items():
            item = self._stored_field(entity, name, (*path, "values", name))
            if item is not None:
                node = self.expressions.value(text, scope, (*path, "values", name), item.type)
                assigns[name] = Assign(item, node)
        return list(assigns.values())

    def _same_name(self, item: Field, name: str, scope: Scope, path: Path) -> Assign:
        """`with: [title]`: the field takes what is called so; an optional parameter changes nothing when left out."""
        node = self.expressions.check(name, scope, path)
        if isinstance(node.type, Maybe) and isinstance(node, Var) and name in scope.names:
            return Assign(item, self.expressions.expect(replace(node, type=bare(node.type)), item.type), given=name)
        return Assign(item, self._expected(node, item.type, path))

    def _expected(self, node: Node, type_: Type, path: Path) -> Node:
        if not fits(node.type, type_):
            hint = "; it may be missing: test it first (… is not None)" if isinstance(node.type, Maybe) else ""
            self._problem(path, f"'{shorten(node.key)}' is {a(node.type)}, but the field is {a(type_)}{hint}")
            return replace(node, type=UNKNOWN)
        return node

    def _from_record(self, node: Node, entity: Entity, path: Path, skip: str = "") -> list[Assign]:
        """The fields of `entity` that a record or row brings."""
        if isinstance(node.type, Ref):
            members: list[tuple[str, Type]] = [(f.name, f.type) for f in self.model.entities[node.type.entity].stored]
            members = [(name, type_) for name, type_ in members if name in entity.fields]
        elif isinstance(node.type, Record):
            members = list(node.type.fields)
        else:
            if node.type != UNKNOWN:
                self._problem(path, f"'{shorten(node.key)}' is {a(node.type)}, a record is expected")
            return []
        assigns = []
        for name, type_ in members:
            item = self._stored_field(entity, name, path) if name != skip else None
            if item is not None:
                attr = Attr(node, name, type=type_, key=f"{node.key}.{name}")
                assigns.append(Assign(item, self._expected(attr, item.type, path)))
        return assigns

    def _stored_field(self, entity: Entity, name: str, path: Path) -> Field | None:
        item = entity.fields.get(name)
        if item is None:
            hint = nearest(name, [stored.name for stored in entity.stored])
            self._problem(path, f"{entity.name} has no field '{name}'{hint}")
        elif not item.stored:
            self._problem(path, f"'{name}' is derived and cannot be written")
        else:
            return item
        return None


def after_effect(scope: Scope, target: str | None, assigns: Sequence[Assign]) -> Scope:
    """What is still known after an effect. `target` is the row that was certainly updated."""
    if not assigns:  # rows came or went: what was looked up may have changed
        return replace(scope, facts=scope.facts.without(lambda key: "(" in key))
    fields = "|".join(re.escape(assign.field.name) for assign in assigns)
    changed = re.compile(rf"\.({fields})\b")
    facts = scope.facts.without(lambda key: changed.search(key) is not None)
    if target is not None:
        sure = [item for item in assigns if item.given is None and not isinstance(item.node.type, Maybe)]
        present = frozenset(f"{target}.{item.field.name}" for item in sure if item.node.type != NOTHING)
        words = {
            f"{target}.{item.field.name}": frozenset({item.node.value})
            for item in sure
            if isinstance(item.node, Literal) and isinstance(item.node.value, str)
        }
        facts = facts.both(Facts(present, words))
    return replace(scope, facts=facts)
