"""A state as checks read it: tables, derived fields, owned rows and definitions, and nothing that could change it.

`World` has what compiled expressions ask of a rendered environment, without its tools. Two worlds make an outcome:
the final one, whose `before` is the initial one. Rows without an id of their own carry their inner key as `#`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from generator.rendering.helpers import HELPERS
from generator.scengenerator.answers import declined, stated
from generator.scengenerator.scenario import JsonObject
from generator.skeleton.compiler import Code, Compiler, Form, Shared, argument_form, safe
from generator.skeleton.model import Entity, Field, Model
from generator.skeleton.nodes import ListDisplay, Literal, Node
from generator.skeleton.types import ListOf, Ref, Type

Row = dict[str, Any]
_PRELUDE = """
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeVar
T = TypeVar("T")
"""


class Refused(Exception):
    """What a helper of the environment raises where a value is not there."""

    def __init__(self, code: str, message: str, origin: str = "") -> None:
        super().__init__(message)


class World:
    """The tables of one state; its classes are made by `Worlds`, with a method for each derived field."""

    _plurals: dict[str, Entity]

    def __init__(self, state: JsonObject, before: World | None = None) -> None:
        self.clock = str(state.get("clock", ""))
        self.before = before or self
        self._tables: dict[str, dict[str, Row]] = state.get("tables", {})
        self._owners: dict[str, dict[str, list[Row]]] = {}

    def __getattr__(self, name: str) -> Any:
        """A table, when it is read first."""
        entity = type(self)._plurals.get(name)
        if entity is None:
            raise AttributeError(name)
        table = self._tables.get(name, {})
        if entity.key == "none":
            table = {key: {**row, "#": key} for key, row in table.items()}
        self.__dict__[name] = table
        return table

    def owned(self, child: Entity, column: str, key: str) -> list[Row]:
        """The rows of `child` that belong to the row with this key."""
        if child.name not in self._owners:
            groups: dict[str, list[Row]] = {}
            for row in getattr(self, child.plural).values():
                groups.setdefault(row[column], []).append(row)
            self._owners[child.name] = groups
        return self._owners[child.name].get(key, [])


class Worlds:
    """Makes worlds of one model, and compiles expressions over them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._shared = Shared(model)
        self.compiler = Compiler(self._shared, now="self", before="self.before", keyed=True)
        self._names = _helpers(model)
        self._class: type[World] = type(
            "World", (World,), {"_plurals": {item.plural: item for item in model.entities.values()}}
        )
        self._written: set[str] = set()
        for entity in model.entities.values():
            if entity.key == "composite":
                self._names[f"{entity.name}_key"] = _composite(entity.key_fields)
            for name, child in entity.owned.items():
                self._add(f"_{entity.name}_{name}", self._owned(entity, model.entities[child]))
            for item in entity.derived:
                self._add(f"_{entity.name}_{item.name}", self._derived(entity, item))
        self._add_what_is_asked_for()

    def world(self, state: JsonObject, before: World | None = None) -> World:
        """The world of a state; `before` is that of the initial one. The state is read, not copied."""
        return self._class(state, before)

    def function(
        self, node: Node, names: dict[str, Code], parameters: Iterable[str], want: Form = ""
    ) -> Callable[..., Any]:
        """An expression as a function of the final world and of values for the names; refs as `want` says."""
        made = self._function(self.compiler.text(node, names, want), parameters)
        self._add_what_is_asked_for()
        return made

    def _function(self, text: str, parameters: Iterable[str]) -> Callable[..., Any]:
        source = f"lambda {', '.join(['self', *parameters])}: {text}"
        for name in self._shared.classes.values():  # a record is a dict
            self._names.setdefault(name, dict)
        made: Callable[..., Any] = eval(compile(source, "<check>", "eval"), self._names)
        return made

    def _add(self, name: str, function: Callable[..., Any]) -> None:
        self._written.add(name)
        setattr(self._class, name, function)

    def _owned(self, owner: Entity, child: Entity) -> Callable[..., Any]:
        column, key = child.fields[owner.name].column, str(owner.key_column)
        return lambda self, row: self.owned(child, column, row[key])

    def _derived(self, entity: Entity, item: Field) -> Callable[..., Any]:
        text = self.compiler.derived(item, {entity.name: Code(safe(entity.name), "row")})
        return self._function(text, [safe(entity.name)])

    def _add_what_is_asked_for(self) -> None:
        """Definitions and merges that compiled code calls; each may ask for more."""
        while True:
            definitions = [entry for entry in self._shared.definitions.values() if entry[0] not in self._written]
            for name, instance in definitions:
                names = {param: Code(safe(param), argument_form(type_)) for param, type_ in instance.params}
                text = self.compiler.text(instance.body, names, argument_form(instance.body.type))
                self._add(name, self._function(text, [code.text for code in names.values()]))
            merges = [(name, pair) for pair, (name, _) in self._shared.merges.items() if name not in self._written]
            for name, (one, other) in merges:
                self._add(name, self._merge(one, other))
            if not definitions and not merges:
                return

    def _merge(self, left: Type, right: Type) -> Callable[..., Any]:
        one, other = self._members(left), self._members(right)
        return lambda self, row, second: {**one(self, row), **other(self, second)}

    def _members(self, type_: Type) -> Callable[[World, Row], Row]:
        """What a row or record brings into a merge: for rows their derived fields too."""
        if not isinstance(type_, Ref):
            return lambda _, record: record
        entity = self.model.entities[type_.entity]
        columns = [item.column for item in entity.stored]
        columns += [entity.key_column] if entity.key_column and entity.key_column not in columns else []
        derived = [(item.column, f"_{entity.name}_{item.name}") for item in entity.derived]

        def members(world: World, row: Row) -> Row:
            world = world.before if type_.before else world
            return {column: row[column] for column in columns} | {
                column: getattr(world, method)(row) for column, method in derived
            }

        return members


def _composite(fields: list[Field]) -> Callable[[Row], str]:
    columns = [item.column for item in fields]
    return lambda row: "|".join(str(row[column]) for column in columns)


def _helpers(model: Model) -> dict[str, Any]:
    """The functions that compiled expressions call: those of rendered environments, and those of grading."""
    names: dict[str, Any] = {"Refused": Refused}
    exec(_PRELUDE + "\n".join(HELPERS.values()), names)
    return {**names, "stated": stated, "declined": declined, "called": functools.partial(called, model)}


def called(model: Model, calls: list[JsonObject], tool: str, arguments: JsonObject) -> bool:
    """Whether some call of the tool had at least these arguments; one left out counts as its default."""
    operation = model.operations.get(tool)
    params = {param.argument: param for param in operation.params} if operation else {}
    defaults = {name: _constant(param.default) for name, param in params.items()}
    sets = {name for name, param in params.items() if isinstance(param.type, ListOf) and param.type.distinct}
    return any(
        call["name"] == tool
        and all(
            _same(call["arguments"].get(name, defaults.get(name)), value, name in sets)
            for name, value in arguments.items()
        )
        for call in calls
    )


def _constant(node: Node | None) -> Any:
    """The value of a default that is written out; None for one that is calculated."""
    if isinstance(node, ListDisplay):
        return [_constant(item) for item in node.items]
    return node.value if isinstance(node, Literal) else None


def _same(given: Any, wanted: Any, unordered: bool) -> bool:
    if isinstance(given, bool) != isinstance(wanted, bool):
        return False
    if unordered and isinstance(given, list) and isinstance(wanted, list):
        return all(item in wanted for item in given) and all(item in given for item in wanted)
    return bool(given == wanted)
