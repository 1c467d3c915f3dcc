"""Plans: sequences of commands that depend on one another, found by running them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from generator.scengenerator.dependence import Dependence
from generator.scengenerator.outcomes import Change, difference
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.scenario import JsonObject, ToolCall
from generator.skeleton.model import Model, Operation, Param
from generator.skeleton.nodes import Var, walk
from generator.skeleton.phrases import holes, split_say
from generator.skeleton.types import Ref, bare

TRIES = 12  # proposals for the first step
RELATED = 3  # proposals of each command that might go on from there
TOGETHER = 0.7  # how often a second parameter too names a row that the plan speaks of
Place = tuple[str, str]  # (entity, key)
Cell = tuple[str, str, str]  # (table, key, column)


@dataclass(frozen=True)
class Step:
    """One command of a plan, with the environment just before it and just after it."""

    operation: Operation
    arguments: JsonObject
    before: Any
    after: Any
    content: JsonObject

    @property
    def call(self) -> ToolCall:
        return ToolCall(name=self.operation.name, arguments=self.arguments)


@dataclass
class Plan:
    """Commands that succeed in order from `start`; with an `obstacle`, the second is refused without the first."""

    start: Any
    steps: list[Step] = field(default_factory=list)
    obstacle: bool = False
    refusal: str = ""  # of a plan that cannot or must not be done: why

    @property
    def end(self) -> Any:
        return self.steps[-1].after if self.steps else self.start

    @property
    def calls(self) -> list[ToolCall]:
        return [step.call for step in self.steps]


class Planner:
    """Plans over one initial state."""

    def __init__(
        self, model: Model, start: Any, proposer: Proposer, rng: random.Random, dependence: Dependence
    ) -> None:
        self.model, self.start, self.proposer, self.rng = model, start, proposer, rng
        self.dependence = dependence
        self.minds: Callable[[Any], bool] = lambda end: True  # whether an environment may be left like this
        self._silent: dict[str, frozenset[str]] = {}  # arguments that a command's words leave out

    def change(self, focus: Operation, least: int, most: int) -> Plan | None:
        """A plan of so many commands or fewer; `focus` is the first, or the second where another has to come before."""
        wanted = self.rng.randint(least, most)
        plan = Plan(self.start)
        if not self._begin(plan, focus) and not (most > 1 and self._lead_to(plan, focus)):
            return None
        while len(plan.steps) < wanted:
            if not self.go_on(plan):
                break
        return plan

    def go_on(self, plan: Plan) -> bool:
        """Adds a command that shares a row with what came before, or speaks of what such a row belongs to."""
        commands = [*self.model.commands]
        self.rng.shuffle(commands)
        used = {step.operation.name for step in plan.steps}
        near, far = self.known(plan)
        for command in sorted(commands, key=lambda command: command.name in used):
            if self._extend(plan, command, self.wishes(command, near, far)):
                return True
        return False

    # -- steps --------------------------------------------------------------------------------------------------------

    def _begin(self, plan: Plan, focus: Operation) -> bool:
        return self._extend(plan, focus, [{}] * TRIES)

    def _lead_to(self, plan: Plan, focus: Operation) -> bool:
        """Begins with a command that makes the focus possible for a row."""
        reads = [self.dependence.reads(focus, origin) for origin in self.dependence.origins(focus)]
        commands = self.dependence.writers(frozenset().union(*reads), focus)
        self.rng.shuffle(commands)
        for command in commands:
            if self._extend(plan, command, [{}] * RELATED):
                if self._extend(plan, focus, self.wishes(focus, *self.known(plan))):
                    return True
                plan.steps.clear()
        return False

    def _extend(self, plan: Plan, command: Operation, wishes: Iterable[JsonObject]) -> bool:
        """Adds a command that succeeds, changes something, and undoes nothing."""
        before = plan.end
        trial = None
        for wish in wishes:
            arguments = self.proposed(command, before, wish=wish)
            if arguments is None or not _fulfils(command, arguments, wish):
                continue
            trial = trial or before.copy()
            result = trial.call(command.name, arguments)
            if not result.ok:
                continue  # and nothing has changed
            step = Step(command, arguments, before, trial, result.content)
            if trial.state["tables"] != before.state["tables"] and not self.undoes(plan, step) and self.minds(trial):
                plan.steps.append(step)
                return True
            trial = None
        return False

    def proposed(
        self, command: Operation, environment: Any, refused_by: str | None = None, wish: JsonObject | None = None
    ) -> JsonObject | None:
        """Arguments that the command's words can say."""
        arguments = self.proposer.propose(command, environment, refused_by, wish or {})
        if arguments is None:
            return None
        if command.name not in self._silent:
            sayable = set(holes(split_say(command.doc.say or "")))
            self._silent[command.name] = frozenset(
                param.argument for param in command.params if param.name not in sayable and not param.required
            )
        silent = self._silent[command.name]
        return {name: value for name, value in arguments.items() if name not in silent}

    # -- rows that a plan speaks of -----------------------------------------------------------------------------------

    def known(self, plan: Plan) -> tuple[list[Place], list[Place]]:
        """The rows that a plan names, those that it makes first; and the rows that these belong to."""
        tables = plan.end.state["tables"]
        made = [place for step in plan.steps for place in self._made(step)]
        named = [place for step in plan.steps for place in self.places(step.operation, step.arguments)]
        near = [place for place in dict.fromkeys([*made, *named]) if place[1] in self._table(tables, place[0])]
        far = {other: None for place in near for other in self._belongs(tables, place) if other not in near}
        return near, list(far)

    def wishes(self, command: Operation, near: list[Place], far: list[Place]) -> Iterable[JsonObject]:
        """Rows for the parameters of a command, a few times, at least one of them known; none when none fits."""
        fitting = {param.name: self._fitting(param, near) or self._fitting(param, far) for param in command.params}
        fitting = {name: keys for name, keys in fitting.items() if keys}
        for _ in range(RELATED if fitting else 0):
            names = list(fitting)
            self.rng.shuffle(names)
            wish: JsonObject = {}
            for name in names:
                free = [key for key in fitting[name] if key not in wish.values()]
                if free and (not wish or self.rng.random() < TOGETHER):
                    wish[name] = free[0] if self.rng.random() < 0.5 else self.rng.choice(free)
            yield wish

    @staticmethod
    def _fitting(param: Param, places: list[Place]) -> list[str]:
        type_ = bare(param.type)
        return [key for entity, key in places if isinstance(type_, Ref) and entity == type_.entity]

    def places(self, command: Operation, arguments: JsonObject) -> list[Place]:
        """The rows that a call names."""
        found: list[Place] = []
        for param in command.params:
            type_ = bare(param.type)
            if isinstance(type_, Ref) and arguments.get(param.argument) is not None:
                found.append((type_.entity, arguments[param.argument]))
        return found

    def around(self, places: list[Place]) -> list[Place]:
        """The rows that these refer to, and those that refer to them."""
        tables = self.start.state["tables"]
        found = {other: None for place in places for other in self._belongs(tables, place)}
        for entity_name, key in places:
            for other in self.model.entities.values():
                for item in other.stored:
                    if bare(item.type) == Ref(entity_name) and other.key in ("counted", "given"):
                        keys = (k for k, row in tables[other.plural].items() if row[item.column] == key)
                        found |= dict.fromkeys((other.name, k) for k in keys)
        return list(found)

    def _belongs(self, tables: JsonObject, place: Place) -> list[Place]:
        """The rows that a row refers to."""
        entity = self.model.entities[place[0]]
        row = tables[entity.plural].get(place[1], {})
        return [
            (type_.entity, row[item.column])
            for item in entity.stored
            if isinstance(type_ := bare(item.type), Ref) and row.get(item.column) is not None
        ]

    def _table(self, tables: JsonObject, entity: str) -> JsonObject:
        table: JsonObject = tables[self.model.entities[entity].plural]
        return table

    def _made(self, step: Step) -> list[Place]:
        """The rows that a step created and that can be named."""
        before, after = step.before.state["tables"], step.after.state["tables"]
        return [
            (entity.name, key)
            for entity in self.model.entities.values()
            if entity.key == "counted" and len(after[entity.plural]) > len(before[entity.plural])
            for key in after[entity.plural]
            if key not in before[entity.plural]
        ]

    # -- steps that make no sense together ----------------------------------------------------------------------------

    def undoes(self, plan: Plan, step: Step) -> bool:
        """Whether a step takes back or writes over what an earlier one of the plan did."""
        history: dict[Cell, list[Any]] = {}  # what stood in each cell that the plan wrote, before each writing
        given: dict[Cell, set[str]] = {}  # the values that the writing steps were given
        touched: set[tuple[str, str]] = set()
        for earlier in plan.steps:
            for change in self._changes(earlier):
                touched.add((change.table, change.row))
                for name, (old, _) in change.fields.items():
                    history.setdefault((change.table, change.row, name), []).append(old)
                    given.setdefault((change.table, change.row, name), set()).update(_texts(earlier.arguments))
        for change in self._changes(step) if history else ():
            if change.kind == "deleted" and (change.table, change.row) in touched:
                return True
            for name, (old, new) in change.fields.items():
                cell = (change.table, change.row, name)
                if cell in history and (
                    new in history[cell] or str(old) in given[cell] or self._in_vain(plan, change, name)
                ):
                    return True
        return False

    def _in_vain(self, plan: Plan, change: Change, name: str) -> bool:
        """Whether a row could have come to its new state without the earlier step, or is made only to be ended."""
        entity = self.model.by_plural(change.table)
        item = entity.field_of_column(name) if entity else None
        if entity is None or item is None or item.doc.transitions is None:
            return False
        first = next(s for s in plan.steps if any(_is_cell(c, change, name) for c in self._changes(s)))
        moves = item.doc.transitions
        was = first.before.state["tables"][change.table].get(change.row)
        new = change.fields[name][1]
        if was is not None:
            return new in moves.get(was[name], [])
        later = plan.steps[plan.steps.index(first) + 1 :]
        served = any((entity.name, change.row) in self.places(s.operation, s.arguments) for s in later)
        return not moves.get(new) and not served

    def _changes(self, step: Step) -> list[Change]:
        return difference(step.before.state, step.after.state, self.model)


