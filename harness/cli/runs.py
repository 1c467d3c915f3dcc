"""`envwright regrade`, `compare`, `export` and `report`."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from generator.skeleton.wording import amount
from harness.cli.app import Grades, app, out_console, progress_bar, say, split

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
    first = shlex.join(["envwright", "show", str(found.folder), "--grades", "0"])
    say(f"Kept in {found.folder / 'regrades' / str(document.number)}; the first grades: {first}")


@app.command(epilog="Example: envwright compare before after")
def compare(
    a: Annotated[str, typer.Argument(help="A run's folder, its name in runs/, or 'latest'.")],
    b: Annotated[str, typer.Argument(help="Another one, or the same with another agent.")],
    agent_a: Annotated[str | None, typer.Option(metavar="NAME", help="The agent of A, if it has several.")] = None,
    agent_b: Annotated[str | None, typer.Option(metavar="NAME", help="The agent of B, if it has several.")] = None,
    grades: Grades = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare two runs, or two agents, on the scenarios that both have."""
    from harness.comparing import compare as compared
    from harness.comparing import sides
    from harness.reporting.comparison import comparison_view
    from harness.store import find_run

    pairs = sides(find_run(a, grades=grades), find_run(b, grades=grades), (agent_a, agent_b))
    found = [compared(one, other) for one, other in pairs]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
        return
    for one in found:
        out_console().print(comparison_view(one))


class Format(StrEnum):
    """What runs can be exported as."""

    openai = "openai"
    sharegpt = "sharegpt"
    envscaler = "envscaler"


@app.command(epilog="Example: envwright export latest --format openai --out train.jsonl")
def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")],
    run: RunName = "latest",
    form: Annotated[
        Format, typer.Option("--format", help="openai (TRL), sharegpt (LlamaFactory), or envscaler's scenarios.")
    ] = Format.openai,
    outcome: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Only these outcomes; without it, only passed.")
    ] = None,
    min_score: Annotated[float, typer.Option(min=0, max=1, metavar="SCORE", help="Only from this score up.")] = 0.0,
    per_turn: Annotated[
        bool, typer.Option("--per-turn", help="An example for each turn, of which only the last is to be learnt.")
    ] = False,
    grades: Grades = None,
) -> None:
    """Write a run's conversations, or its scenarios, as training data."""
    from harness.exporting import Filter
    from harness.exporting import export as write
    from harness.store import find_run

    chosen = Filter(tuple(split(outcome)) if outcome else ("passed",), min_score)
    found = write(find_run(run, grades=grades), form.value, out, chosen, per_turn)
    what = amount(found.examples, "scenario" if found.environments else "example")
    typer.echo(f"{out}: {what} of {amount(found.attempts, 'attempt')}.")
    if found.environments:
        typer.echo(f"{found.environments}: the environments of these scenarios.")
    for sentence in found.left_out:
        say(sentence)


@app.command(epilog="Example: envwright report latest --out report.html")
def report(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The HTML file to write.")],
    run: RunName = "latest",
    grades: Grades = None,
) -> None:
    """Write a run as one HTML file to be sent to others; it asks nothing of any network."""
    from harness.reporting.html import write_report
    from harness.store import find_run

    write_report(find_run(run, grades=grades), out)
    typer.echo(str(out))
