"""The tester: positive and negative cases that a model proposes from the description alone, run in the environment.

It takes the place of EnvScaler's testing agent (arXiv 2601.05808, section 3.3), for what exploration would not think
of: the cases come from what the tools promise, never from the skeleton.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from generator.llm.prompts import prompt
from generator.llm.requests import Request, Turn
from generator.scengenerator.laws import Laws, State, laws_of
from generator.scengenerator.outcomes import Change, difference
from generator.scengenerator.states import make_state
from generator.scengenerator.wired import read_json
from generator.skelbuilder.presenting import spelt
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton
from generator.skeleton.model import Entity, Model

MAX_TOKENS = 24_000
STATE_SIZE = 2
MOST_CASES = 40
MOST_STEPS = 5
_QUOTED = 200  # characters of arguments that are told
_REFERENCE = re.compile(r"\$(\d+)((?:\.\w+)+)")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Part):
    """One call: `arguments` is a JSON object as text; `$1.rental_id` in it is what step 1 of the case returned."""

    tool: str
    arguments: str
    expects: Literal["success", "refusal"]
    because: str


class Case(_Part):
    """Calls in a row, from the initial state."""

    name: str
    purpose: str
    steps: list[Step]


class Cases(_Part):
    cases: list[Case]


class Observation(_Part):
    """What one call did: `changes` are the rows that differ after it, each as a sentence."""

    case: str
    step: int
    tool: str
    arguments: Any
    expects: Literal["success", "refusal"]
    because: str
    ok: bool
    result: Any
    changes: list[str]


@dataclass
class Tested:
    """What was observed, and the tester's own mistakes: calls that are none."""

    observations: list[Observation] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


class Subject:
    """A rendered environment on one initial state, as tester and checker are shown it."""

    def __init__(self, document: Skeleton, state: State | None = None) -> None:
        """Without a state, one is made, the same for the same document.

        Raises:
            SamplingError: no state keeps the rules.
            ValueError: the given state does not fit this document (the environment's InvalidState).
        """
        self.model: Model = check(document)
        self.laws: Laws = laws_of(self.model)
        self.state = state or make_state(self.model, f"{document.id}/tester", STATE_SIZE)
        self.laws.module.Environment(copy.deepcopy(self.state))

    def facts(self) -> dict[str, Any]:
        """For the prompts: what an agent would be told, and the rows."""
        module = self.laws.module
        keys = ("name", "description", "inputSchema")
        return {
            "title": self.model.document.title,
            "instructions": module.INSTRUCTIONS,
            "tools": [spelt({key: tool[key] for key in keys}) for tool in module.TOOLS],
            "clock": self.state["clock"],
            "rows": self._rows(),
        }

    def _rows(self) -> dict[str, list[str]]:
        """Every row on a line, with what is derived, and without inner keys."""
        world = self.laws.open(copy.deepcopy(self.state))
        shown: dict[str, list[str]] = {}
        for entity in self.model.entities.values():
            table: dict[str, dict[str, Any]] = getattr(world, entity.plural)
            shown[entity.plural] = [spelt(self._row(world, entity, key, row)) for key, row in table.items()]
        return shown

    def _row(self, world: Any, entity: Entity, key: str, row: dict[str, Any]) -> dict[str, Any]:
        whole = {entity.key_column: key, **row} if entity.key == "counted" and entity.key_column else dict(row)
        for item in entity.derived:
            try:
                whole[item.column] = self.laws.derived(world, entity, item, row)
            except (self.laws.refused, LookupError, TypeError, ValueError):
                continue  # such a field is shown to nobody
        return whole

    def run(self, cases: Iterable[Case]) -> Tested:
        """Runs every case from the initial state, with the checks that a server makes."""
        tested = Tested()
        for case in cases:
            self._run(case, tested)
        return tested

    def _run(self, case: Case, tested: Tested) -> None:
        environment = self.laws.module.Environment(copy.deepcopy(self.state))
        results: list[Any] = []
        for number, step in enumerate(case.steps[:MOST_STEPS], 1):
            try:
                arguments = _filled(read_json(step.arguments), results)
            except (ValueError, LookupError, TypeError) as error:
                tested.mistakes.append(f"{case.name}, step {number}: {step.arguments[:_QUOTED]} is no call ({error})")
                return  # what follows would start from another state than was meant
            before = copy.deepcopy(environment.state)
            result = environment.call(step.tool, arguments)
            results.append(result.content)
            changes = [_sentence(change) for change in difference(before, environment.state, self.model)]
            tested.observations.append(
                Observation(
                    case=case.name,
                    step=number,
                    tool=step.tool,
                    arguments=arguments,
                    expects=step.expects,
                    because=step.because,
                    ok=result.ok,
                    result=result.content,
                    changes=changes,
                )
            )


def tester_request(subject: Subject) -> Request[Cases]:
    """Asks for cases."""
    tools = len(subject.laws.module.TOOLS)
    system, user = prompt("tester", **subject.facts(), count=min(MOST_CASES, tools + tools // 2))
    return Request("tester", system, (Turn("user", user),), Cases, MAX_TOKENS)


def _filled(value: Any, results: Sequence[Any]) -> Any:
    """The arguments with what earlier steps returned in the place of `$1.rental_id`."""
    if isinstance(value, dict):
        return {key: _filled(part, results) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, results) for part in value]
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    number = int(match[1])
    if not 1 <= number <= len(results):
        raise LookupError(f"step {number} has not returned anything by then")
    found = results[number - 1]
    for name in match[2].lstrip(".").split("."):
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found


def _sentence(change: Change) -> str:
    row = f"{change.table} {change.row}" if not change.row.startswith("#") else f"a row of {change.table}"
    if change.kind == "changed":
        parts = [f"{name}: {spelt(old)} → {spelt(new)}" for name, (old, new) in change.fields.items()]
        return f"{row} changed: {', '.join(parts)}"
    at = 0 if change.kind == "deleted" else 1
    return f"{row} {change.kind}: {spelt({name: both[at] for name, both in change.fields.items()})}"
