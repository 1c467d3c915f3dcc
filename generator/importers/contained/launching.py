"""Starting the process of a box: an interpreter that gets its code through the channel and reads no file of ours."""

from __future__ import annotations

import contextlib
import functools
import marshal
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from .walls import interpreter

MODULES = (
    "encoding",
    "decoding",
    "values",
    "virtual",
    "checking",
    "probing",
    "notebook",
    "filters",
    "kernel",
    "watching",
    "worker",
)
"""What runs inside, each after those that it imports."""

# Reads `[modules, settings]` and hands over. The names are gone from sys.modules before any other code runs.
_BOOT = """
import marshal, os, sys, types
def main():
    channel = int(sys.argv[1])
    def read(size):
        data = b""
        while len(data) < size:
            part = os.read(channel, size - len(data))
            if not part: os._exit(0)
            data += part
        return data
    modules, settings = marshal.loads(read(int.from_bytes(read(8), "big")))
    package = types.ModuleType("contained")
    package.__path__ = []
    sys.modules["contained"] = package
    for name, code in modules:
        module = types.ModuleType("contained." + name)
        module.__package__ = "contained"
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(code, vars(module))
    for name in [*sys.modules]:
        if name.partition(".")[0] == "contained": del sys.modules[name]
    sys.argv[:] = [""]
    module.main(channel, settings)
main()
"""

GRACE = 2.0
"""Seconds that a process may take to end after it closed the channel. bubblewrap tells of the end a little later."""

_ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@functools.cache
def _starter() -> ThreadPoolExecutor:
    """The system ends a box together with the *thread* that started it, so it must live as long as we do."""
    return ThreadPoolExecutor(1, thread_name_prefix="contained")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_starter.cache_clear)  # the thread does not live in the child


class Process:
    """A started worker: its process, our end of the channel, and the file that its output goes to."""

    def __init__(self, prefix: Sequence[str], settings: dict[str, Any]) -> None:
        ours, theirs = socket.socketpair()
        self.channel = ours
        self.output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  open as long as the process lives
        # -I would ignore the hash seed too; the environment is ours entirely, so that -E is not needed.
        python = [interpreter(), "-s", "-P", "-S", "-B", "-c", _BOOT, str(theirs.fileno())]
        with theirs:
            self.process = _starter().submit(self._start, [*prefix, *python], theirs.fileno()).result()
        boot = marshal.dumps((_modules(), settings))
        ours.sendall(len(boot).to_bytes(8, "big") + boot)

    def _start(self, command: list[str], channel: int) -> subprocess.Popen[bytes]:
        with _fixed_addresses():
            return self._started(command, channel)

    def _started(self, command: list[str], channel: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            env=_ENVIRONMENT,
            cwd="/",
            pass_fds=(channel,),
            start_new_session=True,
        )

    def ended(self) -> int:
        """The return code of what has closed its end of the channel, as `subprocess` has it."""
        try:
            return self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            return self.end()

    def kill(self) -> None:
        """End it at once, and what it started, if it has not ended."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> int:
        """End it, however it is; its return code as `subprocess` has it."""
        self.channel.close()
        self.kill()
        return self.process.wait()

    def words(self, size: int = 65536) -> str:
        """The last of what it printed."""
        length = os.fstat(self.output.fileno()).st_size
        data = os.pread(self.output.fileno(), size, max(0, length - size))
        return data.decode(errors="replace")


@contextlib.contextmanager
def _fixed_addresses() -> Iterator[None]:
    if not sys.platform.startswith("linux"):
        yield
        return
    from .kernel import fix_addresses, restore_addresses

    before = fix_addresses()
    try:
        yield
    finally:
        restore_addresses(before)


@functools.cache
def _modules() -> list[tuple[str, Any]]:
    here = Path(__file__).parent
    return [(name, compile((here / f"{name}.py").read_text("utf-8"), f"<{name}>", "exec")) for name in MODULES]
