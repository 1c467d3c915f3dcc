"""Reading what comes out of a box. A hostile class can write into the channel, so it may be anything."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

DEPTH = 250
"""Levels of nesting; the worker's own answers have fewer, and the parent can copy and print as many."""

_HUGE_NUMBER = re.compile(r"[eE]\+?\d{3}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(line: bytes) -> tuple[int, str, Any, int]:
    """`[number, kind, value, nanoseconds]`, where the value is JSON that can be copied, printed and sent on.

    Raises ValueError for everything else.
    """
    text = line.decode()  # by itself, json would also try other encodings
    try:
        answer = json.loads(text, parse_constant=_refused, parse_float=_finite if _HUGE_NUMBER.search(text) else None)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(answer, list) or len(answer) != 4:
        raise ValueError("not an answer")
    number, kind, value, now = answer
    if type(number) is not int or type(kind) is not str or type(now) is not int or not 0 <= now < 1 << 63:
        raise ValueError("not an answer")
    if text.count("[") + text.count("{") > DEPTH and _depth(value) > DEPTH:
        raise ValueError("too deep")
    if _SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode()  # half of a pair is a UnicodeEncodeError, a ValueError
    return number, kind, value, now


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused(text)


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= DEPTH:
        depth += 1
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(inner, dict | list)
        ]
    return depth
