"""`envwright import`."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.skeleton.wording import counted
from harness.cli.app import FAILED, app, progress_bar, say, split

if TYPE_CHECKING:
    from generator.importers.importing import Outcome

importer = typer.Typer(
    help="Make others' environments into MCP servers and scenarios. Their code runs contained, never in this process.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(importer, name="import")


@importer.callback()
def _sources() -> None:
    """Make others' environments into MCP servers and scenarios. Their code runs contained, never in this process."""


@importer.command(epilog="Example: envwright import envscaler --environments envs.json --scenarios rl.json --out mine")
def envscaler(
    environments: Annotated[Path, typer.Option(metavar="FILE", help="The release's environments: JSON or JSON Lines.")],
    scenarios: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="The release's scenarios; again for more. Without it, servers only."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Gets servers/NAME and scenarios/NAME.")] = Path(),
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Only these environments, with commas or again.")
    ] = None,
    clock: Annotated[
        str | None, typer.Option(metavar="TIME", help="When all of it takes place, such as 2025-10-01T09:00:00.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first record that cannot be imported.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also what was imported before from the same records.")
    ] = False,
    parallel: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Environments at the same time; else as many as processors.")
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Run the code even where nothing here can contain it.")
    ] = False,
) -> None:
    """Import EnvScaler's release: each environment as a standalone server, its scenarios with their own checks.

    A record that cannot be imported stops no other: it is named, and the exit code is 1.
    """
    from generator.importers.importing import Order, carry_out, read_release, require_clock

    workers = parallel or min(os.cpu_count() or 1, 16)
    trusted = trust or os.environ.get("ENVWRIGHT_TRUST") == "1"
    moment, names = require_clock(clock), tuple(split(only or []))
    order = Order(environments, tuple(scenarios or ()), out, moment, trusted, again, names, workers)
    batch = read_release(order)
    for finding in batch.broken:
        say(str(finding))
    broken = sum(finding.level == "broken" for finding in batch.broken)
    made: list[Outcome] = []
    with contextlib.ExitStack() as stack:
        bar = stack.enter_context(progress_bar())
        task = bar.add_task("environments", total=len(batch.jobs), note="")
        outcomes = carry_out(order, batch.jobs if not (strict and broken) else ())
        for outcome in stack.enter_context(contextlib.closing(outcomes)):
            bar.update(task, advance=1, note=outcome.name)
            made.append(outcome)
            _tell(outcome)
            if strict and outcome.what == "broken":
                break
    broken += sum(outcome.what == "broken" for outcome in made)
    _sum_up(made, broken, out)
    if broken:
        raise typer.Exit(FAILED)


def _tell(outcome: Outcome) -> None:
    from generator.importers.findings import loud

    for finding in loud(outcome.findings):
        say(f"{'cannot be imported: ' if finding.level == 'broken' else ''}{finding}")
    words = {
        "imported": f"{counted(outcome.tools, 'tool')}, {counted(outcome.scenarios, 'scenario')}",
        "there": f"was imported before, the same; {counted(outcome.scenarios, 'scenario')}",
        "broken": "was not imported",
    }
    typer.echo(f"{outcome.name}: {words[outcome.what]}")


def _sum_up(made: list[Outcome], broken: int, out: Path) -> None:
    count = {what: sum(outcome.what == what for outcome in made) for what in ("imported", "there")}
    scenarios = sum(outcome.scenarios for outcome in made)
    say(
        f"{counted(count['imported'], 'environment')} imported, {count['there']} there already, "
        f"{counted(scenarios, 'scenario')}; {counted(broken, 'record')} cannot be imported."
    )
    if count["imported"] + count["there"]:
        say(f"Look at what the checks are worth with: envwright audit {out}")
