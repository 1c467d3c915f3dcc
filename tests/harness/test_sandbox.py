"""Command lines in bubblewrap, where it is installed: what they see, what they reach, and that they still work."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from theatre import Theatre, open_theatre

from harness.agents.agent import AgentOptions, Limits
from harness.agents.registry import find_agent
from harness.agents.sandbox import Network, find_sandbox
from harness.errors import RunError

HERE = Path(__file__).parent
PYTHON = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
SECONDS = f"66.{os.getpid()}"  # by which the children of these tests are found


def reason() -> str:
    try:
        find_sandbox("offline")
    except RunError as error:
        return str(error)
    return ""


WHY_NOT = reason()
sandboxed = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "bubblewrap works")


@pytest.fixture(scope="module")
def theatre(server_folder: Path) -> Iterator[Theatre]:
    with open_theatre(server_folder) as theatre:
        yield theatre


@pytest.fixture
def port() -> Iterator[int]:
    """A port of the loopback where somebody listens who is none of the agent's business."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def looked(
    theatre: Theatre,
    port: int,
    network: Network,
    program: Path,
    file: Path = Path(__file__),
    readable: tuple[str, ...] = (),
) -> dict[str, Any]:
    """What the agent that looks around has found."""
    shutil.copy(HERE / "looking.py", program)
    options = AgentOptions(sandbox=network, readable=(str(program), sys.base_prefix, *readable))
    line = shlex.join([PYTHON, str(program), "{mcp_url}", str(port), str(file)])
    evidence = theatre.attempt(f"command:{line}", options=options)
    assert (evidence.attempt.outcome, evidence.attempt.reason) == ("failed", ""), evidence
    found: dict[str, Any] = json.loads(evidence.answer)
    return found


@sandboxed
@pytest.mark.parametrize("network", ["offline", "online"])
def test_it_sees_no_other_process_and_no_file_of_anybodys(
    theatre: Theatre, port: int, tmp_path: Path, network: Network
) -> None:
    found = looked(theatre, port, network, tmp_path / "looking.py")
    assert [line for line in found["processes"] if not line.startswith("bwrap ")] == []
    assert set(found["environment"]) <= {"HOME", "PATH", "PWD", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ"} | {
        "SSL_CERT_FILE",
        "NODE_EXTRA_CA_CERTS",
    }
    assert (found["home"], found["work"], found["file"]) == ([], [], False)
    assert found["writes"][0] == "." and len(found["writes"]) == 2  # its work and its home
    assert not {"work", "srv", "mnt", "opt", "var", "run", "sys"} & set(found["root"])


@sandboxed
@pytest.mark.parametrize(("name", "seen"), [("README.md", True), ("scenarios", False), ("servers", False)])
def test_bundled_scenarios_are_hidden_where_they_lie_in_what_is_readable(
    theatre: Theatre, port: int, tmp_path: Path, name: str, seen: bool
) -> None:
    (tmp_path / "root").symlink_to(HERE.parents[1])
    for root in (HERE.parents[1], tmp_path / "root" / "tests" / ".."):
        file = root / name if seen else root / name / "credit_union"
        assert file.exists()
        assert looked(theatre, port, "offline", tmp_path / "looking.py", file, (str(root),))["file"] is seen


@sandboxed
@pytest.mark.parametrize(("network", "reached"), [("offline", False), ("online", True)])
def test_offline_it_reaches_the_port_of_its_episode_alone(
    theatre: Theatre, port: int, tmp_path: Path, network: Network, reached: bool
) -> None:
    found = looked(theatre, port, network, tmp_path / "looking.py")
    assert (found["episode"], found["elsewhere"], found["loopback"]) == (200, 404, reached)


@sandboxed
@pytest.mark.parametrize("network", ["offline", "online"])
def test_an_mcp_client_solves_a_scenario_in_it(theatre: Theatre, network: Network) -> None:
    options = AgentOptions(sandbox=network, readable=(sys.prefix, sys.base_prefix, str(HERE)))
    program = shlex.join([sys.executable, str(HERE / "command_agents.py"), "milk"])
    for given in ("{mcp_url} {prompt}", "{mcp_config} {prompt_file}", "{mcp_config}"):
        evidence = theatre.attempt(f"command:{program} {given}", options=options)
        assert (evidence.attempt.outcome, evidence.attempt.reason, evidence.answer) == ("passed", "", "Done.")


@sandboxed
def test_an_exit_code_comes_through(theatre: Theatre) -> None:
    options = AgentOptions(sandbox="offline", readable=(sys.prefix, sys.base_prefix, str(HERE)))
    program = shlex.join([sys.executable, str(HERE / "command_agents.py"), "fail"])
    evidence = theatre.attempt(f"command:{program} {{mcp_url}}", options=options)
    assert evidence.attempt.reason == "The command ended with exit code 3: no idea"


@sandboxed
@pytest.mark.parametrize("network", ["offline", "online"])
def test_nothing_of_it_outlives_its_attempt(theatre: Theatre, network: Network) -> None:
    line = f"command:sh -c 'setsid sleep {SECONDS} & sleep {SECONDS} & exec sleep {SECONDS}' {{mcp_url}}"
    evidence = theatre.attempt(line, Limits(wall_seconds=2), options=AgentOptions(sandbox=network))
    assert evidence.attempt.outcome == "invalid" and evidence.attempt.seconds < 12
    found = subprocess.run(["pgrep", "-f", f"^sleep {SECONDS}"], capture_output=True, text=True, check=False)
    assert found.stdout == ""


@sandboxed
def test_what_cannot_be_put_into_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunError, match="runs inside the harness and in no sandbox"):
        find_agent("python:own_agents:solve", AgentOptions(sandbox="offline"))
    with pytest.raises(RunError, match="claude-code asks its model over the network, so it needs --sandbox online"):
        find_agent("claude-code", AgentOptions(sandbox="offline"))
    for place, words in (("/no/where", "There is nothing at /no/where"), ("/", "needs no sandbox")):
        with pytest.raises(RunError, match=words):
            find_agent("command:sh {mcp_url}", AgentOptions(sandbox="offline", readable=(place,)))


@sandboxed
def test_a_working_place_may_lie_deep(theatre: Theatre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    options = AgentOptions(sandbox="offline", readable=(sys.prefix, sys.base_prefix, str(HERE)))
    program = shlex.join([sys.executable, str(HERE / "command_agents.py"), "milk"])
    evidence = theatre.attempt(f"command:{program} {{mcp_url}}", options=options)
    assert (evidence.attempt.outcome, evidence.attempt.reason) == ("passed", "")


def test_without_bubblewrap_nothing_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "agent").write_text("#!/bin/sh\n")
    (tmp_path / "agent").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunError, match="A sandbox needs bubblewrap"):
        find_agent("command:agent {mcp_url}", AgentOptions(sandbox="online"))
