"""A bundled environment served as a person would, for clients that are not agents."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

ENVWRIGHT = (sys.executable, "-m", "harness")


@contextlib.contextmanager
def served(environment: str, *options: str) -> Iterator[str]:
    """The URL of `envwright serve`."""
    words = [*ENVWRIGHT, "serve", environment, "--http", "0", *options]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            yield process.stderr.readline().split()[-1]
        finally:
            process.terminate()
