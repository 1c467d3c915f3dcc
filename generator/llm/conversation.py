"""One request until it is answered: what is sent, and what becomes of what comes back.

It knows neither the network nor a batch, so both are driven the same way: send `params`, `take` the reply, and
send again while `take` returns None.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Generic

from pydantic import ValidationError

from generator.errors import EmptyAnswerError, MalformedAnswerError, ModelError, RefusedError, TruncatedError
from generator.files import writable
from generator.llm.prices import Tokens
from generator.llm.requests import Request, T, Turn, digest_of
from generator.llm.schemas import schema_of

_CACHE = {"type": "ephemeral"}
_UNHELD = """

Answer with one JSON document and nothing else: no words before or after it. It must fit this JSON schema:

```json
{schema}
```"""
_MOST_FAULTS = 30


@dataclass(frozen=True)
class Facts:
    """What the provider tells of a model; None where it tells nothing."""

    most_tokens: int | None = None
    thinks: bool = False
    holds: bool = True


@dataclass(frozen=True)
class Reply:
    """What came back. `ending` is the API's stop_reason; `why` explains a refusal."""

    text: str
    ending: str | None
    tokens: Tokens
    usual: bool = True
    why: str = ""


class Conversation(Generic[T]):
    """`notes` says what was asked again, and why, in sentences for a person; `usd` is what it has cost so far."""

    def __init__(self, model: str, request: Request[T], facts: Facts, held: bool) -> None:
        """`held`: the API holds the answer to the schema; otherwise the prompt tells the schema."""
        self.request = request
        self.notes: list[str] = []
        self.usd: float | None = 0.0
        self._model, self._facts = model, facts
        self._turns = request.turns
        self._room = min(request.max_tokens, facts.most_tokens or request.max_tokens)
        self._held = held and facts.holds
        self._widened = self._corrected = self._repeated = self._loosened = False

    def loosen(self) -> None:
        """From now on the prompt tells the schema, since the API cannot hold an answer to it."""
        self._held, self._loosened = False, True

    @property
    def held(self) -> bool:
        return self._held

    @property
    def room(self) -> int:
        return self._room

    def add(self, cost: float | None) -> None:
        """What another call has cost; None where nobody knows."""
        self.usd = None if cost is None or self.usd is None else self.usd + cost

    @property
    def params(self) -> dict[str, Any]:
        """What the Messages API is asked, for one request as for one of a batch.

        The schema is sent as `messages.parse` sends it, but the answer is read here: `parse` raises on an answer
        that does not fit, and what it cost, and its text, are lost.
        """
        request = self.request
        schema = schema_of(request.shape)
        system = writable(request.system if self._held else (request.system + _unheld(schema)).strip())
        said = [writable(turn.text) for turn in self._turns]
        params: dict[str, Any] = {
            "model": self._model,
            "max_tokens": self._room,
            "messages": [{"role": turn.role, "content": text} for turn, text in zip(self._turns, said, strict=True)],
        }
        if system:
            params["system"] = [{"type": "text", "text": system, "cache_control": _CACHE}]
        if len(self._turns) > 1:  # it goes on, and so will be read again
            last = {"type": "text", "text": said[-1], "cache_control": _CACHE}
            params["messages"][-1] = {"role": self._turns[-1].role, "content": [last]}
        if self._facts.thinks:
            params["thinking"] = {"type": "adaptive"}
        if self._held:
            params["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        return params

    @property
    def exchange(self) -> str:
        """Names what is sent now; the same after a stop, whatever the provider then tells of the model."""
        asked = [[turn.role, turn.text] for turn in self._turns]
        steps = [self._widened, self._repeated, self._loosened]
        return digest_of([self.request.digest(self._model), asked, steps])

    @property
    def longest(self) -> int:
        """Tokens that are read at most: no token is shorter than a byte."""
        return len(json.dumps(self.params, ensure_ascii=False).encode()) + 500

    def take(self, reply: Reply) -> T | None:
        """The answer; None when the request has changed and is to be sent again.

        Raises:
            ModelError: a refusal, or an answer that is still cut off, empty or of another shape.
        """
        stage = self.request.stage
        match reply.ending:
            case "refusal":
                why = f" ({reply.why.rstrip('.')})" if reply.why else ""
                raise RefusedError(
                    f"{self._model} declined to answer{why}. Say it in other words, or name another model.", stage
                )
            case "max_tokens":
                self._widen()
                return None
            case "model_context_window_exceeded":
                raise TruncatedError(f"The request is too long for {self._model}. Give it less to read.", stage)
        if not reply.text.strip():
            self._repeat()
            return None
        try:
            return self.request.shape.model_validate_json(reply.text if self._held else _document(reply.text))
        except ValidationError as error:
            self._correct(reply.text, _faults(error))
            return None

    def _widen(self) -> None:
        most = self._facts.most_tokens or 2 * self.request.max_tokens
        if self._widened or self._room >= most:
            raise TruncatedError(
                f"{self._model}'s answer was cut off after {self._room:,} tokens. Ask for something smaller, or name a "
                "model with more room.",
                self.request.stage,
            )
        self._widened = True
        self._room = min(most, 2 * self._room)
        self.notes.append(f"{self.request.stage}: cut off; asked again with room for {self._room:,} tokens.")

    def _repeat(self) -> None:
        if self._repeated:
            raise EmptyAnswerError(f"{self._model} answered with nothing, twice. Start again.", self.request.stage)
        self._repeated = True
        self.notes.append(f"{self.request.stage}: the answer was empty; asked again.")

    def _correct(self, text: str, faults: str) -> None:
        stage = self.request.stage
        if self._corrected:
            raise MalformedAnswerError(
                f"{self._model} answered twice with what is no {self.request.shape.__name__}: {faults.splitlines()[0]} "
                "Start again, or name another model.",
                stage,
                text,
                faults,
            )
        self._corrected = True
        words = f"This answer cannot be read:\n\n{faults}\n\nGive the whole answer again, with this mended."
        self._turns = (*self._turns, Turn("assistant", text), Turn("user", words))
        self.notes.append(f"{stage}: the answer does not fit ({faults.splitlines()[0]}); asked once more.")


def _unheld(schema: dict[str, Any]) -> str:
    return _UNHELD.format(schema=json.dumps(schema, ensure_ascii=False))


def _document(text: str) -> str:
    """The JSON in an answer that nothing held to it: within a code fence, or with words around it."""
    fenced = re.search(r"```(?:json)?\s*\n(.*)\n\s*```", text, re.DOTALL)
    if fenced:
        return fenced.group(1)
    first, last = text.find("{"), text.rfind("}")
    return text[first : last + 1] if 0 <= first < last else text


def _faults(error: ValidationError) -> str:
    """A line for each fault, with its place."""
    lines = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
        lines.append(f"{place}: {fault['msg']}." if place else f"{fault['msg']}.")
    more = [f"and {len(lines) - _MOST_FAULTS} more"] if len(lines) > _MOST_FAULTS else []
    return "\n".join(lines[:_MOST_FAULTS] + more)


def unexpected(error: Exception, model: str, stage: str) -> ModelError:
    """For what the SDK itself raises over a request."""
    return ModelError(f"Asking {model} failed: {error}", stage)
