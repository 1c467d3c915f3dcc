"""Numbers and times of day as people meet them: mostly round ones."""

from __future__ import annotations

import random

from generator.skeleton.model import Bound
from generator.skeleton.samples import Between, Sample

_OPEN = ("06:00", "22:00")  # of times that nothing bounds
_SPREAD = 9  # from the least to the most of a number that is bounded on one side only


def number_ends(sample: Sample | None, low: Bound | None, high: Bound | None) -> tuple[float, float]:
    """The least and the most of a number: the sample's, narrowed by the bounds; the bounds where there is none."""
    least = float(low) if isinstance(low, int | float) else None
    most = float(high) if isinstance(high, int | float) else None
    if isinstance(sample, Between):  # a parameter may narrow the field that its sample comes from
        first, last = float(sample.low), float(sample.high)
        first = first if least is None else max(first, least)
        last = last if most is None else min(last, most)
        if first <= last:
            return first, last
    if least is None:
        least = 1.0 if most is None or most >= 1 else most - _SPREAD
    return least, most if most is not None else least + _SPREAD


def amount(rng: random.Random, low: float, high: float) -> float:
    """An amount between the ends: mostly whole, some with cents."""
    kind = rng.random()
    if kind < 0.55 and int(high) - int(low) >= 5:
        value = float(rng.randint(int(low), int(high)))
    elif kind < 0.8:
        value = round(rng.uniform(low, high) * 2) / 2
    else:
        value = round(rng.uniform(low, high), 2)
    return min(max(value, low), high)


def time_of_day(rng: random.Random, sample: Sample | None, low: Bound | None, high: Bound | None) -> str:
    """A quarter of an hour within the sample or the bounds; any minute where they are close together."""
    ends = (sample.low, sample.high) if isinstance(sample, Between) else (low, high)
    start, end = (_minutes(end if isinstance(end, str) else other) for end, other in zip(ends, _OPEN, strict=True))
    step = 15 if end - start >= 60 and start % 15 == 0 else 1
    minute = start + step * rng.randint(0, (end - start) // step)
    return f"{minute // 60:02}:{minute % 60:02}:00"


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)
