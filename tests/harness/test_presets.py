"""Presets: what they start, and what they make of what the agents print."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from theatre import open_theatre

from harness.agents.agent import AgentOptions, Usage
from harness.agents.presets import PRESETS
from harness.agents.registry import find_agent
from harness.agents.reports import read_claude_code, read_codex, read_gemini
from harness.errors import (
    AgentError,
    BusyProviderError,
    LimitError,
    NotConnectedError,
    ProviderError,
    RunError,
    UnusableProviderError,
)

RESULT = {"type": "result", "subtype": "success", "is_error": False, "num_turns": 3, "result": "Done."}
USAGE = {"input_tokens": 5, "cache_creation_input_tokens": 70, "cache_read_input_tokens": 25, "output_tokens": 9}

STAND_IN = """#!{python}
import asyncio, json, pathlib, os, re, sys
sys.path.insert(0, {here!r})
sys.argv[1:], given = ["nothing", "http://"], sys.argv[1:]
from command_agents import use
text = " ".join(given) + " ".join(path.read_text() for path in pathlib.Path.home().rglob("settings.json"))
if "--mcp-config" in given:
    text += pathlib.Path(given[given.index("--mcp-config") + 1]).read_text()
assert "Add milk to the list." in text and os.environ[{key!r}] == "test-key"
asyncio.run(use(re.search(r"http://[^\\"]*/mcp", text)[0], [("add_item", {{"text": "milk"}})]))
print({output!r})
"""


def lines(*events: dict[str, Any]) -> str:
    return "\n".join(json.dumps(event) for event in events)


CLAUDE = json.dumps({**RESULT, "usage": USAGE, "total_cost_usd": 0.5})
CODEX = lines(
    {"type": "thread.started", "thread_id": "t"},
    {"type": "item.completed", "item": {"id": "1", "type": "agent_message", "text": "One moment."}},
    {"type": "item.completed", "item": {"id": "2", "type": "mcp_tool_call", "server": "environment"}},
    {"type": "item.completed", "item": {"id": "3", "type": "agent_message", "text": "Done."}},
    {"type": "turn.completed", "usage": {"input_tokens": 100, "cached_input_tokens": 25, "output_tokens": 9}},
)
TOKENS = {"prompt": 100, "candidates": 5, "thoughts": 4, "cached": 25, "total": 109, "tool": 0}
GEMINI = "Loaded cached credentials.\n" + json.dumps(
    {"response": "Done.", "stats": {"models": {"g": {"api": {"totalRequests": 3}, "tokens": TOKENS}}}}, indent=2
)


@pytest.mark.parametrize(
    ("preset", "program", "key", "output", "usage"),
    [
        ("claude-code:m", "claude", "ANTHROPIC_API_KEY", CLAUDE, (3, 100, 25, 9, 0.5)),
        ("codex", "codex", "CODEX_API_KEY", CODEX, (None, 100, 25, 9, None)),
        ("gemini", "gemini", "GEMINI_API_KEY", GEMINI, (3, 100, 25, 9, None)),
    ],
)
def test_presets_reach_the_tools_and_their_output_is_understood(
    server_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    preset: str,
    program: str,
    key: str,
    output: str,
    usage: tuple[Any, ...],
) -> None:
    script = STAND_IN.format(python=sys.executable, here=str(Path(__file__).parent), key=key, output=output)
    (tmp_path / program).write_text(script)
    (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("OPENAI_API_KEY" if program == "codex" else key, "test-key")
    monkeypatch.delenv("CODEX_API_KEY", raising=False)
    with open_theatre(server_folder) as theatre:
        evidence = theatre.attempt(preset)
    made = evidence.attempt
    assert (made.outcome, made.reason, evidence.answer) == ("passed", "", "Done.")
    assert (made.turns, made.input_tokens, made.cached_tokens, made.output_tokens, made.cost) == usage


def test_what_is_not_told_is_unknown() -> None:
    assert read_claude_code(json.dumps(RESULT)).usage == Usage(turns=3)
    assert read_codex("").usage == read_gemini("nothing").usage == Usage()
    assert read_gemini('{"response": "Hi"}').usage == Usage()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"subtype": "error_max_turns"}, LimitError),
        ({"result": "Prompt is too long", "api_error_status": 400}, LimitError),
        ({"result": "Credit balance is too low", "api_error_status": 400}, UnusableProviderError),
        ({"result": "Invalid API key · Fix external API key", "api_error_status": 401}, UnusableProviderError),
        ({"result": "Not logged in · Please run /login"}, UnusableProviderError),
        ({"result": "There's an issue with the selected model (m).", "api_error_status": 404}, UnusableProviderError),
        ({"result": "API Error: Repeated 529 Overloaded errors.", "api_error_status": 529}, BusyProviderError),
        ({"result": "API Error: Unable to connect."}, ProviderError),
        ({"subtype": "error_during_execution", "result": "?"}, AgentError),
    ],
)
def test_claude_code_tells_what_went_wrong(changes: dict[str, Any], kind: type[Exception]) -> None:
    assert type(read_claude_code(json.dumps(RESULT | {"is_error": True} | changes)).failure) is kind


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        (
            "unexpected status 401 Unauthorized: Incorrect API key provided., url: http://127.0.0.1:1/v1/responses",
            UnusableProviderError,
            "unexpected status 401 Unauthorized: Incorrect API key provided. Is the key right?",
        ),
        ("Quota exceeded. Check your plan and billing details.", UnusableProviderError, "billing details."),
        ("exceeded retry limit, last status: 429 Too Many Requests", BusyProviderError, "429 Too Many Requests."),
        ("unexpected status 503 Service Unavailable: ", BusyProviderError, "503 Service Unavailable:."),
        ("Codex ran out of room in the model's context window.", LimitError, "context window."),
    ],
)
def test_codex_tells_what_went_wrong_after_all_its_tries(said: str, kind: type[Exception], sentence: str) -> None:
    again = [{"type": "error", "message": f"Reconnecting... {n}/5 ({said})"} for n in range(1, 6)]
    end = [{"type": "error", "message": said}, {"type": "turn.failed", "error": {"message": said}}]
    report = read_codex(lines(*again, *end))
    assert type(report.failure) is kind and str(report.failure).endswith(sentence)
    assert report.usage.retries == 5
    went_on = read_codex(lines(*again, *(json.loads(line) for line in CODEX.splitlines())))
    assert (went_on.failure, went_on.answer, went_on.usage.retries) == (None, "Done.", 5)


def refused(message: str, code: int, status: str) -> str:
    """What Gemini CLI writes to standard error: a trace, and a document with the provider's answer as a text."""
    answer = json.dumps({"error": {"code": code, "message": message, "status": status}})
    told = {"session_id": "s", "error": {"type": "Error", "message": answer, "code": code}}
    trace = f"_ApiError: {answer}\n    at throwErrorIfNotOK (file:///bundle.js:1:2) {{\n  status: {code}\n}}\n"
    return f"YOLO mode is enabled.\nError when talking to Gemini API {trace}{json.dumps(told, indent=2)}\n"


@pytest.mark.parametrize(
    ("errors", "kind", "sentence"),
    [
        (refused("API key not valid.", 400, "INVALID_ARGUMENT"), UnusableProviderError, "model: API key not valid."),
        (refused("Denied.", 403, "PERMISSION_DENIED"), UnusableProviderError, "model: Denied."),
        (refused("Check your plan and billing.", 429, "RESOURCE_EXHAUSTED"), BusyProviderError, "plan and billing."),
        (refused("Try later.", 503, "UNAVAILABLE"), BusyProviderError, "model: Try later."),
        (
            'ModelNotFoundError: No.\n{\n "error": {"type": "Error", "message": "No.", "code": 1}\n}',
            UnusableProviderError,
            "model: No. Is the model's name right?",
        ),
        (
            '{"error": {"type": "Error", "message": "Specify the GEMINI_API_KEY\\nvariable", "code": 41}}',
            UnusableProviderError,
            "Specify the GEMINI_API_KEY variable.",
        ),
        ('{"error": {"type": "FatalTurnLimitedError", "message": "Turns", "code": 53}}', LimitError, "Turns"),
        ('{"error": {"type": "FatalToolExecutionError", "message": "?", "code": 54}}', AgentError, "?"),
    ],
)
def test_gemini_tells_what_went_wrong_on_standard_error(errors: str, kind: type[Exception], sentence: str) -> None:
    failure = read_gemini("", errors).failure
    assert type(failure) is kind and str(failure).endswith(sentence)
    assert read_gemini(GEMINI, "YOLO mode is enabled.\n").failure is None
    assert read_gemini(GEMINI, errors).failure is None  # it went on after that


def test_servers_that_were_not_connected_are_told() -> None:
    start = {"type": "system", "subtype": "init", "mcp_servers": [{"name": "environment", "status": "failed"}]}
    assert isinstance(read_claude_code(json.dumps([start, RESULT])).failure, NotConnectedError)
    assert read_claude_code(json.dumps([{"mcp_servers": [1, {"name": "environment"}]}, RESULT])).failure is None
    started = {"type": "error", "message": "MCP client for `environment` failed to start: refused"}
    failed = {"type": "turn.failed", "error": {"message": "401 Unauthorized"}}
    assert isinstance(read_codex(lines(started, failed)).failure, NotConnectedError)


@given(st.text(alphabet=st.sampled_from('{}[]":,a1 \n')))
def test_output_of_any_kind_is_read(output: str) -> None:
    for read in (read_claude_code, read_codex, read_gemini):
        assert read(output, output).usage is not None


@pytest.mark.parametrize("name", list(PRESETS))
def test_an_agent_that_is_not_installed_is_told_with_the_way_to_get_it(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("claude") is None
    with pytest.raises(RunError, match="npm install -g"):
        find_agent(name)


def test_built_in_tools_are_off_and_the_users_own_servers_away() -> None:
    claude, codex, gemini = (PRESETS[name].command("m", AgentOptions()).words for name in PRESETS)
    assert claude[claude.index("--tools") + 1] == "" and "--strict-mcp-config" in claude
    assert "features.shell_tool=false" in codex and "read-only" in codex
    settings = json.loads(PRESETS["gemini"].command("", AgentOptions()).files[".gemini/settings.json"])
    assert settings["tools"]["core"] == ["mcp_environment_*"] and gemini[-2:] == ("--model", "m")
