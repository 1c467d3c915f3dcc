"""Claude Code, Codex and Gemini CLI work on bundled scenarios through `envwright run`, with scripted models."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dialects import CACHED, READ, WRITTEN, Model, Speak, generate_content, messages, responses
from installed import found
from typer.testing import CliRunner, Result

from generator.rendering import find_environment, find_scenarios
from generator.scengenerator.files import load_scenario
from harness.agents.reports import SERVER
from harness.cli import app
from harness.environments import load_environment
from harness.records import Evidence
from harness.store import find_run

pytestmark = [pytest.mark.clients, pytest.mark.skipif(sys.platform == "win32", reason="starts programs by a link")]

ENVIRONMENT = "credit_union"
# What Codex has no switch for: a question that nobody answers, and the resources of its servers, the episode's alone.
CODEX_OWN = ("request_user_input", "list_mcp_resources", "list_mcp_resource_templates", "read_mcp_resource")
SECRET = "The user's own instructions are not for others."


@dataclass(frozen=True)
class Client:
    """A client: its program, how its model is asked, and what its model sees of the tools."""

    program: str
    agent: str
    key: str
    speak: Speak
    shown: Callable[[str], str]
    at: str = ""
    own: frozenset[str] = frozenset()  # tools of its own that it cannot be without
    cached: int | None = CACHED
    tells_turns: bool = True
    price: tuple[float, float] | None = None  # dollars for a million tokens read and written, where it tells a cost


CLIENTS = {
    client.program: client
    for client in (
        Client(
            "claude",
            "claude-code:claude-opus-5",
            "ANTHROPIC_API_KEY",
            messages,
            lambda name: f"mcp__{SERVER}__{name}",
            cached=0,
            price=(5, 25),
        ),
        Client(
            "codex",
            "codex:gpt-5",
            "OPENAI_API_KEY",
            responses,
            lambda name: f"mcp__{SERVER}.{name}",
            at="/v1",
            own=frozenset(CODEX_OWN),
            tells_turns=False,
        ),
        Client("gemini", "gemini:gemini-2.5-pro", "GEMINI_API_KEY", generate_content, lambda n: f"mcp_{SERVER}_{n}"),
    )
}

# Stands before the client, and leads it to a port where nobody listens.
ASTRAY = """#!{python}
import os, pathlib, re, sys
nowhere = lambda text: re.sub(r"http://127[.]0[.]0[.]1:[0-9]+/episodes/", "http://127.0.0.1:9/episodes/", text)
for path in (*pathlib.Path.cwd().rglob("*.json"), *pathlib.Path.home().rglob("*.json")):
    path.write_text(nowhere(path.read_text()))
os.execv({program!r}, [{program!r}, *map(nowhere, sys.argv[1:])])
"""


@pytest.fixture(scope="module")
def paths() -> dict[str, Path]:
    """One bundled scenario of each kind."""
    return {load_scenario(path).kind: path for path in reversed(find_scenarios(find_environment(ENVIRONMENT)))}


@pytest.fixture(params=CLIENTS.values(), ids=CLIENTS)
def client(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client that is installed, and a user who has files of instructions for it."""
    client: Client = request.param
    (folder / client.program).symlink_to(found(client.program))
    monkeypatch.setenv(client.key, "test-key")
    for name in (".claude/CLAUDE.md", ".codex/AGENTS.md", ".gemini/GEMINI.md"):
        (Path.home() / name).parent.mkdir()
        (Path.home() / name).write_text(SECRET)
    return client


def run(client: Client, model: Model, paths: list[Path], out: Path, *options: str) -> Result:
    """`envwright run` with this client alone."""
    scenarios = [word for path in paths for word in ("--scenarios", str(path))]
    with client.speak(model).running() as provider:
        url = provider.url + client.at
        words = ["run", "--agent", client.agent, "--base-url", url, "--out", str(out), "--limit-seconds", "90"]
        result = CliRunner().invoke(app, [*words, "--parallel", "1", *scenarios, *options])
    assert provider.problems == [] and SECRET not in str(provider.requests)
    return result


def played(client: Client, model: Model, paths: list[Path], out: Path, *options: str) -> list[Evidence]:
    """What a run on the command line kept."""
    result = run(client, model, paths, out, *options)
    assert result.exit_code == 0, (result.output, result.exception)
    kept = find_run(next(out.iterdir()).as_posix())
    return [kept.evidence(attempt.key) for attempt in kept.attempts()]


def test_it_solves_scenarios_of_every_kind(client: Client, paths: dict[str, Path], tmp_path: Path) -> None:
    model = Model([load_scenario(path) for path in paths.values()])
    made = played(client, model, list(paths.values()), tmp_path / "runs")
    assert [(one.attempt.outcome, one.attempt.reason) for one in made] == [("passed", "")] * 3
    for one in made:
        (scenario,) = (each for each in model.scenarios if each.id == one.attempt.scenario)
        turns = len(scenario.solution.calls) + 1
        assert one.answer == scenario.solution.answer
        assert [(call.name, call.arguments) for call in one.calls] == [
            (call.name, call.arguments) for call in scenario.solution.calls
        ]
        assert (one.attempt.input_tokens, one.attempt.output_tokens) == (turns * READ, turns * WRITTEN)
        assert one.attempt.cached_tokens == (client.cached and turns * client.cached)
        assert one.attempt.turns == (turns if client.tells_turns else None)
        cost = client.price and turns * (READ * client.price[0] + WRITTEN * client.price[1]) / 1e6
        assert one.attempt.cost == (cost and pytest.approx(cost))


def test_it_fails_one(client: Client, paths: dict[str, Path], tmp_path: Path) -> None:
    model = Model([], lazy=True)
    (one,) = played(client, model, [paths["change"]], tmp_path / "runs")
    assert (one.attempt.outcome, one.attempt.reason, one.answer, one.calls) == ("failed", "", "I did it.", [])
    tools = load_environment(find_environment(ENVIRONMENT)).record.tools
    assert model.shown - client.own == {client.shown(tool["name"]) for tool in tools}


def test_without_its_server_it_is_invalid(client: Client, paths: dict[str, Path], tmp_path: Path, folder: Path) -> None:
    wrapper = folder / client.program
    program = str(wrapper.resolve())
    wrapper.unlink()
    wrapper.write_text(ASTRAY.format(python=sys.executable, program=program))
    wrapper.chmod(0o755)
    (one,) = played(client, Model([], lazy=True), [paths["change"]], tmp_path / "runs")
    assert one.attempt.outcome == "invalid" and one.grade is None
    assert one.attempt.reason.startswith("The agent never listed the tools")


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_it_solves_one_in_a_sandbox(client: Client, paths: dict[str, Path], tmp_path: Path) -> None:
    model = Model([load_scenario(paths["change"])])
    (one,) = played(client, model, [paths["change"]], tmp_path / "runs", "--sandbox", "online")
    assert (one.attempt.outcome, one.attempt.reason) == ("passed", "")


def test_a_key_that_is_refused_stops_the_run(client: Client, paths: dict[str, Path], tmp_path: Path) -> None:
    result = run(client, Model([], refused=True), [paths["change"]], tmp_path / "runs")
    assert result.exit_code == 2, result.output
    assert re.match(r".+ could not ask its model: .*API key", result.stderr)
    assert "Reconnecting" not in result.stderr and "Stopped after 0 of 1 attempts; go on with:" in result.stderr
