"""A proven scenario of an environment as the answer of a model would have it: what a prompt shows as an example."""

from __future__ import annotations

import json
from typing import Any

from generator.scengenerator.inventions import Proposal, ProposedCheck
from generator.scengenerator.make import Wish, make_scenarios
from generator.scengenerator.playing import Player, is_command
from generator.scengenerator.scenario import Kind, Scenario
from generator.scengenerator.setting import Setting
from generator.scengenerator.wired import WireArgument, WireCall

_OF: tuple[tuple[Kind, int], ...] = (("change", 3), ("question", 1))  # so many are made, and the richest is shown


def example_of(setting: Setting, seed: int) -> str:
    """A change and a question, as JSON; made without a model, over states that are not used again."""
    place = f"example of {seed}"
    if place not in setting.kept:
        setting.kept[place] = _made(setting, seed)
    return setting.kept[place]


def _made(setting: Setting, seed: int) -> str:
    proposals: list[Proposal] = []
    for kind, count in _OF:
        made = list(make_scenarios(setting.model.document, Wish(count, seed, kind=kind)))
        if made:
            proposals.append(as_proposal(setting, max(made, key=lambda one: _commands(setting, one))))
    return json.dumps({"proposals": [one.model_dump() for one in proposals]}, ensure_ascii=False, indent=1)


def _commands(setting: Setting, scenario: Scenario) -> int:
    return sum(is_command(setting.model, call) for call in scenario.solution.calls)


def as_proposal(setting: Setting, scenario: Scenario) -> Proposal:
    """The scenario as a model would have proposed it: without what the program adds."""
    policies = {check.id for check in setting.workshop.policy_checks()}
    checks = [
        ProposedCheck(kind=check.kind, description=check.description, that=check.that)
        for check in scenario.expressions
        if check.id not in policies and not check.id.startswith("actor-")
    ]
    return Proposal(
        kind=scenario.kind,
        task=scenario.task,
        calls=_calls(setting, scenario),
        answer=scenario.solution.answer,
        checks=checks,
    )


def _calls(setting: Setting, scenario: Scenario) -> list[WireCall]:
    """The calls; an id that only came about on the way is written as what an earlier call returned."""
    start = setting.open(scenario.initial_state)
    results = Player(setting.model, start, scenario.solution.calls).solution.results
    known = {key for rows in scenario.initial_state["tables"].values() for key in rows}
    calls: list[WireCall] = []
    for at, call in enumerate(scenario.solution.calls):
        arguments = [
            WireArgument(name=name, value=_written(value, known, results[:at]))
            for name, value in call.arguments.items()
        ]
        calls.append(WireCall(tool=call.name, arguments=arguments))
    return calls


def _written(value: Any, known: set[str], results: list[Any]) -> str:
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    for number, result in enumerate(results, start=1):
        for name, returned in result.content.items():
            if returned == value and name.endswith("_id") and value not in known:
                return f"${number}.{name}"
    return value
