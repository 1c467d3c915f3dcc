"""`envwright audit` and `envwright replay`: what imported scenarios are worth, and recorded attempts at them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.skeleton.wording import counted
from harness.cli import options
from harness.cli.app import FAILED, INTERRUPTED, app, out_console, progress_bar, say

if TYPE_CHECKING:
    from generator.importers.audit import Effort
    from harness.auditing import Audited, Evidence, Subject
    from harness.recorded import Recordings
    from harness.store import Run

_SENTENCES = 60
Place = Annotated[Path, typer.Argument(metavar="DIR", help="What an import wrote, or the folder of one environment.")]


@app.command(epilog="Example: envwright audit imported --replays replays.json --export repaired.json")
def audit(
    place: Place,
    scenario: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this scenario; again for others.")
    ] = None,
    replays: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Recorded attempts, as for 'envwright replay'.")
    ] = None,
    run: Annotated[
        list[str] | None, typer.Option(metavar="RUN", help="A run whose attempts are looked at too; again for others.")
    ] = None,
    calls: Annotated[int, typer.Option(min=0, metavar="N", help="Random calls for each scenario.")] = 60,
    neighbours: Annotated[
        bool, typer.Option("--neighbours/--no-neighbours", help="Whether edited states are tried as well.")
    ] = True,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed explores the same way.")] = 1,
    parallel: Annotated[int, typer.Option(min=1, metavar="N", help="Scenarios at the same time.")] = 2,
    again: Annotated[bool, typer.Option("--again", help="Also what was audited in the same way already.")] = False,
    every: Annotated[bool, typer.Option("--all", help="A sentence for the commonest findings too.")] = False,
    export: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Scenarios with repaired weights: FILE.json for EnvScaler, else a folder."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the audit as JSON.")] = False,
) -> None:
    """Look at every check of imported scenarios: what it is worth, and whether it accepts more than it says.

    What was found is written into the scenarios' files, so an audit that was stopped goes on where it was.
    """
    from generator.importers.audit import Effort
    from harness.auditing import Evidence, imported_folders, require_apart, subjects
    from harness.auditing import export as write
    from harness.reporting.audits import audit_document, class_table, scenario_table, sentences
    from harness.store import find_run

    folders = imported_folders(place)
    chosen = subjects(folders, scenario or ())
    if export is not None:
        require_apart(export, chosen)
    evidence = Evidence(folders, replays, [find_run(name) for name in run or []])
    outcome = _audit(chosen, Effort(calls, neighbours, seed), evidence, again, parallel)
    if as_json:
        typer.echo(json.dumps(audit_document(outcome), indent=2, ensure_ascii=False))
    else:
        console = out_console()
        console.print(class_table(outcome))
        console.print(scenario_table(outcome))
        told = sentences(outcome, every)
        typer.echo("\n".join(told if every else told[:_SENTENCES]))
        if len(told) > _SENTENCES and not every:
            typer.echo(f"… and {len(told) - _SENTENCES} more, with --all or --json.")
    if outcome.speed is not None:
        say(f"{counted(outcome.checks_now, 'check')} in {outcome.seconds:.1f} s: {outcome.speed:.1f} a second.")
    if outcome.kept:
        say(f"{counted(outcome.kept, 'scenario')} audited in the same way already; --again does it anew.")
    if export is not None:
        written, weightless = write(outcome, export)
        checks = counted(outcome.checks, "check")
        say(f"{export}: {counted(written, 'scenario')}, in which {weightless} of {checks} count for nothing.")


def _audit(chosen: list[Subject], effort: Effort, evidence: Evidence, again: bool, parallel: int) -> Audited:
    from harness.auditing import audit as look

    with progress_bar() as bar:
        task = bar.add_task("scenarios", total=len(chosen), note="")
        try:
            return look(chosen, effort, evidence, again, parallel, lambda one: bar.update(task, advance=1, note=one.id))
        except KeyboardInterrupt:
            say("Stopped; what was audited is kept, and the same command goes on from there.")
            raise typer.Exit(INTERRUPTED) from None


@app.command(epilog="Example: envwright replay replays.json --environments imported")
def replay(
    recordings: Annotated[
        Path, typer.Argument(metavar="FILE", help="Recorded attempts: init_config, checks, calls, recorded_reward.")
    ],
    environments: Annotated[
        Path, typer.Option(metavar="DIR", help="What an import wrote, or the folder of one environment.")
    ],
    parallel: options.Parallel = 4,
    out: options.Out = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Play recorded tool calls through the MCP server, grade them, and compare with the recorded rewards."""
    from harness.auditing import imported_folders
    from harness.recorded import Recordings
    from harness.reporting.audits import replay_document, replay_sentences, replay_table

    found = Recordings(recordings, imported_folders(environments))
    made = _played(found, out, parallel)
    compared = list(found.compared(made))
    if as_json:
        typer.echo(json.dumps(replay_document(compared, str(made.folder)), indent=2, ensure_ascii=False))
    else:
        out_console().print(replay_table(compared))
        typer.echo("\n".join(replay_sentences(compared)))
    say(f"Kept in {made.folder}; look closer with: envwright show {made.folder}")
    if not all(one.explained for one in compared):
        raise typer.Exit(FAILED)


def _played(found: Recordings, out: Path, parallel: int) -> Run:
    from harness.run import carry_out, create_run

    plan = found.plan()
    made = create_run(plan, out)
    with progress_bar() as bar:
        task = bar.add_task("recordings", total=len(plan.configuration.keys()), note="")
        carry_out(plan, made, parallel, lambda attempt: bar.update(task, advance=1, note=attempt.scenario))
    return made
