"""Attempts that are made again, each time in a fresh episode: what spoilt them, how often, and what never is."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import attempt
from models import Answer, Json, anthropic, error, text, turn, use
from shelf import lend_emma, render_shelf
from theatre import Theatre, open_theatre
from typer.testing import CliRunner, Result

from harness.agents.agent import AgentOptions, Limits, Reply
from harness.agents.reference import ReferenceAgent
from harness.agents.registry import AgentSpec
from harness.agents.toolbox import Toolbox
from harness.budget import Budget
from harness.cli import app
from harness.environments import RenderedEnvironment
from harness.errors import AgentError, LimitError
from harness.records import Spoilt
from harness.run import carry_out, create_run, plan_run
from harness.store import Run

LEND = use("lend_book", {"book_id": "B-002"})
BUSY = error(529, "overloaded_error", "Overloaded.", retry_after="0")
TRIES = 8  # of one request


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    return render_shelf(tmp_path_factory.mktemp("servers") / "shelf")


def servers(folder: Path) -> list[int]:
    """The processes that serve an environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"{folder}/server.py".encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


Trouble = Callable[[int], None]


def made(shelf: RenderedEnvironment, runs: Path, trouble: Trouble, retries: int = 2) -> tuple[Run, int]:
    """A run of one attempt by an agent that solves it, but for what `trouble` does with the number of its try."""
    count = itertools.count(1)

    class Unlucky(ReferenceAgent):
        async def send(self, message: str) -> Reply:
            reply = await super().send(message)
            trouble(next(count))
            await asyncio.sleep(0.1)
            return reply

    plan = plan_run([(shelf, [lend_emma(shelf)])], ["reference"], limits=Limits(wall_seconds=20))
    unlucky = AgentSpec("reference", lambda at: Unlucky(Toolbox(at.http), at.scenario.solution))
    run = create_run(plan, runs, "r")
    carry_out(replace(plan, agents={"reference": unlucky}), run, retries=retries)
    return Run(run.folder), next(count) - 1


def killing(shelf: RenderedEnvironment, times: int) -> Trouble:
    def kill(number: int) -> None:
        for pid in servers(shelf.folder) if number <= times else ():
            os.kill(pid, signal.SIGKILL)

    return kill


pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds servers in /proc")


def test_an_attempt_whose_server_died_is_made_again_in_a_fresh_episode(
    shelf: RenderedEnvironment, tmp_path: Path
) -> None:
    run, tries = made(shelf, tmp_path, killing(shelf, times=1))
    (found,) = run.attempts()
    assert (found.outcome, found.calls, found.retries, tries) == ("passed", 1, None, 2)
    (spoilt,) = found.earlier
    assert spoilt.outcome == "environment_error" and spoilt.calls is None and spoilt.started < found.started
    assert "ended while it was needed" in spoilt.reason
    evidence = run.evidence(found.key)
    assert evidence.attempt == found and evidence.calls[0].ok and len(evidence.calls) == 1


def test_what_was_made_again_is_shown(shelf: RenderedEnvironment, tmp_path: Path) -> None:
    run, _ = made(shelf, tmp_path, killing(shelf, times=3), retries=2)
    shown = CliRunner().invoke(app, ["show", str(run.folder)]).stdout
    assert "made again" in shown and shown.count("Made again after: environment error, The server of shelf") == 2
    (document,) = Path(run.folder).glob("attempts.jsonl")
    assert document.read_text().count('"outcome":"environment_error"') == 3


@pytest.mark.parametrize(("retries", "tries"), [(0, 1), (1, 2), (2, 3)])
def test_it_is_given_up_after_so_many_retries(
    shelf: RenderedEnvironment, tmp_path: Path, retries: int, tries: int
) -> None:
    run, count = made(shelf, tmp_path, killing(shelf, times=9), retries)
    (found,) = run.attempts()
    assert (found.outcome, count, len(found.earlier)) == ("environment_error", tries, retries)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(ValueError("?"), "agent_error"), (AgentError("?"), "agent_error"), (LimitError("?"), "limit")],
)
def test_what_an_agent_does_wrong_is_never_made_again(
    shelf: RenderedEnvironment, tmp_path: Path, error: Exception, outcome: str
) -> None:
    def trouble(_: int) -> None:
        raise error

    run, tries = made(shelf, tmp_path, trouble)
    (found,) = run.attempts()
    assert (found.outcome, found.earlier, tries) == (outcome, [], 1)


