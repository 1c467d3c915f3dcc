"""What asking a model has taken, and whether it may go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from generator.errors import SpendingError
from generator.llm.prices import Price, Tokens, price_of

BATCH_DISCOUNT = 0.5


@dataclass(frozen=True)
class Spending:
    """Sums over the requests of one job. `usd` is None where a price is not known: unknown, not none.

    `calls` are answers that were paid for, `stored` those that were there already; `retries` are requests that
    were asked again because the provider was busy or the connection broke.
    """

    calls: int = 0
    stored: int = 0
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    usd: float | None = 0.0

    def __str__(self) -> str:
        calls = "1 call" if self.calls == 1 else f"{self.calls} calls"
        stored = f", {self.stored} from the store" if self.stored else ""
        cached = f" ({self.cached_tokens:,} cached)" if self.cached_tokens else ""
        cost = "cost unknown" if self.usd is None else f"${self.usd:.4f}"
        return f"{calls}{stored}, {self.input_tokens:,} tokens in{cached}, {self.output_tokens:,} out, {cost}"


class Purse:
    """Counts what is spent, for several threads, and sets aside what a request may cost before it is made."""

    def __init__(self, model: str, budget: float | None, price: Price | None) -> None:
        """`price` goes before the published one. Raises SpendingError for a budget that cannot be kept."""
        self._model, self._own_price = model, price
        self._budget = budget
        self._reserved = 0.0
        self._lock = threading.Condition()
        self.spending = Spending()
        if budget is not None and not budget >= 0:  # what is no number compares with nothing
            raise SpendingError(f"A budget is an amount of US dollars, such as 3; found {budget}.")
        if budget is not None and self._price(0) is None:
            raise SpendingError(
                f"What {model} costs is not known here, so a budget in dollars cannot be kept; "
                "give its price (--price IN,OUT: US dollars for a million tokens), or no budget."
            )

    def most(self, prompt: int, output: int, batch: bool = False) -> float | None:
        """US dollars that a request may cost at most; None where the price is not known."""
        price = self._price(prompt)
        if price is None:
            return None
        return price.of(Tokens(0, output, cache_write=prompt)) * (BATCH_DISCOUNT if batch else 1.0)

    def allows(self, most: float) -> bool:
        """Whether the budget leaves so much."""
        with self._lock:
            return self._budget is None or self._spent + self._reserved + most <= self._budget

    @contextmanager
    def reserved(self, most: float | None, stage: str) -> Iterator[None]:
        """Sets `most` aside while a request is made; waits for others that may still leave enough.

        Raises:
            SpendingError: the budget does not allow it.
        """
        share = most or 0.0
        with self._lock:
            while self._budget is not None and self._spent + self._reserved + share > self._budget:
                if self._reserved <= 0:
                    left = max(self._budget - self._spent, 0.0)
                    raise SpendingError(
                        f"The next request may cost up to ${share:.4f}, and ${left:.4f} of the budget of "
                        f"${self._budget:g} are left. Nothing that was answered is lost: give a larger --budget to "
                        "go on from here.",
                        stage,
                    )
                self._lock.wait()
            self._reserved += share
        try:
            yield
        finally:
            with self._lock:
                self._reserved = max(self._reserved - share, 0.0)
                if self._reserved < 1e-9:  # what adding and taking leaves of nothing
                    self._reserved = 0.0
                self._lock.notify_all()

    def count(self, tokens: Tokens, known: bool = True, batch: bool = False) -> float | None:
        """One answer. `known`: it was served the usual way, so that the price holds. Its cost in US dollars."""
        price = self._price(tokens.prompt) if known else None
        cost = None if price is None else price.of(tokens) * (BATCH_DISCOUNT if batch else 1.0)
        with self._lock:
            before = self.spending
            self.spending = replace(
                before,
                calls=before.calls + 1,
                input_tokens=before.input_tokens + tokens.prompt,
                output_tokens=before.output_tokens + tokens.output,
                cached_tokens=before.cached_tokens + tokens.cache_read,
                usd=None if cost is None or before.usd is None else before.usd + cost,
            )
            self._lock.notify_all()
        return cost

    def count_stored(self) -> None:
        with self._lock:
            self.spending = replace(self.spending, stored=self.spending.stored + 1)

    def count_retry(self) -> None:
        with self._lock:
            self.spending = replace(self.spending, retries=self.spending.retries + 1)

    @property
    def _spent(self) -> float:
        if self.spending.usd is None:  # a way of serving whose price nobody published
            raise SpendingError("What an answer has cost is not known, so the budget cannot be kept; give none.")
        return self.spending.usd

    def _price(self, prompt: int) -> Price | None:
        return self._own_price or price_of(self._model, prompt)
