"""Writes attempts of a run in a format of another program."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.skeleton.wording import amount
from harness.errors import RunError
from harness.exporting import envscaler, openai, sharegpt
from harness.files import write_atomic
from harness.outcomes import OUTCOMES
from harness.records import Attempt, Evidence
from harness.store import Run

Lines = Callable[[Evidence, list[dict[str, Any]], bool], Iterator[dict[str, Any]]]
_CONVERSATIONS: dict[str, Lines] = {"openai": openai.examples, "sharegpt": sharegpt.examples}
FORMATS = (*_CONVERSATIONS, "envscaler")


@dataclass(frozen=True)
class Filter:
    """Which attempts are exported."""

    outcomes: tuple[str, ...] = ("passed",)
    min_score: float = 0.0

    def __post_init__(self) -> None:
        """Raises RunError for an outcome that there is not."""
        for name in self.outcomes:
            if name not in OUTCOMES:
                raise RunError(f"There is no outcome '{name}'; there are {', '.join(OUTCOMES)}.")

    def fits(self, attempt: Attempt) -> bool:
        return attempt.outcome in self.outcomes and (attempt.score or 0.0) >= self.min_score


@dataclass(frozen=True)
class Exported:
    """How many attempts fitted, what was written of them, a sentence for what was not, and a file beside."""

    attempts: int
    examples: int
    left_out: tuple[str, ...] = ()
    environments: Path | None = None


def export(run: Run, form: str, path: Path, chosen: Filter, per_turn: bool = False) -> Exported:
    """Write the attempts that fit.

    With `per_turn`, an example for every turn of the agent, with only that turn to be learnt.

    Raises:
        RunError: no attempt fits, the format has no turns, or the file cannot be written.
    """
    attempts = [attempt for attempt in run.attempts() if chosen.fits(attempt)]
    if not attempts:
        raise RunError(f"No attempt of {run.folder} fits; choose others with --outcome and --min-score.")
    if form == "envscaler":
        if per_turn:
            raise RunError("EnvScaler's format holds scenarios, which have no turns; leave --per-turn away.")
        places = list(dict.fromkeys((one.environment, one.scenario) for one in attempts))
        made = envscaler.documents(run, places)
        left_out = tuple(_left_out(made))
        if not made.scenarios:
            raise RunError(f"EnvScaler's format has no words for these scenarios. {' '.join(left_out)}")
        beside = path.with_name(f"{path.stem}.environments.json")
        write_atomic(beside, _json(made.environments))
        write_atomic(path, _json(made.scenarios))
        return Exported(len(attempts), len(made.scenarios), left_out, beside)
    tools: dict[str, list[dict[str, Any]]] = {}
    lines: list[str] = []
    for attempt in attempts:
        if attempt.environment not in tools:
            tools[attempt.environment] = run.environment(attempt.environment).tools
        for example in _CONVERSATIONS[form](run.evidence(attempt.key), tools[attempt.environment], per_turn):
            lines.append(json.dumps(example, ensure_ascii=False) + "\n")
    write_atomic(path, "".join(lines))
    return Exported(len(attempts), len(lines))


def _left_out(made: envscaler.Documents) -> Iterator[str]:
    """Which scenarios EnvScaler's format cannot hold, a sentence for each reason."""
    total = amount(len(made.scenarios) + len(made.said) + len(made.imported), "scenario")
    for names, why in (
        (made.said, "since its checks do not see what is said"),
        (made.imported, "since they were imported (envwright audit DIR --export FILE.json writes them)"),
    ):
        if names:
            yield f"Left out {len(names)} of {total}, {why}: {', '.join(names)}."


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
