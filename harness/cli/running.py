"""`envwright run` and `envwright show`."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.app import INTERRUPTED, USER_ERROR, Grades, app, out_console, progress_bar, say, split
from harness.cli.verdicts import FailUnder, Junit, conclude

if TYPE_CHECKING:
    from harness.records import Attempt
    from harness.run import Plan
    from harness.store import Run


@app.command(epilog="Example: envwright run --agent reference --agent noop --environments credit_union --parallel 4")
def run(
    context: typer.Context,
    agent: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Who works; again for more. Without it, the reference agent."),
    ] = None,
    environments: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Names or folders, with commas or again. Without it, all bundled."),
    ] = None,
    scenarios: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Scenario files, or folders of them, instead of the bundled."),
    ] = None,
    attempts: Annotated[int, typer.Option(min=1, metavar="N", help="Attempts of each agent on each scenario.")] = 1,
    parallel: Annotated[int, typer.Option(min=1, metavar="N", help="Attempts at the same time.")] = 4,
    limit_seconds: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="Time that one attempt may take.")
    ] = 600.0,
    limit_calls: Annotated[int, typer.Option(min=1, metavar="N", help="Tool calls that one attempt may make.")] = 200,
    limit_turns: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Answers of its model that one attempt may take.")
    ] = None,
    limit_tokens: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Tokens that one attempt may take, read and written.")
    ] = None,
    limit_cost: Annotated[
        float | None, typer.Option(min=0.000001, metavar="DOLLARS", help="What one attempt may cost.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, metavar="DOLLARS", help="What the whole run may cost; then it stops.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where models are asked, instead of their usual place.")
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A variable of the environment that command lines may see; again for more."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder in which the run's folder is made.")] = Path(
        "runs"
    ),
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Go on with a run: its folder, name or 'latest'. It says what to do."),
    ] = None,
    junit: Junit = None,
    fail_under: FailUnder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Let agents work on scenarios over MCP, grade what they leave behind, and keep all evidence."""
    from harness.agents.agent import AgentOptions, Limits
    from harness.cli.resuming import asked_again
    from harness.errors import BudgetError, UnusableProviderError
    from harness.resuming import resumed
    from harness.run import create_run, plan_run
    from harness.selection import select
    from harness.store import find_run

    with contextlib.ExitStack() as stack:
        if resume is None:
            selection = select(split(environments or []), scenarios or [])
            limits = Limits(
                wall_seconds=limit_seconds,
                tool_calls=limit_calls,
                turns=limit_turns,
                tokens=limit_tokens,
                cost=limit_cost,
            )
            options = AgentOptions(base_url=base_url, env=tuple(env or ()))
            plan = plan_run(selection, agent or ["reference"], attempts, limits, options=options)
            made = create_run(plan, out)
        else:
            made = find_run(resume, out, grades=0)
            plan = stack.enter_context(resumed(made, *asked_again(context)))
        try:
            _carry_out(plan, made, parallel, budget)
        except (KeyboardInterrupt, BudgetError, UnusableProviderError) as error:
            say(
                f"{error} Stopped after {len(made.attempts())} of {len(plan.configuration.keys())} attempts; "
                f"go on with: envwright run --resume {made.folder}".lstrip()
            )
            raise typer.Exit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else USER_ERROR) from None
    _print(made, as_json)
    conclude(made, junit, fail_under)


def _carry_out(plan: Plan, run: Run, parallel: int, budget: float | None) -> None:
    from harness.reporting.progress import Standing
    from harness.run import carry_out

    standing = Standing(run.attempts())
    with progress_bar() as bar:
        due = len(plan.configuration.keys())
        task = bar.add_task("attempts", total=due, completed=standing.made, note=str(standing))

        def progress(attempt: Attempt) -> None:
            standing.add(attempt)
            bar.update(task, advance=1, note=str(standing))

        carry_out(plan, run, parallel, progress, budget)


def _print(run: Run, as_json: bool) -> None:
    from harness.reporting.machine import summary_document
    from harness.reporting.terminal import summary_table
    from harness.statistics import summarise

    if as_json:
        typer.echo(json.dumps(summary_document(run), indent=2, ensure_ascii=False))
        return
    out_console().print(summary_table(summarise(run.attempts())))
    say(f"Kept in {run.folder}; look closer with: envwright show {run.folder}")


@app.command(epilog="Example: envwright show latest")
def show(
    run: Annotated[str, typer.Argument(help="A run's folder, its name in runs/, or 'latest'.")] = "latest",
    grades: Grades = None,
    junit: Junit = None,
    fail_under: FailUnder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Show a run from its folder: the summary, and what went wrong in the attempts that did not pass."""
    from harness.reporting.machine import summary_document
    from harness.reporting.terminal import run_view
    from harness.store import find_run

    found = find_run(run, grades=grades)
    if as_json:
        typer.echo(json.dumps(summary_document(found), indent=2, ensure_ascii=False))
    else:
        out_console().print(run_view(found))
    conclude(found, junit, fail_under)
