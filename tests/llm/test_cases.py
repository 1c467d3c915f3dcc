"""Playing the model from a folder, and recording one: the real client on the one side, files on the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from generator.errors import RejectedError
from generator.llm.model import LanguageModel
from generator.llm.requests import Request, Turn
from tests.llm.cases import Cases, prompt_text
from tests.llm.loopback import Loopback

ROOT = Path(__file__).parent.parent.parent


class Topic(BaseModel):
    title: str


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")


def request(words: str) -> Request[Topic]:
    return Request("mine", "You name topics.", (Turn("user", words),), Topic, 1000)


def awaited(path: Path) -> Path:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not appear"
        time.sleep(0.05)
    return path


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.llm.record", str(tmp_path), "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield next(word for word in line.split() if word.startswith("http"))
        finally:
            process.kill()


def ask_elsewhere(url: str, words: str) -> subprocess.Popen[str]:
    """The question as another process asks it, so that this one can answer."""
    code = (
        "from tests.llm.test_cases import *\n"
        f"print(LanguageModel('claude-opus-5', base_url={url!r}).ask(request({words!r})).title)"
    )
    environment = {**os.environ, "ANTHROPIC_API_KEY": "test-key"}
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)


def test_what_a_person_answers_is_recorded_and_played_again(recorder: str, tmp_path: Path) -> None:
    with ask_elsewhere(recorder, "A vet in Lyon.") as asking:
        seen = awaited(tmp_path / "01-mine.prompt.md").read_text()
        assert "You name topics." in seen and "A vet in Lyon." in seen and '"title"' in seen
        (tmp_path / "01-mine.answer.json").write_text(json.dumps({"titel": "clinic"}))
        assert "title" in awaited(tmp_path / "01-mine.problem.txt").read_text()
        (tmp_path / "01-mine.answer.json").write_text(json.dumps({"title": "clinic"}))
        assert asking.communicate(timeout=20)[0] == "clinic\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01-mine.answer.json", "01-mine.prompt.md"]

    with Loopback(Cases(tmp_path)).running() as provider:
        assert LanguageModel("claude-opus-5", base_url=provider.url).ask(request("A vet in Lyon.")).title == "clinic"


def test_a_prompt_that_has_changed_since_is_named(tmp_path: Path) -> None:
    cases = Cases(tmp_path)
    body = {"max_tokens": 1000, "system": "You name topics.", "messages": [{"role": "user", "content": "A vet."}]}
    (tmp_path / "01-mine.prompt.md").write_text(prompt_text(body, "mine"))
    (tmp_path / "01-mine.answer.json").write_text('{"title": "clinic"}')
    stale = pytest.raises(RejectedError, match=r"01-mine\.prompt\.md is stale: from line 9 on.*record it again")
    with Loopback(cases).running() as provider, stale:
        LanguageModel("claude-opus-5", base_url=provider.url).ask(request("A dentist."))
    assert len(cases.stale) == 1
    assert [path.name for path in cases.unused()] == ["01-mine.prompt.md"]
