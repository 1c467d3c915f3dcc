"""Checks operations: parameters, requirements, effects, results and words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from generator.errors import Problem
from generator.skeleton.document import IDENTIFIER, ClauseDoc, EffectDoc, OperationDoc, ParamDoc, RequireDoc
from generator.skeleton.entities import Entities
from generator.skeleton.expressions import Expressions, Lets, Path, Scope, nearest
from generator.skeleton.model import (
    Assign,
    ClauseOf,
    Effect,
    Entity,
    Field,
    GuardInstance,
    Let,
    Model,
    Operation,
    Param,
    Requirement,
    Sentence,
)
from generator.skeleton.narrowing import NO_FACTS, Facts, facts_of
from generator.skeleton.nodes import Attr, Node, Var, walk
from generator.skeleton.phrases import holes, split_holes, split_say
from generator.skeleton.types import (
    BOOLEAN,
    TEXT,
    UNKNOWN,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
    bare,
    fits,
)

_EACH = re.compile(rf"({IDENTIFIER})\s+in\s+(.+)", re.DOTALL)


class Operations:
    """Fills a model with its operations."""

    def __init__(
        self, model: Model, expressions: Expressions, entities: Entities, report: Callable[[Problem], None]
    ) -> None:
        self.model = model
        self.expressions = expressions
        self._entities = entities
        self._report = report
        self.guards_used: set[str] = set()
        self._guards: dict[tuple[str, tuple[Type, ...]], GuardInstance] = {}

    def _problem(self, path: Path, message: str, *, warning: bool = False) -> None:
        self._report(Problem(path, message, warning=warning))

    def read(self) -> None:
        for name, doc in self.model.document.operations.items():
            self.model.operations[name] = self._operation(name, doc)

    def _operation(self, name: str, doc: OperationDoc) -> Operation:
        path: Path = ("operations", name)
        operation = Operation(name, doc)
        self.expressions.used.clear()
        operation.params = [self._param(param, item, (*path, "params", param)) for param, item in doc.params.items()]
        self._refuse_repeated_arguments(operation, path)
        scope = Scope(names={param.name: param.type for param in operation.params})
        lets = Lets(doc.let, (*path, "let"), scope)
        scope = replace(scope, lets=lets)
        for let in doc.let:
            if let in doc.params or let in self.model.document.definitions:
                self._problem((*path, "let", let), f"the name '{let}' is taken; use another one")
        for at, requirement in enumerate(doc.requires):
            read, facts = self._requirement(requirement, scope, (*path, "requires", at), f"{name}.requires[{at}]")
            if read is not None:
                operation.requires.append(read)
            scope = scope.knowing(facts)
            lets.outer = lets.outer.knowing(facts)
        for at, effect in enumerate(doc.effects):
            made, scope = self._effect(effect, scope, (*path, "effects", at))
            if made is not None:
                operation.effects.append(made)
        self._returns(operation, scope, (*path, "returns"))
        operation.lets = {
            let: Let(let, None if item.params else lets.nodes.get(let), lets.instances.get(let, []))
            for let, item in doc.let.items()
        }
        self._unused(operation, path)
        self._say(operation, (*path, "say"))
        self._warn_of_order(operation, path)
        return operation

    # -- parameters -----------------------------------------------------------------------------------------------

    def _param(self, name: str, doc: ParamDoc, path: Path) -> Param:
        source: Field | None = None
        text, optional = doc.type, False
        if text.startswith("optional "):
            text, optional = text.removeprefix("optional ").strip(), True
        if match := re.fullmatch(rf"({IDENTIFIER})\.({IDENTIFIER})", text):
            source = self._inherited(match[1], match[2], path)
            type_: Type = source.type if source else UNKNOWN
            if source:
                inherited = source.doc.model_copy(update={"default": None, "derived": None, "unique": False})
                written = {key: getattr(doc, key) for key in doc.model_fields_set if key != "type"}
                doc = ParamDoc.model_validate(inherited.model_dump(by_alias=True) | written | {"type": doc.type})
            optional = optional or isinstance(type_, Maybe)
        else:
            type_ = self._entities.type_of(text, path)
        type_ = Maybe(bare(type_)) if optional else type_
        if name in self.model.document.definitions:
            self._problem(path, f"the name '{name}' is that of a definition; use another one")
        if (
            doc.derived is not None
            or (doc.transitions is not None and source is None)
            or (doc.on_delete and source is None)
        ):
            self._problem(path, "a parameter is not derived and has neither transitions nor on_delete")
        param = Param(name, self.model.column(name, type_), type_, doc, source)
        if doc.default is not None:
            param.type = bare(type_)
            param.default = self.expressions.value(doc.default, Scope(), (*path, "default"), param.type)
        if source is not None and doc.min == source.doc.min and doc.max == source.doc.max:
            param.minimum, param.maximum = source.minimum, source.maximum
        else:
            param.minimum, param.maximum = self._entities.bounds(doc, param.type, path)
        if source is None:
            self._entities.check_sample(doc, param.type, path)
            if doc.pattern is not None:
                self._entities.check_pattern(doc.pattern, bare(param.type), (*path, "pattern"))
        return param

    def _inherited(self, entity_name: str, field_name: str, path: Path) -> Field | None:
        entity = self.model.entities.get(entity_name)
        members = entity.fields if entity else self.model.members.get(entity_name)
        if members is None:
            self._problem(path, f"there is no entity '{entity_name}'{nearest(entity_name, self.model.entities)}")
            return None
        if field_name not in members:
            self._problem(path, f"{entity_name} has no field '{field_name}'{nearest(field_name, members)}")
            return None
        return members[field_name]

    def _refuse_repeated_arguments(self, operation: Operation, path: Path) -> None:
        seen: dict[str, str] = {}
        for param in operation.params:
            if param.argument in seen:
                message = f"agents would see two arguments '{param.argument}' ({seen[param.argument]} and {param.name})"
                self._problem((*path, "params", param.name), message)
            seen[param.argument] = param.name

    # -- requirements ----------------------------------------------------------------------------------------------

    def _requirement(self, doc: RequireDoc, scope: Scope, path: Path, origin: str) -> tuple[Requirement | None, Facts]:
        each: tuple[str, Node] | None = None
        if doc.each is not None:
            each, scope = self._each(doc.each, scope, (*path, "each"))
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
                self._problem(path, f"{{{piece.text}}} is a {node.type}; name one of its fields")
            elif isinstance(node.type, Maybe):
                self._problem(path, f"{{{piece.text}}} may be missing here")
            parts.append(node)
        return Sentence(tuple(parts))

    def _guard_call(self, text: str, scope: Scope, path: Path) -> tuple[GuardInstance, tuple[Node, ...], Facts] | None:
        match = re.fullmatch(rf"\s*({IDENTIFIER})\s*(?:\((.*)\))?\s*", text, re.DOTALL)
        guards = self.model.document.guards
        if match is None or match[1] not in guards:
            name = match[1] if match else text
            self._problem(
                path,
                f"there is no guard '{name}'{nearest(name, guards)}; a condition is written {{that, else}}",
            )
            return None
        name, doc = match[1], guards[match[1]]
        self.guards_used.add(name)
        listed = self.expressions.arguments(match[2] or "", scope, path)
        if len(listed) != len(doc.params):
            self._problem(
                path,
                f"{name} takes {len(doc.params)} arguments ({', '.join(doc.params)}), found {len(listed)}",
            )
            return None
        if any(arg.type == UNKNOWN for arg in listed):
            return None
        types = tuple(arg.type for arg in listed)
        guard = self._guard(name, types)
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
            self._guards[name, types] = GuardInstance(name, tuple(params.items()), tuple(clauses))
        return self._guards[name, types]

    def _each(self, text: str, scope: Scope, path: Path) -> tuple[tuple[str, Node] | None, Scope]:
        match = _EACH.fullmatch(text.strip())
        if match is None:
            self._problem(path, f"'{text}' is not of the form: x in xs")
            return None, scope
        items = self.expressions.check(match[2], scope, path)
        if not isinstance(items.type, ListOf):
            if items.type != UNKNOWN:
                self._problem(path, f"'{match[2]}' is a {items.type}, a list is expected")
            return (match[1], items), scope.bind(match[1], UNKNOWN)
        if match[1] in scope.names:
            self._problem(path, f"the name '{match[1]}' is taken here already; use another one")
        return (match[1], items), scope.bind(match[1], items.type.item)

    # -- effects ----------------------------------------------------------------------------------------------------

    def _effect(self, doc: EffectDoc, scope: Scope, path: Path) -> tuple[Effect | None, Scope]:
        inner, each = scope, None
        if doc.for_each is not None:
            each, inner = self._each(doc.for_each, scope, (*path, "for_each"))
        when: Node | None = None
        if doc.when is not None:
            when = self.expressions.check(doc.when, inner, (*path, "when"), BOOLEAN)
            inner = inner.knowing(facts_of(when, True, inner.conditions))
        if doc.kind == "create":
            return self._create(doc, scope, inner, each, when, path)
        if doc.kind == "replace":
            return self._replace(doc, inner, each, when, path), scope
        target = self.expressions.check(doc.target, inner, (*path, doc.kind))
        if not isinstance(target.type, Ref):
            if target.type != UNKNOWN:
                hint = "; it may be missing: test it first" if isinstance(target.type, Maybe) else ""
                self._problem((*path, doc.kind), f"'{doc.target}' is a {target.type}, a row is expected{hint}")
            return None, scope
        entity = self.model.entities[target.type.entity]
        assigns: list[Assign] = []
        if doc.kind == "update":
            assigns = self._assigns(doc, entity, inner, path)
            if not assigns:
                self._problem(path, "this update changes nothing: give 'with' or 'values'")
            for assign in assigns:
                if assign.field.name in self._fixed_fields(entity):
                    self._problem(path, f"'{assign.field.name}' is the key of {entity.name} and never changes")
        elif doc.with_ or doc.values:
            self._problem(path, "a delete takes neither 'with' nor 'values'")
        return Effect(doc.kind, entity.name, target, "", tuple(assigns), when, each), scope

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
            choices = self.model.entities
            self._problem((*path, "create"), f"there is no entity '{doc.target}'{nearest(doc.target, choices)}")
            return None, scope
        name = doc.as_ or entity.name
        assigns = self._assigns(doc, entity, inner, path)
        given = {assign.field.name for assign in assigns if assign.given is None}
        for item in entity.stored:
            optional = item.optional or item.default is not None
            made = entity.key == "given" and item.name == entity.key_column and entity.doc.id and entity.doc.id.next
            if item.name not in given and not optional and not made:
                self._problem((*path, "create"), f"creating a {entity.name} leaves '{item.name}' without a value")
        effect = Effect("create", entity.name, None, name, tuple(assigns), when, each)
        if each is not None:
            return effect, scope
        if name in scope.names or name in scope.local:
            self._problem((*path, "create"), f"the name '{name}' is taken here; name the new row with 'as'")
            return effect, scope
        type_: Type = Ref(entity.name)
        return effect, scope.bind(name, Maybe(type_) if when else type_)

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
                self._problem((*path, "with"), f"'{text}' is a {items.type}, a list of records is expected")
            return None
        entity = self.model.entities[child]
        row = Var("row", type=items.type.item, key="row")
        assigns = self._from_record(row, entity, (*path, "with"), skip=owner.name)
        return Effect("replace", child, parent, "row", tuple(assigns), when, each, items)

    def _assigns(self, doc: EffectDoc, entity: Entity, scope: Scope, path: Path) -> list[Assign]:
        assigns: dict[str, Assign] = {}
        if isinstance(doc.with_, list):
            for name in doc.with_:
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
            self._problem(path, f"'{node.key}' is a {node.type}, but the field is a {type_}")
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
                self._problem(path, f"'{node.key}' is a {node.type}, a record is expected")
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
            self._problem(path, f"{entity.name} has no field '{name}'{nearest(name, entity.fields)}")
        elif not item.stored:
            self._problem(path, f"'{name}' is derived and cannot be written")
        else:
            return item
        return None

    # -- results and words ---------------------------------------------------------------------------------------------

    def _returns(self, operation: Operation, scope: Scope, path: Path) -> None:
        returns = operation.doc.returns
        if returns is None:
            if not operation.doc.effects:
                self._problem(path, "an operation without effects is a query and returns something")
        elif isinstance(returns, str):
            operation.returns = self.expressions.check(returns, scope, path)
        else:
            operation.returns = {
                name: self.expressions.check(text, scope, (*path, name)) for name, text in returns.items()
            }

    def _unused(self, operation: Operation, path: Path) -> None:
        for param in operation.params:
            said = not operation.doc.effects and param.type == TEXT  # what is said is kept in the record of calls
            if param.name not in self.expressions.used and not said:
                self._problem((*path, "params", param.name), f"the parameter '{param.name}' is never used")
        for name in operation.doc.let:
            if name not in self.expressions.used:
                self._problem((*path, "let", name), f"'{name}' is never used")

    def _say(self, operation: Operation, path: Path) -> None:
        if operation.doc.say is None:
            return
        try:
            names = holes(split_say(operation.doc.say))
        except ValueError as error:
            self._problem(path, f"{error} in '{operation.doc.say}'")
            return
        for name in names:
            if name not in operation.doc.params:
                hint = nearest(name, operation.doc.params)
                self._problem(path, f"{{{name}}} is no parameter of {operation.name}{hint}")

    def _warn_of_order(self, operation: Operation, path: Path) -> None:
        """A later effect that reads what an earlier one changed sees the change: often not what was meant."""
        changed: set[tuple[str, str]] = set()
        for at, effect in enumerate(operation.effects):
            for assign in effect.assigns:
                for node in walk(assign.node):
                    if isinstance(node, Attr) and isinstance(node.base.type, Ref):
                        place = (node.base.type.entity, node.name)
                        if place in changed:
                            message = f"reads {'.'.join(place)}, which an earlier effect has changed by then"
                            self._problem((*path, "effects", at, "values", assign.field.name), message, warning=True)
            if effect.kind == "update":
                changed |= {(effect.entity, assign.field.name) for assign in effect.assigns}
