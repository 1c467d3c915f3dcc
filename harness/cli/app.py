"""The command line's root: one application, and errors as sentences with exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from typer.core import TyperGroup

from generator.errors import EnvwrightError
from harness.reporting.plain import plain

Grades = Annotated[
    int | None,
    typer.Option(
        "--grades", min=0, metavar="N", help="Grades to go by: 0 the first, N of the Nth regrade; else the newest."
    ),
]

FAILED = 1
USER_ERROR = 2
INTERRUPTED = 130


class Sentences(TyperGroup):
    """Shows what went wrong as a sentence, with an exit code; tracebacks are bugs.

    0 all is well, 1 what was looked at is not good enough, 2 a user can mend it, 130 Ctrl-C.
    """

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except EnvwrightError as error:
            say(str(error))
            raise typer.Exit(USER_ERROR) from None
        except KeyboardInterrupt:
            say("Stopped.")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="envwright",
    cls=Sentences,
    help="Makes tool environments for LLM agents as standalone MCP servers, and proves that they work.",
    epilog="Exit codes: 0 all is well, 1 what was looked at is not good enough, 2 something to mend, 130 stopped.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


def say(text: str) -> None:
    """Tell a person something, which may hold what others said; standard output is for results."""
    typer.echo(plain(text), err=True)


def out_console() -> Console:
    """Standard output; without a terminal wide enough that nothing is cut."""
    width = None if sys.stdout.isatty() else 160
    return Console(width=width, markup=False, emoji=False)  # names are names, whatever signs are in them


def rows_table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A plain table for a terminal, of cells that may hold what others said."""
    table = Table(*headings, box=SIMPLE)
    for row in rows:
        table.add_row(*map(plain, row))
    return table


def progress_bar() -> Progress:
    """A bar on standard error, which is not there where nobody looks."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def split(values: Iterable[str]) -> list[str]:
    """`-x a,b -x c` as `[a, b, c]`."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
