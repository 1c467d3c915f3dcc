"""The first draft of a skeleton, from its outline."""

from __future__ import annotations

from generator.llm.prompts import prompt
from generator.llm.requests import Request, Turn
from generator.skelbuilder.outlining import Brief, Outline
from generator.skelbuilder.presenting import lesson, show_parts
from generator.skeleton.wire import WireSkeleton

MAX_TOKENS = 48_000


def draft_request(brief: Brief, outline: Outline) -> Request[WireSkeleton]:
    """Asks for the whole document in its wire form."""
    facts = {"topic": brief.topic, "document": brief.document, "outline": show_parts(outline)}
    system, user = prompt("skeleton", **lesson(), **facts)
    return Request("skeleton", system, (Turn("user", user),), WireSkeleton, MAX_TOKENS)
