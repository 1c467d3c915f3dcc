"""Reading a state: stored fields from its tables, derived ones from the rendered environment that holds it."""

from __future__ import annotations

from typing import Any, Protocol

from generator.skeleton.model import Entity, Model
from generator.skeleton.types import Maybe, Ref

Row = dict[str, Any]


class Holder(Protocol):
    """An `Environment` of a rendered module."""

    @property
    def state(self) -> dict[str, Any]: ...


def derived(environment: Holder, entity: str, row: Row, name: str) -> Any:
    """A derived value as agents see it: the one place that knows how rendered code computes it."""
    return getattr(environment, f"_{entity}_{name}")(row)


def follow(model: Model, entity: Entity, path: str) -> Entity | None:
    """The entity that a path of references ends at, or None where it ends at a value."""
    here: Entity | None = entity
    for name in path.split("."):
        assert here is not None, f"{path} goes on after a value"
        here = model.entity_of(here.fields[name].type) if name in here.fields else None
    return here


class Snapshot:
    """A state as it is now, with what was read kept; good until the environment changes."""

    def __init__(self, model: Model, environment: Holder) -> None:
        self.model = model
        self.environment = environment
        self.tables: dict[str, dict[str, Row]] = environment.state["tables"]
        self.kept: dict[Any, Any] = {}  # what describers and others have worked out about it

    def rows(self, entity: Entity) -> dict[str, Row]:
        return self.tables[entity.plural]

    def value(self, entity: Entity, key: str, name: str) -> Any:
        """A field of a row, derived or stored; references as keys."""
        field = entity.fields.get(name)
        if field is None:
            return key  # a counted id
        row = self.rows(entity)[key]
        if field.stored:
            return row[field.column]
        place = (entity.name, key, name)
        if place not in self.kept:
            self.kept[place] = derived(self.environment, entity.name, row, name)
        return self.kept[place]

    def along(self, entity: Entity, key: str, path: str) -> Any:
        """What a path ends at, or None where a reference on the way is missing."""
        *hops, last = path.split(".")
        for name in hops:
            type_ = entity.fields[name].type
            key = self.value(entity, key, name)
            if key is None:
                return None
            target = type_.item if isinstance(type_, Maybe) else type_
            assert isinstance(target, Ref)
            entity = self.model.entities[target.entity]
        return self.value(entity, key, last)
