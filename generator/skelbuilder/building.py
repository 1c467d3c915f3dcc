"""SkelBuilder: from a brief to a proven environment, in at most ten questions to a model.

Outline, draft, repair until all that needs no model is clean, then tester and checker, and a repair of what they find.
One build is a generator of requests, so that many of them can be asked side by side, or in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from generator.llm.requests import Request
from generator.skelbuilder.building_report import BuildReport, Round
from generator.skelbuilder.drafting import draft_request
from generator.skelbuilder.judging import THRESHOLD, Judged, Judgement, checker_request, judged
from generator.skelbuilder.outlining import Brief, Outline, outline_request
from generator.skelbuilder.proving import Proof, prove
from generator.skelbuilder.repairing import apply, repair_request
from generator.skelbuilder.testing import Case, Observation, Subject, tester_request
from generator.skeleton.document import Skeleton
from generator.skeleton.wire import WireSkeleton
from generator.skeleton.wording import amount

CALLS = 10  # questions to a model, for one environment
ROUNDS = 3  # repairs of what one check finds
_JUDGING = 2  # questions that are kept for tester and checker

Requests = Generator[Request[Any], Any, "Built"]
Note = Callable[[str], None]


@dataclass(frozen=True)
class Terms:
    """What a build is held to: repairs of each kind, and the share of judged calls that must not fail."""

    rounds: int = ROUNDS
    threshold: float = THRESHOLD
    name: str | None = None  # instead of the model's own


@dataclass(frozen=True)
class Built:
    """What came of a brief: `document` where there is one that checks, and the report in any case."""

    written: WireSkeleton
    document: Skeleton | None
    report: BuildReport

    @property
    def passed(self) -> bool:
        return self.document is not None and self.report.passed


@dataclass
class _Attempt:
    """A draft with all that is known of it."""

    written: WireSkeleton
    proof: Proof
    judgement: Judgement | None = None

    @property
    def worth(self) -> tuple[bool, bool, float]:
        """What is better is larger."""
        return self.proof.sound, self.proof.clean, self.judgement.score if self.judgement else 0.0


@dataclass
class Build:
    """One environment in the making; `refuse` may stop it once its name is known (by raising)."""

    brief: Brief
    terms: Terms = field(default_factory=Terms)
    note: Note = lambda sentence: None
    refuse: Callable[[str], None] = lambda name: None
    stages: list[str] = field(default_factory=list)  # of the questions so far
    rounds: list[Round] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    _advised: bool = False  # warnings were told

    def steps(self) -> Requests:
        """Yields each request and is sent its answer; returns what was built."""
        outline = yield from self._ask(outline_request(self.brief))
        assert isinstance(outline, Outline)
        name = self.terms.name or outline.id
        self.refuse(name)
        self.note(f"{name}: outline of {len(outline.entities)} entities and {len(outline.operations)} operations")
        written = yield from self._ask(draft_request(self.brief, outline))
        attempt = _Attempt(written, self._prove(written, name))
        attempt = yield from self._mended(attempt, name, _JUDGING)
        if attempt.proof.clean:
            attempt = yield from self._judged(attempt, name)
        return self._result(attempt, outline, name)

    def _ask(self, request: Request[Any]) -> Generator[Request[Any], Any, Any]:
        self.stages.append(request.stage)
        answer = yield request
        return answer

    def _left(self, kept: int = 0) -> bool:
        return len(self.stages) + kept < CALLS

    # -- all that needs no model --------------------------------------------------------------------------------------

    def _prove(self, written: WireSkeleton, name: str) -> Proof:
        proof = prove(written, name)
        if proof.clean:
            self.note(f"{name}: everything that needs no model is clean; {amount(len(proof.warnings), 'warning')}")
        else:
            self.note(f"{name}: {proof.stage} has {amount(len(proof.findings), 'finding')}")
        return proof

    def _mended(self, attempt: _Attempt, name: str, kept: int) -> Generator[Request[Any], Any, _Attempt]:
        """Repairs until clean, while rounds and questions last; `kept` questions are left for what comes after."""
        counts: dict[str, int] = {}
        while self._left(kept):
            proof = attempt.proof
            if proof.clean and (self._advised or not proof.warnings):
                break
            self._advised = self._advised or bool(proof.warnings)  # once is enough for what need not be mended
            kind = "the type checker" if proof.stage == "the samples check" else proof.stage
            if counts.get(kind, 0) >= self.terms.rounds:
                break
            counts[kind] = counts.get(kind, 0) + 1
            warnings = [f"{warning} (a warning: leave it where it is meant so)" for warning in proof.warnings]
            following = yield from self._repaired(attempt, [*proof.findings, *warnings], proof.stage, name)
            if proof.clean and not following.proof.clean:
                break  # a mend of mere warnings that does harm is not taken
            attempt = following
        return attempt

    def _repaired(
        self, attempt: _Attempt, findings: list[str], stage: str, name: str
    ) -> Generator[Request[Any], Any, _Attempt]:
        repair = yield from self._ask(repair_request(attempt.written, findings, stage))
        self.rounds.append(Round(found_by=stage, findings=findings, diagnosis=repair.diagnosis))
        written = apply(attempt.written, repair)
        return _Attempt(written, self._prove(written, name))

    # -- what only a model can judge ----------------------------------------------------------------------------------

    def _judged(self, attempt: _Attempt, name: str) -> Generator[Request[Any], Any, _Attempt]:
        """Tester and checker, then a repair of what failed, which is kept when it is better."""
        assert attempt.proof.document is not None
        subject = Subject(attempt.proof.document)
        if not self._left(1):
            return attempt
        answer = yield from self._ask(tester_request(subject))
        self.cases = list(answer.cases)
        judgement = yield from self._verdicts(subject, None)
        attempt.judgement = judgement
        self._tell(name, judgement)
        findings = judgement.findings()
        if not findings or not self._left(1):
            return attempt
        findings += judgement.doubts()
        following = yield from self._repaired(attempt, findings, "the checker of calls", name)
        following = yield from self._mended(following, name, 1)
        if not following.proof.clean or following.proof.document is None:
            self.note(f"{name}: the repair of these findings does harm; it is not taken")
            return attempt
        following.judgement = yield from self._again(following.proof.document, subject, judgement)
        self._tell(name, following.judgement)
        return following if following.worth >= attempt.worth else attempt

    def _again(
        self, document: Skeleton, subject: Subject, judgement: Judgement
    ) -> Generator[Request[Any], Any, Judgement]:
        """The same cases on the mended environment, on the same rows where they still fit."""
        try:
            mended = Subject(document, subject.state)
        except ValueError:  # InvalidState: its tables are others now
            mended = Subject(document)
        known = judgement if mended.state is subject.state else None
        result = yield from self._verdicts(mended, known)
        return result

    def _verdicts(self, subject: Subject, known: Judgement | None) -> Generator[Request[Any], Any, Judgement]:
        """Runs the cases and asks about what was seen, save calls that did what they did when they passed."""
        tested = subject.run(self.cases)
        settled = {_identity(call.observation): call for call in known.calls if not call.fails} if known else {}
        fresh = [seen for seen in tested.observations if _identity(seen) not in settled]
        verdicts = Judgement()
        if fresh and self._left():
            answer = yield from self._ask(checker_request(subject, fresh))
            verdicts = judged(fresh, answer, tested.mistakes)
        by_call = {_identity(call.observation): call for call in verdicts.calls} | settled
        calls = [by_call.get(_identity(seen), Judged(observation=seen, verdict=None)) for seen in tested.observations]
        return Judgement(calls=calls, mistakes=tested.mistakes)

    def _tell(self, name: str, judgement: Judgement) -> None:
        counts = ", ".join(f"{count} {mark}" for mark, count in judgement.counts().items() if count)
        self.note(f"{name}: {amount(len(judgement.calls), 'call')} judged: {counts}; {judgement.score:.0%} do not fail")

    # -- the end ------------------------------------------------------------------------------------------------------

    def _result(self, attempt: _Attempt, outline: Outline, name: str) -> Built:
        proof = attempt.proof
        report = BuildReport(
            environment=name,
            topic=self.brief.topic,
            outline=outline,
            asked=len(self.stages),
            rounds=self.rounds,
            stage=proof.stage,
            findings=list(proof.findings),
            warnings=list(proof.warnings),
            evaluation=proof.report,
            trial=proof.trial,
            judgement=attempt.judgement,
            threshold=self.terms.threshold,
        )
        return Built(attempt.written.model_copy(update={"id": name}), proof.document, report)


def _identity(seen: Observation) -> str:
    return seen.model_dump_json()
