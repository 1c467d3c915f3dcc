"""A rendered environment with what only its makers evaluate: rules, defaults, and conditions on a single row.

Compiled by the same compiler as the environment itself, as methods of a subclass, so that derived fields and helpers
are the environment's own.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Any, Protocol, cast

from generator.rendering import load_environment
from generator.rendering.helpers import HELPERS
from generator.skeleton.compiler import Code, Compiler, Shared, argument_form, is_ref, safe
from generator.skeleton.model import Entity, Field, Model
from generator.skeleton.nodes import Instance, Node, Owned, Rows, walk
from generator.skeleton.types import Ref, Type

Json = Any
State = dict[str, Json]
Row = dict[str, Json]


class Outcome(Protocol):
    """A rendered environment's Result."""

    @property
    def ok(self) -> bool: ...
    @property
    def content(self) -> dict[str, Json]: ...
    @property
    def origin(self) -> str: ...


class World(Protocol):
    """A rendered environment, as the generator uses it."""

    clock: str
    counters: dict[str, int]

    @property
    def state(self) -> State: ...
    def call(self, name: str, arguments: object) -> Outcome: ...


class _Definitions(Shared):
    """Definitions under names of their own, beside those that the environment was rendered with."""

    def definition(self, instance: Instance) -> str:
        return "_law" + super().definition(instance)


class Laws:
    """Opens environments and evaluates rules, defaults and conditions in them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.module = load_environment(model)
        self.refused: type[Exception] = self.module.Refused
        self._shared = _Definitions(model)
        self._compiler = Compiler(self._shared)
        self._namespace = dict(vars(self.module))
        for name, source in HELPERS.items():
            if name not in self._namespace:
                exec(source, self._namespace)
        self.environment: Any = types.new_class("Extended", (self.module.Environment,))
        self._compiled: set[str] = set()
        self.kept: dict[str, Any] = {}  # what others compile once for each operation
        for entity in model.entities.values():
            for name, child in entity.owned.items():
                self._give_owned(entity, name, model.entities[child])
        for name, rule in model.rules.items():
            self.method(f"rule_{name}", rule.holds, {})
        self._about = {name: _tables_read(model, rule.holds) for name, rule in model.rules.items()}
        for entity in model.entities.values():
            for item in entity.stored:
                if item.default is not None:
                    self.method(f"default_{entity.name}_{item.name}", item.default, {}, "key")

    # -- using --------------------------------------------------------------------------------------------------------

    def open(self, state: State) -> World:
        """The environment on this state, which it takes over. Raises the module's InvalidState."""
        return cast(World, self.environment(state))

    def view(self, state: State) -> World:
        """The environment on this state as it is, without a look at whether it fits."""
        world = self.environment.__new__(self.environment)
        world.clock, world.counters = state["clock"], state["counters"]
        for plural, table in state["tables"].items():
            setattr(world, plural, table)
        return cast(World, world)

    def seen(self, state: State | World) -> World:
        """An environment that answers the laws' questions, over the same tables."""
        if isinstance(state, dict):
            return self.view(state)
        return state if isinstance(state, self.environment) else self.view(state.state)

    def empty(self) -> State:
        return {
            "clock": self.model.document.clock,
            "counters": {},
            "tables": {entity.plural: {} for entity in self.model.entities.values()},
        }

    def broken(self, world: World, rules: Iterable[str] | None = None) -> list[str]:
        """The names of the rules that do not hold; a rule that cannot be evaluated does not hold."""
        return [name for name in (self.model.rules if rules is None else rules) if not self.holds(world, name)]

    def holds(self, world: World, rule: str) -> bool:
        return self.ask(world, f"rule_{rule}")

    def ask(self, world: World, method: str, *args: Json) -> bool:
        """Whether a compiled condition holds; one that cannot be evaluated does not."""
        try:
            return bool(getattr(world, method)(*args))
        except (self.refused, LookupError, TypeError, ValueError):
            return False

    def rules_about(self, entity: str) -> list[str]:
        """The rules that read rows of this entity."""
        return [name for name, tables in self._about.items() if entity in tables]

    def default(self, world: World, entity: Entity, item: Field) -> Json:
        return getattr(world, f"default_{entity.name}_{item.name}")()

    def derived(self, world: World, entity: Entity, item: Field, row: Row) -> Json:
        return getattr(world, f"_{entity.name}_{item.name}")(row)

    # -- compiling ----------------------------------------------------------------------------------------------------

    def method(self, name: str, node: Node, params: dict[str, Type], want: str = "") -> str:
        """Makes `node` a method that takes `params`: rows for references, values for everything else."""
        names = {param: Code(safe(param), argument_form(type_)) for param, type_ in params.items()}
        form = "key" if want == "key" and is_ref(node.type) else ""
        self._add(name, [safe(param) for param in params], self._compiler.text(node, names, form))  # type: ignore[arg-type]
        self._add_definitions()
        return name

    def _add_definitions(self) -> None:
        """Definitions and merges that were asked for; each may ask for more."""
        while pending := [item for item in self._shared.definitions.values() if item[0] not in self._compiled]:
            for name, instance in pending:
                self._compiled.add(name)
                names = {param: Code(safe(param), argument_form(type_)) for param, type_ in instance.params}
                text = self._compiler.text(instance.body, names, argument_form(instance.body.type))
                self._add(f"_law{name}", [safe(param) for param, _ in instance.params], text)
        for name in self._shared.classes.values():
            self._namespace[name] = dict
        for (left, right), (name, _) in self._shared.merges.items():
            setattr(self.environment, name, self._merge(left, right))

    def _add(self, name: str, params: list[str], text: str) -> None:
        source = f"def {name}({', '.join(['self', *params])}):\n    return {text}\n"
        exec(source, self._namespace)  # compiled by us from a checked document
        setattr(self.environment, name, self._namespace.pop(name))

    def _give_owned(self, owner: Entity, name: str, child: Entity) -> None:
        column = child.fields[owner.name].column

        def rows(world: World, row: Row) -> list[Row]:
            key = row[owner.key_column or ""]
            return [item for item in getattr(world, child.plural).values() if item[column] == key]

        setattr(self.environment, f"_{owner.name}_{name}", rows)

    def _merge(self, left: Type, right: Type) -> Any:
        def members(world: World, type_: Type, value: Row) -> Row:
            if not isinstance(type_, Ref):
                return value
            entity = self.model.entities[type_.entity]
            return value | {item.column: self.derived(world, entity, item, value) for item in entity.derived}

        return lambda world, one, other: members(world, left, one) | members(world, right, other)


def _tables_read(model: Model, node: Node) -> set[str]:
    """The entities whose rows matter to an expression, through derived fields too."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    pending = [node]
    while pending:
        for part in walk(pending.pop()):
            if isinstance(part, Rows | Owned):
                found.add(part.entity)
            base = getattr(part, "base", None)
            if not isinstance(base, Node) or not isinstance(base.type, Ref):
                continue
            found.add(base.type.entity)
            place = (base.type.entity, getattr(part, "name", ""))
            item = model.entities[place[0]].fields.get(place[1])
            if item is not None and item.derived is not None and place not in seen:
                seen.add(place)
                pending.append(item.derived)
    return found


_LAWS: dict[int, Laws] = {}


def laws_of(model: Model) -> Laws:
    """The laws of a model, compiled once. (Models are not hashable; the laws keep theirs alive.)"""
    laws = _LAWS.get(id(model))
    if laws is None or laws.model is not model:
        if len(_LAWS) >= 64:
            _LAWS.clear()
        laws = _LAWS[id(model)] = Laws(model)
    return laws
