"""Locks between processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.locking import locked

OTHER = """
import sys
from pathlib import Path
from harness.locking import locked
with locked(Path(sys.argv[1])) as held:
    print(held, flush=True)
    sys.stdin.read()
"""


def other(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OTHER, str(path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_one_process_holds_it_and_it_ends_with_the_process(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("{}")
    with locked(path) as held:
        assert held
        with other(path) as refused:
            assert told(refused) == "False"
            assert path.read_text() == "{}"  # whoever holds it, all may read
            refused.communicate()
    with other(path) as holder:
        assert told(holder) == "True"
        with locked(path) as held:
            assert not held
        holder.kill()
        holder.wait()
        with locked(path) as held:
            assert held
