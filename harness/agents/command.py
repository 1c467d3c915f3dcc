"""Any command line as an agent, in an empty home and working directory, with few variables and no way to stay."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.agents.agent import Limits, Reply, Usage
from harness.agents.reports import SERVER, Report, read_plain
from harness.agents.sandbox import Sandbox
from harness.errors import AgentError, RunError

PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
_MOST = 64 << 20  # bytes of output that are looked at
_END_WITHIN = 10.0  # seconds
_PLACES = re.compile(r"\{(mcp_config|mcp_url|prompt_file|prompt|workdir)\}")
_LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True)
class CommandLine:
    """A command with placeholders: `{mcp_config}`, `{mcp_url}`, `{prompt}`, `{prompt_file}` and `{workdir}`.

    `files` are put into its home first, `env` are variables that it may see of this process's, `variables` are
    set for it, and `read` makes something of what it says, on standard output and on standard error. Without a
    place for it, the prompt comes on standard input.
    """

    words: tuple[str, ...]
    env: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[str, str], Report] = read_plain


def parse(line: str, env: tuple[str, ...] = ()) -> CommandLine:
    """The command of `command:LINE`, split as a shell would and never given to one.

    Raises:
        RunError: it is no command, or leads to no tools.
    """
    try:
        words = tuple(shlex.split(line))
    except ValueError as error:
        raise RunError(f"The command line cannot be read ({error}): {line}") from error
    if not {"mcp_url", "mcp_config"} & set(_PLACES.findall(line)):
        raise RunError("A command needs a place for its tools: write {mcp_url} or {mcp_config} into it.")
    return CommandLine(words, env)


def find_program(name: str, remedy: str = "is it installed?") -> str:
    """The path of a program. Raises RunError when there is none."""
    found = shutil.which(name)
    if found is None:
        raise RunError(f"There is no command '{name}' here; {remedy}")
    return str(Path(found).absolute())


class CommandAgent:
    """Starts the command once a message; what it says on standard output is the answer."""

    def __init__(self, name: str, command: CommandLine, sandbox: Sandbox | None = None) -> None:
        self.name = name
        self._command = command
        self._sandbox = sandbox
        self._program = find_program(command.words[0])
        self._folder: Path | None = None
        self._instructions = ""
        self._endpoint = ""
        self._usage = Usage()
        self._running: tuple[asyncio.subprocess.Process, int] | None = None

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        self._instructions, self._endpoint = instructions, endpoint
        self._folder = Path(tempfile.mkdtemp(prefix="agent-"))
        for name in ("home", "work", "tmp"):
            (self._folder / name).mkdir()

    async def send(self, message: str) -> Reply:
        prompt = f"{self._instructions}\n\n{message}".strip()
        async with contextlib.AsyncExitStack() as stack:
            if self._sandbox is not None and self._folder is not None:
                await stack.enter_async_context(self._sandbox.relay(self._folder, self._endpoint))
            output, errors, code = await self._run(prompt)
        report = self._command.read(output, errors)
        self._usage = report.usage
        if report.failure is not None:
            raise report.failure
        if code != 0:
            words = " ".join((errors.strip() or output.strip())[-500:].split())
            raise AgentError(f"The command ended with exit code {code}: {words or 'it said nothing'}")
        return Reply(text=report.answer)

    async def close(self) -> Usage:
        await self._end()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        return self._usage

    async def _run(self, prompt: str) -> tuple[str, str, int]:
        assert self._folder is not None
        filled = self._fill(prompt, self._folder)
        words = [self._program, *map(filled, self._command.words[1:])]
        if self._sandbox is not None:
            words = self._sandbox.words(self._folder, self._endpoint, words[0], words[1:])
        for name, text in self._command.files.items():
            path = self._folder / "home" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(filled(text), encoding="utf-8")
        asked = set(_PLACES.findall(" ".join(self._command.words)))
        typed = not asked & {"prompt", "prompt_file"}
        ours, theirs = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                getattr(sys, "_base_executable", sys.executable),  # an environment's own would lead to its place
                *("-I", "-S", "-c", _LEASH.read_text(encoding="utf-8"), str(ours), *words),
                stdin=asyncio.subprocess.PIPE if typed else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=_environment(self._folder, self._command),
                cwd=self._folder / "work",
                pass_fds=(ours,),
                start_new_session=True,
            )
        except BaseException as error:  # cancelled too: what holds the other end of the leash lives on
            os.close(theirs)
            if isinstance(error, OSError):
                raise AgentError(f"{self._program} cannot be started: {error.strerror}.") from error
            raise
        finally:
            os.close(ours)
        self._running = (process, theirs)
        assert process.stdout is not None and process.stderr is not None
        if process.stdin is not None:
            with contextlib.suppress(ConnectionError):
                process.stdin.write(prompt.encode())
                await process.stdin.drain()
            process.stdin.close()
        output, errors = await asyncio.gather(_all_of(process.stdout), _all_of(process.stderr))
        code = await process.wait()
        await self._end()
        return output, errors, code

    def _fill(self, prompt: str, folder: Path) -> Callable[[str], str]:
        """Puts values into places; what a value holds is not looked at again."""
        config, prompt_file = folder / "work" / "mcp.json", folder / "work" / "prompt.txt"
        server = {"mcpServers": {SERVER: {"type": "http", "url": self._endpoint}}}
        asked = set(_PLACES.findall(" ".join((*self._command.words, *self._command.files.values()))))
        if "mcp_config" in asked:
            config.write_text(json.dumps(server, indent=2), encoding="utf-8")
        if "prompt_file" in asked:
            prompt_file.write_text(prompt, encoding="utf-8")
        values = {
            "mcp_config": str(config),
            "mcp_url": self._endpoint,
            "prompt": prompt,
            "prompt_file": str(prompt_file),
            "workdir": str(folder / "work"),
        }
        return lambda text: _PLACES.sub(lambda place: values[place[1]], text)

    async def _end(self) -> None:
        """Let go of the leash, which ends the command and all its children."""
        if self._running is None:
            return
        (process, leash), self._running = self._running, None
        os.close(leash)
        try:
            async with asyncio.timeout(_END_WITHIN):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _environment(folder: Path, command: CommandLine) -> dict[str, str]:
    """What the command may know: nothing that leads to a scenario, and no secret but those it was given."""
    passed = {name: os.environ[name] for name in (*PASSED_ON, *command.env) if name in os.environ}
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    outside = [place for place in places if place and not _is_own(Path(place))]
    home = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PATH": os.pathsep.join(outside)}
    return {**passed, **command.variables, **home}


def _is_own(place: Path) -> bool:
    """Whether a place belongs to the virtual environment that this Python runs in, which may lie inside a project."""
    return sys.prefix != sys.base_prefix and place.resolve().is_relative_to(Path(sys.prefix).resolve())


async def _all_of(stream: asyncio.StreamReader) -> str:
    """What a stream says until its end; of too much, the first part."""
    parts, size = [], 0
    while part := await stream.read(1 << 16):
        if size < _MOST:
            parts.append(part)
        size += len(part)
    return b"".join(parts).decode(errors="replace")
