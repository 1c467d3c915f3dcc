"""Asking a model again when its provider is busy: with the provider's own delay, and counted.

A request that is asked again is the same request; tools are called only once it is answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from generator.llm.retrying import TRIES, BusyError, pause, prospect, remedy, server_delay
from harness.errors import BusyProviderError, LimitError, ProviderError, UnusableProviderError

__all__ = ["TRIES", "BusyError", "patiently", "server_delay", "trouble"]

Answer = TypeVar("Answer")


async def patiently(ask: Callable[[], Awaitable[Answer]], deadline: float, retried: Callable[[], None]) -> Answer:
    """What `ask` returns, asked again while it raises BusyError.

    `deadline` is when the attempt ends, on the clock of `time.monotonic`; `retried` is called for each repetition.

    Raises:
        BusyProviderError: it was busy every time, or wants more patience than the attempt has time. Waiting for a
            provider is not the agent's doing, so this is no limit that the agent reached.
    """
    for failures in range(1, TRIES + 1):
        try:
            return await ask()
        except BusyError as error:
            if failures == TRIES:
                raise BusyProviderError(f"{error} That was try {failures}, and the last one.", error.delay) from error
            seconds = pause(error.delay, failures)
            if time.monotonic() + seconds >= deadline:
                raise BusyProviderError(
                    f"{error} Another try is due in {seconds:.0f} s, after the attempt's end.", seconds
                ) from error
        await asyncio.sleep(seconds)
        retried()
    raise AssertionError("the last try returns or raises")


def trouble(status: int, headers: Mapping[str, str], words: str, final: bool = False) -> Exception:
    """What an answer with an error status means: for this request, for the attempt, or for the whole run.

    `final` says that the provider's own code tells of something that no patience mends.
    """
    match prospect(status, headers, final):
        case "never":
            return UnusableProviderError(words + remedy(status))
        case "again":
            return BusyError(words, server_delay(headers))
        case "too_long":
            return LimitError("The conversation no longer fits into a request.")
        case "not_so":
            return ProviderError(words)
