"""Messages as OpenAI has them, one JSON object a line, with the tools, as TRL's SFTTrainer takes them.

A call's arguments are an object and not a text, since chat templates are fed with that (TRL, dataset formats, tool
calling); what an agent thought is `reasoning_content`, where templates look for it. Split by turn, an example is TRL's
prompt and completion, of which only the completion is learnt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.agents.agent import Message
from harness.records import Evidence

Example = dict[str, Any]


def examples(evidence: Evidence, tools: Sequence[dict[str, Any]], per_turn: bool) -> Iterator[Example]:
    """The attempt's conversation as one example, or as one for every message of the agent."""
    messages = _messages(evidence.messages)
    known = [function(tool) for tool in tools]
    while messages and messages[-1]["role"] != "assistant":
        messages.pop()  # nobody answered it, so there is nothing in it to learn
    if not messages:
        return
    if not per_turn:
        yield {"messages": messages, "tools": known}
        return
    for at, message in enumerate(messages):
        if message["role"] == "assistant":
            yield {"prompt": messages[:at], "completion": [message], "tools": known}


def function(tool: dict[str, Any]) -> dict[str, Any]:
    """An MCP tool as a function that a model is told of."""
    told = {"name": tool["name"], "description": tool.get("description", ""), "parameters": tool["inputSchema"]}
    return {"type": "function", "function": told}


def _messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    found: list[dict[str, Any]] = []
    for message in messages:
        told: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.role == "assistant" and message.thinking:
            told["reasoning_content"] = message.thinking
        if message.tool_calls:
            told["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in message.tool_calls
            ]
        if message.role == "tool" and message.tool_call_id is not None:
            told["tool_call_id"] = message.tool_call_id
            told["name"] = names.get(message.tool_call_id, "")
        if message.role != "assistant" or message.content or message.tool_calls:
            found.append(told)
    return found
