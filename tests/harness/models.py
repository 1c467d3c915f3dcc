"""A model's provider on the loopback: enough of its protocol, as strict as the real one, scripted by a test.

A script gets the body of each request with its number, from 0, and says the answer. Requests that the real
provider would refuse get a 400 here too, and are kept in `problems`.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.threaded import serving

Json = dict[str, Any]


@dataclass
class Answer:
    """What goes back: a document, or text that is sent as it is."""

    body: Json | str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Json, int], Answer]
Check = Callable[[Json, Json], str | None]


class Provider:
    """A running provider. `requests` are the bodies that came."""

    def __init__(self, script: Script, check: Check, known: Json) -> None:
        self.requests: list[Json] = []
        self.problems: list[str] = []
        self.script, self.known = script, known
        self._check = check
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, path: str, headers: Json, body: Json | None) -> Answer:
        if body is None:
            found = self.known.get(path)
            return Answer(found) if found else error(404, "not_found_error", "There is nothing here.")
        with self._lock:
            number = len(self.requests)
            self.requests.append(body)
        problem = self._check(body, headers)
        if problem is not None:
            self.problems.append(problem)
            return error(400, "invalid_request_error", problem)
        answer = self.script(body, number)
        return streamed(answer) if body.get("stream") else answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.reply(answer(self.path, {}, None))

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.reply(answer(self.path, headers, json.loads(content)))

            def reply(self, given: Answer) -> None:
                content = (given.body if isinstance(given.body, str) else json.dumps(given.body)).encode()
                self.send_response(given.status)
                headers = {"content-type": "application/json", "content-length": str(len(content)), **given.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    @contextlib.contextmanager
    def running(self) -> Iterator[Provider]:
        with serving(self._server):
            yield self


def error(status: int, kind: str, message: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return Answer(body, status, named)


# Anthropic Messages -------------------------------------------------------------------------------


def anthropic(script: Script, adaptive: bool = True) -> Provider:
    yes, no = {"supported": True}, {"supported": False}
    types = {"adaptive": yes if adaptive else no, "between_tools": no, "disabled": yes, "enabled": no}
    model = {
        "id": "claude-opus-5",
        "type": "model",
        "display_name": "Scripted",
        "created_at": "2026-07-24T00:00:00Z",
        "lifecycle": "active",
        "max_tokens": 4096,
        "capabilities": {"thinking": {"supported": adaptive, "types": types}},
    }
    return Provider(script, check_messages, {"/v1/models/claude-opus-5": model})


def turn(*blocks: Json, stop: str | None = None, usage: Json | None = None, **more: Any) -> Answer:
    """One answer of the model, from blocks of `text`, `use` and `thought`."""
    calls = any(block["type"] == "tool_use" for block in blocks)
    return Answer(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-opus-5",
            "content": list(blocks),
            "stop_reason": stop or ("tool_use" if calls else "end_turn"),
            "stop_sequence": None,
            "usage": {"input_tokens": 100, "output_tokens": 20, **(usage or {})},
            **more,
        }
    )


def streamed(answer: Answer) -> Answer:
    """The same answer as a stream of events, for a client that asked for one."""
    if answer.status != 200 or isinstance(answer.body, str):
        return answer
    message, events = answer.body, []
    usage = message["usage"]
    start = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    events.append({"type": "message_start", "message": start})
    for index, block in enumerate(message["content"]):
        empty, deltas = _pieces(block)
        events.append({"type": "content_block_start", "index": index, "content_block": empty})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    events += [{"type": "message_delta", "delta": delta, "usage": usage}, {"type": "message_stop"}]
    lines = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return Answer(lines, 200, {"content-type": "text/event-stream"})


def _pieces(block: Json) -> tuple[Json, list[Json]]:
    """A block as it begins, and what is added to it."""
    match block["type"]:
        case "text":
            return {**block, "text": ""}, [{"type": "text_delta", "text": block["text"]}]
        case "tool_use":
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
        case _:
            thinking = {"type": "thinking_delta", "thinking": block["thinking"]}
            signature = {"type": "signature_delta", "signature": block["signature"]}
            return {**block, "thinking": "", "signature": ""}, [thinking, signature]


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def use(name: str, arguments: Any, id_: str = "toolu_1") -> Json:
    return {"type": "tool_use", "id": id_, "name": name, "input": arguments}


def thought(words: str) -> Json:
    return {"type": "thinking", "thinking": words, "signature": f"signed {len(words)}"}


KEYS = ("authorization", "x-api-key")


def check_messages(body: Json, headers: Json) -> str | None:
    """What the real API would refuse, of what an adapter could get wrong."""
    if "anthropic-version" not in headers or "test-key" not in str([headers.get(name) for name in KEYS]):
        return "headers: no version or key"
    if not {"model", "max_tokens", "messages"} <= set(body):
        return "model, max_tokens and messages are required"
    known = {
        "name",
        "description",
        "input_schema",
        "cache_control",
        "type",
        "eager_input_streaming",
        "strict",
        "defer_loading",
    }
    extra = {name for tool in body.get("tools", []) for name in set(tool) - known}
    if extra:
        return f"tools: unknown field {', '.join(sorted(extra))}"
    marks = json.dumps(body).count('"cache_control"')
    if marks > 4:
        return "cache_control: at most 4 marks"
    for asked, answered in zip(body["messages"], body["messages"][1:], strict=False):
        blocks = asked["content"] if isinstance(asked["content"], list) else []
        for block in blocks:
            if block["type"] == "thinking" and block["signature"] != f"signed {len(block['thinking'])}":
                return "messages: thinking was changed"
        uses = [block["id"] for block in blocks if block["type"] == "tool_use"]
        results = [part for part in answered["content"] if isinstance(part, dict) and part["type"] == "tool_result"]
        if uses != [part["tool_use_id"] for part in results]:
            return "messages: tool_use without tool_result"
    return None


# OpenAI chat completions --------------------------------------------------------------------------


def openai(script: Script) -> Provider:
    return Provider(script, check_chat, {})


def completion(words: str | None = None, *calls: Json, stop: str | None = None, **more: Any) -> Answer:
    """One answer of the model: words, calls of `call`, or both."""
    message: Json = {"role": "assistant", "content": words, "refusal": None}
    if calls:
        message["tool_calls"] = list(calls)
    message |= more.pop("message", {})
    choice = {"index": 0, "message": message, "finish_reason": stop or ("tool_calls" if calls else "stop")}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    return Answer({**body, **more})


def call(name: str, arguments: Any, id_: str = "call_1") -> Json:
    given = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": given}}


def check_chat(body: Json, headers: Json) -> str | None:
    """What the real API would refuse, of what an adapter could get wrong."""
    if headers.get("authorization") not in ("Bearer test-key", "Bearer none"):
        return "no key"
    if any(tool["type"] != "function" or set(tool["function"]) - KNOWN for tool in body.get("tools", [])):
        return "tools: unknown field"
    due: list[str] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            if message["tool_call_id"] not in due:
                return "messages: a result without its call"
            due.remove(message["tool_call_id"])
        elif due:
            return f"messages: no result for {due}"
        else:
            due = [each["id"] for each in message.get("tool_calls") or []]
    return f"messages: no result for {due}" if due else None


KNOWN = {"name", "description", "parameters", "strict"}
