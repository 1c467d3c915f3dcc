"""Costs of a whole run, and providers that end one, on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from models import Answer, Json, anthropic, error, text, turn, use
from shelf import lend_emma, render_shelf
from typer.testing import CliRunner, Result

from harness.cli import app
from harness.environments import RenderedEnvironment
from harness.records import Attempt
from harness.store import find_run

DEAR = turn(text("Emma"), usage={"input_tokens": 100_000, "output_tokens": 20_000})  # a dollar
MODEL = ("--agent", "anthropic:claude-opus-5", "--parallel", "1")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    return render_shelf(tmp_path_factory.mktemp("servers") / "shelf")


@pytest.fixture
def run(shelf: RenderedEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`envwright run` on one scenario, with its runs in the test's folder."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "lend-emma.json"
    file.write_text(lend_emma(shelf).model_dump_json())
    place = ("--environments", str(shelf.folder))
    return lambda *options: CliRunner().invoke(app, ["run", *place, *options])


def attempts() -> list[Attempt]:
    return find_run("latest").attempts()


def test_a_run_stops_at_its_budget_and_goes_on_with_a_larger_one(run: Callable[..., Result]) -> None:
    with anthropic(lambda *_: DEAR).running() as provider:
        asked = ("--scenarios", "lend-emma.json", "--base-url", provider.url, "--attempts", "4")
        stopped = run(*MODEL, *asked, "--budget", "1.5")
        assert stopped.exit_code == 2
        assert "The budget of $1.5 is used up: $2.00 were spent. Stopped after 2 of 4 attempts" in stopped.stderr
        first, second = attempts()
        assert (first.outcome, first.cost) == ("failed", 1.0)
        assert (second.outcome, second.reason) == ("limit", "$1.0000 were spent, of $0.5.")
        went_on = run("--resume", "latest", "--budget", "10")
        assert went_on.exit_code == 0, went_on.output
    assert [attempt.outcome for attempt in attempts()] == ["failed", "limit", "failed", "failed"]


def test_an_empty_account_stops_the_run_and_its_attempt_is_made_again(run: Callable[..., Result]) -> None:
    empty = True

    def script(body: Json, _: int) -> Answer:
        if len(body["messages"]) == 1:
            return turn(use("lend_book", {"book_id": "B-002"}))
        if empty and len(provider.requests) > 2:
            return error(402, "billing_error", "Your credit is used up.")
        return turn(text("It was Emma."))

    with anthropic(script).running() as provider:
        asked = ("--scenarios", "lend-emma.json", "--base-url", provider.url, "--attempts", "3")
        stopped = run(*MODEL, *asked)
        assert stopped.exit_code == 2
        assert "Your credit is used up. Add credit to the account, then go on. Stopped after 1 of 3" in stopped.stderr
        empty = False
        went_on = run("--resume", "latest")
        assert went_on.exit_code == 0, went_on.output
    assert [attempt.outcome for attempt in attempts()] == ["passed"] * 3


def test_without_a_key_nothing_starts(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("HOME", str(Path.cwd()))
    told = run(*MODEL, "--scenarios", "lend-emma.json")
    assert told.exit_code == 2 and told.stderr.startswith("There is no key for Anthropic's models: set")
    assert not Path("runs").exists()


def test_limits_and_options_are_part_of_what_was_asked(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", "x")
    asked = ("--agent", "noop", "--scenarios", "lend-emma.json")
    limits = ("--limit-turns", "5", "--limit-tokens", "1000", "--limit-cost", "0.5")
    assert run(*asked, *limits, "--env", "SOME_KEY").exit_code == 0
    kept = find_run("latest").document.configuration
    assert (kept.limits.turns, kept.limits.tokens, kept.limits.cost) == (5, 1000, 0.5)
    assert kept.agent_options.env == ("SOME_KEY",)
    other = run("--resume", "latest", "--limit-turns", "6")
    assert other.exit_code == 2 and "turns" in other.stderr
    assert run("--resume", "latest", "--limit-turns", "5", "--env", "SOME_KEY").exit_code == 0
    wrong = run(*asked, "--env", "servers/credit_union")
    assert wrong.exit_code == 2 and "named with --environments" in wrong.stderr
