"""Locks on files between processes: they end with the process at the latest, whatever becomes of it."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from harness.errors import PlaceError

_BEYOND = 1 << 30  # Windows keeps others from reading what is locked, so the locked byte lies behind the end
_TAKEN = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)  # the last two are Windows'


@contextlib.contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock of a file that exists; gives False, and holds nothing, where another process has it."""
    with path.open("rb", buffering=0) as file:
        try:
            _lock(file.fileno())
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            _unlock(file.fileno())


def keep_locked(path: Path) -> bool:
    """Hold the lock of a file, made where it is missing, until this process ends, or what it becomes by exec.

    Gives False where another process has it. Where files cannot be locked at all, nothing is held, and it is True.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return True
    try:
        _lock(file)
    except OSError as error:
        os.close(file)
        return error.errno not in _TAKEN
    os.set_inheritable(file, True)
    return True


def claim_state(state: Path) -> None:
    """Keep other servers from a state file as long as this process lives, or what it becomes by exec.

    The lock is on a file beside it, since the state file itself is replaced at every change.

    Raises:
        PlaceError: another server is at work on it.
    """
    place = state.resolve()
    if place.exists() and not place.is_file():
        return  # the server says so
    if not keep_locked(place.with_name(f".{place.name}.lock")):
        raise PlaceError(f"{state} belongs to a server that is still at work; end that one, or name another file.")


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, _BEYOND, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _unlock(file: int) -> None:
        os.lseek(file, _BEYOND, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
