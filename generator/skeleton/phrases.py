"""Texts with holes: refusal sentences (`… {expression} …`) and `say` (`change {post}[, quietly {how}]`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hole:
    """What stands between braces."""

    text: str


@dataclass(frozen=True)
class Segment:
    """What stands in square brackets: falls away when something it names is absent or empty."""

    parts: tuple[str | Hole, ...]


def split_holes(text: str) -> list[str | Hole]:
    """Words and holes in order. Raises ValueError with a sentence for unbalanced braces."""
    parts: list[str | Hole] = []
    start = depth = 0
    quote = ""
    for at, char in enumerate(text):
        if depth and quote:
            quote = "" if char == quote else quote
        elif depth and char in "'\"":
            quote = char
        elif char == "{":
            if depth == 0:
                parts.append(text[start:at])
                start = at + 1
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                raise ValueError("a '}' without its '{'")
            if depth == 0:
                parts.append(Hole(text[start:at].strip()))
                start = at + 1
    if depth:
        raise ValueError("a '{' without its '}'")
    parts.append(text[start:])
    return [part for part in parts if part != ""]


def split_say(text: str) -> list[str | Hole | Segment]:
    """Words, holes and segments in order. Raises ValueError with a sentence for unbalanced brackets."""
    parts: list[str | Hole | Segment] = []
    rest = text
    while rest:
        start = rest.find("[")
        if start < 0:
            if "]" in rest:
                raise ValueError("a ']' without its '['")
            parts.extend(split_holes(rest))
            break
        end = rest.find("]", start)
        if end < 0:
            raise ValueError("a '[' without its ']'")
        inner = rest[start + 1 : end]
        if "[" in inner:
            raise ValueError("segments in brackets do not nest")
        parts.extend(split_holes(rest[:start]))
        parts.append(Segment(tuple(split_holes(inner))))
        rest = rest[end + 1 :]
    return parts


def holes(parts: list[str | Hole | Segment]) -> list[str]:
    """The names in all holes, in order."""
    names: list[str] = []
    for part in parts:
        if isinstance(part, Hole):
            names.append(part.text)
        elif isinstance(part, Segment):
            names.extend(hole.text for hole in part.parts if isinstance(hole, Hole))
    return names
