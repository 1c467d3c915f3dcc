"""`envwright mine` and `envwright new`: environments from tasks, words and documents, with a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.errors import BuildingError
from generator.skeleton.wording import amount
from harness.cli.app import FAILED, app, out_console, rows_table, say
from harness.cli.asking import ANSWERS, MODEL, Answers, BaseUrl, Batch, Budget, DryRun, Model, Price, open_model

if TYPE_CHECKING:
    from generator.llm.model import LanguageModel
    from generator.skelbuilder.building import Build, Built
    from harness.building import Workspace


@app.command(epilog="Example: envwright mine tasks.jsonl --count 50 --out topics.json")
def mine(
    tasks: Annotated[
        Path, typer.Argument(help="Instruction data: lines, JSON, JSON lines, .gz, or a folder of these.")
    ],
    count: Annotated[int, typer.Option(min=1, metavar="N", help="The best so many topics.")] = 50,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the list goes.")] = Path("topics.json"),
    model: Model = MODEL,
    budget: Budget = None,
    price: Price = None,
    batch: Batch = False,
    dry_run: DryRun = False,
    answers: Answers = ANSWERS,
    base_url: BaseUrl = None,
) -> None:
    """Find environments that tasks imply: which need a kept state, in which place, how useful, how well to model."""
    from generator.skelbuilder.mining import mine as search
    from generator.skelbuilder.tasks import read_tasks
    from harness.building import Workspace, require_room, write_topics

    require_room(out)
    texts, existing = read_tasks(tasks), Workspace().existing()
    say(f"{amount(len(texts), 'different task')} in {tasks}.")
    with open_model(model, budget, price, batch, dry_run, answers, base_url) as asked:
        topics = search(asked, texts, str(tasks), existing, count, say)
    headings = ("", "topic", "tasks", "useful", "modelable", "score", "what it is")
    write_topics(out, topics)
    out_console().print(rows_table(headings, topics.table()))
    left = f"; {topics.unsorted} got no verdict" if topics.unsorted else ""
    typer.echo(f"{topics.stateful} of {topics.tasks} tasks depend on a kept state{left}.")
    typer.echo(f"{out}: {amount(len(topics.topics), 'topic')}. Next: envwright new 1 --topic {out}")


@app.command(epilog='Example: envwright new "a veterinary clinic" --budget 3')
def new(
    what: Annotated[
        str | None, typer.Argument(help="The environment in words; with --topic the number or name of a topic.")
    ] = None,
    topic: Annotated[Path | None, typer.Option(metavar="FILE", help="A list of topics that mine wrote.")] = None,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="With --topic: the best N that are not there yet.")] = 1,
    from_doc: Annotated[Path | None, typer.Option(metavar="FILE", help="A document that it is to follow.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Its id, instead of the model's choice.")] = None,
    rounds: Annotated[int, typer.Option(min=0, max=5, metavar="N", help="Repairs of what each check finds.")] = 3,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, metavar="SHARE", help="Of the judged calls that must not fail.")
    ] = 0.85,
    model: Model = MODEL,
    budget: Budget = None,
    price: Price = None,
    batch: Batch = False,
    dry_run: DryRun = False,
    answers: Answers = ANSWERS,
    base_url: BaseUrl = None,
) -> None:
    """Make an environment with a model, proven before it is written: at most ten questions each."""
    from generator.skelbuilder.building import Build, Terms
    from harness.building import Workspace, briefs_of

    briefs = briefs_of(what, topic, top, from_doc)
    if name is not None and len(briefs) > 1:
        raise BuildingError("--name names one environment; leave it out with --top.")
    workspace = Workspace()
    if name is not None:
        workspace.refuse(name)
    terms = Terms(rounds=rounds, threshold=threshold, name=name)
    refuse = workspace.refuse_twice()
    with open_model(model, budget, price, batch, dry_run, answers, base_url) as asked:
        builds = [Build(brief, terms, lambda what: say(f"{what} ({asked.spending})"), refuse) for brief in briefs]
        good = _build(asked, builds, workspace)
    if not good:
        raise typer.Exit(FAILED)


def _build(asked: LanguageModel, builds: list[Build], workspace: Workspace) -> bool:
    """Builds and places; whether all of it is good."""
    from generator.llm.dry_run import DryRun as DryRunModel
    from generator.skelbuilder.building import Built
    from generator.skelbuilder.driving import build_all, build_one, foresee

    if isinstance(asked, DryRunModel):
        for build, refused in foresee(asked, builds):
            say(f"{build.brief.topic}: {refused}")
        return True
    if len(builds) == 1:
        return _place(build_one(asked, builds[0]), workspace)
    good = True
    for build, outcome in zip(builds, build_all(asked, builds), strict=True):
        if isinstance(outcome, Built):
            good = _place(outcome, workspace) and good
        else:
            say(f"{build.brief.topic}: {outcome}")
            good = False
    return good


def _place(built: Built, workspace: Workspace) -> bool:
    folder = workspace.place(built)
    report = built.report
    if not built.passed:
        say(f"{report.environment} is not good enough and was not put into servers/:")
        for shortfall in report.shortfalls():
            say(f"  {shortfall}")
        say(f"What there is lies in {folder}, with the report; {_remedy(built, folder)}")
        return False
    judged = report.judgement
    score = f", {judged.score:.0%} of {len(judged.calls)} judged calls do not fail" if judged else ""
    typer.echo(f"{folder}: proven{score}; {amount(report.asked, 'question')} to the model.")
    for doubt in report.doubts():
        say(f"  worth a look: {doubt}")
    typer.echo(f"Next: envwright scenarios {folder} --count 12")
    return True


def _remedy(built: Built, folder: Path) -> str:
    if built.document is None:
        return "ask again with more --rounds, or in other words."
    return (
        f"mend {folder / 'skeleton.yaml'} by hand (envwright check, evaluate, render), or ask again with more --rounds."
    )
