"""`envwright install`, `uninstall` and `bundle`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app, say


class ClientName(StrEnum):
    """The clients whose configuration is known."""

    claude_desktop = "claude-desktop"
    claude_code = "claude-code"
    cursor = "cursor"
    vscode = "vscode"
    codex = "codex"
    gemini = "gemini"


EnvironmentName = Annotated[str, typer.Argument(help="An environment's name or folder.")]
ClientOption = Annotated[ClientName, typer.Option("--client", help="The client to plug it into.")]
NameOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="What the client calls it; else the environment's name.")
]


@app.command(epilog="Example: envwright install credit_union --client cursor")
def install(
    environment: EnvironmentName,
    client: ClientOption,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Start from this scenario, with its task as prompt.")
    ] = None,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the state in this file.")] = None,
    name: NameOption = None,
    show: Annotated[bool, typer.Option("--print", help="Print what would be put there, and change nothing.")] = False,
) -> None:
    """Put an environment's server into a client's own configuration; the rest of it stays as it is."""
    from generator.errors import NotFoundError
    from generator.rendering import find_environment
    from harness.clients import CLIENTS, Entry
    from harness.clients import install as put

    folder = find_environment(environment).resolve()
    server = folder / "server.py"
    if not server.is_file():
        raise NotFoundError(f"{folder} has no server.py; render it first: envwright render {environment}")
    if scenario is not None and not scenario.is_file():
        raise NotFoundError(f"There is no scenario at {scenario}.")
    given = {"--scenario": scenario, "--state": state}
    options = [part for option, path in given.items() if path for part in (option, str(path.resolve()))]
    entry = Entry(sys.executable, (str(server), *options))
    if show:
        typer.echo(CLIENTS[client].text(name or folder.name, entry), nl=False)
        return
    path = put(CLIENTS[client], name or folder.name, entry)
    say(f"{CLIENTS[client].title} has '{name or folder.name}' now, in {path}; start it again to see the tools.")


@app.command(epilog="Example: envwright uninstall credit_union --client cursor")
def uninstall(environment: EnvironmentName, client: ClientOption, name: NameOption = None) -> None:
    """Take an environment's server out of a client's configuration."""
    from harness.clients import CLIENTS
    from harness.clients import uninstall as take

    called = name or Path(environment).name
    path = take(CLIENTS[client], called)
    say(f"{CLIENTS[client].title} no longer has '{called}', in {path}.")


@app.command(epilog="Example: envwright bundle credit_union")
def bundle(
    environment: EnvironmentName,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The file to write; else NAME.mcpb here.")] = None,
) -> None:
    """Pack an environment into an .mcpb file, which desktop clients install by opening it."""
    from generator.rendering import find_environment
    from harness.bundling import bundle as pack

    folder = find_environment(environment)
    typer.echo(str(pack(folder, out or Path(f"{folder.name}.mcpb"))))
