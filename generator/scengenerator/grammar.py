"""How the entities of a model are spoken of: their nouns, who they belong to, and how one names another."""

from __future__ import annotations

import re
from typing import Literal

from generator.scengenerator.english import happened, is_code, is_participle, quoted, spaced, spoken_number, word_set
from generator.scengenerator.nouns import CONTAINERS, is_party, noun, nouns
from generator.scengenerator.relations import Relation, find_relations
from generator.skeleton.model import Entity, Field, Model
from generator.skeleton.types import BOOLEAN, TEXT, Enum, Maybe, bare

# Fields whose words stand before the noun: "draft order", "savings account", "Monday appointment".
_ADJECTIVES = word_set(
    "cabin category class coverage day grade hazard kind level method plan priority role service severity size "
    "specialty state status type weekday"
)
_KINDS = frozenset({"kind", "type", "category"})
_GENERIC = frozenset({"document", "entry", "event", "item", "movement", "node", "record", "transaction"})
_BODIES = frozenset({"body", "content", "message", "text"})

_CURRENCIES = re.compile(r"\b(?:crowns|dollars|euros|francs|pounds|rupees|yen)\b")

LabelForm = Literal["bare", "container", "code", "ending", "named", "quoted"]


class Grammar:
    """What is said of a model's entities; worked out once for each model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._relations: dict[str, tuple[Relation, ...]] = {}
        named = _CURRENCIES.search(model.document.introduction or "")
        self.currency = named[0] if named else ""

    # -- nouns --------------------------------------------------------------------------------------------------------

    def noun(self, entity: Entity) -> str:
        return noun(entity)

    def nouns(self, entity: Entity) -> str:
        return nouns(entity)

    def is_generic(self, entity: Entity) -> bool:
        """Whether its noun says little, as `transaction` or `item` does."""
        return noun(entity) in _GENERIC

    def is_thing(self, entity: Entity) -> bool:
        """Whether people count such rows: lines of an order, not the shares of bins in a product's stock."""
        return entity.parent is None or entity.parent_list == nouns(entity).replace(" ", "_")

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

    def money(self, amount: float) -> str:
        """`12.50 dollars`, where the skeleton says what money it is."""
        figure = spoken_number(amount, money=True)
        return f"{figure} {self.currency}" if self.currency else figure

    # -- labels -------------------------------------------------------------------------------------------------------

    def is_party(self, entity: Entity) -> bool:
        return is_party(entity)

    @staticmethod
    def is_unique_label(entity: Entity) -> bool:
        """Whether the label is made to tell rows apart, or to find them by."""
        label = entity.doc.label
        if label is None:
            return False
        found = any(query.doc.kind == "find" and query.doc.field == label for query in entity.queries.values())
        return found or entity.fields[label].doc.unique or label in ("name", "title")

    def label_form(self, entity: Entity, value: str) -> LabelForm:
        label = entity.doc.label
        if label is None:
            return "named"  # by a first and a last name
        if self.is_party(entity) and label not in ("email", "title"):
            return "bare"
        if label.startswith("last_"):
            return "ending"
        if is_code(value):
            return "code"
        if noun(entity) in CONTAINERS:
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
            case "named":
                return f"{noun} {value}", "the "
            case "ending":
                return f"{noun} ending in {value}", "the "
            case _:
                words = value.split()
                echo = noun.rsplit(maxsplit=1)[-1].lower() in value.lower()  # not: the "Opening deposit" deposit
                short = len(words) <= 3 and value[-1:].isalnum() and '"' not in value and not echo
                return (f'"{value}" {noun}' if short else f"{noun} {quoted(value)}"), "the "

    def keyed(self, entity: Entity, key: str) -> str:
        """A natural key as people say it: `amoxicillin`, `flight HAT123`."""
        return f"{noun(entity)} {key}" if is_code(key) else key

    # -- relations ----------------------------------------------------------------------------------------------------

    def relations(self, entity: Entity) -> tuple[Relation, ...]:
        """The owner first, then what else the row is spoken of by."""
        if entity.name not in self._relations:
            self._relations[entity.name] = tuple(find_relations(self.model, entity))
        return self._relations[entity.name]

    def owner(self, entity: Entity) -> Relation | None:
        return next((r for r in self.relations(entity) if not r.preposition), None)

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
