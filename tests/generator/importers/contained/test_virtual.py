"""The same seed, clock and calls give the same bytes; and what a class gets of the time is the ordinary thing."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from boxed_shops import CLOCK, Boxes, shop

from generator.importers.contained.walls import Kind

ROOT = Path(__file__).parents[4]

PLAYER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from generator.importers.contained import Box, Limits
job = json.load(sys.stdin)
with Box(seed=job["seed"], clock=job["clock"], kind=job["kind"], limits=Limits(seconds=60)) as box:
    box.load(job["source"], job["class"])
    box.construct(job["config"])
    record = [box.state()]
    for name, arguments in job["calls"]:
        reply = box.call(name, arguments)
        record += [[reply.ok, reply.value, reply.raised, reply.message], box.state(), box.clock]
print(json.dumps(record))
"""

SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": "/"},
    {"PYTHONHASHSEED": "77", "TZ": "America/Lima", "LC_ALL": "en_US.UTF-8", "HOME": "/tmp", "MORE": "x" * 3000},
)


def played(job: dict[str, Any], surroundings: dict[str, str], place: Path) -> str:
    """The record of a job, as JSON, from a process of its own."""
    command = [sys.executable, "-c", PLAYER, str(ROOT)]
    environment = {"PATH": os.environ["PATH"], **surroundings}
    done = subprocess.run(
        command, input=json.dumps(job), capture_output=True, text=True, env=environment, cwd=place, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


EVERYTHING = """
import time, datetime, uuid, random, secrets, os, hashlib, tempfile, string
import time as t
from datetime import datetime as dt, date
from random import choice, Random, SystemRandom
from uuid import uuid4 as new_id
from os import urandom

class Thing:
    pass

class Shop:
    made = dt.now()
    def __init__(self, config):
        self.seen = []
    def tool(self, now=dt.now(), chance=random.random()):
        import importlib
        self.seen.append(str(new_id()))
        things = {Thing() for _ in range(5)}
        return {
            "clock": [time.time(), t.time_ns(), time.monotonic(), time.perf_counter(), time.process_time()],
            "texts": [time.ctime(), time.strftime("%c"), time.asctime(), str(time.localtime()), str(time.gmtime())],
            "dates": [str(x) for x in (dt.now(), dt.utcnow(), dt.today(), date.today(), datetime.datetime.now(
                datetime.timezone.utc), dt.now().astimezone(), now, self.made)],
            "lookups": [str(__import__("datetime").datetime.now()), importlib.import_module("time").time()],
            "ids": [str(x) for x in (uuid.uuid1(), uuid.uuid3(uuid.NAMESPACE_DNS, "x"), uuid.uuid4(),
                uuid.uuid5(uuid.NAMESPACE_DNS, "x"), uuid.getnode())],
            "chance": [random.random(), random.randint(1, 10**9), choice(range(10**6)), Random().random(),
                SystemRandom().random(), random.SystemRandom().randint(1, 10**9), random.sample(range(99), 9), chance,
                "".join(random.choices(string.ascii_letters, k=9)), random.gauss(0, 1), random.Random(5).random()],
            "secrets": [secrets.token_hex(8), secrets.token_urlsafe(8), secrets.choice("abc"), secrets.randbelow(999)],
            "bytes": [os.urandom(8).hex(), urandom(8).hex()],
            "process": [os.getpid(), os.getppid(), os.getuid(), os.getcwd(), os.cpu_count(), str(os.uname())],
            "hashes": [hash("text"), hash((1, "x")), hash(None), hash(Shop), list({"b", "a", None, 3.5, ("x",)})],
            "addresses": [id(None), id(self), [id(thing) for thing in things], repr(Thing())],
            "environment": dict(os.environ),
        }
"""


class TestTheSameBytes:
    def test_from_every_source_of_time_and_chance(self, kind: Kind, tmp_path: Path) -> None:
        job = {"source": EVERYTHING, "class": "Shop", "config": {}, "calls": [["tool", {}]] * 3}
        job |= {"seed": "s", "clock": CLOCK, "kind": kind}
        first, second = played(job, SURROUNDINGS[0], tmp_path), played(job, SURROUNDINGS[1], ROOT)
        assert first == second
        assert "false" not in first  # no call failed
        other = json.loads(played({**job, "seed": "t"}, SURROUNDINGS[0], tmp_path))[1][1]
        value = json.loads(first)[1][1]
        for name in ("ids", "chance", "secrets", "bytes"):
            assert value[name] != other[name], name

    def test_from_released_classes(self, kind: Kind, tmp_path: Path, release: dict[str, Any]) -> None:
        """All six, with calls in a random order, and arguments from the state, or nonsense."""
        for number, (name, environment) in enumerate(release["environments"].items()):
            configurations = [one["init_config"] for one in release["scenarios"] if one["env_id"] == name] or [{}]
            calls = list(some_calls(environment["tools"], configurations[0], random.Random(number), 30))
            job = {"source": environment["env_class_code"], "class": environment["env_class_name"], "calls": calls}
            job |= {"config": configurations[0], "seed": name, "clock": CLOCK, "kind": kind}
            first, second = (played(job, surroundings, tmp_path) for surroundings in SURROUNDINGS)
            assert first == second, name
            assert len(json.loads(first)) == 1 + 3 * len(calls)

    @pytest.mark.parametrize("number", range(3))
    def test_behind_either_walls(self, number: int, tmp_path: Path, release: dict[str, Any], kind: Kind) -> None:
        """Which walls there are makes no difference to what a class does."""
        name, environment = list(release["environments"].items())[2 * number]
        calls = list(some_calls(environment["tools"], {}, random.Random(number), 10))
        job = {"source": environment["env_class_code"], "class": environment["env_class_name"], "calls": calls}
        job |= {"config": {}, "seed": name, "clock": CLOCK}
        behind, without = (played({**job, "kind": walls}, SURROUNDINGS[0], tmp_path) for walls in (kind, "none"))
        assert behind == without


def some_calls(tools: list[Any], state: Any, chance: random.Random, count: int) -> Any:
    """Calls of the declared tools. Arguments are values from the state, where a text is asked for, or made up."""
    known = [text for text in texts_in(state) if len(text) < 60] or ["x"]
    made = {"string": lambda: chance.choice(known), "integer": lambda: chance.randint(-3, 10**10)}
    made |= {"number": lambda: chance.random() * 10**9, "boolean": lambda: chance.random() < 0.5}
    made |= {"array": lambda: chance.sample(known, min(2, len(known))), "object": lambda: {chance.choice(known): 1}}
    for _ in range(count):
        tool = chance.choice(tools)
        tool = tool.get("function", tool)
        properties = tool["parameters"].get("properties", {})
        yield (
            tool["name"],
            {name: made.get(str(shape.get("type", "string")), lambda: None)() for name, shape in properties.items()},
        )


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *texts_in(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [value] if isinstance(value, str) else []


class TestTime:
    def test_starts_at_the_clock_and_goes_a_second_with_each_call(self, boxes: Boxes) -> None:
        box = boxes(shop("import datetime\nreturn datetime.datetime.now().isoformat()"))
        assert box.clock == CLOCK
        assert [box.call("tool", {}).value[:19] for _ in range(3)] == [
            "2026-03-02T09:00:00",
            "2026-03-02T09:00:01",
            "2026-03-02T09:00:02",
        ]
        assert box.clock.startswith("2026-03-02T09:00:03")

    def test_ids_made_of_the_time_differ_within_a_call(self, boxes: Boxes) -> None:
        box = boxes(
            shop("import time, datetime\nreturn [[time.time_ns(), str(datetime.datetime.now())] for n in range(50)]")
        )
        pairs = box.call("tool", {}).value
        assert len({a for a, b in pairs}) == len({b for a, b in pairs}) == 50

    def test_sleeping_takes_no_time_and_lets_it_go_by(self, boxes: Boxes) -> None:
        box = boxes(shop("import time\nbefore = time.monotonic()\ntime.sleep(86400)\nreturn time.monotonic() - before"))
        assert box.call("tool", {}).value == pytest.approx(86400, abs=0.001)
        assert box.clock.startswith("2026-03-03T09:00:01")

    def test_a_clock_with_a_zone(self, boxes: Boxes) -> None:
        box = boxes(
            shop("import datetime\nreturn str(datetime.datetime.now())[:16]"), clock="2026-03-02T09:00:00+02:00"
        )
        assert box.call("tool", {}).value == "2026-03-02 07:00"

    def test_a_restored_episode_makes_other_ids(self, boxes: Boxes) -> None:
        make = shop("import uuid\nreturn str(uuid.uuid4())")
        first = boxes(make)
        before = first.call("tool", {}).value
        assert boxes(make, clock=first.clock).call("tool", {}).value != before

    @pytest.mark.parametrize(
        "body",
        [
            "return type(dt.now()) is dt and isinstance(dt.now(), date) and type(dt.now()).__module__ == 'datetime'",
            "return repr(dt.now()).startswith('datetime.datetime(2026, 3, 2, 9, 0')",
            "return (dt.now() + timedelta(days=1)).date() == date(2026, 3, 3)",
            "return dt.strptime('2026-03-02', '%Y-%m-%d') < dt.now() < dt.fromisoformat('2026-03-02T10:00')",
            "import pickle, copy\nnow = dt.now()\nreturn pickle.loads(pickle.dumps(now)) == now == copy.deepcopy(now)",
            "return type(dt(2026, 1, 1) - dt.now()) is timedelta",
            "return dt.now(timezone.utc).tzinfo is timezone.utc and dt.now(tz=timezone.utc).hour == 9",
            "class Mine(dt):\n    pass\nreturn type(Mine.now()) is type(Mine.utcnow()) is Mine",
            "return dt.now().timestamp() - time.time() < 1 and dt.fromtimestamp(time.time()).year == 2026",
            "return dt.now().date() == date.today() == dt.today().date() and date.today().isoformat() == '2026-03-02'",
            "import json\nreturn json.dumps([dt.now().isoformat()]).startswith('[\"2026-03-02T09:00:0')",
            "return dt.utcnow().tzinfo is None and dt.now().tzinfo is None",
            "return time.strftime('%d') == '02' and time.localtime().tm_hour == time.gmtime().tm_hour == 9",
            "try:\n    dt.now('x')\nexcept TypeError:\n    return True",
            "import zoneinfo\nreturn dt.now(zoneinfo.ZoneInfo('Asia/Tokyo')).hour == 18",
            "return time.mktime(time.localtime(0)) == 0 and time.timezone == 0 and time.tzname[0] == 'UTC'",
            "class Clock:\n    now, pause = time.time, time.sleep\nClock().pause(1)\nreturn Clock().now() > 1772442001",
            "import copy, pickle\nreturn copy.deepcopy({'f': time.time})['f']() > 0 and time.time.__name__ == 'time'",
            "import calendar\nreturn calendar.timegm(time.gmtime()) == 1772442000",
            "from datetime import date as d2\nclass Day(d2):\n    pass\nreturn type(Day.today()) is Day",
        ],
    )
    def test_is_the_ordinary_thing(self, boxes: Boxes, body: str) -> None:
        box = boxes(shop(body, "import time\nfrom datetime import date, datetime as dt, timedelta, timezone"))
        assert box.call("tool", {}).value is True


class TestChance:
    @pytest.mark.parametrize(
        "body",
        [
            "import random\nrandom.seed(5)\na = random.random()\nrandom.seed(5)\nreturn a == random.random()",
            "import random\nreturn random.Random(5).random() == random.Random(5).random() == 0.6229016948897019",
            "import random\nreturn random.Random().random() != random.Random().random()",
            "import uuid\nu = uuid.uuid4()\nreturn u.version == 4 and u != uuid.uuid4() and uuid.UUID(str(u)) == u",
            "import uuid\na, b = uuid.uuid1(), uuid.uuid1()\nreturn a.version == 1 and a != b and a.node == b.node",
            "import secrets\nreturn len(secrets.token_hex(8)) == 16 and len(secrets.token_bytes()) == 32",
            "import random\nclass Dice(random.Random):\n    pass\nreturn 1 <= Dice().randint(1, 6) <= 6",
            "import random, pickle\nr = random.Random()\nreturn pickle.loads(pickle.dumps(r)).random() == r.random()",
            "import os\nreturn len(os.urandom(0)) == 0 and os.urandom(16) != os.urandom(16)",
        ],
    )
    def test_is_the_ordinary_thing(self, boxes: Boxes, body: str) -> None:
        assert boxes(shop(body)).call("tool", {}).value is True
