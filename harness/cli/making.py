"""`envwright check`, `render`, `scenarios` and `certify`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.app import FAILED, USER_ERROR, app, out_console, progress_bar, rows_table, say, split
from harness.cli.asking import ANSWERS, MODEL, Answers, BaseUrl, Batch, Budget, DryRun, Model, Price, open_model

if TYPE_CHECKING:
    from generator.llm.model import LanguageModel
    from harness.authoring import Order, Report

PANEL = "With a model"


class Kind(StrEnum):
    """The kinds of a scenario, as the command line offers them."""

    change = "change"
    question = "question"
    decline = "decline"


@app.command(epilog="Example: envwright check servers/credit_union/skeleton.yaml")
def check(
    skeleton: Annotated[list[Path], typer.Argument(help="Skeleton files, folders that hold one, or names.")],
) -> None:
    """Check skeletons without running anything: all problems at once, each with its line."""
    from generator.rendering import find_environment
    from generator.scengenerator.soundness import read_sound

    for path in skeleton:
        named = not path.suffix and not path.is_file()
        sound = read_sound(find_environment(str(path)) / "skeleton.yaml" if named else path)
        for warning in sound.warnings:
            typer.echo(f"{sound.name}: warning: {warning}")
        model = sound.model
        typer.echo(
            f"{sound.name} is sound: {len(model.entities)} entities, {len(model.operations)} operations "
            f"({len(model.commands)} commands), {len(model.rules)} rules, {len(model.policies)} policies."
        )


@app.command(epilog="Example: envwright evaluate credit_union --seed 2")
def evaluate(
    environment: Annotated[str, typer.Argument(help="An environment's name or folder.")],
    seed: Annotated[int, typer.Option(help="The same seed explores the same way.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Explore an environment without a model: what succeeds, what refuses, what breaks, what is never reached."""
    from generator.rendering import find_environment
    from generator.scengenerator.soundness import read_sound
    from generator.skelbuilder.evaluation import evaluate as explore

    document = read_sound(find_environment(environment) / "skeleton.yaml").model.document
    with progress_bar() as bar:
        bar.add_task("exploring", total=None, note=document.id)
        report = explore(document, str(seed))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        out_console().print(rows_table(("tool", "kind", "succeeded", "refused"), report.table()))
        typer.echo("\n".join(report.lines()))
    if not report.passed:
        raise typer.Exit(1)


@app.command(epilog="Example: envwright render servers/credit_union")
def render(
    environment: Annotated[str, typer.Argument(help="An environment's name or folder.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write here instead of into the environment's folder.")
    ] = None,
) -> None:
    """Render a skeleton into a standalone MCP server."""
    from generator.rendering import find_environment
    from generator.scengenerator.soundness import read_sound
    from harness.making import render_folder

    folder = find_environment(environment)
    read_sound(folder / "skeleton.yaml")
    for path in render_folder(folder, out):
        typer.echo(str(path))


@app.command(epilog="Example: envwright scenarios credit_union --count 40 --seed 1 --out scenarios/credit_union")
def scenarios(
    environment: Annotated[str, typer.Argument(help="An environment's name or folder.")],
    count: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="How many made without a model; else 12, or 0 with --invent.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed makes the same files.")] = 1,
    difficulty: Annotated[
        int | None, typer.Option(min=1, max=5, metavar="1..5", help="Only this one, from 1 to 5.")
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only this kind.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder for the files; else scenarios/NAME.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take away what the folder holds.")] = False,
    reword: Annotated[
        bool, typer.Option("--reword", help="Let a model put the tasks into people's words.", rich_help_panel=PANEL)
    ] = False,
    existing: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", help="With --reword: these scenarios instead.", rich_help_panel=PANEL),
    ] = None,
    invent: Annotated[
        int, typer.Option(min=0, metavar="N", help="So many tasks of the model's own.", rich_help_panel=PANEL)
    ] = 0,
    model: Model = MODEL,
    budget: Budget = None,
    price: Price = None,
    batch: Batch = False,
    dry_run: DryRun = False,
    answers: Answers = ANSWERS,
    base_url: BaseUrl = None,
) -> None:
    """Make scenarios, each proven before it is written: without a model, or with one that words or invents tasks."""
    from generator.errors import ScenarioError
    from generator.rendering import find_environment
    from generator.scengenerator.make import Wish
    from generator.scengenerator.soundness import read_sound
    from harness.authoring import Order, require_sense

    folder = find_environment(environment)
    number = count if count is not None else 0 if invent or existing else 12
    order = Order(Wish(number, seed, difficulty, kind.value if kind else None), reword, invent)
    require_sense(order, existing)
    read_sound(folder / "skeleton.yaml")
    target = out or Path("scenarios") / folder.name
    if not reword and not invent:
        if dry_run:
            raise ScenarioError("--dry-run shows what a model would be asked; give it with --reword or --invent N")
        _without_model(folder, order, target, replace)
        return
    with open_model(model, budget, price, batch, dry_run, answers, base_url) as asked:
        if existing is not None:
            _reword(folder, existing, out, asked, dry_run)
        else:
            _author(folder, order, target, replace, asked, dry_run)


