"""Writes a skeleton the one way it is written: the canonical spelling that files have.

`parse_skeleton(write_skeleton(document))` is the document again, and writing that gives the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from generator.skeleton.document import (
    AttributesDoc,
    DefinitionDoc,
    EffectDoc,
    EntityDoc,
    GuardDoc,
    IdDoc,
    OperationDoc,
    QueryDoc,
    RequireDoc,
    RuleDoc,
    Signature,
    Skeleton,
)
from generator.skeleton.layout import Code, Inline, Written, to_yaml

_ENUM = re.compile(r"\[[^\[\]{}]+\]")
_SPACED = ("entities", "operations")  # sections with a blank line between their entries
Block = dict[str, Written]


def write_skeleton(document: Skeleton) -> str:
    """The text of a skeleton file, which ends with a line break."""
    return _with_blank_lines(to_yaml(_skeleton(document)))


def _skeleton(document: Skeleton) -> Block:
    head = ("id", "title", "domain", "summary", "introduction", "clock")
    written: Block = {"schema_version": "1", **{name: getattr(document, name) for name in head}}
    sections: Block = {
        "corpora": document.corpora,
        "types": {name: _type(members) for name, members in document.types.items()},
        "entities": {name: _entity(entity) for name, entity in document.entities.items()},
        "definitions": _definitions(document.definitions),
        "guards": {_signed(name, guard.params): _guard(guard) for name, guard in document.guards.items()},
        "rules": {name: _rule(rule) for name, rule in document.rules.items()},
        "policies": {name: _rule(policy) for name, policy in document.policies.items()},
        "operations": {name: _operation(operation) for name, operation in document.operations.items()},
    }
    return written | {name: part for name, part in sections.items() if part or name in _SPACED}


def _present(parts: Iterable[tuple[str, Written | None]]) -> Block:
    return {name: part for name, part in parts if part is not None}


def _code(text: str | None) -> Code | None:
    return None if text is None else Code(text)


def _signed(name: str, params: tuple[str, ...]) -> str:
    return str(Signature(name=name, params=params))


def _type(members: list[str] | dict[str, AttributesDoc]) -> Written:
    if isinstance(members, list):
        return members
    return _attributes_by_name(members)


def _attributes_by_name(members: Mapping[str, AttributesDoc]) -> Block:
    written = {name: _attributes(member) for name, member in members.items()}
    return Inline(written) if all(isinstance(part, str) for part in written.values()) else written


def _attributes(field: AttributesDoc) -> Written:
    kind = _type_text(field.type)
    rest = _present(
        (
            ("only_for", _words(field.only_for)),
            ("unique", "true" if field.unique else None),
            ("not_blank", "true" if field.not_blank else None),
            ("min", field.min),
            ("max", field.max),
            ("pattern", field.pattern),
            ("default", [] if field.default == "[]" else _code(field.default)),
            ("weights", [str(weight) for weight in field.weights or ()] or None),
            ("sample", field.sample),
            ("transitions", _words(field.transitions)),
            ("on_delete", field.on_delete),
            ("derived", _code(field.derived)),
            ("description", field.description),
        )
    )
    if not rest:
        return kind
    return Inline({"type": kind, **rest} if field.type else rest)


def _words(words: dict[str, list[str]] | None) -> Written | None:
    return None if words is None else Inline(words)


def _type_text(text: str) -> Written:
    """A type; an enum that is written in place as the list of its words."""
    words = text[1:-1].split(", ") if _ENUM.fullmatch(text) else []
    return words if words and all(word and word == word.strip() for word in words) else text


def _id(ident: IdDoc | None) -> Written | None:
    if ident is None:
        return None
    if ident.kind == "given":
        return Inline(_present((("given", ident.given), ("next", ident.next))))
    return "one" if ident.kind == "one" else ident.pattern


def _entity(entity: EntityDoc) -> Block:
    population = entity.population
    rows: Written | None = [Inline(row) for row in population] if isinstance(population, list) else population
    return _present(
        (
            ("plural", entity.plural),
            ("description", entity.description),
            ("id", _id(entity.id)),
            ("part_of", entity.part_of),
            ("key", entity.key),
            ("label", entity.label),
            ("population", rows),
            ("fields", _fields(entity.fields) or None),
            ("queries", {name: _query(query) for name, query in entity.queries.items()} or None),
        )
    )


def _fields(fields: dict[str, AttributesDoc] | str) -> Written:
    if isinstance(fields, str):
        return fields
    return {name: _attributes(field) for name, field in fields.items()}


def _query(query: QueryDoc) -> Written:
    rest = _present(
        (
            ("where", _code(query.where)),
            ("order", query.order),
            ("take", query.take),
            ("description", query.description),
        )
    )
    if query.field is not None:
        return Inline({query.kind: query.field, **rest})
    if query.fields is not None:
        return Inline({query.kind: query.fields, **rest})
    return Inline({query.kind: "true", **rest}) if rest else query.kind


def _guard(guard: GuardDoc) -> Written:
    clauses: list[Written] = [{"that": Code(clause.that), "else": clause.else_} for clause in guard.clauses]
    return clauses[0] if len(clauses) == 1 else clauses


def _definitions(definitions: dict[str, DefinitionDoc]) -> Block:
    return {_signed(name, each.params): Code(each.body) for name, each in definitions.items()}


def _rule(rule: RuleDoc) -> Written:
    return {"text": rule.text, "holds": Code(rule.holds)}


def _operation(operation: OperationDoc) -> Block:
    returns = operation.returns
    return {
        "description": operation.description,
        **_present(
            (
                ("params", _attributes_by_name(operation.params) or None),
                ("let", _definitions(operation.let) or None),
                ("requires", [_requirement(each) for each in operation.requires] or None),
                ("effects", [_effect(effect) for effect in operation.effects] or None),
                ("returns", _values(returns) if isinstance(returns, dict) else _code(returns)),
                ("say", operation.say),
            )
        ),
    }


def _requirement(require: RequireDoc) -> Written:
    parts = _present(
        (
            ("each", _code(require.each)),
            ("check", _code(require.check)),
            ("that", _code(require.that)),
            ("else", require.else_),
        )
    )
    return parts["check"] if list(parts) == ["check"] else parts


def _effect(effect: EffectDoc) -> Written:
    target = (effect.kind, Code(effect.target))
    when = ("when", _code(effect.when))
    with_ = effect.with_ if isinstance(effect.with_, list) else _code(effect.with_)
    return Inline(
        _present(
            (
                ("for_each", _code(effect.for_each)),
                *((when, target) if effect.for_each is not None else (target, when)),
                ("as", effect.as_),
                ("with", with_),
                ("values", _values(effect.values) or None),
            )
        )
    )


def _values(values: dict[str, str]) -> Inline:
    return Inline({name: Code(value) for name, value in values.items()})


def _with_blank_lines(text: str) -> str:
    """Sections apart from one another, and so the entries of the long ones."""
    lines: list[str] = []
    section, first = "", True
    for line in text.splitlines():
        entry = line[:2] == "  " and line[2:3] not in (" ", "-", ":", "") and section in _SPACED
        if line[:1] not in (" ", ":", ""):
            section = line.partition(":")[0]
            if line.endswith(":") and lines:
                lines.append("")
            first = True
        elif entry:
            lines += [] if first else [""]
            first = False
        lines.append(line)
    return "\n".join(lines) + "\n"