@pytest.fixture
def asked(shelf: RenderedEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`envwright run` on one scenario with a model at a URL."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
    monkeypatch.chdir(tmp_path)
    Path("lend-emma.json").write_text(lend_emma(shelf).model_dump_json())
    place = ("--environments", str(shelf.folder), "--scenarios", "lend-emma.json", "--agent", "anthropic:m")
    return lambda url, *options: CliRunner().invoke(app, ["run", *place, "--base-url", url, *options])


def latest() -> Run:
    return Run(max(Path("runs").iterdir()))


def test_a_provider_that_is_busy_from_the_start_gets_another_attempt(asked: Callable[..., Result]) -> None:
    def script(body: Json, number: int) -> Answer:
        if number < TRIES:
            return BUSY
        return turn(text("Emma is lent.")) if "tool_result" in str(body["messages"]) else turn(LEND)

    with anthropic(script).running() as provider:
        assert asked(provider.url).exit_code == 0
    (found,) = latest().attempts()
    assert (found.outcome, found.calls, found.retries, found.turns) == ("passed", 1, 0, 2)
    assert [(one.outcome, one.calls, one.turns) for one in found.earlier] == [("provider_error", 0, 0)]


def test_nothing_is_made_again_once_a_tool_was_called(asked: Callable[..., Result]) -> None:
    with anthropic(
        lambda body, _: BUSY if "tool_result" in str(body["messages"]) else turn(LEND)
    ).running() as provider:
        assert asked(provider.url).exit_code == 0
    (found,) = latest().attempts()
    assert (found.outcome, found.calls, found.earlier) == ("provider_error", 1, [])
    assert len(provider.requests) == 1 + TRIES


def test_a_provider_that_wants_to_be_left_alone_for_long_is(asked: Callable[..., Result]) -> None:
    later = error(429, "rate_limit_error", "Slow down.", retry_after="3600")
    with anthropic(lambda *_: later).running() as provider:
        assert asked(provider.url).exit_code == 0
    (found,) = latest().attempts()
    assert (found.outcome, found.earlier, len(provider.requests)) == ("provider_error", [], 1)


def test_a_request_that_the_provider_refuses_is_not_made_again(asked: Callable[..., Result]) -> None:
    with anthropic(lambda *_: error(400, "invalid_request_error", "No.")).running() as provider:
        assert asked(provider.url).exit_code == 0
    (found,) = latest().attempts()
    assert (found.outcome, found.earlier, len(provider.requests)) == ("provider_error", [], 1)


def test_a_try_that_was_spoilt_has_its_cost() -> None:
    spoilt = Spoilt(outcome="environment_error", reason="?", cost=1.0, started="", seconds=1.0)
    purse = Budget(2.0, [attempt(1, cost=0.5, earlier=[spoilt]), attempt(2)])
    assert purse.spent == 1.5 and not purse.used_up
    purse.take(attempt(3, cost=0.5))
    assert purse.used_up


@pytest.fixture
def doomed(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


def test_what_was_taken_before_a_connection_broke_is_known(doomed: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
    pid = doomed.server.process.pid

    def script(_: Json, number: int) -> Answer:
        if number == 1:  # the call that the model asks for now will not be answered
            os.kill(pid, signal.SIGSTOP)
            threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
        return turn(use("add_item", {"text": "milk"}, f"toolu_{number}"))

    with anthropic(script).running() as provider:
        evidence = doomed.attempt("anthropic:claude-opus-5", options=AgentOptions(base_url=provider.url))
    found = evidence.attempt
    assert (found.outcome, found.turns, found.input_tokens, found.output_tokens) == ("environment_error", 2, 200, 40)
    assert found.cost is not None and found.calls is None
    assert [message.role for message in evidence.messages] == ["system", "user", "assistant", "tool", "assistant"]
