"""What the tests of boxes share: a class with one tool, and the end of its box."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from generator.importers.contained import Box, Broken

CLOCK = "2026-03-02T09:00:00"
HARMLESS = "class Shop:\n    def tool(self):\n        return 'fine'\n"

Boxes = Callable[..., Box]


def shop(body: str, before: str = "") -> str:
    """A class whose only tool does this."""
    return f"{before}\nclass Shop:\n    def tool(self, at=None):\n" + textwrap.indent(textwrap.dedent(body), " " * 8)


def broken(box: Box, at: str | None = None) -> Broken:
    """How the tool broke its box."""
    with pytest.raises(Broken) as caught:
        box.call("tool", {"at": at} if at else {})
    return caught.value
