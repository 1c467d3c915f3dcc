"""What is asked of a model: a conversation, and the shape that the answer must have."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from generator.llm.schemas import schema_of

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Turn:
    """One message of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Request(Generic[T]):
    """One question to a model.

    `stage` is the name of the prompt's template and is shown to people; `turns` end with a user's; `shape` is a
    pydantic model; `max_tokens` bounds what the model writes, its thinking included.
    """

    stage: str
    system: str
    turns: tuple[Turn, ...]
    shape: type[T]
    max_tokens: int = 16_000

    def digest(self, model: str) -> str:
        """Names the answer that this request got from this model."""
        return digest_of(
            {
                "model": model,
                "system": self.system,
                "turns": [[turn.role, turn.text] for turn in self.turns],
                "schema": schema_digest(self.shape),
                "max_tokens": self.max_tokens,
            }
        )


def digest_of(document: Any) -> str:
    """SHA-256 of a JSON document in its canonical form."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def schema_digest(shape: type[BaseModel]) -> str:
    return digest_of(schema_of(shape))
