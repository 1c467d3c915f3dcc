"""Checks the lists of words that samples are drawn from."""

from __future__ import annotations

from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.document import Skeleton
from generator.skeleton.phrases import Hole, split_holes
from generator.skeleton.samples import PROVIDERS
from generator.skeleton.wording import nearest


def check_corpora(document: Skeleton, report: Callable[[Problem], None]) -> None:
    """Every hole must name another list or a provider, and no list may fill itself."""
    fills: dict[str, set[str]] = {}
    for name, lines in document.corpora.items():
        fills[name] = set()
        if not lines:
            report(Problem(("corpora", name), "a list of words has at least one entry"))
        for at, line in enumerate(lines):
            try:
                pieces = split_holes(line)
            except ValueError as error:
                report(Problem(("corpora", name, at), f"{error} in '{line}'"))
                continue
            for piece in pieces:
                if not isinstance(piece, Hole):
                    continue
                fills[name].add(piece.text)
                if piece.text not in document.corpora and piece.text not in PROVIDERS:
                    hint = nearest(piece.text, [*document.corpora, *PROVIDERS])
                    report(Problem(("corpora", name, at), f"there is no list '{piece.text}'{hint}"))
    for name in fills:
        if name in _reached(name, fills):
            report(Problem(("corpora", name), f"'{name}' fills holes with itself in a circle"))


def _reached(start: str, fills: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    stack = [start]
    while stack:
        new = fills.get(stack.pop(), set()) - reached
        reached |= new
        stack.extend(new)
    return reached
