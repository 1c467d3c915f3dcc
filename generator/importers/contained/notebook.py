"""Standard output of a stranger's code: kept up to a size, and then dropped without an error."""

from __future__ import annotations

import io
import os


class Notebook(io.TextIOBase):
    """Writes text to a descriptor, `left` bytes at most."""

    encoding = "utf-8"

    def __init__(self, descriptor: int, left: int) -> None:
        self._descriptor = descriptor
        self._left = left

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        data = text.encode(errors="replace")[: self._left]
        self._left -= len(data)
        if data:
            os.write(self._descriptor, data)
        return len(text)
