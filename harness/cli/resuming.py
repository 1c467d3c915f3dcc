"""What `envwright run --resume` was told beside the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from harness.cli.app import split
from harness.environments import RenderedEnvironment

_LIMITS = {
    "limit_seconds": "wall_seconds",
    "limit_calls": "tool_calls",
    "limit_turns": "turns",
    "limit_tokens": "tokens",
    "limit_cost": "cost",
}
_OPTIONS = {name: name for name in ("base_url", "env", "sandbox", "readable")}


def _plain(value: Any) -> Any:
    """A value as a configuration holds it."""
    return (
        [str(one.absolute()) if isinstance(one, Path) else one for one in value] if isinstance(value, list) else value
    )


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
    for part, names in (("limits", _LIMITS), ("agent_options", _OPTIONS)):
        if said.keys() & names.keys():
            asked[part] = {name: _plain(said[option]) for option, name in names.items() if option in said}
    if not said.keys() & {"environments", "scenarios"}:
        return asked, []
    selection = select(split(said.get("environments") or []), said.get("scenarios") or [])
    if "scenarios" in said:
        asked["scenarios"] = {environment.name: scenario_digests(chosen) for environment, chosen in selection}
    return asked, [environment for environment, _ in selection]
