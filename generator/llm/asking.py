"""What every way of asking shares: kept answers, the beginning and the end of a request, and telling about it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from generator.errors import SchemaRejectedError
from generator.llm.answers import AnswerStore, DamagedError
from generator.llm.conversation import Conversation, Reply
from generator.llm.door import Door
from generator.llm.prices import Tokens
from generator.llm.requests import Request, T
from generator.llm.schemas import objections, schema_of
from generator.llm.spending import Purse, Spending
from generator.llm.troubles import TooComplexError


@dataclass(frozen=True)
class Answered:
    """One answer: fresh with the tokens of its last call and the cost of all of them (None: the price is not known),
    or `stored`; `spending` is the sum so far.
    """

    stage: str
    stored: bool
    tokens: Tokens | None
    usd: float | None
    spending: Spending


class Asker:
    """Asks one request at a time; for several threads."""

    def __init__(
        self,
        name: str,
        answers: AnswerStore | None,
        purse: Purse,
        base_url: str | None,
        on_answer: Callable[[Answered], None] | None,
        on_notice: Callable[[str], None] | None,
    ) -> None:
        self.name, self.answers, self.purse = name, answers, purse
        self._on_answer, self._on_notice = on_answer, on_notice
        self._telling = threading.Lock()
        self._unheld: set[type[BaseModel]] = set()
        self.door = Door(name, base_url, purse, self.say)

    def stored(self, request: Request[T]) -> T | None:
        """The kept answer, if there is one; a damaged file is told of and counts as none."""
        if self.answers is None:
            return None
        try:
            found = self.answers.get(self.name, request)
        except DamagedError as error:
            self.say(str(error))
            return None
        if found is not None:
            self.purse.count_stored()
            self._tell(Answered(request.stage, True, None, 0.0, self.purse.spending))
        return found

    def fresh(self, request: Request[T]) -> T:
        """The answer of the model. Raises ModelError."""
        conversation = self.begin(request)
        while True:
            try:
                reply, cost = self.door.send(conversation.params, request.stage, self.most(conversation))
            except TooComplexError as error:
                self.loosen(conversation, error)
                continue
            conversation.add(cost)
            answer = self.take(conversation, reply)
            if answer is not None:
                return answer

    def begin(self, request: Request[T]) -> Conversation[T]:
        """Raises ModelError where asking makes no sense: for a shape that the API is known to refuse
        (SchemaRejectedError), and where the answer could not be kept.
        """
        if self.answers is not None:
            self.answers.require_room()
        against = objections(schema_of(request.shape))
        if against:
            raise SchemaRejectedError(
                f"The API would refuse the shape {request.shape.__name__}: {'; '.join(against)}.", request.stage
            )
        return Conversation(self.name, request, self.door.facts(), request.shape not in self._unheld)

    def most(self, conversation: Conversation[Any], batch: bool = False) -> float | None:
        """US dollars that the next call of a conversation may cost at most."""
        return self.purse.most(conversation.longest, conversation.room, batch)

    def take(self, conversation: Conversation[T], reply: Reply) -> T | None:
        """The answer, kept and told of; None when it has to be asked again. Raises ModelError."""
        answer = conversation.take(reply)
        while conversation.notes:
            self.say(conversation.notes.pop(0))
        if answer is not None:
            request, usd = conversation.request, conversation.usd
            if self.answers is not None:
                self.answers.put(self.name, request, answer, {**vars(reply.tokens), "usd": usd})
            self._tell(Answered(request.stage, False, reply.tokens, usd, self.purse.spending))
        return answer

    def loosen(self, conversation: Conversation[Any], error: TooComplexError) -> None:
        """After the API found a shape too large: ask without holding the answer to it. Raises it where that is so."""
        if not conversation.held:
            raise error
        shape = conversation.request.shape
        if shape not in self._unheld:
            self._unheld.add(shape)
            self.say(
                f"{conversation.request.stage}: the API finds the shape {shape.__name__} too large to hold answers to "
                "it; asked without, and answers are checked here."
            )
        conversation.loosen()

    def say(self, sentence: str) -> None:
        if self._on_notice is not None:
            with self._telling:
                self._on_notice(sentence)

    def _tell(self, answered: Answered) -> None:
        if self._on_answer is not None:
            with self._telling:
                self._on_answer(answered)
