"""From the document to its wire form."""

from __future__ import annotations

import json
from collections.abc import Mapping

from generator.skeleton import wire_shapes as wire
from generator.skeleton.document import (
    AttributesDoc,
    DefinitionDoc,
    EffectDoc,
    EntityDoc,
    GuardDoc,
    OperationDoc,
    QueryDoc,
    RequireDoc,
    RuleDoc,
    Skeleton,
)


def to_wire(document: Skeleton) -> wire.WireSkeleton:
    """The same skeleton as a model's structured output would say it."""
    return wire.WireSkeleton(
        id=document.id,
        title=document.title,
        domain=document.domain,
        summary=document.summary,
        introduction=document.introduction,
        clock=document.clock,
        corpora=[wire.WireWords(name=name, words=words) for name, words in document.corpora.items()],
        types=[_type(name, each) for name, each in document.types.items()],
        entities=[_entity(name, entity) for name, entity in document.entities.items()],
        definitions=_definitions(document.definitions),
        guards=[_guard(name, guard) for name, guard in document.guards.items()],
        rules=_rules(document.rules),
        policies=_rules(document.policies),
        operations=[_operation(name, operation) for name, operation in document.operations.items()],
    )


def _type(name: str, each: list[str] | dict[str, AttributesDoc]) -> wire.WireType:
    if isinstance(each, list):
        return wire.WireType(name=name, words=each, members=[])
    return wire.WireType(name=name, words=[], members=_fields(each))


def _fields(fields: Mapping[str, AttributesDoc]) -> list[wire.WireField]:
    return [
        wire.WireField(name=name, type=field.type, description=field.description or "", attributes=_attributes(field))
        for name, field in fields.items()
    ]


def _attributes(field: AttributesDoc) -> list[wire.WireAttribute]:
    single: dict[wire.Attribute, str | None] = {
        "sample": field.sample,
        "default": field.default,
        "unique": "true" if field.unique else None,
        "not_blank": "true" if field.not_blank else None,
        "min": field.min,
        "max": field.max,
        "pattern": field.pattern,
        "derived": field.derived,
        "on_delete": field.on_delete,
    }
    attributes = [_attribute(name, [value]) for name, value in single.items() if value is not None]
    if field.weights is not None:
        attributes.append(_attribute("weights", [str(weight) for weight in field.weights]))
    attributes += [_attribute("transitions", to, word) for word, to in (field.transitions or {}).items()]
    attributes += [_attribute("only_for", words, of) for of, words in (field.only_for or {}).items()]
    return attributes


def _attribute(name: wire.Attribute, values: list[str], of: str = "") -> wire.WireAttribute:
    return wire.WireAttribute(attribute=name, of=of, values=values)


def _entity(name: str, entity: EntityDoc) -> wire.WireEntity:
    rows = entity.population if isinstance(entity.population, list) else []
    return wire.WireEntity(
        name=name,
        plural=entity.plural,
        description=entity.description or "",
        part_of=entity.part_of or "",
        id_kind=entity.id.kind if entity.id else "none",
        id=(entity.id.pattern or entity.id.given or "") if entity.id else "",
        next_id=(entity.id.next or "") if entity.id else "",
        key=entity.key or [],
        label=entity.label or "",
        population=entity.population if isinstance(entity.population, str) else "",
        rows=[wire.WireRow(cells=[_cell(*cell) for cell in row.items()]) for row in rows],
        record=entity.fields if isinstance(entity.fields, str) else "",
        fields=[] if isinstance(entity.fields, str) else _fields(entity.fields),
        queries=[_query(query_name, query) for query_name, query in entity.queries.items()],
    )


def _cell(field: str, value: object) -> wire.WireCell:
    if isinstance(value, str):
        return wire.WireCell(field=field, form="text", value=value)
    return wire.WireCell(field=field, form="json", value=json.dumps(value, ensure_ascii=False))


def _query(name: str, query: QueryDoc) -> wire.WireQuery:
    return wire.WireQuery(
        name=name,
        kind=query.kind,
        field=query.field or "",
        fields=query.fields or [],
        where=query.where or "",
        order=query.order or "",
        take_one=query.take is not None,
        description=query.description or "",
    )


def _definitions(definitions: Mapping[str, DefinitionDoc]) -> list[wire.WireDefinition]:
    return [
        wire.WireDefinition(name=name, params=list(each.params), body=each.body) for name, each in definitions.items()
    ]


def _guard(name: str, guard: GuardDoc) -> wire.WireGuard:
    clauses = [wire.WireClause(that=clause.that, otherwise=clause.else_) for clause in guard.clauses]
    return wire.WireGuard(name=name, params=list(guard.params), clauses=clauses)


def _rules(rules: Mapping[str, RuleDoc]) -> list[wire.WireRule]:
    return [wire.WireRule(name=name, text=rule.text, holds=rule.holds) for name, rule in rules.items()]


def _operation(name: str, operation: OperationDoc) -> wire.WireOperation:
    returns = operation.returns
    return wire.WireOperation(
        name=name,
        description=operation.description,
        params=_fields(operation.params),
        let=_definitions(operation.let),
        requires=[_requirement(require) for require in operation.requires],
        effects=[_effect(effect) for effect in operation.effects],
        returns=returns if isinstance(returns, str) else "",
        returns_record=_values(returns) if isinstance(returns, dict) else [],
        say=operation.say or "",
    )


def _requirement(require: RequireDoc) -> wire.WireRequirement:
    return wire.WireRequirement(
        each=require.each or "",
        check=require.check or "",
        that=require.that or "",
        otherwise=require.else_ or "",
    )


def _effect(effect: EffectDoc) -> wire.WireEffect:
    return wire.WireEffect(
        kind=effect.kind,
        target=effect.target,
        created_as=effect.as_ or "",
        with_names=effect.with_ if isinstance(effect.with_, list) else [],
        with_expression=effect.with_ if isinstance(effect.with_, str) else "",
        values=_values(effect.values),
        when=effect.when or "",
        for_each=effect.for_each or "",
    )


def _values(values: Mapping[str, str]) -> list[wire.WireValue]:
    return [wire.WireValue(name=name, value=value) for name, value in values.items()]
