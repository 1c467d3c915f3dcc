"""What released classes do must be none of the walls' business."""

from __future__ import annotations

import pytest
from boxed_shops import CLOCK, HARMLESS, Boxes, shop

from generator.importers.contained import Box, ClassError, ContainmentError
from generator.importers.contained.walls import Kind


class TestHarmlessThings:
    """What released classes do must be none of the walls' business."""

    @pytest.mark.parametrize(
        "body",
        [
            "import datetime\nreturn datetime.datetime.now().astimezone().isoformat()",
            "import zoneinfo, datetime\nreturn datetime.datetime.now(zoneinfo.ZoneInfo('Europe/Berlin')).isoformat()",
            "import zoneinfo as z\ntry:\n    z.ZoneInfo('No/Where')\nexcept z.ZoneInfoNotFoundError:\n    return 1",
            "import logging\nlogging.basicConfig(level=10)\nlogging.getLogger('x').warning('hello')\nreturn 1",
            "import logging\nlogging.error('hello')\nreturn 1",
            "import traceback\ntry:\n    1 / 0\nexcept Exception:\n    traceback.print_exc()\n    return 1",
            "import warnings\nwarnings.warn('hello')\nreturn 1",
            "import os\nreturn os.environ.get('HOME', 'none') + str(os.path.exists('/etc/passwd/no'))",
            "import os\nos.environ['SHOP'] = '1'\nreturn os.getenv('SHOP')",
            "import mimetypes\nreturn mimetypes.guess_type('a.pdf')[0]",
            "import decimal, fractions, statistics, hashlib, hmac, base64, csv, io, string, textwrap, heapq\nreturn 1",
            "import uuid\nreturn str(uuid.uuid1()) + str(uuid.uuid4()) + str(uuid.getnode())",
            "import threading\nwith threading.RLock():\n    return threading.current_thread().name",
            "import sqlite3\nreturn sqlite3.connect(':memory:').execute('select 1').fetchall()",
            "import copy, pickle\nreturn pickle.loads(pickle.dumps(copy.deepcopy(self))) is not None",
            "import locale, gettext\nreturn gettext.gettext('hello') + str(locale.getlocale())",
            "import time\ntime.sleep(3600)\nreturn 1",
            "import inspect\nreturn str(inspect.signature(self.tool))",
            "import dataclasses, enum, typing, collections, functools, itertools, operator, re, json\nreturn 1",
            "try:\n    return open('data.json').read()\nexcept FileNotFoundError:\n    return 'no such file'",
            "import os\nreturn [os.getcwd(), os.cpu_count(), os.getpid()]",
            "import platform\nreturn platform.system()",
            "import email.utils, ipaddress, urllib.parse, html, difflib, bisect, calendar, secrets, random\nreturn 1",
        ],
    )
    def test_works(self, boxes: Boxes, body: str) -> None:
        reply = boxes(shop(body)).call("tool", {})
        assert reply.ok, reply
        assert reply.value is not None

    def test_a_package_that_is_not_there_is_named(self, boxes: Boxes) -> None:
        with pytest.raises(ClassError, match=r"needs the package numpy.*standard library"):
            boxes(f"import numpy as np\n{HARMLESS}")

    def test_a_class_that_is_not_there_is_named(self, boxes: Boxes) -> None:
        with pytest.raises(ClassError, match="no class Shop"):
            boxes("class Market: pass")

    def test_code_that_is_none(self, boxes: Boxes) -> None:
        with pytest.raises(ClassError, match="SyntaxError"):
            boxes("class Shop(:")

    def test_a_constructor_that_raises(self, boxes: Boxes) -> None:
        with pytest.raises(ClassError, match=r"no object.*KeyError"):
            boxes("class Shop:\n    def __init__(self, config):\n        config['missing']\n")


class TestNoWalls:
    def test_a_refusal_says_what_to_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("generator.importers.contained.walls._works", lambda kind: False)
        with pytest.raises(ContainmentError, match=r"bubblewrap.*Landlock.*--trust"):
            Box(seed="s", clock=CLOCK)

    def test_trust_overrides_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("generator.importers.contained.walls._works", lambda kind: False)
        with Box(seed="s", clock=CLOCK, trust=True) as box:
            assert box.walls.kind == "none"
            box.load(HARMLESS, "Shop")
            box.construct({})
            assert box.call("tool", {}).value == "fine"

    def test_trust_takes_away_no_walls_that_are_there(self, kind: Kind) -> None:
        with Box(seed="s", clock=CLOCK, trust=True) as box:
            assert box.walls.kind != "none"
