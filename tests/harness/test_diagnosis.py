"""`envwright doctor`: what is here, what could be, and never a key."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

import harness.diagnosis
from generator.errors import EnvwrightError
from harness.cli import app
from harness.diagnosis import diagnose

SECRET = "sk-very-secret"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without the scenario, which a test of its own looks at."""
    monkeypatch.setattr(harness.diagnosis, "_scenario", lambda: "passed")
    return monkeypatch


def test_a_key_is_there_or_not_and_never_told(quick: pytest.MonkeyPatch) -> None:
    quick.setenv("ANTHROPIC_API_KEY", SECRET)
    quick.setenv("OPENAI_API_KEY", " ")
    for options in ([], ["--json"]):
        result = CliRunner().invoke(app, ["doctor", *options])
        assert result.exit_code == 0, result.output
        assert SECRET not in result.output
    found = {one["name"]: one["state"] for one in json.loads(result.stdout)}
    assert (found["ANTHROPIC_API_KEY"], found["OPENAI_API_KEY"], found["python"]) == ("ok", "absent", "ok")


def test_what_is_not_there_has_a_remedy(quick: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for finding in diagnose({"PATH": str(tmp_path)}):
        if finding.name in ("claude", "codex", "gemini"):
            assert finding.state == "absent" and finding.remedy.startswith("npm install")
        assert (finding.state == "ok") != bool(finding.remedy)


def test_what_is_broken_is_exit_code_1(quick: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    quick.setattr(socket.socket, "bind", refuse)
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "✗ a port: [Errno 13] Permission denied (allow programs to listen on 127.0.0.1)" in result.stdout


def test_a_scenario_that_does_not_pass_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness.diagnosis, "bundled_environments", lambda: [])
    with pytest.raises(EnvwrightError, match="no bundled scenario"):
        harness.diagnosis._scenario()


def test_a_bundled_scenario_passes() -> None:
    assert "passed in" in harness.diagnosis._scenario()
