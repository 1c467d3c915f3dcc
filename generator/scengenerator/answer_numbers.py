"""Numbers in an answer, and which of them compete with the one that is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from generator.scengenerator.answer_moments import without_moments

_WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"]
_WORDS += ["fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
_VALUES = {"zero": 0} | {word: at for at, word in enumerate(_WORDS, start=2)}
_SIGNS = "$€£¥"
_CODES = "usd|eur|gbp|chf|jpy|cad|aud|dollars?|euros?|pounds?|francs?|cents?"
_DIGITS = r"\d{1,3}(?:[,']\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(
    rf"(?<![\w.#])(?<![a-z0-9_]-)(?P<minus>-|minus )?(?P<sign>[{_SIGNS}]\s?|(?:{_CODES})\s)?(?P<inner>-)?"
    rf"(?P<digits>{_DIGITS})(?P<code>\s?(?:[{_SIGNS}]|(?:{_CODES})(?!\w)))?(?P<percent>\s?%)?"
    r"(?!\w|-[a-z0-9]|\.\d|,\d{3}(?!\d))"
)
_WORD = re.compile(
    rf"(?<![\w-])(?P<minus>minus )?(?P<word>{'|'.join(_VALUES)})(?![\w-])(?P<code>\s(?:{_CODES})(?!\w))?"
)
_LINE = re.compile(r"^\s*(\d{1,3})[.)](?=\s+\S)", re.MULTILINE)
_CONNECTIVES = re.compile(
    r"(?:or|and|to|from|but|instead|not|is|was|are|were|as|for|in|on|of|by|at|with|than|rather|which|that|if|so|then"
    r"|i|it|nor|versus|vs|plus|minus|per|total|altogether|overall|now|each|currently|left|yet|today)"
)


@dataclass(frozen=True)
class Number:
    value: Decimal
    places: int  # decimals as written
    money: bool  # written with a currency
    count: bool  # a whole number right before a noun


def numbers_in(text: str) -> list[Number]:
    """The numbers of a plain text; dates, times, ids, ordinals and the numbering of lines are none."""
    text = _without_numbering(without_moments(text))
    found: list[Number] = []
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"[,']", "", match["digits"])
        negative = bool(match["minus"]) != bool(match["inner"])
        places = len(digits.partition(".")[2])
        money = bool(match["sign"] or match["code"])
        count = not places and not money and not match["percent"] and _before_noun(text[match.end() :])
        found.append(Number(-Decimal(digits) if negative else Decimal(digits), places, money, count))
    for match in _WORD.finditer(text):
        value, money = Decimal(_VALUES[match["word"]]), bool(match["code"])
        count = not money and _before_noun(text[match.end() :])
        found.append(Number(-value if match["minus"] else value, 0, money, count))
    return found


def _without_numbering(text: str) -> str:
    """Without `1.`, `2.` … at the beginnings of lines, where they count up from 1."""
    starts = list(_LINE.finditer(text))
    if len(starts) < 2 or [int(match[1]) for match in starts] != list(range(1, len(starts) + 1)):
        return text
    return _LINE.sub("", text)


def _before_noun(rest: str) -> bool:
    follows = re.match(r" ([a-z][\w'-]*)", rest)
    return follows is not None and not _CONNECTIVES.fullmatch(follows[1])


def equals(number: Number, value: float, kind: str) -> bool:
    """Whether the number is the value, as exactly as its kind is."""
    exact = Decimal(str(value))
    if kind == "decimal" and number.places >= 2:
        return exact.quantize(Decimal(1).scaleb(-number.places), ROUND_HALF_UP) == number.value
    if kind == "integer" and number.money:
        return False
    return exact == number.value


def competes(number: Number, kind: str) -> bool:
    """Whether another number of this kind would make the answer say two things."""
    if kind == "integer":
        return not number.money and number.places != 2
    return not number.count and not (kind == "decimal" and number.money)
