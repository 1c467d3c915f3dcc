"""The conversation of an agent that keeps none, as far as the server's record shows it."""

from __future__ import annotations

from collections.abc import Iterable

from generator.scengenerator.scenario import canonical
from harness.agents.agent import Message, MessageCall
from harness.records import CallRecord


def conversation(instructions: str, task: str, calls: Iterable[CallRecord], answer: str) -> list[Message]:
    """Instructions, task, one message and one result a call, answer. What was thought is not known."""
    messages = [Message(role="system", content=instructions), Message(role="user", content=task)]
    for call in calls:
        made = MessageCall(id=f"call_{call.n}", name=call.name, arguments=call.arguments)
        messages.append(Message(role="assistant", tool_calls=[made]))
        messages.append(Message(role="tool", content=canonical(call.content), tool_call_id=made.id))
    if answer:
        messages.append(Message(role="assistant", content=answer))
    return messages
