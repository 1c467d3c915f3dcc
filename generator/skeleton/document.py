"""The skeleton document as it is written: shapes and spellings, not yet meanings.

Every leaf is text; types, expressions and names are given their meaning by the checker. Short spellings
(a bare type for a field, `get` for a query, a call for a requirement) are expanded on validation, so that the
rest of the program sees one form. See SKELETON_FORMAT for the language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

IDENTIFIER = r"[a-z][a-z0-9_]*"
LONGEST_EXPRESSION = 4_000  # characters
_SIGNATURE = re.compile(rf"\s*({IDENTIFIER})\s*(?:\(([^()]*)\))?\s*")

# Unions are chosen by shape, so that a mistake in one spelling is not reported against the others as well.
# The tags stand in the location of pydantic's errors, where no key of a document is written like them.
MAP, LIST, TEXT = Tag("<map>"), Tag("<list>"), Tag("<text>")


def _map_or_text(value: object) -> str:
    return "<map>" if isinstance(value, dict) else "<text>"


def _list_or_text(value: object) -> str:
    return "<list>" if isinstance(value, (list, tuple)) else "<text>"


def _list_or_map(value: object) -> str:
    return "<list>" if isinstance(value, (list, tuple)) else "<map>"


def _only_text(value: object) -> object:
    if isinstance(value, (list, dict)):
        if not value:  # `default: []` means what it says
            return "[]" if isinstance(value, list) else "{}"
        raise ValueError("expected text, found a list or mapping: quote this expression")
    if isinstance(value, str):
        if len(value) > LONGEST_EXPRESSION:
            raise ValueError(
                f"an expression of {len(value):,} characters is longer than {LONGEST_EXPRESSION:,}"
            )
        return " ".join(value.split()) if "\n" in value else value.strip()
    return value


def _prose(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _flag(value: object) -> object:
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, bool):
        return value
    raise ValueError("expected true or false")


Expression = Annotated[str, BeforeValidator(_only_text)]
"""Text in the expression language."""
Prose = Annotated[str, BeforeValidator(_prose)]
"""Words for people, paragraphs allowed."""
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
        params = tuple(part.strip() for part in match[2].split(",")) if match[2] and match[2].strip() else ()
        if any(re.fullmatch(IDENTIFIER, param) is None for param in params):
            raise ValueError(f"'{text}' has a parameter that is not a name")
        return cls(name=match[1], params=params)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.params)})" if self.params else self.name


def _definitions(written: object) -> object:
    """`at(path): body` → `at: {params: [path], body: …}`."""
    return _by_signature(written, "body", lambda body: body)


def _guards(written: object) -> object:
    """`moderator(user): {that, else}` or a list of them → `moderator: {params, clauses}`."""
    return _by_signature(written, "clauses", lambda body: body if isinstance(body, list) else [body])


def _by_signature(written: object, part: str, spelt: Callable[[object], object]) -> object:
    if not isinstance(written, dict):
        return written
    expanded: dict[str, object] = {}
    for text, body in written.items():
        if isinstance(body, (BaseModel, dict)) and (isinstance(body, BaseModel) or part in body):
            expanded[text] = body
            continue
        try:
            signature = Signature.parse(text)
        except ValueError:
            expanded[text] = {part: spelt(body)}  # refused with the other names that are none
            continue
        name = text if signature.name in expanded else signature.name  # likewise, the second of its name
        expanded[name] = {"params": signature.params, part: spelt(body)}
    return expanded


class AttributesDoc(_Document):
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
        if (
            isinstance(value, dict)
            and isinstance(words, list)
            and all(isinstance(word, str) for word in words)
        ):
            return {**value, "type": f"[{', '.join(words)}]"}  # an enum written in place
        return value


QUERY_KINDS = ("get", "find", "by", "all", "exists")
EFFECT_KINDS = ("create", "update", "delete", "replace")


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

    @model_validator(mode="after")
    def _complete(self) -> IdDoc:
        told = (self.pattern is not None, self.given is not None)
        if told != (self.kind == "counted", self.kind == "given") or (self.next and self.kind != "given"):
            raise ValueError(
                "an id is a pattern such as U-{n:03}, {given: name}, {given: name, next: pattern} or one"
            )
        return self


class QueryDoc(_Document):
    """A query of an entity in one line."""

    kind: Literal["get", "find", "by", "all", "exists"]
    fields: Annotated[list[Name], Field(min_length=1)] | None = None  # get: [role, author]
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
        kind = _only_one(QUERY_KINDS, value, "a query")
        part = value[kind]
        rest = {key: other for key, other in value.items() if key != kind}
        if kind == "get" and isinstance(part, list):
            return {"kind": kind, "fields": part, **rest}
        if kind in ("find", "by"):
            return {"kind": kind, "field": part, **rest}
        if part not in ("", "true"):
            wanted = (
                "{get: [field, …]}" if kind == "get" else f"'{kind}', or {{{kind}: true, …}} with attributes"
            )
            raise ValueError(f"a query of the kind '{kind}' is written {wanted}")
        return {"kind": kind, **rest}

    @model_validator(mode="after")
    def _complete(self) -> QueryDoc:
        if (self.kind in ("find", "by")) != (self.field is not None):
            raise ValueError("a query by a field is written {find: field} or {by: field}")
        if self.fields is not None and self.kind != "get":
            raise ValueError("only {get: [field, …]} chooses fields")
        return self


class EntityDoc(_Document):
    plural: Name
    description: Prose | None = None
    part_of: Annotated[str, Field(pattern=rf"^{IDENTIFIER}\.{IDENTIFIER}$")] | None = None
    id: IdDoc | None = None
    key: list[Name] | None = None
    label: Name | None = None
    population: (
        Annotated[
            Annotated[list[dict[Name, Any]], LIST] | Annotated[str, TEXT],
            Discriminator(_list_or_text),
        ]
        | None
    ) = None
    fields: Annotated[
        Annotated[dict[Name, AttributesDoc], MAP] | Annotated[Name, TEXT], Discriminator(_map_or_text)
    ] = Field(default_factory=dict)
    queries: dict[Name, QueryDoc] = Field(default_factory=dict)


class ClauseDoc(_Document):
    """A condition and the sentence that refuses when it does not hold."""

    that: Expression
    else_: Annotated[Prose, Field(alias="else")]


class GuardDoc(_Document):
    params: tuple[Name, ...] = ()
    clauses: list[ClauseDoc] = Field(min_length=1)


class DefinitionDoc(_Document):
    params: tuple[Name, ...] = ()
    body: Expression


class RuleDoc(_Document):
    """A rule or a policy: words for people, an expression for us."""

    text: Prose
    holds: Expression


class ParamDoc(AttributesDoc):
    """A parameter of an operation; the same spelling as a field, a part of its attributes."""


class RequireDoc(_Document):
    """`{that, else}`, a call of a guard (`check`), or either of them for `each: x in xs`."""

    that: Expression | None = None
    else_: Annotated[Prose | None, Field(alias="else")] = None
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
    with_: (
        Annotated[
            Annotated[list[Name], LIST] | Annotated[Expression, TEXT],
            Discriminator(_list_or_text),
        ]
        | None
    ) = Field(default=None, alias="with")
    values: dict[Name, Expression] = Field(default_factory=dict)
    when: Expression | None = None
    for_each: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        if not isinstance(value, dict) or "kind" in value:
            return value
        kind = _only_one(EFFECT_KINDS, value, "an effect")
        rest = {key: part for key, part in value.items() if key != kind}
        return {"kind": kind, "target": value[kind], **rest}


def _only_one(kinds: tuple[str, ...], written: dict[str, object], what: str) -> str:
    """The key of `written` that says its kind. Raises ValueError unless there is exactly one."""
    found = [kind for kind in kinds if kind in written]
    if len(found) == 1:
        return found[0]
    near = [(key, get_close_matches(key, kinds, 1)) for key in written] if not found else []
    hint = next((f"; did you mean '{match[0]}' for '{key}'?" for key, match in near if match), "")
    raise ValueError(f"{what} is exactly one of {', '.join(kinds[:-1])} and {kinds[-1]}{hint}")


class OperationDoc(_Document):
    description: Prose
    params: dict[Name, ParamDoc] = Field(default_factory=dict)
    let: Annotated[dict[Name, DefinitionDoc], BeforeValidator(_definitions)] = Field(default_factory=dict)
    requires: list[RequireDoc] = Field(default_factory=list)
    effects: list[EffectDoc] = Field(default_factory=list)
    returns: (
        Annotated[
            Annotated[dict[Name, Expression], MAP] | Annotated[Expression, TEXT],
            Discriminator(_map_or_text),
        ]
        | None
    ) = None
    say: Prose | None = None


class Skeleton(_Document):
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
            Annotated[list[str], LIST] | Annotated[dict[Name, AttributesDoc], MAP],
            Discriminator(_list_or_map),
        ],
    ] = Field(default_factory=dict)
    entities: dict[Name, EntityDoc]
    definitions: Annotated[dict[Name, DefinitionDoc], BeforeValidator(_definitions)] = Field(
        default_factory=dict
    )
    guards: Annotated[dict[Name, GuardDoc], BeforeValidator(_guards)] = Field(default_factory=dict)
    rules: dict[Name, RuleDoc] = Field(default_factory=dict)
    policies: dict[Name, RuleDoc] = Field(default_factory=dict)
    operations: dict[Name, OperationDoc]
