"""Command lines of agents that people have: their own tools off, nothing of the user's own loaded.

They start in an empty home, so settings, memories and servers of the user are not there to be loaded. What
their output does not tell is unknown.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.agents.agent import AgentOptions, Usage
from harness.agents.command import SERVER, CommandLine, Report
from harness.errors import AgentError, HarnessError, LimitError, NotConnectedError, ProviderError

Json = dict[str, Any]


@dataclass(frozen=True)
class Preset:
    """How to make a command line for a model (empty: the agent's usual one), and where to get the agent."""

    command: Callable[[str, AgentOptions], CommandLine]
    remedy: str


def claude_code(model: str, options: AgentOptions) -> CommandLine:
    words = ["claude", "-p", "{prompt}", "--mcp-config", "{mcp_config}", "--strict-mcp-config", "--tools", ""]
    words += ["--allowedTools", f"mcp__{SERVER}", "--output-format", "json"]
    variables = {
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "ENABLE_TOOL_SEARCH": "false",  # all tools are shown at once
    }
    return CommandLine(
        words=(*words, *(("--model", model) if model else ())),
        env=(
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_BASE_URL",
            "CLAUDE_CODE_OAUTH_TOKEN",
            *options.env,
        ),
        variables=variables | ({"ANTHROPIC_BASE_URL": options.base_url} if options.base_url else {}),
        read=read_claude_code,
    )


# Tools of its own that have a switch; request_user_input, which nobody would answer, has none.
_CODEX_OWN = ("features.shell_tool", "features.view_image", "features.multi_agent", "features.goals")


def codex(model: str, options: AgentOptions) -> CommandLine:
    key = os.environ.get("CODEX_API_KEY") or os.environ.get("OPENAI_API_KEY")
    settings = {
        f"mcp_servers.{SERVER}.url": "{mcp_url}",
        f"mcp_servers.{SERVER}.default_tools_approval_mode": "approve",
        "web_search": "disabled",
    }
    if options.base_url:
        # as a provider of its own: Codex asks the usual one over WebSockets first, and again and again
        settings["model_provider"] = "given"
        given = {"name": "given", "base_url": options.base_url, "wire_api": "responses"}
        given |= {"env_key": "CODEX_API_KEY"} if key else {}
        settings |= {f"model_providers.given.{name}": value for name, value in given.items()}
    words = ["codex", "exec", "--json", "--skip-git-repo-check", "--sandbox", "read-only"]
    words += [word for name, value in settings.items() for word in ("-c", f"{name}={json.dumps(value)}")]
    words += [word for name in _CODEX_OWN for word in ("-c", f"{name}=false")]
    words += [*(("--model", model) if model else ()), "{prompt}"]
    return CommandLine(
        words=tuple(words),
        env=("OPENAI_API_KEY", "OPENAI_BASE_URL", *options.env),
        variables={"CODEX_API_KEY": key} if key else {},  # by which `exec` signs in without a login
        read=read_codex,
    )


def gemini(model: str, options: AgentOptions) -> CommandLine:
    settings = {
        "mcpServers": {SERVER: {"httpUrl": "{mcp_url}", "trust": True}},
        "tools": {"core": [f"mcp_{SERVER}_*"]},  # an empty list would leave none at all
        "security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": False}},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"disableAutoUpdate": True},
    }
    words = ["gemini", "-y", "-p", "{prompt}", "--output-format", "json", *(("--model", model) if model else ())]
    return CommandLine(
        words=tuple(words),
        env=("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL", *options.env),
        variables={"GOOGLE_GEMINI_BASE_URL": options.base_url} if options.base_url else {},
        files={".gemini/settings.json": json.dumps(settings)},
        read=read_gemini,
    )


PRESETS = {
    "claude-code": Preset(claude_code, "get it with: npm install -g @anthropic-ai/claude-code"),
    "codex": Preset(codex, "get it with: npm install -g @openai/codex"),
    "gemini": Preset(gemini, "get it with: npm install -g @google/gemini-cli"),
}


# What they print ----------------------------------------------------------------------------------


