"""The clients that `make clients` installs, and an empty place to start them in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from installed import NODE, found

sys.path.insert(0, str(Path(__file__).parents[1] / "harness"))  # for the scripted models

KEYS = ("ANTHROPIC_", "CLAUDE", "OPENAI_", "CODEX_", "GEMINI_", "GOOGLE_", "MCP_")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the first of the path, with Node; the user's keys are away."""
    for name in [name for name in os.environ if name.startswith(KEYS)]:
        monkeypatch.delenv(name)
    programs = tmp_path / "bin"
    programs.mkdir()
    if NODE.exists():
        (programs / "node").symlink_to(NODE.resolve())
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return programs


Tool = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tool(folder: Path, tmp_path: Path) -> Tool:
    """Runs a client to its end."""

    def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        words = [str(folder / "node"), str(found(name)), *arguments]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path)

    return run
