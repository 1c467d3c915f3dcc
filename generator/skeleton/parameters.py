"""Checks the parameters of operations."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.document import IDENTIFIER, ParamDoc
from generator.skeleton.entities import Entities
from generator.skeleton.expressions import Expressions
from generator.skeleton.model import (
    Field,
    Model,
    Operation,
    Param,
)
from generator.skeleton.scope import Path, Scope
from generator.skeleton.types import (
    TEXT,
    UNKNOWN,
    Maybe,
    Type,
    bare,
)
from generator.skeleton.wording import nearest


class Parameters:
    """Reads parameters, those that inherit from a field included."""

    def __init__(
        self, model: Model, expressions: Expressions, entities: Entities, report: Callable[[Problem], None]
    ) -> None:
        self.model = model
        self.expressions = expressions
        self._entities = entities
        self._report = report

    def _problem(self, path: Path, message: str) -> None:
        self._report(Problem(path, message))

    def param(self, name: str, doc: ParamDoc, path: Path) -> Param:
        source: Field | None = None
        text, optional = doc.type, False
        if text.startswith("optional "):
            text, optional = text.removeprefix("optional ").strip(), True
        if match := re.fullmatch(rf"({IDENTIFIER})\.({IDENTIFIER})", text):
            source = self._inherited(match[1], match[2], path)
            type_: Type = source.type if source else UNKNOWN
            if source:
                inherited = source.doc.model_copy(update={"default": None, "derived": None, "unique": False})
                written = {key: getattr(doc, key) for key in doc.model_fields_set if key != "type"}
                doc = ParamDoc.model_validate(inherited.model_dump(by_alias=True) | written | {"type": doc.type})
            optional = optional or isinstance(type_, Maybe)
        else:
            type_ = self._entities.types.type_of(text, path)
        type_ = Maybe(bare(type_)) if optional else type_
        own = ("unique", "derived", "transitions", "on_delete", "only_for", "weights")
        for attribute in own if source is None else ():
            if getattr(doc, attribute) not in (None, False):
                self._problem((*path, attribute), f"'{attribute}' is for fields of entities; a parameter has none")
        param = Param(name, self.model.column(name, type_), type_, doc, source)
        if doc.default is not None:
            param.type = bare(type_)
            param.default = self.expressions.value(doc.default, Scope(), (*path, "default"), param.type)
        self._check_attributes(param, path)
        return param

    def _check_attributes(self, param: Param, path: Path) -> None:
        """Bounds and the like; what is inherited was checked where it is written."""
        attributes, doc, source = self._entities.attributes, param.doc, param.source
        if source is not None and doc.min == source.doc.min and doc.max == source.doc.max:
            param.minimum, param.maximum = source.minimum, source.maximum
        else:
            param.minimum, param.maximum = attributes.bounds(doc, param.type, path)
        if source is None or doc.sample != source.doc.sample:
            attributes.check_sample(doc, param.type, path)
        if doc.pattern is not None and (source is None or doc.pattern != source.doc.pattern):
            attributes.check_pattern(doc.pattern, bare(param.type), (*path, "pattern"))
        if doc.not_blank and bare(param.type) not in (TEXT, UNKNOWN):
            self._problem((*path, "not_blank"), "not_blank is for texts")
        attributes.check_default(param, path)

    def _inherited(self, entity_name: str, field_name: str, path: Path) -> Field | None:
        entity = self.model.entities.get(entity_name)
        members = entity.fields if entity else self.model.members.get(entity_name)
        if members is None:
            choices = [*self.model.entities, *self.model.members]
            self._problem(path, f"there is no entity '{entity_name}'{nearest(entity_name, choices)}")
            return None
        if field_name not in members:
            self._problem(path, f"{entity_name} has no field '{field_name}'{nearest(field_name, members)}")
            return None
        return members[field_name]

    def refuse_repeated(self, operation: Operation, path: Path) -> None:
        seen: dict[str, str] = {}
        for param in operation.params:
            if param.argument in seen:
                message = f"agents would see two arguments '{param.argument}' ({seen[param.argument]} and {param.name})"
                self._problem((*path, "params", param.name), message)
            seen[param.argument] = param.name
