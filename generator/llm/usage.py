"""The tokens of an answer, as the SDK tells them."""

from __future__ import annotations

from anthropic.types import Usage

from generator.llm.prices import Tokens


def tokens_of(usage: Usage) -> Tokens:
    """What is billed, nothing twice."""
    written = usage.cache_creation_input_tokens or 0
    hour = usage.cache_creation.ephemeral_1h_input_tokens if usage.cache_creation else 0
    return Tokens(usage.input_tokens, usage.output_tokens, usage.cache_read_input_tokens or 0, written - hour, hour)


def is_usual(usage: Usage) -> bool:
    """Whether it was served at the published price, or in a batch at half of it."""
    return usage.speed in (None, "standard") and usage.service_tier in (None, "standard", "batch")
