"""Rows that are asked about together."""

from __future__ import annotations

import random
from dataclasses import dataclass

from generator.scengenerator.descriptions import Condition, Description
from generator.scengenerator.english import possessive
from generator.scengenerator.qualifiers import Qualifier
from generator.scengenerator.references import Describer
from generator.scengenerator.snapshot import Snapshot
from generator.skeleton.model import Entity, Model


@dataclass(frozen=True)
class Group:
    """Rows that are asked about together, in words and as a filter on `x`."""

    entity: Entity
    used: list[Qualifier]
    keys: frozenset[str]
    test: str
    steps: int
    plural: str  # "open disputes"
    singular: str  # "open dispute"
    owner: Qualifier | None
    tail: str

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        return tuple((self.entity.name, key) for key in sorted(self.keys))

    @property
    def table(self) -> str:
        return f"before.{self.entity.plural}"

    @property
    def clause(self) -> str:
        return f" if {self.test}" if self.test else ""

    @property
    def all(self) -> str:
        """ "all of Marta Ruiz's open disputes"."""
        if self.owner and self.owner.bare:
            return f"all of {possessive(self.owner.text)} {self.plural}{self.tail}"
        return f"all {self.plural}{f' of {self.owner.text}' if self.owner else ''}{self.tail}"

    @property
    def which(self) -> str:
        """ "Which of Marta Ruiz's open disputes"."""
        if self.owner and self.owner.bare:
            return f"Which of {possessive(self.owner.text)} {self.plural}{self.tail}"
        return f"Which {self.singular}{f' of {self.owner.text}' if self.owner else ''}{self.tail}"

    @property
    def fields(self) -> set[str]:
        """What is said of the rows already."""
        return {condition.path for q in self.used for condition in q.conditions}

    @property
    def mentions(self) -> list[Description]:
        conditions = [condition for q in self.used for condition in q.conditions]
        return [condition.value for condition in conditions if isinstance(condition.value, Description)]


class Groups:
    """Finds rows that belong together, and says which they are in words and in the expression language."""

    def __init__(self, model: Model, describer: Describer, rng: random.Random) -> None:
        self.model = model
        self.describer = describer
        self.rng = rng

    def named(self, entity: Entity, key: str) -> str | None:
        """A row of the initial tables in an expression, where it has an id or a natural key."""
        if entity.key in ("counted", "given"):
            return f"only(before.{entity.plural}, {key!r})"
        return None

    def group(self, snapshot: Snapshot, entity: Entity, key: str, least: int) -> Group | None:
        """A group of rows that the given one is in, chosen at random."""
        if not self.describer.grammar.is_thing(entity):
            return None
        choices = self.describer.groups(snapshot, entity, key)
        choices = [used for used in choices if len(frozenset.intersection(*(q.keys for q in used))) >= least]
        if not choices:
            return None
        used = self.rng.choice(choices)
        tests = [self._test(snapshot, entity, key, condition) for q in used for condition in q.conditions]
        if any(test is None for test in tests):
            return None
        keys = frozenset.intersection(*(q.keys for q in used))
        plural, owner, tail = self.describer.phrasing.group(entity, used)
        steps = max(1, sum(q.steps for q in used)) + 1
        test = " and ".join(test for test in tests if test)
        singular = self.describer.phrasing.singular(entity, used)
        return Group(entity, used, keys, test, steps, plural, singular, owner, tail)

    def _test(self, snapshot: Snapshot, entity: Entity, key: str, condition: Condition) -> str | None:
        """A condition as an expression over `x`."""
        place = f"x.{condition.path}"
        if isinstance(condition.value, Description):
            target = snapshot.along(entity, key, condition.path)
            named = self.named(self.model.entities[condition.value.entity], target)
            return f"{place} == {named}" if named else None
        if condition.value is True:
            return place
        present = f"{place} is not None and " if entity.fields[condition.path].optional else ""
        return f"{present}{place} == {condition.value!r}"
