"""One grade in the terminal."""

from __future__ import annotations

from rich.text import Text

from harness.records import GradeRecord
from harness.reporting.plain import plain


def grade_view(grade: GradeRecord) -> Text:
    """The verdict, every check with what it found, and what was changed that nobody asked for."""
    text = Text()
    text.append("passed" if grade.passed else "failed", style="bold green" if grade.passed else "bold red")
    text.append(f" · score {grade.score:.2f} · reward {grade.reward:.2f}")
    text.append("\n" if grade.as_released is None else f" · as released {grade.as_released:.2f}\n")
    for check in grade.checks:
        text.append("  ✓ " if check.holds else "  ✗ ", style="green" if check.holds else "red")
        text.append(f"{check.description}\n")
        if not check.holds:
            text.append(f"    {check.explanation}\n", style="dim")
    for change in grade.damage:
        text.append("  ! ", style="yellow")
        text.append(f"not asked for: {change.words}\n")
    text.plain = plain(text.plain)
    text.rstrip()
    return text
