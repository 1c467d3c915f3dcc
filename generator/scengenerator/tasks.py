"""A plan in words: who and what is meant is described, never pointed at by id, and stays described while it is done."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from generator.scengenerator.descriptions import Description
from generator.scengenerator.english import sentence
from generator.scengenerator.lookups import Lookups
from generator.scengenerator.provenance import references
from generator.scengenerator.references import Describer
from generator.scengenerator.requests import obstacle, request, shortened
from generator.scengenerator.resolution import denotes, still_denotes
from generator.scengenerator.scenario import JsonObject, ToolCall, canonical
from generator.scengenerator.sets import SetPlan
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.steps import Place, Plan, Step
from generator.scengenerator.words import phrase, value_words
from generator.skeleton.model import Model, Param
from generator.skeleton.phrases import holes, split_say

CANDIDATES = 8  # descriptions of a row that are tried
THEN = ("After that,", "Then", "Finally,")
BY_ID = 0.15  # how often a number is quoted where people have one


class WordlessError(Exception):
    """A plan that cannot be said; the message is a short reason."""


@dataclass
class Task:
    """The words of a plan, and the calls that an agent needs for it: look-ups and commands."""

    text: str
    calls: list[ToolCall] = field(default_factory=list)
    steps: int = 0  # of resolution
    mentions: list[Description] = field(default_factory=list)


class TaskWriter:
    """Says plans over one initial state."""

    def __init__(self, model: Model, snapshot: Snapshot, rng: random.Random) -> None:
        self.model = model
        self.rng = rng
        self.describer = Describer(model, rng)
        self.snapshot = snapshot
        self.initial: JsonObject = snapshot.environment.state
        self.lookups = Lookups(model)

    def write(self, plan: Plan) -> Task:
        """The words of a plan, without calls. Raises WordlessError when something cannot be described."""
        said: dict[Place, Description] = {}
        clauses = [self._clause(plan, at, said) for at in range(len(plan.steps))]
        mentions = list(said.values())
        text = self._obstacle(clauses, mentions) if plan.obstacle else request(clauses, "change", self.rng, mentions)
        return Task(text, steps=sum(mention.steps for mention in mentions), mentions=mentions)

    def write_set(self, planned: SetPlan) -> Task:
        """The words of a plan over a set: its command once, with the phrase for all of the rows."""
        said: dict[Place, Description] = {}
        clause = self._clause(planned.plan, 0, said, {planned.param.name: planned.description.text})
        mentions = [planned.description, *said.values()]
        text = request([clause], "change", self.rng, mentions)
        return Task(text, steps=sum(mention.steps for mention in mentions), mentions=mentions)

    def _obstacle(self, clauses: list[str], mentions: list[Description]) -> str:
        """What is wanted, what has to come before it, and what follows."""
        wanted, way, *rest = shortened([clauses[1], clauses[0], *clauses[2:]], mentions)
        text = obstacle(wanted, way, self.rng)
        return " ".join([text, *(sentence(f"{link} {clause}") for link, clause in zip(THEN, rest, strict=False))])

    # -- words --------------------------------------------------------------------------------------------------------

    def _clause(
        self, plan: Plan, at: int, said: dict[Place, Description], given: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        """One step in words; `given` has those of parameters that are said already."""
        step = plan.steps[at]
        words: dict[str, str] = dict(given)
        for param in step.operation.params:
            value = step.arguments.get(param.argument)
            if value is not None and param.name not in given:
                words[param.name] = self._words(plan, at, param, value, said)
        say = step.operation.doc.say
        if say is None:
            raise WordlessError("a command without words")
        missing = words.keys() - set(holes(split_say(say)))
        if missing:
            raise WordlessError(f"{step.operation.name} does not say its {sorted(missing)[0]}")
        try:
            return phrase(self.model, step.operation, words)
        except KeyError as error:
            raise WordlessError(f"{step.operation.name} needs a value for {error}") from error

    def _words(self, plan: Plan, at: int, param: Param, value: Any, said: dict[Place, Description]) -> str:
        def name(entity: str, key: str) -> str:
            return self._described(plan, at, (entity, key), said).text

        return value_words(self.model, param.type, value, name)

    def _described(self, plan: Plan, at: int, place: Place, said: dict[Place, Description]) -> Description:
        """The description of a row: good at the start, and still when its step is due."""
        step = plan.steps[at]
        if place in said:
            if self._denotes(step, said[place], place):
                return said[place]
            raise WordlessError("a description no longer fits when its step is due")
        entity = self.model.entities[place[0]]
        if place[1] not in self.initial["tables"][entity.plural]:
            description = self.describer.new(entity.name)
            if not self._denotes(step, description, place):
                raise WordlessError("several new rows of one kind")
            said[place] = description
            return description
        found = self.describer.describe(self.snapshot, *place)[:CANDIDATES]
        quote = self.rng.random() < BY_ID
        for description in sorted(found, key=lambda item: item.by_id and not quote):
            if (description.by_id and not quote) or self._tells(plan, description):
                continue
            stages = [earlier.before for earlier in plan.steps[: at + 1]]
            if still_denotes(self.model, stages, description, [place[1]], self.initial):
                said[place] = description
                return description
        raise WordlessError("a row that nothing describes")

    @staticmethod
    def _tells(plan: Plan, description: Description) -> bool:
        """Whether the words give away why it is refused: "cancel the cancelled order"."""
        return any(f"{description.entity}.{condition.path}" in plan.telling for condition in description.conditions)

    def _denotes(self, step: Step, description: Description, place: Place) -> bool:
        return denotes(self.model, step.before, description, [place[1]], self.initial)

    # -- calls --------------------------------------------------------------------------------------------------------

    def calls(self, plan: Plan, text: str) -> list[ToolCall]:
        """The commands, each after the queries that show the ids it needs."""
        calls: list[ToolCall] = []
        known = text
        for step in plan.steps:
            environment = step.before  # queries change nothing
            for place in references(self.model, step.operation, step.arguments):
                entity = self.model.entities[place[0]]
                if f'"{place[1]}"' in known:
                    continue
                found = self.lookups.find(environment, entity, place[1], text)
                if found is None:
                    raise WordlessError(f"no query shows the id of a {entity.name}")
                for call in found:
                    if call not in calls or f'"{place[1]}"' not in known:
                        known += canonical(environment.call(call.name, call.arguments).content)
                        calls.append(call)
            known += canonical(step.content)
            calls.append(step.call)
        return calls
