"""Attempts on a real server: agents of every kind of trouble, each with its outcome."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from theatre import Theatre, open_theatre

from harness.agents.agent import Limits, Message, Reply, Usage
from harness.agents.registry import Occasion
from harness.agents.toolbox import Toolbox, http_client
from harness.environments import load_environment
from harness.errors import AgentError, GraderError, ProviderError
from harness.records import GradeRecord, Stop
from harness.servers import Servers


class Scripted:
    """An agent that does what a test says, once it has seen the tools."""

    name = "scripted"
    listing = True

    def __init__(self, occasion: Occasion) -> None:
        self.toolbox = Toolbox(occasion.http)

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        await self.toolbox.open(instructions, endpoint, limits)
        if self.listing:
            await self.toolbox.list()

    async def send(self, message: str) -> Reply:
        return Reply(text="Done.")

    async def close(self) -> Usage:
        await self.toolbox.close()
        return Usage(messages=self.toolbox.messages)


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


@pytest.fixture
def doomed(server_folder: Path) -> Iterator[Theatre]:
    """One whose server will not survive the test."""
    with open_theatre(server_folder) as theatre:
        yield theatre


def test_the_reference_agent_passes_and_everything_is_kept(theatre: Theatre) -> None:
    evidence = theatre.attempt("reference")
    made = evidence.attempt
    assert (made.outcome, made.reason, made.score, made.reward) == ("passed", "", 1.0, 1.0)
    assert (made.calls, made.refused, made.cost, made.input_tokens) == (1, 0, None, None)
    assert evidence.initial_state["tables"]["items"] == {}
    assert evidence.final_state is not None and len(evidence.final_state["tables"]["items"]) == 1
    assert [message.role for message in evidence.messages] == [*("system", "user", "assistant", "tool", "assistant")]
    assert evidence.answer == "Done."


def test_the_noop_agent_fails_and_changes_nothing(theatre: Theatre) -> None:
    evidence = theatre.attempt("noop")
    assert (evidence.attempt.outcome, evidence.attempt.score, evidence.attempt.calls) == ("failed", 0.0, 0)
    assert evidence.final_state == evidence.initial_state


def test_the_random_agent_makes_the_same_calls_again(theatre: Theatre) -> None:
    first, again = (theatre.attempt("random") for _ in range(2))
    told = [(call.name, call.arguments) for call in first.calls]
    assert told == [(call.name, call.arguments) for call in again.calls]
    assert len(told) == 12 and len({name for name, _ in told}) > 2
    refusals = {call.content["code"] for call in first.calls if not call.ok}
    assert refusals <= {"refused", "internal_error"}  # arguments fit, ids exist


def test_an_agent_that_raises_is_an_agent_error(theatre: Theatre) -> None:
    class Raising(Scripted):
        async def send(self, message: str) -> Reply:
            await self.toolbox.call("add_item", {"text": "milk"})
            async with anyio.create_task_group():
                raise ValueError("no idea")

    evidence = theatre.attempt(Raising)
    assert evidence.attempt.outcome == "agent_error"
    assert evidence.attempt.reason == "ValueError: no idea"
    assert (evidence.attempt.score, evidence.attempt.reward) == (0.5, 0.0)
    assert len(evidence.calls) == 1 and len(evidence.messages) == 3


def test_an_agent_that_sleeps_reaches_its_limit(theatre: Theatre) -> None:
    class Sleeping(Scripted):
        async def send(self, message: str) -> Reply:
            await self.toolbox.call("add_item", {"text": "milk"})
            await asyncio.sleep(60)
            return Reply()

    evidence = theatre.attempt(Sleeping, limits=Limits(wall_seconds=0.5))
    assert evidence.attempt.outcome == "limit"
    assert evidence.attempt.reason == "The agent was not done after 0.5 seconds."
    assert evidence.attempt.seconds < 5 and len(evidence.calls) == 1
    assert evidence.messages[-1].role == "tool"


def test_an_agent_that_swallows_being_stopped_reaches_its_limit_too(theatre: Theatre) -> None:
    class Stubborn(Scripted):
        async def send(self, message: str) -> Reply:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await self.toolbox.call("add_item", {"text": "milk"})
            return Reply(text="Done.")

    evidence = theatre.attempt(Stubborn, limits=Limits(wall_seconds=0.5))
    assert evidence.attempt.outcome == "limit"


@pytest.mark.parametrize("minding", [True, False])
def test_too_many_calls_are_a_limit(theatre: Theatre, minding: bool) -> None:
    class Busy(Scripted):
        async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
            await super().start(instructions, endpoint, limits if minding else Limits())

        async def send(self, message: str) -> Reply:
            for _ in range(5):
                await self.toolbox.call("list_items", {})
            return Reply()

    evidence = theatre.attempt(Busy, limits=Limits(tool_calls=3))
    assert evidence.attempt.outcome == "limit"
    assert evidence.attempt.calls == 3


def test_an_agent_that_calls_without_end_is_stopped(theatre: Theatre) -> None:
    class Endless(Scripted):
        async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
            await super().start(instructions, endpoint, Limits(tool_calls=10**9))

        async def send(self, message: str) -> Reply:
            while True:
                await self.toolbox.call("list_items", {})

    evidence = theatre.attempt(Endless, limits=Limits(tool_calls=3, wall_seconds=30))
    assert evidence.attempt.reason == "The agent wanted more than 3 tool calls."
    assert evidence.attempt.seconds < 10


def test_an_agent_that_never_lists_the_tools_is_invalid(theatre: Theatre) -> None:
    class Blind(Scripted):
        listing = False

    evidence = theatre.attempt(Blind)
    assert evidence.attempt.outcome == "invalid"
    assert evidence.attempt.reason == "The agent never listed the tools."
    assert evidence.attempt.score is None


def test_a_failure_before_the_tools_were_seen_says_nothing_about_the_agent(theatre: Theatre) -> None:
    class Absent(Scripted):
        async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
            raise FileNotFoundError("no such command")

    evidence = theatre.attempt(Absent)
    assert evidence.attempt.outcome == "invalid"
    assert "no such command" in evidence.attempt.reason


def test_a_provider_that_fails_is_a_provider_error(theatre: Theatre) -> None:
    class Unpaid(Scripted):
        async def send(self, message: str) -> Reply:
            raise ProviderError("The account is empty.")

    evidence = theatre.attempt(Unpaid)
    assert (evidence.attempt.outcome, evidence.attempt.reason) == ("provider_error", "The account is empty.")


def test_a_server_that_dies_mid_call_is_an_environment_error(doomed: Theatre) -> None:
    class Unlucky(Scripted):
        async def send(self, message: str) -> Reply:
            pid = doomed.server.process.pid
            os.kill(pid, signal.SIGSTOP)
            asyncio.get_running_loop().call_later(0.3, os.kill, pid, signal.SIGKILL)
            await self.toolbox.call("add_item", {"text": "milk"})
            return Reply(text="Done.")

    evidence = doomed.attempt(Unlucky)
    assert evidence.attempt.outcome == "environment_error"
    assert "exit code -9" in evidence.attempt.reason
    assert evidence.final_state is None and evidence.attempt.calls is None
    assert evidence.attempt.seconds < 5


def test_a_server_that_dies_while_the_agent_thinks_ends_the_attempt(doomed: Theatre) -> None:
    class Thinking(Scripted):
        async def send(self, message: str) -> Reply:
            doomed.server.process.kill()
            await asyncio.sleep(60)
            return Reply()

    evidence = doomed.attempt(Thinking)
    assert evidence.attempt.outcome == "environment_error"
    assert evidence.attempt.seconds < 10


def test_a_mistake_inside_the_environment_is_not_the_agents(theatre: Theatre) -> None:
    class Breaking(Scripted):
        async def send(self, message: str) -> Reply:
            result = await self.toolbox.call("break_down", {})
            return Reply(text=str(result.is_error))

    evidence = theatre.attempt(Breaking)
    assert (evidence.attempt.outcome, evidence.attempt.refused, evidence.answer) == ("environment_error", 1, "True")
    assert evidence.attempt.reason == "break_down broke down inside the server (call 1)."
    assert evidence.grade is None and evidence.final_state == evidence.initial_state


def test_what_cannot_be_graded_is_a_grader_error(theatre: Theatre) -> None:
    def broken(*_: object) -> GradeRecord:
        raise GraderError("Check c1 raised.")

    evidence = theatre.attempt("reference", grade=broken)
    assert (evidence.attempt.outcome, evidence.attempt.score) == ("grader_error", None)
    assert evidence.final_state is not None and evidence.attempt.stopped is None


def test_what_had_ended_an_attempt_is_kept_where_it_cannot_be_graded(theatre: Theatre) -> None:
    def broken(*_: object) -> GradeRecord:
        raise GraderError("Check c1 raised.")

    class Lost(Scripted):
        async def send(self, message: str) -> Reply:
            raise AgentError("It lost its way.")

    attempt = theatre.attempt(Lost, grade=broken).attempt
    assert (attempt.outcome, attempt.reason) == ("grader_error", "Check c1 raised.")
    assert attempt.stopped == Stop(outcome="agent_error", reason="It lost its way.")


def test_an_agent_without_a_conversation_gets_one_from_the_record(theatre: Theatre) -> None:
    class Silent(Scripted):
        async def send(self, message: str) -> Reply:
            await self.toolbox.call("add_item", {"text": "milk"})
            return Reply(text="Done.")

        async def close(self) -> Usage:
            await super().close()
            return Usage(cost=0.25)

    evidence = theatre.attempt(Silent)
    assert evidence.attempt.cost == 0.25
    assert [message.role for message in evidence.messages] == [*("system", "user", "assistant", "tool", "assistant")]
    assert evidence.messages[1] == Message(role="user", content="Add milk to the list.")


def test_a_dead_server_is_started_again(server_folder: Path) -> None:
    async def twice() -> tuple[int, int]:
        environment = load_environment(server_folder)
        async with http_client() as http, Servers(http) as servers:
            first = await servers.get(environment)
            assert await servers.get(environment) is first
            first.process.kill()
            while first.alive:
                await asyncio.sleep(0.01)
            second = await servers.get(environment)
            return first.process.pid, second.process.pid

    first, second = asyncio.run(twice())
    assert first != second
