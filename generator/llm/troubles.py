"""What an error of the provider means, as one of our errors: where, what, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import anthropic

from generator.errors import (
    ModelError,
    NoCreditError,
    NoSuchModelError,
    OverloadedError,
    RefusedKeyError,
    RejectedError,
    SchemaRejectedError,
)
from generator.llm.retrying import BusyError, prospect, server_delay

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class TooComplexError(SchemaRejectedError):
    """The grammar that the API makes of the shape is too large for it; asking without it still works."""


def trouble(error: anthropic.APIStatusError, model: str, stage: str) -> Exception:
    """What to raise for an answer with an error status, or for an error in the middle of a stream."""
    said = error.api_message or json.dumps(error.body)[:200]
    status = error.status_code if error.status_code >= 400 else _STATUS.get(str(error.type), 500)
    return meaning(
        status, str(error.type or ""), said, error.response.headers, model, stage, str(error.error_code or "")
    )


def batch_trouble(kind: str, said: str, model: str, stage: str) -> ModelError:
    """The same for one request of a batch, of which only the kind of its error is told."""
    found = meaning(_STATUS.get(kind, 500), kind, said, {}, model, stage)
    if isinstance(found, BusyError):
        return OverloadedError(f"{found} Start again to ask for it once more.", stage)
    return found


def meaning(
    status: int, kind: str, said: str, headers: Mapping[str, str], model: str, stage: str, code: str = ""
) -> ModelError | BusyError:
    """An error's meaning from its status, its type, its words and, where there is one, its own code."""
    words = f"{model}'s provider answered {status} ({kind or 'no reason given'}): {said.rstrip('.')}."
    if status == 402 or kind == "billing_error" or "credit balance" in said or "spend_limit" in code:
        return NoCreditError(f"{words} Add credit to the account, or raise its limit, then start again.", stage)
    if status in (401, 403) or kind in ("authentication_error", "permission_error"):
        return RefusedKeyError(f"{words} Set a key in ANTHROPIC_API_KEY that may use this model.", stage)
    if status == 404:
        return NoSuchModelError(f"{words} Name another model with --model.", stage)
    match prospect(status, headers):
        case "again":
            return BusyError(words, server_delay(headers))
        case "never":
            return OverloadedError(f"{words} It asks not to be asked again; start again later.", stage)
        case "too_long":
            return RejectedError(f"{words} Give it less to read.", stage)
        case _:
            return _rejection(words, said, stage)


def _rejection(words: str, said: str, stage: str) -> ModelError:
    lower = said.lower()
    if "grammar" in lower or "too complex" in lower or "compilation" in lower:
        return TooComplexError(f"{words} The answer's shape is too large to be held to.", stage)
    if "schema" in lower or "output_config" in lower or "output_format" in lower:
        return SchemaRejectedError(f"{words} The shape of this stage's answer has to be changed.", stage)
    if "prompt is too long" in lower:
        return RejectedError(f"{words} Give it less to read.", stage)
    return RejectedError(words, stage)
