"""The MCP Inspector's command line lists and calls, in both eras and over both transports."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Tool
from serving import served
from typer.testing import CliRunner

from generator.rendering import find_environment, find_scenarios
from generator.scengenerator.files import load_scenario
from harness.cli import app
from harness.environments import load_environment

pytestmark = pytest.mark.clients

ENVIRONMENTS = ("credit_union", "outpatient_clinic", "parts_warehouse")
ERAS = ("legacy", "modern")


def asked(tool: Tool, *words: str) -> tuple[Any, str]:
    """What the Inspector shows of a result, and what it says besides."""
    done = tool("mcp-inspector", "--cli", *words, "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)["result"], done.stderr


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_it_lists_the_tools_strictly(tool: Tool, name: str, era: str) -> None:
    expected = load_environment(find_environment(name)).record.tools
    with served(name) as url:
        for target in ((url,), (sys.executable, str(find_environment(name).resolve() / "server.py"))):
            listed, said = asked(tool, *target, "--protocol-era", era, "--method", "tools/list", "--strict")
            assert listed["tools"] == expected
            assert said == ""


@pytest.mark.parametrize("era", ERAS)
def test_a_scenario_can_be_solved_with_it(tool: Tool, tmp_path: Path, era: str) -> None:
    path = find_scenarios(find_environment("credit_union"))[0].resolve()
    scenario, state = load_scenario(path), tmp_path / "state.json"
    with served("credit_union", "--scenario", str(path), "--state", str(state)) as url:
        for call in scenario.solution.calls:
            given = ("--tool-name", call.name, "--tool-args-json", json.dumps(call.arguments))
            result, said = asked(tool, url, "--protocol-era", era, "--method", "tools/call", *given)
            assert not result["isError"] and said == ""
    words = ["grade", str(path), "--state", str(state), "--answer", scenario.solution.answer, "--json"]
    assert json.loads(CliRunner().invoke(app, words).stdout)["passed"] is True
