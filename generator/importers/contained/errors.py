"""What can go wrong with contained code.

Exception
├── ContainmentError    nothing here can contain a process
├── ClassError          the released code cannot be loaded, or no object of its class made
└── Broken              the contained process is gone, and why
"""

from __future__ import annotations

from typing import Literal

Cause = Literal["died", "time", "memory", "violation"]


class ContainmentError(Exception):
    """Nothing here can contain a process. One sentence, with the remedy."""


class ClassError(Exception):
    """The released code cannot be loaded, or no object of its class made. One sentence."""


class Broken(Exception):
    """The process is gone, and why. The box is of no more use; other boxes and the parent are untouched."""

    def __init__(self, cause: Cause, sentence: str) -> None:
        self.cause = cause
        super().__init__(sentence)