def _is_cell(one: Change, other: Change, name: str) -> bool:
    return (one.table, one.row) == (other.table, other.row) and name in one.fields


def _fulfils(command: Operation, arguments: JsonObject, wish: JsonObject) -> bool:
    return all(arguments.get(param.argument) == wish[param.name] for param in command.params if param.name in wish)


def _texts(arguments: JsonObject) -> set[str]:
    """The values that are given, also within lists and records."""
    found: set[str] = set()
    pending = list(arguments.values())
    while pending:
        value = pending.pop()
        if isinstance(value, dict | list):
            pending += value.values() if isinstance(value, dict) else value
        elif not isinstance(value, bool):
            found.add(str(value))
    return found


def actors(operation: Operation) -> list[Param]:
    """Parameters that only guards read: who acts."""
    found: list[Param] = []
    written: set[str] = set()
    for effect in operation.effects:
        for node in (effect.target, effect.items, effect.when, *(assign.node for assign in effect.assigns)):
            written |= {part.name for part in walk(node) if isinstance(part, Var)} if node is not None else set()
        if effect.each is not None:
            written |= {part.name for part in walk(effect.each[1]) if isinstance(part, Var)}
    for name, let in operation.lets.items():
        if name in written and let.node is not None:
            written |= {part.name for part in walk(let.node) if isinstance(part, Var)}
    for param in operation.params:
        if isinstance(bare(param.type), Ref) and param.name not in written:
            found.append(param)
    return found
