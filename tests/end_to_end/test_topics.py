"""From words to graded runs: every recorded topic is built again, served, given scenarios, and solved.

The answers were given from the prompts alone; see tests/golden/topics/README.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.llm.cases import Cases
from tests.llm.loopback import KEY, MODEL, Loopback

TOPICS = Path(__file__).parent.parent / "golden" / "topics"
FOLDERS = sorted(path.parent for path in TOPICS.glob("*/case.json"))
ENVWRIGHT = [sys.executable, "-m", "harness"]
COUNT = 6

pytestmark = pytest.mark.slow


def envwright(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ANTHROPIC_API_KEY": KEY, "NO_COLOR": "1"}
    return subprocess.run(
        [*ENVWRIGHT, *arguments], cwd=workspace, env=environment, capture_output=True, text=True, check=False
    )


def test_there_are_five_topics() -> None:
    assert len(FOLDERS) >= 5


def hold(workspace: Path, server: str, folder: str) -> None:
    """Scenarios that a model had a hand in certify without one, and are solved by their solutions."""
    count = len(list((workspace / folder).glob("*.json")))
    assert count
    proven = envwright(workspace, "certify", folder, "--environments", server)
    assert f"{count} of {count} scenarios are certified" in proven.stdout, proven.stdout + proven.stderr
    run = ["run", "--environments", server, "--scenarios", folder, "--agent", "reference", "--out", f"{folder}-runs"]
    graded = envwright(workspace, *run)
    assert graded.returncode == 0, graded.stdout + graded.stderr
    attempts = [json.loads(line) for line in next((workspace / f"{folder}-runs").glob("*/attempts.jsonl")).open()]
    assert [each["outcome"] for each in attempts] == ["passed"] * count


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_topic_ends_with_a_server_and_scenarios_that_certify(folder: Path, tmp_path: Path) -> None:
    if not list(folder.glob("*.answer.json")):
        pytest.skip(f"{folder.name} is not recorded yet")
    case = json.loads((folder / "case.json").read_text())
    for path in folder.iterdir():
        if path.name != "case.json" and not path.name.endswith((".prompt.md", ".answer.json")):
            shutil.copy(path, tmp_path)
    cases = Cases(folder)
    with Loopback(cases).running() as provider:
        for command in case["commands"]:
            done = envwright(tmp_path, *command, "--base-url", provider.url, "--model", MODEL)
            assert not cases.stale, cases.stale[0]
            last = command is case["commands"][-1]
            assert done.returncode == (0 if case["good"] or not last else 1), done.stdout + done.stderr
    assert not provider.problems
    assert not cases.unused(), "prompts that nothing asks for any more"
    if not case["good"]:
        assert not (tmp_path / "servers").exists()
        assert list((tmp_path / "drafts").glob("*/report.json"))
        return

    (server,) = (tmp_path / "servers").iterdir()
    name = server.name
    report = json.loads((server / "report.json").read_text())
    assert report["asked"] <= 10 and not report["findings"]
    for command in case["commands"]:
        if command[0] == "scenarios":  # with a model: other words, or tasks of its own
            hold(tmp_path, f"servers/{name}", command[command.index("--out") + 1])
    made = envwright(tmp_path, "scenarios", f"servers/{name}", "--count", str(COUNT))
    assert made.returncode == 0, made.stdout + made.stderr
    proven = envwright(tmp_path, "certify", f"scenarios/{name}", "--environments", f"servers/{name}")
    assert f"{COUNT} of {COUNT} scenarios are certified" in proven.stdout, proven.stdout + proven.stderr
    run = ["run", "--environments", f"servers/{name}", "--agent", "reference", "--agent", "noop"]
    graded = envwright(tmp_path, *run)
    assert graded.returncode == 0, graded.stdout + graded.stderr
    attempts = [json.loads(line) for line in next((tmp_path / "runs").glob("*/attempts.jsonl")).open()]
    outcomes = {
        agent: [each["outcome"] for each in attempts if each["agent"] == agent] for agent in ("reference", "noop")
    }
    assert outcomes == {"reference": ["passed"] * COUNT, "noop": ["failed"] * COUNT}
