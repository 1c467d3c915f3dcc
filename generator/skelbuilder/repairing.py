"""Repair: what is wrong goes to the model all at once, and only the parts that change come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from generator.llm.prompts import prompt
from generator.llm.requests import Request, Turn
from generator.skelbuilder.presenting import SECTIONS, Section, lesson, show
from generator.skeleton import wire_shapes as wire
from generator.skeleton.wire import WireSkeleton

MAX_TOKENS = 32_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HeadText(_Part):
    """A text of the head that is to read otherwise."""

    name: Literal["title", "domain", "summary", "introduction", "clock"]
    text: str


class Removal(_Part):
    """A named part that is to go."""

    section: Section
    name: str


class Repair(_Part):
    """What changes in a skeleton: parts that replace those of their name, new parts, and parts that go."""

    diagnosis: str
    head: list[HeadText]
    removed: list[Removal]
    corpora: list[wire.WireWords]
    types: list[wire.WireType]
    entities: list[wire.WireEntity]
    definitions: list[wire.WireDefinition]
    guards: list[wire.WireGuard]
    rules: list[wire.WireRule]
    policies: list[wire.WireRule]
    operations: list[wire.WireOperation]


def apply(written: WireSkeleton, repair: Repair) -> WireSkeleton:
    """The skeleton with the repair in it: parts keep their place, new ones come last."""
    changes: dict[str, Any] = {item.name: item.text for item in repair.head}
    gone = {(item.section, item.name) for item in repair.removed}
    for section in SECTIONS:
        old: Sequence[Any] = getattr(written, section)
        new = {item.name: item for item in getattr(repair, section)}
        kept = [new.pop(item.name, item) for item in old if item.name in new or (section, item.name) not in gone]
        changes[section] = [*kept, *new.values()]
    return written.model_copy(update=changes)


def repair_request(written: WireSkeleton, findings: Sequence[str], stage: str) -> Request[Repair]:
    """Asks for a repair; `findings` are sentences, `stage` says what found them."""
    facts = {"document": show(written), "findings": list(findings), "found_by": stage}
    system, user = prompt("repair", **lesson(), **facts)
    return Request("repair", system, (Turn("user", user),), Repair, MAX_TOKENS)
