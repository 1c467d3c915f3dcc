"""ShareGPT as LlamaFactory reads it: `formatting: sharegpt`, with the columns `conversations`, `system`, `tools`.

There, turns of a person or a tool and turns of the model take strict turns; so calls that were made at once are one
list, and so are their results. Split by turn, examples are for `mask_history: true`, which learns the last turn only.

A call is JSON; thoughts before it stand in <think>, and when something was said beside it, it stands in <tool_call>
(LlamaFactory 0.9.4, data/formatter.py, FunctionFormatter).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from harness.agents.agent import Message
from harness.records import Evidence

Example = dict[str, Any]
_MODEL = ("gpt", "function_call")
_MARKS = ("<think>", "</think>", "<tool_call>", "</tool_call>")


def examples(evidence: Evidence, tools: Sequence[dict[str, Any]], per_turn: bool) -> Iterator[Example]:
    """The attempt's conversation as one example, or as one up to every turn of the agent."""
    turns = _turns(evidence.messages)
    told = [
        {"name": tool["name"], "description": tool.get("description", ""), "parameters": tool["inputSchema"]}
        for tool in tools
    ]
    system = "\n\n".join(message.content for message in evidence.messages if message.role == "system")
    ends = [at for at, turn in enumerate(turns, start=1) if turn["from"] in _MODEL]
    for end in ends if per_turn else ends[-1:]:
        yield {"conversations": turns[:end], "system": system, "tools": json.dumps(told, ensure_ascii=False)}


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    turns: list[dict[str, str]] = []
    results: list[str] = []

    def finish() -> None:
        if results:
            value = results[0] if len(results) == 1 else json.dumps(results, ensure_ascii=False)
            turns.append({"from": "observation", "value": value})
            results.clear()

    for message in messages:
        if message.role == "tool":
            results.append(message.content)
            continue
        finish()
        if message.role == "user":
            turns.append({"from": "human", "value": message.content})
        elif message.tool_calls:
            turns.append({"from": "function_call", "value": _thought(message) + _calls(message)})
        elif message.role == "assistant" and message.content:
            turns.append({"from": "gpt", "value": _thought(message) + message.content})
    finish()
    return list(_alternating(turns))


def _thought(message: Message) -> str:
    told = _unmarked(message.thinking or "").strip()
    return f"<think>\n{told}\n</think>\n\n" if told else ""


def _calls(message: Message) -> str:
    """The calls as JSON, in which no mark can end by chance what is around it."""
    calls = [{"name": call.name, "arguments": call.arguments} for call in message.tool_calls]
    value = json.dumps(calls[0] if len(calls) == 1 else calls, ensure_ascii=False).replace("<", "\\u003c")
    said = _unmarked(message.content).strip()
    return f"{said}\n<tool_call>{value}</tool_call>" if said else value


def _unmarked(text: str) -> str:
    """What would be taken for a mark of the format goes."""
    for mark in _MARKS:
        text = text.replace(mark, "")
    return text


def _alternating(turns: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Without what would break the order: of two turns of one side in a row, the later one stands."""
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        if following is None or (turn["from"] in _MODEL) != (following["from"] in _MODEL):
            yield turn
