"""How messages name types, texts and the nearest right name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from generator.errors import Problem
from generator.skeleton.types import NOTHING, Enum, Type


def nearest(name: str, choices: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing."""
    found = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.6)
    return f"; did you mean '{found[0]}'?" if found else ""


def shorten(text: str) -> str:
    """The text, cut where it is too long for a message."""
    return text if len(text) <= 80 else text[:77] + "…"


def a(type_: Type) -> str:
    """`a text`, `an integer`, `None`."""
    if type_ == NOTHING:
        return "None"
    text = shorten(str(type_))
    return text if text.startswith("one of") else one(text)


def one(noun: str) -> str:
    """`a member`, `an account`."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def no_word(word: str, enum: Enum) -> str:
    """Says that an enum has no such word, and which one was meant."""
    guess = nearest(word, enum.words) or f"; it is one of {', '.join(enum.words)}"
    return f"'{shorten(word)}' is no {enum.name or 'value here'}{guess}"


def listed(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *head, last = list(names) or [""]
    return f"{', '.join(head)} and {last}" if head else last


def amount(count: int, noun: str) -> str:
    """`1 argument`, `no arguments`, `3 arguments`."""
    return counted(count, noun) if count else f"no {noun}s"


def counted(count: int, noun: str) -> str:
    """`1 scenario`, `0 scenarios`: the figure always, for sums and tables."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def place(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `operations.close_thread.effects[0]`."""
    return Problem(path, "").place
