"""Commands that are refused: what clears the way for them, and what nothing clears."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from generator.scengenerator.plans import Planner
from generator.scengenerator.scenario import JsonObject
from generator.scengenerator.steps import Place, Plan, Step, places
from generator.skeleton.model import Operation

_ALREADY = re.compile(r"\balready\b", re.IGNORECASE)
REASONS = 4  # for which a call is refused, that are looked into
CLEARING = 3  # tries of each command that might clear the way
DEEP = 2  # commands one after the other that might clear the way


class Obstacles:
    """Finds plans with a refusal in them, over the state of a planner."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.model = planner.model
        self.start: Any = planner.start
        self.rng: random.Random = planner.rng
        self.dependence = planner.dependence

    def obstructed(self, focus: Operation) -> Plan | None:
        """A command that is refused at first, after one that clears the way."""
        for arguments, refusal in self._refused(focus):
            for way in self._ways(self.start, focus, arguments, refusal.origin):
                after = way.after.copy()
                result = after.call(focus.name, arguments)
                if not result.ok:
                    continue
                wanted = Step(focus, arguments, way.after, after, result.content)
                plan = Plan(self.start, [way], obstacle=True)
                if not self.planner.sense.undoes(plan.steps, wanted):
                    plan.steps.append(wanted)
                    return plan
        return None

    def hopeless(self, focus: Operation) -> Plan | None:
        """A command that is refused, and that up to two other commands do not make possible, nor come nearer to it."""
        for arguments, refusal in self._refused(focus):
            if self.is_hopeless(focus, arguments, refusal):
                step = Step(focus, arguments, self.start, self.start, refusal.content)
                telling = self.dependence.reads(focus, refusal.origin) | self.dependence.machines
                return Plan(self.start, [step], refusal=str(refusal.content["message"]), telling=telling)
        return None

    def is_hopeless(self, focus: Operation, arguments: JsonObject, refusal: Any) -> bool:
        """Whether a call that was refused like that stays refused, whatever up to two other commands do."""
        if _ALREADY.search(str(refusal.content["message"])):
            return False  # what is wanted is so already, or nearly: no clear no
        if self._is_idle(focus, arguments) or self._in_time(focus, arguments, refusal.origin):
            return False
        return not self._cleared(self.start, focus, arguments, refusal.origin, DEEP)

    def _refused(self, focus: Operation) -> Iterator[tuple[JsonObject, Any]]:
        """Calls that the environment refuses for a reason of the domain, one for each of a few reasons."""
        origins: list[str | None] = [*self.dependence.origins(focus)]
        self.rng.shuffle(origins)
        trial = self.start.copy()
        for origin in [*origins[:REASONS], None]:
            arguments = self.planner.proposed(focus, self.start, origin)
            if arguments is None:
                continue
            result = trial.call(focus.name, arguments)
            if result.ok:
                trial = self.start.copy()
            elif result.content["code"] in ("refused", "bad_transition"):
                yield arguments, result

    # -- clearing the way ---------------------------------------------------------------------------------------------

    def _ways(self, environment: Any, focus: Operation, arguments: JsonObject, origin: str) -> Iterator[Step]:
        """Commands that succeed and write what the refusal depends on, for the rows in question."""
        near = places(focus, arguments)
        near = list(dict.fromkeys([*near, *self.planner.around(near)]))
        commands = self.dependence.writers(self.dependence.reads(focus, origin), focus)
        self.rng.shuffle(commands)
        for command in commands:
            yield from self._steps(environment, command, near)

    def _steps(self, environment: Any, command: Operation, near: list[Place]) -> Iterator[Step]:
        trial = None
        for wish in self.planner.wishes(command, near, []):
            arguments = self.planner.proposed(command, environment, wish=wish)
            if arguments is None or not set(near) & set(places(command, arguments)):
                continue
            trial = trial or environment.copy()
            result = trial.call(command.name, arguments)
            if result.ok:
                if trial.state["tables"] != environment.state["tables"]:
                    yield Step(command, arguments, environment, trial, result.content)
                trial = None

    def _cleared(self, environment: Any, focus: Operation, arguments: JsonObject, origin: str, depth: int) -> bool:
        """Whether so many commands make it possible, or refused for something that is tested later."""
        for way in self._ways(environment, focus, arguments, origin):
            result = way.after.copy().call(focus.name, arguments)
            if result.ok or (result.origin != origin and result.content["code"] != "not_found"):
                return True
            if depth > 1 and self._cleared(way.after, focus, arguments, origin, depth - 1):
                return True
        return False

    # -- refusals that are nobody's obstacle --------------------------------------------------------------------------

    def _is_idle(self, focus: Operation, arguments: JsonObject) -> bool:
        """Whether one row is to be two things at once: nobody asks for that."""
        keys = places(focus, arguments)
        return len(set(keys)) < len(keys)

    def _in_time(self, focus: Operation, arguments: JsonObject, origin: str) -> bool:
        """Whether a state that a row can still come to, by its own transitions, would do."""
        reads = self.dependence.reads(focus, origin)
        near = places(focus, arguments)
        for entity_name, key in dict.fromkeys([*near, *self.planner.around(near)]):
            entity = self.model.entities[entity_name]
            for item in entity.stored:
                if item.doc.transitions is None or f"{entity_name}.{item.name}" not in reads:
                    continue
                word = self.start.state["tables"][entity.plural][key][item.column]
                for later in _reachable(item.doc.transitions, word):
                    trial = self.start.copy()
                    trial.state["tables"][entity.plural][key][item.column] = later
                    result = trial.call(focus.name, arguments)
                    if result.ok or result.origin != origin:
                        return True
        return False


def _reachable(moves: dict[str, list[str]], word: str) -> list[str]:
    found: list[str] = []
    pending = list(moves.get(word, []))
    while pending:
        here = pending.pop()
        if here not in found and here != word:
            found.append(here)
            pending += moves.get(here, [])
    return found
