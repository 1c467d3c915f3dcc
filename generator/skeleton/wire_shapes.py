"""The skeleton as a model's structured output can say it: lists instead of free keys, no recursion, no optionals.

What is absent is an empty text or list. The conversion loses nothing in either direction.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Attribute = Literal[
    "sample",
    "weights",
    "default",
    "unique",
    "not_blank",
    "min",
    "max",
    "pattern",
    "derived",
    "transitions",
    "on_delete",
    "only_for",
]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WireWords(_Wire):
    """A named list: a corpus of the domain's own words."""

    name: str
    words: list[str]


class WireAttribute(_Wire):
    """One attribute of a field: `unique` and `not_blank` with the value true, `weights` with a value each,
    `transitions` once for every word they lead away from and `only_for` once for every field it depends on,
    both with that name as `of`; the others with one value. `of` is otherwise empty.
    """

    attribute: Attribute
    of: str
    values: list[str]


class WireField(_Wire):
    """A field of an entity, a member of a record type, or a parameter. `description` may be empty."""

    name: str
    type: str
    description: str
    attributes: list[WireAttribute]


class WireType(_Wire):
    """An enum has words, a record type has members."""

    name: str
    words: list[str]
    members: list[WireField]


class WireCell(_Wire):
    """A value of a row that is written out; lists and mappings as JSON."""

    field: str
    form: Literal["text", "json"]
    value: str


class WireRow(_Wire):
    cells: list[WireCell]


class WireQuery(_Wire):
    """`field` is what `find` and `by` look at, `fields` what `get` is narrowed to; the rest may be empty."""

    name: str
    kind: Literal["get", "find", "by", "all", "exists"]
    field: str
    fields: list[str]
    where: str
    order: str
    take_one: bool
    description: str


class WireEntity(_Wire):
    """`id` is the pattern of a counted id or the name of a given key; `next_id` the pattern of keys that the
    environment makes itself. Sampled rows have a `population`, reference data has `rows`. `record` names the
    record type whose members are the fields; then `fields` is empty.
    """

    name: str
    plural: str
    description: str
    part_of: str
    id_kind: Literal["counted", "given", "one", "none"]
    id: str
    next_id: str
    key: list[str]
    label: str
    population: str
    rows: list[WireRow]
    record: str
    fields: list[WireField]
    queries: list[WireQuery]


class WireDefinition(_Wire):
    name: str
    params: list[str]
    body: str


class WireClause(_Wire):
    that: str
    otherwise: str


class WireGuard(_Wire):
    name: str
    params: list[str]
    clauses: list[WireClause]


class WireRule(_Wire):
    name: str
    text: str
    holds: str


class WireRequirement(_Wire):
    """Either `check`, a guard's call, or `that` and `otherwise`; for each of a list when `each` is `x in xs`."""

    each: str
    check: str
    that: str
    otherwise: str


class WireValue(_Wire):
    name: str
    value: str


class WireEffect(_Wire):
    """`created_as` names the created row; `with_names` are parameters taken over under their own names,
    `with_expression` a record, or for `replace` a list of records.
    """

    kind: Literal["create", "update", "delete", "replace"]
    target: str
    created_as: str
    with_names: list[str]
    with_expression: str
    values: list[WireValue]
    when: str
    for_each: str


class WireOperation(_Wire):
    """`returns` is an expression; `returns_record` the parts of a record instead."""

    name: str
    description: str
    params: list[WireField]
    let: list[WireDefinition]
    requires: list[WireRequirement]
    effects: list[WireEffect]
    returns: str
    returns_record: list[WireValue]
    say: str


class WireSkeleton(_Wire):
    """A whole skeleton, version 1."""

    id: str
    title: str
    domain: str
    summary: str
    introduction: str
    clock: str
    corpora: list[WireWords]
    types: list[WireType]
    entities: list[WireEntity]
    definitions: list[WireDefinition]
    guards: list[WireGuard]
    rules: list[WireRule]
    policies: list[WireRule]
    operations: list[WireOperation]
