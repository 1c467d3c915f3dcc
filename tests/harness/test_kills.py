"""Runs that are ended at random moments, however rudely, leave no agent, child, server or open port behind."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shelf import lend_emma, render_shelf

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background processes are told to ignore it
from harness.__main__ import main
main()
"""
ENVWRIGHT = [sys.executable, "-c", PROGRAM]
MARK = f"88.{os.getpid()}"  # how long the agents' children sleep, by which they are found
AGENT = f"command:sh -c 'sleep {MARK} & setsid sleep {MARK} & exec sleep {MARK}' {{mcp_url}}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an environment `shelf`, and a scenario of it."""
    folder = tmp_path_factory.mktemp("killed")
    shelf = render_shelf(folder / "shelf")
    (folder / "lend-emma.json").write_text(lend_emma(shelf).model_dump_json())
    return folder


def processes(place: Path) -> dict[Path, str]:
    """What belongs to a run: the command lines by their folders in /proc."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if f"sleep {MARK}" in line or f"{place}/shelf/server.py" in line:
                found[path.parent] = line[:200]
    return found


def left(place: Path) -> list[str]:
    """The command lines of what is left of a run, and of the run itself."""
    return list(processes(place).values())


def open_ports() -> dict[str, str]:
    """The address of everything on this machine that listens, by the inode of its socket."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {line[9]: line[1] for line in lines if line[3] == "0A"}


def ports_of(place: Path) -> set[str]:
    """The inodes of the sockets on which a run's processes listen."""
    held = set()
    for folder in processes(place):
        with contextlib.suppress(OSError):
            held |= {os.readlink(handle) for handle in (folder / "fd").iterdir()}  # noqa: PTH115 - a socket is no path
    return {inode for inode in open_ports() if f"socket:[{inode}]" in held}


def begun(place: Path) -> bool:
    """Whether a server or an agent is there: what holds the run's own words is the run, or a fork of it."""
    return any("--agent" not in line for line in left(place))


def kill_one(place: Path, seed: int) -> None:
    chance = random.Random(seed)
    options = ["--agent", AGENT, "--agent", "reference", "--attempts", "40", "--parallel", "3"]
    places = ["--environments", "shelf", "--scenarios", "lend-emma.json", "--out", f"runs/{seed}"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [*ENVWRIGHT, "run", *options, *places]
    output = subprocess.DEVNULL
    run = subprocess.Popen(command, cwd=place, env=environment, stdout=output, stderr=output)
    try:
        end = time.monotonic() + 60
        under_way = ports_of if seed % 2 else begun  # every other one has a port open
        while not under_way(place) and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 2))
        assert begun(place), f"seed {seed}: nothing was there to be killed"
        listened = ports_of(place)
        assert listened or not seed % 2, f"seed {seed}: no port was open"
        run.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        run.wait(timeout=30)
    finally:
        run.kill()
        run.wait()
    end = time.monotonic() + 30  # a server that is still being imported sees only then that it is alone
    while left(place) and time.monotonic() < end:
        time.sleep(0.05)
    assert (seed, left(place)) == (seed, [])
    assert (seed, listened & open_ports().keys()) == (seed, set())


def test_nothing_is_left_of_a_run_that_is_killed(place: Path) -> None:
    for seed in range(20):
        kill_one(place, seed)


@pytest.mark.soak
def test_nothing_is_left_of_many_runs_that_are_killed(place: Path) -> None:
    for seed in range(100, 200):
        kill_one(place, seed)
