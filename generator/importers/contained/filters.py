"""The system calls that a contained process may make, as a seccomp filter (a classic BPF program, seccomp(2)).

What the interpreter needs is allowed. What only an escape needs (a socket, a process, a signal to another, opening
for writing) ends the process at once, so that it cannot be tried unseen. Everything else fails with EPERM.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The kernel's numbers for the architectures that have a table here (linux/audit.h)."""

# Name: (x86_64, aarch64); None where the architecture does not have it. From the kernel's unistd tables.
Table = dict[str, tuple[int | None, int | None]]

ALLOWED: Table = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "close": (3, 57),
    "lseek": (8, 62), "stat": (4, None), "fstat": (5, 80), "lstat": (6, None), "newfstatat": (262, 79),
    "statx": (332, 291), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "getdents64": (217, 61), "getcwd": (79, 17),
    "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "poll": (7, None), "ppoll": (271, 73),
    "select": (23, None), "pselect6": (270, 72), "pipe": (22, None), "pipe2": (293, 59),
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "mremap": (25, 216), "madvise": (28, 233),
    "brk": (12, 214), "futex": (202, 98), "rseq": (334, 293), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "sigaltstack": (131, 132), "restart_syscall": (219, 128),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153), "getrandom": (318, 278),
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "uname": (63, 160), "sysinfo": (99, 179),
    "getrlimit": (97, 163), "getrusage": (98, 165), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip

FATAL: Table = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "recvmsg": (47, 212), "clone": (56, 220), "clone3": (435, 435), "fork": (57, None), "vfork": (58, None),
    "execve": (59, 221), "execveat": (322, 281), "kill": (62, 129), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "io_uring_setup": (425, 425), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268), "memfd_create": (319, 279),
    "open_by_handle_at": (304, 265), "creat": (85, None), "openat2": (437, 437),
}  # fmt: skip

_OPEN, _OPENAT = (2, None), (257, 56)
_FCNTL, _IOCTL, _TGKILL, _PRLIMIT = (72, 25), (16, 29), (234, 131), (302, 261)
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
_IOCTL_REQUESTS = (0x5401, 0x5450, 0x5451)  # TCGETS, FIONCLEX, FIOCLEX

_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | 1  # EPERM
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000

Instruction = tuple[int, int, int, int]
"""Code, steps over if true, steps over if not, operand."""


def program(machine: str, process: int) -> bytes:
    """The filter for a process with this id, as the kernel reads it: 8 bytes an instruction."""
    column = 0 if machine == "x86_64" else 1
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, MACHINES[machine]),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, KILL),
    ]
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    cases = [
        (_OPENAT, _unless_bits(2, writing)),
        (_OPEN, _unless_bits(1, writing)),
        (_FCNTL, _only(1, _FCNTL_COMMANDS)),
        (_IOCTL, _only(1, _IOCTL_REQUESTS)),
        (_TGKILL, _only(0, (process,), otherwise=KILL)),
        (_PRLIMIT, _reading_own_limits()),
        *((numbers, [(_RETURN, 0, 0, ALLOW)]) for numbers in ALLOWED.values()),
        *((numbers, [(_RETURN, 0, 0, KILL)]) for numbers in FATAL.values()),
    ]
    for numbers, body in cases:
        number = numbers[column]
        if number is not None:
            lines += [(_EQUAL, 0, len(body), number), *body]
    lines.append((_RETURN, 0, 0, REFUSE))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _argument(index: int, high: bool = False) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * index + (4 if high else 0))  # both architectures are little-endian


def _unless_bits(index: int, bits: int) -> list[Instruction]:
    return [_argument(index), (_ANY_BIT, 0, 1, bits), (_RETURN, 0, 0, KILL), (_RETURN, 0, 0, ALLOW)]


def _only(index: int, values: Iterable[int], otherwise: int = REFUSE) -> list[Instruction]:
    compared: list[Instruction] = []
    for value in values:
        compared += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, ALLOW)]
    return [_argument(index), *compared, (_RETURN, 0, 0, otherwise)]


def _reading_own_limits() -> list[Instruction]:
    """prlimit64(0, …, NULL, …); with anything else the limits of others could be set."""
    return [
        _argument(0),
        (_EQUAL, 0, 5, 0),
        _argument(2),
        (_EQUAL, 0, 3, 0),
        _argument(2, high=True),
        (_EQUAL, 0, 1, 0),
        (_RETURN, 0, 0, ALLOW),
        (_RETURN, 0, 0, REFUSE),
    ]
