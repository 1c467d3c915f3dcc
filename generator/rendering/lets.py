"""Which `let`s an expression needs, in which order, and whether it is sure to evaluate them."""

from __future__ import annotations

from collections.abc import Iterator

from generator.skeleton.model import Model, Operation
from generator.skeleton.nodes import (
    Apply,
    Attr,
    Before,
    Binary,
    Call,
    Comprehension,
    Conditional,
    Index,
    Logic,
    Node,
    Present,
    Var,
    children,
    walk,
)
from generator.skeleton.types import MOMENTS, Ref, bare

_REFUSING = frozenset({"only", "min", "max", "days", "hours", "split", "round"})


def needed(operation: Operation, nodes: list[Node]) -> list[str]:
    """Names of `let`s that the nodes use, directly or through other `let`s, each after those that it uses."""
    order: list[str] = []

    def visit(node: Node) -> None:
        for name in _used(operation, node):
            if name not in order:
                for body in _bodies(operation, name):
                    visit(body)
                if name not in order:
                    order.append(name)

    for node in nodes:
        visit(node)
    return order


def _used(operation: Operation, node: Node) -> Iterator[str]:
    for part in walk(node):
        name = part.name if isinstance(part, Var) else part.instance.name if isinstance(part, Apply) else ""
        if name in operation.lets:
            yield name


def _bodies(operation: Operation, name: str) -> list[Node]:
    let = operation.lets[name]
    return [let.node] if let.node is not None else [instance.body for instance in let.instances]


def may_refuse(model: Model, node: Node) -> bool:
    """Whether evaluating the expression can refuse, here or in a derived field that it reads."""
    return _may_refuse(model, node, set())


def _may_refuse(model: Model, node: Node, seen: set[str]) -> bool:
    for part in walk(node):
        if isinstance(part, Index | Present | Before) or (isinstance(part, Call) and part.function in _REFUSING):
            return True
        if isinstance(part, Binary) and (part.op in ("/", "//", "%") or bare(part.type) in MOMENTS):
            return True
        if isinstance(part, Attr) and isinstance(part.base.type, Ref):
            item = model.entities[part.base.type.entity].fields.get(part.name)
            place = f"{part.base.type.entity}.{part.name}"
            if item is not None and item.derived is not None and place not in seen:
                seen.add(place)
                if _may_refuse(model, item.derived, seen):
                    return True
    return False


def surely_evaluated(node: Node) -> Iterator[str]:
    """Names that are evaluated whenever the expression is."""
    if isinstance(node, Var):
        yield node.name
    if isinstance(node, Logic):
        yield from surely_evaluated(node.items[0])
    elif isinstance(node, Conditional):
        yield from surely_evaluated(node.test)
    elif isinstance(node, Comprehension):
        yield from surely_evaluated(node.clauses[0].items)
    else:
        for child in children(node):
            yield from surely_evaluated(child)
