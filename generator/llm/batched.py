"""Several requests through Message Batches: round after round until each has its answer or its error."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Generic

from generator.errors import AccountError, ModelError, OverloadedError, SpendingError
from generator.llm.asking import Asker
from generator.llm.batches import MOST_BYTES, MOST_REQUESTS, Courier, Outcome, name_of
from generator.llm.conversation import Conversation, Reply
from generator.llm.requests import Request, T
from generator.llm.troubles import TooComplexError

_ROUNDS = 3  # that a request of which a batch only says that the provider was busy is asked in


class Rounds(Generic[T]):
    """The requests of one call; those that have to be asked again go into the next batch together."""

    def __init__(self, asker: Asker) -> None:
        folder = None if asker.answers is None else asker.answers.folder / "batches"
        self._asker = asker
        self._courier = Courier(asker.door, folder, asker.say)
        self._answers: dict[int, T | ModelError] = {}
        self._open: dict[int, Conversation[T]] = {}
        self._busy: Counter[int] = Counter()
        self._settled: set[str] = set()

    def run(self, requests: Sequence[Request[T]]) -> list[T | ModelError]:
        """The answers in the order of the requests, which all differ.

        Raises:
            AccountError: the provider will refuse everything.
            ModelError: no batch can be made or looked at; those under way are picked up the next time.
        """
        for number, request in enumerate(requests):
            self._begin(number, request)
        while self._open:
            names = {number: name_of(each.request.stage, each.exchange) for number, each in self._open.items()}
            try:
                outcomes = self._carry(names)
            except SpendingError as error:
                self._answers |= dict.fromkeys(self._open, error)
                break
            for number, name in names.items():
                if name in outcomes:
                    self._settle(number, outcomes[name])
                    self._settled.add(name)
        self._courier.forget(self._settled)
        return [self._answers[number] for number in range(len(requests))]

    def _begin(self, number: int, request: Request[T]) -> None:
        try:
            stored = self._asker.stored(request)
            if stored is None:
                self._open[number] = self._asker.begin(request)
            else:
                self._answers[number] = stored
        except AccountError:
            raise
        except ModelError as error:
            self._answers[number] = error

    def _carry(self, names: dict[int, str]) -> dict[str, Outcome]:
        """As many as one batch takes and the budget allows; those that are under way cost nothing more."""
        under_way = self._courier.waiting(set(names.values()))
        parcels: dict[str, dict[str, Any]] = {}
        costs, size = 0.0, 0
        for number, name in sorted(names.items(), key=lambda item: item[1] not in under_way):
            conversation = self._open[number]
            cost = 0.0 if name in under_way else (self._asker.most(conversation, batch=True) or 0.0)
            size += len(json.dumps(conversation.params))
            full = len(parcels) >= MOST_REQUESTS or size > MOST_BYTES
            if parcels and (full or not self._asker.purse.allows(costs + cost)):
                break
            parcels[name] = conversation.params
            costs += cost
        with self._asker.purse.reserved(costs, "batch"):
            return self._courier.carry(parcels)

    def _settle(self, number: int, outcome: Outcome) -> None:
        conversation = self._open[number]
        try:
            if isinstance(outcome, Reply):
                conversation.add(self._asker.purse.count(outcome.tokens, outcome.usual, batch=True))
                answer = self._asker.take(conversation, outcome)
                if answer is not None:
                    self._close(number, answer)
            elif isinstance(outcome, TooComplexError):
                self._asker.loosen(conversation, outcome)
            elif isinstance(outcome, OverloadedError) and self._busy[number] + 1 < _ROUNDS:
                self._busy[number] += 1
                self._asker.purse.count_retry()
            else:
                raise outcome
        except AccountError:
            raise
        except ModelError as error:
            self._close(number, error)

    def _close(self, number: int, result: T | ModelError) -> None:
        self._answers[number] = result
        del self._open[number]
