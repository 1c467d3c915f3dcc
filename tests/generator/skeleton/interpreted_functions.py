"""The values and functions of the interpreter: what amounts, sets and built-in functions mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any


class RefusedError(Exception):
    """The expression has no value here, and says so."""


class UnsoundError(Exception):
    """A missing value was used, which the type checker must never let happen."""


class Money(float):
    """An amount; compared by cents."""


class Bag(list[Any]):
    """A set: equal whatever its order."""


def cents(amount: float) -> float:
    return float(Decimal(str(float(amount))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def equal(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    if isinstance(one, Money) or isinstance(other, Money):
        return cents(one) == cents(other)
    if isinstance(one, list) and isinstance(other, list):
        if isinstance(one, Bag) or isinstance(other, Bag):
            return all(item in other for item in one) and all(item in one for item in other)
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


def moved(moment: str, by: timedelta) -> str:
    if len(moment) == 10:
        return (date.fromisoformat(moment) + by).isoformat()
    return (datetime.fromisoformat(moment) + by).isoformat(timespec="seconds")


def _chosen(choose: Callable[..., Any]) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        items = list(args[0]) if len(args) == 1 else list(args)
        if not items:
            raise RefusedError("nothing to choose from")
        value = choose(items)
        return Money(value) if any(isinstance(item, Money) for item in items) else value

    return function


def _sum(items: Iterable[Any]) -> Any:
    found = list(items)
    total = sum(found)
    return Money(total) if any(isinstance(item, Money) for item in found) else total


def _only(items: Iterable[Any]) -> Any:
    found = list(items)
    if len(found) != 1:
        raise RefusedError(f"{len(found)} instead of one")
    return found[0]


def _unique(items: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if not any(item == known for known in found):
            found.append(item)
    return found


def _rounded(number: float, places: int = 0) -> Any:
    try:
        exact = Decimal(str(float(number)) if isinstance(number, float) else number).quantize(
            Decimal(1).scaleb(-places), ROUND_HALF_UP
        )
    except ArithmeticError as error:
        raise RefusedError("too large") from error
    rounded = float(exact) if places else int(exact)
    return Money(rounded) if places and isinstance(number, Money) else rounded


def _split(text: str, separator: str) -> list[str]:
    if not separator:
        raise RefusedError("an empty separator")
    return text.split(separator)


def _duration(unit: str) -> Callable[[Any], Any]:
    def function(value: Any) -> Any:
        if isinstance(value, timedelta):
            return value.days if unit == "days" else value // timedelta(hours=1)
        try:
            return timedelta(**{unit: value})
        except OverflowError as error:
            raise RefusedError("too long") from error

    return function


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "count": lambda items: len(list(items)),
    "sum": _sum,
    "min": _chosen(min),
    "max": _chosen(max),
    "sorted": sorted,
    "any": any,
    "all": all,
    "round": _rounded,
    "abs": lambda value: Money(abs(value)) if isinstance(value, Money) else abs(value),
    "first": lambda items: next(iter(items), None),
    "last": lambda items: next(reversed(list(items)), None),
    "only": _only,
    "unique": _unique,
    "days": _duration("days"),
    "hours": _duration("hours"),
    "date_of": lambda moment: moment[:10],
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "split": _split,
    "join": lambda items, separator: separator.join(items),
    "lines": str.splitlines,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda text, part: part in text,
}
