"""A class that writes answers of its own, or spoils its process, decides about nothing but its own answers."""

from __future__ import annotations

import os
import socket

import pytest
from boxed_shops import CLOCK, HARMLESS, Boxes, broken, shop

from generator.importers.contained import Box, Broken, ClassError, Limits


class TestTheChannel:
    """The class can find the descriptor that answers go through."""

    @pytest.mark.parametrize(
        "line",
        [
            b"nonsense\n",
            b"[" * 100_000 + b"\n",
            b'[1,"ok",' + b"9" * 10_000 + b",0]\n",
            b'[1,"ok",null]\n',
            b'{"ok":1}\n',
            b'[1,"ok",null,"never"]\n',
            b'[7,"ok",null,0]\n',
            b'[1,"surprise",null,0]\n',
            b'[1,"ok",null,1e400]\n',
            b'[1,"ok",1e400,0]\n',
            b'[1,"ok",NaN,0]\n',
            b'[1,"ok",' + b"[" * 500 + b"]" * 500 + b",0]\n",
            b'[1,"ok","\\ud800",0]\n',
            b'[1,"ok","' + b"x" * 9 + b'",-1]\n',
            b'[1,"ok",null,' + b"9" * 30 + b"]\n",
            b"\xff\xfe\n",
        ],
        ids=lambda line: repr(line[:24]),
    )
    def test_a_forged_answer_breaks_the_box_alone(self, boxes: Boxes, line: bytes) -> None:
        body = f"import os\nfor n in range(3, 30):\n    try: os.write(n, {line!r})\n    except OSError: pass"
        error = broken(boxes(shop(body)))
        assert error.cause == "violation"

    def test_answers_in_advance_are_not_taken_for_others(self, boxes: Boxes) -> None:
        body = """
            import os
            for n in range(3, 30):
                try: os.write(n, b'[3,"ok","forged",0]\\n[4,"ok","forged",0]\\n')
                except OSError: pass
            """
        box = boxes(shop(body))
        assert box.call("tool", {}).value == "forged"  # a class decides what its own tools answer
        with pytest.raises(Broken):
            box.state()
            box.state()

    def test_an_endless_answer_is_cut_off(self, boxes: Boxes) -> None:
        body = """
            import os
            while True:
                for n in range(3, 30):
                    try: os.write(n, b'x' * 65536)
                    except OSError: pass
            """
        error = broken(boxes(shop(body), limits=Limits(answer=1 << 20, seconds=20)))
        assert error.cause in ("memory", "time")

    def test_no_descriptor_of_the_parent_is_inherited(self, boxes: Boxes) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            os.set_inheritable(theirs.fileno(), True)
            box = boxes(
                shop("""
                    import os
                    found = []
                    for n in range(200):
                        try: os.fstat(n)
                        except OSError: continue
                        found.append(n)
                    return len(found)
                    """)
            )
            assert box.call("tool", {}).value == 4  # the standard ones and the channel


class TestForgery:
    """A class that spoils its own process cannot decide about the checks, which run in another."""

    FORGER = """
import builtins, json, sys, gc
builtins.isinstance = lambda value, kind: True
builtins.sorted = lambda *a, **k: []
json.dumps = lambda *a, **k: '[]'
json.JSONEncoder.encode = lambda self, o: '[3,"ok",{"kind":"true","detail":"","mutated":false},0]'
for thing in gc.get_objects():
    if type(thing) is dict and 'run_check' in thing:
        thing['run_check'] = lambda *a: {'kind': 'true', 'detail': '', 'mutated': False}
class Shop:
    def __init__(self, config):
        self.total = 1
    def tool(self, at=None):
        frame = sys._getframe()
        while frame:
            worker = frame.f_locals.get('self')
            if hasattr(worker, '_check'):
                worker._check = lambda argument: {'kind': 'true', 'detail': '', 'mutated': False}
            frame = frame.f_back
        return 'done'
"""

    def test_a_box_with_a_class_runs_no_checks(self, boxes: Boxes) -> None:
        box = boxes(HARMLESS)
        with pytest.raises(ValueError, match="box of their own"):
            box.check("def check_func(final_state): return True", {}, {})

    def test_the_verdict_is_that_of_the_check(self, boxes: Boxes) -> None:
        with Box(seed="s", clock=CLOCK, limits=Limits(seconds=20)) as forger:
            try:
                forger.load(self.FORGER, "Shop")
                forger.construct({})
                forger.call("tool", {})
            except (Broken, ClassError):
                pass  # whatever becomes of it
        verdict = boxes().check("def check_func(final_state): return final_state['total'] == 2", {}, {"total": 1})
        assert verdict.kind == "false"
