"""Any Python function as an agent: `python:package.module:function`.

It is called with the keywords `endpoint` (the episode's MCP URL), `task`, `instructions` and `limits`, and
returns the answer, or the answer and a `Usage`. It may be a coroutine function.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.agents.agent import Limits, Reply, Usage
from harness.errors import AgentError, RunError

Function = Callable[..., Any]


def find_function(name: str) -> Function:
    """The function that `package.module:function` names; the working directory is the last place looked at.

    Raises:
        RunError: it cannot be imported, or is no function.
    """
    module_name, colon, function_name = name.partition(":")
    if not (module_name and colon and function_name):
        raise RunError(f"'python:{name}' names no function; write 'python:package.module:function'.")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # whatever a module does when it is imported
        raise RunError(f"The module {module_name} cannot be imported: {type(error).__name__}: {error}") from error
    found: object = module
    for part in function_name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise RunError(f"The module {module_name} has no function '{function_name}'.")
    return found


class CallableAgent:
    """Calls the function once a message."""

    def __init__(self, name: str, function: Function) -> None:
        self.name = name
        self._function = function
        self._given: dict[str, Any] = {}
        self._usage = Usage()

    async def start(self, instructions: str, endpoint: str, limits: Limits) -> None:
        self._given = {"endpoint": endpoint, "instructions": instructions, "limits": limits}

    async def send(self, message: str) -> Reply:
        given = {**self._given, "task": message}
        if inspect.iscoroutinefunction(self._function):
            returned = self._function(**given)
        else:
            returned = await _in_thread(lambda: self._function(**given))
        if inspect.isawaitable(returned):
            try:
                returned = await returned
            except SystemExit as error:  # ends the agent's work, not the run
                raise AgentError(f"SystemExit: {error}") from error
        if isinstance(returned, tuple) and len(returned) == 2 and isinstance(returned[1], Usage):
            returned, self._usage = returned
        if returned is not None and not isinstance(returned, str):
            raise AgentError(f"{self.name} returned {type(returned).__name__}, not a text.")
        return Reply(text=returned or "")

    async def close(self) -> Usage:
        return self._usage


async def _in_thread(work: Callable[[], Any]) -> Any:
    """What `work` returns, from a thread that keeps neither the attempt nor the process from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def tell(result: Any, error: BaseException | None) -> None:
        if done.done():  # nobody waits any longer
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001  SystemExit too ends the agent's work, and nothing else
            passed_on = isinstance(raised, Exception) and not isinstance(raised, StopIteration)  # no future takes that
            error = raised if passed_on else AgentError(f"{type(raised).__name__}: {raised}")
        with contextlib.suppress(RuntimeError):  # the loop is closed: the attempt ended long ago
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=run, name="agent", daemon=True).start()
    return await done
