"""From a name on the command line to an adapter.

A name is `KIND` or `KIND:ARGUMENT`; a new adapter is one more entry in `_KINDS`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from generator.scengenerator.scenario import Scenario
from harness.agents.agent import Agent, AgentOptions
from harness.agents.noop import NoopAgent
from harness.agents.random import RandomAgent
from harness.agents.reference import ReferenceAgent
from harness.agents.toolbox import Toolbox
from harness.errors import RunError

if TYPE_CHECKING:
    from harness.agents.sandbox import Sandbox


@dataclass(frozen=True)
class Occasion:
    """What there is at hand when an adapter is made for an attempt.

    An adapter that is under test takes nothing of the scenario from here: the words reach it through `send`.
    """

    http: httpx2.AsyncClient
    scenario: Scenario
    attempt: int


Make = Callable[[Occasion], Agent]
Kind = Callable[[str, AgentOptions], Make]


@dataclass(frozen=True)
class AgentSpec:
    """An agent of a run: its name as it was written, and how to make one for an attempt."""

    name: str
    make: Make


def _reference(_: str, __: AgentOptions) -> Make:
    return lambda occasion: ReferenceAgent(Toolbox(occasion.http), occasion.scenario.solution)


def _noop(_: str, __: AgentOptions) -> Make:
    return lambda occasion: NoopAgent(Toolbox(occasion.http))


def _random(_: str, __: AgentOptions) -> Make:
    return lambda occasion: RandomAgent(
        Toolbox(occasion.http), f"{occasion.scenario.environment}/{occasion.scenario.id}/{occasion.attempt}"
    )


def _anthropic(argument: str, options: AgentOptions) -> Make:
    from harness.agents.anthropic import make

    agent = make(argument, options.base_url)
    return lambda occasion: agent(Toolbox(occasion.http))


def _openai(argument: str, options: AgentOptions) -> Make:
    try:
        from harness.agents.openai import make
    except ModuleNotFoundError as error:
        raise RunError("The client for openai:… is not installed: pip install 'envwright[openai]'") from error

    agent = make(argument, options.base_url)
    return lambda occasion: agent(Toolbox(occasion.http))


def _python(argument: str, options: AgentOptions) -> Make:
    from harness.agents.callable import CallableAgent, find_function

    if options.sandbox:
        raise RunError(f"'python:{argument}' runs inside the harness and in no sandbox; make a command of it.")
    function = find_function(argument)
    return lambda _: CallableAgent(f"python:{argument}", function)


def _command(argument: str, options: AgentOptions) -> Make:
    from harness.agents.command import CommandAgent, find_program, parse

    command = parse(argument, options.env)
    find_program(command.words[0])
    sandbox = _sandbox(options)
    return lambda _: CommandAgent(f"command:{argument}", command, sandbox)


def _sandbox(options: AgentOptions) -> Sandbox | None:
    from harness.agents.sandbox import find_sandbox

    return find_sandbox(options.sandbox, options.readable) if options.sandbox else None


def _preset(name: str) -> Kind:
    def make(model: str, options: AgentOptions) -> Make:
        from harness.agents.command import CommandAgent, find_program
        from harness.agents.presets import PRESETS

        if options.sandbox == "offline":
            raise RunError(f"{name} asks its model over the network, so it needs --sandbox online.")
        preset = PRESETS[name]
        command = preset.command(model, options)
        find_program(command.words[0], preset.remedy)
        sandbox = _sandbox(options)
        return lambda _: CommandAgent(f"{name}:{model}" if model else name, command, sandbox)

    return make


_KINDS: dict[str, Kind] = {
    "reference": _reference,
    "noop": _noop,
    "random": _random,
    "anthropic": _anthropic,
    "openai": _openai,
    "python": _python,
    "command": _command,
    "claude-code": _preset("claude-code"),
    "codex": _preset("codex"),
    "gemini": _preset("gemini"),
}
_WITH_ARGUMENT = frozenset({"anthropic", "openai", "python", "command"})
_WITH_MODEL = frozenset({"claude-code", "codex", "gemini"})  # if one is named
_USUAL = AgentOptions()


def find_agent(name: str, options: AgentOptions = _USUAL) -> AgentSpec:
    """The adapter that a name stands for.

    Raises:
        RunError: there is no such adapter, or its argument is missing or too much.
        UnusableProviderError: there is no key for its model.
    """
    kind, colon, argument = name.partition(":")
    if kind not in _KINDS:
        close = difflib.get_close_matches(kind, _KINDS, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(agent_names())}."
        raise RunError(f"There is no agent '{name}'; {hint}")
    fits = kind in _WITH_MODEL or bool(argument) == (kind in _WITH_ARGUMENT)
    if not fits or (colon and not argument):
        wanted = f"write '{kind}:…'" if kind in _WITH_ARGUMENT else f"write '{kind}'"
        raise RunError(f"'{name}' is not an agent's name; {wanted}.")
    return AgentSpec(name, _KINDS[kind](argument, options))


def agent_names() -> list[str]:
    """What can be written after `--agent`."""
    return [f"{kind}:…" if kind in _WITH_ARGUMENT else kind for kind in _KINDS]
