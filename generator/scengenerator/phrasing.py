"""Noun phrases put together from what is said of a row."""

from __future__ import annotations

import zlib

from generator.scengenerator.descriptions import Description
from generator.scengenerator.english import number_word, plural, possessive
from generator.scengenerator.grammar import Grammar
from generator.scengenerator.qualifiers import Qualifier, Superlative
from generator.skeleton.model import Entity


class Phrasing:
    """Words for a choice of qualifiers; where several are as good, the same things are always said the same way."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar

    def phrase(
        self, entity: Entity, used: list[Qualifier], superlative: Superlative | None, order: tuple[str, bool] | None
    ) -> Description:
        """One row: "Marta Ruiz's oldest open dispute"."""
        by_slot = {q.slot: q for q in used}
        noun = by_slot["head"].text if "head" in by_slot else self.grammar.noun(entity)
        words = [superlative.before] if superlative and superlative.before else []
        words += _adjectives(used, states=True)
        kinds = _adjectives(used, states=False)
        alone = superlative is None and all(q.slot == "owner" or q.adjective for q in used)
        if alone and words + kinds and ("owner" not in by_slot or _chance(used, 4)):
            words.insert(0, "only")
        core, article = " ".join([*kinds, noun]), "the "
        if "label" in by_slot:
            core, article = self.grammar.labelled(entity, core, by_slot["label"].text)
            article = article or ("the " if words else "")
        core = " ".join([*words, core])
        tail = _tail(used, superlative.after if superlative else "")
        owner = by_slot.get("owner")
        if owner is None:
            text = article + core + tail
        elif owner.bare and not (_chance(used, 5) and not tail):
            text = f"{possessive(owner.text)} {core}{tail}"
        else:
            text = f"the {core} of {owner.text}{tail}"
        cost = sum(q.cost for q in used) + _detour(used) + (superlative.cost if superlative else 0.0)
        steps = _steps(used) + (superlative is not None)
        conditions = tuple(condition for q in used for condition in q.conditions)
        return Description(entity.name, text, conditions, order, steps, noun, cost)

    def set_phrase(self, entity: Entity, used: list[Qualifier], count: int) -> Description:
        """So many rows: "every open dispute of Marta Ruiz"."""
        one = self.singular(entity, used)
        many, owner, tail = self.group(entity, used)
        of = f" of {owner.text}" if owner else ""
        all_of = "both" if count == 2 else f"all {number_word(count)}"
        texts = [f"every {one}{of}{tail}", f"{all_of} {many}{of}{tail}"]
        if owner and owner.bare:
            texts.append(f"{'both' if count == 2 else 'all'} of {possessive(owner.text)} {many}{tail}")
        conditions = tuple(condition for q in used for condition in q.conditions)
        steps, cost = _steps(used) + 1, sum(q.cost for q in used) + _detour(used)
        noun = next((q.text for q in used if q.slot == "head"), self.grammar.noun(entity))
        text = texts[_number(used) % len(texts)]
        return Description(entity.name, text, conditions, None, steps, noun, cost, many=True)

    def singular(self, entity: Entity, used: list[Qualifier]) -> str:
        """ "open dispute"."""
        noun = next((q.text for q in used if q.slot == "head"), self.grammar.noun(entity))
        return " ".join([*_adjectives(used, states=True), *_adjectives(used, states=False), noun])

    def group(self, entity: Entity, used: list[Qualifier]) -> tuple[str, Qualifier | None, str]:
        """ "open disputes", the owner if one is said, and what follows the noun."""
        head = next((q.text for q in used if q.slot == "head"), None)
        nouns = plural(head) if head else self.grammar.nouns(entity)
        words = [*_adjectives(used, states=True), *_adjectives(used, states=False), nouns]
        owner = next((q for q in used if q.slot == "owner"), None)
        return " ".join(words), owner, _tail(used, "")


def _number(used: list[Qualifier]) -> int:
    """A number that is always the same for the same things said."""
    return zlib.crc32(" ".join(q.text for q in used).encode())


def _chance(used: list[Qualifier], parts: int) -> bool:
    return _number(used) % parts == 0


def _adjectives(used: list[Qualifier], states: bool) -> list[str]:
    """States stand first, kinds next to the noun."""
    found = [q for q in used if q.adjective and (q.rank == 0) == states]
    return [q.text for q in sorted(found, key=lambda q: q.rank)]


def _tail(used: list[Qualifier], superlative: str) -> str:
    """What follows the noun: amounts first, then relations, days and quotations."""
    order = {"amount": 0, "day": 2, "text": 3}
    said = [q for q in used if q.slot in order or q.slot.startswith("of ")]
    texts = [q.text for q in sorted(said, key=lambda q: 0 if q.text.startswith("of ") else order.get(q.slot, 1))]
    if superlative:
        within = next((at for at, text in enumerate(texts) if text.startswith(("in ", "on "))), len(texts))
        texts.insert(within, superlative)
    return "".join(f" {text}" for text in texts)


def _detour(used: list[Qualifier]) -> float:
    """What it costs that no query leads to the rows by anything that is said."""
    anchors = [q for q in used if q.anchors]
    return 0.9 if anchors and all(q.hidden for q in anchors) else 0.0


def _steps(used: list[Qualifier]) -> int:
    """Look-ups: to what the rows are anchored at, and from there to them."""
    return max(1, sum(q.steps for q in used)) + (2 if _detour(used) else 0)
