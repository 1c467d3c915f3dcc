"""Lays plain data out as YAML: what fits and holds no expression in one line, everything else in blocks.

Scalars are spelled for a reader to whom every scalar is text, so only what YAML itself would mistake is
quoted.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import yaml
from yaml.emitter import Emitter

WIDTH = 110  # columns

Written: TypeAlias = "str | Sequence[Written] | Mapping[str, Written]"

_WORD = re.compile(r"[A-Za-z_][\w.]*(\(\))?|-?\d+(\.\d+)?|'[\w .-]*'")
_SINGLE_SPACE = re.compile(r"(?<! ) (?! )")


class Code(str):
    """An expression. One that is more than a word keeps its mapping in block style."""

    __slots__ = ()


class Inline(dict[str, Written]):
    """A mapping that may stand in braces."""


def to_yaml(data: Written) -> str:
    """The YAML text of `data`."""
    root = _node(data, 0, 0)
    return yaml.serialize(root, Dumper=_Dumper, width=WIDTH, allow_unicode=True)


class _Dumper(yaml.BaseDumper):
    """Indents lists below their key, and takes every scalar for text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def write_folded(self, text: str) -> None:
        """As the emitter's, whose lines run over by a word; ours is one line of text, broken at single spaces."""
        self.write_indicator(">-", True)
        full = True
        for word in _SINGLE_SPACE.split(text):
            if full or self.column + 1 + len(word) > WIDTH:
                self.write_indent()
            else:
                self._put(" ")
            self._put(word)
            full = False

    def _put(self, text: str) -> None:
        self.whitespace = self.indention = False
        self.column += len(text)
        self.stream.write(text)


def _node(data: Written, indent: int, column: int, flow: bool = False) -> yaml.Node:
    """`indent` is where block entries of `data` begin, `column` where its first character stands."""
    if isinstance(data, str):
        return _scalar(data, column, flow)
    flow = flow or not data or (_may_flow(data) and column + _width(data) <= WIDTH)
    if not isinstance(data, Mapping):
        items = [_node(item, indent + 2, indent + 2, flow) for item in data]
        return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=flow)
    pairs = [
        (_scalar(key, 0, flow), _node(value, indent + 2, indent + len(key) + 2, flow)) for key, value in data.items()
    ]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=flow)


def _may_flow(data: Written) -> bool:
    if isinstance(data, Code):
        return data in ("", "[]") or _WORD.fullmatch(data) is not None
    if isinstance(data, str):
        return "\n" not in data
    if not isinstance(data, Mapping):
        return all(isinstance(item, str) and _may_flow(item) for item in data)
    return isinstance(data, Inline) and all(_may_flow(part) for part in data.values())


def _width(data: Written) -> int:
    """Columns that `data` takes in one line."""
    if isinstance(data, str):
        return len(data) + (0 if _plain(data, flow=True) else 2 + data.count('"') + data.count("\\"))
    if not isinstance(data, Mapping):
        return 2 + sum(_width(item) + 2 for item in data)
    return 2 + sum(_width(key) + _width(part) + 4 for key, part in data.items())


def _scalar(text: str, column: int, flow: bool) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=_style(text, column, flow))


def _style(text: str, column: int, flow: bool) -> str | None:
    analysis = _ANALYST.analyze_scalar(text)
    blockable = analysis.allow_block and not flow and text == text.strip()
    if analysis.multiline:
        return "|" if blockable else '"'
    if blockable and column + len(text) > WIDTH and " " in text:
        return ">"
    if _plain(text, flow):
        return None
    return "'" if text == "" or ("'" not in text and ('"' in text or "\\" in text)) else '"'


def _plain(text: str, flow: bool) -> bool:
    analysis = _ANALYST.analyze_scalar(text)
    return bool(text) and bool(analysis.allow_flow_plain if flow else analysis.allow_block_plain)


_ANALYST = Emitter(io.StringIO())
