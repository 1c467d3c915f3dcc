"""What others said, for a terminal: nothing in it moves a cursor, changes colours or turns the order of signs."""

from __future__ import annotations

_LEFT = (0x09, 0x0A)  # tab and line end
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # Unicode's embeddings, overrides and isolates
_SHOWN = (
    {code: chr(0x2400 + code) for code in range(0x20) if code not in _LEFT}
    | {0x7F: "\u2421"}
    | dict.fromkeys((*range(0x80, 0xA0), *_TURNING), "\ufffd")
)


def plain(text: str) -> str:
    """The text with a visible sign in place of every control character; its length stays."""
    return text.translate(_SHOWN)
