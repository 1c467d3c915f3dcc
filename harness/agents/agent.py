"""What the harness asks of an agent, and what it tells one.

An adapter is one short class with the methods of `Agent`. It learns an MCP address, the instructions, the
words of the task and the limits; nothing else.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from harness.files import storable

Text = Annotated[str, AfterValidator(storable)]
"""What an agent says: whatever it is, a run can keep it."""


class Limits(BaseModel):
    """What one attempt may use. None is without a limit.

    The harness enforces time and calls itself. Turns, tokens and cost (US dollars) are known as an adapter
    tells them: between two turns, or only at the end of a command line's work.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    wall_seconds: float = Field(default=600.0, gt=0)
    tool_calls: int = Field(default=200, ge=1)
    turns: int | None = Field(default=None, ge=1)
    tokens: int | None = Field(default=None, ge=1)
    cost: float | None = Field(default=None, gt=0)


class AgentOptions(BaseModel):
    """What a run says of its agents beside their names.

    `base_url` is where a model is asked, instead of its usual place. `env` are variables of the environment that
    command lines may see; their values are kept nowhere. `sandbox` is what command lines start in, with or without
    the network; there they see the system's files and those at `readable`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str | None = None
    env: tuple[str, ...] = ()
    sandbox: Literal["offline", "online"] | None = None
    readable: tuple[str, ...] = ()


class MessageCall(BaseModel):
    """A tool call as an assistant message holds it."""

    id: Text
    name: Text
    arguments: Annotated[dict[str, Any], AfterValidator(storable)]


class Message(BaseModel):
    """One message of the conversation. A `tool` message answers the call `tool_call_id`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: Text = ""
    thinking: Text | None = None
    tool_calls: list[MessageCall] = Field(default_factory=list)
    tool_call_id: Text | None = None


class Reply(BaseModel):
    """What the agent says when it has done with a message."""

    text: Text = ""


class Usage(BaseModel):
    """What an attempt took, as far as the adapter knows. None is unknown, which is not 0.

    `turns` are answers of the model, `retries` the requests that it was asked again. `input_tokens` are all that
    it read, `cached_tokens` those of them that came from a cache. `cost` is in US dollars. `messages` is the
    conversation where the adapter sees it; without it the harness writes one from the server's record.
    """

    turns: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost: float | None = None
    retries: int | None = None
    messages: list[Message] | None = None


class Agent(Protocol):
    """An agent during one attempt. All three methods are called in one task; `close` always, and once.

    Raise `LimitError` on reaching a limit, `ProviderError` when the model cannot be asked, `HostingError`
    when the server misbehaves. Anything else that escapes is the agent's own failure (`agent_error`).
    """

    @property
    def name(self) -> str: ...

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        """Get ready. `endpoint` is the URL of the episode's MCP server (streamable HTTP)."""

    async def send(self, message: str) -> Reply:
        """Work on a message until there is something to say: once for a task, often in a conversation."""
        ...

    async def close(self) -> Usage:
        """Let go of everything, also after a failure in the middle, and say what it took.

        A connection to the server that broke is told by ConnectionBrokenError, with the usage in it.
        """
        ...
