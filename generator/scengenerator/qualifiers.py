"""What can be said of a row to tell it from others: each qualifier with the rows that it holds for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from generator.scengenerator.asking import is_measure
from generator.scengenerator.descriptions import Condition, Description, Value
from generator.scengenerator.english import happened, quoted, spaced, spoken_date
from generator.scengenerator.grammar import Grammar
from generator.scengenerator.reach import Reach
from generator.scengenerator.relations import Relation
from generator.scengenerator.snapshot import Snapshot
from generator.skeleton.model import Entity
from generator.skeleton.types import DATE, DATETIME, MONEY, bare

Anchors = Callable[[Entity, str], "list[Description]"]
_SUMS = frozenset({"amount", "due", "sum", "total"})


@dataclass(frozen=True)
class Qualifier:
    """One thing said of a row. `keys` are the rows that it is true of."""

    slot: str
    text: str
    conditions: tuple[Condition, ...]
    keys: frozenset[str]
    cost: float
    steps: int = 0
    rank: int = 0  # the order of adjectives: states, others, kinds
    bare: bool = False  # of an owner: a name that takes the possessive
    hidden: bool = False  # of a relation: no query lists the rows by it

    derived: bool = False  # of an adjective: it may follow from another one

    @property
    def adjective(self) -> bool:
        return self.slot.startswith("adjective")

    @property
    def anchors(self) -> bool:
        """Whether it leads from another row to this one."""
        return self.slot == "owner" or self.slot.startswith("of ")


@dataclass(frozen=True)
class Superlative:
    """`newest` before the noun, or `with the highest balance` after it."""

    path: str
    greatest: bool
    before: str
    after: str
    cost: float


class Qualifiers:
    """Finds what can be said of the rows of one snapshot."""

    def __init__(self, grammar: Grammar, reach: Reach, snapshot: Snapshot, anchors: Anchors) -> None:
        self.grammar = grammar
        self.snapshot = snapshot
        self.anchors = anchors
        self.reach = reach

    def of(self, entity: Entity, key: str) -> list[Qualifier]:
        return [*self.shared(entity, key), *self._label(entity, key), *self._own(entity, key)]

    def shared(self, entity: Entity, key: str) -> list[Qualifier]:
        """What may hold for several rows alike, and so describes sets too."""
        found = [*self._head(entity, key), *self._adjectives(entity, key)]
        for relation in self.grammar.relations(entity):
            found += self._relation(entity, key, relation)
        return found

    def matching(self, entity: Entity, path: str, test: Callable[[Any], bool]) -> frozenset[str]:
        """The rows whose value along a path passes; kept by path, as every row of a table asks for them."""
        place = ("along", entity.name, path)
        values = self.snapshot.kept.get(place)
        if values is None:
            values = {key: self.snapshot.along(entity, key, path) for key in self.snapshot.rows(entity)}
            self.snapshot.kept[place] = values
        return frozenset(key for key, value in values.items() if value is not None and test(value))

    def equal(self, entity: Entity, path: str, wanted: Value) -> frozenset[str]:
        return self.matching(entity, path, lambda value: bool(value == wanted))

    def _sized(self, entity: Entity, path: str, size: float) -> frozenset[str]:
        return self.matching(entity, path, lambda value: bool(abs(value) == size))

    def _dated(self, entity: Entity, path: str, day: str) -> frozenset[str]:
        return self.matching(entity, path, lambda value: str(value)[:10] == day)

    def _head(self, entity: Entity, key: str) -> Iterator[Qualifier]:
        field = self.grammar.head(entity)
        word = self.snapshot.value(entity, key, field.name) if field else None
        if field and word and self.grammar.is_noun(word):
            keys = self.equal(entity, field.name, word)
            yield Qualifier("head", spaced(word), (Condition(field.name, "==", word),), keys, 0.1)

    def _adjectives(self, entity: Entity, key: str) -> Iterator[Qualifier]:
        for field, value, word in self.grammar.adjectives(entity):
            if self.snapshot.value(entity, key, field.name) == value:
                rank = 0 if value is True or self.grammar.is_state(field) else 2 if self.grammar.is_kind(field) else 1
                keys = self.equal(entity, field.name, value)
                condition = Condition(field.name, "==", value)
                yield Qualifier(
                    f"adjective {field.name}", word, (condition,), keys, 0.7, rank=rank, derived=not field.stored
                )

    def _relation(self, entity: Entity, key: str, relation: Relation) -> Iterator[Qualifier]:
        target = self.snapshot.along(entity, key, relation.path)
        if target is None:
            return
        keys = self.equal(entity, relation.path, target)
        hidden = not self.reach.listed(entity, relation)
        for anchor in self.anchors(relation.target, target)[:1]:
            condition = Condition(relation.path, "is", anchor)
            steps = anchor.steps + self.reach.steps(entity, relation)
            slot, text, cost = "owner", anchor.text, anchor.cost + 0.4 + 0.1 * relation.hops
            if relation.preposition:
                slot, text, cost = f"of {relation.path}", f"{relation.preposition} {text}", anchor.cost + 0.9
            yield Qualifier(slot, text, (condition,), keys, cost, steps, bare=not anchor.noun, hidden=hidden)

    def _label(self, entity: Entity, key: str) -> Iterator[Qualifier]:
        label = entity.doc.label
        if label is None and {"first_name", "last_name"} <= entity.fields.keys():
            yield self._name(entity, key)
            return
        value = self.snapshot.value(entity, key, label) if label else None
        if label and value:
            yield Qualifier("label", value, (Condition(label, "==", value),), self.equal(entity, label, value), 0.3)

    def _name(self, entity: Entity, key: str) -> Qualifier:
        """First and last name of a row that has no label made of them."""
        names = {name: self.snapshot.value(entity, key, name) for name in ("first_name", "last_name")}
        keys = frozenset.intersection(*(self.equal(entity, name, value) for name, value in names.items()))
        conditions = tuple(Condition(name, "==", value) for name, value in names.items())
        return Qualifier("label", " ".join(names.values()), conditions, keys, 0.3)

    def _own(self, entity: Entity, key: str) -> Iterator[Qualifier]:
        """Amounts, days and texts of the row itself."""
        for field in entity.fields.values():
            value = self.snapshot.value(entity, key, field.name)
            if value is None or field.name in (entity.doc.label, entity.key_column, "first_name", "last_name"):
                continue
            type_ = bare(field.type)
            if type_ == MONEY and field.name in _SUMS and field.stored and value != 0:
                size = abs(value)
                keys = self._sized(entity, field.name, size)
                text = f"of {self.grammar.money(size)}"
                yield Qualifier("amount", text, (Condition(field.name, "amounts to", size),), keys, 1.3)
            elif type_ in (DATE, DATETIME) and field.stored and (verb := happened(field.name)):
                day = str(value)[:10]
                keys = self._dated(entity, field.name, day)
                condition = Condition(field.name, "on", day)
                text = f"{'of' if verb == 'created' else f'{verb} on'} {spoken_date(day)}"
                yield Qualifier("day", text, (condition,), keys, 1.5)
            elif field.stored and entity.doc.label is None and (lead := self.grammar.said(entity, field)):
                keys = self.equal(entity, field.name, value)
                yield Qualifier("text", f"{lead} {quoted(value)}", (Condition(field.name, "==", value),), keys, 1.6)

    # -- superlatives -------------------------------------------------------------------------------------------------

    def superlatives(self, entity: Entity) -> Iterator[Superlative]:
        creation = self.grammar.creation(entity)
        if creation is not None:
            yield Superlative(creation.name, True, "newest", "", 0.8)
            yield Superlative(creation.name, False, "oldest", "", 0.8)
        for field in entity.fields.values():
            verb = happened(field.name)
            if field is not creation and verb and bare(field.type) in (DATE, DATETIME):
                yield Superlative(field.name, True, "", f"that was {verb} last", 1.8)
            elif is_measure(field):
                if field.name in _SUMS:
                    yield Superlative(field.name, True, "largest", "", 1.2)
                    yield Superlative(field.name, False, "smallest", "", 1.2)
                else:
                    yield Superlative(field.name, True, "", f"with the highest {spaced(field.name)}", 1.6)
                    yield Superlative(field.name, False, "", f"with the lowest {spaced(field.name)}", 1.6)

    def extreme(
        self, entity: Entity, keys: frozenset[str], superlative: Superlative, key: str
    ) -> tuple[str, bool] | None:
        """The order in which `key` alone comes first among `keys`; "largest" goes by size, also of sums paid out."""
        values = {other: self.snapshot.value(entity, other, superlative.path) for other in keys}
        if any(value is None for value in values.values()):
            return None
        greatest = superlative.greatest
        if superlative.before in ("largest", "smallest"):
            signs = {value >= 0 for value in values.values()}
            if len(signs) > 1:
                return None
            greatest = greatest if signs == {True} else not greatest
        best = (max if greatest else min)(values.values())
        alone = values[key] == best and sum(value == best for value in values.values()) == 1
        return (superlative.path, greatest) if alone else None
