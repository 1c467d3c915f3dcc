"""Requests in plain English: values as people write them, commands by their `say`, clauses as one request."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.scengenerator.descriptions import Description
from generator.scengenerator.english import (
    article,
    listed,
    quoted,
    sentence,
    singular_after_one,
    spaced,
    spoken_date,
    spoken_moment,
    spoken_number,
    spoken_time,
)
from generator.skeleton.model import Model, Operation
from generator.skeleton.phrases import Hole, Segment, split_say
from generator.skeleton.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    MONEY,
    TEXT,
    TIME,
    Enum,
    ListOf,
    MapOf,
    Record,
    Ref,
    Type,
    bare,
)

Names = Callable[[str, str], str]  # entity and key to the words for that row
_MEASURED = frozenset({"amount", "count", "number", "pieces", "quantity"})


# -- values -----------------------------------------------------------------------------------------------------------


def value_words(model: Model, type_: Type, value: Any, names: Names | None = None) -> str:
    """A value as a person writes it; nothing for a missing one. `names` says how rows are spoken of."""
    type_ = bare(type_)
    if value is None:
        return ""
    if isinstance(type_, ListOf):
        return listed([value_words(model, type_.item, item, names) for item in value])
    if isinstance(type_, MapOf):
        return listed([f"{value_words(model, type_.value, value[word])} on {spaced(word)}" for word in value])
    if isinstance(type_, Record):
        return _record_words(model, type_, value, names)
    if isinstance(type_, Ref):
        return names(type_.entity, value) if names else str(value)
    if isinstance(type_, Enum):
        return spaced(value)
    if type_ == BOOLEAN:
        return "yes" if value else "no"
    if type_ in (INTEGER, DECIMAL, MONEY):
        return spoken_number(value, money=type_ == MONEY)
    spoken = {DATE: spoken_date, DATETIME: spoken_moment, TIME: spoken_time}.get(type_)  # type: ignore[arg-type]
    return spoken(value) if spoken else str(value)


def _record_words(model: Model, type_: Record, value: Mapping[str, Any], names: Names | None) -> str:
    """`2 of HF-080`, `Ana Ruiz, born on 4 March 1990`, `flight HAT123 on 4 March 2026`, or name by name."""
    said: dict[str, str] = {}
    for name, item in type_.fields:
        given = value.get(model.column(name, item))
        if given is not None:
            said[name] = value_words(model, item, given, names)
    parts: list[str] = []
    if {"first_name", "last_name"} <= said.keys():
        parts.append(f"{said.pop('first_name')} {said.pop('last_name')}")
    refs = [name for name, item in type_.fields if isinstance(bare(item), Ref) and name in said]
    counts = [name for name in said if name in _MEASURED]
    if len(refs) == 1 and len(counts) == 1:
        parts.append(f"{said.pop(counts[0])} {'of' if counts[0] != 'amount' else 'with'} {said.pop(refs[0])}")
    parts += [said.pop(name) for name in refs if name in said]
    types = dict(type_.fields)
    tail = ""
    for name, text in said.items():
        if bare(types[name]) == DATE and name == "date":
            tail += f" on {text}"
        elif name == "date_of_birth":
            parts.append(f"born on {text}")
        else:
            parts.append(f"{spaced(name)} {quoted(text) if types[name] == TEXT and ' ' in text else text}")
    return ", ".join(parts) + tail


# -- commands ---------------------------------------------------------------------------------------------------------


def phrase(model: Model, operation: Operation, words: Mapping[str, str]) -> str:
    """What a person asks for, without a capital and a full stop: the operation's `say` with words for parameters.

    A segment in brackets falls away where what it names has no words. Raises KeyError where a word is missing
    elsewhere.
    """
    say = operation.doc.say
    if say is None:
        return _fallback(operation, words)
    pieces: list[str | Hole] = []
    for part in split_say(say):
        if not isinstance(part, Segment):
            pieces.append(part)
        elif all(words.get(hole.text) for hole in part.parts if isinstance(hole, Hole)):
            pieces += part.parts
    return _joined(pieces, words)


def _joined(pieces: Sequence[str | Hole], words: Mapping[str, str]) -> str:
    text = ""
    curled = False  # after a quotation with quotation marks of its own
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            one = at > 0 and isinstance(pieces[at - 1], Hole) and re.search(r"(?<![\w.-])1$", text) is not None
            said = "”" + piece[1:] if curled else piece
            text = text[:-1] + singular_after_one("1" + said) if one else text + said
            curled = False
            continue
        word = words[piece.text]
        following = pieces[at + 1] if at + 1 < len(pieces) else ""
        quotes = isinstance(following, str) and following.startswith('"') and text.endswith('"')
        if quotes and '"' in word:
            text, curled = text[:-1] + "“", True
        text = _with_article(text, word) + word
    return re.sub(r" {2,}", " ", text).strip()


def _with_article(text: str, word: str) -> str:
    """The text before a word with its article right: `an`, and no `the tag the tag linux`."""
    found = re.search(r"\b(an?) $", text)
    if found:
        return f"{text[: found.start()]}{article(word)} "
    found = re.search(r"\b(the (?:\w+ )?)$", text)
    if found and (word.startswith(found[1]) or word.startswith(found[1].removeprefix("the "))):
        return text[: found.start()] if word.startswith("the ") else text[: found.start()] + "the "
    if found and re.match(r"(the|every|both|all) |.+['’]s? ", word) and found[1] == "the ":
        return text[: found.start()]
    return text


def _fallback(operation: Operation, words: Mapping[str, str]) -> str:
    """Of an operation without `say`: its name, and each parameter with its words."""
    given = [f"{spaced(param.name)} {words[param.name]}" for param in operation.params if words.get(param.name)]
    return spaced(operation.name) + (f", with {listed(given)}" if given else "")


# -- requests ---------------------------------------------------------------------------------------------------------

_LONG = ("Please {}.", "Could you {}?", "I need you to {}.", "Can you {}?", "I would like you to {}.")
_SHORT = (*_LONG, "Would you {}, please?", "{}, please.", "{}.")
_OPENINGS = (
    "Please {}.",
    "Could you {}?",
    "I need you to {}.",
    "First, {}.",
    "{}.",
    "I have a few things for you: {}.",
)
_MIDDLE = ("Then {}.", "After that, {}.", "Next, {}.")
_LAST = ("Finally, {}.", "Then {}.", "After that, {}.", "Once that is done, {}.")


def request(
    clauses: Sequence[str],
    kind: str,
    rng: random.Random,
    mentions: Sequence[Description] = (),
) -> str:
    """The whole task: one or several clauses as a natural request.

    Questions are sentences already and stand as they are. `mentions` are the descriptions used: a long one that
    comes back is shortened ("that account") where nothing else could be meant.
    """
    clauses = _shortened(list(clauses), mentions)
    if kind == "question":
        return " ".join(sentence(clause, "") for clause in clauses)
    if len(clauses) == 1:
        return _filled(rng.choice(_LONG if len(clauses[0]) > 60 else _SHORT), clauses[0])
    if len(clauses) <= 3 and all(_plain(clause) for clause in clauses):
        *head, last = clauses
        joined = f"{', then '.join(head)} and {'finally' if len(head) > 1 else 'then'} {last}"
        if len(joined) < 160:
            return _filled(rng.choice(_LONG[:4]), joined)
    first, *middle, last = clauses
    texts = [_filled(rng.choice(_OPENINGS if middle else _OPENINGS[:-1]), first)]
    texts += [_filled(_MIDDLE[(at + len(first)) % len(_MIDDLE)], clause) for at, clause in enumerate(middle)]
    texts.append(_filled(rng.choice(_LAST if middle else _LAST[1:]), last))
    return " ".join(texts)


def _plain(clause: str) -> bool:
    """Whether a clause can be joined to another one without a reader losing the thread."""
    return "," not in clause and " and " not in clause and ":" not in clause and "." not in clause.replace(".00", "")


def _filled(pattern: str, clause: str) -> str:
    """A clause in its sentence; a quotation that ends with a full stop needs no second one."""
    fronted = re.match(r"((?:for|on|as|in) [^,\"]+), (.+)", clause, re.DOTALL)
    if fronted:  # "for bruno, change the tags": not "please for bruno, …"
        link = "" if pattern in _MIDDLE or pattern in _LAST or pattern == "First, {}." else "please "
        return sentence(f"{fronted[1]}, {link}{fronted[2]}")
    mark = pattern[-1]
    if mark == "?" and re.search(r"[.!?][\"”]$", pattern[:-1].format(clause)):
        return sentence(f"Please {clause}")
    return sentence(pattern[:-1].format(clause), mark)


def _shortened(clauses: list[str], mentions: Sequence[Description]) -> list[str]:
    """Later mentions of a long phrase as "that account", where no other account is spoken of at all."""
    for mention in sorted({m.text: m for m in mentions}.values(), key=lambda m: -len(m.text)):
        holders = [at for at, clause in enumerate(clauses) if mention.text in clause]
        if not mention.noun or mention.many or len(holders) < 2 or len(mention.text) < 20:
            continue
        rest = " ".join(clauses).replace(mention.text, " ")
        if re.search(rf"\b{re.escape(mention.noun.split()[-1])}", rest, re.IGNORECASE) or any(
            other.text != mention.text and (mention.text in other.text) for other in mentions
        ):
            continue
        for at in holders[1:]:
            clauses[at] = re.sub(rf"{re.escape(mention.text)}(?!\w)", f"that {mention.noun}", clauses[at])
    return clauses
