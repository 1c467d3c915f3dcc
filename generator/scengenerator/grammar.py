"""How the entities of a model are spoken of: their nouns, who they belong to, and how one names another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generator.scengenerator.english import happened, is_code, is_participle, quoted, spaced, word_set
from generator.skeleton.model import Entity, Field, Model
from generator.skeleton.types import BOOLEAN, TEXT, Enum, Maybe, Ref, bare

# Fields whose words stand before the noun: "draft order", "savings account", "Monday appointment".
_ADJECTIVES = word_set(
    "cabin category class coverage day grade hazard kind level method plan priority role service severity size "
    "specialty state status type weekday"
)
_KINDS = frozenset({"kind", "type", "category"})
_GENERIC = frozenset({"document", "entry", "event", "item", "movement", "node", "record", "transaction"})
_CONTAINERS = word_set(
    "bin board branch category channel city department drawer folder group list project room section shelf space "
    "store team thread warehouse"
)
_MAKERS = word_set("author creator doctor owner referrer reporter requester reviewer sender uploader writer")
_BODIES = frozenset({"body", "content", "message", "text"})
_QUARRELS = frozenset({"claim", "complaint", "dispute"})
_LINES = frozenset({"entry", "line", "position", "row"})
_WAYS = {"origin": "from", "source": "from", "destination": "to", "target": "to"}
_FOR = frozenset({"appointment", "booking", "event", "visit"})
_MOVES = frozenset({"charge", "deposit", "fee", "payment", "purchase", "refund", "transaction"})
_PARTY_FIELDS = frozenset({"contact", "date_of_birth", "email", "first_name", "full_name", "last_name", "username"})

LabelForm = Literal["bare", "container", "code", "ending", "quoted"]


@dataclass(frozen=True)
class Relation:
    """A way from a row to another one that identifies it: `account.member`; the owner's, or with a preposition."""

    path: str
    target: Entity
    preposition: str  # "" for the owner, who takes the possessive
    hops: int


