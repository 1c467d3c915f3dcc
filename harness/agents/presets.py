"""Command lines of agents that people have: their own tools off, nothing of the user's own loaded.

They start in an empty home, so settings, memories and servers of the user are not there to be loaded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass

from harness.agents.agent import AgentOptions
from harness.agents.command import CommandLine
from harness.agents.reports import SERVER, read_claude_code, read_codex, read_gemini

_PATIENCE = "6"  # repetitions of a request that a busy provider refused: half a minute (Gemini CLI: two and a half)


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
        "CLAUDE_CODE_MAX_RETRIES": _PATIENCE,  # its own ten take minutes, also with a key that is refused
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
        "general": {"disableAutoUpdate": True, "maxAttempts": 1 + int(_PATIENCE)},
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
