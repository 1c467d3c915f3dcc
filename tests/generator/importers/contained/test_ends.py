"""A box that ends, however it does, takes nothing along."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from boxed_shops import CLOCK, HARMLESS, Boxes, broken, shop

from generator.importers.contained import Broken, Limits
from generator.importers.contained.walls import Kind


class TestEnds:
    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ("import os\nos._exit(0)", "code 0"),
            ("import sys\nsys.exit(3)", "SystemExit"),
            ("raise KeyboardInterrupt", "KeyboardInterrupt"),
            ("import os\nos.abort()", "signal 6"),
            ("import os\nos.close(0)\nos.closerange(3, 100)", "process ended"),
        ],
    )
    def test_it_ends_itself(self, boxes: Boxes, body: str, words: str) -> None:
        error = broken(boxes(shop(body)))
        assert error.cause == "died"
        assert words in str(error)

    def test_a_crash_of_the_interpreter(self, boxes: Boxes) -> None:
        deep = "import sys\nsys.setrecursionlimit(10**9)\nx = []\nfor n in range(10**6): x = [x]\nreturn repr(x)"
        assert broken(boxes(shop(deep))).cause in ("died", "memory")

    def test_deep_recursion_is_only_an_exception(self, boxes: Boxes) -> None:
        reply = boxes(shop("return self.tool()")).call("tool", {})
        assert (reply.ok, reply.raised) == (False, "RecursionError")

    def test_a_broken_box_stays_broken_and_others_work(self, boxes: Boxes) -> None:
        bad, good = boxes(shop("import os\nos._exit(0)")), boxes(HARMLESS)
        first = broken(bad)
        with pytest.raises(Broken, match="process ended"):
            bad.state()
        assert broken(bad) is first
        assert good.call("tool", {}).value == "fine"

    def test_a_closed_box_says_so(self, boxes: Boxes) -> None:
        box = boxes(HARMLESS)
        box.close()
        with pytest.raises(Broken, match="closed"):
            box.call("tool", {})
        box.close()

    def test_no_process_is_left(self, boxes: Boxes) -> None:
        box = boxes(shop("while True: pass"), limits=Limits(seconds=1))
        process = box._process.process
        broken(box)
        assert process.returncode is not None

    def test_a_box_dies_with_its_parent(self, kind: Kind) -> None:
        """Even while it is in a loop that asks nobody."""
        script = f"""
import os, sys, threading
sys.path.insert(0, {str(Path(__file__).parents[4])!r})
from generator.importers.contained import Box, Limits
box = Box(seed="s", clock={CLOCK!r}, kind={kind!r}, limits=Limits(seconds=600))
box.load("class Shop:\\n    def tool(self):\\n        while True: pass\\n", "Shop")
box.construct({{}})
threading.Thread(target=box.call, args=("tool", {{}}), daemon=True).start()
print(box._process.process.pid, flush=True)
sys.stdin.read()
"""
        with subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True) as parent:
            assert parent.stdout
            box = int(parent.stdout.readline())
            parent.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 20
        while _family(box) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _family(box)


def test_a_forked_process_makes_boxes_too(kind: Kind) -> None:
    script = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parents[4])!r})
from generator.importers.contained import Box
options = dict(seed="s", clock={CLOCK!r}, kind={kind!r})
Box(**options).close()
child = os.fork()
if not child:
    Box(**options).close()
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == "7\n", done.stderr


def _family(process: int) -> list[int]:
    """The process, if it runs, and what still runs in its session."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            fields = (place / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and process in (int(place.name), int(fields[3])):
            found.append(int(place.name))
    return found