class Grammar:
    """What is said of a model's entities; worked out once for each model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._relations: dict[str, tuple[Relation, ...]] = {}

    # -- nouns --------------------------------------------------------------------------------------------------------

    def noun(self, entity: Entity) -> str:
        """`account`; `line` for an order_line, whose parent is named with it."""
        return self._short(entity, entity.name)

    def nouns(self, entity: Entity) -> str:
        return self._short(entity, entity.plural)

    @staticmethod
    def _short(entity: Entity, name: str) -> str:
        prefix = f"{entity.parent}_"
        return spaced(name.removeprefix(prefix) if entity.parent else name)

    def is_generic(self, entity: Entity) -> bool:
        """Whether its noun says little, as `transaction` or `item` does."""
        return self.noun(entity) in _GENERIC

    def head(self, entity: Entity) -> Field | None:
        """The field whose word is the noun itself where the entity's own says little: `deposit`, `directory`."""
        if not self.is_generic(entity):
            return None
        return next((f for f in entity.stored if f.name in _KINDS and isinstance(f.type, Enum)), None)

    # -- words before the noun ----------------------------------------------------------------------------------------

    def adjectives(self, entity: Entity) -> list[tuple[Field, str | bool, str]]:
        """Field, value and the adjective that says so."""
        found: list[tuple[Field, str | bool, str]] = []
        head = self.head(entity)
        for item in entity.fields.values():
            type_ = bare(item.type)
            if isinstance(type_, Enum) and item.name in _ADJECTIVES and item is not head:
                found += [(item, word, word) for word in type_.words if " " not in word and "_" not in word]
            elif type_ == BOOLEAN and (word := self._truth(entity, item.name)):
                found.append((item, True, word))
        return found

    def _truth(self, entity: Entity, name: str) -> str:
        """`overdue` of `is_overdue`, `first` of `is_first_post`; nothing where it is no adjective."""
        word = name.removeprefix("is_").removesuffix(f"_{entity.name}")
        if "_" in word:
            return ""
        known = is_participle(word) or word.endswith(("able", "ible", "ous", "al", "ive"))
        return word if known or name.startswith("is_") else ""

    @staticmethod
    def is_kind(item: Field) -> bool:
        return item.name in _KINDS

    @staticmethod
    def is_noun(word: str) -> bool:
        """Whether a kind names a thing, as `deposit` does and `received` does not."""
        return not is_participle(word)

    @staticmethod
    def is_state(item: Field) -> bool:
        return item.doc.transitions is not None or item.name in ("status", "state")

    # -- labels -------------------------------------------------------------------------------------------------------

    def is_party(self, entity: Entity) -> bool:
        """A person or a firm, who is called by name and owns things."""
        return entity.doc.label is not None and bool(_PARTY_FIELDS & entity.fields.keys())

    @staticmethod
    def is_unique_label(entity: Entity) -> bool:
        """Whether the label is made to tell rows apart, or to find them by."""
        label = entity.doc.label
        if label is None:
            return False
        found = any(query.doc.kind == "find" and query.doc.field == label for query in entity.queries.values())
        return found or entity.fields[label].doc.unique or label in ("name", "title")

    def label_form(self, entity: Entity, value: str) -> LabelForm:
        label = entity.doc.label or ""
        if self.is_party(entity) and label not in ("email", "title"):
            return "bare"
        if label.startswith("last_"):
            return "ending"
        if is_code(value):
            return "code"
        if self.noun(entity) in _CONTAINERS:
            return "container" if label == "name" else "quoted"
        return "bare" if label in ("name", "city") else "quoted"

    def labelled(self, entity: Entity, noun: str, value: str) -> tuple[str, str]:
        """The noun with the label, without an article; and its article, or nothing for a bare name."""
        match self.label_form(entity, value):
            case "bare":
                return value, ""
            case "code":
                return f"{noun} {value}", ""
            case "container":
                return f"{value} {noun}", "the "
            case "ending":
                return f"{noun} ending in {value}", "the "
            case _:
                words = value.split()
                echo = noun.rsplit(maxsplit=1)[-1].lower() in value.lower()  # not: the "Opening deposit" deposit
                short = len(words) <= 3 and value[-1:].isalnum() and '"' not in value and not echo
                return (f'"{value}" {noun}' if short else f"{noun} {quoted(value)}"), "the "

    def keyed(self, entity: Entity, key: str) -> str:
        """A natural key as people say it: `amoxicillin`, `flight HAT123`."""
        return f"{self.noun(entity)} {key}" if is_code(key) else key

    # -- relations ----------------------------------------------------------------------------------------------------

    def relations(self, entity: Entity) -> tuple[Relation, ...]:
        """The owner first, then what else the row is spoken of by."""
        if entity.name not in self._relations:
            self._relations[entity.name] = tuple(self._find_relations(entity))
        return self._relations[entity.name]

    def owner(self, entity: Entity) -> Relation | None:
        return next((r for r in self.relations(entity) if not r.preposition), None)

    def _find_relations(self, entity: Entity) -> list[Relation]:
        direct = [(item, self.model.entities[item.type.entity]) for item in entity.stored if isinstance(item.type, Ref)]
        parties = [item.name for item, target in direct if self.is_party(target)]
        result: list[Relation] = []
        of_party = entity.parent is None or self.is_party(self.model.entities[entity.parent])
        if parties:
            field = next((name for name in parties if entity.fields[name].column.startswith(name)), parties[0])
            owner = self.model.entity_of(entity.fields[field].type)
            assert owner is not None
            result.append(Relation(field, owner, "", 1))
        elif of_party:
            result += self._distant_owner(entity)
        for item, target in sorted(direct, key=lambda pair: pair[0].name == entity.parent):
            if target is not entity and not any(r.path == item.name for r in result):
                result.append(Relation(item.name, target, self._preposition(entity, item, target), 1))
        return result

    def _distant_owner(self, entity: Entity) -> list[Relation]:
        """The party at the end of the shortest chain of references: of a card, the member through the account."""
        frontier = [
            (item.name, self.model.entities[item.type.entity]) for item in entity.stored if isinstance(item.type, Ref)
        ]
        for hops in range(2, 5):
            following = []
            for path, here in frontier:
                owner = next((r for r in self._find_direct_owner(here)), None)
                if owner is not None:
                    return [Relation(f"{path}.{owner.path}", owner.target, "", hops)]
                following += [
                    (f"{path}.{item.name}", self.model.entities[item.type.entity])
                    for item in here.stored
                    if isinstance(item.type, Ref) and item.type.entity != here.name
                ]
            frontier = following
        return []

    def _find_direct_owner(self, entity: Entity) -> list[Relation]:
        if self.is_party(entity):
            return []
        return [
            Relation(item.name, target, "", 1)
            for item in entity.stored
            if isinstance(item.type, Ref) and self.is_party(target := self.model.entities[item.type.entity])
        ]

    def _preposition(self, entity: Entity, item: Field, target: Entity) -> str:
        noun = self.noun(entity)
        if self.is_party(target):
            if item.name in _MAKERS:
                return "by"
            return "with" if item.name == target.name else f"with the {spaced(item.name)}"
        if item.name in _WAYS:
            return _WAYS[item.name]
        if item.name != target.name and target.name not in item.name:
            return f"with the {spaced(item.name)}"
        if noun in _LINES:
            return "in" if item.name == entity.parent else "for"
        if self.noun(target) in _CONTAINERS:
            return "in"
        if noun in _QUARRELS:
            return "over"
        if noun in _MOVES and target.name == "account":
            return "on"
        if self.noun(target) in _FOR:
            return "for"
        return "of"

    # -- other qualifiers ---------------------------------------------------------------------------------------------

    def said(self, entity: Entity, item: Field) -> str | None:
        """How a text of a row without a label is quoted: `that says`, `with the reason`."""
        if bare(item.type) != TEXT or item.doc.pattern is not None or isinstance(item.type, Maybe):
            return None
        return "that says" if item.name in _BODIES else f"with the {spaced(item.name)}"

    def creation(self, entity: Entity) -> Field | None:
        """The field that says when a row came to be."""
        for item in entity.stored:
            made = item.doc.default in ("now()", "today()") and not item.optional
            if made and happened(item.name):
                return item
        return None
