"""Server processes of environments, and the episodes in them (DESIGN section 5, “Episodes”).

A server is started with a socket as its standard input. Over it episodes are opened, read and closed; it has
no address, so no agent can find it, and its end is the server's end. Agents get an episode's URL and nothing
else.

    async with host(Path("servers/library")) as library:
        episode = await library.open(state, task)
        ...                                          # an agent works at episode.url
        record = await library.read(episode)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import EnvironmentDiedError, HostingError

START_TIMEOUT = 60.0  # seconds: importing the SDK takes half a one, on a busy machine many
REQUEST_TIMEOUT = 60.0
END_TIMEOUT = 5.0  # to end by itself, before it is killed
LINE_LIMIT = 1 << 30
# What a server may know of this process's environment: nothing that could be a secret.
PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    "ENVWRIGHT_TRUST",  # says that the code of imported environments may run where nothing can contain it
)


@dataclass(frozen=True)
class EpisodeHandle:
    """An open episode: the address for an agent, and the token that names it to its host."""

    id: str
    url: str


@dataclass(frozen=True)
class RecordedCall:
    """A tool call as the server saw it. `started` is in seconds since the episode was opened."""

    n: int
    name: str
    arguments: dict[str, Any]
    ok: bool
    content: dict[str, Any]
    origin: str  # the guard or constraint that refused; agents never see it
    started: float
    seconds: float


@dataclass(frozen=True)
class EpisodeRecord:
    """What an episode has come to: its state, the calls so far, whether the tools were ever listed, and whether
    more calls came than it was opened for."""

    state: dict[str, Any]
    calls: tuple[RecordedCall, ...]
    listed: bool
    exhausted: bool = False


@dataclass
class Host:
    """A running server process. Made by `host`; all methods may be used at the same time by many tasks.

    They raise EnvironmentDiedError when the process has ended or does not answer, and HostingError when it
    refuses (a state that does not fit, an episode that is closed).
    """

    name: str
    process: asyncio.subprocess.Process
    _writer: asyncio.StreamWriter
    _stderr: deque[bytes] = field(default_factory=lambda: deque(maxlen=20))
    _waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _ready: asyncio.Future[dict[str, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    _died: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _number: int = 0
    environment: str = ""  # as the server calls itself
    tools_digest: str = ""  # SHA-256 of the canonical JSON of its tools
    base_url: str = ""

    @property
    def alive(self) -> bool:
        """Whether the process runs and its control channel is open."""
        return not self._died.is_set()

    @property
    def last_words(self) -> str:
        """The last lines that the server wrote to standard error, as one line."""
        return b" ".join(line.strip() for line in self._stderr).decode(errors="replace")[-2000:]

    async def open(
        self, state: dict[str, Any] | None = None, task: str | None = None, most: int | None = None
    ) -> EpisodeHandle:
        """A fresh episode with a copy of `state` (None: the default one) and `task` as its prompt.

        With `most`, the server carries out so many calls and refuses every further one.
        """
        reply = await self._ask("open", state=state, task=task, most=most)
        return EpisodeHandle(reply["episode"], self.base_url + reply["path"])

    async def read(self, episode: EpisodeHandle) -> EpisodeRecord:
        """The episode's state and record now."""
        reply = await self._ask("read", episode=episode.id)
        calls = tuple(RecordedCall(**call) for call in reply["calls"])
        return EpisodeRecord(reply["state"], calls, reply["listed"], reply["exhausted"])

    async def close(self, episode: EpisodeHandle) -> None:
        """End the episode; its URL answers 404 from now on."""
        await self._ask("close", episode=episode.id)

    async def watch(self) -> None:
        """Wait until the server has died, and raise EnvironmentDiedError: for a race with an agent."""
        await self._died.wait()
        raise await self._death("ended while it was needed")

    async def _ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        if not self.alive:
            raise await self._death("has ended")
        self._number += 1
        number = self._number
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "op": operation, **parameters}
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                self._writer.write(json.dumps(request, separators=(",", ":")).encode() + b"\n")
                await self._writer.drain()
                reply: dict[str, Any] = await answer
        except ConnectionError:
            raise await self._death("ended while it was needed") from None
        except TimeoutError:
            raise await self._death(f"has not answered for {REQUEST_TIMEOUT:g} seconds") from None
        finally:
            self._waiting.pop(number, None)
        if not reply["ok"]:
            raise HostingError(f"The server of {self.name} refused to {operation} an episode: {reply['error']}")
        return reply

    async def _death(self, what: str) -> EnvironmentDiedError:
        """The error to raise, once the process is gone and its last words are in."""
        code = await self._end()
        return EnvironmentDiedError(self.name, f"{what} (exit code {code})", self.last_words)

    async def _end(self) -> int:
        """Close the channel, which ends the server; kill it if it does not. Returns its exit code."""
        self._writer.close()
        try:
            async with asyncio.timeout(END_TIMEOUT):
                code = await self.process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            code = await self.process.wait()
        await asyncio.wait(self._tasks, timeout=1)  # for what is left on standard error
        return code

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Hand each line from the server to who waits for it, until the channel closes."""
        try:
            while line := await reader.readline():
                message = json.loads(line)
                ready = message.get("event") == "ready"
                answer = self._ready if ready else self._waiting.get(message.get("id"))
                if answer is not None and not answer.done():
                    answer.set_result(message)
        except (ConnectionError, ValueError):
            pass  # cut off, or what no server of ours says: the end either way
        finally:
            self._died.set()
            for answer in (self._ready, *self._waiting.values()):
                if not answer.done():
                    answer.set_exception(ConnectionResetError())
                    answer.exception()  # seen, even where nobody waits any longer

    async def _overhear(self, stream: asyncio.StreamReader) -> None:
        with contextlib.suppress(ValueError):  # a line beyond all limits
            while line := await stream.readline():
                self._stderr.append(line)
        while await stream.read(1 << 16):
            pass

    async def _start(self) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT):
                ready = await self._ready
        except ConnectionError:
            died = await self._death("did not start")
            raise HostingError(f"{died}") from None
        except TimeoutError:
            died = await self._death(f"was not ready after {START_TIMEOUT:g} seconds")
            raise HostingError(f"{died}") from None
        self.environment, self.tools_digest = ready["environment"], ready["tools"]
        self.base_url = f"http://127.0.0.1:{ready['port']}"


@contextlib.asynccontextmanager
async def host(server: Path) -> AsyncIterator[Host]:
    """Run the server in the folder `server` while the context lasts.

    Raises HostingError when the folder has no server or the server does not start.
    """
    script = server.resolve() / "server.py"
    if not script.is_file():
        raise HostingError(f"{server} has no server.py; render it first: envwright render {server.name}")
    ours, theirs = socket.socketpair()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(script),
            *("--http", "0", "--control"),
            stdin=theirs.fileno(),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ}
            | {"PYTHONDONTWRITEBYTECODE": "1"},  # nothing is written beside an installed package
            start_new_session=True,  # Ctrl-C in the terminal is for us, who end it when its episodes are read
        )
    except OSError as error:
        ours.close()
        raise HostingError(f"The server of {server.name} cannot be started: {error.strerror}.") from error
    finally:
        theirs.close()
    reader, writer = await asyncio.open_connection(sock=ours, limit=LINE_LIMIT)
    running = Host(server.name, process, writer)
    assert process.stderr is not None
    for work in (running._listen(reader), running._overhear(process.stderr)):
        running._tasks.append(asyncio.create_task(work))
    try:
        await running._start()
        yield running
    finally:
        await asyncio.shield(running._end())
        for task in running._tasks:
            task.cancel()
