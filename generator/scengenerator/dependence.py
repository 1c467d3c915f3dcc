"""What decides whether a command is refused: the fields that its clauses read, and who writes them."""

from __future__ import annotations

from generator.skeleton.facts import footprint
from generator.skeleton.model import Model, Operation
from generator.skeleton.nodes import Attr, Node, Owned, Rows, walk
from generator.skeleton.types import Ref, bare


class Dependence:
    """Worked out once for each clause of a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.clauses: dict[str, dict[str, Node]] = {name: {} for name in model.operations}
        for operation, clause in model.clauses():
            self.clauses[operation.name][clause.origin] = clause.that
        self.machines = frozenset(
            f"{entity.name}.{item.name}"
            for entity in model.entities.values()
            for item in entity.stored
            if item.doc.transitions is not None
        )  # the states of rows
        self._reads: dict[tuple[str, str], frozenset[str]] = {}

    def origins(self, operation: Operation) -> list[str]:
        """What a refusal by each clause carries."""
        return list(self.clauses[operation.name])

    def reads(self, operation: Operation, origin: str) -> frozenset[str]:
        """What a clause reads: `entity.field`, and `entity.*` for rows that come and go; derived fields looked into.

        The origin of a refused transition is the field itself.
        """
        place = (operation.name, origin)
        if place not in self._reads:
            node = self.clauses[operation.name].get(origin)
            self._reads[place] = frozenset({origin}) if node is None else self._read(node)
        return self._reads[place]

    def writers(self, reads: frozenset[str], besides: Operation) -> list[Operation]:
        """The other commands that write any of this."""
        found = (command for command in self.model.commands if command is not besides)
        return [command for command in found if footprint(self.model, command).writes & reads]

    def makers(self, focus: Operation) -> list[Operation]:
        """The other commands that make rows of the kinds that the focus is about."""
        kinds = {f"{type_.entity}.*" for param in focus.params if isinstance(type_ := bare(param.type), Ref)}
        return self.writers(frozenset(kinds), focus)

    def _read(self, node: Node) -> frozenset[str]:
        found: set[str] = set()
        pending = [node]
        while pending:
            for part in walk(pending.pop()):
                if isinstance(part, Rows | Owned):
                    found.add(f"{part.entity}.*")
                if not isinstance(part, Attr) or not isinstance(part.base.type, Ref):
                    continue
                place = f"{part.base.type.entity}.{part.name}"
                item = self.model.entities[part.base.type.entity].fields.get(part.name)
                if item is not None and item.derived is not None and place not in found:
                    pending.append(item.derived)
                found.add(place)
        return frozenset(found)
