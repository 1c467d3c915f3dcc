"""How an agent comes from one row to others: which queries list them."""

from __future__ import annotations

from collections.abc import Iterable

from generator.scengenerator.relations import Relation
from generator.skeleton.facts import is_list_query
from generator.skeleton.model import Entity, Model
from generator.skeleton.types import Enum, ListOf, bare


class Reach:
    """What the queries and operations of a model let an agent list."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._listed: dict[tuple[str, str], bool] = {}

    def enumerable(self, entity: Entity, paths: Iterable[str]) -> bool:
        """Whether a query lists the rows, all of them or by a field whose value is known or one of few words."""
        known = set(paths) | {item.name for item in entity.stored if isinstance(bare(item.type), Enum)}
        return any(
            is_list_query(query) and (query.doc.kind == "all" or query.doc.field in known)
            for query in entity.queries.values()
        )

    def listed(self, entity: Entity, relation: Relation) -> bool:
        """Whether the rows of a related row can be listed, step by step."""
        place = (entity.name, relation.path)
        if place not in self._listed:
            self._listed[place] = self._find_listed(entity, relation)
        return self._listed[place]

    def _find_listed(self, entity: Entity, relation: Relation) -> bool:
        if self._by_operation(entity, relation.target) or self.enumerable(entity, ()):
            return True
        here = entity
        for name in relation.path.split("."):
            if here.parent != name and not self.enumerable(here, {name}):
                return False
            target = self.model.entity_of(here.fields[name].type)
            assert target is not None
            here = target
        return True

    def steps(self, entity: Entity, relation: Relation) -> int:
        """How many look-ups lead from the related row to these."""
        return 1 if self._by_operation(entity, relation.target) else relation.hops

    def _by_operation(self, entity: Entity, target: Entity) -> bool:
        """Whether an operation lists the rows of `entity` that belong to a row of `target`."""
        return any(
            not operation.is_command
            and [self.model.entity_of(param.type) for param in operation.params] == [target]
            and not isinstance(operation.returns, dict | None)
            and isinstance(operation.returns.type, ListOf)
            and self.model.entity_of(operation.returns.type) is entity
            for operation in self.model.operations.values()
        )
