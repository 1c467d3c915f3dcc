"""Looks whether this machine has what envwright needs, and what it could use beside that."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from generator.errors import EnvwrightError
from generator.rendering import bundled_environments, find_scenarios
from generator.scengenerator.files import load_scenario

State = Literal["ok", "absent", "broken"]
"""`absent` is something that can be done without; `broken` is not."""

_NEEDED = ("envwright", "mcp", "pydantic", "uvicorn", "ruff")
_EXTRAS = {"pygal": "report", "openai": "openai"}
_CLIENTS = {
    "claude": "npm install -g @anthropic-ai/claude-code",
    "codex": "npm install -g @openai/codex",
    "gemini": "npm install -g @google/gemini-cli",
}
_KEYS = {"ANTHROPIC_API_KEY": "Anthropic's models", "OPENAI_API_KEY": "OpenAI's models", "GEMINI_API_KEY": "Gemini CLI"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` where it is not ok."""

    name: str
    state: State
    detail: str
    remedy: str = ""


def diagnose(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Everything that was looked at, one after the other. Of a key it is said only whether it is there."""
    yield Finding("python", "ok", platform.python_version())
    for package in _NEEDED:
        yield _package(package, "broken", "install envwright again: pip install --force-reinstall envwright")
    for package, extra in _EXTRAS.items():
        yield _package(package, "absent", f"pip install 'envwright[{extra}]'")
    for client, remedy in _CLIENTS.items():
        place = shutil.which(client, path=environ.get("PATH"))
        yield Finding(client, "ok", place) if place else Finding(client, "absent", "not on the PATH", remedy)
    for name, use in _KEYS.items():
        there = bool(environ.get(name, "").strip())
        yield Finding(name, "ok", "set") if there else Finding(name, "absent", "not set", f"needed for {use} only")
    yield _tried("a port", _port, "allow programs to listen on 127.0.0.1")
    yield _tried("runs/", _runs, "go to a folder that you may write into, or use --out")
    yield _walls()
    yield _tried("a scenario", _scenario, "install envwright again, or render the environment: envwright render NAME")


def _package(name: str, without: State, remedy: str) -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(name, without, "not installed", remedy)


def _tried(name: str, what: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(name, "ok", what())
    except (OSError, EnvwrightError) as error:
        return Finding(name, "broken", str(error), remedy)


def _walls() -> Finding:
    """What the code of imported environments would run behind."""
    from generator.importers.contained import ContainmentError
    from generator.importers.contained.walls import walls

    name = "containment"
    try:
        return Finding(name, "ok", f"the code of imported environments runs behind {walls().kind}")
    except ContainmentError as error:
        return Finding(name, "absent", str(error), "needed for imported environments only")


def _port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        return f"127.0.0.1:{listening.getsockname()[1]} can be listened on"


def _runs() -> str:
    runs = Path("runs")
    there = runs if runs.is_dir() else Path()
    with tempfile.TemporaryFile(dir=there):
        return f"{runs.resolve()} can be written"


def _scenario() -> str:
    """The first bundled scenario, solved by the reference agent over a real server."""
    from harness.environments import load_environment
    from harness.run import carry_out, create_run, plan_run

    for folder in bundled_environments():
        for path in find_scenarios(folder)[:1]:
            with tempfile.TemporaryDirectory(prefix="envwright-") as scratch:
                plan = plan_run([(load_environment(folder), [load_scenario(path)])], ["reference"])
                run = create_run(plan, Path(scratch), "doctor")
                carry_out(plan, run)
                (attempt,) = run.attempts()
            if attempt.outcome != "passed":
                raise EnvwrightError(f"{attempt.environment}/{attempt.scenario}: {attempt.verdict}. {attempt.reason}")
            return f"{attempt.environment}/{attempt.scenario} passed in {attempt.seconds:.2f} s"
    raise EnvwrightError("There is no bundled scenario.")
