"""The Message Batches API of the loopback provider: batches that are worked on while they are polled."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

Json = dict[str, Any]
CUSTOM_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")


class BatchDesk:
    """`polls`: how often a batch is looked at before it has ended. `created` holds the requests of each batch."""

    def __init__(self, answer: Callable[[Json, str], Json]) -> None:
        self.polls = 1
        self.skew = timedelta(days=10_000)  # batches here are made at a time that stands still
        self.created: dict[str, list[Json]] = {}
        self._looked: dict[str, int] = {}
        self._results: dict[str, dict[str, Json]] = {}
        self._answer = answer
        self._lock = threading.Lock()

    def post(self, rest: list[str], body: Json, url: str) -> Any:
        from tests.llm.loopback import Failed

        if len(rest) == 2 and rest[1] == "cancel" and rest[0] in self.created:
            return self._status(rest[0], url)
        if rest:
            return None
        requests = body.get("requests", [])
        names = [request.get("custom_id", "") for request in requests]
        if not requests or len(set(names)) < len(names) or not all(CUSTOM_ID.match(name) for name in names):
            return Failed(
                400, "invalid_request_error", "requests: custom_id must be unique, and 1 to 64 of [A-Za-z0-9_-]"
            )
        if any(request["params"].get("stream") for request in requests):
            return Failed(400, "invalid_request_error", "requests: streaming is not supported in batches")
        with self._lock:
            name = f"msgbatch_{len(self.created) + 1:04}"
            self.created[name] = requests
            self._looked[name] = 0
        return self._status(name, url)

    def get(self, rest: list[str], url: str) -> Any:
        match rest:
            case []:
                found = [self._status(name, url) for name in reversed(self.created)]
                return {"data": found, "has_more": False, "first_id": None, "last_id": None}
            case [name] if name in self.created:
                with self._lock:
                    self._looked[name] += 1
                return self._status(name, url)
            case [name, "results"] if name in self.created and self._ended(name):
                lines = [{"custom_id": key, "result": result} for key, result in reversed(self._made(name).items())]
                return "".join(json.dumps(line) + "\n" for line in lines)
            case _:
                return None

    def _ended(self, name: str) -> bool:
        return self._looked[name] >= self.polls

    def _made(self, name: str) -> dict[str, Json]:
        with self._lock:
            if name not in self._results:
                requests = self.created[name]
                self._results[name] = {
                    request["custom_id"]: self._answer(request["params"], request["custom_id"]) for request in requests
                }
            return self._results[name]

    def _status(self, name: str, url: str) -> Json:
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        ended = self._ended(name)
        if ended:
            for result in self._made(name).values():
                counts[result["type"]] += 1
        else:
            counts["processing"] = len(self.created[name])
        return {
            **{"id": name, "type": "message_batch", "request_counts": counts},
            "processing_status": "ended" if ended else "in_progress",
            "created_at": "2026-11-22T00:00:00Z",
            "expires_at": "2026-11-23T00:00:00Z",
            "ended_at": "2026-11-22T01:00:00Z" if ended else None,
            **{"archived_at": None, "cancel_initiated_at": None},
            "results_url": f"{url}/v1/messages/batches/{name}/results" if ended else None,
        }
