"""Arguments for an operation in a state: rows that it would accept, or would refuse for one given reason."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from generator.scengenerator.conditions import Condition, conditions_of
from generator.scengenerator.laws import Laws, Outcome, State, World, laws_of
from generator.scengenerator.sampling import NoRowsError, Sampler
from generator.skeleton.facts import is_list_query, query_params
from generator.skeleton.model import Entity, Model, Operation, Param, Query
from generator.skeleton.types import INTEGER, NUMBERS, TEXT, Enum, ListOf, Maybe, Record, Ref, Type, bare

LEFT_OUT = 0.4  # how often a parameter that may be left out is
SPOKEN = 0.3  # how often a curious proposer repeats a text that a condition names
EXISTING = 0.35  # how often a text names something that is there already
_LOOKS = 40  # rows looked at for one parameter
_REDRAWS = 4  # of a value that a condition on values alone does not like

Arguments = dict[str, Any]
NO_WISH: Mapping[str, Any] = {}


class Proposer:
    """Draws arguments; the caller's environment decides whether they do.

    A `curious` one also gives texts that only conditions speak of, such as `..` for a folder.
    """

    def __init__(self, model: Model, rng: random.Random, sampler: Sampler, *, curious: bool = False) -> None:
        self.model, self.rng, self.sampler, self.curious = model, rng, sampler, curious
        self.laws: Laws = laws_of(model)

    def propose(
        self,
        operation: Operation,
        state: State | World,
        refused_by: str | None = None,
        wish: Mapping[str, Any] = NO_WISH,
    ) -> Arguments | None:
        """Arguments as an agent gives them, or None when this draw found no row that would do.

        With `refused_by`, the origin of a clause, they aim at being refused by that clause and by none before it.
        `wish` names values that parameters should have, as far as that can be.
        """
        world = self.laws.seen(state)
        try:
            given = self._bind(operation, world, refused_by, wish)
        except NoRowsError:
            return None
        return {
            param.argument: _for_agents(bare(param.type), given[param.name])
            for param in operation.params
            if param.name in given
        }

    def succeeding(
        self, world: World, operation: Operation, tries: int = 30, wish: Mapping[str, Any] = NO_WISH
    ) -> tuple[Arguments, Outcome] | None:
        """Proposes and calls until a call succeeds; refused calls change nothing."""
        for _ in range(tries):
            arguments = self.propose(operation, world, None, wish)
            if arguments is None:
                continue
            result = world.call(operation.name, arguments)
            if result.ok:
                return arguments, result
        return None

    # -- binding parameters one by one --------------------------------------------------------------------------------

    def _bind(self, operation: Operation, world: World, refused_by: str | None, wish: Mapping[str, Any]) -> Arguments:
        """The value of each parameter that is given. Raises NoRowsError where no row would do."""
        conditions, broken = self._wanted(operation, refused_by)
        tables: Mapping[str, Any] = world.state["tables"]
        bound: Arguments = {}  # what conditions see of each parameter: rows, and defaults
        given: Arguments = {}
        for param in self._in_order(operation):
            decided = [item for item in conditions if param.name in item.params and self._known(item, bound, param)]
            rows = isinstance(bare(param.type), Ref)
            tries = self._row_values(param, tables) if rows else self._values(operation, param, world, tables)
            for value in chain([wish[param.name]], tries) if param.name in wish else tries:
                given[param.name] = value
                bound[param.name] = self._seen(operation, param, value, world, tables)
                for item in decided:
                    if item.holds(self.laws, world, bound) == (item is broken):
                        break
                else:
                    break  # with this value every condition is as it should be
            else:
                if rows and len(tables[self._table(param)]) <= _LOOKS:
                    raise NoRowsError(f"no {param.name} would do for {operation.name}")
            if param.name in given and given[param.name] is None:
                del given[param.name]
        for item in conditions:
            if item.gap is not None and item is not broken and all(name in bound for name in item.params):
                self._even_out(item, operation, world, bound, given)
        return given

    def _even_out(
        self, item: Condition, operation: Operation, world: World, bound: Arguments, given: Arguments
    ) -> None:
        """Makes two numbers equal that must be, by changing one that is given: what is paid to what is due."""
        if item.holds(self.laws, world, bound):
            return
        gap = item.distance(self.laws, world, bound)
        for param in operation.params:
            if not gap or param.name not in given or param.name not in item.params:
                continue
            for holder, name, type_ in _numbers(self.model, param, given):
                old = holder[name]
                for change in (gap, -gap):
                    holder[name] = int(old + change) if type_ == INTEGER else round(old + change, 2)
                    bound[param.name] = given[param.name]
                    if item.holds(self.laws, world, bound):
                        return
                holder[name] = old
                bound[param.name] = given[param.name]

    def _wanted(self, operation: Operation, refused_by: str | None) -> tuple[list[Condition], Condition | None]:
        """The conditions that matter, and the one that must not hold."""
        items = conditions_of(self.laws, operation).items
        for at, item in enumerate(items):
            if item.origin == refused_by:
                return list(items[: at + 1]), item
        return list(items), None

    def _in_order(self, operation: Operation) -> list[Param]:
        """Values first, since rows can be looked through for ones that go with them."""
        values = [param for param in operation.params if not isinstance(bare(param.type), Ref)]
        rows = [param for param in operation.params if isinstance(bare(param.type), Ref)]
        self.rng.shuffle(rows)
        return values + rows

    @staticmethod
    def _known(item: Condition, bound: Mapping[str, Any], param: Param) -> bool:
        return all(name in bound or name == param.name for name in item.params)

    def _table(self, param: Param) -> str:
        ref = bare(param.type)
        assert isinstance(ref, Ref)
        return self.model.entities[ref.entity].plural

    def _row_values(self, param: Param, tables: Mapping[str, Any]) -> Iterator[str | None]:
        keys = list(tables[self._table(param)])
        if isinstance(param.type, Maybe) and (not keys or self.rng.random() < LEFT_OUT):
            yield None
        if not keys:
            raise NoRowsError(f"there is no row for {param.name}")
        yield from self.rng.sample(keys, min(len(keys), _LOOKS))

    def _values(self, operation: Operation, param: Param, world: World, tables: Mapping[str, Any]) -> Iterator[Any]:
        self.sampler.clock = world.clock
        for _ in range(_REDRAWS):
            if _may_be_left_out(param) and self.rng.random() < LEFT_OUT:
                yield None
                continue
            yield self._value(operation, param, tables)

    def _value(self, operation: Operation, param: Param, tables: Mapping[str, Any]) -> Any:
        type_ = bare(param.type)
        spoken = conditions_of(self.laws, operation).spoken.get(param.name, ()) if self.curious else ()
        if spoken and self.rng.random() < SPOKEN:
            text = self.rng.choice(spoken)
            return text if self.rng.random() < 0.5 else f"a{text}b"
        if type_ == TEXT and self.rng.random() < EXISTING:
            found = self._existing(operation, param, tables)
            if found:
                return self.rng.choice(found)
        if _may_be_left_out(param) and self.sampler.out_of_reach(type_, param.doc, tables):
            return None
        return self.sampler.value(
            type_,
            param.doc,
            tables,
            minimum=param.minimum,
            maximum=param.maximum,
            name=f"{operation.name}.{param.name}",
        )

    def _existing(self, operation: Operation, param: Param, tables: Mapping[str, Any]) -> list[str]:
        """Texts of the same kind that rows have: what a search or a second go would say."""
        found: dict[str, None] = {}
        for entity in self.model.entities.values():
            for item in entity.stored:
                same = item is param.source or (item.doc.sample is not None and item.doc.sample == param.doc.sample)
                if same and bare(item.type) == TEXT:
                    found |= dict.fromkeys(row[item.column] for row in tables[entity.plural].values())
        return [text for text in found if text]

    def _seen(self, operation: Operation, param: Param, value: Any, world: World, tables: Mapping[str, Any]) -> Any:
        """A value as conditions see it: the row itself, the default where nothing is given."""
        if value is None:
            method = conditions_of(self.laws, operation).defaults.get(param.name)
            return getattr(world, method)() if method else None
        inner = bare(param.type)
        if isinstance(inner, Ref):
            return tables[self.model.entities[inner.entity].plural][value]
        return value

    # -- queries of entities ------------------------------------------------------------------------------------------

    def propose_query(self, entity: Entity, query: Query, world: World) -> Arguments | None:
        """Arguments for a one-line query; None when there is nothing to ask for."""
        tables: Mapping[str, Any] = world.state["tables"]
        rows = list(tables[entity.plural].values())
        arguments: Arguments = {}
        row = self.rng.choice(rows) if rows else None
        for name, type_, item in query_params(self.model, entity, query):
            value = None
            if row is not None and item is not None:
                value = row[item.column] if item.stored else self.laws.derived(world, entity, item, row)
            elif row is not None and entity.key_column:
                value = row[entity.key_column]
            if isinstance(value, list):
                value = self.rng.choice(value) if value else None
            arguments[name] = value if value is not None else self._made_up(type_, tables)
            if arguments[name] is None:
                return None
        if is_list_query(query) and self.rng.random() < 0.2:
            arguments |= {"limit": self.rng.randint(1, 3), "offset": self.rng.randint(0, 2)}
        return arguments

    def _made_up(self, type_: Type, tables: Mapping[str, Any]) -> Any:
        if isinstance(type_, Enum):
            return self.rng.choice(type_.words)
        if isinstance(type_, Ref):
            keys = list(tables[self.model.entities[type_.entity].plural])
            return self.rng.choice(keys) if keys else None
        return None


def _may_be_left_out(param: Param) -> bool:
    return param.default is not None or isinstance(param.type, Maybe)


def _numbers(model: Model, param: Param, given: Arguments) -> Iterator[tuple[dict[str, Any], str, Type]]:
    """The numbers that a parameter gives, and what holds them: itself, or the records of its list."""
    type_ = bare(param.type)
    if type_ in NUMBERS:
        yield given, param.name, type_
    if isinstance(type_, ListOf) and isinstance(type_.item, Record):
        for entry in given[param.name]:
            for name, member in type_.item.fields:
                column = model.column(name, member)
                if member in NUMBERS and column in entry:
                    yield entry, column, member


def _for_agents(type_: Type, value: Any) -> Any:
    """Members of records that have no value are left out."""
    if isinstance(type_, ListOf):
        return [_for_agents(type_.item, part) for part in value]
    if isinstance(type_, Record):
        return {name: part for name, part in value.items() if part is not None}
    return value
