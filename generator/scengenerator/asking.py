"""How a person asks for a field of a row: which fields are worth a question, and its words."""

from __future__ import annotations

import re

from generator.scengenerator.english import BIRTHS, happened, is_participle, possessive, spaced, word_set
from generator.scengenerator.grammar import Grammar
from generator.scengenerator.relations import Relation
from generator.skeleton.model import Entity, Field
from generator.skeleton.types import DATE, DATETIME, INTEGER, MONEY, TEXT, Enum

_STATES = word_set("available due free on_hand overdue")  # besides participles: what an amount is, not is called
_NOUNS = word_set(
    "amount balance capacity copayment discount fee limit price quantity rating reputation score size total"
)
_SUMS = word_set("amount total")
_ACTIVE = {"arrived": "arrive", "departed": "depart", "expired": "expire", "joined": "join"}
_CONTACTS = {"email": "email address", "phone": "phone number", "supplier": "supplier"}
_ENUMS = word_set("carrier grade level priority reason role severity specialty state status")


def is_measure(field: Field) -> bool:
    """Whether its name is that of a figure: `balance`, `credit_limit`, `unit_price`."""
    last = field.name.rsplit("_", 1)[-1]
    return field.type in (MONEY, INTEGER) and last in _NOUNS


def is_sum(field: Field) -> bool:
    """Whether several of them add up to something: amounts, quantities, balances; not limits and prices."""
    return field.type in (MONEY, INTEGER) and field.name in (*_SUMS, "balance", "fee", "quantity")


def figure_question(grammar: Grammar, entity: Entity, field: Field, who: str, noun: str) -> str | None:
    """About an amount or a number, or None where its name does not tell how one would ask."""
    party = grammar.is_party(entity)
    left = re.fullmatch(r"(\w+)_left", field.name)
    if field.type == MONEY and field.name == "owed" and party:
        return f"How much does {who} owe?"
    if field.type == MONEY and left and party:
        return f"How much {spaced(left[1])} does {who} have left?"
    if is_measure(field):
        return f"What is the {spaced(field.name)} of {who}?"
    if field.type == MONEY and _is_state(field):
        return f"How much is {spaced(field.name)} {'in' if noun == 'account' else 'for'} {who}?"
    if field.type == INTEGER and _is_state(field) and (unit := _unit(field)):
        return f"How many {unit} of {who} are {spaced(field.name)}?"
    counted = field.type == INTEGER and not field.stored and "_" in field.name and field.name.endswith("s")
    if counted and not field.name.endswith("ss"):
        things = spaced(field.name)
        return f"How many {things} does {who} have?" if party else f"How many {things} are there for {who}?"
    return None


def _is_state(field: Field) -> bool:
    return field.name in _STATES or ("_" not in field.name and is_participle(field.name))


def _unit(field: Field) -> str | None:
    """`pieces`, where the description counts them."""
    found = re.match(r"(?:Number of )?([A-Z]?[a-z]+s)\b", field.doc.description or "")
    return found[1].lower() if found else None


def word_question(grammar: Grammar, entity: Entity, field: Field, who: str) -> str | None:
    """About a word from a list, or a text that people ask for."""
    if isinstance(field.type, Enum):
        if field.name in ("day", "weekday"):
            return f"On which day is {who}?"
        link = "for" if field.name == "reason" else "of"
        return f"What is the {spaced(field.name)} {link} {who}?" if field.name in _ENUMS else None
    if field.type != TEXT or not field.stored:
        return None
    if field.name == "contact":
        return f"Who is the contact at {who}?"
    if field.name == "city":
        return f"In which city is {who}?"
    if field.name in _CONTACTS:
        bare = grammar.is_party(entity) and not who.startswith("the ")
        what = _CONTACTS[field.name]
        return f"What is {possessive(who)} {what}?" if bare else f"What is the {what} of {who}?"
    return None


def day_question(field: Field, who: str) -> str | None:
    """About the day of a date or a moment."""
    if field.type not in (DATE, DATETIME):
        return None
    if field.name in BIRTHS:
        return f"When was {who} born?"
    verb = happened(field.name)
    if verb in _ACTIVE:
        return f"On which day did {who} {_ACTIVE[verb]}?"
    if verb == "expected":
        return f"For which day was {who} expected?"
    return f"On which day was {who} {verb}?" if verb else None


def relation_question(grammar: Grammar, entity: Entity, relation: Relation, who: str) -> str | None:
    """About the row that a row refers to."""
    noun = grammar.noun(relation.target)
    last = relation.path.rsplit(".", 1)[-1]
    if relation.preposition == "by" or (not relation.preposition and last == "author"):
        return f"Who is the {spaced(last)} of {who}?"
    if not relation.preposition:
        return f"Which {noun} does {who} belong to?"
    if relation.preposition in ("in", "with"):
        return f"Which {noun} is {who} {relation.preposition}?"
    if relation.preposition != "of" or entity.parent is not None:
        return None
    return f"Which {noun} does {who} belong to?" if grammar.owner(relation.target) else f"Which {noun} is {who} for?"


def clause_of(grammar: Grammar, entity: Entity, relation: Relation, who: str) -> str | None:
    """The row that a row refers to, by way of it: `the account that the card ending in 1028 belongs to`."""
    noun = grammar.noun(relation.target)
    if relation.preposition in ("in", "with"):
        return f"the {noun} that {who} is {relation.preposition}"
    owned = not relation.preposition or (relation.preposition == "of" and grammar.owner(relation.target))
    return f"the {noun} that {who} belongs to" if owned and entity.parent is None else None
