"""Notices what the walls refuse, so that an attempt counts even if the class swallows the refusal.

An audit hook (PEP 578) sees an attempt before the kernel does and ends the process with a sentence. It is not a
wall: who gets around it meets the kernel's. What harmless library code looks for and does without, it does not find.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

Stop = Callable[[str, str], NoReturn]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NOT_FOUND = ("/mime.types", "/etc/localtime", "/etc/timezone", ".mo", "/posixrules", ".netrc", "/zoneinfo/")

_FORBIDDEN = {
    "subprocess.Popen": "start a program",
    "os.system": "start a program",
    "os.exec": "start a program",
    "os.posix_spawn": "start a program",
    "os.spawn": "start a program",
    "pty.spawn": "start a program",
    "webbrowser.open": "start a program",
    "os.fork": "start a process",
    "os.forkpty": "start a process",
    "os.kill": "send a signal to a process",
    "os.killpg": "send a signal to a process",
    "signal.pthread_kill": "send a signal",
    "os.chmod": "change a file",
    "os.chown": "change a file",
    "os.chflags": "change a file",
    "os.truncate": "change a file",
    "os.utime": "change a file",
    "os.setxattr": "change a file",
    "os.removexattr": "change a file",
    "os.link": "make a file",
    "os.symlink": "make a file",
    "os.mkdir": "make a folder",
    "os.rename": "rename a file",
    "os.remove": "remove a file",
    "os.rmdir": "remove a folder",
    "ctypes.dlopen": "reach into the machine",
    "ctypes.dlsym": "reach into the machine",
}


def _is_under(path: str, roots: Sequence[str]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)


def watch(readable: Sequence[str], hidden: Sequence[str], stop: Stop) -> None:
    """From now on, for good: `stop(cause, sentence)` at the first attempt."""

    def refuse(what: str) -> NoReturn:
        stop("violation", f"it tried to {what}, which is not allowed")

    def opened(path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, int):
            return
        name = os.fsdecode(path)
        if (isinstance(flags, int) and flags & _WRITING) or (isinstance(mode, str) and set(mode) & set("wax+")):
            refuse(f"write to {name!r}")
        read(name)

    def read(path: Any) -> None:
        name = os.fsdecode(path) if path is not None else ""
        if os.path.isabs(name):  # noqa: PTH117  pathlib opens nothing, but costs a module
            real = os.path.normpath(name)
            if _is_under(real, readable) and not _is_under(real, hidden):
                return
            if not any(part in real for part in _NOT_FOUND):
                refuse(f"read {name!r}")
        # Its working directory is empty.
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            opened(*arguments)
        elif event in ("os.listdir", "os.scandir", "os.walk", "os.fwalk"):
            read(arguments[0])
        elif event in _FORBIDDEN:
            refuse(_FORBIDDEN[event])
        elif event.startswith("socket.") or event in ("urllib.Request", "http.client.connect"):
            refuse("reach the network")
        elif event == "sqlite3.connect" and arguments[0] not in (":memory:", b":memory:", ""):
            refuse(f"open the database {os.fsdecode(arguments[0])!r}")

    def no_thread(*arguments: Any, **options: Any) -> NoReturn:
        refuse("start a thread")

    for name in ("start_new_thread", "start_new", "start_joinable_thread"):  # the hook is not told of threads
        for module, prefix in (("_thread", ""), ("threading", "_")):
            if hasattr(sys.modules.get(module), prefix + name):
                setattr(sys.modules[module], prefix + name, no_thread)
    _hide(lambda path: _is_under(path, readable) and not _is_under(path, hidden))
    sys.addaudithook(hook)


def _hide(is_readable: Callable[[str], bool]) -> None:
    """What cannot be read is not there either: Landlock does not keep anyone from asking."""

    def hidden(real: Callable[..., Any]) -> Callable[..., Any]:
        def asked(path: Any, *arguments: Any, **options: Any) -> Any:
            if not isinstance(path, int):
                name = os.fsdecode(path)
                if name not in ("", ".") and not is_readable(os.path.normpath(name)):
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
            return real(path, *arguments, **options)

        asked.__name__ = asked.__qualname__ = real.__name__
        return asked

    system = sys.modules["posix"]
    for name in ("stat", "lstat", "readlink"):
        found = hidden(getattr(os, name))
        setattr(os, name, found)
        setattr(system, name, found)
    real_access = os.access

    def access(path: Any, *arguments: Any, **options: Any) -> bool:
        return is_readable(os.path.normpath(os.fsdecode(path))) and real_access(path, *arguments, **options)

    os.access = access
    setattr(system, "access", access)  # noqa: B010  the type checker knows the module's own
