"""The real Claude Code, where it is installed, with a scripted model on the loopback."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from models import Answer, Json, Script, anthropic, text, turn, use
from theatre import Theatre, open_theatre

from harness.agents.agent import AgentOptions, Limits
from harness.agents.registry import Occasion, find_agent
from harness.records import Evidence

NAME = "claude-code:claude-opus-5"


def installed() -> Path | None:
    """The program: on the path, or as the Claude Agent SDK brings it along."""
    on_path, sdk = shutil.which("claude"), importlib.util.find_spec("claude_agent_sdk")
    bundled = Path(sdk.origin).parent / "_bundled" / "claude" if sdk and sdk.origin else None
    return Path(on_path) if on_path else bundled if bundled and bundled.is_file() else None


CLAUDE = installed()
pytestmark = pytest.mark.skipif(CLAUDE is None, reason="Claude Code is not installed (npm, or pip: claude-agent-sdk)")


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CLAUDE is not None
    (tmp_path / "claude").symlink_to(CLAUDE)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")


def played(theatre: Theatre, script: Script) -> tuple[Evidence, list[Json]]:
    with anthropic(script).running() as provider:
        evidence = theatre.attempt(NAME, Limits(wall_seconds=60), options=AgentOptions(base_url=provider.url))
    assert provider.problems == []
    return evidence, [request for request in provider.requests if request.get("tools")]


def solving(body: Json, _: int) -> Answer:
    if not body.get("tools") or "tool_result" in str(body["messages"]):
        return turn(text("Done."))
    return turn(use("mcp__environment__add_item", {"text": "milk"}))


def test_it_solves_a_scenario_with_the_episodes_tools_alone(theatre: Theatre) -> None:
    evidence, requests = played(theatre, solving)
    made = evidence.attempt
    assert (made.outcome, made.reason, evidence.answer) == ("passed", "", "Done.")
    assert (made.turns, made.calls, made.input_tokens, made.output_tokens) == (2, 1, 200, 40)
    assert made.cost == pytest.approx((200 * 5 + 40 * 25) / 1e6)
    names = {tool["name"] for tool in requests[0]["tools"]}
    assert all(name.startswith("mcp__environment__") for name in names) and len(names) == 5


def test_it_fails_one(theatre: Theatre) -> None:
    evidence, _ = played(theatre, lambda *_: turn(text("I did it.")))
    assert (evidence.attempt.outcome, evidence.answer) == ("failed", "I did it.")


def test_without_its_server_it_is_invalid(theatre: Theatre) -> None:
    class Astray:
        """Claude Code, told another address."""

        name = NAME

        def __init__(self, occasion: Occasion) -> None:
            self._agent = find_agent(NAME, AgentOptions(base_url=provider.url)).make(occasion)
            self.send, self.close = self._agent.send, self._agent.close

        async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
            await self._agent.start(instructions, endpoint.replace("/mcp", "0/mcp"), limits)

    with anthropic(solving).running() as provider:
        evidence = theatre.attempt(Astray, Limits(wall_seconds=60))
    assert evidence.attempt.outcome == "invalid"
    assert evidence.attempt.reason.startswith("The agent never listed the tools")
