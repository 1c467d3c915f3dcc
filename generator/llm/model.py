"""A language model by its name: asked once for each request, within a budget, with answers that are kept."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from generator.errors import AccountError, ModelError, SchemaRejectedError
from generator.llm.answers import AnswerStore, DamagedError
from generator.llm.conversation import Conversation
from generator.llm.door import Door
from generator.llm.prices import Price, Tokens
from generator.llm.requests import Request, T
from generator.llm.schemas import objections, schema_of
from generator.llm.spending import Purse, Spending
from generator.llm.troubles import TooComplexError

PARALLEL = 4


@dataclass(frozen=True)
class Answered:
    """One answer: fresh with its tokens and cost (None: price unknown), or `stored`; `spending` is the sum so far."""

    stage: str
    stored: bool
    tokens: Tokens | None
    usd: float | None
    spending: Spending


class LanguageModel:
    """The door to a model for all that the generator asks.

    Each request is answered from `answers` where it was answered before. `budget` is in US dollars. `on_answer` and
    `on_notice` (sentences: waiting, asked again, a damaged file) are called from several threads, one at a time.
    """

    def __init__(
        self,
        name: str,
        *,
        answers: AnswerStore | None = None,
        budget: float | None = None,
        base_url: str | None = None,
        batch: bool = False,
        price: Price | None = None,
        parallel: int = PARALLEL,
        on_answer: Callable[[Answered], None] | None = None,
        on_notice: Callable[[str], None] | None = None,
    ) -> None:
        """Raises SpendingError for a budget where nobody knows what the model costs."""
        self.name = name
        self._answers = answers
        self._batch, self._parallel = batch, parallel
        self._purse = Purse(name, budget, price, batch)
        self._on_answer, self._on_notice = on_answer, on_notice
        self._telling = threading.Lock()
        self._door = Door(name, base_url, self._purse, self._say)
        self._unheld: set[type[BaseModel]] = set()

    @property
    def spending(self) -> Spending:
        return self._purse.spending

    def ask(self, request: Request[T]) -> T:
        """The answer to a request.

        Raises:
            ModelError: there is none; its subclasses say why.
        """
        stored = self._stored(request)
        return stored if stored is not None else self._fresh(request)

    def ask_all(self, requests: Sequence[Request[T]]) -> list[T | ModelError]:
        """The answers in the order of the requests, or what went wrong with each.

        Raises:
            AccountError: nothing that is asked of this model will be answered; what was answered is kept.
        """
        if self._batch:
            raise NotImplementedError
        return self._ask_each(requests)

    def close(self) -> None:
        self._door.close()

    def _ask_each(self, requests: Sequence[Request[T]]) -> list[T | ModelError]:
        if not requests:
            return []
        self._door.stopping.clear()
        with ThreadPoolExecutor(min(self._parallel, len(requests)), "model") as pool:
            futures = [pool.submit(self._settle, request) for request in requests]
            with self._stopping(futures):
                for future in as_completed(futures):
                    future.result()
        return [future.result() for future in futures]

    def _settle(self, request: Request[T]) -> T | ModelError:
        try:
            return self.ask(request)
        except AccountError:
            raise
        except ModelError as error:
            return error

    @contextlib.contextmanager
    def _stopping(self, futures: Sequence[Future[Any]]) -> Iterator[None]:
        """Whatever ends the waiting ends all that is under way: it could go on for minutes, and cost."""
        try:
            yield
        except BaseException:
            self._door.stopping.set()
            for future in futures:
                future.cancel()
            self._door.close()
            raise

    def _stored(self, request: Request[T]) -> T | None:
        if self._answers is None:
            return None
        try:
            found = self._answers.get(self.name, request)
        except DamagedError as error:
            self._say(str(error))
            return None
        if found is not None:
            self._purse.count_stored()
            self._tell(Answered(request.stage, True, None, 0.0, self.spending))
        return found

    def _fresh(self, request: Request[T]) -> T:
        conversation = self._begin(request)
        usd: float | None = 0.0
        while True:
            params = conversation.params
            most = self._purse.most(conversation.longest, conversation.room)
            try:
                with self._purse.reserved(most, request.stage):
                    reply = self._door.send(params, request.stage)
                    cost = self._purse.count(reply.tokens, reply.usual)
            except TooComplexError as error:
                self._loosen(conversation, error)
                continue
            usd = None if cost is None or usd is None else usd + cost
            answer = self._take(conversation, reply)
            if answer is not None:
                self._keep(request, answer, reply.tokens, usd)
                return answer

    def _begin(self, request: Request[T]) -> Conversation[T]:
        against = objections(schema_of(request.shape))
        if against:
            raise SchemaRejectedError(
                f"The API would refuse the shape {request.shape.__name__}: {'; '.join(against)}.", request.stage
            )
        return Conversation(self.name, request, self._door.facts(), request.shape not in self._unheld)

    def _loosen(self, conversation: Conversation[Any], error: TooComplexError) -> None:
        if not conversation.held:
            raise error
        shape = conversation.request.shape
        if shape not in self._unheld:
            self._unheld.add(shape)
            self._say(
                f"{conversation.request.stage}: the API finds the shape {shape.__name__} too large to hold answers to "
                "it; asked without, and answers are checked here."
            )
        conversation.loosen()

    def _take(self, conversation: Conversation[T], reply: Any) -> T | None:
        answer = conversation.take(reply)
        while conversation.notes:
            self._say(conversation.notes.pop(0))
        return answer

    def _keep(self, request: Request[T], answer: T, tokens: Tokens, usd: float | None) -> None:
        if self._answers is not None:
            self._answers.put(self.name, request, answer, {**vars(tokens), "usd": usd})
        self._tell(Answered(request.stage, False, tokens, usd, self.spending))

    def _tell(self, answered: Answered) -> None:
        if self._on_answer is not None:
            with self._telling:
                self._on_answer(answered)

    def _say(self, sentence: str) -> None:
        if self._on_notice is not None:
            with self._telling:
                self._on_notice(sentence)
