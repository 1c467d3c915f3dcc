"""Text to Python's own tree, within bounds that keep every later step safe."""

from __future__ import annotations

import ast

from generator.skeleton.wording import shorten

MAX_LENGTH = 4_000  # characters of one expression
MAX_DEPTH = 60  # levels of one expression


class ExpressionError(ValueError):
    """A text that is no expression; the message is a sentence."""


def parse(text: str) -> ast.expr:
    """The tree of `text`. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"this expression has {len(text):,} characters; {MAX_LENGTH:,} are allowed: use definitions"
        )
    depth = deepest = 0
    for char in text:  # before the parser sees it: a thousand brackets end some parsers for good
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    try:
        if deepest > MAX_DEPTH:
            raise RecursionError
        tree = ast.parse(text.strip(), mode="eval").body
        if _depth(tree) > MAX_DEPTH:
            raise RecursionError
    except (RecursionError, MemoryError):
        raise ExpressionError(f"this expression is nested more than {MAX_DEPTH} levels deep: use definitions") from None
    except (SyntaxError, ValueError) as error:
        detail = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ExpressionError(f"'{shorten(text)}' is not an expression: {detail}") from None
    return tree


def _depth(tree: ast.AST) -> int:
    """Levels of a tree, counted without recursion."""
    deepest, stack = 0, [(tree, 1)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        stack.extend((child, level + 1) for child in ast.iter_child_nodes(node))
    return deepest
