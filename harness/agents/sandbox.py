"""Bubblewrap around a command: processes, files and network of its own (docs/isolation.md)."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from generator.rendering.bundled import bundled_folders
from harness.errors import RunError

Network = Literal["offline", "online"]

SOCKET = "mcp.sock"
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")  # beside /usr; on many systems links into it
_SETTINGS = ("ssl", "pki", "ca-certificates", "alternatives", "passwd", "group", "nsswitch.conf", "hosts", "localtime")
_CERTIFICATES = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
_BRIDGE = Path(__file__).with_name("bridge.py")
_PYTHON = Path(getattr(sys, "_base_executable", sys.executable))


@dataclass(frozen=True)
class Sandbox:
    """`online` leaves the network, `offline` nothing of it but the episode's port. `readable` can be seen besides."""

    bwrap: str
    network: Network
    readable: tuple[Path, ...] = ()

    def words(self, folder: Path, endpoint: str, program: str, arguments: list[str]) -> list[str]:
        """The command inside of the sandbox, in which `folder` alone can be written to."""
        words = [self.bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr"]
        for place in _SYSTEM:
            if Path(place).is_symlink():
                words += ["--symlink", str(Path(place).readlink()), place]
            else:
                words += ["--ro-bind-try", place, place]
        words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
        seen = [*(Path("/etc") / name for name in _SETTINGS), *self.readable, *_needed(program)]
        seen += [Path(os.environ[name]) for name in _CERTIFICATES if name in os.environ]
        command = [program, *arguments]
        if self.network == "online":
            words.append("--share-net")
            seen.append(Path("/etc/resolv.conf"))
        else:
            port = str(urlsplit(endpoint).port)
            bridge = _BRIDGE.read_text(encoding="utf-8")
            command = [str(_PYTHON), "-I", "-S", "-c", bridge, f"../{SOCKET}", port, *command]
            seen += [Path(sys.base_prefix), *_needed(str(_PYTHON))]
        bound = [Path("/usr"), *_outermost(seen)]
        for path in bound[1:]:
            words += ["--symlink", str(path.readlink())] if path.is_symlink() else ["--ro-bind-try", str(path)]
            words.append(str(path))
        for secret in _secret(bound):
            words += ["--tmpfs", str(secret)]
        words += ["--bind", str(folder), str(folder), "--chdir", str(folder / "work"), "--remount-ro", "/"]
        return [*words, "--", *command]

    @contextlib.asynccontextmanager
    async def relay(self, folder: Path, endpoint: str) -> AsyncIterator[None]:
        """While it lasts, what connects to the socket in the folder is connected to the episode's server."""
        if self.network == "online":
            yield
            return
        parts = urlsplit(endpoint)

        async def carry(near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError), contextlib.closing(near_out):
                far_in, far_out = await asyncio.open_connection(parts.hostname, parts.port)
                with contextlib.closing(far_out):
                    await asyncio.gather(_copy(near_in, far_out), _copy(far_in, near_out))

        place = os.open(folder, os.O_PATH)  # a socket's path may not be as long as a folder's
        server = await asyncio.start_unix_server(carry, f"/proc/self/fd/{place}/{SOCKET}")
        try:
            yield
        finally:
            server.close()
            os.close(place)


def _outermost(paths: list[Path]) -> Iterator[Path]:
    """Each path once, without those that lie in another, or in what every sandbox has."""
    folders = {Path(place) for place in ("/usr", *_SYSTEM)} | {path for path in paths if path.is_dir()}
    return (path for path in dict.fromkeys(paths) if not folders & set(path.parents))


def _secret(bound: list[Path]) -> Iterator[Path]:
    """Where bundled scenarios, which hold checks and solutions, and their skeletons would be seen."""
    for folder in bundled_folders():
        for path in bound:
            if folder.is_dir() and folder.is_relative_to(path.resolve()):
                yield path / folder.relative_to(path.resolve())


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
        target.write_eof()


def _needed(program: str) -> Iterator[Path]:
    """The files of a program, and of the Node that many are run by: its links, and itself or its packages."""
    for found in (program, shutil.which("node")):
        if found is None:
            continue
        path = Path(found)
        while path.is_symlink():
            yield path
            path = Path(os.path.normpath(path.parent / path.readlink()))
        packages = [place for place in path.parents if place.name == "node_modules"]
        yield packages[-1] if packages else path


def find_sandbox(network: Network, readable: tuple[str, ...] = ()) -> Sandbox:
    """A sandbox that works here.

    Raises:
        RunError: there is no bubblewrap, or the system does not let it work; or there is nothing at a path.
    """
    for name in readable:
        if not Path(name).exists():
            raise RunError(f"There is nothing at {name} that an agent could read.")
        if Path(name).resolve() == Path("/"):
            raise RunError("An agent that may read all of / needs no sandbox; name what it needs to read.")
    return Sandbox(_bwrap(), network, tuple(Path(name).absolute() for name in readable))


def _bwrap() -> str:
    found = shutil.which("bwrap")
    if found is None:
        raise RunError("A sandbox needs bubblewrap (Linux): apt install bubblewrap, or leave --sandbox away.")
    _try(found)
    return found


@functools.cache
def _try(found: str) -> None:
    tried = [found, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = " ".join(done.stderr.split())
        raise RunError(f"bubblewrap does not work here ({words}); it needs user namespaces. Or leave --sandbox away.")
