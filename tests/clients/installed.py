"""What `make clients` installs, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

PLACE = Path(__file__).parents[2] / ".venv" / "clients"
NODE = PLACE / "bin" / "node"


def found(name: str) -> Path:
    """A client's program, or the test is skipped with a sentence."""
    if not NODE.exists():
        pytest.skip("Node is not installed: make clients")
    program = PLACE / "node_modules" / ".bin" / name
    if not program.exists():
        pytest.skip(f"'{name}' is not installed: make clients")
    return program.resolve()
