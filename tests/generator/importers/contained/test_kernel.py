"""The kernel's own walls, without the hook in front of them, as for a class that gets hold of bare system calls."""

from __future__ import annotations

import os
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from boxed_shops import HARMLESS

from generator.importers.contained import filters
from generator.importers.contained.walls import Kind, interpreter, walls

ROOT = Path(__file__).parents[4]

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86_64")


def attempt(body: str, walls_put_up: str) -> subprocess.CompletedProcess[str]:
    """Run this in a process that has put up its walls, with `call` for any system call."""
    script = f"""
import ctypes, os, sys
sys.path.insert(0, {str(ROOT)!r})
from generator.importers.contained import kernel
call = ctypes.CDLL(None, use_errno=True).syscall
kernel.drop_privileges()
{walls_put_up}
print({body})
"""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


class TestSystemCalls:
    @pytest.mark.parametrize(
        "call",
        [
            "41, 2, 1, 0",
            "41, 1, 1, 0",
            "57",
            "56, 0, 0, 0, 0, 0",
            "435, 0, 0",
            "62, 1, 9",
            "101, 16, 1, 0, 0",
            "425, 1, 0",
        ],
        ids=["socket", "local socket", "fork", "clone", "clone3", "kill", "ptrace", "io_uring"],
    )
    def test_what_only_an_escape_needs_ends_the_process(self, call: str) -> None:
        assert attempt(f"call({call})", "kernel.restrict_calls()").returncode == -signal.SIGSYS

    @pytest.mark.parametrize("flags", ["1", "2", "0o100", "0o1000", "0o2000"])
    def test_opening_for_writing_ends_the_process(self, flags: str) -> None:
        for call in (f"2, b'/dev/null', {flags}", f"257, -100, b'/dev/null', {flags}"):
            assert attempt(f"call({call})", "kernel.restrict_calls()").returncode == -signal.SIGSYS

    @pytest.mark.parametrize(
        "call",
        [
            "83, b'x', 0o700",
            "87, b'x'",
            "302, 0, 7, b'x' * 16, 0",
            "302, 1, 7, 0, b'x' * 16",
            "160, 7, b'x' * 16",
            "72, 0, 8, 1",
        ],
        ids=["mkdir", "unlink", "own limits", "others' limits", "setrlimit", "owner of a descriptor"],
    )
    def test_all_others_fail(self, call: str) -> None:
        assert attempt(f"call({call})", "kernel.restrict_calls()").stdout == "-1\n"

    def test_no_signal_but_to_oneself(self) -> None:
        assert attempt("call(234, os.getpid(), os.getpid(), 0)", "kernel.restrict_calls()").stdout == "0\n"
        assert attempt("call(234, 1, 1, 0)", "kernel.restrict_calls()").returncode == -signal.SIGSYS

    def test_the_other_calling_convention_ends_the_process(self) -> None:
        assert attempt("call(0x40000000 | 41, 2, 1, 0)", "kernel.restrict_calls()").returncode == -signal.SIGSYS

    @pytest.mark.parametrize("machine", filters.MACHINES)
    def test_the_numbers_are_the_kernels(self, machine: str) -> None:
        header = {
            "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
            "aarch64": Path("/usr/include/asm-generic/unistd.h"),
        }[machine]
        if not header.exists():
            pytest.skip(f"{header} is not there (linux-libc-dev)")
        known = {name: int(number) for name, number in re.findall(r"__NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())}
        known.setdefault("newfstatat", known.get("fstatat", -1))
        column = list(filters.MACHINES).index(machine)
        for name, numbers in {**filters.ALLOWED, **filters.FATAL}.items():
            assert numbers[column] == known.get(name), name

    def test_a_filter_is_short_enough_for_the_kernel(self) -> None:
        for machine in filters.MACHINES:
            assert len(filters.program(machine, 1)) // 8 < 4096


class TestFiles:
    def test_landlock_leaves_the_interpreter_and_nothing_else(self) -> None:
        settings = walls("landlock").settings()
        up = f"kernel.restrict_files({settings['readable']!r}, {settings['hidden']!r})"
        for path in ("/etc/passwd", "/proc/self/environ", "/", str(ROOT), __file__):
            assert attempt(f"call(2, {path.encode()!r}, 0)", up).stdout == "-1\n", path
        assert int(attempt(f"call(2, {os.__file__.encode()!r}, 0)", up).stdout) > 2

    def test_what_others_installed_is_hidden(self, tmp_path: Path) -> None:
        for name in ("library", "site-packages/package"):
            (tmp_path / name).mkdir(parents=True)
            (tmp_path / name / "file").write_text("text")
        up = f"kernel.restrict_files([{str(tmp_path)!r}], [{str(tmp_path / 'site-packages')!r}])"
        assert int(attempt(f"call(2, {str(tmp_path / 'library/file').encode()!r}, 0)", up).stdout) > 2
        assert attempt(f"call(2, {str(tmp_path / 'site-packages/package/file').encode()!r}, 0)", up).stdout == "-1\n"

    def test_bubblewrap_shows_the_interpreter_and_nothing_else(self, kind: Kind) -> None:
        prefix = walls(kind).prefix
        if not prefix:
            pytest.skip("nothing of it stands outside of the process")
        listing = (
            "import os; print([os.path.exists(p) for p in %r], os.listdir('/'), os.listdir(os.path.expanduser('~')))"
        )
        paths = ["/etc/passwd", "/proc/self", "/dev", "/sys", "/home", str(ROOT), __file__, os.__file__]
        command = [*prefix, interpreter(), "-I", "-S", "-c", listing % paths]
        done = subprocess.run(command, capture_output=True, text=True, env={"HOME": "/"}, check=True)
        assert done.stdout.startswith("[False, False, False, False, False, False, False, True]"), done.stdout


def test_the_harmless_class_is_harmless() -> None:
    """What the other tests compare with."""
    names: dict[str, type] = {}
    exec(HARMLESS, names)
    assert names["Shop"]().tool() == "fine"
