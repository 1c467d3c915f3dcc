"""The skeleton document as it is written: shapes and spellings, not yet meanings.

Every leaf is text; types, expressions and names are given their meaning by the checker. Short spellings
(a bare type for a field, `get` for a query, a call for a requirement) are expanded on validation, so that the
rest of the program sees one form. See docs/skeletons.md for the language.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from generator.skeleton.leaves import (
    IDENTIFIER,
    LIST,
    LIST_OR_MAP,
    LIST_OR_TEXT,
    MAP,
    MAP_OR_TEXT,
    TEXT,
    Cell,
    Expression,
    Filled,
    Flag,
    Name,
    Prose,
    Signature,
    Whole,
    definitions_by_name,
    guards_by_name,
    only_one,
)

__all__ = [
    "EFFECT_KINDS",
    "IDENTIFIER",
    "QUERY_KINDS",
    "AttributesDoc",
    "ClauseDoc",
    "DefinitionDoc",
    "DocumentPart",
    "EffectDoc",
    "EntityDoc",
    "Expression",
    "GuardDoc",
    "IdDoc",
    "Name",
    "OperationDoc",
    "ParamDoc",
    "QueryDoc",
    "RequireDoc",
    "RuleDoc",
    "Signature",
    "Skeleton",
]


def _is_empty(value: object, key: str) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value in ([], {}) and key != "default"  # a default may be the empty list


class DocumentPart(BaseModel):
    """What every mapping of the document has in common."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty(cls, value: object) -> object:
        """An optional part with nothing after its name is absent, so that there is one way to be so."""
        if not isinstance(value, dict):
            return value
        optional = {
            spelt
            for name, field in cls.model_fields.items()
            for spelt in (name, field.alias or name)
            if field.default is None or field.default_factory
        }
        empty = {key for key in optional & value.keys() if _is_empty(value[key], key)}
        return {key: part for key, part in value.items() if key not in empty} if empty else value


class AttributesDoc(DocumentPart):
    """A type with its attributes: a field, or a member of a record type. A bare type is `{type: …}`."""

    type: Expression = ""
    description: Prose | None = None
    sample: str | None = None
    weights: list[Whole] | None = None
    default: Expression | None = None
    unique: Flag = False
    not_blank: Flag = False
    min: str | None = None
    max: str | None = None
    pattern: str | None = None
    derived: Expression | None = None
    transitions: dict[str, list[str]] | None = None
    on_delete: Literal["refuse", "cascade", "clear", "remove"] | None = None
    only_for: dict[str, list[str]] | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if isinstance(value, (str, list)):
            value = {"type": value}
        words = value.get("type") if isinstance(value, dict) else None
        if isinstance(value, dict) and isinstance(words, list) and all(isinstance(word, str) for word in words):
            return {**value, "type": f"[{', '.join(words)}]"}  # an enum written in place
        return value


QUERY_KINDS = ("get", "find", "by", "all", "exists")
EFFECT_KINDS = ("create", "update", "delete", "replace")


class IdDoc(DocumentPart):
    """How rows are named: counted by a pattern, a given natural key, or a singleton."""

    kind: Literal["counted", "given", "one"]
    pattern: str | None = None  # counted: U-{n:03}
    given: Name | None = None
    next: str | None = None  # given: the pattern when the environment makes one itself

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if value == "one":
            return {"kind": "one"}
        if isinstance(value, str):
            return {"kind": "counted", "pattern": value}
        if isinstance(value, dict) and "kind" not in value:
            return {"kind": "given", **value}
        return value

    @model_validator(mode="after")
    def _complete(self) -> IdDoc:
        told = (self.pattern is not None, self.given is not None)
        if told != (self.kind == "counted", self.kind == "given") or (self.next and self.kind != "given"):
            raise ValueError("an id is a pattern such as U-{n:03}, {given: name}, {given: name, next: pattern} or one")
        for pattern in (self.pattern, self.next):
            if pattern is not None and "{n" not in pattern:
                raise ValueError(f"'{pattern}' does not count; write a pattern such as U-{{n:03}}")
        return self


class QueryDoc(DocumentPart):
    """A query of an entity in one line."""

    kind: Literal["get", "find", "by", "all", "exists"]
    fields: list[Name] | None = None  # get: [role, author]
    field: Name | None = None  # find: name; by: thread
    where: Expression | None = None
    order: str | None = None
    take: Literal["one"] | None = None
    description: Prose | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if isinstance(value, str):
            return {"kind": value}
        if not isinstance(value, dict) or "kind" in value:
            return value
        kind = only_one(QUERY_KINDS, value, "a query")
        part = value[kind]
        rest = {key: other for key, other in value.items() if key != kind}
        if kind == "get" and isinstance(part, list):
            return {"kind": kind, "fields": part, **rest}
        if kind in ("find", "by"):
            return {"kind": kind, "field": part, **rest}
        if part not in ("", "true"):
            wanted = "{get: [field, …]}" if kind == "get" else f"'{kind}', or {{{kind}: true, …}} with attributes"
            raise ValueError(f"a query of the kind '{kind}' is written {wanted}")
        return {"kind": kind, **rest}

    @model_validator(mode="after")
    def _complete(self) -> QueryDoc:
        if (self.kind in ("find", "by")) != (self.field is not None):
            raise ValueError("a query by a field is written {find: field} or {by: field}")
        if self.fields is not None and self.kind != "get":
            raise ValueError("only {get: [field, …]} chooses fields")
        return self


