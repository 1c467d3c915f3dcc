"""Results as plain JSON, whatever a class returns; and, from `encoding` and `decoding`, the state without loss."""

from __future__ import annotations

import enum
import itertools
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from .decoding import DecodingError, decode
from .encoding import DEPTH, EXACT, Instance, Opaque, attributes_of, described, encode

__all__ = ["DecodingError", "Instance", "Opaque", "decode", "encode", "plain", "text"]

_LISTS: tuple[type, ...] = (
    list,
    tuple,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
    range,
    map,
    filter,
    zip,
    enumerate,
)
_SETS = (set, frozenset)
MOST = 100_000
"""Items of a view, a range or an iterator, which may be endless, that are shown."""


def plain(value: Any) -> Any:
    """What agents see of a result: JSON of the nearest kind, cut where it is endless.

    Sets become sorted lists; tuples, views, iterators and deques lists; keys text; dates, decimals, bytes and
    numbers that JSON does not know text; enums their values; objects their attributes.
    """
    return _plain(value, frozenset(), 0)


def text(value: Any) -> str:
    """The same as text."""
    return json.dumps(plain(value), ensure_ascii=False)


def _plain(value: Any, above: frozenset[int], depth: int) -> Any:
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        return value if value.isascii() else value.encode(errors="replace").decode()
    if kind is int:
        return value if value.bit_length() <= 1024 else hex(value)
    if kind is float:
        return value if math.isfinite(value) else {"inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), "NaN")
    if id(value) in above:
        return "(contains itself)"
    if depth > DEPTH:
        return f"(nested deeper than {DEPTH} levels)"
    inside = above | {id(value)}
    if kind is dict or isinstance(value, Mapping):
        return _table(value.items(), inside, depth)
    if kind is list:
        return [_plain(item, inside, depth + 1) for item in value]
    return _other(value, inside, depth)


def _other(value: Any, inside: frozenset[int], depth: int) -> Any:
    if isinstance(value, enum.Enum):
        return _plain(value.value, inside, depth)
    for kind, exact in EXACT.items():
        if isinstance(value, kind):
            return _plain(exact(value), inside, depth)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _table(zip(value._fields, value, strict=False), inside, depth)
    if isinstance(value, _SETS):
        return sorted((_plain(item, inside, depth + 1) for item in value), key=_order)
    if isinstance(value, _LISTS) or type(value).__name__ in ("deque", "generator"):
        items = [_plain(item, inside, depth + 1) for item in itertools.islice(value, MOST)]
        return items if len(items) < MOST else [*items, "(and so on)"]
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode(errors="backslashreplace")
    if isinstance(value, Instance):
        return _table(((name, item) for name, item in vars(value).items() if name != "_instance_of"), inside, depth)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {_words(value)}"
    if type(value).__module__ in _WORDED:
        return _words(value.isoformat() if hasattr(value, "isoformat") else value)
    if callable(value):
        return described(value)
    attributes = list(attributes_of(value))
    return _table(attributes, inside, depth) if attributes else _plain(described(value), inside, depth)


_WORDED = ("datetime", "decimal", "_decimal", "_pydecimal", "fractions", "uuid", "zoneinfo", "pathlib", "ipaddress")


def _words(value: Any) -> Any:
    try:
        return _plain(str(value), frozenset(), 0)
    except Exception:  # noqa: BLE001  a stranger's __str__ may raise whatever it likes
        return described(value)


def _order(value: Any) -> tuple[int, float, str]:
    """Numbers by size, then texts, then the rest by its JSON."""
    if isinstance(value, int | float):
        return (0, float(value) if abs(value) < 1e300 else math.copysign(math.inf, value), str(value))
    return (1, 0, value) if isinstance(value, str) else (2, 0, json.dumps(value, sort_keys=True))


def _table(items: Any, inside: frozenset[int], depth: int) -> dict[str, Any]:
    table: dict[str, Any] = {}
    pairs: Iterator[tuple[Any, Any]] = iter(items)
    for key, item in pairs:
        name = _key(key, inside, depth)
        if name in table:
            name = f"{name} ({type(key).__name__})"
        table[name] = _plain(item, inside, depth + 1)
    return table


def _key(key: Any, inside: frozenset[int], depth: int) -> str:
    value = _plain(key, inside, depth + 1)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
