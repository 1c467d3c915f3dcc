"""A model's provider on the loopback that speaks Messages and Message Batches, as strict as the real one.

A script gets each request (`Asked`) and says what comes back (`Said` or `Failed`). It may take its time: a client
that asked for a stream gets pings meanwhile, as from the real API.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.llm.batch_desk import BatchDesk
from tests.llm.strictness import refusal
from tests.threaded import serving

Json = dict[str, Any]
MODEL = "claude-opus-5"
MOST_TOKENS = 64_000
KEY = "test-key"


@dataclass(frozen=True)
class Asked:
    """One request to the model; `stage` is what the generator names it, `number` counts from 0."""

    body: Json
    stage: str
    number: int
    batch: bool = False


@dataclass(frozen=True)
class Said:
    """An answer: `text` as it is (a document is made JSON).

    `cut` closes the connection after so many characters; with `quietly`, as if that were the whole stream.
    """

    text: str | Json
    stop: str = "end_turn"
    usage: Json = field(default_factory=dict)
    thinking: str = ""
    explanation: str = ""
    cut: int | None = None
    quietly: bool = False

    @property
    def words(self) -> str:
        return self.text if isinstance(self.text, str) else json.dumps(self.text)


@dataclass(frozen=True)
class Failed:
    """An error. `midway`: in the middle of a stream that began well. Status 0 closes the connection unanswered."""

    status: int
    kind: str = "api_error"
    message: str = "Something went wrong."
    headers: dict[str, str] = field(default_factory=dict)
    midway: bool = False
    code: str = ""

    @property
    def body(self) -> Json:
        details = {"details": {"error_code": self.code}} if self.code else {}
        error = {"type": self.kind, "message": self.message, **details}
        return {"type": "error", "error": error, "request_id": "req_1"}


Script = Callable[[Asked], "Said | Failed"]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up, or asked while the provider closed, is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError | RuntimeError | CancelledError):
            super().handle_error(request, client_address)


class Loopback:
    """A running provider. `asked` are the requests that came, `problems` those that the real one would refuse."""

    def __init__(
        self,
        script: Script,
        *,
        model: str = MODEL,
        most_tokens: int = MOST_TOKENS,
        thinks: bool = True,
        holds: bool = True,
        grammar: int | None = None,
        tells: bool = True,
        port: int = 0,
    ) -> None:
        """`holds`: the model has structured outputs; `tells`: there is a Models API, which a gateway may lack."""
        self.asked: list[Asked] = []
        self.problems: list[str] = []
        self.counted = 0
        self.script, self._model, self._most_tokens, self._grammar = script, model, most_tokens, grammar
        self._thinks, self._holds, self._tells = thinks, holds, tells
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(16, "script")
        self.batches = BatchDesk(self._batched)
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextlib.contextmanager
    def running(self) -> Iterator[Loopback]:
        try:
            with serving(self._server):
                yield self
        finally:
            self._workers.shutdown(wait=False, cancel_futures=True)

    def model_info(self, name: str) -> Json | None:
        if not self._tells:
            return None
        yes, no = {"supported": True}, {"supported": False}
        kinds = {"adaptive": yes if self._thinks else no, "between_tools": no, "disabled": yes, "enabled": no}
        able = {
            **dict.fromkeys(("batch", "citations", "image_input", "pdf_input"), yes),
            "structured_outputs": yes if self._holds else no,
            "thinking": {"supported": self._thinks, "types": kinds},
        }
        return {
            **{"id": name, "type": "model", "display_name": "Loopback", "created_at": "2026-07-24T00:00:00Z"},
            **{"lifecycle": "active", "max_tokens": self._most_tokens, "max_input_tokens": 200_000},
            "capabilities": able,
        }

    def refuses(self, body: Json) -> Failed | None:
        """What is wrong with a request, as the real API says it."""
        form = body.get("output_config", {}).get("format")
        if form is not None and not self._holds:
            problem: str | None = f"'{body.get('model')}' does not support output format."
        else:
            problem = refusal(body, self._most_tokens, self._grammar)
        if problem is None:
            return None
        self.problems.append(problem)
        return Failed(400, "invalid_request_error", problem)

    def ask(self, body: Json, stage: str, batch: bool = False) -> Future[Said | Failed]:
        with self._lock:
            asked = Asked(body, stage, len(self.asked), batch)
            self.asked.append(asked)
        return self._workers.submit(self.script, asked)

    def _batched(self, params: Json, custom_id: str) -> Json:
        """The result of one request of a batch."""
        refused = self.refuses(params)
        said = refused or self.ask(params, custom_id.rpartition("-")[0], batch=True).result()
        if isinstance(said, Said):
            return {"type": "succeeded", "message": message(said, params, "batch")}
        if said.kind in ("expired", "canceled"):
            return {"type": said.kind}
        return {"type": "errored", "error": said.body}


def tokens(text: str) -> int:
    return max(1, len(text) // 4)


def message(said: Said, body: Json, tier: str = "standard") -> Json:
    blocks: list[Json] = []
    if said.thinking:
        blocks.append({"type": "thinking", "thinking": said.thinking, "signature": "signed"})
    if said.words:
        blocks.append({"type": "text", "text": said.words})
    read = {"input_tokens": tokens(json.dumps(body)), "output_tokens": tokens(said.thinking + said.words)}
    details = {"type": "refusal", "category": None, "explanation": said.explanation} if said.explanation else None
    return {
        **{"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": blocks},
        **{"stop_reason": said.stop, "stop_sequence": None, "stop_details": details},
        "usage": {**read, "service_tier": tier, **said.usage},
    }


def events(said: Said, body: Json) -> Iterator[Json]:
    """An answer as the events of a stream."""
    whole = message(said, body)
    begun = {**whole["usage"], "output_tokens": 1}
    yield {
        "type": "message_start",
        "message": {**whole, "content": [], "stop_reason": None, "stop_details": None, "usage": begun},
    }
    for index, block in enumerate(whole["content"]):
        kind = block["type"]
        empty = {**block, kind: ""} | ({"signature": ""} if kind == "thinking" else {})
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for start in range(0, len(block[kind]), 2000):
            piece = {"type": f"{kind}_delta", kind: block[kind][start : start + 2000]}
            yield {"type": "content_block_delta", "index": index, "delta": piece}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None, "stop_details": whole["stop_details"]}
    yield {"type": "message_delta", "delta": delta, "usage": whole["usage"]}
    yield {"type": "message_stop"}


def _handler(provider: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = self.path.split("?")[0].strip("/").split("/")
            if not self.key_is_good():
                return
            if parts[:2] == ["v1", "models"] and len(parts) == 3 and (info := provider.model_info(parts[2])):
                self.document(info)
            elif parts[:3] == ["v1", "messages", "batches"]:
                self.batch(provider.batches.get(parts[3:], provider.url))
            else:
                self.failed(Failed(404, "not_found_error", "There is nothing here."))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
            if not self.key_is_good():
                return
            match self.path.split("?")[0].strip("/").split("/")[2:]:
                case []:
                    self.message(body)
                case ["count_tokens"]:
                    provider.counted += 1
                    self.document({"input_tokens": tokens(json.dumps(body))})
                case ["batches", *rest]:
                    self.batch(provider.batches.post(rest, body, provider.url))
                case _:
                    self.failed(Failed(404, "not_found_error", "There is nothing here."))

        def key_is_good(self) -> bool:
            given = f"{self.headers.get('x-api-key')} {self.headers.get('authorization')}"
            if KEY not in given or "anthropic-version" not in self.headers:
                self.failed(Failed(401, "authentication_error", "invalid x-api-key"))
                return False
            return True

        def message(self, body: Json) -> None:
            refused = provider.refuses(body)
            if refused is not None:
                self.failed(refused)
                return
            answer = provider.ask(body, self.headers.get("x-envwright-stage", ""))
            if not body.get("stream"):
                said = answer.result()
                self.failed(said) if isinstance(said, Failed) else self.document(message(said, body))
                return
            with contextlib.suppress(NotYet):
                said = answer.result(1)
                if isinstance(said, Failed) and not said.midway:
                    self.failed(said)
                    return
            with contextlib.suppress(ConnectionError):
                self.stream(answer, body)

        def stream(self, answer: Future[Said | Failed], body: Json) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            while True:
                try:
                    said = answer.result(5)
                    break
                except NotYet:
                    self.event({"type": "ping"})
            if isinstance(said, Failed):
                self.event(next(events(Said("…"), body)))
                self.event({**said.body, "type": "error"})
            else:
                left = said.cut
                for event in events(said, body):
                    if left is not None and event["type"] == "content_block_delta":
                        left -= len(event["delta"].get("text", ""))
                        if left < 0:
                            if said.quietly:
                                break
                            self.close_connection = True
                            return
                    self.event(event)
            self.chunk(b"")

        def event(self, event: Json) -> None:
            self.chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

        def chunk(self, content: bytes) -> None:
            self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
            self.wfile.flush()

        def batch(self, found: Json | str | Failed | None) -> None:
            if isinstance(found, Failed):
                self.failed(found)
            elif found is None:
                self.failed(Failed(404, "not_found_error", "There is no such batch."))
            else:
                self.document(found)

        def failed(self, failed: Failed) -> None:
            if failed.status:
                self.document(failed.body, failed.status, failed.headers)
            else:
                self.close_connection = True

        def document(self, body: Json | str, status: int = 200, headers: dict[str, str] | None = None) -> None:
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            kind = "application/x-jsonl" if isinstance(body, str) else "application/json"
            for name, value in {"content-type": kind, "content-length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