class EntityDoc(DocumentPart):
    plural: Name
    description: Prose | None = None
    part_of: Annotated[str, Field(pattern=rf"^{IDENTIFIER}\.{IDENTIFIER}$")] | None = None
    id: IdDoc | None = None
    key: list[Name] | None = None
    label: Name | None = None
    population: (
        Annotated[
            Annotated[list[dict[Name, Cell]], LIST] | Annotated[str, TEXT],
            LIST_OR_TEXT,
        ]
        | None
    ) = None
    fields: Annotated[Annotated[dict[Name, AttributesDoc], MAP] | Annotated[Name, TEXT], MAP_OR_TEXT] = Field(
        default_factory=dict
    )
    queries: dict[Name, QueryDoc] = Field(default_factory=dict)


class ClauseDoc(DocumentPart):
    """A condition and the sentence that refuses when it does not hold."""

    that: Expression
    else_: Annotated[Prose, Field(alias="else")]


class GuardDoc(DocumentPart):
    params: tuple[Name, ...] = ()
    clauses: list[ClauseDoc] = Field(min_length=1)


class DefinitionDoc(DocumentPart):
    params: tuple[Name, ...] = ()
    body: Expression


class RuleDoc(DocumentPart):
    """A rule or a policy: words for people, an expression for us."""

    text: Prose
    holds: Expression


class ParamDoc(AttributesDoc):
    """A parameter of an operation; the same spelling as a field, a part of its attributes."""


class RequireDoc(DocumentPart):
    """`{that, else}`, a call of a guard (`check`), or either of them for `each: x in xs`."""

    that: Expression | None = None
    else_: Annotated[Prose | None, Field(alias="else")] = None
    check: Expression | None = None
    each: Expression | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        return {"check": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _complete(self) -> RequireDoc:
        if (self.that is None) == (self.check is None):
            raise ValueError("a requirement is {that, else}, a guard's call, or {each, check}")
        if (self.that is None) != (self.else_ is None):
            raise ValueError("'that' and 'else' go together")
        return self


class EffectDoc(DocumentPart):
    kind: Literal["create", "update", "delete", "replace"]
    target: Expression
    as_: Annotated[Name | None, Field(alias="as")] = None
    with_: (
        Annotated[
            Annotated[list[Name], LIST] | Annotated[Expression, TEXT],
            LIST_OR_TEXT,
        ]
        | None
    ) = Field(default=None, alias="with")
    values: dict[Name, Expression] = Field(default_factory=dict)
    when: Expression | None = None
    for_each: Expression | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if not isinstance(value, dict) or "kind" in value:
            return value
        kind = only_one(EFFECT_KINDS, value, "an effect")
        rest = {key: part for key, part in value.items() if key != kind}
        return {"kind": kind, "target": value[kind], **rest}


class OperationDoc(DocumentPart):
    description: Prose
    params: dict[Name, ParamDoc] = Field(default_factory=dict)
    let: Annotated[dict[Name, DefinitionDoc], BeforeValidator(definitions_by_name)] = Field(default_factory=dict)
    requires: list[RequireDoc] = Field(default_factory=list)
    effects: list[EffectDoc] = Field(default_factory=list)
    returns: (
        Annotated[
            Annotated[dict[Name, Expression], MAP] | Annotated[Expression, TEXT],
            MAP_OR_TEXT,
        ]
        | None
    ) = None
    say: Prose | None = None


class Skeleton(DocumentPart):
    """A whole skeleton, version 1."""

    schema_version: Annotated[Literal[1], BeforeValidator(lambda value: 1 if value == "1" else value)]
    id: Name
    title: Prose
    domain: Prose
    summary: Prose
    introduction: Prose
    clock: str
    corpora: dict[Name, list[str]] = Field(default_factory=dict)
    types: dict[
        Name,
        Annotated[
            Annotated[Filled[list[str]], LIST] | Annotated[Filled[dict[Name, AttributesDoc]], MAP],
            LIST_OR_MAP,
        ],
    ] = Field(default_factory=dict)
    entities: dict[Name, EntityDoc]
    definitions: Annotated[dict[Name, DefinitionDoc], BeforeValidator(definitions_by_name)] = Field(
        default_factory=dict
    )
    guards: Annotated[dict[Name, GuardDoc], BeforeValidator(guards_by_name)] = Field(default_factory=dict)
    rules: dict[Name, RuleDoc] = Field(default_factory=dict)
    policies: dict[Name, RuleDoc] = Field(default_factory=dict)
    operations: dict[Name, OperationDoc]
