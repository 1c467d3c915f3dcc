"""Reads skeletons: YAML text to a `Skeleton`, and document paths back to lines.

Reading settles the shape only; what types, names and expressions mean is the checker's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from generator.errors import Problem, SkeletonError
from generator.skeleton.document import Skeleton
from generator.skeleton.shapes import validated
from generator.skeleton.yaml_tree import compose, line_of, plain


@dataclass(frozen=True)
class Source:
    """A document together with where it was read, so that later findings can say their line."""

    name: str
    document: Skeleton
    _root: yaml.Node = field(repr=False)

    def line(self, path: tuple[str | int, ...]) -> int:
        """The 1-based line of a document path, or of its nearest ancestor that is written out."""
        return line_of(self._root, path)

    def located(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """The same problems with their lines, in document order."""
        return _located(self._root, problems)

    def error(self, problems: Iterable[Problem]) -> SkeletonError:
        """The error to raise for problems that were found in this document."""
        return SkeletonError(self.name, self.located(problems))


def read_skeleton(path: Path) -> Skeleton:
    """The skeleton in the file at `path`. Raises SkeletonError with every problem of its shape."""
    return read_source(path).document


def parse_skeleton(text: str, source: str) -> Skeleton:
    """The skeleton that `text` spells; `source` names it in messages. Raises SkeletonError likewise."""
    return parse_source(text, source).document


def read_source(path: Path) -> Source:
    """The skeleton in the file at `path`, with its lines. Raises SkeletonError likewise."""
    return parse_source(_text_of(path), str(path))


def parse_source(text: str, source: str) -> Source:
    """The skeleton that `text` spells, with its lines. Raises SkeletonError likewise."""
    root = compose(text, source)
    problems: list[Problem] = []
    document = validated(plain(root, problems))
    if isinstance(document, list):
        problems += document
    if problems or isinstance(document, list):
        raise SkeletonError(source, _located(root, problems))
    return Source(source, document, root)


def _located(root: yaml.Node, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    found = (replace(problem, line=problem.line or line_of(root, problem.path)) for problem in problems)
    return tuple(sorted(found, key=lambda problem: problem.line or 0))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        imported = (path.parent / "import.json").is_file()
        message = "an imported environment has no skeleton" if imported else "there is no such file"
    except IsADirectoryError:
        message = "this is a directory; a skeleton is one YAML file"
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start + 1} cannot be read); save it as UTF-8"
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
    raise SkeletonError(str(path), [Problem((), message)])
