"""What `envwright run --resume` was told beside the run."""

from __future__ import annotations

from typing import Any

import typer

from harness.cli.app import split
from harness.environments import RenderedEnvironment

_LIMITS = {"limit_seconds": "wall_seconds", "limit_calls": "tool_calls"}


def asked_again(context: typer.Context) -> tuple[dict[str, Any], list[RenderedEnvironment]]:
    """The parts of a run's configuration that were said on the command line, and the environments named there."""
    from harness.run import scenario_digests
    from harness.selection import select

    said = {
        name: value
        for name, value in context.params.items()
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    }
    asked: dict[str, Any] = {}
    if "agent" in said:
        asked["agents"] = list(dict.fromkeys(said["agent"]))
    if "attempts" in said:
        asked["attempts"] = said["attempts"]
    if said.keys() & _LIMITS.keys():
        asked["limits"] = {limit: said[name] for name, limit in _LIMITS.items() if name in said}
    if not said.keys() & {"environments", "scenarios"}:
        return asked, []
    selection = select(split(said.get("environments") or []), said.get("scenarios") or [])
    if "scenarios" in said:
        asked["scenarios"] = {environment.name: scenario_digests(chosen) for environment, chosen in selection}
    return asked, [environment for environment, _ in selection]
