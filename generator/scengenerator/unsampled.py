"""The texts of a skeleton that would have to be made up, since nothing says what stands in them."""

from __future__ import annotations

from generator.errors import Problem
from generator.skeleton.document import AttributesDoc
from generator.skeleton.model import Model
from generator.skeleton.types import TEXT, ListOf, MapOf, Maybe, Record, Type, bare


def unsampled(model: Model) -> list[tuple[tuple[str | int, ...], str]]:
    """The texts that would have to be made up: their place in the document, and their name."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    for entity in model.entities.values():
        if not isinstance(entity.doc.population, str):
            continue
        for item in entity.stored:
            given = item.name == entity.key_column and entity.doc.id is not None and entity.doc.id.next is not None
            if _needs_sample(model, item.type, item.doc, item.default is not None or given):
                found.append((("entities", entity.name, "fields", item.name), f"{entity.name}.{item.name}"))
    for operation in model.operations.values():
        for param in operation.params:
            if _needs_sample(model, param.type, param.doc, param.default is not None):
                found.append((("operations", operation.name, "params", param.name), f"{operation.name}.{param.name}"))
    return found


def problems(model: Model) -> list[Problem]:
    """The same as problems of the document."""
    return [
        Problem(path, f"{name} needs a sample: a text that nothing describes cannot be made up")
        for path, name in unsampled(model)
    ]


def _needs_sample(model: Model, type_: Type, doc: AttributesDoc, default: bool) -> bool:
    inner = bare(type_)
    if isinstance(inner, ListOf):
        inner = bare(inner.item)
    if isinstance(inner, MapOf):
        inner = inner.value
    if isinstance(inner, Record):
        members = model.members.get(inner.name, {})
        return any(_needs_sample(model, member.type, member.doc, False) for member in members.values())
    return inner == TEXT and doc.sample is None and not default and not isinstance(type_, Maybe)
