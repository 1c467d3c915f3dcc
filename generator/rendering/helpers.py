"""The small functions that compiled expressions call; a rendered module holds those that it uses.

Grading compiles checks against the same functions, so `HELPERS` is also run as a module of its own.
"""

from __future__ import annotations

import re

HELPERS: dict[str, str] = {
    "cents": '''
def cents(amount: float) -> float:
    """Money, rounded half up to cents."""
    try:
        return float(Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    except InvalidOperation:
        raise Refused("invalid_value", "This amount is too large.") from None
''',
    "rounded": '''
def rounded(number: float, places: int = 0) -> Any:
    """Rounded half up; a whole number without `places`."""
    try:
        exact = Decimal(str(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:
        raise Refused("invalid_value", "This number is too large to be rounded.") from None
    return float(exact) if places else int(exact)
''',
    "present": '''
def present(value: T | None) -> T:
    """A value that was tested before."""
    if value is None:
        raise Refused("refused", "Something that is needed here is missing.")
    return value
''',
    "first": """
def first(items: Iterable[T]) -> T | None:
    return next(iter(items), None)
""",
    "last": """
def last(items: Iterable[T]) -> T | None:
    return next(reversed(list(items)), None)
""",
    "only": '''
def only(items: Iterable[T]) -> T:
    """The one item; anything else refuses."""
    found = list(items)
    if len(found) != 1:
        raise Refused("conflict", f"Exactly one is expected here, found {len(found)}.")
    return found[0]
''',
    "only_row": '''
def only_row(table: dict[str, T], key: str, entity: str) -> T:
    """The row with a key that must be there."""
    if key not in table:
        raise Refused("not_found", f"There is no {entity.replace('_', ' ')} '{key}'.", entity)
    return table[key]
''',
    "entry": '''
def entry(values: dict[str, T], key: str) -> T:
    """A value of a map that must be there."""
    if key not in values:
        raise Refused("not_found", f"There is nothing for '{key}'.")
    return values[key]
''',
    "unique": '''
def unique(items: Iterable[T]) -> list[T]:
    """Without repetitions, in the order of first appearance."""
    found: list[T] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found
''',
    "smallest": """
def smallest(items: Iterable[Any]) -> Any:
    found = list(items)
    if not found:
        raise Refused("refused", "There is nothing to choose the smallest from.")
    return min(found)
""",
    "largest": """
def largest(items: Iterable[Any]) -> Any:
    found = list(items)
    if not found:
        raise Refused("refused", "There is nothing to choose the largest from.")
    return max(found)
""",
    "nonzero": """
def nonzero(divisor: T) -> T:
    if not divisor:
        raise Refused("refused", "This would divide by zero.")
    return divisor
""",
    "pieces": '''
def pieces(text: str, separator: str) -> list[str]:
    """The parts of a text between separators."""
    if not separator:
        raise Refused("refused", "A text is split at a separator, and this one is empty.")
    return text.split(separator)
''',
    "finite": '''
def finite(number: float) -> float:
    """A decimal number, as rows hold it."""
    try:
        value = float(number)
    except OverflowError:
        value = float("inf")
    if not abs(value) < float("inf"):
        raise Refused("invalid_value", "This number is too large.")
    return value
''',
    "shift": '''
def shift(moment: str, by: timedelta) -> str:
    """A date or datetime, moved."""
    try:
        if len(moment) == 10:
            return (date.fromisoformat(moment) + by).isoformat()
        return (datetime.fromisoformat(moment) + by).isoformat(timespec="seconds")
    except OverflowError:
        raise Refused("invalid_value", "This date is out of range.") from None
''',
    "between": '''
def between(later: str, earlier: str) -> timedelta:
    """The time between two dates or datetimes."""
    return datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
''',
    "duration_days": """
def duration_days(number: int) -> timedelta:
    try:
        return timedelta(days=number)
    except OverflowError:
        raise Refused("invalid_value", "These are too many days.") from None
""",
    "duration_hours": """
def duration_hours(number: int) -> timedelta:
    try:
        return timedelta(hours=number)
    except OverflowError:
        raise Refused("invalid_value", "These are too many hours.") from None
""",
    "days_of": '''
def days_of(duration: timedelta) -> int:
    """Whole days."""
    return duration.days
''',
    "hours_of": '''
def hours_of(duration: timedelta) -> int:
    """Whole hours."""
    return duration // timedelta(hours=1)
''',
    "lasting": '''
def lasting(seconds: float) -> timedelta:
    """A duration that was calculated."""
    try:
        return timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        raise Refused("invalid_value", "This duration is out of range.") from None
''',
    "move": '''
def move(what: str, old: str, new: str, moves: dict[str, list[str]]) -> None:
    """A step of a state machine; any other is refused."""
    if new not in moves[old]:
        if new == old:
            raise Refused("bad_transition", f"{what[0].upper()}{what[1:]} is {old} already.", what)
        allowed = f"only {' or '.join(moves[old])}" if moves[old] else "nothing else"
        raise Refused("bad_transition", f"{what[0].upper()}{what[1:]} is {old}; it can become {allowed}.", what)
''',
}


def used_helpers(code: str) -> list[str]:
    """The sources of the functions that some code calls, in a stable order."""
    return [source for name, source in HELPERS.items() if re.search(rf"(?<![\w.]){name}\(", code)]
