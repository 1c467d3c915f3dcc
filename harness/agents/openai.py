"""A model behind chat completions, with the episode's tools: OpenAI's, or any server that speaks the same."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import openai
from mcp_types import Tool
from openai.types.chat import ChatCompletion, ChatCompletionFunctionToolParam, ChatCompletionMessage

from harness.agents.agent import Limits, Message, MessageCall, Reply, Usage
from harness.agents.metering import Meter
from harness.agents.retrying import BusyError, patiently, trouble
from harness.agents.toolbox import Toolbox, text_of
from harness.errors import AgentError, LimitError, UnusableProviderError
from harness.files import storable

_NO_KEY = (
    "There is no key for OpenAI's models: set OPENAI_API_KEY (https://platform.openai.com/api-keys), "
    "or name another server with --base-url."
)
_NOT_SENT_BACK = {"annotations", "audio", "function_call", "refusal"}  # of an answer; reasoning is


class OpenAIAgent:
    """Asks, calls all tools of an answer in its order, and asks again until an answer calls none."""

    def __init__(self, toolbox: Toolbox, model: str, client: openai.AsyncOpenAI) -> None:
        self.name = f"openai:{model}"
        self._toolbox = toolbox
        self._model = model
        self._client = client
        self._meter = Meter(Limits())
        self._deadline = 0.0
        self._tools: list[ChatCompletionFunctionToolParam] = []
        self._messages: list[Any] = []

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        self._deadline = time.monotonic() + limits.wall_seconds
        self._meter = Meter(limits)
        await self._toolbox.open(instructions, endpoint, limits)
        self._tools = [_tool_param(tool) for tool in await self._toolbox.list()]
        if instructions:
            self._messages.append({"role": "system", "content": instructions})

    async def send(self, message: str) -> Reply:
        self._toolbox.say("user", message)
        self._messages.append({"role": "user", "content": message})
        while True:
            self._meter.check()
            completion = await patiently(self._ask, self._deadline, self._meter.retried)
            answer = completion.choices[0].message
            calls = _calls(answer, self._meter.usage.turns or 0)
            self._keep(answer, calls)
            self._count(completion)
            _check_ending(completion.choices[0].finish_reason, answer)
            if not calls:
                return Reply(text=(answer.content or "").strip())
            for id_, name, arguments in calls:
                await self._use(id_, name, arguments)

    async def close(self) -> Usage:
        await self._client.close()
        return await self._toolbox.leave(self._meter.usage)

    async def _ask(self) -> ChatCompletion:
        try:
            completion: object = await self._client.chat.completions.create(
                model=self._model, messages=self._messages, tools=self._tools or openai.omit
            )
        except openai.APIStatusError as error:
            raise _trouble(error) from error
        except openai.APIConnectionError as error:
            raise BusyError(f"{self._model} cannot be reached: {error}") from error
        except (openai.APIError, ValueError) as error:  # ValueError: what came is not whole JSON
            raise BusyError(f"{self._model} gave an answer that cannot be read ({error}).") from error
        except openai.OpenAIError as error:
            raise UnusableProviderError(f"Asking {self._model} failed: {error}") from error
        if not isinstance(completion, ChatCompletion) or not _is_whole(completion):
            raise BusyError(f"{self._model} gave an answer that is no message.")
        return completion

    def _keep(self, answer: ChatCompletionMessage, calls: list[tuple[str, str, str]]) -> None:
        kept: dict[str, Any] = storable(answer.model_dump(exclude_none=True, exclude=_NOT_SENT_BACK))
        for call, (id_, _, _) in zip(kept.get("tool_calls", []), calls, strict=True):
            call["id"] = id_
        self._messages.append({"content": None, **kept})
        made = [MessageCall(id=id_, name=name, arguments=_object(given) or {}) for id_, name, given in calls]
        thinking = kept.get("reasoning_content") or kept.get("reasoning")
        self._toolbox.messages.append(
            Message(
                role="assistant",
                content=answer.content or "",
                thinking=thinking if isinstance(thinking, str) else None,
                tool_calls=made,
            )
        )

    def _count(self, completion: ChatCompletion) -> None:
        usage = completion.usage
        if usage is None:
            self._meter.count(None, None, None, None)
            return
        details = usage.prompt_tokens_details
        cost = getattr(usage, "cost", None)  # some gateways tell it
        self._meter.count(
            usage.prompt_tokens,
            usage.completion_tokens,
            details.cached_tokens if details is not None else None,
            float(cost) if isinstance(cost, (int, float)) else None,
        )

    async def _use(self, id_: str, name: str, given: str) -> None:
        """Call a tool. What is wrong with the call is an answer that the model can mend it by."""
        arguments = _object(given)
        if arguments is None:
            text = "The arguments are not a JSON object; send them again."
        else:
            text = text_of(await self._toolbox.perform(name, arguments))
        self._toolbox.messages.append(Message(role="tool", content=text, tool_call_id=id_))
        self._messages.append({"role": "tool", "tool_call_id": id_, "content": text})


def make(model: str, base_url: str | None) -> Callable[[Toolbox], OpenAIAgent]:
    """How attempts get their agent. Raises UnusableProviderError when there is no key and no other server."""

    def client(key: str | None = None) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0)

    key = None
    try:
        client()
    except openai.OpenAIError as error:
        if base_url is None:
            raise UnusableProviderError(_NO_KEY) from error
        key = "none"  # servers at home want none, the client does
    return lambda toolbox: OpenAIAgent(toolbox, model, client(key))


def _tool_param(tool: Tool) -> ChatCompletionFunctionToolParam:
    function: Any = {"name": tool.name, "description": tool.description or "", "parameters": tool.input_schema}
    return {"type": "function", "function": function}


def _is_whole(completion: ChatCompletion) -> bool:
    """Whether an answer holds a message; the SDK takes what comes."""
    choices: Any = completion.choices
    if not isinstance(choices, list) or not choices or not isinstance(choices[0].message, ChatCompletionMessage):
        return False
    content: object = choices[0].message.content
    calls = choices[0].message.tool_calls or []
    named = all(isinstance(getattr(getattr(call, "function", None), "name", None), str) for call in calls)
    return named and isinstance(content, str | None)


def _calls(answer: ChatCompletionMessage, turn: int) -> list[tuple[str, str, str]]:
    """Id, name and arguments of each call; an id is made up where a server gives none."""
    return [
        (call.id or f"call_{turn}_{n}", call.function.name, call.function.arguments)
        for n, call in enumerate(answer.tool_calls or [])
        if call.type != "custom"
    ]


def _object(text: object) -> dict[str, Any] | None:
    if isinstance(text, str):
        try:
            text = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return None
    return storable(text) if isinstance(text, dict) else None


def _check_ending(reason: str | None, answer: ChatCompletionMessage) -> None:
    """Raise for an answer that did not come to its own end; none of its calls is made."""
    if reason == "length":
        raise LimitError("An answer was cut off: the model's limit on tokens was reached.")
    if reason == "content_filter":
        raise AgentError("The model's provider stopped the answer with its content filter.")
    if answer.refusal:
        raise AgentError(f"The model refused: {answer.refusal}")


def _trouble(error: openai.APIStatusError) -> Exception:
    if error.code == "context_length_exceeded":
        return LimitError("The conversation no longer fits into the model's context.")
    words = f"The provider answered {error.status_code}: {error.message.rstrip('.')}."
    return trouble(error.status_code, error.response.headers, words, error.code == "insufficient_quota")
