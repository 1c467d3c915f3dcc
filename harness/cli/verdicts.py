"""What `run` and `show` tell a CI system: a JUnit file and an exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import FAILED, say
from harness.store import Run

Junit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write the attempts as JUnit XML, for CI systems.")
]
FailUnder = Annotated[
    float | None,
    typer.Option(
        "--fail-under",
        min=0,
        max=1,
        metavar="SHARE",
        help="Exit with 1 when an agent passes less than this share of its attempts, 0 to 1.",
    ),
]


def conclude(run: Run, junit: Path | None, fail_under: float | None) -> None:
    """Write the JUnit file, and end with exit code 1 where too little was passed, or nothing counted."""
    from harness.reporting.junit import write_junit
    from harness.statistics import shortfalls

    if junit is not None:
        write_junit(run, junit)
    if fail_under is not None:
        missed = shortfalls(run.attempts(), fail_under)
        for line in missed:
            say(line)
        if missed:
            raise typer.Exit(FAILED)
