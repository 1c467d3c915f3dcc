"""The adapters of docs/agents.md, as they stand there, with a scripted model, on the real frameworks."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from models import Answer, Json, anthropic, call, completion, openai, text, turn, use
from theatre import Theatre, open_theatre

PAGE = Path(__file__).parents[2] / "docs" / "agents.md"
BLOCKS = {
    found[1]: block
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    if (found := re.search(r"^async def (\w+)", block, re.MULTILINE))
}


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


def test_an_adapter_is_short() -> None:
    assert set(BLOCKS) == {"openai_agents", "pydantic_ai", "langchain", "claude_agent"}
    assert max(len(block.split("\n\n\n", 1)[1].splitlines()) for block in BLOCKS.values()) < 20


def written(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an adapter of the page where a user would."""
    (folder / "my_agents.py").write_text(BLOCKS[name])
    monkeypatch.syspath_prepend(str(folder))
    sys.modules.pop("my_agents", None)
    importlib.invalidate_caches()


@pytest.mark.clients
@pytest.mark.parametrize(
    ("name", "package"),
    [("openai_agents", "agents"), ("pydantic_ai", "pydantic_ai.mcp"), ("langchain", "langchain_openai")],
)
def test_frameworks_solve_a_scenario(
    theatre: Theatre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    pytest.importorskip(package, reason=f"{package} is not installed: make clients")

    def script(body: Json, _: int) -> Answer:
        assert {tool["function"]["name"] for tool in body["tools"]} >= {"add_item", "list_items"}
        if any(message["role"] == "tool" for message in body["messages"]):
            return completion("Done.")
        return completion(None, call("add_item", {"text": "milk"}))

    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    written(name, tmp_path, monkeypatch)
    with openai(script).running() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
        evidence = theatre.attempt(f"python:my_agents:{name}")
    assert (evidence.attempt.outcome, evidence.attempt.reason) == ("passed", "")
    assert [message["role"] for message in provider.requests[0]["messages"]] == ["system", "user"]


@pytest.mark.clients
def test_the_claude_agent_sdk_solves_a_scenario(
    theatre: Theatre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("claude_agent_sdk", reason="claude_agent_sdk is not installed: make clients")

    def script(body: Json, _: int) -> Answer:
        if "tool_result" in str(body["messages"]):
            return turn(text("Done."))
        names = [tool["name"] for tool in body.get("tools", [])]
        assert names and all(name.startswith("mcp__environment__") for name in names)
        return turn(use("mcp__environment__add_item", {"text": "milk"}))

    for variable, value in {"HOME": str(tmp_path), "ANTHROPIC_API_KEY": "test-key"}.items():
        monkeypatch.setenv(variable, value)
    written("claude_agent", tmp_path, monkeypatch)
    with anthropic(script).running() as provider:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.url)
        evidence = theatre.attempt("python:my_agents:claude_agent")
    assert (evidence.attempt.outcome, evidence.attempt.reason, evidence.answer) == ("passed", "", "Done.")
