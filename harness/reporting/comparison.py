"""A comparison as text in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.comparing import Comparison, Difference, Pair

_SHOWN = 20


def comparison_view(found: Comparison) -> RenderableType:
    """Both sides, their difference, how sure it is, and the scenarios that flipped."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for heading in ("A", "B", "B − A", "95 %", "could be shown from"):
        table.add_column(heading, justify="right")
    table.add_row("passed", *(f"{rate:.1%}" for rate in found.pass_rates), *_cells(found.passed))
    table.add_row("mean score", *(f"{100 * score:.1f} %" for score in found.scores), *_cells(found.score))
    head = Text(f"A {found.a}\nB {found.b}\n")
    plural = "s" * (found.scenarios > 1)
    head.append(
        f"{found.scenarios} scenario{plural} in both, with {found.attempts[0]} and {found.attempts[1]} attempts"
    )
    parts: list[RenderableType] = [head, table, Text(_verdict(found))]
    for title, pairs in (("B passes more often", found.better), ("B passes less often", found.worse)):
        if pairs:
            parts.append(_flipped(title, pairs))
    if found.left_out:
        parts.append(
            Text(f"Left out, as they are not the same or were not counted on both sides: {_some(found.left_out)}")
        )
    for name, excluded in zip("AB", found.excluded, strict=True):
        if excluded:
            listed = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in excluded.items())
            parts.append(Text(f"Not counted in {name}: {listed}"))
    return Group(*parts)


def _cells(one: Difference) -> tuple[str, str, str]:
    detectable = f"±{100 * one.detectable:.1f}" if one.detectable is not None else "–"
    return f"{100 * one.value:+.1f}", f"{100 * one.low:+.1f} to {100 * one.high:+.1f}", detectable


def _verdict(found: Comparison) -> str:
    flips = len(found.better) + len(found.worse)
    if not flips:
        return "No scenario was passed more often by one than by the other."
    sure = "a difference that luck rarely makes" if found.p_value < 0.05 else "luck alone makes that too"
    what = "scenarios differ" if flips > 1 else "scenario differs"
    return (
        f"{flips} {what}: {len(found.better)} better, {len(found.worse)} worse with B; "
        f"exact McNemar p = {found.p_value:.3g}: {sure}."
    )


def _flipped(title: str, pairs: Sequence[Pair]) -> Text:
    text = Text(f"{title} ({len(pairs)}):\n")
    for pair in pairs[:_SHOWN]:
        text.append(f"  {pair.environment}/{pair.scenario}  {pair.passed[0]:.0%} → {pair.passed[1]:.0%}\n")
    if len(pairs) > _SHOWN:
        text.append(f"  … and {len(pairs) - _SHOWN} more, with --json\n")
    text.rstrip()
    return text


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
