"""The world that a contained class sees: a clock of its own, chance of its own, one process, one place.

Nothing here is a wall; `walls` are. A class that wants to find the real clock can. One that just uses `time`,
`datetime`, `uuid`, `random`, `secrets` or `os.urandom`, in whatever way it imports them, gets the same values for
the same seed, clock and calls.
"""

from __future__ import annotations

import datetime
import functools
import gc
import os
import random
import sys
import time
import types
from collections.abc import Callable
from typing import Any

SECOND = 1_000_000_000
STEP = SECOND
"""Nanoseconds that a call takes."""
TICK = 1_000
"""Nanoseconds from one reading of the clock to the next, so that ids made from it differ as they did originally."""

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_LAST = 1 << 62  # in 2116; a class may sleep as long as it likes
_NODE = 0x02_00_00_00_00_01  # locally administered, so nobody's


class World:
    """Time and chance of one episode. `clock` is ISO 8601, UTC where it names no zone."""

    def __init__(self, seed: str, clock: str) -> None:
        self._seed = f"{seed}|{clock}"
        moment = datetime.datetime.fromisoformat(clock)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
        self._start = (moment - _EPOCH) // datetime.timedelta(microseconds=1) * 1000
        self._chance = random.Random(0)
        self._seeded = type(self._chance).seed
        self.reset()

    def reset(self) -> None:
        """As at the start of the episode."""
        self.now = self._start
        self._seeded(self._chance, self._seed)

    def advance(self, nanoseconds: int = STEP) -> None:
        self.now = min(self.now + max(0, nanoseconds), _LAST)

    def read(self) -> int:
        """Nanoseconds since 1970."""
        self.now += TICK
        return self.now

    def elapsed(self) -> int:
        """Nanoseconds since the start, and a bit, since 0 is taken for nothing by many."""
        return self.read() - self._start + SECOND

    def bytes(self, count: int) -> bytes:
        return self._chance.randbytes(count)

    def install(self) -> None:
        """Put this world in the place of the real one, in this process, for good."""
        os.environ["TZ"] = "UTC"
        time.tzset()
        _install(time, _clock(self))
        for module in (os, sys.modules["posix"]):
            _install(module, _system(self))
        _install_datetime(self)
        _install_random(self)
        sys.modules["_uuid"] = _uuid(self)


def _install(module: types.ModuleType, functions: dict[str, Callable[..., Any]]) -> None:
    for name, function in functions.items():
        if hasattr(module, name):
            setattr(module, name, _like_built_in(name, function))


def _like_built_in(name: str, function: Callable[..., Any]) -> Any:
    """As an attribute of a class, a function would get the object as its first argument; a built-in one does not."""

    def called(holder: str, *arguments: Any, **options: Any) -> Any:
        return function(*arguments, **options)

    called.__name__ = called.__qualname__ = name
    return types.MethodType(called, _HOLDER)


_HOLDER = "virtual"  # what the methods are bound to: nothing that matters, and nothing that a copy would split


