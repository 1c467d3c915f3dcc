"""The skeleton document as it is written: shapes and spellings, not yet meanings.

Every leaf is text; types, expressions and names are given their meaning by the checker. Short spellings (a bare
type for a field, `get` for a query, a call for a requirement) are expanded on validation, so that the rest of the
program sees one form. See SKELETON_FORMAT for the language.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

IDENTIFIER = r"[a-z][a-z0-9_]*"
_SIGNATURE = re.compile(rf"\s*({IDENTIFIER})\s*(?:\(\s*([^()]*?)\s*\))?\s*")


def _only_text(value: object) -> object:
    if isinstance(value, (list, dict)):
        raise ValueError("expected text, found a list or mapping: quote this expression")
    if isinstance(value, str):
        return " ".join(value.split()) if "\n" in value else value.strip()
    return value


def _flag(value: object) -> object:
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, bool):
        return value
    raise ValueError("expected true or false")


Expression = Annotated[str, BeforeValidator(_only_text)]
"""Text in the expression language."""
Name = Annotated[str, Field(pattern=rf"^{IDENTIFIER}$")]
Flag = Annotated[bool, BeforeValidator(_flag)]
Whole = Annotated[int, Field(ge=0)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Signature(BaseModel):
    """`name(a, b)` of a definition, a guard or a `let`."""

    model_config = ConfigDict(frozen=True)
    name: str
    params: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Raises ValueError when the text is not a name with optional parameters."""
        match = _SIGNATURE.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is not a name with parameters, such as at(path)")
        params = tuple(part.strip() for part in match[2].split(",")) if match[2] else ()
        if any(re.fullmatch(IDENTIFIER, param) is None for param in params):
            raise ValueError(f"'{text}' has a parameter that is not a name")
        return cls(name=match[1], params=params)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.params)})" if self.params else self.name


class AttributesDoc(_Document):
    """A type with its attributes: a field, or a member of a record type. A bare type is `{type: …}`."""

    type: Expression = ""
    description: str | None = None
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
        if isinstance(value, list):  # an enum written in place
            return {"type": "[" + ", ".join(str(word) for word in value) + "]"}
        if isinstance(value, dict) and isinstance(value.get("type"), list):
            return {**value, "type": "[" + ", ".join(str(word) for word in value["type"]) + "]"}
        return {"type": value} if isinstance(value, str) else value


class IdDoc(_Document):
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


class QueryDoc(_Document):
    """A query of an entity in one line."""

    kind: Literal["get", "find", "by", "all", "exists"]
    fields: list[Name] | None = None  # get: [role, author]
    field: Name | None = None  # find: name; by: thread
    where: Expression | None = None
    order: str | None = None
    take: Literal["one"] | None = None
    description: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if isinstance(value, str):
            return {"kind": value}
        if not isinstance(value, dict) or "kind" in value:
            return value
        rest = {key: part for key, part in value.items() if key not in ("get", "find", "by", "all", "exists")}
        for kind in ("get", "find", "by", "all", "exists"):
            if kind in value:
                part = value[kind]
                if kind == "get" and isinstance(part, list):
                    return {"kind": kind, "fields": part, **rest}
                if kind in ("find", "by"):
                    return {"kind": kind, "field": part, **rest}
                return {"kind": kind, **rest}
        return value

    @model_validator(mode="after")
    def _complete(self) -> QueryDoc:
        if (self.kind in ("find", "by")) != (self.field is not None):
            raise ValueError(f"a query of the kind '{self.kind}' is written {{{self.kind}: field}}")
        return self


class EntityDoc(_Document):
    plural: Name
    description: str | None = None
    part_of: Annotated[str, Field(pattern=rf"^{IDENTIFIER}\.{IDENTIFIER}$")] | None = None
    id: IdDoc | None = None
    key: list[Name] | None = None
    label: Name | None = None
    population: str | list[dict[str, Any]] | None = None
    fields: dict[Name, AttributesDoc] | Name = Field(default_factory=dict)
    queries: dict[Name, QueryDoc] = Field(default_factory=dict)


class ClauseDoc(_Document):
    """A condition and the sentence that refuses when it does not hold."""

    that: Expression
    else_: Annotated[str, Field(alias="else")]


