"""The command `envwright`, also as `python -m harness`."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """The entry point of the distribution."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal's encoding lacks is shown as ?, and ends nothing
    try:
        from harness.cli import app  # takes half a second, in which Ctrl-C may come
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(130)
    app()


if __name__ == "__main__":
    main()
