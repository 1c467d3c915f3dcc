"""The YAML of a skeleton as a tree of nodes that remember their lines.

Every scalar is text (`yes`, `16:00`, `02134` mean what they say). Aliases, anchors and tags are refused, so
that a document is no larger than its file, and its depth is bounded before anything recurses over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, cast

import yaml

from generator.errors import Problem, SkeletonError
from generator.skeleton.document import EFFECT_KINDS, QUERY_KINDS, Signature
from generator.skeleton.spellings import KNOWN_KEYS

DEEPEST = 24  # a whole skeleton needs nine levels
LONGEST = 1_000_000  # characters of a document
FORGOTTEN = "!forgotten"  # marks an attribute in braces that lacks its value

Path = tuple[str | int, ...]
_BY_SIGNATURE = ("definitions", "guards", "let")
_IMPLIED = (
    "clauses",
    "body",
    "params",
    "type",
    "check",
    "kind",
    "pattern",
    0,
)  # parts that short spellings omit
_KIND_PARTS = ("kind", "target", "field", "fields")


def compose(text: str, source: str) -> yaml.Node:
    """The root node of `text`. Raises SkeletonError with the line of what cannot be read."""
    if len(text) > LONGEST:
        raise _refusal(source, f"the document has {len(text):,} characters; at most {LONGEST:,} are read")
    if not text.strip():
        raise _refusal(source, "the file is empty")
    try:
        root = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refusal(source, _broken(error, mark), mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _refusal(source, f"the character U+{ord(text[error.position]):04X} is not allowed here", line) from None
    if root is None:
        raise _refusal(source, "the file holds nothing but comments")
    _rejoin(root, text)
    return root


def plain(root: yaml.Node, problems: list[Problem]) -> object:
    """The tree as text, lists and dicts; a key given twice keeps its first value and becomes a problem."""
    return _plain(root, (), problems)


def line_of(root: yaml.Node, path: Path) -> int:
    """The line of a document path, as far as it leads; short spellings are seen through."""
    node, line, section = root, root.start_mark.line + 1, ""
    for part in path:
        found = _step(node, part, section)
        section = str(part)
        if found is not None:
            node, line = found
        elif part not in _IMPLIED:
            break
    return line


class _Refused(yaml.MarkedYAMLError):
    """YAML that is well formed and still not for us."""


class _Loader(yaml.BaseLoader):
    """Composes nodes of bounded depth, without aliases, anchors and tags."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        if isinstance(event, yaml.AliasEvent):
            self._refuse(f"'*{event.anchor}' is an alias: write the value out, or quote the text", event)
        if event.anchor is not None:
            self._refuse(f"'&{event.anchor}' is an anchor: leave it out, or quote the text", event)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(f"'{tag}' is a tag: leave it out, or quote the text", event)
        if isinstance(parent, yaml.MappingNode) and index is None and not isinstance(event, yaml.ScalarEvent):
            self._refuse("a key must be text, here is a list or mapping: quote this text", event)
        if self.depth >= DEEPEST:
            self._refuse(f"this is nested more than {DEEPEST} levels deep", event)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _refuse(self, sentence: str, event: yaml.Event) -> None:
        raise _Refused(problem=sentence, problem_mark=cast("yaml.Mark | None", event.start_mark))


def _broken(error: yaml.MarkedYAMLError, mark: yaml.Mark | None) -> str:
    problem = (error.problem or "it cannot be parsed").removeprefix("but ").removeprefix("found ")
    if isinstance(error, _Refused):
        return problem
    place = f" in column {mark.column + 1}" if mark else ""
    remedy = "quote a text that holds ': ' or ' #', a comma within braces, or begins with a special character"
    if "'\\t'" in problem:
        remedy = "indent with spaces"
    return f"this is not YAML{place}: {problem}; {remedy}"


def _refusal(source: str, message: str, line: int | None = None) -> SkeletonError:
    return SkeletonError(source, [Problem((), message, line)])


def _rejoin(node: yaml.Node, text: str) -> None:
    """`{description: Red, green.}`: in braces the comma splits the prose; put the piece back."""
    if isinstance(node, yaml.MappingNode):
        kept: list[tuple[yaml.Node, yaml.Node]] = []
        for key, value in node.value:
            before = kept[-1][1] if kept else None
            piece = node.flow_style and _is_piece(key, value, text)
            if piece and get_close_matches(key.value, KNOWN_KEYS, 1, cutoff=0.8):
                value.tag = FORGOTTEN  # looks like an attribute
            elif piece and before is not None and _is_plain(before):
                before.value = f"{before.value}, {key.value}"
                continue
            kept.append((key, value))
        node.value = kept
    for child in _children(node):
        _rejoin(child, text)


def _is_piece(key: yaml.Node, value: yaml.Node, text: str) -> bool:
    if not _is_plain(key) or not isinstance(value, yaml.ScalarNode) or value.value or value.style:
        return False
    return ":" not in text[key.end_mark.index : value.start_mark.index]


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value != ""


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        yield from (value for _, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _plain(node: yaml.Node, path: Path, problems: list[Problem]) -> object:
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), problems) for index, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return node.value
    mapping: dict[str, object] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = _defined_name(key.value) if path and path[-1] in _BY_SIGNATURE else key.value
        if name in lines:
            message = f"'{name}' stands here a second time, first in line {lines[name]}"
            problems.append(Problem((*path, name), message, line))
            continue
        lines[name] = line
        if value.tag == FORGOTTEN:
            message = f"'{name}' has no value here; if it belongs to the text before it, quote that text"
            problems.append(Problem((*path, name), message, line))
            continue
        mapping[key.value] = _plain(value, (*path, name), problems)
    return mapping


def _defined_name(text: str) -> str:
    try:
        return Signature.parse(text).name
    except ValueError:
        return text


def _step(node: yaml.Node, part: str | int, section: str) -> tuple[yaml.Node, int] | None:
    """One part of a path: the node it leads to, and the line to show for it."""
    if isinstance(node, yaml.SequenceNode):
        if isinstance(part, int) and part < len(node.value):
            return node.value[part], node.value[part].start_mark.line + 1
        return None
    if not isinstance(node, yaml.MappingNode):
        return None
    pairs = {key.value: (value, key.start_mark.line + 1) for key, value in reversed(node.value)}
    if section in _BY_SIGNATURE and part not in pairs:
        pairs = {_defined_name(text): pair for text, pair in pairs.items()}
    spelt = part.removesuffix("_") if isinstance(part, str) else part
    if spelt in pairs:
        return pairs[cast(str, spelt)]
    if part in _KIND_PARTS:
        return next((pairs[kind] for kind in (*EFFECT_KINDS, *QUERY_KINDS) if kind in pairs), None)
    return None
