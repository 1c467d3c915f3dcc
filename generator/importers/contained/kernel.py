"""The kernel's own walls around this process, through its interface: Landlock, seccomp, capabilities, limits.

Runs inside the box, before any of the stranger's code. Linux; landlock(7), seccomp(2), capabilities(7), prctl(2).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Sequence
from contextlib import suppress

from .filters import MACHINES, program

_MACHINE = os.uname().machine  # asked now: later, in a box, the answer is a virtual one
_SET_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _GET_SECCOMP = 1, 38, 22, 21
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_DIRECTORY = 1 << 2, 1 << 3
_FIXED_ADDRESSES = 0x0040000  # ADDR_NO_RANDOMIZE
_CAPABILITIES_VERSION = 0x20080522


class WallError(Exception):
    """The kernel does not put up a wall. One sentence."""


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def landlock_version() -> int:
    """The kernel's version of Landlock; 0 where it has none."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def has_seccomp() -> bool:
    """Whether this kernel takes filters, and there is a table for this machine."""
    return _MACHINE in MACHINES and _libc().prctl(_GET_SECCOMP, 0, 0, 0, 0) >= 0


def fix_addresses() -> int:
    """No random addresses in what this thread starts, since the order of some sets follows them.

    Returns what `personality(2)` was before; `restore` takes it.
    """
    before = int(_libc().personality(ctypes.c_ulong(0xFFFFFFFF)))
    if before >= 0:
        _libc().personality(ctypes.c_ulong(before | _FIXED_ADDRESSES))
    return before


def restore_addresses(before: int) -> None:
    """As `fix_addresses` found it."""
    if before >= 0:
        _libc().personality(ctypes.c_ulong(before))


def die_with_parent() -> None:
    """Be killed when the thread that started this process ends."""
    _libc().prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def limit(memory: int, processor: int, files: int, written: int) -> None:
    """Resource limits: bytes of address space, seconds, descriptors, bytes in a file. No core dumps."""
    wanted = {"AS": (memory, memory), "CPU": (processor, processor + 1), "NOFILE": (files, files)}
    wanted |= {"FSIZE": (written, written), "CORE": (0, 0)}
    for name, values in wanted.items():
        with suppress(ValueError, OSError):  # macOS has no limit on address space
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), values)


def drop_privileges() -> None:
    """No capabilities, also for root, and none to be gained."""
    _checked(_libc().prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    _checked(_libc().capset(header, (ctypes.c_uint32 * 6)()), "capset")


def restrict_files(readable: Sequence[str], hidden: Sequence[str]) -> None:
    """Landlock: `readable` files and folders can be read, but not the `hidden` folders in them, and nothing else.

    What is hidden shows its names: Landlock knows no exceptions, so that a folder that holds something hidden can be
    listed, and the rest of its content is allowed piece by piece.
    """
    version = landlock_version()
    if not version:
        raise WallError("this kernel has no Landlock")
    handled = (1 << 13) - 1 | (1 << 13 if version >= 2 else 0) | (1 << 14 if version >= 3 else 0)
    handled |= 1 << 15 if version >= 5 else 0
    network, scopes = (0b11 if version >= 4 else 0), (0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = (ctypes.c_uint64 * 3)(handled, network, scopes)
    ruleset = _libc().syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    _checked(ruleset, "landlock_create_ruleset")
    for path in readable:
        inside = [place for place in hidden if place.startswith(path + "/")]
        if not inside:
            _allow(ruleset, path, _READ_FILE | _READ_DIRECTORY)
            continue
        _allow(ruleset, path, _READ_DIRECTORY)
        for entry in os.scandir(path):
            if entry.path not in inside:
                _allow(ruleset, entry.path, _READ_FILE | _READ_DIRECTORY)
    _checked(_libc().syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)), "landlock_restrict_self")
    os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        place = os.open(path, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112  pathlib would be one more module to import
            access &= _READ_FILE
        rule = _Rule(access, place)
        _checked(_libc().syscall(_ADD_RULE, ruleset, 1, ctypes.byref(rule), ctypes.c_uint32(0)), "landlock_add_rule")
    finally:
        os.close(place)


def restrict_calls() -> None:
    """Seccomp: the filter of `filters`. The last of the walls, since it forbids putting up others."""
    code = program(_MACHINE, _libc().getpid())
    filter_ = _Program(len(code) // 8, code)
    _checked(_libc().prctl(_SET_SECCOMP, 2, ctypes.byref(filter_), 0, 0), "seccomp")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, name: str) -> None:
    if result < 0:
        raise WallError(f"{name} failed: {os.strerror(ctypes.get_errno())}")
