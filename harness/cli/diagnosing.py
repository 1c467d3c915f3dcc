"""`envwright doctor`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from harness.cli.app import FAILED, app

_SIGNS = {"ok": "✓", "absent": "–", "broken": "✗"}


@app.command(epilog="Example: envwright doctor --json")
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look whether this machine has what is needed; exit code 1 when something is broken. No key is printed."""
    from harness.diagnosis import diagnose

    found = []
    for finding in diagnose():
        found.append(finding)
        if not as_json:
            remedy = f" ({finding.remedy})" if finding.remedy else ""
            typer.echo(f"{_SIGNS[finding.state]} {finding.name}: {finding.detail}{remedy}")
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    if any(finding.state == "broken" for finding in found):
        raise typer.Exit(FAILED)
