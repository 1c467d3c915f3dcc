"""`envwright run` and `envwright show`."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options
from harness.cli.app import INTERRUPTED, USER_ERROR, Grades, app, out_console, progress_bar, say, split
from harness.cli.verdicts import FailUnder, Junit, conclude

if TYPE_CHECKING:
    from harness.records import Attempt
    from harness.run import Plan
    from harness.store import Run


@app.command(epilog="Example: envwright run --agent reference --agent noop --environments credit_union --parallel 4")
def run(
    context: typer.Context,
    agent: options.Agents = None,
    environments: options.Environments = None,
    scenarios: options.Scenarios = None,
    attempts: options.Attempts = 1,
    parallel: options.Parallel = 4,
    limit_seconds: options.LimitSeconds = 600.0,
    limit_calls: options.LimitCalls = 200,
    limit_turns: options.LimitTurns = None,
    limit_tokens: options.LimitTokens = None,
    limit_cost: options.LimitCost = None,
    budget: options.Budget = None,
    retries: options.Retries = 2,
    base_url: options.BaseUrl = None,
    env: options.Variables = None,
    sandbox: options.Network = None,
    readable: options.Readable = None,
    out: options.Out = Path("runs"),
    resume: options.Resume = None,
    junit: Junit = None,
    fail_under: FailUnder = None,
    as_json: options.AsJson = False,
) -> None:
    """Let agents work on scenarios over MCP, grade what they leave behind, and keep all evidence."""
    from harness.agents.agent import AgentOptions, Limits
    from harness.cli.resuming import asked_again
    from harness.files import require_place
    from harness.resuming import resumed
    from harness.run import create_run, plan_run
    from harness.selection import select
    from harness.statistics import unheard
    from harness.store import find_run

    if junit is not None:
        require_place(junit)
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
            seen = tuple(str(path.absolute()) for path in readable or ())
            asked = AgentOptions(base_url=base_url, env=tuple(env or ()), sandbox=sandbox, readable=seen)
            plan = plan_run(selection, agent or ["reference"], attempts, limits, options=asked)
            made = create_run(plan, out)
        else:
            made = find_run(resume, out, grades=0)
            plan = stack.enter_context(resumed(made, *asked_again(context), told=say))
        _carry_out(plan, made, parallel, budget, retries)
    _print(made, as_json)
    for line in unheard(made.attempts()):
        say(line)
    conclude(made, junit, fail_under)


def _carry_out(plan: Plan, run: Run, parallel: int, budget: float | None, retries: int) -> None:
    """Makes what is due, with a bar; what stops it is told with the command that goes on."""
    from harness.errors import BudgetError, UnusableProviderError
    from harness.reporting.progress import Standing
    from harness.resuming import going_on
    from harness.run import carry_out

    standing, due = Standing(run.attempts()), len(plan.configuration.keys())
    try:
        with progress_bar() as bar:
            task = bar.add_task("attempts", total=due, completed=standing.made, note=str(standing))

            def progress(attempt: Attempt) -> None:
                standing.add(attempt)
                bar.update(task, advance=1, note=str(standing))

            carry_out(plan, run, parallel, progress, budget, retries)
    except (KeyboardInterrupt, BudgetError, UnusableProviderError) as error:
        made = len(run.attempts())
        say(f"{error} Stopped after {made} of {due} attempts; go on with: {going_on(run, plan)}".lstrip())
        raise typer.Exit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else USER_ERROR) from None


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
