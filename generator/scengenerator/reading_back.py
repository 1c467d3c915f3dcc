"""The second reader: a model is shown words, tools and rows, and says in tool calls what the words ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from generator.errors import ModelError
from generator.llm.prompts import prompt
from generator.llm.requests import Request, T, Turn
from generator.scengenerator.findings import Finding, Turnout
from generator.scengenerator.intents import Meant, Reading, Readings, difference_of, refused_command, the_command
from generator.scengenerator.scenario import Scenario, ToolCall, canonical
from generator.scengenerator.setting import Setting

STAGE = "read_back"
MOST_REQUESTS = 12  # of a call
MOST_ROWS = 60_000  # characters of states in a call, of more than one
READ = "is read as something else"
UNREAD = "nobody could read it back"


class Asked(Protocol):
    """What is asked: a LanguageModel, or what stands in for one."""

    def ask_all(self, requests: Sequence[Request[T]]) -> list[T | ModelError]: ...


class Reader:
    """Reads the words of scenarios of one environment back."""

    def __init__(self, setting: Setting, model: Asked, turnout: Turnout) -> None:
        self.setting, self.model, self.turnout = setting, model, turnout

    def findings(self, meant: Sequence[Meant]) -> list[list[Finding]]:
        """For each scenario what speaks against its words: nothing where they are read as what is meant."""
        found: list[list[Finding]] = []
        readings = self._readings([one.scenario for one in meant])
        for one, reading in zip(meant, readings, strict=True):
            if isinstance(reading, Finding):
                found.append([reading])
                continue
            difference = difference_of(self.setting, one, reading)
            found.append([Finding(READ, difference)] if difference else [])
        return found

    def declined(self, scenarios: Sequence[Scenario]) -> list[ToolCall | None]:
        """What each of these asks for that must be declined: by its solution, else by reading its own words.

        A solution that heeds a policy does not hold the command that was asked for.
        """
        known = [refused_command(self.setting, scenario) for scenario in scenarios]
        unknown = [at for at, call in enumerate(known) if call is None and scenarios[at].kind == "decline"]
        for at, reading in zip(unknown, self._readings([scenarios[at] for at in unknown]), strict=True):
            if isinstance(reading, Reading) and len(reading.commands) == 1 and not reading.unclear.strip():
                known[at] = self._forbidden(scenarios[at], reading)
        return known

    def _forbidden(self, scenario: Scenario, reading: Reading) -> ToolCall | None:
        """The one command of a reading, if it can be done and breaks a policy."""
        call = the_command(self.setting, reading.commands[0])
        if call is None:
            return None
        start = self.setting.open(scenario.initial_state)
        end = start.copy()
        done = end.call(call.name, call.arguments)
        return call if done.ok and self.setting.workshop.broken_policies(start, end) else None

    # -- asking -------------------------------------------------------------------------------------------------------

    def _readings(self, scenarios: Sequence[Scenario]) -> list[Reading | Finding]:
        """In the order of the scenarios."""
        pages = list(self._pages(scenarios))
        answers = self.model.ask_all(self.requests(scenarios))
        found: dict[int, Reading | Finding] = {}
        for page, answer in zip(pages, answers, strict=True):
            if isinstance(answer, ModelError):
                self.turnout.trouble(answer)
                found |= dict.fromkeys(page, Finding(UNREAD, f"it could not be read back: {answer}"))
                continue
            numbered = {reading.number: reading for reading in answer.readings}
            for number, at in enumerate(page, start=1):
                found[at] = numbered.get(number, Finding(UNREAD, "the reader left it out"))
        return [found[at] for at in range(len(scenarios))]

    def requests(self, scenarios: Sequence[Scenario]) -> list[Request[Readings]]:
        """What is asked to read all of these."""
        return [self._request([scenarios[at] for at in page]) for page in self._pages(scenarios)]

    def _pages(self, scenarios: Sequence[Scenario]) -> Iterator[list[int]]:
        """The scenarios for each call, those of one state together, so that few states are shown twice."""
        groups: dict[str, list[int]] = {}
        for at, scenario in enumerate(scenarios):
            groups.setdefault(canonical(scenario.initial_state), []).append(at)
        page: list[int] = []
        rows = 0
        for state, group in groups.items():
            for start in range(0, len(group), MOST_REQUESTS):
                part = group[start : start + MOST_REQUESTS]
                if page and (len(page) + len(part) > MOST_REQUESTS or rows + len(state) > MOST_ROWS):
                    yield page
                    page, rows = [], 0
                page += part
                rows += len(state)
        if page:
            yield page

    def _request(self, scenarios: Sequence[Scenario]) -> Request[Readings]:
        states: dict[str, dict[str, str]] = {}
        requests: list[dict[str, object]] = []
        for number, scenario in enumerate(scenarios, start=1):
            text = canonical(scenario.initial_state)
            if text not in states:
                letter = chr(ord("A") + len(states))
                states[text] = {"letter": letter, "rows": self.setting.rows(scenario.initial_state)}
            requests.append({"number": number, "letter": states[text]["letter"], "words": scenario.task})
        system, user = prompt(STAGE, **self.setting.facts, states=list(states.values()), requests=requests)
        return Request(STAGE, system, (Turn("user", user),), Readings)
