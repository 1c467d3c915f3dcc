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
            if not given and item.default is None and lacks_sample(model, item.type, item.doc):
                found.append((("entities", entity.name, "fields", item.name), f"{entity.name}.{item.name}"))
    for operation in model.operations.values():
        for param in operation.params:
            if param.default is None and lacks_sample(model, param.type, param.doc):
                found.append((("operations", operation.name, "params", param.name), f"{operation.name}.{param.name}"))
    return found


def problems(model: Model) -> list[Problem]:
    """The same as problems of the document."""
    return [
        Problem(path, f"{name} needs a sample: a text that nothing describes cannot be made up")
        for path, name in unsampled(model)
    ]


def lacks_sample(model: Model, type_: Type, doc: AttributesDoc) -> bool:
    """Whether a value of the type would have to hold a text that nothing describes; an optional one needs none."""
    if isinstance(type_, Maybe):
        return False
    if isinstance(type_, ListOf):
        return lacks_sample(model, bare(type_.item), doc)
    if isinstance(type_, MapOf):
        return lacks_sample(model, type_.value, doc)
    if isinstance(type_, Record):
        members = model.members.get(type_.name, {}).values()
        return any(lacks_sample(model, member.type, member.doc) for member in members)
    return type_ == TEXT and doc.sample is None
