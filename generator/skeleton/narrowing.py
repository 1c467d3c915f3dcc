"""What a condition tells about values: which are present, and which words an enum can still be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.skeleton.nodes import (
    Apply,
    Compare,
    ListDisplay,
    Literal,
    Logic,
    Node,
    Not,
    Present,
    Var,
)
from generator.skeleton.types import NOTHING, Enum, Maybe, bare


@dataclass(frozen=True)
class Facts:
    """Known about expressions by their keys; see `Node.key`."""

    present: frozenset[str] = frozenset()
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def both(self, other: Facts) -> Facts:
        """What holds when this and the other hold."""
        words = dict(self.words)
        for key, allowed in other.words.items():
            words[key] = words[key] & allowed if key in words else allowed
        return Facts(self.present | other.present, words)

    def either(self, other: Facts) -> Facts:
        """What holds when at least one of the two holds."""
        words = {key: self.words[key] | other.words[key] for key in self.words if key in other.words}
        return Facts(self.present & other.present, words)

    def renamed(self, names: Mapping[str, str]) -> Facts:
        """The same facts with parameters replaced by the keys of their arguments."""
        if not names:
            return self
        pattern = re.compile(r"(?<![\w.'])(" + "|".join(map(re.escape, names)) + r")\b")

        def rename(key: str) -> str:
            return pattern.sub(lambda match: names[match[1]], key)

        return Facts(
            frozenset(rename(key) for key in self.present),
            {rename(key): words for key, words in self.words.items()},
        )


NO_FACTS = Facts()


def facts_of(node: Node, holds: bool, lets: Mapping[str, Node]) -> Facts:
    """The facts that follow from `node` being true (or false). `lets` expands names of conditions."""
    if isinstance(node, Not):
        return facts_of(node.item, not holds, lets)
    if isinstance(node, Logic):
        parts = [facts_of(item, holds, lets) for item in node.items]
        together = (node.op == "and") == holds
        result = parts[0]
        for part in parts[1:]:
            result = result.both(part) if together else result.either(part)
        return result
    if isinstance(node, Compare):
        return _of_comparison(node, holds)
    if isinstance(node, Apply):
        names = {name: arg.key for (name, _), arg in zip(node.instance.params, node.args, strict=True)}
        return facts_of(node.instance.body, holds, {}).renamed(names)
    if isinstance(node, Var) and node.name in lets:
        return facts_of(lets[node.name], holds, {name: item for name, item in lets.items() if name != node.name})
    return NO_FACTS


def _of_comparison(node: Compare, holds: bool) -> Facts:
    op, left, right = node.op, node.left, node.right
    if NOTHING in (left.type, right.type):
        value = left if right.type == NOTHING else right
        says_present = op in ("is not", "!=")
        return Facts(frozenset({_key(value)})) if says_present == holds and op != "in" else NO_FACTS
    if op == "!=":
        op, holds = "==", not holds
    if op == "not in":
        op, holds = "in", not holds
    facts = NO_FACTS
    if op == "==" and holds:
        missing = {
            _key(side)
            for side, other in ((left, right), (right, left))
            if isinstance(side.type, Maybe) and not isinstance(other.type, Maybe)
        }
        facts = Facts(frozenset(missing))
    words = _words(op, right)
    type_ = bare(left.type)
    if words is not None and isinstance(type_, Enum):
        allowed = words if holds else frozenset(type_.words) - words
        facts = facts.both(Facts(words={_key(left): frozenset(allowed)}))
    return facts


def _words(op: str, node: Node) -> frozenset[str] | None:
    """The words that a literal, or a display of literals, names."""
    if op == "==" and isinstance(node, Literal) and isinstance(node.value, str):
        return frozenset({node.value})
    if op == "in" and isinstance(node, ListDisplay):
        values = [item.value for item in node.items if isinstance(item, Literal)]
        if len(values) == len(node.items):
            return frozenset(str(value) for value in values)
    return None


def _key(node: Node) -> str:
    return node.item.key if isinstance(node, Present) else node.key
