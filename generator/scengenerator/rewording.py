"""Other words for tasks: a language model writes them, code and a second reader hold them to what is meant.

Words are kept only when no fact is lost or added, when the certificate can be made again on them, and when a reader
who sees neither the old words nor the solution takes them for what the scenario means. What fails is told to the model
once; what fails again keeps its old words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import Field

from generator.errors import ModelError
from generator.llm.prompts import prompt
from generator.llm.requests import Request, Turn
from generator.scengenerator.certificates import UncertifiedError
from generator.scengenerator.findings import Finding, Turnout
from generator.scengenerator.intents import Meant
from generator.scengenerator.reading_back import UNREAD, Asked, Reader
from generator.scengenerator.scenario import Scenario, ToolCall
from generator.scengenerator.setting import Setting
from generator.scengenerator.wired import Wire

STAGE, AGAIN = "reword", "reword_again"
A_CALL = 12  # tasks
UNASKED = "the model gave no words"


class Wording(Wire):
    """The new words of one task."""

    number: int = Field(description="The number of the task.")
    words: str


class Reworded(Wire):
    """New words, an entry for each task."""

    tasks: list[Wording]


@dataclass
class _Page:
    """The tasks of one call, by their number in it, and what became of them.

    `first` is the place of the first among all scenarios; `declined` what is asked for where it must be declined.
    """

    first: int
    scenarios: dict[int, Scenario]
    declined: dict[int, ToolCall | None]
    request: Request[Reworded]
    answer: Reworded | None = None
    words: dict[int, Scenario] = field(default_factory=dict)  # with the new words, where something came
    findings: dict[int, list[Finding]] = field(default_factory=dict)  # against those of the last round
    unread: dict[int, list[Finding]] = field(default_factory=dict)  # nobody can say whether these are right


class Rewording:
    """Rewords scenarios of one environment; the same scenarios and answers give the same words."""

    def __init__(self, setting: Setting, model: Asked, turnout: Turnout) -> None:
        self.setting, self.model, self.turnout = setting, model, turnout
        self.reader = Reader(setting, model, turnout)

    def reworded(self, scenarios: Sequence[Scenario]) -> list[Scenario]:
        """Each scenario with new words and their certificate, or as it was; in the same order.

        Raises:
            AccountError: the model will refuse everything.
        """
        declined = self.reader.declined(scenarios)
        pages = [self._page(at, scenarios, declined) for at in range(0, len(scenarios), A_CALL)]
        self._ask(pages)
        self._judge(pages)
        settled = self._good(pages)
        self.turnout.right += len(settled)
        again = [page for page in pages if page.answer is not None and page.findings]
        for page in again:
            page.request = self._once_more(page)
        self._ask(again)
        self._judge(again)
        mended = self._good(again)
        self.turnout.mended += len(mended)
        for page in pages:
            for findings in [*page.findings.values(), *page.unread.values()]:
                self.turnout.fail(findings)
        return [(settled | mended).get(at, scenario) for at, scenario in enumerate(scenarios)]

    # -- asking -------------------------------------------------------------------------------------------------------

    def _page(self, first: int, scenarios: Sequence[Scenario], declined: Sequence[ToolCall | None]) -> _Page:
        numbered = dict(enumerate(scenarios[first : first + A_CALL], start=1))
        tasks = [
            {
                "number": number,
                "words": scenario.task,
                "question": scenario.kind == "question",
                "facts": self.setting.wordings.must_stand(scenario),
            }
            for number, scenario in numbered.items()
        ]
        system, user = prompt(STAGE, **self.setting.facts, tasks=tasks)
        commands = dict(enumerate(declined[first : first + A_CALL], start=1))
        return _Page(first, numbered, commands, Request(STAGE, system, (Turn("user", user),), Reworded))

    def _once_more(self, page: _Page) -> Request[Reworded]:
        assert page.answer is not None
        tasks = [
            {"number": number, "findings": [finding.words for finding in findings]}
            for number, findings in sorted(page.findings.items())
        ]
        _, user = prompt(AGAIN, tasks=tasks)
        first = page.request
        turns = (*first.turns, Turn("assistant", page.answer.model_dump_json()), Turn("user", user))
        return Request(AGAIN, first.system, turns, Reworded)

    def _ask(self, pages: Sequence[_Page]) -> None:
        """Fills in the answers, and the words of those tasks that are still to be settled."""
        answers = self.model.ask_all([page.request for page in pages])
        for page, answer in zip(pages, answers, strict=True):
            open_ = set(page.findings) or set(page.scenarios)  # all of them at first
            page.words, page.findings = {}, {}
            if isinstance(answer, ModelError):
                self.turnout.trouble(answer)
                page.findings = {number: [Finding(UNASKED, str(answer))] for number in open_}
                continue
            page.answer = answer
            told = {task.number: task.words.strip() for task in answer.tasks}
            for number in sorted(open_):
                if number in told:
                    page.words[number] = page.scenarios[number].model_copy(update={"task": told[number]})
                else:
                    page.findings[number] = [Finding(UNASKED, "there is no entry for it")]

    # -- judging ------------------------------------------------------------------------------------------------------

    def _judge(self, pages: Sequence[_Page]) -> None:
        """Finds what speaks against the words of each task: by code and certificate first, then by the reader."""
        sound: list[tuple[_Page, int]] = []
        for page in pages:
            for number in page.words:
                findings = self._by_code(page, number)
                if findings:
                    page.findings[number] = findings
                else:
                    sound.append((page, number))
        meant = [Meant(page.words[number], page.declined[number]) for page, number in sound]
        for (page, number), findings in zip(sound, self.reader.findings(meant), strict=True):
            if findings:
                (page.unread if findings[0].kind == UNREAD else page.findings)[number] = findings

    def _by_code(self, page: _Page, number: int) -> list[Finding]:
        scenario = page.words[number]
        findings = self.setting.wordings.faults(page.scenarios[number], scenario.task)
        if findings:
            return findings
        try:
            certificate = self.setting.prover.prove(scenario)
        except UncertifiedError as error:
            return [Finding(error.reason, f"it cannot be certified with these words: {error}")]
        page.words[number] = scenario.model_copy(update={"certificate": certificate})
        return []

    @staticmethod
    def _good(pages: Sequence[_Page]) -> dict[int, Scenario]:
        """The scenarios whose new words hold, by their place among all."""
        return {
            page.first + number - 1: scenario
            for page in pages
            for number, scenario in page.words.items()
            if number not in page.findings and number not in page.unread
        }
