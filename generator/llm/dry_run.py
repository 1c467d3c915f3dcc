"""`--dry-run`: what would be asked, and what it would cost at most, without asking."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.errors import ModelError, NoKeyError, NotAskedError
from generator.llm.answers import AnswerStore
from generator.llm.conversation import Conversation, Facts
from generator.llm.model import LanguageModel
from generator.llm.prices import Price
from generator.llm.requests import Request, T
from generator.llm.retrying import BusyError

BYTES_PER_TOKEN = 3.5  # of English and JSON, roughly


@dataclass(frozen=True)
class Planned:
    """Calls that would be made. `counted`: the API counted the tokens; else they are estimated by length.

    `usd` is the most that they may cost together, None where the price is not known. `sure` is False for calls
    that depend on earlier answers: so many at most.
    """

    stage: str
    calls: int
    input_tokens: int
    output_tokens: int
    counted: bool
    usd: float | None
    sure: bool = True

    def __add__(self, other: Planned) -> Planned:
        """Calls of the same stage and kind, taken together."""
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return replace(
            self,
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            usd=usd,
        )


class DryRun(LanguageModel):
    """Takes the place of a model. Kept answers are given, so that a job that was stopped is looked at from there."""

    def __init__(
        self,
        name: str,
        *,
        answers: AnswerStore | None = None,
        budget: float | None = None,
        base_url: str | None = None,
        batch: bool = False,
        price: Price | None = None,
        on_notice: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(
            name, answers=answers, budget=budget, base_url=base_url, batch=batch, price=price, on_notice=on_notice
        )
        self.planned: list[Planned] = []
        self._countable = True

    def ask(self, request: Request[T]) -> T:
        """A kept answer. Raises NotAskedError, after saying what would be asked, where there is none."""
        stored = self._asker.stored(request)
        if stored is not None:
            return stored
        self._plan(request, halved=False)
        raise NotAskedError("A dry run asks nothing; what follows depends on this answer.", request.stage)

    def ask_all(self, requests: Sequence[Request[T]]) -> list[T | ModelError]:
        return [self._or_plan(request) for request in requests]

    def foresee(self, stage: str, calls: int, input_tokens: int, output_tokens: int) -> None:
        """Calls that may follow, with the tokens of each; they depend on answers that are not there."""
        most = self._asker.purse.most(input_tokens, output_tokens)
        usd = None if most is None else most * calls
        self.planned.append(Planned(stage, calls, calls * input_tokens, calls * output_tokens, False, usd, sure=False))

    @property
    def usd(self) -> float | None:
        """The most that all of it may cost."""
        costs = [planned.usd for planned in self.planned]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    def by_stage(self) -> list[Planned]:
        """What is planned, a line for the calls of a stage that are of one kind, in the order in which they come."""
        lines: dict[tuple[str, bool, bool], Planned] = {}
        for each in self.planned:
            key = (each.stage, each.counted, each.sure)
            lines[key] = lines[key] + each if key in lines else each
        return list(lines.values())

    def _or_plan(self, request: Request[T]) -> T | ModelError:
        stored = self._asker.stored(request)
        if stored is not None:
            return stored
        self._plan(request, halved=self._batch)
        return NotAskedError("A dry run asks nothing.", request.stage)

    def _plan(self, request: Request[Any], halved: bool) -> None:
        params = Conversation(self.name, request, Facts(), held=True).params
        counted = self._count(params) if self._countable else None
        read = counted if counted is not None else estimate(params)
        usd = self._asker.purse.most(read, request.max_tokens, batch=halved)
        self.planned.append(Planned(request.stage, 1, read, request.max_tokens, counted is not None, usd))

    def _count(self, params: dict[str, Any]) -> int | None:
        asked = {key: value for key, value in params.items() if key != "max_tokens"}
        try:
            client = self._asker.door.client()
            return self._asker.door.call(lambda: client.messages.count_tokens(**asked), "count").input_tokens
        except NoKeyError:
            self._countable = False
        except (ModelError, BusyError) as error:
            self._countable = False
            self._asker.say(f"The tokens cannot be counted ({error}); they are estimated by length.")
        return None


def estimate(params: dict[str, Any]) -> int:
    """Tokens that a request has to read, by its length."""
    return math.ceil(len(json.dumps(params, ensure_ascii=False).encode()) / BYTES_PER_TOKEN)
