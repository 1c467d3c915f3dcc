"""Carries the episode's port into a sandbox that has no network, and runs a command beside it.

Started as a program of its own inside the sandbox, given as text: `python -c TEXT SOCKET PORT COMMAND…`. What
connects to the port is connected to the socket, behind which the harness is. Standard library only.
"""

import contextlib
import socket
import subprocess
import sys
import threading


def main() -> int:
    place, port, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    threading.Thread(target=_serve, args=(listener, place), daemon=True).start()
    code = subprocess.call(command)
    return code if code >= 0 else 128 - code


def _serve(listener: socket.socket, place: str) -> None:
    while True:
        near, _ = listener.accept()
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(place)
        except OSError:
            near.close()
            continue
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=_carry, args=(one, other), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(1 << 16):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    sys.exit(main())
