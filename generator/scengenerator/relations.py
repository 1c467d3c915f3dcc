"""How rows are identified by others: whose they are, what they are in, of, with or for."""

from __future__ import annotations

from dataclasses import dataclass

from generator.scengenerator.english import spaced, word_set
from generator.scengenerator.nouns import CONTAINERS, is_party, noun
from generator.skeleton.model import Entity, Field, Model
from generator.skeleton.types import Ref

_MAKERS = word_set("author creator doctor owner referrer reporter requester reviewer sender uploader writer")
_QUARRELS = frozenset({"claim", "complaint", "dispute"})
_LINES = frozenset({"entry", "line", "position", "row"})
_WAYS = {"origin": "from", "source": "from", "destination": "to", "target": "to"}
_FOR = frozenset({"appointment", "booking", "event", "visit"})
_MOVES = frozenset({"charge", "deposit", "fee", "payment", "purchase", "refund", "transaction"})


@dataclass(frozen=True)
class Relation:
    """A way from a row to another one that identifies it: `account.member`; the owner's, or with a preposition."""

    path: str
    target: Entity
    preposition: str  # "" for the owner, who takes the possessive
    hops: int


def find_relations(model: Model, entity: Entity) -> list[Relation]:
    """The owner first, then what else a row is spoken of by."""
    direct = [(item, model.entities[item.type.entity]) for item in entity.stored if isinstance(item.type, Ref)]
    parties = [item.name for item, target in direct if is_party(target)]
    result: list[Relation] = []
    of_party = entity.parent is None or is_party(model.entities[entity.parent])
    if parties:
        field = next((name for name in parties if entity.fields[name].column.startswith(name)), parties[0])
        owner = model.entity_of(entity.fields[field].type)
        assert owner is not None
        result.append(Relation(field, owner, "", 1))
    elif of_party:
        result += _distant_owner(model, entity)
    for item, target in sorted(direct, key=lambda pair: pair[0].name == entity.parent):
        paired = of_party and entity.parent is not None and item.name in (entity.doc.key or ())
        if target is not entity and not paired and not any(r.path == item.name for r in result):
            result.append(Relation(item.name, target, _preposition(entity, item, target), 1))
    return result


def _distant_owner(model: Model, entity: Entity) -> list[Relation]:
    """The party at the end of the shortest chain of references: of a card, the member through the account."""
    frontier = [(item.name, model.entities[item.type.entity]) for item in entity.stored if isinstance(item.type, Ref)]
    for hops in range(2, 5):
        following = []
        for path, here in frontier:
            owner = next(iter(_direct_owners(model, here)), None)
            if owner is not None:
                return [Relation(f"{path}.{owner.path}", owner.target, "", hops)]
            following += [
                (f"{path}.{item.name}", model.entities[item.type.entity])
                for item in here.stored
                if isinstance(item.type, Ref) and item.type.entity != here.name
            ]
        frontier = following
    return []


def _direct_owners(model: Model, entity: Entity) -> list[Relation]:
    if is_party(entity):
        return []
    return [
        Relation(item.name, target, "", 1)
        for item in entity.stored
        if isinstance(item.type, Ref) and is_party(target := model.entities[item.type.entity])
    ]


def _preposition(entity: Entity, item: Field, target: Entity) -> str:
    own = noun(entity)
    if is_party(target):
        if item.name in _MAKERS:
            return "by"
        return "with" if item.name == target.name else f"with the {spaced(item.name)}"
    if item.name in _WAYS:
        return _WAYS[item.name]
    if item.name != target.name and target.name not in item.name:
        return f"with the {spaced(item.name)}"
    if own in _LINES:
        return "in" if item.name == entity.parent else "for"
    if noun(target) in CONTAINERS:
        return "in"
    if own in _QUARRELS:
        return "over"
    if own in _MOVES and target.name == "account":
        return "on"
    if noun(target) in _FOR:
        return "for"
    return "of"