def _without_model(folder: Path, order: Order, target: Path, replace: bool) -> None:
    from generator.scengenerator.make import Tally
    from harness.making import write_scenarios

    tally, wish = Tally(), order.wish
    with progress_bar() as bar:
        task = bar.add_task("scenarios", total=wish.count, note="")
        written = write_scenarios(
            folder, wish, target, tally, lambda made: bar.update(task, advance=1, note=made.id), replace=replace
        )
    for path in written:
        typer.echo(str(path))
    for line in tally.lines():
        say(line)
    if len(written) < wish.count:
        say(f"{folder.name} gave {len(written)} of {wish.count} scenarios; ask for another kind, difficulty or seed.")
        raise typer.Exit(USER_ERROR)


def _author(folder: Path, order: Order, target: Path, replace: bool, asked: LanguageModel, dry_run: bool) -> None:
    """New scenarios, worded or invented by a model."""
    from harness.authoring import Report, author, foresee, write_all
    from harness.making import require_room

    require_room(target, replace=replace or dry_run)
    report = Report()
    made = author(folder, order, asked, report)
    if dry_run:
        foresee(folder, order, made, asked)
        return
    written = [] if report.barren else write_all(made, target, replace=replace)
    for path in written:
        typer.echo(str(path))
    for line in report.lines(order):
        say(line)
    wanted = order.wish.count + order.invent
    if report.barren:
        say("Nothing was written, since the model answered nothing that can be used.")
    elif len(written) < wanted:
        say(f"{folder.name} gave {len(written)} of {wanted} scenarios; ask for another kind, difficulty or seed.")
    _tell(report, failed=len(written) < wanted)


def _reword(folder: Path, existing: Path, out: Path | None, asked: LanguageModel, dry_run: bool) -> None:
    """Scenarios that are there, in other words."""
    from generator.scengenerator.make import Wish
    from harness.authoring import Order, Report, foresee, reword_files, write_reworded
    from harness.selection import scenario_files

    order, report = Order(Wish(0, 0), reword=True), Report()
    paths = scenario_files([existing])
    old, new = reword_files(folder, paths, out, asked, report)
    if dry_run:
        foresee(folder, order, list(old.values()), asked)
        return
    for path in write_reworded(old, new, out):
        typer.echo(str(path))
    for line in report.lines(order):
        say(line)
    _tell(report, failed=False)


def _tell(report: Report, *, failed: bool) -> None:
    """What the model did not answer, and how it ends."""
    for trouble in report.troubles:
        say(trouble)
    if failed or report.troubles:
        raise typer.Exit(USER_ERROR)


@app.command(epilog="Example: envwright certify scenarios/credit_union")
def certify(
    scenarios: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")],
    environments: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Names or folders, with commas or again; else they are found by name."),
    ] = None,
) -> None:
    """Prove scenarios again: solution, replay, nothing for nothing, spoilt solutions; write their certificates."""
    from harness.making import certify as prove
    from harness.selection import by_name, scenario_files

    paths, failed = scenario_files(scenarios), 0
    with progress_bar() as bar:
        task = bar.add_task("certificates", total=len(paths), note="")
        for proof in prove(paths, by_name(split(environments or []))):
            bar.update(task, advance=1, note=proof.path.name)
            if proof.problem is not None:
                failed += 1
                problem = proof.problem.removeprefix(f"{proof.path}").lstrip(":, ")  # reading names the file too
                say(f"{proof.path} cannot be certified: {problem}")
    typer.echo(f"{len(paths) - failed} of {len(paths)} scenarios are certified.")
    if failed:
        raise typer.Exit(FAILED)
