"""Memory, time, files and words: each has an end."""

from __future__ import annotations

import time

import pytest
from boxed_shops import HARMLESS, Boxes, broken, shop

from generator.importers.contained import Broken, Limits


class TestLimits:
    @pytest.mark.parametrize(
        "body",
        ["return len(bytearray(8 << 30))", "x = []\nwhile True: x.append('x' * 1000000)", "return 'x' * (8 << 30)"],
        ids=["at once", "bit by bit", "text"],
    )
    def test_8_gigabytes(self, boxes: Boxes, body: str) -> None:
        assert broken(boxes(shop(body))).cause == "memory"

    @pytest.mark.parametrize(
        "body",
        [
            "while True: pass",
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            "return 10 ** 10 ** 8",
            "import re\nreturn re.match('(a+)+$', 'a' * 60 + 'b')",
            "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
            "import signal\nsignal.pause()",
            "import select\nselect.select([], [], [], 1000)",
        ],
        ids=["a loop", "a loop that holds on", "a number", "a regular expression", "a lock", "a pause", "a wait"],
    )
    def test_an_endless_call(self, boxes: Boxes, body: str) -> None:
        limits = Limits(seconds=2)
        box = boxes(shop(body), limits=limits)
        if "pause" in body:  # not among the calls that are allowed, so that it fails and the tool goes on
            assert box.call("tool", {}).value is None
            return
        started = time.monotonic()
        error = broken(box)
        assert error.cause == "time"
        assert "2 seconds" in str(error)
        assert time.monotonic() - started < 20

    @pytest.mark.parametrize("place", ["module", "constructor"])
    def test_endless_elsewhere(self, boxes: Boxes, place: str) -> None:
        source = {
            "module": f"while True: pass\n{HARMLESS}",
            "constructor": "class Shop:\n    def __init__(self, config):\n        while True: pass\n",
        }[place]
        box = boxes(limits=Limits(seconds=2))
        with pytest.raises(Broken) as caught:
            box.load(source, "Shop")
            box.construct({})
        assert caught.value.cause == "time"

    def test_processor_time_in_all(self, boxes: Boxes) -> None:
        box = boxes(shop("while True: pass"), limits=Limits(seconds=60, processor=1))
        error = broken(box)
        assert error.cause == "time"
        assert "processor" in str(error)

    def test_open_files(self, boxes: Boxes) -> None:
        box = boxes(shop("import os\nx = [open(os.__file__) for n in range(100)]"))
        assert box.call("tool", {}).raised == "OSError"

    def test_what_it_prints(self, boxes: Boxes) -> None:
        box = boxes(shop("print('x' * 10_000_000)\nimport sys\nsys.stderr.write('y')\nreturn 'fine'"))
        assert box.call("tool", {}).value == "fine"
        assert 10_000 < len(box.output()) <= 128 * 1024

    def test_an_answer_that_is_too_large(self, boxes: Boxes) -> None:
        box = boxes(shop("return ['x' * 1000] * 5000"), limits=Limits(answer=1 << 20))
        error = broken(box)
        assert error.cause == "memory"
        assert "1,048,576" in str(error)
