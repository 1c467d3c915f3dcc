"""Distributions of a run's attempts as SVG, drawn by pygal, that stand in a page without anything else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import RunError
from harness.outcomes import COUNTED
from harness.records import Attempt

_BARS = 12
_FEW = 10  # attempts in a bar, so few that each is marked on the axis
_COLOURS = ("#1f5fa8", "#c4661f", "#2f8f5b", "#8a4fa3", "#b03a48", "#6b6b00")


@dataclass(frozen=True)
class Measure:
    """Something that an attempt takes, and its unit."""

    id: str
    title: str
    of: Callable[[Attempt], float | None]


@dataclass(frozen=True)
class Row:
    """What one agent's attempts take: n of them are known."""

    agent: str
    n: int
    median: float
    high: float  # nine in ten take no more


@dataclass(frozen=True)
class Chart:
    """A drawn distribution, and the same in figures."""

    title: str
    svg: str
    rows: tuple[Row, ...]


def _tokens(attempt: Attempt) -> float | None:
    known = [one for one in (attempt.input_tokens, attempt.output_tokens) if one is not None]
    return float(sum(known)) if known else None


MEASURES = (
    Measure("calls", "Tool calls", lambda attempt: attempt.calls),
    Measure("tokens", "Tokens, read and written", _tokens),
    Measure("cost", "Cost in US dollars", lambda attempt: attempt.cost),
    Measure("seconds", "Time in seconds", lambda attempt: attempt.seconds),
)


def charts(attempts: Sequence[Attempt]) -> list[Chart]:
    """A chart for every measure that is known of some counted attempt.

    Raises:
        RunError: pygal is not installed.
    """
    counted = [attempt for attempt in attempts if attempt.outcome in COUNTED]
    found: list[Chart] = []
    for measure in MEASURES:
        by: dict[str, list[float]] = {}
        for attempt in counted:
            value = measure.of(attempt)
            if value is not None:
                by.setdefault(attempt.agent, []).append(float(value))
        if by:
            rows = tuple(Row(agent, len(values), _at(values, 0.5), _at(values, 0.9)) for agent, values in by.items())
            found.append(Chart(measure.title, _drawn(measure, by), rows))
    return found


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def _drawn(measure: Measure, by: dict[str, list[float]]) -> str:
    try:
        import pygal
        from pygal.style import Style
    except ImportError as error:
        raise RunError("A report needs pygal; install it with: pip install 'envwright[report]'") from error
    edges = bins([value for values in by.values() for value in values])
    style = Style(
        background="transparent",
        plot_background="transparent",
        font_family="system-ui, sans-serif",
        colors=_COLOURS,
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=13,
    )
    chart = pygal.Bar(style=style, js=[], width=560, height=280, legend_at_bottom=True, margin=8, show_x_guides=False)
    chart.uuid = f"chart-{measure.id}"  # instead of a random one
    chart.x_labels = [_label(low, high) for low, high in edges]
    most = 0
    for agent, values in by.items():
        counts = [sum(low <= value < high for value in values) for low, high in edges]
        chart.add(agent, [count or None for count in counts])
        most = max(most, *counts)
    if most <= _FEW:  # there is no tenth of an attempt
        chart.y_labels = list(range(most + 1))
    return _alone(chart.render_tree(), measure.title)


def bins(values: Sequence[float]) -> list[tuple[float, float]]:
    """Ranges of one round width that hold all values, each with its lower end and without its upper one."""
    low, high = min(values), max(values)
    if low == high:
        return [(low, math.nextafter(low, math.inf))]
    rough = (high - low) / _BARS
    unit = 10.0 ** math.floor(math.log10(rough))
    width = next(step * unit for step in (1, 2, 5, 10) if step * unit >= rough * 0.999)
    if all(value == int(value) for value in values):
        width = max(1.0, width)
    first, last = math.floor(low / width), math.floor(high / width)
    first -= _edge(first, width) > low  # what stands on an edge may be divided to either side of it
    last += _edge(last + 1, width) <= high
    return [(_edge(at, width), _edge(at + 1, width)) for at in range(first, last + 1)]


def _edge(at: int, width: float) -> float:
    return round(at * width, 12)


def _label(low: float, high: float) -> str:
    if high - low < 1e-9 or (low == int(low) and high - low == 1):
        return f"{low:.3g}" if high - low < 1 else f"{low:g}"
    return f"{low:.3g}–{high:.3g}"


def _alone(tree: Any, title: str) -> str:
    """The drawing without script, without what is not shown, and with a name for those who do not see it."""
    from pygal.etree import etree  # lxml where that is installed

    for parent in list(tree.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.endswith("script"):
                parent.remove(child)
    tree.set("role", "img")
    tree.set("aria-label", f"{title}: how many attempts took how much")
    text: str = etree.tostring(tree, encoding="unicode")
    return text
