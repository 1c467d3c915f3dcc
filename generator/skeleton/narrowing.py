"""What a condition tells about values: which are present, and which words an enum can still be."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from generator.skeleton.nodes import (
    Apply,
    Compare,
    Conditional,
    ListDisplay,
    Literal,
    Logic,
    Node,
    Not,
    Present,
    Var,
)
from generator.skeleton.types import NOTHING, UNKNOWN, Enum, ListOf, Maybe, Type, bare


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
        if not names or self == NO_FACTS:
            return self
        rename = _Renaming(names)
        present = frozenset(key for key in map(rename.key, self.present) if key is not None)
        words = {rename.key(key): words for key, words in self.words.items()}
        return Facts(present, {key: allowed for key, allowed in words.items() if key is not None})

    def without(self, ends: Callable[[str], bool]) -> Facts:
        """The facts that are left once those whose keys `ends` says so have ended."""
        present = frozenset(key for key in self.present if not ends(key))
        return Facts(present, {key: words for key, words in self.words.items() if not ends(key)})


NO_FACTS = Facts()


class _Renaming(ast.NodeTransformer):
    """Puts expressions in the place of names, brackets included where they are needed."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._trees = {name: ast.parse(key, mode="eval").body for name, key in names.items()}
        self._free = {node.id for tree in self._trees.values() for node in ast.walk(tree) if isinstance(node, ast.Name)}

    def key(self, key: str) -> str | None:
        """The renamed key, or None where a loop of the key would capture a name."""
        tree = ast.parse(key, mode="eval")
        loops = [node.target for node in ast.walk(tree) if isinstance(node, ast.comprehension)]
        if any(isinstance(target, ast.Name) and target.id in self._free for target in loops):
            return None
        return ast.unparse(self.visit(tree))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._trees.get(node.id, node)


Known = dict[tuple[int, bool], Facts]


def facts_of(node: Node, holds: bool, lets: Mapping[str, Node], known: Known | None = None) -> Facts:
    """The facts that follow from `node` being true (or false). `lets` expands names of conditions."""
    known = {} if known is None else known
    if (id(node), holds) not in known:
        known[id(node), holds] = _facts(node, holds, lets, known)
    return known[id(node), holds]


def _facts(node: Node, holds: bool, lets: Mapping[str, Node], known: Known) -> Facts:
    if isinstance(node, Not):
        return facts_of(node.item, not holds, lets, known)
    if isinstance(node, Logic):
        parts = [facts_of(item, holds, lets, known) for item in node.items]
        together = (node.op == "and") == holds
        result = parts[0]
        for part in parts[1:]:
            result = result.both(part) if together else result.either(part)
        return result
    if isinstance(node, Conditional):
        ways = [
            facts_of(node.test, way, lets, known).both(facts_of(side, holds, lets, known))
            for way, side in ((True, node.then), (False, node.otherwise))
            if not (isinstance(side, Literal) and side.value is not holds)
        ]
        return ways[0] if len(ways) == 1 else ways[0].either(ways[1]) if ways else NO_FACTS
    if isinstance(node, Compare):
        return _of_comparison(node, holds)
    if isinstance(node, Apply):
        names = {name: arg.key for (name, _), arg in zip(node.instance.params, node.args, strict=True)}
        inner = lets if node.instance.local else {}
        return facts_of(node.instance.body, holds, inner, known).renamed(names)
    if isinstance(node, Var) and node.name in lets:
        return facts_of(lets[node.name], holds, {name: item for name, item in lets.items() if name != node.name}, known)
    return NO_FACTS


def _of_comparison(node: Compare, holds: bool) -> Facts:
    op, left, right = node.op, node.left, node.right
    if NOTHING in (left.type, right.type):
        value = left if right.type == NOTHING else right
        says_present = op in ("is not", "!=")
        known = says_present == holds and op not in ("in", "not in")
        return Facts(frozenset({_key(value)})) if known else NO_FACTS
    if op in ("!=", "not in"):
        op, holds = {"!=": "==", "not in": "in"}[op], not holds
    missing: set[str] = set()
    if op == "==" and holds:
        sides = ((left, right), (right, left))
        missing = {_key(one) for one, other in sides if _optional(one.type) and not _optional(other.type)}
    if op == "in" and holds and _optional(left.type):
        inside = right.type.item if isinstance(right.type, ListOf) else right.type
        missing = set() if _optional(inside) else {_key(left)}
    facts = Facts(frozenset(missing))
    for one, other in ((left, right), (right, left)) if op == "==" else ((left, right),):
        words, type_ = _words(op, other), bare(one.type)
        if words is not None and isinstance(type_, Enum):
            allowed = words if holds else frozenset(type_.words) - words
            facts = facts.both(Facts(words={_key(one): frozenset(allowed)}))
    return facts


def _optional(type_: Type) -> bool:
    return isinstance(type_, Maybe)


def _words(op: str, node: Node) -> frozenset[str] | None:
    """The words that a literal, or a display of literals, names."""
    if node.type == UNKNOWN:
        return None
    if op == "==" and isinstance(node, Literal) and isinstance(node.value, str):
        return frozenset({node.value})
    if op == "in" and isinstance(node, ListDisplay):
        values = [item.value for item in node.items if isinstance(item, Literal)]
        if len(values) == len(node.items) and all(item.type != UNKNOWN for item in node.items):
            return frozenset(str(value) for value in values)
    return None


def _key(node: Node) -> str:
    return node.item.key if isinstance(node, Present) else node.key
