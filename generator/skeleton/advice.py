"""Warnings: what is allowed and probably not meant. Each names what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from generator.errors import Problem
from generator.skeleton.document import AttributesDoc, Skeleton
from generator.skeleton.model import Effect, Model, Operation
from generator.skeleton.nodes import Attr, Node, Owned, Rows, walk
from generator.skeleton.phrases import holes, split_say
from generator.skeleton.scope import Path
from generator.skeleton.types import ListOf, Ref


class Advice:
    """Looks at a whole model for parts that nothing uses and orders that surprise."""

    def __init__(self, model: Model, report: Callable[[Problem], None]) -> None:
        self._model = model
        self._report = report

    def give(self) -> None:
        """Reports every warning."""
        self._unused_corpora()
        self._unused_types()
        self._unreached_entities()
        for operation in self._model.operations.values():
            self._order(operation)
            self._say(operation)

    def _warn(self, path: Path, message: str) -> None:
        self._report(Problem(path, message, warning=True))

    def _unused_corpora(self) -> None:
        document = self._model.document
        used = {doc.sample for _, doc in _attributes(document)}
        for lines in document.corpora.values():
            used |= {hole for line in lines for hole in re.findall(r"\{([^{}]+)\}", line)}
        for name in document.corpora:
            if name not in used:
                self._warn(("corpora", name), f"the list '{name}' is never sampled from")

    def _unused_types(self) -> None:
        document = self._model.document
        texts = [doc.type for _, doc in _attributes(document)]
        texts += [entity.fields for entity in document.entities.values() if isinstance(entity.fields, str)]
        words = {word for text in texts for word in re.findall(r"\w+", text)}
        for name in document.types:
            if name not in words:
                self._warn(("types", name), f"the type '{name}' is never used")

    def _unreached_entities(self) -> None:
        made = {
            effect.entity
            for operation in self._model.operations.values()
            for effect in operation.effects
            if effect.kind in ("create", "replace")
        }
        for entity in self._model.entities.values():
            if entity.key != "one" and entity.doc.population is None and entity.name not in made:
                message = f"nothing makes {entity.plural}: give a population, or an operation that creates one"
                self._warn(("entities", entity.name), message)

    def _say(self, operation: Operation) -> None:
        """A task is told by `say`; what it leaves out, nobody could know."""
        say = operation.doc.say
        if say is None:
            return
        named = set(holes(split_say(say)))
        for param in operation.params:
            if param.required and param.name not in named:
                message = f"'{param.name}' is required, but these words do not name it: add {{{param.name}}}"
                self._warn(("operations", operation.name, "say"), message)

    def _order(self, operation: Operation) -> None:
        """A later effect that reads what an earlier one changed sees the change: often not what was meant."""
        fields: set[tuple[str, str]] = set()
        tables: set[str] = set()
        for at, effect in enumerate(operation.effects):
            path: Path = ("operations", operation.name, "effects", at)
            for place, node in _computed(effect):
                for text in self._changed(node, fields, tables):
                    self._warn((*path, *place), f"this reads {text}, which an earlier effect has changed by then")
            if effect.kind == "update":
                fields |= {(effect.entity, assign.field.name) for assign in effect.assigns}
            else:
                tables.add(effect.entity)

    def _changed(self, node: Node, fields: set[tuple[str, str]], tables: set[str]) -> list[str]:
        """What of the changed fields and tables the node reads, through definitions and derived fields too."""
        found: dict[str, None] = {}
        seen: set[tuple[str, str]] = set()
        stack = [node]
        while stack:
            for part in walk(stack.pop()):
                if isinstance(part, Rows | Owned) and part.entity in tables:
                    found[self._model.entities[part.entity].plural] = None
                if not (isinstance(part, Attr) and isinstance(part.base.type, Ref)):
                    continue
                place = (part.base.type.entity, part.name)
                if place in fields:
                    found[".".join(place)] = None
                item = self._model.entities[place[0]].fields.get(part.name)
                if item is not None and item.derived is not None and place not in seen:
                    seen.add(place)
                    stack.append(item.derived)
        return list(found)


def _computed(effect: Effect) -> Iterator[tuple[Path, Node]]:
    """What an effect computes in its turn; conditions and lists are decided before the first effect."""
    for assign in effect.assigns:
        yield ("values", assign.field.name), assign.node
    if effect.items is not None and isinstance(effect.items.type, ListOf):
        yield ("with",), effect.items


def _attributes(document: Skeleton) -> Iterator[tuple[Path, AttributesDoc]]:
    for name, entity in document.entities.items():
        for field, doc in entity.fields.items() if isinstance(entity.fields, dict) else ():
            yield ("entities", name, "fields", field), doc
    for name, written in document.types.items():
        for member, doc in written.items() if isinstance(written, dict) else ():
            yield ("types", name, member), doc
    for name, operation in document.operations.items():
        for param, doc in operation.params.items():
            yield ("operations", name, "params", param), doc
