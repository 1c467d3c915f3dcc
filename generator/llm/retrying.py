"""When a provider is busy: how long to wait, and which refusals no patience mends."""

from __future__ import annotations

import contextlib
import email.utils
import math
import random
import time
from collections.abc import Mapping
from typing import Literal

TRIES = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds, where the provider names none

Prospect = Literal["again", "never", "too_long", "not_so"]
"""Of a refused request: it may work later; nothing will; it is too long; it will not work as it is."""


class BusyError(Exception):
    """A request that may well be answered later; `delay` is the provider's own, in seconds."""

    def __init__(self, what: str, delay: float | None = None) -> None:
        self.delay = delay
        super().__init__(what)


def pause(asked: float | None, failures: int) -> float:
    """Seconds to wait after so many failures: what the provider asks for, else longer each time, with jitter."""
    if asked is not None:
        return max(asked, 0.0)
    return min(_FIRST_PAUSE * 2.0 ** (failures - 1), _LONGEST_PAUSE) * random.uniform(0.75, 1)


def server_delay(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date)."""
    text, unit = headers.get("retry-after-ms"), 1000.0
    if text is None:
        text, unit = headers.get("retry-after", ""), 1.0
    delay: float | None = None
    with contextlib.suppress(ValueError):
        delay = float(text) / unit
    with contextlib.suppress(ValueError, TypeError):
        delay = email.utils.parsedate_to_datetime(text).timestamp() - time.time() if delay is None else delay
    return delay if delay is not None and math.isfinite(delay) else None


def prospect(status: int, headers: Mapping[str, str], final: bool = False) -> Prospect:
    """What can be hoped for after an error status; `final`: the provider's own code says that nothing helps."""
    again = headers.get("x-should-retry")
    if final or status in (401, 402, 403, 404) or (status == 429 and again == "false"):
        return "never"
    if (status in (408, 409, 429) or status >= 500 or again == "true") and again != "false":
        return "again"
    return "too_long" if status == 413 else "not_so"


def remedy(status: int) -> str:
    """What a user can do about a status, as a sentence after a blank; empty where nothing is known."""
    return {
        401: " Is the key right?",
        402: " Add credit to the account, then go on.",
        404: " Is the model's name right?",
    }.get(status, "")