def read_claude_code(output: str) -> Report:
    """One result, alone or as the last of its messages."""
    messages = list(_objects(output))
    for message in messages:
        for server in message.get("mcp_servers") or []:
            if server.get("name") == SERVER and server.get("status") in ("failed", "needs-auth", "disabled"):
                return Report("", failure=NotConnectedError(f"Claude Code reports its server as {server['status']}."))
    result = next((message for message in reversed(messages) if message.get("type") == "result"), None)
    if result is None:
        return Report(output.strip())
    usage = _mapping(result, "usage")
    counts = [usage.get(name) for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")]
    taken = Usage(
        turns=_whole(result.get("num_turns")),
        input_tokens=sum(_whole(count) or 0 for count in counts) if _whole(counts[0]) is not None else None,
        output_tokens=_whole(usage.get("output_tokens")),
        cached_tokens=_whole(counts[2]),
        cost=_number(result.get("total_cost_usd")),
    )
    answer = str(result.get("result") or "")
    return Report(answer, taken, _claude_failure(result, answer))


def _claude_failure(result: Json, said: str) -> HarnessError | None:
    kind = str(result.get("subtype"))
    if kind.startswith("error_max"):
        return LimitError(f"Claude Code stopped by itself: {kind}.")
    if not result.get("is_error"):
        return None
    asked = result.get("api_error_status") is not None or said.startswith("API Error")
    if asked or "API key" in said or "Credit balance" in said or "/login" in said:
        return ProviderError(f"Claude Code could not ask its model: {said}")
    return AgentError(f"Claude Code failed ({kind}): {said}")


def read_codex(output: str) -> Report:
    """Events, one a line; the answer is its last message."""
    answer = ""
    failure: HarnessError | None = None
    counts: dict[str, int | None] = dict.fromkeys(("input_tokens", "cached_input_tokens", "output_tokens"))
    for event in _objects(output):
        item = _mapping(event, "item")
        said = str(event.get("message") or item.get("message") or _mapping(event, "error").get("message") or "")
        match event.get("type"):
            case "item.completed" if item.get("type") == "agent_message":
                answer = str(item.get("text") or "")
            case "item.completed" | "error" if "MCP" in said and "failed" in said:
                failure = NotConnectedError(f"Codex reports: {said}")
            case "turn.completed":
                failure = None if isinstance(failure, ProviderError) else failure
                for name, before in counts.items():
                    more = _whole(_mapping(event, "usage").get(name))
                    counts[name] = before if more is None else (before or 0) + more
            case "turn.failed" | "error":
                failure = failure or ProviderError(f"Codex could not go on: {said}")
    read, cached, written = counts.values()
    return Report(answer, Usage(input_tokens=read, cached_tokens=cached, output_tokens=written), failure)


def read_gemini(output: str) -> Report:
    """One object, after whatever else it says."""
    result = next((found for found in _objects(output) if "response" in found or "error" in found), None)
    if result is None:
        return Report(output.strip())
    models = [model for model in _mapping(_mapping(result, "stats"), "models").values() if isinstance(model, dict)]
    tokens = [_mapping(model, "tokens") for model in models]

    def total(*names: str) -> int | None:
        found = [_whole(one[name]) or 0 for one in tokens for name in names if name in one]
        return sum(found) if found else None

    requests = [_whole(_mapping(model, "api").get("totalRequests")) for model in models]
    usage = Usage(
        turns=sum(count or 0 for count in requests) if any(count is not None for count in requests) else None,
        input_tokens=total("prompt"),
        output_tokens=total("candidates", "thoughts"),
        cached_tokens=total("cached"),
    )
    error = _mapping(result, "error")
    failure = ProviderError(f"Gemini could not go on: {error.get('message')}") if error else None
    return Report(str(result.get("response") or ""), usage, failure)


def _objects(output: str) -> Iterator[Json]:
    """The JSON objects in an output: its lines, or else what begins with its first brace."""
    lines = [one for line in output.splitlines() for one in _read(line)]
    yield from lines or _read(output[max(output.find("{"), 0) :])


def _read(text: str) -> Iterator[Json]:
    text = text.strip()
    if not text.startswith(("{", "[")):
        return
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return
    yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict))


def _mapping(document: Json, name: str) -> Json:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
