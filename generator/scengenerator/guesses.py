"""Answers that must not do: none, a claim, what can be guessed, and the right one spoilt."""

from __future__ import annotations

from datetime import datetime, timedelta

from generator.scengenerator.scenario import Scenario

GUESSES = ("0", "1", "None.", "Yes.", "No.", "I do not know.")


def wrong_answers(scenario: Scenario) -> list[tuple[str, str]]:
    """What an agent might say that is wrong, each with the name of how it came about."""
    found = [("silence", ""), ("claims it is done", "Done.")]
    if scenario.kind == "question":
        found += [("a guess", guess) for guess in GUESSES]
        found += [("the question itself", scenario.task)]
        found += [("another answer", other) for other in _others(scenario.solution.answer)]
    return found


def _others(answer: str) -> list[str]:
    """The answer with its number or date changed, and beside another one."""
    words = answer.rstrip(".")
    if words.removeprefix("-").replace(".", "", 1).replace(",", "").isdigit():
        number = float(words.replace(",", ""))
        return [f"{number + 1:g}", f"{number * 10 + 3:g}", f"Either {words} or {number + 1:g}"]
    try:
        day = datetime.strptime(words, "%d %B %Y") + timedelta(days=1)
    except ValueError:
        return [f"It is not {words}."]
    return [f"{day.day} {day:%B %Y}", f"{words} or {day.day} {day:%B %Y}"]
