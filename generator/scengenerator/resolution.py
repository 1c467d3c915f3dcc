"""Which rows a description denotes, worked out from scratch: every condition, row by row.

It shares no code with what chose the description, so that a mistake there does not repeat itself here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from generator.scengenerator.descriptions import Condition, Description
from generator.scengenerator.snapshot import Holder, derived
from generator.skeleton.model import Entity, Model

Row = dict[str, Any]


def resolve(
    model: Model, environment: Holder, description: Description, initial: Mapping[str, Any] | None = None
) -> list[str]:
    """The keys of the rows that a description denotes, in creation order.

    A description that is no set denotes one row only: with more, or with a tie for a superlative, the list has them
    all. `initial` is the state before the task, for rows spoken of as new.
    """
    resolver = _Resolver(model, environment, initial)
    return resolver.denoted(description)


def denotes(
    model: Model,
    environment: Holder,
    description: Description,
    keys: Iterable[str],
    initial: Mapping[str, Any] | None = None,
) -> bool:
    """Whether a description denotes exactly these rows now."""
    return set(resolve(model, environment, description, initial)) == set(keys)


def still_denotes(
    model: Model,
    environments: Iterable[Holder],
    description: Description,
    keys: Iterable[str],
    initial: Mapping[str, Any] | None = None,
) -> bool:
    """Whether it denotes exactly these rows in each of several states."""
    wanted = list(keys)
    return all(denotes(model, environment, description, wanted, initial) for environment in environments)


class _Resolver:
    def __init__(self, model: Model, environment: Holder, initial: Mapping[str, Any] | None) -> None:
        self.model = model
        self.environment = environment
        self.tables: dict[str, dict[str, Row]] = environment.state["tables"]
        self.initial = initial

    def denoted(self, description: Description) -> list[str]:
        entity = self.model.entities[description.entity]
        tests = [self.prepared(condition) for condition in description.conditions]
        found = [
            key
            for key in self.tables[entity.plural]
            if all(self.holds(entity, key, condition, wanted) for condition, wanted in tests)
        ]
        if description.order is None:
            return found
        path, greatest = description.order
        values = {key: self.read(entity, key, path.split(".")) for key in found}
        present = [value for value in values.values() if value is not None]
        if not present:
            return []
        extreme = max(present) if greatest else min(present)
        return [key for key in found if values[key] == extreme]

    def prepared(self, condition: Condition) -> tuple[Condition, Any]:
        """The condition with what it compares to; a description in it must denote one row, or nothing meets it."""
        if not isinstance(condition.value, Description):
            return condition, condition.value
        keys = self.denoted(condition.value)
        return condition, keys[0] if len(keys) == 1 else None

    def holds(self, entity: Entity, key: str, condition: Condition, wanted: Any) -> bool:
        if condition.test == "created":
            before = self.initial["tables"][entity.plural] if self.initial is not None else self.tables[entity.plural]
            return (key not in before) is wanted
        value = self.read(entity, key, condition.path.split("."))
        if value is None:
            return condition.test == "==" and wanted is None
        match condition.test:
            case "contains":
                return bool(wanted in value)
            case "on":
                return bool(str(value)[:10] == wanted)
            case "amounts to":
                return bool(abs(value) == wanted)
            case "is":
                return wanted is not None and bool(value == wanted)
            case _:
                return (type(value) is type(wanted) and bool(value == wanted)) or _same_number(value, wanted)

    def read(self, entity: Entity, key: str, path: list[str]) -> Any:
        """What stands at the end of a path of fields, or None."""
        row = self.tables[entity.plural][key]
        name, *rest = path
        if name not in entity.fields:
            return key  # its own counted id
        field = entity.fields[name]
        value = row[field.column] if field.stored else derived(self.environment, entity.name, row, name)
        if not rest or value is None:
            return value
        target = self.model.entity_of(field.type)
        assert target is not None, f"{entity.name}.{name} refers to no row"
        return self.read(target, value, rest)


def _same_number(left: Any, right: Any) -> bool:
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    return numbers and not isinstance(left, bool) and not isinstance(right, bool) and bool(left == right)
