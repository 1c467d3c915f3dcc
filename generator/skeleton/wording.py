"""How messages name types, texts and the nearest right name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from generator.skeleton.types import NOTHING, Type


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
    text = str(type_)
    return text if text.startswith("one of") else f"{'an' if text[0] in 'aeiou' else 'a'} {text}"