class GuardDoc(_Document):
    params: tuple[Name, ...] = ()
    clauses: list[ClauseDoc] = Field(min_length=1)


class DefinitionDoc(_Document):
    params: tuple[Name, ...] = ()
    body: Expression


class RuleDoc(_Document):
    """A rule or a policy: words for people, an expression for us."""

    text: str
    holds: Expression


class ParamDoc(AttributesDoc):
    """A parameter of an operation; the same spelling as a field, a part of its attributes."""


class RequireDoc(_Document):
    """`{that, else}`, a call of a guard (`check`), or either of them for `each: x in xs`."""

    that: Expression | None = None
    else_: Annotated[str | None, Field(alias="else")] = None
    check: Expression | None = None
    each: str | None = None

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


class EffectDoc(_Document):
    kind: Literal["create", "update", "delete", "replace"]
    target: Expression
    as_: Annotated[Name | None, Field(alias="as")] = None
    with_: Annotated[list[Name] | Expression | None, Field(alias="with")] = None
    values: dict[Name, Expression] = Field(default_factory=dict)
    when: Expression | None = None
    for_each: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if not isinstance(value, dict) or "kind" in value:
            return value
        kinds = [kind for kind in ("create", "update", "delete", "replace") if kind in value]
        if len(kinds) != 1:
            raise ValueError("an effect is exactly one of create, update, delete and replace")
        rest = {key: part for key, part in value.items() if key != kinds[0]}
        return {"kind": kinds[0], "target": value[kinds[0]], **rest}


class OperationDoc(_Document):
    description: str
    params: dict[Name, ParamDoc] = Field(default_factory=dict)
    let: dict[str, DefinitionDoc] = Field(default_factory=dict)
    requires: list[RequireDoc] = Field(default_factory=list)
    effects: list[EffectDoc] = Field(default_factory=list)
    returns: Expression | dict[Name, Expression] | None = None
    say: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("let"), dict):
            return {**value, "let": _definitions(value["let"])}
        return value


class Skeleton(_Document):
    """A whole skeleton, version 1."""

    schema_version: Literal[1]
    id: Name
    title: str
    domain: str
    summary: str
    introduction: str
    clock: str
    corpora: dict[Name, list[str]] = Field(default_factory=dict)
    types: dict[Name, list[str] | dict[Name, AttributesDoc]] = Field(default_factory=dict)
    entities: dict[Name, EntityDoc]
    definitions: dict[str, DefinitionDoc] = Field(default_factory=dict)
    guards: dict[str, GuardDoc] = Field(default_factory=dict)
    rules: dict[Name, RuleDoc] = Field(default_factory=dict)
    policies: dict[Name, RuleDoc] = Field(default_factory=dict)
    operations: dict[Name, OperationDoc]

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        value = dict(value)
        if value.get("schema_version") == "1":
            value["schema_version"] = 1
        if isinstance(value.get("definitions"), dict):
            value["definitions"] = _definitions(value["definitions"])
        if isinstance(value.get("guards"), dict):
            value["guards"] = _guards(value["guards"])
        return value


def _definitions(written: dict[str, object]) -> dict[str, object]:
    """`at(path): body` → `at: {params: [path], body: …}`."""
    expanded: dict[str, object] = {}
    for text, body in written.items():
        if isinstance(body, dict) and "body" in body:
            expanded[text] = body
            continue
        signature = Signature.parse(text)
        _refuse_repeated(signature.name, expanded)
        expanded[signature.name] = {"params": signature.params, "body": body}
    return expanded


def _guards(written: dict[str, object]) -> dict[str, object]:
    """`moderator(user): {that, else}` or a list of them → `moderator: {params, clauses}`."""
    expanded: dict[str, object] = {}
    for text, body in written.items():
        if isinstance(body, dict) and "clauses" in body:
            expanded[text] = body
            continue
        signature = Signature.parse(text)
        _refuse_repeated(signature.name, expanded)
        expanded[signature.name] = {
            "params": signature.params,
            "clauses": body if isinstance(body, list) else [body],
        }
    return expanded


def _refuse_repeated(name: str, taken: dict[str, object]) -> None:
    if name in taken:
        raise ValueError(f"'{name}' is defined twice")
