"""The one place that talks to Anthropic's API. The SDK never asks again by itself: here all is counted."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

import anthropic
import httpx2
from anthropic.types import Message, ModelInfo

from generator.errors import (
    AccountError,
    ModelError,
    NoCreditError,
    NoKeyError,
    OverloadedError,
    RefusedKeyError,
    UnreachableError,
)
from generator.llm.conversation import Facts, Reply, unexpected
from generator.llm.retrying import TRIES, BusyError, pause
from generator.llm.spending import Purse
from generator.llm.troubles import trouble
from generator.llm.usage import is_usual, tokens_of

STAGE_HEADER = "x-envwright-stage"  # for gateways' logs, and for tests that play the model
_MOST_PATIENCE = 900.0  # seconds that one request waits for a busy provider, in all
_NO_KEY = (
    "There is no key for Anthropic's models: set ANTHROPIC_API_KEY (keys are made at "
    "https://platform.claude.com/settings/keys). Everything that needs no model works without one: check, render, "
    "evaluate, scenarios, certify, run."
)
_ODD_KEY = (
    "The key for Anthropic's models holds a character that no key has, such as a blank or the end of a line: set "
    "ANTHROPIC_API_KEY again."
)
_SENDABLE = re.compile(r"[!-~]+")  # in a header
Result = TypeVar("Result")


class BrokenOffError(BusyError):
    """The connection was not made, or was lost."""


class Door:
    """A client for one model, for several threads. `notice` gets sentences for a person."""

    def __init__(self, model: str, base_url: str | None, purse: Purse, notice: Callable[[str], None]) -> None:
        """Raises UnreachableError for a `base_url` that is no address."""
        if base_url is not None and not _is_address(base_url):
            raise UnreachableError(f"--base-url is an address such as http://127.0.0.1:8811; found {base_url!r}.")
        self.model = model
        self.stopping = threading.Event()
        self._base_url = base_url
        self._purse, self._notice = purse, notice
        self._lock = threading.Lock()
        self._facts_lock = threading.Lock()  # another one: who closes must not wait for an answer
        self._client: anthropic.Anthropic | None = None
        self._facts: Facts | None = None

    def client(self) -> anthropic.Anthropic:
        """Raises AccountError when there is no key, or one that cannot be sent."""
        with self._lock:
            if self._client is None:
                try:
                    client = anthropic.Anthropic(base_url=self._base_url, max_retries=0)
                except httpx2.InvalidURL as error:
                    raise UnreachableError(f"ANTHROPIC_BASE_URL is no address: {error}.") from error
                except anthropic.AnthropicError as error:  # a profile or key file that is damaged
                    raise NoKeyError(
                        f"The key for Anthropic's models cannot be read: {error} Or set ANTHROPIC_API_KEY."
                    ) from error
                if client.api_key is None and client.auth_token is None and client.credentials is None:
                    raise NoKeyError(_NO_KEY)
                if not all(_SENDABLE.fullmatch(key) for key in (client.api_key, client.auth_token) if key is not None):
                    raise RefusedKeyError(_ODD_KEY)
                self._client = client
            return self._client

    def facts(self) -> Facts:
        """What the provider tells of the model, asked once; a gateway may tell nothing."""
        client = self.client()
        with self._facts_lock:
            if self._facts is None:
                self._facts = self._ask_facts(client)
            return self._facts

    def _ask_facts(self, client: anthropic.Anthropic) -> Facts:
        try:
            info: object = self.patiently(
                lambda: self.call(lambda: client.models.retrieve(self.model), "model"), "model", tries=3
            )
        except (RefusedKeyError, NoCreditError):
            raise
        except ModelError:  # what matters will be said when it is asked
            return Facts()
        if not isinstance(info, ModelInfo):
            return Facts()
        able = info.capabilities
        thinks = _supported(able, False, "thinking", "types", "adaptive")
        return Facts(info.max_tokens, thinks, _supported(able, True, "structured_outputs"))

    def send(self, params: dict[str, Any], stage: str, most: float | None) -> tuple[Reply, float | None]:
        """One answer and its cost, streamed, since a long one may take longer than a silent connection lives.

        `most` is what a try may cost, in US dollars, and is set aside for each: one that breaks off costs as well.

        Raises:
            ModelError: no answer, although it was asked patiently.
        """

        def ask() -> tuple[Reply, float | None]:
            with self._purse.reserved(most, stage):
                if self.stopping.is_set():  # while it waited for others to be paid
                    raise ModelError("Stopped before it was asked.", stage)
                try:
                    reply = self._stream(params, stage)
                except AccountError:
                    self.stopping.set()  # before others are let to what this one had set aside
                    raise
                return reply, self._purse.count(reply.tokens, reply.usual)

        return self.patiently(ask, stage)

    def patiently(self, ask: Callable[[], Result], stage: str, tries: int = TRIES) -> Result:
        """What `ask` returns, asked again while the provider is busy, as often and as long as is bearable."""
        waited = 0.0
        for failures in range(1, tries + 1):
            try:
                return ask()
            except BusyError as error:
                kind = UnreachableError if isinstance(error, BrokenOffError) else OverloadedError
                if failures == tries:
                    raise kind(
                        f"{error} That was try {failures}, and the last one; start again later.", stage
                    ) from error
                seconds = pause(error.delay, failures)
                waited += seconds
                if waited > _MOST_PATIENCE:
                    raise kind(
                        f"{error} Another try is due in {seconds:.0f} s, which is too long; start again later.", stage
                    ) from error
                if seconds >= 1:
                    self._notice(f"{stage}: {error} Asked again in {seconds:.0f} s.")
            if self.stopping.wait(seconds):
                raise ModelError("Stopped while it waited for the provider.", stage)
            self._purse.count_retry()
        raise AssertionError("the last try returns or raises")

    def call(self, ask: Callable[[], Result], stage: str) -> Result:
        """What the SDK returns, with its errors as ours, or as BusyError."""
        try:
            return ask()
        except anthropic.APIStatusError as error:
            raise trouble(error, self.model, stage) from error
        except (anthropic.APIConnectionError, httpx2.HTTPError) as error:
            if self.stopping.is_set():
                raise ModelError("Stopped while it was being answered.", stage) from error
            said = str(error).rstrip(".") or type(error).__name__
            raise BrokenOffError(f"{self.model} cannot be reached, or broke off: {said}.") from error
        except (anthropic.APIError, ValueError, TypeError, RuntimeError) as error:  # what came is no such document
            raise BrokenOffError(f"{self.model} gave an answer that cannot be read ({error}).") from error
        except anthropic.AnthropicError as error:
            raise unexpected(error, self.model, stage) from error

    def _stream(self, params: dict[str, Any], stage: str) -> Reply:
        client = self.client()
        so_far: list[Message] = []

        def ask() -> Message:
            with client.messages.stream(**params, extra_headers={STAGE_HEADER: stage}) as stream:
                for event in stream:
                    if event.type == "message_start":
                        so_far.append(stream.current_message_snapshot)
                return stream.get_final_message()

        try:
            message = self.call(ask, stage)
            if message.stop_reason is None:
                raise BrokenOffError(f"{self.model} broke off before its answer was whole.")
        except BaseException:  # a Ctrl-C as well
            self._count_broken(so_far, params["max_tokens"])
            raise
        return reply_of(message)

    def _count_broken(self, so_far: list[Message], room: int) -> None:
        """What an answer that broke off had begun is billed as well; what it wrote is taken at its longest."""
        for message in so_far:
            tokens = tokens_of(message.usage)
            written = sum(len(_written(block).encode()) for block in message.content)
            self._purse.count(replace(tokens, output=max(tokens.output, min(written, room))))

    def close(self) -> None:
        """Ends what is under way; the next request opens another client."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:  # a port that is none, brackets that do not close
        return False


def _written(block: Any) -> str:
    """What the model wrote in a block, its thinking as well."""
    return str(getattr(block, block.type, "") or "") if block.type in ("text", "thinking") else ""


def _supported(able: Any, unknown: bool, *way: str) -> bool:
    """A capability, or `unknown` where a gateway leaves it out; the SDK takes what comes."""
    for name in (*way, "supported"):
        able = getattr(able, name, None)
    return able if isinstance(able, bool) else unknown


def reply_of(message: Message) -> Reply:
    """A message of the API, from a stream or a batch."""
    details = message.stop_details
    why = (details.explanation or details.category or "") if details is not None else ""
    text = "".join(block.text for block in message.content if block.type == "text")
    return Reply(text, message.stop_reason, tokens_of(message.usage), is_usual(message.usage), why)
