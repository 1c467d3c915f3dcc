"""English: articles, possessives, lists, dates, numbers as words, and what a field's name says about its grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


BIRTHS = word_set("birth_date birthday date_of_birth dob")
_IRREGULAR = word_set(
    "begun bought born built done drawn due flown found given held kept known left lent lost made met paid put read "
    "owed seen sent set shut sold spent taken told won written"
)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_CODE = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9./_-]*")
_MONTHS = (  # not strftime, whose words depend on the machine
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


def article(word: str) -> str:
    """`a` or `an`, by sound."""
    start = word.lstrip("\"“'").lower()
    if re.match(r"(8|11\b|18\b|hour|honest|honour|heir)", start):
        return "an"
    if re.match(r"(uni|use|usu|eu|one\b|once)", start):
        return "a"
    return "an" if start[:1] in "aeiou" and start else "a"


def possessive(name: str) -> str:
    """`Marta Ruiz's`, `James'`."""
    return f"{name}'" if name.endswith(("s", "S")) else f"{name}'s"


def plural(noun: str) -> str:
    """`deposits`, `entries`, `boxes`."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|ch|sh)$", noun) else f"{noun}s"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`; with semicolons where the words have commas of their own."""
    *head, last = words or [""]
    if not head:
        return last
    return f"{('; ' if any(',' in word for word in words) else ', ').join(head)} and {last}"


def number_word(count: int) -> str:
    """`three`; figures beyond twelve."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else str(count)


def spoken_date(text: str) -> str:
    """`4 March 2026` of `2026-03-04`."""
    day = date.fromisoformat(text[:10])
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def spoken_time(text: str) -> str:
    """`9:30` of `09:30:00`; seconds only where there are some."""
    hours, minutes, *seconds = text.split(":")
    tail = f":{seconds[0]}" if seconds and seconds[0] != "00" else ""
    return f"{int(hours)}:{minutes}{tail}"


def spoken_moment(text: str) -> str:
    """`4 March 2026 at 9:30`."""
    return f"{spoken_date(text)} at {spoken_time(text[11:])}"


def spoken_number(value: float, money: bool = False) -> str:
    """`12.50` for money, `0.25` or `3` otherwise."""
    if money:
        return f"{value:.2f}"
    return str(int(value)) if float(value).is_integer() else format(value, ".12g")


def quoted(text: str) -> str:
    """In quotes that the text itself does not use."""
    return f"“{text}”" if '"' in text else f'"{text}"'


def spaced(name: str) -> str:
    return name.replace("_", " ")


def is_code(text: str) -> bool:
    """Whether it reads as a code: `HF-080`, `A-03-2`."""
    return _CODE.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Whether only a machine would call something so: `payment_0021`."""
    return re.fullmatch(r"[a-z]+(_[a-z]+)*_\d+", text) is not None


def is_participle(word: str) -> bool:
    """`opened`, `sent`; not `deposit`."""
    return word in _IRREGULAR or (word.endswith("ed") and len(word) > 4)


def happened(field: str) -> str | None:
    """`opened` of `opened_at` or `opened_on`: what a field says was done then."""
    found = re.fullmatch(r"([a-z]+)_(at|on)", field)
    return found[1] if found and is_participle(found[1]) else None


def capitalised(text: str) -> str:
    """With a capital first letter."""
    at = 1 if text[:1] in '"“' else 0
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]


def sentence(text: str, mark: str = ".") -> str:
    """Capitalised and closed, without a second full stop after a quotation that has one."""
    text = capitalised(text.strip())
    if mark == "." and re.search(r"[.!?][\"”]?$", text):
        return text
    return text + mark


def singular_after_one(text: str) -> str:
    """`1 day` where a pattern for any number says `1 days`."""
    return re.sub(r"\b1 ((?!\w+(?:ss|us|is)\b)[a-z]+?)s\b", r"1 \1", text, count=1)
