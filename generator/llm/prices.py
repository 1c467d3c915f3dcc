"""What models cost, as published on the day below. A model that is not here has an unknown cost, not none.

Source: https://platform.claude.com/docs/en/about-claude/pricing and the models' own pages.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from generator.errors import SpendingError

AS_OF = "2026-10-24"
_MILLION = 1_000_000


@dataclass(frozen=True)
class Tokens:
    """The tokens of one request, as they are billed: nothing is counted twice."""

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0  # for five minutes
    cache_write_hour: int = 0

    @property
    def prompt(self) -> int:
        return self.input + self.cache_read + self.cache_write + self.cache_write_hour


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens. Writing to the cache costs 1.25 times the input, for an hour 2 times."""

    input: float
    output: float
    cache_read: float

    def of(self, tokens: Tokens) -> float:
        written = 1.25 * tokens.cache_write + 2 * tokens.cache_write_hour
        read = self.input * (tokens.input + written) + self.cache_read * tokens.cache_read
        return (read + self.output * tokens.output) / _MILLION


def read_price(text: str) -> Price:
    """A price of a user's own, `5,25`: for input and output. Raises SpendingError.

    What reading from a cache saves is not told, so it costs what reading does.
    """
    try:
        read, written = (float(part) for part in text.split(","))
    except ValueError:
        read = written = math.nan
    if not (0 <= read < math.inf and 0 <= written < math.inf):
        raise SpendingError(f"--price is two numbers with a comma, such as 5,25; found '{text}'.")
    return Price(read, written, cache_read=read)


_PRICES = {
    "claude-fable-5-1": Price(10, 50, 0.25),
    "claude-mythos-5-1": Price(10, 50, 0.25),
    "claude-fable-5": Price(10, 50, 1),
    "claude-mythos-5": Price(10, 50, 1),
    "claude-opus-5-5": Price(4, 20, 0.20),
    "claude-opus-5": Price(5, 25, 0.50),
    "claude-opus-4-8": Price(5, 25, 0.50),
    "claude-opus-4-7": Price(5, 25, 0.50),
    "claude-opus-4-6": Price(5, 25, 0.50),
    "claude-opus-4-5": Price(5, 25, 0.50),
    "claude-sonnet-5-5": Price(2, 10, 0.10),
    "claude-sonnet-5": Price(2, 10, 0.20),
    "claude-sonnet-4-6": Price(3, 15, 0.30),
    "claude-sonnet-4-5": Price(3, 15, 0.30),
    "claude-haiku-5-5": Price(0.10, 0.50, 0.01),
    "claude-haiku-4-5": Price(1, 5, 0.10),
}
# A longer prompt makes every token of its request dearer: the length from which, and the price then.
_LONG = {"claude-haiku-5-5": (100_000, Price(0.50, 2.50, 0.05))}


def price_of(model: str, prompt: int) -> Price | None:
    """The price for a request with so many prompt tokens; None where it is not known here."""
    name = re.sub(r"-\d{8}$", "", model)  # a snapshot costs what its model costs
    length, long = _LONG.get(name, (0, None))
    return long if long is not None and prompt > length else _PRICES.get(name)


def cost_of(model: str, tokens: Tokens) -> float | None:
    """US dollars for one request; None where the model's price is not known here."""
    price = price_of(model, tokens.prompt)
    return None if price is None else price.of(tokens)
