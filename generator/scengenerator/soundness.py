"""Whether a skeleton can be used: read, checked, and with a sample for every text that would have to be made up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.errors import Problem
from generator.scengenerator import unsampled
from generator.skeleton.checker import examine
from generator.skeleton.model import Model
from generator.skeleton.reading import read_source


@dataclass(frozen=True)
class Sound:
    """A skeleton without problems: its file as messages name it, what it means, and what is odd about it."""

    name: str
    model: Model
    warnings: tuple[Problem, ...]


def read_sound(path: Path) -> Sound:
    """The skeleton in the file at `path`. Raises SkeletonError with every problem and its line."""
    source = read_source(path)
    checked = examine(source.document)
    if problems := checked.problems or unsampled.problems(checked.model):
        raise source.error(problems)
    return Sound(source.name, checked.model, source.located(checked.warnings))
