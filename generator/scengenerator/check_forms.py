"""What the form of a check tells: whether its value is worked out, and whether it looks at more than the outcome."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from generator.skeleton.facts import escalations
from generator.skeleton.model import Model

_WORKING_OUT = frozenset({"count", "sum", "len", "round"})


def is_worked_out(that: str) -> bool:
    """Whether a value is counted or calculated, so that no tool returns it as it is."""
    nodes = list(ast.walk(_parsed(that)))
    calculated = any(isinstance(node, ast.BinOp) for node in nodes)
    return calculated or any(isinstance(node, ast.Call) and _name(node) in _WORKING_OUT for node in nodes)


def about_the_way(model: Model, that: str) -> Iterator[str]:
    """Where a check looks at how an agent went about it, or at its exact words: others do it right in another way."""
    nodes = list(ast.walk(_parsed(that)))
    calls = [node for node in nodes if isinstance(node, ast.Call) and node.args]
    stated = [call.args[0] for call in calls if _name(call) == "states"]
    for node in nodes:
        if isinstance(node, ast.Name) and node.id == "answer" and node not in stated:
            yield "the answer is read with states(answer, value) alone, since its words may differ"
        if isinstance(node, ast.Name) and node.id == "calls":
            yield "how many calls are made does not matter; test what they leave behind"
    for call in calls:
        first = call.args[0]
        if _name(call) != "called" or not isinstance(first, ast.Constant):
            continue
        operation = model.operations.get(str(first.value)) if isinstance(first.value, str) else None
        if operation is None or not (operation.is_command or operation in escalations(model)):
            yield f"whether {first.value!r} was called does not matter: what was looked up leaves nothing behind"


def _parsed(that: str) -> ast.AST:
    try:
        return ast.parse(that, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Expression(ast.Constant(None))  # the checker says what is wrong with it


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""
