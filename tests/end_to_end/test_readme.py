"""Every command that the README shows works, from a folder that holds nothing but what the README names."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENVWRIGHT = Path(sys.executable).with_name("envwright")
SERVING = 2.0  # seconds that a server is left running


def _commands(page: Path) -> list[str]:
    """The lines of all ```sh blocks, comments aside."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


COMMANDS = _commands(ROOT / "README.md")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a user has who cloned the project: its servers and scenarios."""
    folder = tmp_path_factory.mktemp("workspace")
    for name in ("servers", "scenarios"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{ENVWRIGHT.parent}{os.pathsep}{os.environ['PATH']}"}


def test_the_readme_shows_commands_of_every_part() -> None:
    verbs = {shlex.split(command)[1] for command in COMMANDS if command.startswith("envwright ")}
    assert {"serve", "run", "show", "report", "export", "scenarios", "certify", "check", "evaluate", "render"} <= verbs


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make ")])
def test_make_targets_exist(command: str) -> None:
    done = subprocess.run([*shlex.split(command), "-n"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_commands_of_the_readme_run_in_order(workspace: Path) -> None:
    """In order, since later ones read what earlier ones made."""
    for command in COMMANDS:
        if not command.startswith("envwright "):
            continue
        arguments = [str(ENVWRIGHT), *shlex.split(command)[1:]]
        if arguments[1] == "serve":
            _serves(arguments, workspace)
            continue
        done = subprocess.run(
            arguments, cwd=workspace, capture_output=True, text=True, check=False, timeout=300, env=_environment()
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def _serves(arguments: list[str], workspace: Path) -> None:
    """A server stays up until it is told to end, and then ends by itself."""
    if "--http" in arguments:
        arguments[arguments.index("--http") + 1] = "0"  # any free port: the test must not depend on one
    with subprocess.Popen(
        arguments,
        cwd=workspace,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
    ) as server:
        time.sleep(SERVING)
        running = server.poll() is None
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=20)
    assert running, errors.decode()
