"""Asking a model again when its provider is busy: with the provider's own delay, and counted.

A request that is asked again is the same request; tools are called only once it is answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from harness.errors import LimitError, ProviderError, UnusableProviderError

Answer = TypeVar("Answer")

TRIES = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds, where the provider names none


class BusyError(Exception):
    """A request that may well be answered later; `delay` is the provider's own, in seconds."""

    def __init__(self, what: str, delay: float | None = None) -> None:
        self.delay = delay
        super().__init__(what)


async def patiently(ask: Callable[[], Awaitable[Answer]], deadline: float, retried: Callable[[], None]) -> Answer:
    """What `ask` returns, asked again while it raises BusyError.

    `deadline` is when the attempt ends, on the clock of `time.monotonic`; `retried` is called for each repetition.

    Raises:
        ProviderError: it was busy every time, or wants more patience than the attempt has time. Waiting for a
            provider is not the agent's doing, so this is no limit that the agent reached.
    """
    for failures in range(1, TRIES + 1):
        try:
            return await ask()
        except BusyError as error:
            if failures == TRIES:
                raise ProviderError(f"{error} That was try {failures}, and the last one.") from error
            pause = _pause(error.delay, failures)
            if time.monotonic() + pause >= deadline:
                raise ProviderError(f"{error} Another try is due in {pause:.0f} s, after the attempt's end.") from error
        await asyncio.sleep(pause)
        retried()
    raise AssertionError("the last try returns or raises")


def _pause(asked: float | None, failures: int) -> float:
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


def trouble(status: int, headers: Mapping[str, str], words: str, final: bool = False) -> Exception:
    """What an answer with an error status means: for this request, for the attempt, or for the whole run.

    `final` says that the provider's own code tells of something that no patience mends.
    """
    remedy = {
        401: " Is the key right?",
        402: " Add credit to the account, then go on.",
        404: " Is the model's name right?",
    }.get(status, "")
    again = headers.get("x-should-retry")
    busy = status in (408, 409, 429) or status >= 500 or again == "true"
    if final or status in (401, 402, 403, 404) or (status == 429 and again == "false"):
        return UnusableProviderError(words + remedy)
    if busy and again != "false":
        return BusyError(words, server_delay(headers))
    if status == 413:
        return LimitError("The conversation no longer fits into a request.")
    return ProviderError(words)
