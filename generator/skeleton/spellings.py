"""Which keys a person may write at which place of a skeleton, for the messages about the others."""

from __future__ import annotations

from generator.skeleton.document import (
    EFFECT_KINDS,
    QUERY_KINDS,
    AttributesDoc,
    DocumentPart,
    EffectDoc,
    EntityDoc,
    OperationDoc,
    QueryDoc,
    RequireDoc,
    RuleDoc,
    Skeleton,
)

Path = tuple[str | int, ...]


def _keys(model: type[DocumentPart], *instead: str) -> tuple[str, ...]:
    """The keys of `model` as written; `instead` stand for the kind and the parts that it implies."""
    implied = ("kind", "target", "field", "fields") if instead else ()
    fields = model.model_fields.items()
    return (*instead, *(field.alias or name for name, field in fields if name not in implied))


_ATTRIBUTES = _keys(AttributesDoc)
_PLACES: dict[tuple[str, ...], tuple[str, ...]] = {
    (): _keys(Skeleton),
    ("types", "*", "*"): _ATTRIBUTES,
    ("entities", "*"): _keys(EntityDoc),
    ("entities", "*", "id"): ("given", "next"),
    ("entities", "*", "fields", "*"): _ATTRIBUTES,
    ("entities", "*", "queries", "*"): _keys(QueryDoc, *QUERY_KINDS),
    ("guards", "*", "clauses", "*"): ("that", "else"),
    ("rules", "*"): _keys(RuleDoc),
    ("policies", "*"): _keys(RuleDoc),
    ("operations", "*"): _keys(OperationDoc),
    ("operations", "*", "params", "*"): _ATTRIBUTES,
    ("operations", "*", "requires", "*"): _keys(RequireDoc),
    ("operations", "*", "effects", "*"): _keys(EffectDoc, *EFFECT_KINDS),
}
KNOWN_KEYS = tuple(sorted({key for keys in _PLACES.values() for key in keys}))


def keys_at(path: Path) -> tuple[str, ...]:
    """The keys of the mapping at `path`; empty where keys are free."""
    for place, keys in _PLACES.items():
        if len(place) == len(path) and all(want in ("*", part) for want, part in zip(place, path, strict=True)):
            return keys
    return ()
