"""Dates and times of day in an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = ["january", "february", "march", "april", "may", "june"]
_MONTHS += ["july", "august", "september", "october", "november", "december"]
_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?\\.?" if name != "may" else "may" for name in _MONTHS) + "|sept\\.?"
_DAY = r"(?P<day{0}>\d{{1,2}})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year{0}>\d{{4}})"
_DATE = re.compile(
    "|".join(
        [
            r"(?<![\w-])(?P<year0>\d{4})[-/](?P<month0>\d{1,2})[-/](?P<day0>\d{1,2})(?!\d|-\d)",
            rf"(?<![\w.-]){_DAY.format(1)}(?: of)? (?P<name1>{_NAMES})(?!\w)(?:,? {_YEAR.format(1)}(?![\w-]))?",
            rf"(?<!\w)(?P<name2>{_NAMES}) (?:the )?{_DAY.format(2)}(?![\w:]|[.,]\d)(?:,? {_YEAR.format(2)}(?![\w-]))?",
            r"(?<![\w./-])(?P<one>\d{1,2})[/.](?P<two>\d{1,2})[/.](?P<year3>\d{4})(?!\w)",
        ]
    )
)
_TIME = re.compile(
    r"(?<![\d:.,])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d+)?z?(?!\d|:\d)"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    r"|(?<![\w:.,-])(?P<full>\d{1,2})\s?(?P<half2>[ap])\.?m\b\.?|(?<!\w)(?P<word>noon|midnight)(?!\w)"
)


@dataclass(frozen=True)
class Date:
    """A date as written; without a year any year fits, and numbers may be read as day.month or month/day."""

    year: int | None
    readings: frozenset[tuple[int, int]]  # month, day


@dataclass(frozen=True)
class Time:
    hour: int
    minute: int
    second: int | None


def dates_in(text: str) -> list[Date]:
    """The dates of a plain text."""
    return [date for match in _DATE.finditer(text) if (date := _date(match)) is not None]


def _date(match: re.Match[str]) -> Date | None:
    year = match["year0"] or match["year1"] or match["year2"] or match["year3"]
    if match["one"]:
        pair = int(match["one"]), int(match["two"])
        readings = {(month, day) for month, day in (pair, pair[::-1]) if _is_day(month, day)}
    else:
        name = match["name1"] or match["name2"]
        month = _month(name) if name else int(match["month0"])
        day = int(match["day0"] or match["day1"] or match["day2"])
        readings = {(month, day)} if _is_day(month, day) else set()
    return Date(int(year) if year else None, frozenset(readings)) if readings else None


def _month(name: str) -> int:
    return next(at for at, month in enumerate(_MONTHS, start=1) if month[:3] == name[:3])


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def dates_match(date: Date, value: str) -> bool:
    """Whether a written date is the ISO date `value`."""
    year, month, day = map(int, value.split("-"))
    return date.year in (None, year) and (month, day) in date.readings


def times_in(text: str) -> list[Time]:
    """The times of day of a plain text."""
    return [time for match in _TIME.finditer(text) if (time := _time(match)) is not None]


def _time(match: re.Match[str]) -> Time | None:
    if match["word"]:
        return Time(12 if match["word"] == "noon" else 0, 0, None)
    hour, half = int(match["hour"] or match["full"]), match["half"] or match["half2"]
    minute, second = int(match["minute"] or 0), match["second"]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    return Time(hour, minute, int(second) if second else None)


def times_match(time: Time, value: str) -> bool:
    """Whether a written time is the ISO time `value`; without seconds, to the minute."""
    hour, minute, second = (int(part) for part in value.split(":"))
    return (time.hour, time.minute) == (hour, minute) and time.second in (None, second)


def without_moments(text: str) -> str:
    """The text with dates and times taken out, so that their digits are no numbers."""
    text = _DATE.sub(lambda match: " | " if _date(match) else match[0], text)
    return _TIME.sub(lambda match: " | " if _time(match) and not match["word"] else match[0], text)
