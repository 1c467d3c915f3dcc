"""Plain English: values as people write them, commands by their `say`; whole requests are in `requests`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.scengenerator.english import (
    BIRTHS,
    article,
    listed,
    quoted,
    singular_after_one,
    spaced,
    spoken_date,
    spoken_moment,
    spoken_number,
    spoken_time,
)
from generator.scengenerator.requests import obstacle, request
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

__all__ = ["obstacle", "phrase", "request", "value_words"]

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
        elif name in BIRTHS:
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
            said = said.lstrip(" ") if text.endswith(" ") or not text else said  # where a segment fell away
            text = text[:-1] + singular_after_one("1" + said) if one else text + said
            curled = False
            continue
        word = words[piece.text]
        following = pieces[at + 1] if at + 1 < len(pieces) else ""
        quotes = isinstance(following, str) and following.startswith('"') and text.endswith('"')
        if quotes and '"' in word:
            text, curled = text[:-1] + "“", True
        text = _with_article(text, word) + word
    return text.strip()


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
