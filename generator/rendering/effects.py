"""What operations do: effects as Python source.

Every condition and list is decided before the first effect, so those of later effects become variables there. The
first effect needs none, nor does a condition that no effect can change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.rendering.locals import LocalNames
from generator.rendering.methods import INDENT, indented
from generator.skeleton.compiler import OR, Code, Compiler, pascal, safe, stored_form
from generator.skeleton.model import Assign, Effect, Entity, Operation
from generator.skeleton.nodes import Compare, Literal, Logic, Node, Not, Present, Var, walk
from generator.skeleton.types import Maybe


@dataclass
class _Written:
    """The lines of an effect, and those that stand before all effects."""

    lines: list[str]
    decided: list[str]


class EffectWriter:
    """Writes the effects of one operation."""

    def __init__(self, compiler: Compiler, operation: Operation, local: LocalNames) -> None:
        self.compiler = compiler
        self.shared = compiler.shared
        self.model = compiler.model
        self.operation = operation
        self.local = local

    def write(self, names: dict[str, Code]) -> list[str]:
        decided: list[str] = []
        body: list[str] = []
        for at, effect in enumerate(self.operation.effects):
            self.shared.hint = pascal(self.operation.name) + "Line"
            written = self._effect(effect, names, first=at == 0)
            decided += written.decided
            body += written.lines
            self.compiler.forget()
        return decided + body

    def _effect(self, effect: Effect, names: dict[str, Code], *, first: bool) -> _Written:
        with self.compiler.knowing():
            if effect.each is not None:
                return self._for_each(effect, names, first=first)
            return self._once(effect, names, first=first)

    def _for_each(self, effect: Effect, names: dict[str, Code], *, first: bool) -> _Written:
        assert effect.each is not None
        name, items = effect.each
        code = self.compiler.code(items, names)
        variable = self.local.loop(name, items.type, code.form)
        inner = {**names, name: Code(variable, code.form)}
        chosen = code.text
        if effect.when is not None:
            source = self.compiler.iterable(items, names)
            condition = self.compiler.code(effect.when, inner).within(OR)
            chosen = f"[{variable} for {variable} in {source.within(OR)} if {condition}]"
        decided = []
        if not first and not chosen.isidentifier() and not self._names_new_rows(items, effect.when):
            plural = self.model.entities[effect.entity].plural
            place = self.local.fresh(f"{plural}_to_{effect.kind}" if effect.target else f"for_{plural}")
            decided, chosen = [f"{place} = {chosen}"], place
        lines = self._one(effect, inner, "")
        return _Written([f"for {variable} in {chosen}:", *indented(lines)], decided)

    def _once(self, effect: Effect, names: dict[str, Code], *, first: bool) -> _Written:
        decided: list[str] = []
        condition = ""
        if effect.when is not None:
            condition = self.compiler.text(effect.when, names)
            if first or self._names_new_rows(effect.when) or _settled(effect.when):
                self.compiler.learn(effect.when, names, holds=True)
            else:
                place = self.local.fresh(f"{effect.kind}_{effect.entity}")
                decided, condition = [f"{place} = {condition}"], place
        row = safe(effect.name) if self._kept(effect) else ""
        lines = self._one(effect, names, row)
        if row:
            names[effect.name] = Code(row, "row")
        if effect.when is None:
            return _Written(lines, decided)
        empty = [f"{row}: {pascal(effect.entity)} | None = None"] if row else []
        return _Written([*empty, f"if {condition}:", *indented(lines)], decided)

    def _names_new_rows(self, *nodes: Node | None) -> bool:
        """Whether the nodes speak of rows that effects make, and so cannot be decided before."""
        made = {effect.name for effect in self.operation.effects if effect.kind == "create"}
        return any(
            isinstance(part, Var) and part.name in made
            for node in nodes
            if node is not None
            for part in walk(node, through=False)
        )

    def _kept(self, effect: Effect) -> bool:
        """Whether a created row is named again later."""
        if effect.kind != "create" or effect.each is not None:
            return False
        nodes = [node for other in self.operation.effects for node in effect_nodes(other)]
        nodes += returned(self.operation)
        return any(isinstance(part, Var) and part.name == effect.name for node in nodes for part in walk(node))

    # -- kinds --------------------------------------------------------------------------------------------------------

    def _one(self, effect: Effect, names: dict[str, Code], local: str) -> list[str]:
        entity = self.model.entities[effect.entity]
        if effect.kind == "create":
            return self._create(entity, effect.assigns, names, local)
        if effect.kind == "replace":
            return self._replace(entity, effect, names)
        assert effect.target is not None
        row = self.compiler.row(effect.target, names)
        if effect.kind == "delete":
            lines = [f"self._delete_{entity.name}({row})"]
            key = self.compiler.code(effect.target, names)
            if effect.each is not None and key.form == "key":  # a list may name a row twice
                return [f"if {key.text} in self.{entity.plural}:", *indented(lines)]
            return lines
        return self._update(entity, row, effect.assigns, names)

    def _update(self, entity: Entity, row: str, assigns: tuple[Assign, ...], names: dict[str, Code]) -> list[str]:
        fixed = ", ".join(f'"{a.field.column}": {self._value(a, names)}' for a in assigns if not a.given)
        partial = [(assign, assign.given) for assign in assigns if assign.given]
        if not partial:
            return [f"self._update_{entity.name}({row}, {{{fixed}}})"]
        changes = self.local.fresh("changes")
        lines = [f"{changes}: {pascal(entity.name)}Changes = {{{fixed}}}"]
        for assign, given in partial:
            value = self._value(assign, names)
            lines += [
                f"if {names[given].text} is not None:",
                f'{INDENT}{changes}["{assign.field.column}"] = {value}',
            ]
        return [*lines, f"self._update_{entity.name}({row}, {changes})"]

    def _value(self, assign: Assign, names: dict[str, Code]) -> str:
        self.shared.hint = pascal(assign.field.name)
        return self.compiler.text(assign.node, names, stored_form(assign.field.type))

    def _create(self, entity: Entity, assigns: tuple[Assign, ...], names: dict[str, Code], local: str) -> list[str]:
        given = {assign.field.name: assign for assign in assigns}
        members = [f'"{entity.key_column}": self._next_{entity.name}_id()'] if entity.key == "counted" else []
        members += [f'"{item.column}": {self._initial(entity, item.name, given, names)}' for item in entity.stored]
        call = f"self._create_{entity.name}({{{', '.join(members)}}})"
        return [f"{local} = {call}" if local else call]

    def _initial(self, entity: Entity, name: str, given: dict[str, Assign], names: dict[str, Code]) -> str:
        """The value of a new row's field: what is given, else its default."""
        assign = given.get(name)
        if assign is not None and assign.given is None:
            return self._value(assign, names)
        item = entity.fields[name]
        default = "None"
        if item.default is not None:
            default = self.compiler.text(item.default, {}, stored_form(item.type))
        elif entity.key == "given" and name == entity.key_column:
            default = f"self._next_{entity.name}_id()"
        if assign is None:
            return default
        value, test = self._value(assign, names), names[assign.given or ""].text
        if default == "None" and value == test:
            return value
        return f"{value} if {test} is not None else {default}"

    def _replace(self, entity: Entity, effect: Effect, names: dict[str, Code]) -> list[str]:
        """The old rows go, then the new ones come; their list is read before."""
        assert effect.target is not None and effect.items is not None and entity.parent is not None
        self.shared.hint = pascal(entity.name) + "Line"
        owner, items = self.compiler.row(effect.target, names), self.compiler.text(effect.items, names)
        old, row = self.local.fresh("old"), self.local.fresh("row")
        lines = []
        if not items.isidentifier():
            rows = self.local.fresh("rows")
            lines, items = [f"{rows} = {items}"], rows
        parent = Assign(entity.fields[entity.parent], effect.target)
        created = self._create(entity, (parent, *effect.assigns), {**names, "row": Code(row)}, "")
        return [
            *lines,
            f"for {old} in self._{entity.parent}_{entity.parent_list}({owner}):",
            f"{INDENT}self._delete_{entity.name}({old})",
            f"for {row} in {items}:",
            *indented(created),
        ]


def _settled(node: Node) -> bool:
    """Whether no effect can change what the condition says: it compares parameters and `let`s with constants."""
    return all(
        isinstance(part, Literal | Logic | Not | Compare | Present)
        or (isinstance(part, Var) and stored_form(part.type) == "")
        or (isinstance(part, Var) and isinstance(part.type, Maybe))
        for part in walk(node)
    )


def effect_nodes(effect: Effect) -> Iterator[Node]:
    """Every expression of an effect."""
    yield from (node for node in (effect.target, effect.when, effect.items) if node is not None)
    if effect.each is not None:
        yield effect.each[1]
    for assign in effect.assigns:
        yield assign.node


def returned(operation: Operation) -> list[Node]:
    """Every expression of a result."""
    if isinstance(operation.returns, dict):
        return list(operation.returns.values())
    return [] if operation.returns is None else [operation.returns]
