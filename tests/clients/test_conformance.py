"""The official conformance suite: what it finds missing are its own fixtures and parts that nothing here needs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx2
import pytest
from conftest import Tool
from serving import served

pytestmark = pytest.mark.clients

# The suite's own tools: an environment has none of them, and says so in a result, where the suite looks for more.
TOOLS = {
    "tools-call-image": "No image content found",
    "tools-call-audio": "No audio content found",
    "tools-call-embedded-resource": "No resource content found",
    "tools-call-mixed-content": "Expected multiple content items; Missing image content; Missing resource content",
    "tools-call-with-progress": "No progress notifications received",
    "tools-call-sampling": "Server did not request sampling from client",
    "tools-call-elicitation": "Server did not request elicitation from client",
    "elicitation-sep1034-general": "Server did not request elicitation from client",
    "elicitation-sep1330-general": "Server did not request elicitation from client",
    "json-schema-2020-12-tool-found": "Tool 'json_schema_2020_12_tool' not found",
}
# Its own prompts and resources.
PROMPTS = "There is no prompt 'test_"
RESOURCES = "There is no resource test://"
OTHERS = {
    "prompts-get-simple": PROMPTS,
    "prompts-get-with-args": PROMPTS,
    "prompts-get-embedded-resource": PROMPTS,
    "prompts-get-with-image": PROMPTS,
    "resources-read-text": RESOURCES,
    "resources-read-binary": RESOURCES,
    "resources-templates-read": RESOURCES,
}
# Optional parts of the protocol that the servers do not declare; the suite asks without looking. But for the first,
# it asks them about a fixture of its own too: test_prompt_with_arguments, test_tool_with_logging and
# test://watched-resource. The first, logging, is deprecated since 2026-07-28 (SEP-2577: new implementations should
# not adopt it), and a server that takes a level but never logs to its client would only seem to have it.
METHODS = {
    "logging-set-level": "Method not found",
    "tools-call-with-logging": "Method not found",
    "completion-complete": "Method not found",
    "resources-subscribe": "Method not found",
    "resources-unsubscribe": "Method not found",
}
# What holds. (The suite takes two refusals, of tools-call-simple-text and tools-call-error, for its tools' answers.)
HOLDS = {
    "server-initialize",
    "ping",
    "tools-list",
    "tools-call-simple-text",
    "tools-call-error",
    "resources-list",
    "prompts-list",
    "localhost-host-rebinding-rejected",
    "localhost-host-valid-accepted",
}
# There is no session that could have several streams, or be polled.
WARNS = {"server-sse-multiple-streams-session", "server-sse-polling-session"}


def test_it_misses_nothing_but_its_fixtures_and_what_is_not_declared(tool: Tool, tmp_path: Path) -> None:
    with served("credit_union") as url:
        done = tool("conformance", "server", "--url", url, "--suite", "all", "--output-dir", str(tmp_path / "results"))
    found: dict[str, set[str]] = {"SUCCESS": set(), "WARNING": set(), "FAILURE": set(), "INFO": set()}
    said: dict[str, str] = {}
    for path in (tmp_path / "results").glob("*/checks.json"):
        for check in json.loads(path.read_text(encoding="utf-8")):
            found[check["status"]].add(check["id"])
            said[check["id"]] = check.get("errorMessage") or ""
    del found["INFO"]  # what it notes of requests and answers
    missing = TOOLS | OTHERS | METHODS
    assert found == {"SUCCESS": HOLDS, "WARNING": WARNS, "FAILURE": set(missing)}
    assert {name: words for name, words in missing.items() if words not in said[name]} == {}
    assert re.search(r"Total: 9 passed, 22 failed", done.stdout)


def test_the_methods_that_it_misses_are_not_declared() -> None:
    client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}
    with served("credit_union") as url:
        answer = httpx2.post(url, json=request, headers={"accept": "application/json, text/event-stream"})
    declared = answer.json()["result"]["capabilities"]
    assert {"tools", "prompts", "resources"} <= set(declared)
    assert not {"logging", "completions"} & set(declared) and not declared["resources"].get("subscribe")
