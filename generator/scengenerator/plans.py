"""Plans: sequences of commands that depend on one another, found by running them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

from generator.scengenerator.dependence import Dependence
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.scenario import JsonObject
from generator.scengenerator.sense import Sense
from generator.scengenerator.steps import Place, Plan, Step
from generator.skeleton.model import Model, Operation, Param
from generator.skeleton.phrases import holes, split_say
from generator.skeleton.types import Ref, bare

TRIES = 12  # proposals for the first step
RELATED = 3  # proposals of each command that might go on from there
TOGETHER = 0.7  # how often a second parameter too names a row that the plan speaks of


class Planner:
    """Plans over one initial state."""

    def __init__(
        self, model: Model, start: Any, proposer: Proposer, rng: random.Random, dependence: Dependence
    ) -> None:
        self.model, self.start, self.proposer, self.rng = model, start, proposer, rng
        self.dependence = dependence
        self.sense = Sense(model)
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
        commands += [command for command in self.dependence.makers(focus) if command not in commands]
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
            if (
                trial.state["tables"] != before.state["tables"]
                and not self.sense.undoes(plan.steps, step)
                and self.minds(trial)
            ):
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
        named = [place for step in plan.steps for place in step.places]
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


def _fulfils(command: Operation, arguments: JsonObject, wish: JsonObject) -> bool:
    return all(arguments.get(param.argument) == wish[param.name] for param in command.params if param.name in wish)
