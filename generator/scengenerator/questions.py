"""Questions about a state whose answers can be checked: how many, how much, which, when, whose."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from generator.scengenerator.asking import (
    clause_of,
    day_question,
    figure_question,
    is_measure,
    is_sum,
    relation_question,
    word_question,
)
from generator.scengenerator.descriptions import Description
from generator.scengenerator.groups import Groups
from generator.scengenerator.references import Describer
from generator.scengenerator.relations import Relation
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.words import value_words
from generator.skeleton.model import Entity, Field, Model
from generator.skeleton.types import DATE, DATETIME, INTEGER, MONEY, TEXT, Type

# What else an answer says would be in the way, so the question asks for the value alone.
_NAMES = (" Just the answer, please.", " Please answer with that only.")
_WANTED = {
    "day": (" Just the date, please.", " Please answer with the date only.", " The date is all I need."),
    "word": (" Just that, please.", " Please answer with that only."),
}
_FIGURES = (" Just the figure, please.", " Please answer with the figure only.", " The figure is all I need.")


@dataclass(frozen=True)
class Question:
    """A question in words; `expression` over `before` gives `value`, so that `states(answer, expression)` checks it.

    `answer` is the value as a person would say it; `steps` counts the look-ups; `mentions` are the rows spoken of.
    """

    kind: str  # "figure", "word", "day", "relation", "through", "count", "total", "extreme"
    text: str
    expression: str
    value: Any
    type: Type
    answer: str
    steps: int
    mentions: tuple[Description, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()  # what has to be looked at: entity and key


class Questioner:
    """Proposes questions about a state."""

    def __init__(self, model: Model, describer: Describer, rng: random.Random) -> None:
        self.model = model
        self.describer = describer
        self.grammar = describer.grammar
        self.rng = rng
        self.groups = Groups(model, describer, rng)
        kinds: list[Callable[[Snapshot, Entity, str], Iterator[Question]]] = [self._of_row] * 3
        self.kinds = [*kinds, self._counts, self._counts, self._totals, self._extremes, self._extremes]

    def propose(self, snapshot: Snapshot, tries: int = 40) -> Question | None:
        """One question, or None when nothing worth a question was found in so many tries."""
        entities = [entity for entity in self.model.entities.values() if snapshot.rows(entity)]
        for _ in range(tries if entities else 0):
            entity = self.rng.choice(entities)
            key = self.rng.choice(list(snapshot.rows(entity)))
            found = [q for q in self.rng.choice(self.kinds)(snapshot, entity, key) if _is_open(q)]
            if found:
                return self.rng.choice(found)
        return None

    # -- one row ------------------------------------------------------------------------------------------------------

    def _of_row(self, snapshot: Snapshot, entity: Entity, key: str) -> Iterator[Question]:
        row = self.groups.named(entity, key)
        found = [d for d in self.describer.describe(snapshot, entity.name, key) if not d.by_id][:3]
        if row is None or not found:
            return
        who = found[0] if self.rng.random() < 0.6 else self.rng.choice(found)
        for field in entity.fields.values():
            yield from self._of_field(snapshot, entity, key, field, row, who)
        for relation in self.grammar.relations(entity):
            target = snapshot.along(entity, key, relation.path)
            label = relation.target.doc.label or relation.target.key_column
            text = relation_question(self.grammar, entity, relation, who.text)
            if text and target is not None and label and relation.path not in _paths(who):
                value = snapshot.value(relation.target, target, label)
                expression = f"{row}.{relation.path}.{label}"
                rows = ((entity.name, key), (relation.target.name, target))
                made = self._question("relation", text, expression, value, TEXT, who.steps + relation.hops, who)
                yield replace(made, rows=rows)
            further = clause_of(self.grammar, entity, relation, who.text)
            known = label and target and snapshot.value(relation.target, target, label) in who.text
            if further and target is not None and not known and relation.path not in _paths(who):
                there = Description(entity.name, further, (), steps=who.steps + relation.hops, noun="that")
                for made in self._through(snapshot, relation, target, row, there):
                    yield replace(made, rows=((entity.name, key), *made.rows), mentions=(who,))

    def _through(
        self, snapshot: Snapshot, relation: Relation, target: str, row: str, there: Description
    ) -> Iterator[Question]:
        """About the row that a row refers to: what is the balance of the account that … belongs to?"""
        place = f"{row}.{relation.path}"
        for field in relation.target.fields.values():
            for found in self._of_field(snapshot, relation.target, target, field, place, there):
                if found.text.startswith(("What is", "In which", "Who is")):
                    yield replace(found, kind="through")

    def _of_field(
        self, snapshot: Snapshot, entity: Entity, key: str, field: Field, row: str, who: Description
    ) -> Iterator[Question]:
        value = snapshot.value(entity, key, field.name)
        if value is None or field.name in _paths(who) or field.name in (entity.doc.label, entity.key_column):
            return
        expression, steps = f"{row}.{field.name}", who.steps + (not field.stored)
        if field.type in (MONEY, INTEGER) and value == 0:
            return
        if text := figure_question(self.grammar, entity, field, who.text, who.noun):
            made = self._question("figure", text, expression, value, field.type, steps, who)
            yield replace(made, rows=((entity.name, key),))
        elif text := word_question(self.grammar, entity, field, who.text):
            made = self._question("word", text, expression, value, field.type, steps, who)
            yield replace(made, rows=((entity.name, key),))
        elif text := day_question(field, who.text):
            if field.type == DATETIME:
                expression = f"date_of({expression})"
            made = self._question("day", text, expression, value[:10], DATE, steps, who)
            yield replace(made, rows=((entity.name, key),))

    # -- several rows -------------------------------------------------------------------------------------------------

    def _counts(self, snapshot: Snapshot, entity: Entity, key: str) -> Iterator[Question]:
        group = self.groups.group(snapshot, entity, key, 1 if self.rng.random() < 0.2 else 2)
        if group is None:
            return
        if group.owner and group.owner.bare:
            text = f"How many {group.plural}{group.tail} does {group.owner.text} have?"
        else:
            of = f" of {group.owner.text}" if group.owner else ""
            inner = group.tail.startswith((" by ", " of ", " over "))
            there = f"{group.tail} are there" if inner else f" are there{group.tail}"
            text = f"How many {group.plural}{of}{there}?"
        expression = f"count(x for x in {group.table}{group.clause})"
        made = self._question("count", text, expression, len(group.keys), INTEGER, group.steps, *group.mentions)
        yield replace(made, rows=group.rows)

    def _totals(self, snapshot: Snapshot, entity: Entity, key: str) -> Iterator[Question]:
        group = self.groups.group(snapshot, entity, key, 2)
        for field in entity.fields.values() if group else ():
            assert group is not None
            if not is_sum(field) or field.name in group.fields:
                continue
            values = [snapshot.value(entity, other, field.name) for other in group.keys]
            if min(values) < 0 or sum(values) == 0:
                continue
            value = round(sum(values), 2)
            text = f"What is the {field.name} of {group.all} together?"
            if field.name in ("amount", "total"):
                text = f"How much do {group.all} come to?"
            expression = f"sum(x.{field.name} for x in {group.table}{group.clause})"
            if field.type == MONEY:
                expression = f"round({expression}, 2)"  # sums of floats
            steps = group.steps + (0 if field.stored else 1)
            made = self._question("total", text, expression, value, field.type, steps, *group.mentions)
            yield replace(made, rows=group.rows)

    def _extremes(self, snapshot: Snapshot, entity: Entity, key: str) -> Iterator[Question]:
        label = entity.doc.label or (entity.key_column if entity.key == "given" else None)
        if self.grammar.is_generic(entity):
            return
        group = self.groups.group(snapshot, entity, key, 2) if label else None
        for field in entity.fields.values() if group else ():
            assert group is not None and label is not None
            if not is_measure(field) or field.name in group.fields:
                continue
            values = {other: snapshot.value(entity, other, field.name) for other in group.keys}
            best, word = self.rng.choice([(max, "highest"), (min, "lowest")])
            top = best(values.values())
            winners = [other for other in values if values[other] == top]
            if len(winners) != 1 or min(values.values()) < 0:
                continue
            value = snapshot.value(entity, winners[0], label)
            among = re.sub(r"\bx\.", "y.", group.clause)
            extreme = f"{best.__name__}(y.{field.name} for y in {group.table}{among})"
            test = f"{group.test} and " if group.test else ""
            expression = f"only([x.{label} for x in {group.table} if {test}x.{field.name} == {extreme}])"
            text = f"{group.which} has the {word} {field.name.replace('_', ' ')}?"
            made = self._question("extreme", text, expression, value, TEXT, group.steps + 1, *group.mentions)
            yield replace(made, rows=group.rows)

    def _question(
        self, kind: str, text: str, expression: str, value: Any, type_: Type, steps: int, *mentions: Description
    ) -> Question:
        answer = value_words(self.model, type_, value)
        text += self.rng.choice(_WANTED.get(kind, _FIGURES if type_ in (INTEGER, MONEY) else _NAMES))
        return Question(kind, text, expression, value, type_, answer, steps, mentions)


def _is_open(question: Question) -> bool:
    """Whether the question does not give its answer away."""
    answer = re.escape(question.answer.casefold())
    return bool(answer) and not re.search(rf"(?<!\w){answer}(?!\w)", question.text.casefold())


def _paths(description: Description) -> set[str]:
    """The fields that a description speaks of."""
    found = {condition.path for condition in description.conditions}
    return found | ({description.order[0]} if description.order else set())
