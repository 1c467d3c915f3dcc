"""What the Python checks of an imported scenario are worth (instead of a certificate: DESIGN section 6).

A check is looked at in the initial state, twice and in two worlds (another time, another seed); in the states that
recorded solutions, runs and random calls leave behind; and in neighbours of those states, made by editing what it
reads. Only what was seen is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from generator.importers.accepting import accepted_too, not_looked_for
from generator.importers.asked import Asked
from generator.importers.checks import start_audit
from generator.importers.contained import values
from generator.importers.contained.box import Box
from generator.importers.contained.errors import Broken, ClassError
from generator.importers.exploring import explored
from generator.importers.folder import ForeignClass
from generator.importers.neighbours import MISSING, Group, Path, at
from generator.importers.searching import search
from generator.importers.verdicts import Court, Judgement
from generator.importers.wanted import Wanted, wanted
from generator.scengenerator.scenario import Audit, AuditFinding, CheckAudit, Scenario, SourceCheck

WORDS = {
    "true_at_start": "true before anything was done",
    "not_python": "is no Python",
    "missing_name": "uses a name or a package that is not there",
    "not_boolean": "returns no boolean",
    "raised": "raises at the start",
    "broken": "breaks its process",
    "mutates": "changes the state it is given",
    "unstable": "differs between two runs",
    "vacuous": "never came out otherwise, whatever was tried",
    "unreached": "no recorded solution or random call made it true",
    "accepts_more": "accepts more than its words ask for",
}
"""The classes of findings, the gravest first."""

WORTHLESS = {
    "true_at_start": "it is true before anything was done",
    "undecided": "it could be decided in no state that was tried",
    "vacuous": "nothing that was tried made it come out otherwise",
}
"""Why a check should not count."""

REMEDIES = {
    "true_at_start": "count it as something to keep; it is no goal",
    "not_python": "mend its source, or leave the check out",
    "missing_name": "define the name in the check, use the standard library alone, or leave the check out",
    "not_boolean": "return True or False, or leave the check out",
    "raised": "read what may be missing with get; where it decides later, nothing needs to be done",
    "broken": "leave the check out",
    "mutates": "let it work on a copy of its own",
    "unstable": "take the time and chance out of the check",
    "vacuous": "see whether any tool can make it come out otherwise, or leave it out",
    "unreached": "nothing, if a solution is known to reach it; give recorded solutions with --replays or --run",
    "accepts_more": "compare with == what is asked for",
}
"""What to do about each class of findings."""
_LATER = timedelta(days=400)


@dataclass(frozen=True)
class Effort:
    """How much is tried: random calls for each scenario, and whether neighbours are."""

    calls: int = 60
    neighbours: bool = True
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What an attempt began with and what it left, both encoded. With `sources`, it tells of these checks alone."""

    before: Any
    after: Any
    sources: frozenset[str] | None = None

    def tells_of(self, check: SourceCheck) -> bool:
        return self.sources is None or check.source in self.sources


@dataclass
class _Looked:
    """What was seen of one check."""

    check: SourceCheck
    start: Judgement
    wanted: Wanted
    asked: Asked
    seen: set[str] = field(default_factory=set)  # kinds of verdicts in states that came about
    edited: set[str] = field(default_factory=set)  # kinds of verdicts in edited states
    before: Any = None  # what the state in which it holds came from, where that is not the scenario's own start
    holding: Any = None  # an encoded state in which it holds
    absent: list[str] = field(default_factory=list)  # attributes that it asks for and the state does not have
    findings: list[AuditFinding] = field(default_factory=list)


