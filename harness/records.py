"""What a run folder holds, as documents."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from generator.scengenerator.scenario import Kind, canonical, digest
from harness.agents.agent import AgentOptions, Limits, Message, Text
from harness.outcomes import COUNTED, Outcome

JsonObject = dict[str, Any]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Graded(_Document):
    """`as_released`: what the checks of an imported scenario come to as its release counts; else None, not written."""

    as_released: float | None = None

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> JsonObject:
        document: JsonObject = handler(self)
        if self.as_released is None:
            document.pop("as_released", None)
        return document


class Key(NamedTuple):
    """What tells one attempt of a run from all others. `number` counts from 1."""

    environment: str
    scenario: str
    agent: str
    number: int


class Configuration(_Document):
    """What a run was asked to do. Two runs with the same hash were asked the same.

    `scenarios` holds the digest of every scenario's document, by environment and id.
    """

    agents: list[str]
    scenarios: dict[str, dict[str, str]]
    attempts: int = Field(default=1, ge=1)
    limits: Limits = Field(default_factory=Limits)
    agent_options: AgentOptions = Field(default_factory=AgentOptions)

    @property
    def hash(self) -> str:
        return digest(canonical(self.model_dump(mode="json")))

    def keys(self) -> list[Key]:
        """Every attempt that is due, in the order in which they are begun."""
        return [
            Key(environment, scenario, agent, number)
            for environment, scenarios in self.scenarios.items()
            for number in range(1, self.attempts + 1)
            for scenario in scenarios
            for agent in self.agents
        ]


class RunDocument(_Document):
    """`run.json`."""

    schema_version: Literal[1] = 1
    id: str
    created: str
    configuration: Configuration
    configuration_hash: str
    versions: dict[str, str]


class EnvironmentRecord(_Document):
    """What agents were told about an environment: `environments/<name>.json`."""

    name: str
    title: str
    version: str
    digest: str
    instructions: str
    tools: list[JsonObject]


class CheckRecord(_Document):
    """One check of a scenario and how it came out. `explanation` says why, where it does not hold."""

    id: str
    kind: str
    description: str
    weight: float
    holds: bool
    error: str | None = None
    explanation: str = ""


class ChangeRecord(_Document):
    """One row that differs between two states. `fields` are before and after; `calls` changed it, by number."""

    table: str
    row: str
    kind: Literal["created", "deleted", "changed"]
    fields: dict[str, tuple[Any, Any]]
    words: str
    calls: list[int] = Field(default_factory=list)


class GradeRecord(_Graded):
    """How an attempt was graded (DESIGN section 6)."""

    score: float
    reward: float
    passed: bool
    checks: list[CheckRecord]
    damage: list[ChangeRecord]


class CallRecord(_Document):
    """One tool call as the server saw it. Times are in seconds, `started` since the episode was opened."""

    n: int
    name: str
    arguments: Any
    ok: bool
    content: Any
    origin: str = ""
    started: float = 0.0
    seconds: float = 0.0


class Stop(_Document):
    """What had ended an attempt that then could not be graded; another grading goes by it."""

    outcome: Literal["limit", "agent_error"]
    reason: Text


class Spoilt(_Document):
    """A try at an attempt that something else than the agent ended, so that it was made again in a fresh episode."""

    outcome: Outcome
    reason: str
    calls: int | None = None
    turns: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    started: str
    seconds: float


class Attempt(_Graded):
    """One line of `attempts.jsonl`. None is unknown: a cost nobody told, a score nobody could give."""

    environment: str
    scenario: str
    agent: str
    number: int
    kind: Kind
    difficulty: int
    outcome: Outcome
    reason: Text = ""
    stopped: Stop | None = None
    score: float | None = None
    reward: float | None = None
    calls: int | None = None
    refused: int | None = None
    turns: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost: float | None = None
    retries: int | None = None
    earlier: list[Spoilt] = Field(default_factory=list)
    started: str
    seconds: float

    @property
    def history(self) -> str:
        """Why it was made again, as a sentence a try; what came of each is in `earlier`."""
        return " ".join(f"Made again after: {one.outcome.replace('_', ' ')}, {one.reason}" for one in self.earlier)

    def spoilt(self) -> Spoilt:
        """What is kept of a try that is made again."""
        return Spoilt(**{name: getattr(self, name) for name in Spoilt.model_fields})

    @property
    def key(self) -> Key:
        return Key(self.environment, self.scenario, self.agent, self.number)

    @property
    def verdict(self) -> str:
        """The outcome, with the figures of one that counts."""
        name = self.outcome.replace("_", " ")
        if self.outcome not in COUNTED or self.score is None:
            return name
        released = "" if self.as_released is None else f", as released {self.as_released:.2f}"
        return f"{name}, score {self.score:.2f}, reward {self.reward or 0:.2f}{released}"


class Evidence(_Document):
    """One attempt with all that is known about it; its own file."""

    attempt: Attempt
    answer: str = ""
    grade: GradeRecord | None = None
    initial_state: JsonObject
    final_state: JsonObject | None = None
    calls: list[CallRecord] = Field(default_factory=list)
    messages: list[Message] = Field(default_factory=list)


class Regrade(_Document):
    """An attempt as it was graded once more: one line of a regrade's `grades.jsonl`."""

    attempt: Attempt
    grade: GradeRecord | None = None


class RegradeDocument(_Document):
    """`regrades/<number>/regrade.json`. `scenarios` are those whose checks were not the run's own: their digests."""

    schema_version: Literal[1] = 1
    number: int
    created: str
    envwright: str
    scenarios: dict[str, dict[str, str]]
