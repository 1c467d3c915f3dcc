"""The real Codex and Gemini CLI, where they are installed, with scripted models on the loopback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from models import Answer, Json, Provider, Script
from theatre import Theatre, open_theatre

from harness.agents.agent import AgentOptions, Limits
from harness.agents.registry import Occasion, find_agent
from harness.records import Evidence

LIMITS = Limits(wall_seconds=60)
USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 25},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 120,
}
GEMINI_USAGE = {
    "promptTokenCount": 100,
    "candidatesTokenCount": 20,
    "cachedContentTokenCount": 25,
    "totalTokenCount": 120,
}


def events(*found: Json) -> Answer:
    lines = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in found)
    return Answer(lines, 200, {"content-type": "text/event-stream"})


def responses(item: Json) -> Answer:
    """An answer in the words of OpenAI's Responses API."""
    done = {"id": "r1", "usage": USAGE, "output": [item]}
    return events(
        {"type": "response.created", "response": {"id": "r1"}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": done},
    )


def codex(body: Json, done: bool, lazy: bool) -> Answer:
    if done or lazy:
        said = {"type": "output_text", "text": "Done.", "annotations": []}
        return responses({"type": "message", "id": "m1", "role": "assistant", "content": [said]})
    spaces = {tool["name"]: tool["tools"] for tool in body["tools"] if tool["type"] == "namespace"}
    assert set(spaces) == {"mcp__environment"} and len(spaces["mcp__environment"]) == 5
    assert not any(tool.get("name") in ("shell", "exec_command", "apply_patch") for tool in body["tools"])
    call = {"type": "function_call", "id": "f1", "call_id": "c1", "namespace": "mcp__environment"}
    return responses({**call, "name": "add_item", "arguments": json.dumps({"text": "milk"})})


def gemini(body: Json, done: bool, lazy: bool) -> Answer:
    part: Json = {"text": "Done."}
    if not (done or lazy):
        names = {one["name"] for tool in body["tools"] for one in tool["functionDeclarations"]}
        assert len(names) == 5 and all(name.startswith("mcp_environment_") for name in names)
        part = {"functionCall": {"name": "mcp_environment_add_item", "args": {"text": "milk"}}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    document = {"candidates": [candidate], "usageMetadata": GEMINI_USAGE, "modelVersion": "gemini-2.5-pro"}
    return Answer(f"data: {json.dumps(document)}\r\n\r\n", 200, {"content-type": "text/event-stream"})


AGENTS: list[tuple[str, Any, str]] = [("codex:gpt-5", codex, "/v1"), ("gemini:gemini-2.5-pro", gemini, "")]


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "test-key")
    monkeypatch.delenv("CODEX_API_KEY", raising=False)


def played(theatre: Theatre, name: str, speak: Any, path: str, lazy: bool = False, astray: bool = False) -> Evidence:
    """An attempt by a real agent; one that is `astray` is told another address."""
    if shutil.which(name.partition(":")[0]) is None:
        pytest.skip(f"{name.partition(':')[0]} is not installed (npm)")

    def called(body: Json, _: int) -> Answer:
        said = json.dumps(body)
        return speak(body, "function_call_output" in said or "functionResponse" in said, lazy)  # type: ignore[no-any-return]

    script: Script = called
    with Provider(script, lambda *_: None, {}).running() as provider:
        options = AgentOptions(base_url=provider.url + path)

        class Astray:
            def __init__(self, occasion: Occasion) -> None:
                self._agent = find_agent(name, options).make(occasion)
                self.name, self.send, self.close = name, self._agent.send, self._agent.close

            async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
                await self._agent.start(instructions, endpoint.replace("/mcp", "0/mcp"), limits)

        return theatre.attempt(Astray if astray else name, LIMITS, options=options)


@pytest.mark.parametrize(("name", "speak", "path"), AGENTS)
def test_they_solve_a_scenario_with_the_episodes_tools_alone(
    theatre: Theatre, name: str, speak: Any, path: str
) -> None:
    evidence = played(theatre, name, speak, path)
    made = evidence.attempt
    assert (made.outcome, made.reason, evidence.answer, made.calls) == ("passed", "", "Done.", 1)
    assert (made.input_tokens, made.cached_tokens, made.output_tokens, made.cost) == (200, 50, 40, None)


@pytest.mark.parametrize(("name", "speak", "path"), AGENTS)
def test_they_fail_one(theatre: Theatre, name: str, speak: Any, path: str) -> None:
    assert played(theatre, name, speak, path, lazy=True).attempt.outcome == "failed"


@pytest.mark.parametrize(("name", "speak", "path"), AGENTS)
def test_without_their_server_they_are_invalid(theatre: Theatre, name: str, speak: Any, path: str) -> None:
    assert played(theatre, name, speak, path, lazy=True, astray=True).attempt.outcome == "invalid"
