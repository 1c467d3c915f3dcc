"""The options of `envwright run`, one name each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer


def _option(metavar: str, help_: str, least: float | None = None) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(metavar=metavar, help=help_, min=least)
    return option


def _set(names: list[str] | None) -> list[str] | None:
    for name in names or ():
        if name not in os.environ:
            raise typer.BadParameter(
                f"no variable {name} is set here; set it first. What agents work in is named with --environments."
            )
    return names


Agents = Annotated[list[str] | None, _option("NAME", "Who works; again for more. Without it, the reference agent.")]
Environments = Annotated[
    list[str] | None, _option("NAMES", "Names or folders, with commas or again. Without it, all bundled.")
]
Scenarios = Annotated[list[Path] | None, _option("PATH", "Scenario files, or folders of them, instead of the bundled.")]
Attempts = Annotated[int, _option("N", "Attempts of each agent on each scenario.", 1)]
Parallel = Annotated[int, _option("N", "Attempts at the same time.", 1)]
LimitSeconds = Annotated[float, _option("SECONDS", "Time that one attempt may take.", 0.1)]
LimitCalls = Annotated[int, _option("N", "Tool calls that one attempt may make.", 1)]
LimitTurns = Annotated[int | None, _option("N", "Answers of its model that one attempt may take.", 1)]
LimitTokens = Annotated[int | None, _option("N", "Tokens that one attempt may take, read and written.", 1)]
LimitCost = Annotated[float | None, _option("DOLLARS", "What one attempt may cost.", 0.000001)]
Budget = Annotated[float | None, _option("DOLLARS", "What the whole run may cost; then it stops.", 0)]
Retries = Annotated[
    int, _option("N", "Times that an attempt is made again because its server died or its model was busy.", 0)
]
BaseUrl = Annotated[str | None, _option("URL", "Where models are asked, instead of their usual place.")]
Variables = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", callback=_set, help="A variable of the environment that command lines may see; again for more."
    ),
]
Network = Annotated[
    Literal["offline", "online"] | None,
    typer.Option(help="Start command lines in bubblewrap: offline leaves them the episode's port, online the network."),
]
Readable = Annotated[
    list[Path] | None, _option("PATH", "A file or folder that a command line in its sandbox may read; again for more.")
]
Out = Annotated[Path, _option("FOLDER", "Folder in which the run's folder is made.")]
Resume = Annotated[str | None, _option("RUN", "Go on with a run: its folder, name or 'latest'. It says what to do.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
