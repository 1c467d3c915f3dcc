"""A box: one contained process, in which a stranger's class lives for an episode, or checks are run."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Literal, Self

from .answers import parse
from .errors import Broken, Cause, ClassError, ContainmentError
from .launching import Process
from .values import encode
from .walls import Kind, walls

MEBIBYTE = 1 << 20
START_SECONDS = 60.0  # our own code runs until then; a busy machine may take its time


@dataclass(frozen=True)
class Limits:
    """What a box may use. `seconds` is wall time for each request, `processor` processor time in all."""

    memory: int = 512 * MEBIBYTE
    seconds: float = 10.0
    processor: int = 120
    files: int = 32
    answer: int = 8 * MEBIBYTE


@dataclass(frozen=True)
class Reply:
    """A tool's result as plain JSON, or what it raised."""

    ok: bool
    value: Any
    raised: str | None = None
    message: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a check said, or why it said nothing. `mutated`: it changed the states that it was given.

    `lines` of its code were reached; known of neighbours only.
    """

    kind: Literal["true", "false", "raised", "missing_name", "not_boolean"]
    detail: str
    mutated: bool
    lines: tuple[int, ...] = ()


class Box:
    """One contained process. Every method raises Broken when it has died, then and ever after.

    `clock` is ISO 8601 (UTC where it names no zone); `clock` and `seed` fix all time and chance inside. `kind` asks
    for walls of one kind; else they are the best there are. Raises ContainmentError where there are none, unless
    `trust` is given.
    """

    def __init__(
        self, *, seed: str, clock: str, limits: Limits | None = None, trust: bool = False, kind: Kind | None = None
    ) -> None:
        self.limits = limits or Limits()
        self.clock = clock
        self._lock = threading.Lock()
        self._number = 0
        self._buffer = b""
        self._broken: Broken | None = None
        self._loaded = False
        self.walls = walls(kind, trust=trust)
        settings = {"seed": seed, "clock": clock, **asdict(self.limits), **self.walls.settings()}
        self._process = Process(self.walls.prefix, settings)
        self._start()

    def _start(self) -> None:
        try:
            kind, value = self._received(time.monotonic() + START_SECONDS)
        except Broken as error:
            printed = self.output().strip().rpartition("\n")[2]
            self.close()
            raise ContainmentError(f"A contained process did not start: {error} {printed}".strip()) from error
        if kind != "ok":
            self.close()
            raise ContainmentError(f"A contained process did not start: {': '.join(_raised(value))}.")

    def load(self, source: str, class_name: str) -> None:
        """Execute the released module. ClassError where it cannot be."""
        self._loaded = True
        self._made("load", {"source": source, "class": class_name}, f"the class {class_name} cannot be loaded")

    def construct(self, config: Any) -> None:
        """A fresh object, with the attributes set from `config` as EnvScaler does. ClassError where it cannot be.

        A state that `values.decode` gave back is such a configuration too.
        """
        self._made("construct", encode(config), "no object of the class can be made")

    def call(self, name: str, arguments: dict[str, Any]) -> Reply:
        """Call a tool. Whether `name` is one is for the caller to know."""
        kind, value = self._ask("call", [name, arguments])
        return Reply(True, value) if kind == "ok" else Reply(False, None, *_raised(value))

    def state(self) -> Any:
        """All attributes of the object, as `values.encode` writes them."""
        kind, value = self._ask("state", None)
        if kind == "ok" and isinstance(value, dict):
            return value
        raise self._end("died", f"its state cannot be read ({': '.join(_raised(value))})")

    def check(self, source: str, before: Any, after: Any) -> Verdict:
        """Run a check function on copies of two encoded states.

        Not in a box that has loaded a class: what the class did to the process must not decide about its state.
        """
        if self._loaded:
            raise ValueError("checks run in a box of their own, which never loads a class")
        kind, value = self._ask("check", {"source": source, "before": before, "after": after})
        if kind != "ok":
            return Verdict("raised", ": ".join(_raised(value)), mutated=False)
        try:
            return Verdict(value["kind"], str(value["detail"]), bool(value["mutated"]))
        except (TypeError, KeyError) as error:
            raise self._end("violation", "it gave an answer that is none") from error

    def judge(self, sources: Sequence[str], before: Any, after: Any, shared: bool = False) -> list[Verdict]:
        """`check` for many checks of one state, which is read once; see `probing.judge`."""
        argument = {"sources": list(sources), "before": before, "after": after, "shared": shared}
        return self._verdicts("judge", argument)

    def probe(self, source: str, before: Any, after: Any, edits: Sequence[Any]) -> list[Verdict | None]:
        """A check on neighbours of a state; see `probing`. None for edits that do not fit the state."""
        argument = {"source": source, "before": before, "after": after, "edits": list(edits)}
        return self._verdicts("probe", argument)

    def reads(self, source: str, before: Any, after: Any) -> list[list[Any]]:
        """The paths of the final state that a check asks for."""
        kind, value = self._ask("reads", {"source": source, "before": before, "after": after})
        return value if kind == "ok" and isinstance(value, list) else []

    def _verdicts(self, name: str, argument: dict[str, Any]) -> list[Any]:
        if self._loaded:
            raise ValueError("checks run in a box of their own, which never loads a class")
        kind, value = self._ask(name, argument)
        if kind != "ok":
            raise self._end("violation", f"its checks cannot be run ({': '.join(_raised(value))})")
        try:
            return [one and Verdict(one[0], str(one[1]), bool(one[2]), tuple(one[3:])) for one in value]
        except (TypeError, LookupError) as error:
            raise self._end("violation", "it gave an answer that is none") from error

    def output(self) -> str:
        """The last 64 KiB of what the code printed, for a log."""
        return "" if self._process.output.closed else self._process.words()

    def close(self) -> None:
        """End the process, also from under a call that another thread waits for. Never raises."""
        self._process.kill()
        with self._lock:
            self._process.end()
            self._process.output.close()
            self._broken = self._broken or Broken("died", "the box is closed")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _made(self, name: str, argument: Any, failure: str) -> None:
        kind, value = self._ask(name, argument)
        if kind != "ok":
            raised, message = _raised(value)
            raise ClassError(f"{failure}: {raised}: {message}")

    def _deadline(self) -> float:
        return time.monotonic() + self.limits.seconds

    def _ask(self, name: str, argument: Any) -> tuple[str, Any]:
        with self._lock:
            if self._broken:
                raise self._broken
            self._number += 1
            line = json.dumps([self._number, name, argument]).encode() + b"\n"
            deadline = self._deadline()
            try:
                self._process.channel.settimeout(self.limits.seconds)
                self._process.channel.sendall(line)
            except TimeoutError:
                raise self._late() from None
            except OSError:
                pass  # it has ended; what it left to say is still to be read
            return self._received(deadline)

    def _received(self, deadline: float) -> tuple[str, Any]:
        line = self._line(deadline)
        try:
            number, kind, value, now = parse(line)
            self.clock = _iso(now)
        except (ValueError, OverflowError):
            raise self._end("violation", "it wrote what is no answer into the channel of the answers") from None
        if kind == "broken":
            cause, sentence = _raised(value)
            raise self._end(cause if cause in ("memory", "violation", "time") else "died", sentence)  # type: ignore[arg-type]
        if number != self._number or kind not in ("ok", "raised"):
            raise self._end("violation", "it answered what it was not asked")
        return kind, value

    def _line(self, deadline: float) -> bytes:
        channel = self._process.channel
        parts: list[bytes] = [self._buffer]
        size = len(self._buffer)
        while b"\n" not in parts[-1]:
            if size > self.limits.answer:
                raise self._end("memory", f"it answered with more than {self.limits.answer:,} bytes")
            try:
                channel.settimeout(max(0.001, deadline - time.monotonic()))
                data = channel.recv(1 << 20)
            except TimeoutError:
                raise self._late() from None
            except OSError:
                data = b""
            if not data:
                raise self._died()
            parts.append(data)
            size += len(data)
        line, _, self._buffer = b"".join(parts).partition(b"\n")
        return line

    def _late(self) -> Broken:
        return self._end("time", f"it did not answer within {self.limits.seconds:g} seconds")

    def _died(self) -> Broken:
        code = self._process.ended()
        number = -code if code < 0 else code - 128 if code > 128 else 0
        if number == signal.SIGXCPU:
            return self._end("time", f"it used more than {self.limits.processor} seconds of processor time")
        if number == getattr(signal, "SIGSYS", None):
            return self._end(
                "violation", "it asked the system for something that it may not have (a process, a connection, …)"
            )
        ended = f"signal {number}" if number else f"code {code}"
        return self._end("died", f"its process ended ({ended})")

    def _end(self, cause: Cause, sentence: str) -> Broken:
        self._process.end()
        self._broken = self._broken or Broken(cause, f"The environment's code is stopped: {sentence}.")
        return self._broken


def _raised(value: Any) -> tuple[str, str]:
    """Two texts, whatever came."""
    if isinstance(value, list) and len(value) == 2:
        return str(value[0])[:200], str(value[1])[:2000]
    return "Exception", "(no message)"


def _iso(nanoseconds: int) -> str:
    whole, rest = divmod(nanoseconds // 1000, 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + (f".{rest:06}" if rest else "")
