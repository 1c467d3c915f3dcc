"""A model of Anthropic's through the Messages API, with the episode's tools."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

import anthropic
from anthropic.types import (
    Message as Turn,
)
from anthropic.types import (
    MessageParam,
    ModelInfo,
    TextBlockParam,
    ThinkingConfigParam,
    ToolParam,
    ToolResultBlockParam,
    ToolUseBlock,
)
from mcp_types import Tool

from generator.llm.prices import cost_of
from generator.llm.usage import is_usual, tokens_of
from harness.agents.agent import Limits, Message, MessageCall, Reply, Usage
from harness.agents.metering import Meter
from harness.agents.retrying import BusyError, patiently, trouble
from harness.agents.toolbox import Toolbox, text_of
from harness.errors import AgentError, LimitError, UnusableProviderError
from harness.files import storable

_MAX_TOKENS = 20_000  # an answer; above it the SDK wants streaming
_CACHE: Any = {"type": "ephemeral"}
_NO_KEY = (
    "There is no key for Anthropic's models: set ANTHROPIC_API_KEY (https://platform.claude.com/settings/keys), "
    "or sign in so that a profile is there."
)


class Model:
    """A model by its name, shared by all attempts of a run."""

    def __init__(self, name: str, base_url: str | None = None) -> None:
        """Raises UnusableProviderError when there is no key."""
        self.name = name
        self._base_url = base_url
        self._info: ModelInfo | None = None
        try:
            client = self.client()
        except anthropic.AnthropicError as error:  # a profile or key file that is damaged
            raise UnusableProviderError(
                f"The key for Anthropic's models cannot be read: {error} Or set ANTHROPIC_API_KEY."
            ) from error
        if client.api_key is None and client.auth_token is None and client.credentials is None:
            raise UnusableProviderError(_NO_KEY)

    def client(self) -> anthropic.AsyncAnthropic:
        """A client that never asks again by itself: here every repetition is counted."""
        return anthropic.AsyncAnthropic(base_url=self._base_url, max_retries=0)

    async def info(self, client: anthropic.AsyncAnthropic) -> ModelInfo | None:
        """What the provider tells of the model; None where it tells nothing, as many gateways do."""
        if self._info is None:
            try:
                found: object = await client.models.retrieve(self.name)
            except (anthropic.AuthenticationError, anthropic.PermissionDeniedError) as error:
                raise _trouble(error) from error
            except (anthropic.APIError, ValueError):
                return None
            self._info = found if isinstance(found, ModelInfo) else None
        return self._info


class AnthropicAgent:
    """Asks, calls all tools of an answer in its order, and asks again until an answer calls none."""

    def __init__(self, toolbox: Toolbox, model: Model) -> None:
        self.name = f"anthropic:{model.name}"
        self._toolbox = toolbox
        self._model = model
        self._client = model.client()
        self._meter = Meter(Limits())
        self._deadline = 0.0
        self._tools: list[ToolParam] = []
        self._system: list[TextBlockParam] = []
        self._thinking: ThinkingConfigParam | anthropic.Omit = anthropic.omit
        self._max_tokens = _MAX_TOKENS
        self._turns: list[MessageParam] = []

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        self._deadline = time.monotonic() + limits.wall_seconds
        self._meter = Meter(limits)
        await self._toolbox.open(instructions, endpoint, limits)
        self._tools = [_tool_param(tool) for tool in await self._toolbox.list()]
        if instructions:  # the same in all attempts of an environment, and so are the tools before it
            self._system = [{"type": "text", "text": instructions, "cache_control": _CACHE}]
        info = await self._model.info(self._client)
        if info is not None:
            self._max_tokens = min(_MAX_TOKENS, info.max_tokens or _MAX_TOKENS)
            if info.capabilities is not None and info.capabilities.thinking.types.adaptive.supported:
                self._thinking = {"type": "adaptive", "display": "summarized"}

    async def send(self, message: str) -> Reply:
        self._toolbox.say("user", message)
        self._turns.append({"role": "user", "content": message})
        while True:
            self._meter.check()
            turn = await patiently(self._ask, self._deadline, self._meter.retried)
            self._keep(turn)
            self._count(turn)
            _check_ending(turn, self._max_tokens)
            uses = [block for block in turn.content if isinstance(block, ToolUseBlock)]
            if not uses and turn.stop_reason != "pause_turn":
                return Reply(text=_text(turn))
            if uses:
                self._turns.append({"role": "user", "content": [await self._use(block) for block in uses]})

    async def close(self) -> Usage:
        await self._client.close()
        return await self._toolbox.leave(self._meter.usage)

    async def _ask(self) -> Turn:
        try:
            turn: object = await self._client.messages.create(
                model=self._model.name,
                max_tokens=self._max_tokens,
                system=self._system or anthropic.omit,
                tools=self._tools,
                thinking=self._thinking,
                messages=self._turns,
                cache_control=_CACHE,  # of the conversation so far
            )
        except anthropic.APIStatusError as error:
            raise _trouble(error) from error
        except anthropic.APIConnectionError as error:
            raise BusyError(f"{self._model.name} cannot be reached: {error}") from error
        except (anthropic.APIError, ValueError) as error:  # ValueError: what came is not whole JSON
            raise BusyError(f"{self._model.name} gave an answer that cannot be read ({error}).") from error
        except anthropic.AnthropicError as error:
            raise UnusableProviderError(f"Asking {self._model.name} failed: {error}") from error
        if not _is_whole(turn):
            raise BusyError(f"{self._model.name} gave an answer that is no message.")
        assert isinstance(turn, Turn)
        return turn

    def _keep(self, turn: Turn) -> None:
        """The turn goes back as it came, thinking and its signatures included."""
        self._turns.append(turn.to_param())
        thoughts = [block.thinking for block in turn.content if block.type == "thinking" and block.thinking]
        calls = [
            MessageCall(id=block.id, name=block.name, arguments=_arguments(block) or {})
            for block in turn.content
            if isinstance(block, ToolUseBlock)
        ]
        self._toolbox.messages.append(
            Message(role="assistant", content=_text(turn), thinking="\n\n".join(thoughts) or None, tool_calls=calls)
        )

    def _count(self, turn: Turn) -> None:
        tokens = tokens_of(turn.usage)
        cost = cost_of(self._model.name, tokens) if is_usual(turn.usage) else None
        self._meter.count(tokens.prompt, tokens.output, tokens.cache_read, cost)

    async def _use(self, block: ToolUseBlock) -> ToolResultBlockParam:
        """Call a tool. What is wrong with the call is an answer that the model can mend it by."""
        arguments = _arguments(block)
        if arguments is None:
            text, failed = "The arguments are not a JSON object; send them again.", True
        else:
            result = await self._toolbox.perform(block.name, arguments)
            text, failed = text_of(result), bool(result.is_error)
        self._toolbox.messages.append(Message(role="tool", content=text, tool_call_id=block.id))
        return {"type": "tool_result", "tool_use_id": block.id, "content": text, "is_error": failed}


def make(argument: str, base_url: str | None) -> Callable[[Toolbox], AnthropicAgent]:
    """How attempts get their agent. Raises UnusableProviderError when there is no key."""
    model = Model(argument, base_url)
    return lambda toolbox: AnthropicAgent(toolbox, model)


def _tool_param(tool: Tool) -> ToolParam:
    return {"name": tool.name, "description": tool.description or "", "input_schema": tool.input_schema}


def _is_whole(turn: object) -> bool:
    """Whether an answer is a message; the SDK takes what comes."""
    if not isinstance(turn, Turn):
        return False
    parts: Any = turn.content
    usage: Any = turn.usage
    counted = all(isinstance(getattr(usage, name, None), int) for name in ("input_tokens", "output_tokens"))
    return isinstance(parts, list) and all(_is_block(part) for part in parts) and counted


def _is_block(part: Any) -> bool:
    needed = {"tool_use": ("id", "name"), "text": ("text",)}.get(getattr(part, "type", ""), ("type",))
    return all(isinstance(getattr(part, name, None), str) for name in needed)


def _arguments(block: ToolUseBlock) -> dict[str, Any] | None:
    given: object = block.input
    return storable(given) if isinstance(given, dict) else None


def _text(turn: Turn) -> str:
    return "\n\n".join(_texts(turn)).strip()


def _texts(turn: Turn) -> Iterable[str]:
    return (block.text for block in turn.content if block.type == "text")


def _check_ending(turn: Turn, max_tokens: int) -> None:
    """Raise for a turn that did not come to its own end; none of its calls is made."""
    match turn.stop_reason:
        case "max_tokens":
            raise LimitError(f"An answer was cut off after {max_tokens} tokens.")
        case "model_context_window_exceeded":
            raise LimitError("The conversation no longer fits into the model's context.")
        case "refusal":
            details = turn.stop_details
            why = ": " + (details.explanation or details.category or "") if details is not None else ""
            raise AgentError(f"The model's provider stopped the answer as a refusal{why.rstrip(': ')}.")


def _trouble(error: anthropic.APIStatusError) -> Exception:
    said = error.api_message or json.dumps(error.body)[:200]
    words = f"The provider answered {error.status_code} ({error.type or 'no reason given'}): {said.rstrip('.')}."
    final = error.type in ("billing_error", "authentication_error") or "credit balance" in said  # the old way of 402
    return trouble(error.status_code, error.response.headers, words, final)