class Auditor:
    """Audits the scenarios of one imported environment; each in boxes of its own."""

    def __init__(
        self,
        foreign: ForeignClass | None,
        tools: Sequence[dict[str, Any]],
        open_box: Callable[[str, str], Box],
        effort: Effort | None = None,
    ) -> None:
        """`open_box` is given a clock and a seed. Without `foreign` nothing is explored."""
        self._foreign, self._tools, self._open = foreign, list(tools), open_box
        self._effort = effort or Effort()
        self.judged = 0  # verdicts on states that came about
        self.probed = 0  # verdicts on edited states

    def audit(self, scenario: Scenario, outcomes: Iterable[Outcome] = (), basis: str = "") -> Audit:
        """`outcomes` are what recorded attempts left behind. Raises ContainmentError."""
        before, clock = scenario.initial_state["tables"], scenario.clock
        with Court(lambda: self._open(clock, "audit")) as court:
            looked = self._at_start(court, scenario)
            states = 0
            explored_states = [Outcome(before, state) for state in self._explored(scenario, looked)]
            for outcome in [*outcomes, *explored_states]:
                states += 1
                self._judge(court, looked, outcome)
            if self._effort.neighbours:
                for one in looked:
                    if "broken" not in one.seen:
                        self._neighbours(court, one, before)
        for one in looked:
            one.findings += list(_about_flips(one, states, self._effort.neighbours))
        order = list(WORDS)
        return Audit(
            checks=[
                CheckAudit(
                    check=one.check.id,
                    start=one.start.kind,
                    detail=one.start.detail,
                    findings=sorted(one.findings, key=lambda finding: order.index(finding.what)),
                )
                for one in looked
            ],
            explored=states,
            basis=basis,
            made_by=version("envwright"),
        )

    def _at_start(self, court: Court, scenario: Scenario) -> list[_Looked]:
        before, sources = scenario.initial_state["tables"], [check.source for check in scenario.sources]
        first = court.judge_many(sources, before, before)
        whole = [source for source, one in zip(sources, first, strict=True) if one.kind != "broken"]
        again = dict(zip(whole, court.judge_many(whole, before, before), strict=True))
        later = (datetime.fromisoformat(scenario.clock) + _LATER).isoformat()
        with Court(lambda: self._open(later, "another")) as other:
            elsewhere = dict(zip(whole, other.judge_many(whole, before, before), strict=True))
        self.judged += len(sources) + 2 * len(whole)
        found = []
        for check, seen in zip(scenario.sources, first, strict=True):
            judged = [seen, again.get(check.source, seen), elsewhere.get(check.source, seen)]
            one = _Looked(check, judged[0], wanted(check.source), Asked(check.description))
            one.seen.add(judged[0].kind)
            one.findings += start_audit(check, judged[0]).findings
            if len({judgement.kind for judgement in judged}) > 1:
                when = "one after the other" if judged[0].kind != judged[1].kind else "at another time"
                kinds = sorted({judgement.kind for judgement in judged})
                words = f"On the same state it says {' and '.join(kinds)}, run {when}."
                one.findings.append(AuditFinding(what="unstable", words=words))
            if judged[0].holds:
                one.holding = before
            found.append(one)
        return found

    def _explored(self, scenario: Scenario, looked: Sequence[_Looked]) -> list[Any]:
        """States that random calls make."""
        if self._foreign is None or not self._effort.calls:
            return []
        before = scenario.initial_state["tables"]
        seed = f"{self._effort.seed}/{scenario.id}"
        try:
            with self._foreign.open(before, scenario.clock, seed) as box:
                texts = Asked(scenario.task).quoted
                wishes = [one.wanted for one in looked]
                made = explored(box, self._tools, values.decode(before), wishes, texts, self._effort.calls, seed)
                return list(made)
        except (Broken, ClassError):
            return []

    def _judge(self, court: Court, looked: Sequence[_Looked], outcome: Outcome) -> None:
        """Take down what the checks that have not flipped yet say of an outcome."""
        settled = ({"true", "false"}, {"broken"})
        open_still = [
            one for one in looked if outcome.tells_of(one.check) and not any(kinds <= one.seen for kinds in settled)
        ]
        judged = court.judge_many([one.check.source for one in open_still], outcome.before, outcome.after)
        self.judged += len(judged)
        for one, judgement in zip(open_still, judged, strict=True):
            one.seen.add(judgement.kind)
            if judgement.holds:
                one.before, one.holding = outcome.before, outcome.after
            if judgement.mutated and not any(finding.what == "mutates" for finding in one.findings):
                one.findings.append(AuditFinding(what="mutates", words="It changes the state that it is given."))

    def _neighbours(self, court: Court, one: _Looked, before: Any) -> None:
        """Look for a state in which a goal holds, if none came about, and for what it accepts beside what it asks."""
        source, before = one.check.source, one.before or before

        def reads(state: Any) -> Sequence[Path]:
            return court.reads(source, before, values.encode(state))

        def probe(state: Any, groups: Sequence[Group]) -> Sequence[Judgement | None]:
            self.probed += len(groups)
            return court.probe(source, before, values.encode(state), groups) if groups else []

        start = values.decode(before)
        one.absent = [str(path[0]) for path in reads(start) if len(path) == 1 and at(start, path) is MISSING]
        if one.start.holds:
            if "false" not in one.seen:
                one.edited |= search(start, "false", one.wanted, one.asked, reads, probe, rounds=2).kinds
            return  # what is true before anything was done is worth nothing in the first place
        holding = values.decode(one.holding) if one.holding is not None else None
        if holding is None:
            looked_for = search(start, "true", one.wanted, one.asked, reads, probe)
            one.edited |= looked_for.kinds
            holding = looked_for.found
        if holding is not None:
            found = accepted_too(one.asked, holding, start, reads(holding), lambda groups: probe(holding, groups))
            one.findings += found or not_looked_for(one.asked, holding, start)


def _about_flips(one: _Looked, states: int, edited: bool) -> Iterable[AuditFinding]:
    """Whether a check ever came out otherwise than at the start; `edited`: whether edited states were tried."""
    came, could = one.seen | {one.start.kind}, one.seen | one.edited
    evidence = {"states": states, "verdicts": sorted(came), "edited": sorted(one.edited)}
    if one.start.holds:
        if edited and "false" not in could:
            words = f"It is true at the start and in all {states} states that were tried, and no edit makes it false."
            yield AuditFinding(what="vacuous", words=words, evidence=evidence)
    elif edited and "true" not in could:
        words = f"Nothing made it true: {states} states that solutions and calls left, and edits of what it reads."
        if one.absent:
            words += f" It looks for {', '.join(one.absent[:3])}, which the state does not have."
        yield AuditFinding(what="vacuous", words=words, evidence=evidence)
    elif "true" not in came:
        words = f"None of {states} states that solutions and calls left makes it true"
        words += "; an edited one does." if edited else "."
        yield AuditFinding(what="unreached", words=words, evidence=evidence)


def worthless(audit: CheckAudit) -> str | None:
    """Why a check should not count: a key of WORTHLESS; None for one that may."""
    found = {finding.what for finding in audit.findings}
    if "true_at_start" in found:
        return "true_at_start"
    decided = {"true", "false"}
    for finding in audit.findings:
        if finding.what == "vacuous":
            verdicts = {*finding.evidence.get("verdicts", []), *finding.evidence.get("edited", [])}
            return "vacuous" if verdicts & decided else "undecided"
    return None
