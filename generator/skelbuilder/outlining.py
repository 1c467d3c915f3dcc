"""The outline: what an environment is about, in words, before any of it is written as a skeleton."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from generator.llm.prompts import prompt
from generator.llm.requests import Request, Turn

MAX_TOKENS = 16_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OutlinedEntity(_Part):
    """`states` are the words of its state machine with what they lead to, `open → returned`; often none."""

    name: str
    about: str
    facts: list[str]
    states: list[str]
    comes_from: Literal["there at the start", "made by operations", "written-out reference data", "part of another"]


class OutlinedOperation(_Part):
    name: str
    about: str
    needs: list[str]
    refuses_when: list[str]
    changes: list[str]


class OutlinedRule(_Part):
    """`guarded_by` names the operations that could break it and what in them prevents that."""

    text: str
    guarded_by: str


class OutlinedPolicy(_Part):
    """`broken_by` names the call that the tools would allow."""

    text: str
    broken_by: str


class Outline(_Part):
    id: str
    title: str
    summary: str
    people: list[str]
    entities: list[OutlinedEntity]
    lookups: list[str]
    operations: list[OutlinedOperation]
    rules: list[OutlinedRule]
    policies: list[OutlinedPolicy]


@dataclass(frozen=True)
class Brief:
    """What a person asks for: words, tasks that it should serve, or a document."""

    topic: str
    tasks: tuple[str, ...] = ()
    document: str = ""


def outline_request(brief: Brief) -> Request[Outline]:
    """Asks for the outline."""
    system, user = prompt("outline", topic=brief.topic, tasks=list(brief.tasks), document=brief.document)
    return Request("outline", system, (Turn("user", user),), Outline, MAX_TOKENS)
