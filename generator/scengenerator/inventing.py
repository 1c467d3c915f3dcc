"""Tasks of a language model's own: it proposes them over given states, and only what can be certified is kept.

A model sees the tools, the records and how outcomes are graded. Its calls are run, its checks typed and tried, what may
change is read off the outcome, the certificate is made as for every other scenario, and a reader who sees the words
alone must take them for the same. What speaks against a proposal is told once, all of it; then it is dropped.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from generator.errors import ModelError
from generator.llm.prompts import prompt
from generator.llm.requests import Request, Turn
from generator.scengenerator.examples import example_of
from generator.scengenerator.findings import Finding, Turnout
from generator.scengenerator.intents import Meant
from generator.scengenerator.inventions import Inventor, Proposals
from generator.scengenerator.make import shape_of
from generator.scengenerator.reading_back import UNREAD, Asked, Reader
from generator.scengenerator.sampling import SamplingError
from generator.scengenerator.scenario import Kind, Scenario
from generator.scengenerator.setting import Setting
from generator.scengenerator.states import make_state

STAGE, AGAIN = "invent", "invent_again"
A_CALL = 4  # proposals over one state
ROUNDS = 3  # of states, until there are enough
SIZES = (2, 3, 4)  # of states, in turn
KINDS: tuple[Kind, ...] = ("change", "change", "question", "decline")
ROOM = 32_000  # tokens that a model may write: it has to think of several things at once
UNASKED = "the model gave no proposal"
SAME = "the same task again"


@dataclass
class _Desk:
    """One state with what is wanted of it: a kind for each name, in the order of the proposals."""

    inventor: Inventor
    wanted: dict[str, Kind]
    request: Request[Proposals]
    answer: Proposals | None = None
    open: list[str] = field(default_factory=list)  # names that are still to be settled
    made: dict[str, Meant] = field(default_factory=dict)
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    unread: dict[str, list[Finding]] = field(default_factory=dict)  # nobody can say whether these are right


class Inventing:
    """Scenarios of a model's own in one environment; the same answers give the same scenarios."""

    def __init__(self, setting: Setting, model: Asked, turnout: Turnout) -> None:
        self.setting, self.model, self.turnout = setting, model, turnout
        self.reader = Reader(setting, model, turnout)
        self._tasks: list[str] = []
        self._shapes: set[str] = set()

    def scenarios(self, count: int, seed: int, kind: Kind | None = None) -> list[Scenario]:
        """So many scenarios, or fewer: what was dropped is in the turnout.

        Raises:
            AccountError: the model will refuse everything.
        """
        found: list[Scenario] = []
        names = (f"{self.setting.name.replace('_', '-')}-invented-{number:03}" for number in itertools.count(1))
        kinds = itertools.cycle([kind] if kind else KINDS)
        wanted = zip(names, kinds, strict=False)
        states = enumerate(itertools.cycle(SIZES))
        for _ in range(ROUNDS):
            missing = count - len(found)
            if missing <= 0:
                break
            desks = list(self._desks(list(itertools.islice(wanted, missing)), states, seed))
            good = self._round(desks)
            found += good
            if not any(desk.answer for desk in desks):
                break  # nothing comes from this model
        return found

    def _desks(
        self, wanted: Sequence[tuple[str, Kind]], states: Iterator[tuple[int, int]], seed: int
    ) -> Iterator[_Desk]:
        """A state for every few proposals."""
        example = example_of(self.setting, seed)
        for at in range(0, len(wanted), A_CALL):
            part = dict(wanted[at : at + A_CALL])
            number, size = next(states)
            try:
                state = make_state(self.setting.model, f"{seed}/invented/{number}", size)
            except SamplingError:
                self.turnout.failed["no state keeps the rules"] += len(part)
                continue
            facts = {**self.setting.facts, "example": example, "rows": self.setting.rows(state)}
            wishes = [f"a {kind}" for kind in part.values()]
            system, user = prompt(STAGE, **facts, wishes=wishes, used=self._tasks)
            request = Request(STAGE, system, (Turn("user", user),), Proposals, ROOM)
            yield _Desk(Inventor(self.setting, state, size, seed), part, request, open=list(part))

    # -- a round: proposals, then the mended ones --------------------------------------------------------------------

    def _round(self, desks: Sequence[_Desk]) -> list[Scenario]:
        right = self._asked(desks)
        self.turnout.right += len(right)
        again = [desk for desk in desks if desk.answer is not None and desk.findings]
        for desk in again:
            desk.request, desk.open = self._once_more(desk), [name for name in desk.wanted if name in desk.findings]
        mended = self._asked(again)
        self.turnout.mended += len(mended)
        for desk in desks:
            for findings in [*desk.findings.values(), *desk.unread.values()]:
                self.turnout.fail(findings)
        made = right | mended
        return [made[name] for desk in desks for name in desk.wanted if name in made]

    def _asked(self, desks: Sequence[_Desk]) -> dict[str, Scenario]:
        """Asks for what is open, and takes what holds; what speaks against the rest is left at the desks."""
        answers = self.model.ask_all([desk.request for desk in desks])
        for desk, answer in zip(desks, answers, strict=True):
            desk.made, desk.findings = {}, {}
            if isinstance(answer, ModelError):
                self.turnout.trouble(answer)
                desk.findings = {name: [Finding(UNASKED, str(answer))] for name in desk.open}
            else:
                desk.answer = answer
                self._take(desk, answer)
        places = [(desk, name) for desk in desks for name in desk.made]
        read = self.reader.findings([desk.made[name] for desk, name in places])
        for (desk, name), findings in zip(places, read, strict=True):
            if findings:
                (desk.unread if findings[0].kind == UNREAD else desk.findings)[name] = findings
        good = {
            name: desk.made[name].scenario
            for desk, name in places
            if name not in desk.findings and name not in desk.unread and self._is_new(desk, name)
        }
        self._tasks += [scenario.task for scenario in good.values()]
        return good

    def _take(self, desk: _Desk, answer: Proposals) -> None:
        """Makes a scenario of each proposal that can be one."""
        for at, name in enumerate(desk.open):
            if at >= len(answer.proposals):
                desk.findings[name] = [Finding(UNASKED, "there is no proposal for it")]
                continue
            made, findings = desk.inventor.made(answer.proposals[at], desk.wanted[name], name)
            if made is None:
                desk.findings[name] = findings
            else:
                desk.made[name] = made

    def _is_new(self, desk: _Desk, name: str) -> bool:
        """Whether there is no such scenario yet; notes it."""
        shape = shape_of(desk.made[name].scenario)
        if shape in self._shapes:
            desk.findings[name] = [Finding(SAME, "the same task was proposed before: propose another one")]
            return False
        self._shapes.add(shape)
        return True

    def _once_more(self, desk: _Desk) -> Request[Proposals]:
        assert desk.answer is not None
        failing = [
            {
                "number": number,
                "kind": desk.wanted[name],
                "findings": [finding.words for finding in desk.findings[name]],
            }
            for number, name in enumerate(desk.wanted, start=1)
            if name in desk.findings
        ]
        _, user = prompt(AGAIN, failing=failing)
        turns = (*desk.request.turns, Turn("assistant", desk.answer.model_dump_json()), Turn("user", user))
        return Request(AGAIN, desk.request.system, turns, Proposals, ROOM)
