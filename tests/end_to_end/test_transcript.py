"""The README's transcript from a sentence to a graded run is what its commands print today.

The model is played from the recorded topic whose words the transcript uses. `…` in the README stands for anything.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.llm.cases import Cases
from tests.llm.loopback import KEY, MODEL, Loopback

ROOT = Path(__file__).resolve().parents[2]
TOPICS = ROOT / "tests" / "golden" / "topics"
ENVWRIGHT = [sys.executable, "-m", "harness"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    block
    for block in re.findall(r"^```text\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    if "$ envwright new" in block
]

pytestmark = pytest.mark.slow


def steps(block: str) -> list[tuple[str, str]]:
    """Each command with the output that is shown for it."""
    parts = re.split(r"^\$ (.*)$", block, flags=re.MULTILINE)[1:]
    return [(command, output.strip("\n")) for command, output in zip(parts[::2], parts[1::2], strict=True)]


def shown(text: str) -> list[str]:
    """Lines without their ends and without empty ones: tables are padded for a terminal's width."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def pattern(expected: str) -> str:
    lines = [
        r"(?:.*\n)*" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in shown(expected)
    ]
    return "".join(lines)


def topic_of(words: str) -> Path:
    return next(
        path.parent
        for path in sorted(TOPICS.glob("*/case.json"))
        if ["new", words] in json.loads(path.read_text())["commands"]
    )


@pytest.fixture(autouse=True)
def transcript() -> None:
    if not BLOCKS:
        pytest.skip("the README has no transcript yet: see tests/golden/topics/README.md")


def test_the_readme_shows_one_transcript() -> None:
    assert len(BLOCKS) == 1
    commands = [shlex.split(command)[1] for command, _ in steps(BLOCKS[0])]
    assert commands == ["new", "scenarios", "run"]


def test_the_transcript_is_what_the_commands_print(tmp_path: Path) -> None:
    told = steps(BLOCKS[0])
    cases = Cases(topic_of(shlex.split(told[0][0])[2]))
    environment = {**os.environ, "ANTHROPIC_API_KEY": KEY, "NO_COLOR": "1"}
    with Loopback(cases).running() as provider:
        for command, expected in told:
            arguments = shlex.split(command)[1:]
            if arguments[0] == "new":
                arguments += ["--base-url", provider.url, "--model", MODEL]
            done = subprocess.run(
                [*ENVWRIGHT, *arguments],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            printed = "\n".join(shown(done.stdout)) + "\n"
            assert done.returncode == 0, printed
            assert re.fullmatch(pattern(expected), printed), f"{command} prints\n{printed}"
