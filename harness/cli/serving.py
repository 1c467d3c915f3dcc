"""`envwright serve` and `grade`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from generator.errors import NotFoundError
from harness.cli.app import app, out_console


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
    trust: Annotated[
        bool, typer.Option("--trust", help="Run the code of an imported one even where nothing can contain it.")
    ] = False,
) -> None:
    """Serve an environment over MCP, as its own server.py does."""
    from generator.rendering import find_environment
    from harness.locking import claim_state

    folder = find_environment(environment)
    if not (folder / "server.py").is_file():
        raise NotFoundError(f"{folder} has no server.py; render it first: envwright render {environment}")
    if state is not None:
        claim_state(state)
    options = {"--scenario": scenario, "--http": http, "--host": host, "--state": state}
    given = [part for name, value in options.items() if value is not None for part in (name, str(value))]
    command = [sys.executable, str(folder / "server.py"), *given]
    os.environ |= {"ENVWRIGHT_TRUST": "1"} if trust else {}
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # nothing is written beside an installed package
    if os.name == "nt":  # there, exec comes back at once, and the client would lose its server
        raise typer.Exit(subprocess.call(command))
    os.execv(sys.executable, command)


@app.command(epilog="Example: envwright grade scenarios/credit_union/credit-union-001.json --state mine.json")
def grade(
    scenario: Annotated[Path, typer.Argument(help="The scenario that was served.")],
    state: Annotated[Path, typer.Option(metavar="FILE", help="The state that 'serve --state' kept.")],
    answer: Annotated[str, typer.Option(metavar="TEXT", help="What was said at the end, if it is asked for.")] = "",
    environment: Annotated[
        str | None, typer.Option(metavar="NAME", help="The environment's folder; else it is found by name.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the grade as JSON.")] = False,
) -> None:
    """Grade what a person, or any client, has done in a served scenario."""
    from harness.keeping import grade_kept
    from harness.reporting.grades import grade_view

    graded = grade_kept(scenario, state, answer, environment)
    if as_json:
        typer.echo(json.dumps(graded.model_dump(mode="json"), indent=2, ensure_ascii=False))
    else:
        out_console().print(grade_view(graded))
