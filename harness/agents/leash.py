"""Runs a command, and ends it with all its children when the harness lets go or is gone.

Started as a program of its own, given as text: `python -c TEXT DESCRIPTOR COMMAND…`. The descriptor is a pipe
whose other end only the harness has. Standard library only. On Linux orphans come to this process, so that
children that left the process group are found too.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_LOOK = 0.02  # seconds


def main() -> int:
    leash, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # the pipe alone says when it is over
    process = subprocess.Popen(command, start_new_session=True)
    with contextlib.suppress(OSError):
        for standard in (0, 1, 2):
            os.close(standard)  # so that whoever reads sees the command's own end
    while process.poll() is None:
        if select.select([leash], [], [], _LOOK)[0]:
            break
    code = process.poll()
    _end_all(process.pid)
    return 137 if code is None else code if code >= 0 else 128 - code


def _end_all(group: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(group, signal.SIGKILL)
    end = time.monotonic() + 5
    while time.monotonic() < end:
        for child in _children():
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _children() -> list[int]:
    """The processes whose parent this one is, where the system shows them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(path.parent.name))
    return found


if __name__ == "__main__":
    sys.exit(main())