def _clock(world: World) -> dict[str, Callable[..., Any]]:
    real = {name: getattr(time, name) for name in ("localtime", "gmtime", "ctime", "asctime", "strftime")}

    def now() -> float:
        return world.read() / SECOND

    def elapsed() -> float:
        return world.elapsed() / SECOND

    def sleep(seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        world.advance(int(seconds * SECOND))

    def of_seconds(name: str) -> Callable[..., Any]:
        return lambda seconds=None: real[name](now() if seconds is None else seconds)

    def asctime(moment: Any = None) -> str:
        return str(real["asctime"](real["localtime"](now()) if moment is None else moment))

    def strftime(format: str, moment: Any = None) -> str:
        return str(real["strftime"](format, real["localtime"](now()) if moment is None else moment))

    def clock_gettime_ns(clock: int) -> int:
        return world.read() if clock in _WALL_CLOCKS else world.elapsed()

    functions: dict[str, Callable[..., Any]] = {
        "time": now,
        "time_ns": world.read,
        "sleep": sleep,
        "asctime": asctime,
        "strftime": strftime,
        "clock_gettime": lambda clock: clock_gettime_ns(clock) / SECOND,
        "clock_gettime_ns": clock_gettime_ns,
    }
    functions |= {name: of_seconds(name) for name in ("localtime", "gmtime", "ctime")}
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        functions[name] = elapsed
        functions[f"{name}_ns"] = world.elapsed
    return functions


_WALL_CLOCKS = tuple(getattr(time, name) for name in ("CLOCK_REALTIME", "CLOCK_TAI") if hasattr(time, name))


def _system(world: World) -> dict[str, Callable[..., Any]]:
    name = os.uname_result(("Linux", "contained", "1", "1", "contained"))
    times = os.times_result((1.0, 0.0, 0.0, 0.0, 1.0))
    fixed: dict[str, Any] = {
        "getpid": 2,
        "getppid": 1,
        **dict.fromkeys(("getuid", "geteuid", "getgid", "getegid"), 1000),
        "getlogin": "contained",
        "getcwd": "/nowhere",
        "getcwdb": b"/nowhere",
        "uname": name,
        "times": times,
        "cpu_count": 1,
        "getloadavg": (0.0, 0.0, 0.0),
    }
    functions: dict[str, Callable[..., Any]] = {key: functools.partial(_same, value) for key, value in fixed.items()}
    return {
        **functions,
        "urandom": world.bytes,
        "getrandom": lambda size, flags=0: world.bytes(size),
    }


def _same(value: Any) -> Any:
    return value


def _install_datetime(world: World) -> None:
    """Change `datetime.now` and `utcnow` on the genuine class, so that every datetime stays an ordinary one.

    The class is written in C and cannot be assigned to; its dictionary can, as long as nobody has asked it for these
    names yet. (`today`, and all of `date`, ask `time.time`.) A subclass in its place, as freezegun has it, would be
    seen by `type(x) is datetime`, `repr`, pickles and C code.
    """

    def now(cls: Any, tz: datetime.tzinfo | None = None) -> Any:
        moment = _EPOCH + datetime.timedelta(microseconds=world.read() // 1000)
        local = moment.astimezone(tz) if tz else moment.replace(tzinfo=None)
        return local if cls is datetime.datetime else _as(cls, local)

    def utcnow(cls: Any) -> Any:
        return now(cls)

    table = gc.get_referents(datetime.datetime.__dict__)[0]
    table["now"], table["utcnow"] = classmethod(now), classmethod(utcnow)
    if abs((datetime.datetime.now() - _EPOCH.replace(tzinfo=None)).total_seconds() - world.now / SECOND) > 1:
        raise RuntimeError("this interpreter's datetime does not take a virtual clock")
    world.reset()


def _as(cls: Any, moment: datetime.datetime) -> Any:
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond)
    return cls(*parts, tzinfo=moment.tzinfo, fold=moment.fold)


def _install_random(world: World) -> None:
    real = random.Random.seed

    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        real(self, int.from_bytes(world.bytes(32), "big") if a is None else a, version)

    random.Random.seed = seed  # type: ignore[method-assign]
    random._urandom = world.bytes  # type: ignore[attr-defined]
    # The module's functions are methods of one object; this one was bound to what stood there before.
    random.seed = random._inst.seed
    random.seed()


def _uuid(world: World) -> types.ModuleType:
    """In the place of the C module that makes UUIDs of version 1 from the real clock and the network card."""
    module = types.ModuleType("_uuid")

    def generate_time_safe() -> tuple[bytes, int]:
        ticks = world.read() // 100 + 0x01B21DD213814000
        sequence = 0x8000 | int.from_bytes(world.bytes(2), "big") & 0x3FFF
        fields = (ticks & 0xFFFFFFFF, 4), (ticks >> 32 & 0xFFFF, 2), (0x1000 | ticks >> 48 & 0x0FFF, 2), (sequence, 2)
        return b"".join(value.to_bytes(size, "big") for value, size in (*fields, (_NODE, 6))), 0

    vars(module).update(
        generate_time_safe=generate_time_safe, has_uuid_generate_time_safe=1, has_stable_extractable_node=0
    )
    return module
