"""What came of building an environment: rounds of repair, what is left, and what was judged."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from generator.skelbuilder.judging import Judgement
from generator.skelbuilder.outlining import Outline
from generator.skelbuilder.report import Report


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Round(_Part):
    """One repair: what was found, by what, and what the model made of it."""

    found_by: str
    findings: list[str]
    diagnosis: str


class BuildReport(_Part):
    """The report that lies beside what was built, whether it is good enough or not."""

    environment: str
    topic: str
    outline: Outline
    asked: int  # questions to the model, answered from the store or not
    rounds: list[Round] = Field(default_factory=list)
    stage: str  # what looked at it last without a model
    findings: list[str] = Field(default_factory=list)  # that are left
    warnings: list[str] = Field(default_factory=list)
    evaluation: Report | None = None
    trial: int | None = None  # scenarios that could be made
    judgement: Judgement | None = None
    threshold: float

    @property
    def passed(self) -> bool:
        """Nothing is left that needs no model, and enough of what was judged does not fail."""
        judgement = self.judgement
        return not self.findings and judgement is not None and judgement.score >= self.threshold

    def doubts(self) -> list[str]:
        """What hinders nothing and is worth a look by hand: warnings, and calls that would mislead a careful user."""
        calls = self.judgement.calls if self.judgement else []
        misleading = [
            f"{call.observation.tool}: {call.verdict.reason}"
            for call in calls
            if call.verdict is not None and call.verdict.mark == "warning"
        ]
        return [*self.warnings, *misleading]

    def shortfalls(self) -> list[str]:
        """Why it is not good enough, as sentences; empty when it is."""
        found = [f"{self.stage}: {finding}" for finding in self.findings]
        if self.findings:
            return found
        if self.judgement is None:
            return ["It was not judged: no question to the model was left."]
        if self.judgement.score < self.threshold:
            found.append(
                f"{self.judgement.score:.0%} of {len(self.judgement.calls)} judged calls do not fail; "
                f"{self.threshold:.0%} must not."
            )
            found += self.judgement.findings()
        return found
