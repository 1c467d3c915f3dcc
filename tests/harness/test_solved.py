"""Bundled scenarios of every kind, solved by models behind both protocols, scripted by the reference solutions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from models import Answer, Json, Script, anthropic, call, completion, openai, text, thought, turn, use
from typer.testing import CliRunner

from generator.rendering import find_environment, find_scenarios
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario
from harness.cli import app
from harness.records import Attempt
from harness.store import find_run

ENVIRONMENT = "credit_union"


@pytest.fixture(scope="module")
def paths() -> list[Path]:
    """One bundled scenario of each kind."""
    found = {load_scenario(path).kind: path for path in find_scenarios(find_environment(ENVIRONMENT))}
    return list(found.values())


def solving(scenarios: Sequence[Scenario], speak: str) -> Script:
    """Plays the solution of the scenario whose task it reads, one call a turn, as `speak` says it."""

    def script(body: Json, _: int) -> Answer:
        said = [message["content"] for message in body["messages"] if message["role"] == "user"]
        (asked,) = (one.solution for one in scenarios if one.task in said)
        done = sum(message["role"] == "assistant" for message in body["messages"])
        if done == len(asked.calls):
            return turn(text(asked.answer)) if speak == "anthropic" else completion(asked.answer)
        step = asked.calls[done]
        if speak == "anthropic":
            return turn(thought(f"Step {done}."), use(step.name, step.arguments, f"toolu_{done}"))
        return completion(None, call(step.name, step.arguments, f"call_{done}"))

    return script


def attempts(paths: list[Path], agent: str, url: str, out: Path) -> list[Attempt]:
    scenarios = [option for path in paths for option in ("--scenarios", str(path))]
    options = ["--agent", agent, "--base-url", url, "--out", str(out), *scenarios]
    result = CliRunner().invoke(app, ["run", *options])
    assert result.exit_code == 0, result.output
    return find_run(next(out.iterdir()).as_posix()).attempts()


@pytest.mark.parametrize("speak", ["anthropic", "openai"])
def test_solutions_pass_through_a_model(
    paths: list[Path], speak: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("ANTHROPIC_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
    scenarios = [load_scenario(path) for path in paths]
    provider, agent = {"anthropic": (anthropic, "anthropic:claude-opus-5"), "openai": (openai, "openai:m")}[speak]
    with provider(solving(scenarios, speak)).running() as running:
        made = attempts(paths, agent, running.url, tmp_path)
    assert running.problems == [] and len({attempt.kind for attempt in made}) == 3
    assert [(attempt.outcome, attempt.reason) for attempt in made] == [("passed", "")] * 3
    turns = {scenario.id: len(scenario.solution.calls) + 1 for scenario in scenarios}
    assert {attempt.scenario: attempt.turns for attempt in made} == turns
    assert all((attempt.cost is None) == (speak == "openai") for attempt in made)
