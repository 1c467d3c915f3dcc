"""An agent told to cheat finds nothing through its URL, environment, arguments and working directory."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from shelf import lend_emma, render_shelf
from typer.testing import CliRunner

from harness.cli import app
from harness.store import find_run

ROOT = Path(__file__).parents[2]
PYTHON = getattr(sys, "_base_executable", sys.executable)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What two cheating agents that worked side by side have found."""
    secret = tmp_path_factory.mktemp("secret")
    shelf = render_shelf(secret / "servers" / "shelf")
    file = secret / "lend-emma.json"
    file.write_text(lend_emma(shelf).model_dump_json())
    program = tmp_path_factory.mktemp("agents") / "cheat.py"
    shutil.copy(Path(__file__).with_name("cheat.py"), program)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_PLACE", str(secret))
        patch.setenv("PYTHONPATH", str(ROOT))
        options = ["--environments", shelf.folder, "--scenarios", file, "--out", secret / "runs", "--attempts", "2"]
        agent = ["--agent", f"command:{PYTHON} {program} {{mcp_url}} {{mcp_config}}", "--parallel", "2"]
        result = CliRunner().invoke(app, ["run", *agent, *map(str, options)])
    assert result.exit_code == 0, result.output
    run = find_run(next((secret / "runs").iterdir()).as_posix())
    evidence = [run.evidence(attempt.key) for attempt in run.attempts()]
    assert [(one.attempt.outcome, one.attempt.reason) for one in evidence] == [("failed", "")] * 2
    assert all(one.final_state == one.initial_state and not one.calls for one in evidence)
    return [json.loads(one.answer) for one in evidence]


def everything(report: dict[str, Any]) -> str:
    return json.dumps(report)


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_leads_to_the_scenario_the_state_or_the_harness(reports: list[dict[str, Any]], number: int) -> None:
    found = everything(reports[number])
    for word in ("secret", "lend-emma", str(ROOT), "solution", "allowed_changes", "initial_state", "B-002", "Ulysses"):
        assert word not in found, found[max(0, found.index(word) - 200) : found.index(word) + 100]


def test_nothing_leads_to_another_episode(reports: list[dict[str, Any]]) -> None:
    mine, other = (report["arguments"][0].split("/")[-2] for report in reports)
    assert mine != other and len(mine) >= 22  # 128 bits and more
    assert other not in everything(reports[0]) and mine not in everything(reports[1])


def test_the_environment_is_an_allowed_few(reports: list[dict[str, Any]]) -> None:
    allowed = {"HOME", "PATH", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"}
    assert set(reports[0]["environment"]) <= allowed
    assert re.search(r"/agent-\w+/home$", reports[0]["environment"]["HOME"])


def test_there_is_nothing_but_its_own_configuration(reports: list[dict[str, Any]]) -> None:
    report = reports[0]
    (path,) = report["files"]
    assert path == report["arguments"][1] and json.loads(report["files"][path]) == {
        "mcpServers": {"environment": {"type": "http", "url": report["arguments"][0]}}
    }
    assert list(report["descriptors"]) == ["0"]  # standard input; nothing else was left open


def test_the_server_answers_at_the_episodes_address_alone_and_no_control(reports: list[dict[str, Any]]) -> None:
    report = reports[0]
    assert report["tools/list"][0] == 200 and "lend_book" in report["tools/list"][2]
    assert {answer[0] for answer in (*report["/episodes"], *report["/"], *report["/control"], *report["/mcp"])} == {404}
    for operation in ("open", "read", "close", "episodes/list", "control/read", "env://scenario", "file:///etc/passwd"):
        assert "result" not in json.loads(report[operation][2]), report[operation]
