"""Ctrl-C and full disks: nothing half-written, and nothing paid for twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from playing import CASES, OUTLINE, Played, bike_rental, repair, verdicts

from tests.llm.loopback import KEY, MODEL, Asked, Failed, Loopback, Said

LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # also where it was ignored
ENVWRIGHT = [sys.executable, "-c", f"{LISTENING}; from harness.__main__ import main; main()"]


class Waiting(Played):
    """Answers until the tester is asked; then it takes its time."""

    def __init__(self) -> None:
        super().__init__(outline=[OUTLINE], skeleton=[bike_rental()], tester=[CASES])
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, asked: Asked) -> Said | Failed:
        if asked.stage == "tester":
            self.reached.set()
            self.go_on.wait(30)
        return super().__call__(asked)


def new(folder: Path, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*ENVWRIGHT, "new", "bikes", "--base-url", url, "--model", MODEL],
        cwd=folder,
        env={**os.environ, "ANTHROPIC_API_KEY": KEY, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_ctrl_c_leaves_nothing_behind_and_the_next_start_goes_on(tmp_path: Path) -> None:
    waiting = Waiting()
    with Loopback(waiting).running() as provider, new(tmp_path, provider.url) as process:
        assert waiting.reached.wait(60)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[0]
        waiting.go_on.set()
    assert process.returncode == 130 and "Stopped." in said and "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == [".envwright"]

    again = Played(tester=[CASES], checker=[verdicts()])
    with Loopback(again).running() as provider, new(tmp_path, provider.url) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 0, said
    assert again.questions == 2 and (tmp_path / "servers" / "bike_rental" / "server.py").is_file()


@pytest.mark.parametrize("obstacle", ["servers", "drafts"])
def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path, obstacle: str) -> None:
    (tmp_path / obstacle).write_text("in the way")
    good = "pass" if obstacle == "servers" else "fail"
    played = Played(
        outline=[OUTLINE],
        skeleton=[bike_rental()],
        tester=[CASES],
        checker=[verdicts(hand_over=good, get_customer=good)] * 2,
        repair=[repair()],
    )
    with Loopback(played).running() as provider, new(tmp_path, provider.url) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 2, said
    assert "cannot be written" in said and "answers are kept" in said and "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == [".envwright", obstacle]
