"""What a hostile class tries, and what comes of it: the end of its own box, and of nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from boxed_shops import HARMLESS, Boxes, broken, shop

from generator.importers.contained import Broken

VIOLATIONS = {
    "the accounts": ("return open('/etc/passwd').read()", "tried to read '/etc/passwd'"),
    "the accounts by number": ("import os\nreturn os.read(os.open('/etc/passwd', os.O_RDONLY), 10)", "tried to read"),
    "its own environment": ("return open('/proc/self/environ').read()", "tried to read '/proc/self/environ'"),
    "others' environment": ("return open('/proc/1/environ').read()", "tried to read"),
    "the folders": ("import os\nreturn os.listdir('/')", "tried to read '/'"),
    "a path through a folder it may read": (
        "import os\nreturn open(os.path.dirname(os.__file__) + '/../../../../../../../etc/hostname').read()",
        "tried to read",
    ),
    "what others installed": (
        "import os\nreturn os.listdir(os.path.dirname(os.__file__) + '/site-packages')",
        "tried to read",
    ),
    "home": ("open('/root/it-was-here', 'w').write('x')", "tried to write to '/root/it-was-here'"),
    "its folder": ("open('notes.txt', 'a').write('x')", "tried to write to 'notes.txt'"),
    "a temporary file": ("import tempfile\ntempfile.NamedTemporaryFile()", "tried to write"),
    "a folder": ("import os\nos.mkdir('x')", "tried to make a folder"),
    "a file that it removes": ("import os\nos.remove('/etc/hostname')", "tried to remove a file"),
    "a socket": ("import socket\nsocket.socket()", "tried to reach the network"),
    "a local socket": ("import socket\nsocket.socket(socket.AF_UNIX)", "tried to reach the network"),
    "a pair of sockets": ("import socket\nsocket.socketpair()", "asked the system"),
    "a page": ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1/')", "tried to reach the network"),
    "a program": ("import os\nos.system('true')", "tried to start a program"),
    "another program": ("import subprocess\nsubprocess.run(['true'])", "tried to start a program"),
    "itself, replaced": ("import os, sys\nos.execv('/bin/sh', ['sh'])", "tried to start a program"),
    "a fork": ("import os\nos.fork()", "tried to start a process"),
    "a fork bomb": ("import os\nwhile True: os.fork()", "tried to start a process"),
    "a thread": ("import threading\nthreading.Thread(target=print).start()", "tried to start a thread"),
    "a pool": ("from multiprocessing import Process\nProcess(target=print).start()", "tried to start a process"),
    "its parent's end": ("import os\nos.kill(os.getppid(), 9)", "tried to send a signal"),
    "everybody's end": ("import os\nos.kill(-1, 9)", "tried to send a signal"),
    "a database": ("import sqlite3\nsqlite3.connect('x.db')", "tried to open the database 'x.db'"),
}


class TestViolations:
    @pytest.mark.parametrize(("body", "sentence"), VIOLATIONS.values(), ids=list(VIOLATIONS))
    def test_an_attempt_ends_the_box_with_a_sentence(self, boxes: Boxes, body: str, sentence: str) -> None:
        error = broken(boxes(shop(body)))
        assert error.cause == "violation"
        assert sentence in str(error)

    def test_a_swallowed_refusal_counts_too(self, boxes: Boxes) -> None:
        error = broken(boxes(shop("try:\n    open('/etc/passwd')\nexcept BaseException:\n    return 'nothing'")))
        assert error.cause == "violation"

    def test_nothing_is_written(self, boxes: Boxes, tmp_path: Path) -> None:
        place = tmp_path / "it-was-here"
        assert broken(boxes(shop("open(at, 'w').write('x')")), at=str(place)).cause == "violation"
        assert not place.exists()

    def test_the_parent_is_not_killed(self, boxes: Boxes) -> None:
        assert broken(boxes(shop("import os\nos.kill(int(at), 9)")), at=str(os.getpid())).cause == "violation"

    @pytest.mark.parametrize("place", ["module", "class", "constructor"])
    def test_wherever_the_attempt_is_made(self, boxes: Boxes, place: str) -> None:
        attempt = "open('/etc/passwd')"
        source = {
            "module": f"{attempt}\n{HARMLESS}",
            "class": f"class Shop:\n    found = {attempt}\n",
            "constructor": f"class Shop:\n    def __init__(self, config):\n        {attempt}\n",
        }[place]
        box = boxes()
        with pytest.raises(Broken) as caught:
            box.load(source, "Shop")
            box.construct({})
        assert caught.value.cause == "violation"
