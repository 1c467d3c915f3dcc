"""Files that are either whole or not there."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

UNFINISHED = ".tmp"  # how the name of a file ends that is not whole yet
_HALVES = re.compile("[\ud800-\udfff]")


def writable(text: str) -> str:
    """The text as UTF-8 can hold it: half characters, which JSON and arguments can bring, become U+FFFD."""
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def write_whole(path: Path, content: str | bytes, *, errors: str = "strict") -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one, never a part.

    `errors` is for characters that UTF-8 does not know, as in `str.encode`. Raises OSError, and leaves nothing behind.
    """
    fresh = path.with_name(f".{secrets.token_hex(8)}{UNFINISHED}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with fresh.open("xb") as file:
            file.write(content.encode("utf-8", errors) if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
