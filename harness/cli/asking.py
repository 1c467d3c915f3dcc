"""The options of the commands that ask a model, and the line that shows what it takes as it goes."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.status import Status

from harness.cli.app import out_console, rows_table, say

if TYPE_CHECKING:
    from generator.llm import prices
    from generator.llm.answers import AnswerStore
    from generator.llm.dry_run import DryRun as Plan
    from generator.llm.dry_run import Planned
    from generator.llm.model import LanguageModel

MODEL = "claude-opus-5-5"
ANSWERS = Path(".envwright") / "answers"


def _option(metavar: str, help_: str, least: float | None = None) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(metavar=metavar, help=help_, min=least, rich_help_panel="The model")
    return option


def _flag(name: str, help_: str) -> typer.models.OptionInfo:
    flag: typer.models.OptionInfo = typer.Option(name, help=help_, rich_help_panel="The model")
    return flag


Model = Annotated[str, _option("NAME", "A model of Anthropic's; its key is in ANTHROPIC_API_KEY.")]
Budget = Annotated[
    float | None, _option("USD", "What the calls may cost together; none is made that could cost more.", 0)
]
Price = Annotated[
    str | None, _option("IN,OUT", "US dollars for a million tokens, for a model whose price is not known here.")
]
Batch = Annotated[bool, _flag("--batch", "Ask many things as one batch: half the price, up to a day.")]
DryRun = Annotated[bool, _flag("--dry-run", "Ask nothing; show the calls that are known, and what they may cost.")]
Answers = Annotated[
    Path, _option("FOLDER", "Where answers are kept, so that a stopped job goes on without paying twice.")
]
BaseUrl = Annotated[str | None, _option("URL", "Another address than Anthropic's, such as a gateway's.")]


@contextlib.contextmanager
def open_model(
    name: str,
    budget: float | None = None,
    price: str | None = None,
    batch: bool = False,
    dry_run: bool = False,
    answers: Path = ANSWERS,
    base_url: str | None = None,
) -> Iterator[LanguageModel]:
    """The model of a command, as its options say. What it took is shown as it goes on a terminal, and at the end.

    With `dry_run`, the first request whose answer is not kept ends the command, with a table of the calls.
    """
    from generator.errors import NotAskedError
    from generator.llm.answers import AnswerStore
    from generator.llm.dry_run import DryRun as Plan
    from generator.llm.prices import read_price

    store, own = AnswerStore(answers), None if price is None else read_price(price)
    if dry_run:
        plan = Plan(name, answers=store, budget=budget, base_url=base_url, batch=batch, price=own, on_notice=say)
        with contextlib.suppress(NotAskedError):
            yield plan
        _show_plan(plan)
        raise typer.Exit
    with _watched(name, store, budget, own, batch, base_url) as model:
        yield model


@contextlib.contextmanager
def _watched(
    name: str, store: AnswerStore, budget: float | None, price: prices.Price | None, batch: bool, base_url: str | None
) -> Iterator[LanguageModel]:
    from generator.llm.asking import Answered
    from generator.llm.model import LanguageModel

    status = Status(f"asking {name}", console=Console(stderr=True)) if sys.stderr.isatty() else None

    def show(answered: Answered) -> None:
        if status is not None:
            status.update(f"{answered.stage} answered; {answered.spending}")

    model = LanguageModel(
        name,
        answers=store,
        budget=budget,
        base_url=base_url,
        batch=batch,
        price=price,
        on_answer=show,
        on_notice=say,
    )
    try:
        with status if status is not None else contextlib.nullcontext():
            yield model
    finally:
        model.close()
        if model.spending.calls or model.spending.stored:
            say(f"{name}: {model.spending}. Answers are kept in {store.folder}.")


def _show_plan(model: Plan) -> None:
    from generator.llm.prices import AS_OF

    rows = [_row(planned) for planned in model.by_stage()]
    if rows:
        out_console().print(rows_table(["stage", "calls", "tokens in", "tokens out", "at most"], rows))
    if model.usd is not None:
        total = f"What is listed may cost at most ${model.usd:.4f} (prices of {AS_OF}, or as given)."
    else:
        total = f"What {model.name} costs is not known here; with --price IN,OUT the list shows it."
    kept = f"; {model.spending.stored} answers are kept already" if model.spending.stored else ""
    say(f"A dry run: nothing was asked{kept}. {total}")


def _row(planned: Planned) -> list[str]:
    how = "counted" if planned.counted else "by length"
    cost = "unknown" if planned.usd is None else f"${planned.usd:.4f}"
    calls = str(planned.calls) if planned.sure else f"up to {planned.calls}"
    return [planned.stage, calls, f"{planned.input_tokens:,} ({how})", f"up to {planned.output_tokens:,}", cost]
