"""One attempt: one agent on one scenario in a fresh episode. What goes wrong is an outcome, never a crash."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2

from generator.scengenerator.scenario import Scenario
from harness.agents.agent import Limits, Usage
from harness.agents.metering import exceeded
from harness.agents.registry import AgentSpec, Occasion
from harness.conversation import conversation
from harness.errors import (
    AgentError,
    BusyProviderError,
    ConnectionBrokenError,
    EnvironmentDiedError,
    GraderError,
    HostingError,
    LimitError,
    NotConnectedError,
    ProviderError,
    UnusableProviderError,
)
from harness.hosting import EpisodeHandle, EpisodeRecord, Host
from harness.outcomes import Outcome
from harness.records import Attempt, CallRecord, Evidence, GradeRecord, JsonObject, Stop

_FIRST_LOOK, _LAST_LOOK = 1.0, 15.0  # seconds between two looks at how many calls an agent has made
_CLOSE_WITHIN = 15.0  # seconds that an agent may take to let go after it was stopped

Grade = Callable[[Scenario, JsonObject, list[CallRecord], str], GradeRecord]
"""Grades a final state, the calls and the answer; raises GraderError."""


@dataclass(frozen=True)
class Job:
    """Who works on what. `number` counts the attempts of an agent on a scenario from 1."""

    agent: AgentSpec
    scenario: Scenario
    number: int


@dataclass(frozen=True)
class Stage:
    """What the attempts in one environment share."""

    server: Host
    instructions: str
    grade: Grade
    limits: Limits
    http: httpx2.AsyncClient


@dataclass(frozen=True)
class Made:
    """An attempt that was made. `again`: in so many seconds a fresh episode may fare better; None: it would not."""

    evidence: Evidence
    again: float | None = None


@dataclass
class _Course:
    """What has happened in an attempt so far. `outcome` stays None as long as nothing went wrong.

    `delay` is set by what is over by itself: in so many seconds.
    """

    delay: float | None = None
    outcome: Outcome | None = None
    reason: str = ""
    stopped: Stop | None = None
    answer: str = ""
    usage: Usage = field(default_factory=Usage)
    state: JsonObject | None = None
    calls: list[CallRecord] = field(default_factory=list)
    grade: GradeRecord | None = None

    def end(self, outcome: Outcome, reason: str, delay: float | None = None) -> None:
        self.outcome, self.reason, self.delay = outcome, reason, delay

    @property
    def again(self) -> float | None:
        """A server that died is started again; a busy provider may be asked again as long as nothing was done."""
        begun = self.state is None or bool(self.calls)
        return None if self.outcome == "provider_error" and begun else self.delay


async def make_attempt(job: Job, stage: Stage) -> Made:
    """Let an agent work on a scenario and grade what it leaves behind.

    Raises:
        UnusableProviderError: no attempt of this run can go on; this one counts as not made.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    course = _Course()
    try:
        episode = await stage.server.open(job.scenario.initial_state, job.scenario.task, stage.limits.tool_calls)
        try:
            await _work(course, job, stage, episode)
            _take(course, await stage.server.read(episode), stage.limits)
        finally:
            with contextlib.suppress(HostingError):
                await stage.server.close(episode)
    except HostingError as error:
        _blame(course, error)
    seconds = time.perf_counter() - clock
    if job.scenario.imported:  # a stranger's check may take its whole time limit
        await asyncio.to_thread(_grade, course, job.scenario, stage.grade)
    else:
        _grade(course, job.scenario, stage.grade)
    if not course.usage.messages:
        task, calls = job.scenario.task, course.calls
        course.usage.messages = conversation(stage.instructions, task, calls, course.answer)
    return Made(_evidence(course, job, started, seconds), course.again)


def not_begun(job: Job, reason: str) -> Evidence:
    """The evidence of an attempt for which there was no server."""
    course = _Course(outcome="environment_error", reason=reason)
    return _evidence(course, job, datetime.now(UTC), 0.0)


