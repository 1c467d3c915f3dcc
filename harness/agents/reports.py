"""What command line agents print, and what it says of an attempt: answer, usage, what went wrong.

What an output does not tell is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.llm.retrying import remedy
from harness.agents.agent import Usage
from harness.errors import (
    AgentError,
    BusyProviderError,
    HarnessError,
    LimitError,
    NotConnectedError,
    ProviderError,
    UnusableProviderError,
)

SERVER = "environment"  # what the episode's server is called in a client's configuration
Json = dict[str, Any]

_HOPELESS = (401, 402, 403, 404)  # of key, account or model: no other request would fare better
_ACCOUNT = re.compile(r"api[ _]key|credit balance|/login|billing|insufficient_quota|ModelNotFound", re.IGNORECASE)
_TOO_LONG = re.compile(r"prompt is too long|context window|context_length_exceeded", re.IGNORECASE)


@dataclass(frozen=True)
class Report:
    """What a command's output says. `failure` is what went wrong by its own account."""

    answer: str
    usage: Usage = field(default_factory=Usage)
    failure: HarnessError | None = None


def read_plain(output: str, errors: str) -> Report:
    """Standard output is the answer."""
    return Report(output.strip())


def read_claude_code(output: str, errors: str = "") -> Report:
    """One result, alone or as the last of its messages."""
    messages = list(_objects(output))
    for message in messages:
        servers = message.get("mcp_servers")
        for server in servers if isinstance(servers, list) else []:
            if not isinstance(server, dict) or server.get("name") != SERVER:
                continue
            if server.get("status") in ("failed", "needs-auth", "disabled"):
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
    status = _whole(result.get("api_error_status"))
    if status is not None or said.startswith("API Error") or _ACCOUNT.search(said) or _TOO_LONG.search(said):
        return _unasked("Claude Code", said, status)
    return AgentError(f"Claude Code failed ({kind}): {said}")


def read_codex(output: str, errors: str = "") -> Report:
    """Events, one a line; the answer is its last message, and what ended it the last error."""
    answer = ""
    failure: HarnessError | None = None
    retries: int | None = None
    counts: dict[str, int | None] = dict.fromkeys(("input_tokens", "cached_input_tokens", "output_tokens"))
    for event in _objects(output):
        retries = retries or 0
        item = _mapping(event, "item")
        said = str(event.get("message") or item.get("message") or _mapping(event, "error").get("message") or "")
        match event.get("type"):
            case "item.completed" if item.get("type") == "agent_message":
                answer = str(item.get("text") or "")
            case "item.completed" | "error" if "MCP" in said and "failed" in said:
                failure = NotConnectedError(f"Codex reports: {said}")
            case "error" if said.startswith("Reconnecting"):
                retries = retries + 1
            case "turn.completed":
                failure = None if not isinstance(failure, NotConnectedError) else failure
                for name, before in counts.items():
                    more = _whole(_mapping(event, "usage").get(name))
                    counts[name] = before if more is None else (before or 0) + more
            case "turn.failed" | "error" if not isinstance(failure, NotConnectedError):
                status = re.search(r"status:? (\d{3})", said)
                failure = _unasked("Codex", said.partition(", url: ")[0], int(status[1]) if status else None)
    read, cached, written = counts.values()
    taken = Usage(input_tokens=read, cached_tokens=cached, output_tokens=written, retries=retries)
    return Report(answer, taken, failure)


def read_gemini(output: str, errors: str = "") -> Report:
    """One object, after whatever else it says; on standard error, if nothing came of its work.

    Errors that it got over are on standard error too, so what stands there is no result where there is another one.
    """
    result = _gemini_result(output) or _gemini_result(errors)
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
    failure = _gemini_failure(error, "ModelNotFoundError" in errors) if error else None
    return Report(str(result.get("response") or ""), usage, failure)


def _gemini_result(output: str) -> Json | None:
    return next((one for one in reversed([*_objects(output)]) if "response" in one or "error" in one), None)


def _gemini_failure(error: Json, no_model: bool) -> HarnessError:
    """Its error's message is often what the provider answered, a document with the error in it."""
    told = next((_mapping(one, "error") for one in _objects(str(error.get("message")))), {}) or error
    kind, words = str(error.get("type")), str(told.get("message"))
    if "TurnLimit" in kind or error.get("code") == 53:
        return LimitError(f"Gemini stopped by itself: {words}")
    if kind.startswith("Fatal") and kind != "FatalAuthenticationError":
        return AgentError(f"Gemini failed ({kind}): {words}")
    return _unasked("Gemini", words, 404 if no_model else _whole(told.get("code")))


def _unasked(agent: str, words: str, status: int | None) -> HarnessError:
    """The error for a model that gave no answer: for this attempt, or for all."""
    words = " ".join(words.split()).rstrip(".")
    if _TOO_LONG.search(words):
        return LimitError(f"{agent} stopped: {words}.")
    sentence = f"{agent} could not ask its model: {words}."
    busy = status is not None and (status == 429 or status >= 500)
    if status in _HOPELESS or (_ACCOUNT.search(words) and not busy):
        return UnusableProviderError(sentence + remedy(status or 0))
    return BusyProviderError(sentence) if busy else ProviderError(sentence)


def _objects(output: str) -> Iterator[Json]:
    """The JSON objects in an output that begin a line, alone or in a list."""
    decoder, end = json.JSONDecoder(), 0
    for begin in re.finditer(r"^[{\[]", output, re.MULTILINE):
        if begin.start() < end:
            continue
        try:
            value, end = decoder.raw_decode(output, begin.start())
        except (ValueError, RecursionError):
            continue
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict))


def _mapping(document: Json, name: str) -> Json:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
