"""Inside the box: runs the released class, or checks, as the parent asks, one JSON line for each request and answer.

A request is `[number, name, argument]`; an answer `[number, kind, value, nanoseconds since 1970]`, where kind is
`ok`, `raised` (`[type, message]`) or `broken` (`[cause, sentence]`), after which the process is of no more use.
"""

from __future__ import annotations

import json
import os
import sys
import types
from collections.abc import Callable
from typing import Any, NoReturn

from . import kernel
from .checking import described_error, run_check
from .notebook import Notebook
from .probing import REQUESTS
from .values import decode, encode, plain
from .virtual import World
from .watching import watch

OUTPUT = 128 * 1024
"""Bytes that can be printed in all; what the interpreter says when it dies is part of it."""
HIDDEN_MODULES = ("ctypes", "_ctypes", "_ssl", "pwd", "grp")
"""Ways into the machine, its real randomness and its accounts. Their importers do without."""
ENVIRONMENT = {"HOME": "/nowhere", "LANG": "C.UTF-8", "LOGNAME": "contained", "TZ": "UTC", "USER": "contained"}
MODULE = "dynamic_env"  # the name that EnvScaler gives the module


class Worker:
    """One released class, and at most one object of it; or checks."""

    def __init__(self, channel: int, world: World, answer_limit: int) -> None:
        self._channel = channel
        self._world = world
        self._limit = answer_limit
        self._number = 0
        self._class: type | None = None
        self._object: Any = None
        # Bound now: what the class does to the modules later changes nothing here.
        self._dumps, self._loads = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode, json.loads
        self._write, self._read, self._exit = os.write, os.read, os._exit

    def serve(self) -> NoReturn:
        """Until the parent closes its side."""
        self._answer("ok", None)
        buffer = b""
        while True:
            while b"\n" not in buffer:
                data = self._read(self._channel, 1 << 20)
                if not data:
                    self._exit(0)
                buffer += data
            line, _, buffer = buffer.partition(b"\n")
            self._number, name, argument = self._loads(line)
            self._do(name, argument)

    def _do(self, name: str, argument: Any) -> None:
        if name in REQUESTS:
            self._world.reset()
        requests: dict[str, Callable[[Any], Any]] = REQUESTS
        try:
            value = {
                "load": self._load,
                "construct": self._construct,
                "call": self._call,
                "state": self._state,
                "check": self._check,
                **requests,
            }[name](argument)
        except MemoryError:
            self.break_off("memory", "it needed more memory than it may have")
        except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
            self.break_off("died", f"it ended itself ({type(error).__name__})")
        except BaseException as error:  # noqa: BLE001  a stranger's code may raise whatever it likes
            self._answer("raised", [type(error).__name__, described_error(error)])
        else:
            self._answer("ok", value)

    def _answer(self, kind: str, value: Any) -> None:
        data = self._dumps([self._number, kind, value, self._world.now]).encode() + b"\n"
        if len(data) > self._limit:
            self.break_off("memory", f"it answered with {len(data):,} bytes; {self._limit:,} are allowed")
        while data:
            data = data[self._write(self._channel, data) :]

    def break_off(self, cause: str, sentence: str) -> NoReturn:
        """Say why, and end: no code of the class runs after it."""
        self._answer("broken", [cause, sentence])
        self._exit(77)

    def give_up(self, error: Exception) -> NoReturn:
        """Before any request: the walls could not be put up."""
        self._answer("raised", [type(error).__name__, str(error)])
        self._exit(1)

    def _load(self, argument: dict[str, str]) -> None:
        module = types.ModuleType(MODULE)
        sys.modules[MODULE] = module  # dataclasses and pickle look for it there
        try:
            exec(compile(argument["source"], "environment.py", "exec", dont_inherit=True), vars(module))
        except ModuleNotFoundError as error:
            name = (error.name or "").partition(".")[0]
            raise ImportError(f"it needs the package {name}, and only the standard library is there") from error
        found = getattr(module, argument["class"], None)
        if not isinstance(found, type):
            raise AttributeError(f"the released code has no class {argument['class']}")
        self._class = found

    def _construct(self, argument: Any) -> None:
        """As EnvScaler's `init_env_instance` does, in every step."""
        if self._class is None:
            raise AttributeError("no class is loaded")
        config = decode(argument, self._found)
        try:
            self._object = self._class(config) if config and isinstance(config, dict) else self._class({})
        except TypeError:
            self._object = self._class()
        if config:
            for name, value in config.items():
                setattr(self._object, name, value)

    def _found(self, name: str) -> type | None:
        """A class of the released module by its qualified name."""
        found: Any = sys.modules[MODULE]
        for part in name.split("."):
            found = vars(found).get(part) if isinstance(found, type | types.ModuleType) else None
        return found if isinstance(found, type) else None

    def _call(self, argument: list[Any]) -> Any:
        name, arguments = argument
        try:
            result = getattr(self._object, name)(**arguments)
            return plain(_finished(result) if isinstance(result, types.CoroutineType) else result)
        finally:
            self._world.advance()

    def _state(self, argument: None) -> Any:
        return encode(vars(self._object))

    def _check(self, argument: dict[str, Any]) -> Any:
        self._world.reset()
        return run_check(argument["source"], argument["before"], argument["after"])


def _finished(coroutine: Any) -> Any:
    """The result of an `async` tool that waits for nothing outside."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise RuntimeError("this tool waits for something outside of the environment")


def main(channel: int, settings: dict[str, Any]) -> NoReturn:
    """Never returns. `settings` has seed, clock, the fields of `box.Limits`, and those of `walls.Walls`."""
    world = World(settings["seed"], settings["clock"])
    worker = Worker(channel, world, settings["answer"])
    try:
        world.install()
        _confine(settings, worker)
    except Exception as error:  # noqa: BLE001  the parent tells the user; nothing of a stranger's has run yet
        worker.give_up(error)
    worker.serve()


def _confine(settings: dict[str, Any], worker: Worker) -> None:
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    notebook: Any = Notebook(2, OUTPUT // 2)
    for name in ("stdout", "__stdout__", "stderr", "__stderr__"):
        setattr(sys, name, notebook)
    kind = settings["walls"]
    modules: dict[str, Any] = sys.modules
    for name in HIDDEN_MODULES:
        modules[name] = None  # an import of it fails, as where it is not there
    kernel.limit(settings["memory"], settings["processor"], settings["files"], OUTPUT)
    if kind != "bubblewrap" and sys.platform == "linux":
        kernel.die_with_parent()
    if kind == "none":
        return
    if kind == "landlock":
        kernel.restrict_files(settings["readable"], settings["hidden"])
    kernel.drop_privileges()
    kernel.restrict_calls()
    watch(settings["readable"], settings["hidden"], worker.break_off)
