"""`envwright check`, `render`, `scenarios` and `certify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app


@app.command(epilog="Example: envwright check servers/credit_union/skeleton.yaml")
def check(
    skeleton: Annotated[list[Path], typer.Argument(help="Skeleton files, or folders that hold one.")],
) -> None:
    """Check skeletons without running anything: all problems at once, each with its line."""
    from generator.skeleton.checker import examine
    from generator.skeleton.reading import read_source

    for path in skeleton:
        source = read_source(path / "skeleton.yaml" if path.is_dir() else path)
        checked = examine(source.document)
        if checked.problems:
            raise source.error(checked.problems)
        for warning in source.located(checked.warnings):
            typer.echo(f"{source.name}: warning: {warning}")
        model = checked.model
        typer.echo(
            f"{source.name} is sound: {len(model.entities)} entities, {len(model.operations)} operations "
            f"({len(model.commands)} commands), {len(model.rules)} rules, {len(model.policies)} policies."
        )
