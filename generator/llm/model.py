"""A language model by its name: asked once for each request, within a budget, with answers that are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from generator.errors import AccountError, ModelError
from generator.llm.answers import AnswerStore
from generator.llm.asking import Answered, Asker
from generator.llm.batched import Rounds
from generator.llm.crew import each
from generator.llm.prices import Price
from generator.llm.requests import Request, T
from generator.llm.spending import Purse, Spending

__all__ = ["Answered", "LanguageModel"]

PARALLEL = 4


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
        self._batch, self._parallel = batch, parallel
        self._asker = Asker(name, answers, Purse(name, budget, price), base_url, on_answer, on_notice)

    @property
    def spending(self) -> Spending:
        """What was spent until now."""
        return self._asker.purse.spending

    def ask(self, request: Request[T]) -> T:
        """The answer to a request; never through a batch.

        Raises:
            ModelError: there is none; its subclasses say why.
        """
        self._asker.door.stopping.clear()
        return self._answer(request)

    def ask_all(self, requests: Sequence[Request[T]]) -> list[T | ModelError]:
        """The answers in the order of the requests, or what went wrong with each; the same request is asked once.

        Raises:
            AccountError: nothing that is asked of this model will be answered; what was answered is kept.
            ModelError: the same of batches.
        """
        unique = {request.digest(self.name): request for request in requests}
        self._asker.door.stopping.clear()
        ways = self._ask_batch if self._batch else self._ask_each
        answers = dict(zip(unique, ways(list(unique.values())), strict=True))
        return [answers[request.digest(self.name)] for request in requests]

    def close(self) -> None:
        """Ends what is under way."""
        self._asker.door.close()

    def _ask_batch(self, requests: Sequence[Request[T]]) -> list[T | ModelError]:
        return Rounds[T](self._asker).run(requests)

    def _ask_each(self, requests: Sequence[Request[T]]) -> list[T | ModelError]:
        try:
            return each(self._settle, requests, self._parallel)
        except BaseException:
            self._asker.door.stopping.set()  # who waits for a busy provider need not go on
            raise

    def _answer(self, request: Request[T]) -> T:
        stored = self._asker.stored(request)
        return stored if stored is not None else self._asker.fresh(request)

    def _settle(self, request: Request[T]) -> T | ModelError:
        try:
            return self._answer(request)
        except AccountError:
            raise
        except ModelError as error:
            return error
