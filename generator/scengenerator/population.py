"""The rows that a state starts with: reference rows as they are given, sampled rows for the rest.

A row that breaks a rule is drawn again together with what it owns; where that does not help, it is left out or, if it
is needed, the whole state has to be drawn again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from generator.scengenerator.laws import Laws, Row, State, World
from generator.scengenerator.reference_rows import reference_row
from generator.scengenerator.sampling import NoRowsError, Sampler, SamplingError
from generator.skeleton.model import Entity, Field
from generator.skeleton.nodes import Call
from generator.skeleton.samples import parse_population
from generator.skeleton.types import DATE, DATETIME, Enum, bare

DRAWS_OF_A_ROW = 12
NEAR_SAME = 0.35  # how often a row shares a name with an earlier one
_FROM_NAMES = ("person.email", "person.username")  # drawn last, since they go with the names
_DAYS_BACK = 400  # moments that default to now() lie within so many days before the start


class UnluckyError(SamplingError):
    """The rules could not be kept; another draw of the whole state may do."""


class Population:
    """Fills the tables of an empty world."""

    def __init__(self, laws: Laws, world: World, sampler: Sampler, size: int) -> None:
        self.laws, self.model = laws, laws.model
        self.world, self.sampler, self.size = world, sampler, size
        self.rng = sampler.rng
        self.state: State = world.state
        self.tables: dict[str, dict[str, Row]] = self.state["tables"]
        self._wanted: dict[tuple[str, str], list[str]] = {}  # enum words that no row has yet

    def fill(self) -> None:
        """Raises UnluckyError where the rules do not let the least number of rows be."""
        for entity in self._in_order():
            if entity.key == "one":
                self.tables[entity.plural]["one"] = self._row(entity, None, 0.5)
            elif isinstance(entity.doc.population, list):
                for cells in entity.doc.population:
                    row = reference_row(self.laws, self.world, entity, cells)
                    self._insert(entity, row)
                    self._own(entity, row)
            elif isinstance(entity.doc.population, str) and entity.parent is None:
                self._many(entity, None, entity.doc.population)
        broken = self.laws.broken(self.world)
        if broken:
            raise UnluckyError(f"sampled rows break the rule '{broken[0]}'")

    def _in_order(self) -> Iterator[Entity]:
        """Entities after those that they refer to, as far as there is no circle."""
        done: list[str] = []

        def visit(entity: Entity, above: frozenset[str]) -> Iterator[Entity]:
            if entity.name in done or entity.name in above:
                return
            parts = [entity, *(self.model.entities[child] for child in entity.owned.values())]
            for part in parts:
                for item in part.stored:
                    target = self.model.entity_of(item.type)
                    if target is not None and target is not entity:
                        yield from visit(target, above | {entity.name})
            done.append(entity.name)
            yield entity

        for entity in self.model.entities.values():
            yield from visit(entity, frozenset())

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _many(self, entity: Entity, parent: str | None, population: str) -> None:
        least, most = parse_population(population) or (0, 0)
        count = self.rng.randint(least, most)
        if parent is None:  # the size of a state shows in how many rows there are
            share = (self.size - 1 + self.rng.random()) / 5
            count = min(most, least + int((most - least + 1) * share))
        for at in range(count):
            if not self._unit(entity, parent, (at + self.rng.random()) / count) and at < least:
                raise UnluckyError(f"the rules do not let {least} {entity.plural} be sampled")

    def _unit(self, entity: Entity, parent: str | None, when: float) -> bool:
        """A row with what it owns; drawn again while it breaks a rule that held before."""
        rules = [name for name in self._rules(entity) if self.laws.holds(self.world, name)]
        for _ in range(DRAWS_OF_A_ROW):
            mark = self._mark(entity)
            try:
                row = self._row(entity, parent, when)
                self._insert(entity, row)
                self._own(entity, row)
            except (NoRowsError, UnluckyError):
                self._back(mark)
                continue
            if not self.laws.broken(self.world, rules):
                self._met(entity, row)
                return True
            self._back(mark)
        return False

    def _rules(self, entity: Entity) -> list[str]:
        names = set(self.laws.rules_about(entity.name))
        for child in entity.owned.values():
            names |= set(self._rules(self.model.entities[child]))
        return [name for name in self.model.rules if name in names]

    def _mark(self, entity: Entity) -> list[tuple[str, int]]:
        parts = [entity.plural, *(self.model.entities[child].plural for child in entity.owned.values())]
        return [(plural, len(self.tables[plural])) for plural in parts]

    def _back(self, mark: Sequence[tuple[str, int]]) -> None:
        for plural, count in mark:
            table = self.tables[plural]
            while len(table) > count:
                table.popitem()
            entity = self.model.by_plural(plural)
            if entity is not None and entity.name in self.world.counters:
                self.world.counters[entity.name] = count

    def _own(self, owner: Entity, row: Row) -> None:
        for child in owner.owned.values():
            entity = self.model.entities[child]
            if isinstance(entity.doc.population, str):
                self._many(entity, row[owner.key_column or ""], entity.doc.population)

    def _row(self, entity: Entity, parent: str | None, when: float) -> Row:
        """One row; `when` (0 to 1) is where it stands in the order in which rows came to be."""
        row: Row = {entity.key_column: ""} if entity.key == "counted" and entity.key_column else {}
        row |= dict.fromkeys(item.column for item in entity.stored)
        alike = self._alike(entity)
        for item in sorted(entity.stored, key=lambda item: item.doc.sample in _FROM_NAMES):
            if item.name == entity.parent:
                row[item.column] = parent
            elif item.column in alike:
                row[item.column] = alike[item.column]
            else:
                row[item.column] = self._value(entity, item, row, when)
        for item in entity.stored:  # once the fields that they depend on are known
            if item.doc.only_for is not None:
                row[item.column] = self._due(entity, item, row)
        return row

    def _value(self, entity: Entity, item: Field, row: Row, when: float) -> Any:
        if item.name == entity.key_column and entity.doc.id and entity.doc.id.next:
            return self._next(entity, entity.doc.id.next)
        if item.doc.only_for is not None:
            return None
        if item.doc.sample is None and item.doc.weights is None and item.default is not None:
            if _is_moment(item):
                return self._earlier(item, when)
            if not isinstance(bare(item.type), Enum):
                return self.laws.default(self.world, entity, item)
        elif item.default is not None and not isinstance(bare(item.type), Enum) and self.rng.random() < 0.4:
            return self.laws.default(self.world, entity, item)
        wanted = self._wanted.get((entity.name, item.name))
        if isinstance(item.type, Enum):
            if wanted is None:
                weights = item.doc.weights or [1] * len(item.type.words)
                words = [word for word, weight in zip(item.type.words, weights, strict=True) if weight]
                wanted = self._wanted[entity.name, item.name] = self.rng.sample(words, len(words))
            if wanted and self.rng.random() < 0.6:
                return wanted[0]
        taken = self._taken(entity, item)
        for _ in range(40):
            value = self.sampler.matching(item, entity.stored, row, self.tables)
            if taken is None or value not in taken:
                return value
        if item.doc.unique or item.name == entity.key_column:
            raise UnluckyError(f"{entity.name}.{item.name} must be unique, and its sample has too few values")
        return value

    def _due(self, entity: Entity, item: Field, row: Row) -> Any:
        due = all(row[entity.fields[name].column] in words for name, words in (item.doc.only_for or {}).items())
        if not due:
            return None
        return self.sampler.value(
            bare(item.type), item.doc, self.tables, minimum=item.minimum, maximum=item.maximum, name=item.name
        )

    def _taken(self, entity: Entity, item: Field) -> set[Any] | None:
        """Values that a new row had better not have: of unique fields, of keys, and of what rows are called."""
        if item.doc.unique or item.name in (entity.key_column, entity.doc.label):
            return {row[item.column] for row in self.tables[entity.plural].values()}
        return None

    def _alike(self, entity: Entity) -> Row:
        """Names that the new row shares with an earlier one, so that looking twice is worth it."""
        fields = [item for item in entity.stored if item.doc.sample in ("person.first_name", "person.last_name")]
        rows = list(self.tables[entity.plural].values())
        if len(fields) < 2 or not rows or self.rng.random() >= NEAR_SAME:
            return {}
        column = self.rng.choice(fields).column
        return {column: self.rng.choice(rows)[column]}

    def _met(self, entity: Entity, row: Row) -> None:
        for item in entity.stored:
            wanted = self._wanted.get((entity.name, item.name))
            if wanted and row[item.column] in wanted:
                wanted.remove(row[item.column])

    def _earlier(self, item: Field, when: float) -> str:
        start = dt.datetime.fromisoformat(self.sampler.since or self.sampler.clock)
        moment = start - dt.timedelta(days=_DAYS_BACK * (1 - when))
        moment = moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)
        return moment.date().isoformat() if bare(item.type) == DATE else moment.isoformat()

    # -- tables -------------------------------------------------------------------------------------------------------

    def _insert(self, entity: Entity, row: Row) -> None:
        table = self.tables[entity.plural]
        key = self._key(entity, row)
        if key in table:
            raise UnluckyError(f"there are two {entity.plural} with the key {key}")
        if entity.key == "counted" and entity.key_column:
            row[entity.key_column] = key
        table[key] = row

    def _key(self, entity: Entity, row: Row) -> str:
        if entity.key == "counted" and entity.doc.id and entity.doc.id.pattern:
            return self._next(entity, entity.doc.id.pattern)
        if entity.key == "composite":
            return "|".join(str(row[item.column]) for item in entity.key_fields)
        if entity.key == "none":
            return self._next(entity, "#{n}")
        return str(row[entity.key_column or ""])

    def _next(self, entity: Entity, pattern: str) -> str:
        number = self.world.counters.get(entity.name, 0) + 1
        self.world.counters[entity.name] = number
        return pattern.format(n=number)


def _is_moment(item: Field) -> bool:
    return bare(item.type) in (DATE, DATETIME) and isinstance(item.default, Call)
