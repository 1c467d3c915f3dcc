"""Plans: sequences of commands that depend on one another, found by running them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.scengenerator.outcomes import difference
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.scenario import JsonObject, ToolCall
from generator.skeleton.facts import footprint
from generator.skeleton.model import Model, Operation, Param
from generator.skeleton.nodes import Var, walk
from generator.skeleton.phrases import holes, split_say
from generator.skeleton.types import Ref, bare

TRIES = 25  # proposals for one step before another command is tried
REASONS = 4  # for which a call is refused, that are looked into
RELATED = 6  # proposals of each command that might go on from there
CLEARING = 6  # tries of each command that might clear the way
Place = tuple[str, str]  # (entity, key)


@dataclass(frozen=True)
class Step:
    """One command of a plan; `before` is the environment just before it."""

    operation: Operation
    arguments: JsonObject
    before: Any
    content: JsonObject

    @property
    def call(self) -> ToolCall:
        return ToolCall(name=self.operation.name, arguments=self.arguments)


@dataclass
class Plan:
    """Commands that succeed in order from `start`; `obstacle` when the last one is refused without the others."""

    start: Any
    steps: list[Step]
    end: Any
    obstacle: bool = False
    refusal: str = ""  # of a plan that cannot be done: what the environment says

    @property
    def calls(self) -> list[ToolCall]:
        return [step.call for step in self.steps]


@dataclass
class Planner:
    """Plans over one initial state."""

    model: Model
    start: Any  # a rendered Environment; never changed
    proposer: Proposer
    rng: random.Random
    _silent: dict[str, frozenset[str]] = field(default_factory=dict)  # arguments that a command's words leave out

    # -- changes ------------------------------------------------------------------------------------------------------

    def change(self, focus: Operation, least: int, most: int) -> Plan | None:
        """A plan of so many commands, `focus` first."""
        plan = Plan(self.start, [], self.start.copy())
        wanted = self.rng.randint(least, most)
        if not self._extend(plan, [focus]):
            return None  # it cannot be done in this state
        while len(plan.steps) < wanted:
            if not self._extend(plan, self._related(plan), tries=RELATED):
                return plan if len(plan.steps) >= least else None
        return plan

    def obstructed(self, focus: Operation) -> Plan | None:
        """A command that is refused at first, and one that clears the way."""
        for arguments, _ in self._refused(focus):
            plan = self._clear(focus, arguments)
            if plan is not None and not self._undone(plan):
                return plan
        return None

    def hopeless(self, focus: Operation) -> Plan | None:
        """A command that is refused, and that no single other command makes possible."""
        for arguments, content in self._refused(focus):
            if self._clear(focus, arguments, nearly=True) is None:
                step = Step(focus, arguments, self.start, content)
                return Plan(self.start, [step], self.start, refusal=str(content["message"]))
        return None

    def _refused(self, focus: Operation) -> Iterator[tuple[JsonObject, JsonObject]]:
        """Calls that the environment refuses for a reason of the domain, a few for each reason."""
        origins = [clause.origin for operation, clause in self.model.clauses() if operation is focus]
        self.rng.shuffle(origins)
        for origin in [*origins[:REASONS], None]:
            for _ in range(2):
                arguments = self._proposed(focus, self.start, origin)
                if arguments is None:
                    break
                result = self.start.copy().call(focus.name, arguments)
                if not result.ok and result.content["code"] in ("refused", "bad_transition"):
                    yield arguments, result.content
                    break

    def _undone(self, plan: Plan) -> bool:
        """Whether the last step writes over all that the first one did."""
        first, last = plan.steps[0].before.state, plan.steps[-1].before.state
        done = {(c.table, c.row, name) for c in difference(first, last, self.model) for name in c.fields}
        after = {(c.table, c.row, name) for c in difference(last, plan.end.state, self.model) for name in c.fields}
        return done <= after

    def _clear(self, focus: Operation, arguments: JsonObject, *, nearly: bool = False) -> Plan | None:
        """The focus after one command that makes it possible; `nearly`: or that it is refused after for less."""
        refused = self.start.copy().call(focus.name, arguments).origin
        places = set(self.places(focus, arguments)) | self._around(focus, arguments)
        plan = Plan(self.start, [], self.start.copy())
        for command in self._clearing(focus):
            for _ in range(CLEARING):
                if plan.steps:
                    plan = Plan(self.start, [], self.start.copy())
                if not self._extend(plan, [command], places, tries=1):
                    continue
                before = plan.end.copy()
                result = plan.end.call(focus.name, arguments)
                if result.ok or (nearly and result.origin != refused and result.content["code"] != "not_found"):
                    plan.steps.append(Step(focus, arguments, before, result.content))
                    plan.obstacle = True
                    return plan
        return None

    def _clearing(self, focus: Operation) -> list[Operation]:
        """Commands that write what the focus reads."""
        reads = footprint(self.model, focus).reads
        entities = {place.split(".")[0] for place in reads}
        commands = [
            command
            for command in self.model.commands
            if command is not focus
            and any(
                place in reads or place.split(".")[0] in entities for place in footprint(self.model, command).writes
            )
        ]
        self.rng.shuffle(commands)
        return commands

    # -- steps ----------------------------------------------------------------------------------------------------------

    def _extend(
        self, plan: Plan, commands: list[Operation], places: set[Place] | None = None, tries: int = TRIES
    ) -> bool:
        """Adds a command that succeeds, changes something, and shares a row with what came before."""
        known = places or {place for step in plan.steps for place in self.places(step.operation, step.arguments)}
        known |= {place for step in plan.steps for place in self._made(step)}
        before = plan.end.copy() if plan.steps else self.start
        for command in commands:
            for _ in range(tries):
                arguments = self._proposed(command, plan.end)
                if arguments is None:
                    break
                arguments = self._bent(command, arguments, known)
                if known and not known & set(self.places(command, arguments)):
                    continue
                result = plan.end.call(command.name, arguments)  # refused: nothing has changed
                if not result.ok:
                    continue
                if plan.end.state["tables"] != before.state["tables"]:
                    plan.steps.append(Step(command, arguments, before, result.content))
                    return True
                plan.end = before.copy()
        return False

    def _proposed(self, command: Operation, environment: Any, refused_by: str | None = None) -> JsonObject | None:
        """Arguments that the command's words can say."""
        arguments = self.proposer.propose(command, environment, refused_by)
        if arguments is None:
            return None
        if command.name not in self._silent:
            sayable = set(holes(split_say(command.doc.say or "")))
            self._silent[command.name] = frozenset(
                param.argument for param in command.params if param.name not in sayable and not param.required
            )
        silent = self._silent[command.name]
        return {name: value for name, value in arguments.items() if name not in silent}

    def _related(self, plan: Plan) -> list[Operation]:
        commands = [*self.model.commands]
        self.rng.shuffle(commands)
        used = {step.operation.name for step in plan.steps}
        return sorted(commands, key=lambda command: command.name in used)

    def _bent(self, command: Operation, arguments: JsonObject, known: set[Place]) -> JsonObject:
        """The arguments, with rows that the plan speaks of already where they fit."""
        bent = dict(arguments)
        for param in command.params:
            type_ = bare(param.type)
            if isinstance(type_, Ref) and param.argument in bent:
                choices = sorted(key for entity, key in known if entity == type_.entity)
                if choices and self.rng.random() < 0.7:
                    bent[param.argument] = self.rng.choice(choices)
        return bent

    def places(self, command: Operation, arguments: JsonObject) -> list[Place]:
        """The rows that a call names."""
        found: list[Place] = []
        for param in command.params:
            type_ = bare(param.type)
            if isinstance(type_, Ref) and arguments.get(param.argument) is not None:
                found.append((type_.entity, arguments[param.argument]))
        return found

    def _around(self, command: Operation, arguments: JsonObject) -> set[Place]:
        """The rows that the rows of a call refer to."""
        tables = self.start.state["tables"]
        found: set[Place] = set()
        for entity_name, key in self.places(command, arguments):
            entity = self.model.entities[entity_name]
            row = tables[entity.plural].get(key, {})
            for item in entity.stored:
                type_ = bare(item.type)
                if isinstance(type_, Ref) and row.get(item.column) is not None:
                    found.add((type_.entity, row[item.column]))
            for other in self.model.entities.values():
                for item in other.stored:
                    if bare(item.type) == Ref(entity_name) and other.key in ("counted", "given"):
                        found |= {(other.name, k) for k, r in tables[other.plural].items() if r[item.column] == key}
        return found

    def _made(self, step: Step) -> list[Place]:
        """Rows that a step created, by what it returned or added."""
        after = step.content
        found: list[Place] = []
        for entity in self.model.entities.values():
            if entity.key == "counted" and after.get(entity.key_column or "") is not None:
                found.append((entity.name, after[entity.key_column or ""]))
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
