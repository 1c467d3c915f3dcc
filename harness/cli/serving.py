"""`envwright serve`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from generator.errors import NotFoundError
from harness.cli.app import app


@app.command(epilog="Example: envwright serve credit_union --http 8000")
def serve(
    environment: Annotated[str, typer.Argument(help="An environment's name or folder.")],
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Start from this scenario, with its task as prompt.")
    ] = None,
    http: Annotated[
        int | None, typer.Option(metavar="PORT", help="Serve streamable HTTP on this port; else stdio.")
    ] = None,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Address to listen on, with --http.")] = None,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the state in this file.")] = None,
) -> None:
    """Serve an environment over MCP, as its own server.py does."""
    from generator.rendering import find_environment

    folder = find_environment(environment)
    if not (folder / "server.py").is_file():
        raise NotFoundError(f"{folder} has no server.py; render it first: envwright render {environment}")
    options = {"--scenario": scenario, "--http": http, "--host": host, "--state": state}
    given = [part for name, value in options.items() if value is not None for part in (name, str(value))]
    command = [sys.executable, str(folder / "server.py"), *given]
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # nothing is written beside an installed package
    if os.name == "nt":  # there, exec comes back at once, and the client would lose its server
        raise typer.Exit(subprocess.call(command))
    os.execv(sys.executable, command)
