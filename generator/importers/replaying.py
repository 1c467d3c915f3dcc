"""What each recorded call of an imported environment changed: the calls are played again in a box of their own.

An imported class is deterministic in its virtual world, so the same calls from the same state make the same state.
Where they do not, as with another version of the class, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator.importers.changes import changes, shown
from generator.importers.contained.box import Box
from generator.importers.contained.errors import Broken, ClassError, ContainmentError
from generator.importers.errors import ForeignError
from generator.importers.folder import ForeignClass, read_class
from generator.scengenerator.outcomes import Change

_CALLED = frozenset({None, "tool_error"})  # by other codes a call was refused before the class was asked
Made = tuple[int, str, Any, bool, Any]
"""A call: its number, name, arguments, whether it was carried out, and the code of what refused it, or None."""


class Player:
    """Plays the calls of one imported environment's episodes again."""

    def __init__(self, foreign: ForeignClass) -> None:
        self._foreign = foreign

    @classmethod
    def of(cls, folder: Path) -> Player | None:
        """For the environment of a folder; None where the folder does not hold its class."""
        try:
            return cls(read_class(folder))
        except ForeignError:
            return None

    def changes(
        self, initial: dict[str, Any], calls: Sequence[Made], final: dict[str, Any]
    ) -> dict[int, list[Change]] | None:
        """The changes that calls made, by number, or None where the calls do not lead to the final state again."""
        try:
            with self._foreign.open(initial["tables"], initial["clock"]) as box:
                return _played(box, initial["tables"], calls, final["tables"])
        except (Broken, ClassError, ContainmentError):
            return None


def _played(box: Box, before: Any, calls: Sequence[Made], final: Any) -> dict[int, list[Change]] | None:
    found: dict[int, list[Change]] = {}
    state = before
    for number, name, arguments, ok, code in calls:
        if code not in _CALLED:
            continue
        reply = box.call(name, arguments)
        if reply.ok != ok:
            return None
        now = box.state()
        if now != state:
            made = changes(shown(state), shown(now))
            if made:
                found[number] = made
            state = now
    return found if state == final else None
