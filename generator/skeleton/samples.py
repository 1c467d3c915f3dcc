"""What `sample:` and `population:` mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

PROVIDERS = (
    "person.name",
    "person.first_name",
    "person.last_name",
    "person.username",
    "person.email",
    "person.phone",
    "company.name",
    "address.street",
    "address.unit",
    "address.city",
    "address.state",
    "address.postcode",
    "address.country",
)
_RANGE = re.compile(r"(-?[\d.:T-]+?)\.\.(-?[\d.:T-]+)")
_SPAN = re.compile(r"(past|future)\.(\d+)([yd])")
_BOTH_SIDES = re.compile(r"past\.(\d+)([yd])\.\.future\.(\d+)([yd])")
_DAYS = {"y": 365, "d": 1}


@dataclass(frozen=True)
class Between:
    """`0..500`, or a range of times; both ends belong to it. The ends are text: the type decides."""

    low: str
    high: str


@dataclass(frozen=True)
class Span:
    """`past.3y`, `future.30d`, `past.7d..future.60d`: days before (negative) or after the clock, as (first, last)."""

    first: int
    last: int


@dataclass(frozen=True)
class Provider:
    """`person.name`: names and contacts."""

    name: str


@dataclass(frozen=True)
class Corpus:
    """A list under `corpora:`."""

    name: str


Sample = Between | Span | Provider | Corpus


def parse_sample(text: str, corpora: dict[str, list[str]]) -> Sample | None:
    """The meaning of a `sample`, or None where it has none."""
    if text in corpora:
        return Corpus(text)
    if text in PROVIDERS:
        return Provider(text)
    if match := _SPAN.fullmatch(text):
        days = int(match[2]) * _DAYS[match[3]]
        return Span(-days, -1) if match[1] == "past" else Span(1, days)
    if match := _BOTH_SIDES.fullmatch(text):
        return Span(-int(match[1]) * _DAYS[match[2]], int(match[3]) * _DAYS[match[4]])
    if match := _RANGE.fullmatch(text):
        return Between(match[1], match[2])
    return None


def parse_population(text: str) -> tuple[int, int] | None:
    """`6..12` or `5` as (least, most); None where it is neither."""
    match = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", text.strip())
    if match is None:
        return None
    least, most = int(match[1]), int(match[2] or match[1])
    return (least, most) if least <= most else None
