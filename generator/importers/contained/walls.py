"""Which walls a box gets: bubblewrap where it is installed and works, else Landlock; seccomp and limits in both."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .errors import ContainmentError

Kind = Literal["bubblewrap", "landlock", "none"]

_ZONES = "/usr/share/zoneinfo"
_NOWHERE = "/nowhere"


@dataclass(frozen=True)
class Walls:
    """The kind, what comes before the command of the process, and what the process is told to put up itself."""

    kind: Kind
    prefix: tuple[str, ...]

    def settings(self) -> dict[str, Any]:
        return {"walls": self.kind, "readable": [str(path) for path in _readable()], "hidden": _hidden()}


def walls(kind: Kind | None = None, *, trust: bool = False) -> Walls:
    """The walls of one kind, or the best there are; none at all only where there are none and `trust` is given.

    Raises ContainmentError.
    """
    if sys.platform == "win32":
        raise ContainmentError("A stranger's code cannot be run on Windows; use Linux, also within WSL.")
    if kind is not None:
        if kind != "none" and not _works(kind):
            raise ContainmentError(f"The walls of {kind} cannot be put up on this system.")
        return _made(kind)
    for candidate in ("bubblewrap", "landlock"):
        if _works(candidate):
            return _made(candidate)
    if trust:
        return _made("none")
    raise ContainmentError(
        "This environment is a stranger's code, and nothing on this system can contain it: there is neither a working "
        "bubblewrap (bwrap) nor a kernel with Landlock and seccomp (Linux 5.13 or later); install bubblewrap, or, if "
        "you have read the code and trust it, use --trust."
    )


def interpreter() -> str:
    """The interpreter itself, not the link in a virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _made(kind: str) -> Walls:
    if kind == "bubblewrap":
        return Walls("bubblewrap", _bubblewrap())
    return Walls("landlock" if kind == "landlock" else "none", ())


@functools.cache
def _works(kind: str) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        from .kernel import has_seccomp, landlock_version
    except ImportError:  # an interpreter without ctypes
        return False
    if kind == "landlock":
        return landlock_version() > 0 and has_seccomp()
    if not shutil.which("bwrap") or not has_seccomp():
        return False
    trial = [*_bubblewrap(), interpreter(), "-I", "-S", "-c", ""]
    try:
        return subprocess.run(trial, capture_output=True, env={}, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@functools.cache
def _bubblewrap() -> tuple[str, ...]:
    """A file system of the interpreter alone, and no network, processes or names of others."""
    options = ["--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--hostname", "contained"]
    for path in _readable():
        options += ["--ro-bind", str(path), str(path)]
    for path in map(Path, ("/lib", "/lib64")):
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
    for hidden in _hidden():
        options += ["--tmpfs", hidden]
    return (shutil.which("bwrap") or "bwrap", *options, "--dir", _NOWHERE, "--chdir", _NOWHERE, "--remount-ro", "/")


@functools.cache
def _readable() -> tuple[Path, ...]:
    """The interpreter, its standard library, the system's libraries and the time zones; each path once, resolved."""
    found = dict.fromkeys(path.resolve() for path in _needed() if path.exists())
    return tuple(path for path in found if not any(path != other and path.is_relative_to(other) for other in found))


def _needed() -> Iterator[Path]:
    program = Path(interpreter())
    yield program
    yield _library()
    if extensions := sysconfig.get_config_var("DESTSHARED"):
        yield Path(extensions)
    yield from sorted((program.parent.parent / "lib").glob("libpython*"))
    multiarch = sysconfig.get_config_var("MULTIARCH")
    for root in ("/lib", "/usr/lib"):
        # Debian keeps libraries by architecture; elsewhere they lie in lib64, or in lib itself.
        known = Path(root, multiarch) if multiarch else None
        yield known if known and known.is_dir() else Path(f"{root}64") if Path(f"{root}64").is_dir() else Path(root)
    yield Path("/lib64")
    yield Path(_ZONES)


def _library() -> Path:
    return Path(os.__file__).parent.resolve()


def _hidden() -> list[str]:
    """What others installed into the standard library's folder."""
    return [str(_library() / name) for name in ("site-packages", "dist-packages") if (_library() / name).is_dir()]
