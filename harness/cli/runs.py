"""`envwright regrade`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app, progress_bar, say

RunName = Annotated[str, typer.Argument(help="A run's folder, its name in runs/, or 'latest'.")]


@app.command(epilog="Example: envwright regrade latest --scenarios scenarios/credit_union")
def regrade(
    run: RunName = "latest",
    scenarios: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Scenario files with corrected checks, or folders; else the run's own."),
    ] = None,
) -> None:
    """Grade a run again from the states and calls that it kept; the first grades stay."""
    from generator.scengenerator.files import load_scenario
    from harness.regrading import flips
    from harness.regrading import regrade as grade
    from harness.selection import scenario_files
    from harness.store import find_run

    found = find_run(run, grades=0)
    given = [load_scenario(path) for path in scenario_files(scenarios or [])]
    with progress_bar() as bar:
        task = bar.add_task("attempts", total=len(found.attempts()), note="")
        document = grade(found, given, lambda one: bar.update(task, advance=1, note=one.scenario))
    changed = flips(found, document.number)
    for was, now in changed:
        name = f"{now.environment}/{now.scenario} · {now.agent} · attempt {now.number}"
        typer.echo(f"{name}: {was.verdict} → {now.verdict}")
    typer.echo(f"{len(changed)} of {len(found.attempts())} attempts are graded otherwise.")
    say(f"Kept in {found.folder / 'regrades' / str(document.number)}; the first grades: envwright show --grades 0")
