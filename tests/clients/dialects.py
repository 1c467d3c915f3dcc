"""A model that plays a scenario's solution, in the words of each provider.

It knows a tool only by the name that the client showed it, and a result only as the client handed it on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from models import Answer, Json, Provider, anthropic, error, text, turn, use

from generator.scengenerator.scenario import Scenario, ToolCall
from harness.agents.reports import SERVER

READ, CACHED, WRITTEN = 100, 25, 20  # tokens of each answer


@dataclass
class Model:
    """Solves the scenario whose task it reads; a `lazy` one says that it did; for `refused` keys there is none."""

    scenarios: Sequence[Scenario]
    lazy: bool = False
    refused: bool = False
    shown: set[str] = field(default_factory=set)

    def next(self, said: str, done: int) -> ToolCall | str:
        """The step after `done` results, or the answer."""
        found = [one.solution for one in self.scenarios if one.task in said]
        if self.lazy or len(found) != 1:
            return "I did it."
        return found[0].calls[done] if done < len(found[0].calls) else found[0].answer


Speak = Callable[[Model], Provider]


def events(*found: Json) -> Answer:
    lines = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in found)
    return Answer(lines, 200, {"content-type": "text/event-stream"})


# Anthropic Messages -------------------------------------------------------------------------------


def messages(model: Model) -> Provider:
    def script(body: Json, _: int) -> Answer:
        model.shown |= {tool["name"] for tool in body.get("tools") or []}
        blocks = [block for one in body["messages"] if one["role"] == "user" for block in _blocks(one["content"])]
        said = "\n".join(block["text"] for block in blocks if block["type"] == "text")
        done = sum(block["type"] == "tool_result" for block in blocks)
        if model.refused:
            return error(401, "authentication_error", "invalid x-api-key")
        match model.next(said, done):
            case str(answer):
                return turn(text(answer))
            case step:
                return turn(use(f"mcp__{SERVER}__{step.name}", step.arguments, f"toolu_{done}"))

    return anthropic(script)


def _blocks(content: str | list[Json]) -> list[Json]:
    return [text(content)] if isinstance(content, str) else content


# OpenAI responses ---------------------------------------------------------------------------------


def responses(model: Model) -> Provider:
    def script(body: Json, number: int) -> Answer:
        for tool in body.get("tools") or []:
            inner = tool.get("tools") or []
            model.shown |= {f"{tool['name']}.{one['name']}" for one in inner} or {tool.get("name") or tool["type"]}
        done = sum(item["type"] == "function_call_output" for item in body["input"])
        parts = [part for item in body["input"] if item.get("role") == "user" for part in item["content"]]
        if model.refused:
            return Answer({"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}, 401)
        match model.next("\n".join(part.get("text", "") for part in parts), done):
            case str(answer):
                said = {"type": "output_text", "text": answer, "annotations": []}
                item: Json = {"type": "message", "id": f"m{number}", "role": "assistant", "content": [said]}
            case step:
                item = {"type": "function_call", "id": f"f{number}", "call_id": f"c{number}"}
                item |= {"namespace": f"mcp__{SERVER}", "name": step.name, "arguments": json.dumps(step.arguments)}
        return _response(item, number)

    return Provider(script, _check_responses, {})


def _response(item: Json, number: int) -> Answer:
    usage = {
        "input_tokens": READ,
        "input_tokens_details": {"cached_tokens": CACHED},
        "output_tokens": WRITTEN,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": READ + WRITTEN,
    }
    start = {"id": f"resp_{number}", "object": "response", "status": "in_progress", "output": []}
    end = {**start, "status": "completed", "output": [item], "usage": usage}
    return events(
        {"type": "response.created", "response": start},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": end},
    )


def _check_responses(body: Json, headers: Json) -> str | None:
    """What the real API would refuse, of what the client could get wrong."""
    if headers.get("authorization") != "Bearer test-key":
        return "no key"
    asked = [item["call_id"] for item in body["input"] if item["type"] == "function_call"]
    answered = [item["call_id"] for item in body["input"] if item["type"] == "function_call_output"]
    return None if asked == answered else f"input: calls {asked}, outputs {answered}"


# Gemini generateContent ---------------------------------------------------------------------------


def generate_content(model: Model) -> Provider:
    def script(body: Json, _: int) -> Answer:
        declared = [one for tool in body.get("tools") or [] for one in tool.get("functionDeclarations") or []]
        model.shown |= {one["name"] for one in declared}
        parts = [part for content in body["contents"] for part in content["parts"]]
        done = sum("functionResponse" in part for part in parts)
        if model.refused:
            return Answer({"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT"}}, 400)
        match model.next("\n".join(part.get("text", "") for part in parts), done):
            case str(answer):
                part: Json = {"text": answer}
            case step:
                part = {"functionCall": {"name": f"mcp_{SERVER}_{step.name}", "args": step.arguments}}
        usage = {
            "promptTokenCount": READ,
            "candidatesTokenCount": WRITTEN,
            "cachedContentTokenCount": CACHED,
            "totalTokenCount": READ + WRITTEN,
        }
        candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
        document = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-2.5-pro"}
        return Answer(f"data: {json.dumps(document)}\r\n\r\n", 200, {"content-type": "text/event-stream"})

    return Provider(script, _check_contents, {})


def _check_contents(body: Json, headers: Json) -> str | None:
    """What the real API would refuse, of what the client could get wrong."""
    if headers.get("x-goog-api-key") != "test-key":
        return "no key"
    parts = [part for content in body["contents"] for part in content["parts"]]
    asked = [part["functionCall"]["name"] for part in parts if "functionCall" in part]
    answered = [part["functionResponse"]["name"] for part in parts if "functionResponse" in part]
    return None if asked == answered else f"contents: calls {asked}, responses {answered}"