async def _work(course: _Course, job: Job, stage: Stage, episode: EpisodeHandle) -> None:
    """Run the agent until it is done, stopped by a limit, or without a server.

    In a task of its own: a broken MCP connection cancels the task that uses it.
    """
    play = asyncio.create_task(_play(course, job, stage, episode.url))
    guard = asyncio.create_task(_guard(stage, episode))
    seconds = stage.limits.wall_seconds
    try:
        await asyncio.wait({play, guard}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        stopped, guarded = not play.done(), guard.done()
    finally:
        play.cancel()
        guard.cancel()
        await asyncio.wait({play, guard}, timeout=_CLOSE_WITHIN)
        played, seen = _error_of(play), _error_of(guard)  # also on Ctrl-C: asyncio complains of unseen errors
    if guarded:
        _blame(course, seen)
    elif stopped:
        course.end("limit", f"The agent was not done after {seconds:g} seconds.")
    else:
        _blame(course, played)
    if not stage.server.alive:
        await stage.server.watch()


async def _play(course: _Course, job: Job, stage: Stage, url: str) -> None:
    agent = job.agent.make(Occasion(stage.http, job.scenario, job.number))
    try:
        await agent.start(stage.instructions, url, stage.limits)
        course.answer = (await agent.send(job.scenario.task)).text
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()  # in a task that is being cancelled, an MCP client cannot be closed
        raise
    finally:
        try:
            course.usage = await agent.close()
        except ConnectionBrokenError as error:
            course.usage = error.usage or course.usage
            raise


async def _guard(stage: Stage, episode: EpisodeHandle) -> None:
    """Raise when the server dies, or when an agent that does not count its calls has asked for too many."""
    died = asyncio.create_task(stage.server.watch())
    pause = _FIRST_LOOK
    try:
        while not died.done():
            await asyncio.wait({died}, timeout=pause)
            _check_calls(await stage.server.read(episode), stage.limits)
            pause = min(2 * pause, _LAST_LOOK)  # a look reads the whole state
    finally:
        died.cancel()


def _check_calls(record: EpisodeRecord, limits: Limits) -> None:
    if record.exhausted:
        raise LimitError(f"The agent wanted more than {limits.tool_calls} tool calls.")


def _error_of(task: asyncio.Task[None]) -> BaseException | None:
    if task.cancelled() or not task.done():
        return AgentError("The agent cancelled itself.")
    return task.exception()


def _blame(course: _Course, error: BaseException | None) -> None:
    """Turn what ended an agent's work into an outcome; None ends nothing, and UnusableProviderError the run."""
    while isinstance(error, BaseExceptionGroup):  # of a task group inside an adapter
        error = error.exceptions[0]
    match error:
        case None:
            pass
        case UnusableProviderError():
            raise error
        case LimitError():
            course.end("limit", str(error))
        case BusyProviderError():
            course.end("provider_error", str(error), error.delay)
        case ProviderError():
            course.end("provider_error", str(error))
        case NotConnectedError():
            course.end("invalid", str(error))
        case EnvironmentDiedError() | ConnectionBrokenError():
            course.end("environment_error", str(error), 0.0)
        case HostingError():
            course.end("environment_error", str(error))
        case AgentError():
            course.end("agent_error", str(error))
        case _:
            course.end("agent_error", f"{type(error).__name__}: {error}")


def _take(course: _Course, record: EpisodeRecord, limits: Limits) -> None:
    """Keep the server's record, and judge by it whether the attempt says anything about the agent."""
    course.state = record.state
    course.calls = [CallRecord(**vars(call)) for call in record.calls]
    if course.outcome in ("provider_error", "environment_error", "invalid"):
        return
    for call in course.calls:
        if not call.ok and isinstance(call.content, dict) and call.content.get("code") == "internal_error":
            course.end("environment_error", f"{call.name} broke down inside the server (call {call.n}).")
            return
    try:
        _check_calls(record, limits)
    except LimitError as error:
        course.end("limit", str(error))
    beyond = exceeded(course.usage, limits)
    if course.outcome is None and beyond is not None:
        course.end("limit", beyond)
    if not record.listed:
        why = f" ({course.reason})" if course.reason else ""
        course.end("invalid", f"The agent never listed the tools{why}.")


def _grade(course: _Course, scenario: Scenario, grade: Grade) -> None:
    if course.state is None or course.outcome not in (None, "limit", "agent_error"):
        return
    try:
        course.grade = grade(scenario, course.state, course.calls, course.answer)
    except GraderError as error:
        if course.outcome in ("limit", "agent_error"):
            course.stopped = Stop(outcome=course.outcome, reason=course.reason)
        course.end("grader_error", str(error))
        return
    if course.outcome is None:
        course.outcome = "passed" if course.grade.passed else "failed"


def _evidence(course: _Course, job: Job, started: datetime, seconds: float) -> Evidence:
    assert course.outcome is not None
    known = course.state is not None  # without a server's record the number of calls is unknown
    grade, usage = course.grade, course.usage
    attempt = Attempt(
        environment=job.scenario.environment,
        scenario=job.scenario.id,
        agent=job.agent.name,
        number=job.number,
        kind=job.scenario.kind,
        difficulty=job.scenario.difficulty,
        outcome=course.outcome,
        reason=course.reason,
        stopped=course.stopped,
        score=grade.score if grade else None,
        as_released=grade.as_released if grade else None,
        reward=(grade.reward if course.outcome in ("passed", "failed") else 0.0) if grade else None,
        calls=len(course.calls) if known else None,
        refused=sum(not call.ok for call in course.calls) if known else None,
        **usage.model_dump(exclude={"messages"}),
        started=started.isoformat(),
        seconds=seconds,
    )
    return Evidence(
        attempt=attempt,
        answer=course.answer,
        grade=grade,
        initial_state=job.scenario.initial_state,
        final_state=course.state,
        calls=course.calls,
        messages=usage.messages or [],
    )
