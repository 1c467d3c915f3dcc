"""Noun phrases that denote exactly one row, or a set of rows, in a given state."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import combinations

from generator.scengenerator.descriptions import Condition, Description
from generator.scengenerator.english import is_id, word_set
from generator.scengenerator.grammar import Grammar
from generator.scengenerator.phrasing import Phrasing
from generator.scengenerator.qualifiers import Qualifier, Qualifiers
from generator.scengenerator.reach import Reach
from generator.scengenerator.snapshot import Snapshot
from generator.skeleton.model import Entity, Model

__all__ = ["Condition", "Describer", "Description"]

_NUMBERED = word_set("booking case claim dispute invoice order reservation shipment ticket")
VARIETY = 0.7  # how far chance moves a phrase up or down among the others
_DEEPEST = 2  # "the line in the order of the customer …" is as far as a phrase goes


class Describer:
    """Describes rows as a person would: by name, by what they belong to, by what is special about them."""

    def __init__(self, model: Model, rng: random.Random) -> None:
        self.model = model
        self.rng = rng
        self.grammar = Grammar(model)
        self.reach = Reach(model)
        self.phrasing = Phrasing(self.grammar)

    def describe(self, snapshot: Snapshot, entity: str, key: str) -> list[Description]:
        """Phrases that denote exactly this row now, the most natural first; the last may quote its id."""
        found = self._describe(snapshot, self.model.entities[entity], key, 0)
        costs = {d.text: d.cost + self.rng.random() * VARIETY for d in found}
        return sorted(found, key=lambda d: (d.by_id, costs[d.text]))

    def sets_with(
        self, snapshot: Snapshot, entity: str, key: str, most: int = 4
    ) -> list[tuple[Description, tuple[str, ...]]]:
        """Sets of two or more rows that this one is in, described ("every open dispute of Marta Ruiz").

        With each its keys in creation order; the most natural first.
        """
        owner = self.model.entities[entity]
        found: dict[frozenset[str], Description] = {}
        for used in self.groups(snapshot, owner, key):
            keys = frozenset.intersection(*(q.keys for q in used))
            if 2 <= len(keys) <= most:
                description = self.phrasing.set_phrase(owner, used, len(keys))
                if keys not in found or description.cost < found[keys].cost:
                    found[keys] = description
        ordered = [(found[keys], tuple(k for k in snapshot.rows(owner) if k in keys)) for keys in found]
        return sorted(ordered, key=lambda pair: (pair[0].cost, pair[0].text))

    def groups(self, snapshot: Snapshot, entity: Entity, key: str) -> list[list[Qualifier]]:
        """What may be said of a row and others like it: every choice by which an agent can list them."""
        qualifiers = self._qualifiers(snapshot, 0)
        return [
            used
            for used in _choices(qualifiers.shared(entity, key), 2)
            if (any(q.anchors for q in used) or qualifiers.reach.enumerable(entity, _paths(used)))
            and not (entity.doc.key and _paths(used) >= set(entity.doc.key))
        ]

    def new(self, entity: str) -> Description:
        """The only row of the entity that the task has made so far."""
        noun = self.grammar.noun(self.model.entities[entity])
        return Description(entity, f"the new {noun}", (Condition("", "created", True),), noun=noun, steps=0)

    # -- one row ------------------------------------------------------------------------------------------------------

    def _describe(self, snapshot: Snapshot, entity: Entity, key: str, depth: int) -> list[Description]:
        place = ("described", entity.name, key, depth)
        if place not in snapshot.kept:
            snapshot.kept[place] = self._candidates(snapshot, entity, key, depth)
        found: list[Description] = snapshot.kept[place]
        return found

    def _candidates(self, snapshot: Snapshot, entity: Entity, key: str, depth: int) -> list[Description]:
        if entity.key == "one":
            noun = self.grammar.noun(entity)
            return [Description(entity.name, f"the {noun}", (), steps=0, noun=noun)]
        found = [*self._named(snapshot, entity, key)]
        qualifiers = self._qualifiers(snapshot, depth)
        said = qualifiers.of(entity, key)
        if any(not d.by_id for d in found) and self.grammar.is_party(entity):
            said = []  # who has a name is called by it
        elif found:
            said = [q for q in said if q.slot != "label"]
        for used in _choices(said, 3 if depth == 0 else 2):
            found += self._phrases(qualifiers, entity, key, used)
        result = _minimal(found)
        if entity.key == "counted" and entity.key_column:
            noun = self.grammar.noun(entity)
            cost = 3.0 if noun in _NUMBERED else 9.0
            condition = Condition(entity.key_column, "==", key)
            result.append(
                Description(entity.name, f"{noun} {key}", (condition,), steps=0, noun=noun, cost=cost, by_id=True)
            )
        return sorted(result, key=lambda d: (d.by_id, d.cost, d.text))

    def _qualifiers(self, snapshot: Snapshot, depth: int) -> Qualifiers:
        def anchors(entity: Entity, key: str) -> list[Description]:
            if depth >= _DEEPEST:
                return []
            return [d for d in self._describe(snapshot, entity, key, depth + 1) if not d.by_id]

        return Qualifiers(self.grammar, self.reach, snapshot, anchors)

    def _named(self, snapshot: Snapshot, entity: Entity, key: str) -> list[Description]:
        """By the natural key, or by a label that stands for the row on its own."""
        found = []
        grammar, qualifiers = self.grammar, self._qualifiers(snapshot, _DEEPEST)
        if entity.key == "given" and entity.key_column:
            noun = grammar.noun(entity)
            text = grammar.keyed(entity, key)
            cost = 0.5 if entity.doc.label else 0.0
            condition = Condition(entity.key_column, "==", key)
            made = entity.doc.id is not None and entity.doc.id.next is not None  # by the environment: like an id
            made = made or is_id(key)
            said = noun if text != key else ""
            found.append(
                Description(entity.name, text, (condition,), steps=0, noun=said, cost=9.0 if made else cost, by_id=made)
            )
        label = entity.doc.label
        value = snapshot.value(entity, key, label) if label else None
        if label is None or not value or grammar.label_form(entity, value) not in ("bare", "code", "container"):
            return found
        phrase, article = grammar.labelled(entity, grammar.noun(entity), value)
        conditions = (Condition(label, "==", value),)
        noun = "" if phrase == value else grammar.noun(entity)
        if len(qualifiers.equal(entity, label, value)) == 1:
            found.append(Description(entity.name, article + phrase, conditions, noun=noun, cost=0.0))
            return found
        for name in ("email", "phone", "contact", "city"):
            field = entity.fields.get(name)
            if field is not None and (detail := snapshot.value(entity, key, name)):
                same = qualifiers.equal(entity, label, value) & qualifiers.equal(entity, name, detail)
                if same == {key}:
                    text = f"{article}{phrase} ({name} {detail})"
                    both = (*conditions, Condition(name, "==", detail))
                    found.append(Description(entity.name, text, both, noun=noun or grammar.noun(entity), cost=0.5))
        return found

    def _phrases(self, qualifiers: Qualifiers, entity: Entity, key: str, used: list[Qualifier]) -> list[Description]:
        """The phrases that say exactly this much, if they denote the row."""
        slots = {q.slot for q in used}
        findable = any(q.anchors for q in used) or qualifiers.reach.enumerable(entity, _paths(used))
        keys = frozenset.intersection(*(q.keys for q in used))
        if keys == {key}:
            known = "label" in slots and (self.grammar.is_unique_label(entity) or self.grammar.owner(entity) is None)
            return [self.phrasing.phrase(entity, used, None, None)] if findable or known else []
        if not findable or slots & {"label", "amount", "day", "text"} or len(used) > 3 - ("head" not in slots):
            return []
        found = []
        for superlative in qualifiers.superlatives(entity):
            order = qualifiers.extreme(entity, keys, superlative, key)
            if order is not None:
                found.append(self.phrasing.phrase(entity, used, superlative, order))
        return found


def _paths(used: list[Qualifier]) -> set[str]:
    return {condition.path for q in used for condition in q.conditions}


def _choices(said: list[Qualifier], most: int) -> Iterable[list[Qualifier]]:
    """Every choice of up to so many qualifiers that go together; the kind as the noun comes with all of them."""
    heads = [q for q in said if q.slot == "head"]
    rest = [q for q in said if q.slot != "head"]
    for size in range(0 if heads else 1, most + 1):
        for chosen in combinations(rest, size):
            if len({q.slot for q in chosen}) == size and not _repetitive(chosen):
                yield [*heads, *chosen]


def _repetitive(chosen: tuple[Qualifier, ...]) -> bool:
    """Whether somebody would be named twice, or too much said at once."""
    owner = next((q.text for q in chosen if q.slot == "owner"), None)
    relations = [q for q in chosen if q.slot.startswith("of ")]
    heavy = [q for q in chosen if q.slot in ("amount", "day", "text") or q in relations]
    ranked = any(q.text in ("first", "last", "latest") for q in chosen) and not relations
    words = {q.text for q in chosen if q.adjective}
    implied = len(words) > 1 and any(q.derived for q in chosen)  # flammable hazardous products
    echo = any(q.slot == "day" and q.text.split()[0] in words for q in chosen)  # the received … received on
    return ranked or echo or implied or len(heavy) > 2 or any(owner is not None and owner in q.text for q in relations)


def _minimal(found: list[Description]) -> list[Description]:
    """Without phrases that say more than another one and are longer for it; whose it is may always be said."""
    kept: list[Description] = []
    for description in sorted(found, key=lambda d: (len(d.conditions), d.cost)):
        said = set(description.conditions)
        if not any(
            set(other.conditions) < said
            and other.order in (None, description.order)
            and not (description.order is None and any(c.test == "is" for c in said - set(other.conditions)))
            for other in kept
        ):
            kept.append(description)
    return kept
