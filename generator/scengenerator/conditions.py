"""What an operation requires, clause by clause, as conditions on its parameters that can be asked beforehand.

Guards are applied and `let`s put in their place, so that every condition speaks of parameters only. They let rows be
chosen that a command will accept, or will refuse for one given reason; the environment itself has the last word.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from generator.scengenerator.laws import Laws, World
from generator.skeleton.model import Effect, Operation
from generator.skeleton.nodes import (
    Apply,
    Attr,
    Binary,
    Call,
    Clause,
    Compare,
    Comprehension,
    ListDisplay,
    Literal,
    Node,
    Present,
    Var,
    children,
    walk,
)
from generator.skeleton.types import BOOLEAN, NUMBERS, TEXT, Enum, ListOf, Type, bare

Names = Mapping[str, Node]


@dataclass(frozen=True)
class Condition:
    """One clause over the parameters it names.

    `origin` is what a refusal by it would carry, `gap` the method that tells how far apart two numbers are that must
    be equal.
    """

    origin: str
    params: tuple[str, ...]
    method: str
    gap: str | None = None

    def distance(self, laws: Laws, world: World, bound: Mapping[str, Any]) -> float:
        """What is missing to equality; 0 where that cannot be told."""
        try:
            return float(getattr(world, self.gap or "")(*(bound[name] for name in self.params)))
        except (laws.refused, LookupError, TypeError, ValueError):
            return 0.0

    def holds(self, laws: Laws, world: World, bound: Mapping[str, Any]) -> bool:
        """Whether the clause holds; one that cannot be evaluated does not."""
        return laws.ask(world, self.method, *[bound[name] for name in self.params])


@dataclass(frozen=True)
class Conditions:
    """All conditions of an operation, in the order in which they are tested."""

    operation: Operation
    items: tuple[Condition, ...]
    defaults: Mapping[str, str]  # parameter → the method that gives its default
    spoken: Mapping[str, tuple[str, ...]]  # text parameter → texts that the conditions on it name


def conditions_of(laws: Laws, operation: Operation) -> Conditions:
    """The conditions of an operation, compiled once."""
    cached = laws.kept.get(operation.name)
    if cached is None:
        cached = laws.kept[operation.name] = _compile(laws, operation)
    return cast(Conditions, cached)


def _compile(laws: Laws, operation: Operation) -> Conditions:
    types: dict[str, Type] = {param.name: param.type for param in operation.params}
    lets: dict[str, Node] = {}
    for let in operation.lets.values():
        if let.node is not None:
            lets[let.name] = inlined(let.node, lets)
    items: list[Condition] = []
    spoken: dict[str, tuple[str, ...]] = {}
    for node, origin in [*_clauses(operation, lets), *_transitions(operation)]:
        used = free(node)
        names = tuple(name for name in types if name in used)
        if len(names) != len(used):
            continue  # it speaks of something that is known only later
        params = {name: types[name] for name in names}
        method = laws.method(f"asks_{operation.name}_{len(items)}", node, params)
        gap = None
        if isinstance(node, Compare) and node.op == "==" and {node.left.type, node.right.type} <= set(NUMBERS):
            difference = Binary("-", node.right, node.left, type=node.left.type, key="")
            gap = laws.method(f"misses_{operation.name}_{len(items)}", difference, params)
        items.append(Condition(origin, names, method, gap))
        texts = tuple(part.value for part in walk(node) if isinstance(part, Literal) and isinstance(part.value, str))
        for name in names:
            if bare(types[name]) == TEXT:
                spoken[name] = tuple(dict.fromkeys((*spoken.get(name, ()), *texts)))
    defaults = {
        param.name: laws.method(f"given_{operation.name}_{param.name}", param.default, {}, "key")
        for param in operation.params
        if param.default is not None
    }
    return Conditions(operation, tuple(items), defaults, spoken)


def _clauses(operation: Operation, lets: Names) -> list[tuple[Node, str]]:
    found: list[tuple[Node, str]] = []
    for requirement in operation.requires:
        clauses = requirement.guard.clauses if requirement.guard else requirement.clauses
        names: dict[str, Node] = {}
        if requirement.guard:
            params = (name for name, _ in requirement.guard.params)
            names = dict(zip(params, (inlined(arg, lets) for arg in requirement.args), strict=True))
        for clause in clauses:
            node = inlined(clause.that, names if requirement.guard else lets)
            if requirement.each:
                node = _for_all(requirement.each[0], inlined(requirement.each[1], lets), node)
            found.append((node, clause.origin))
    return found


def _for_all(name: str, items: Node, node: Node) -> Node:
    inner = Comprehension(node, (Clause(name, items, ()),), lazy=True, type=ListOf(BOOLEAN), key="")
    return Call("all", (inner,), type=BOOLEAN, key="")


def _transitions(operation: Operation) -> list[tuple[Node, str]]:
    """`order.status in [draft, …]` where the command sets the status to one word, whatever else it does."""
    found: list[tuple[Node, str]] = []
    for effect in operation.effects:
        if effect.kind == "update" and isinstance(effect.target, Var) and effect.when is None and effect.each is None:
            found += _moves(effect, effect.target)
    return found


def _moves(effect: Effect, target: Var) -> list[tuple[Node, str]]:
    found: list[tuple[Node, str]] = []
    for assign in effect.assigns:
        moves, type_ = assign.field.doc.transitions, bare(assign.field.type)
        if moves is None or not isinstance(assign.node, Literal) or not isinstance(type_, Enum):
            continue
        sources = [
            word for word in type_.words if assign.node.value in moves.get(word, []) or word == assign.node.value
        ]
        words = tuple(Literal(word, type=type_, key="") for word in sources)
        value = Attr(target, assign.field.name, type=type_, key="")
        listed = ListDisplay(words, type=ListOf(type_), key="")
        found.append((Compare("in", value, listed, type=BOOLEAN, key=""), f"{effect.entity}.{assign.field.name}"))
    return found


# -- putting expressions in place of names ---------------------------------------------------------------------------


def inlined(node: Node, names: Names) -> Node:
    """The expression with `names` replaced by what they stand for, and local functions applied."""
    if isinstance(node, Var):
        return names.get(node.name, node)
    if isinstance(node, Apply) and node.instance.local:
        args = (inlined(arg, names) for arg in node.args)
        inner = dict(zip((name for name, _ in node.instance.params), args, strict=True))
        return inlined(node.instance.body, {**names, **inner})
    changes = {spec.name: _inlined(getattr(node, spec.name), names) for spec in dataclasses.fields(node)}
    result = dataclasses.replace(node, **changes)
    if isinstance(result, Present) and isinstance(result.item, Present):
        return result.item
    return result


def _inlined(value: Any, names: Names) -> Any:
    if isinstance(value, Node):
        return inlined(value, names)
    if isinstance(value, Clause):
        return Clause(value.name, inlined(value.items, names), tuple(inlined(part, names) for part in value.conditions))
    if isinstance(value, tuple):
        return tuple(_inlined(part, names) for part in value)
    return value


def free(node: Node) -> set[str]:
    """The names that an expression takes from outside."""
    if isinstance(node, Var):
        return {node.name}
    if isinstance(node, Comprehension):
        found: set[str] = set()
        own: set[str] = set()
        for clause in node.clauses:
            found |= free(clause.items) - own
            own.add(clause.name)
            for condition in clause.conditions:
                found |= free(condition) - own
        return found | (free(node.element) - own)
    found = set()
    for child in children(node):
        found |= free(child)
    return found
