"""A person's work: a scenario is served, somebody uses its tools over stdio, and the kept state is graded."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from shelf import lend_emma, render_shelf
from typer.testing import CliRunner, Result

from harness.cli import app
from harness.environments import RenderedEnvironment
from harness.records import ChangeRecord, GradeRecord
from harness.reporting.grades import grade_view

LENT_BY_CALL = {
    "id": "asked",
    "kind": "goal",
    "description": "The book was lent by the call for it.",
    "that": "called('lend_book', book_id='B-002')",
}
KEPT = '{"clock": "", "counters": {}, "tables": {}, "environment": "shelf", "scenario": "lend-emma"}'


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    return render_shelf(tmp_path_factory.mktemp("servers") / "shelf")


def work(shelf: RenderedEnvironment, *calls: tuple[str, dict[str, Any]]) -> None:
    """What a person does in a client that starts the server as `envwright install` would."""
    command = ["-m", "harness", "serve", str(shelf.folder)]
    options = ["--scenario", "lend-emma.json", "--state", "mine.json"]
    server = StdioServerParameters(command=sys.executable, args=[*command, *options])

    async def session() -> None:
        async with Client(stdio_client(server)) as client:
            for name, arguments in calls:
                await client.call_tool(name, arguments)

    asyncio.run(session())


@pytest.fixture
def served(shelf: RenderedEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RenderedEnvironment:
    monkeypatch.chdir(tmp_path)
    checks = [*lend_emma(shelf).model_dump(mode="json")["checks"], LENT_BY_CALL]
    Path("lend-emma.json").write_text(lend_emma(shelf, checks=checks).model_dump_json())
    return shelf


def grade(served: RenderedEnvironment, *options: str) -> Result:
    place = ("lend-emma.json", "--state", "mine.json", "--environment", str(served.folder))
    return CliRunner().invoke(app, ["grade", *place, *options])


def test_what_was_done_and_said_is_graded_across_restarts(served: RenderedEnvironment) -> None:
    work(served, ("lend_book", {"book_id": "B-002"}))
    work(served, ("lend_book", {"book_id": "B-002"}), ("list_books", {}))  # refused, and a look
    assert [call["name"] for call in json.loads(Path("mine.json").read_text())["calls"]] == ["lend_book"]
    passed = grade(served, "--answer", "It was Emma.")
    assert passed.exit_code == 0, passed.output
    assert passed.stdout.startswith("passed · score 1.00 · reward 1.00\n  ✓ Emma is lent.")
    silent = grade(served)
    assert (
        silent.stdout.startswith("failed · score 0.67")
        and "✗ Emma is named.\n    There was no answer." in silent.stdout
    )
    told = json.loads(grade(served, "--json").stdout)
    assert (told["score"], told["passed"]) == (pytest.approx(2 / 3), False)


@pytest.mark.skipif(sys.platform == "win32", reason="the lock was never tried there")
def test_a_state_file_belongs_to_one_server_at_a_time(served: RenderedEnvironment) -> None:
    command = [sys.executable, "-m", "harness", "serve", str(served.folder), "--state"]

    def serve(name: str) -> subprocess.CompletedProcess[str]:
        asked = [*command, name]
        return subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    with subprocess.Popen([*command, "mine.json", "--http", "0"], stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None and first.stderr.readline().rstrip().endswith("/mcp")
        Path("same.json").symlink_to("mine.json")
        for name in ("mine.json", "same.json"):
            second = serve(name)
            assert (second.returncode, second.stdout) == (2, "")
            assert f"{name} belongs to a server that is still at work; end that one" in second.stderr
        other = serve("other.json")
        assert (other.returncode, other.stderr) == (0, "")
        first.kill()
    again = serve("mine.json")
    assert (again.returncode, again.stderr) == (0, "")


def test_damage_is_told(served: RenderedEnvironment) -> None:
    work(served, ("lend_book", {"book_id": "B-002"}), ("remove_book", {"book_id": "B-003"}))
    shown = grade(served, "--answer", "Emma").stdout
    assert "failed · score 1.00 · reward 0.00" in shown and "! not asked for: books B-003 was deleted" in shown


def test_names_of_rows_move_no_cursor() -> None:
    change = ChangeRecord(table="books", row="\x1b[2J", kind="deleted", fields={}, words="books \x1b[2J was deleted")
    shown = grade_view(GradeRecord(score=0.0, reward=0.0, passed=False, checks=[], damage=[change]))
    assert "not asked for: books ␛[2J was deleted" in shown.plain


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "serve it with: envwright serve shelf"),
        ("{", "not a whole JSON document"),
        ("[]", "holds no state"),
        ('{"clock": "", "counters": {}, "tables": {}, "environment": "cinema"}', "a state of environment cinema"),
        ('{"clock": "", "counters": {}, "tables": {}, "environment": "shelf", "scenario": "x"}', "of scenario x"),
        *((f'{KEPT[:-1]}, "calls": {calls}}}', "mine.json is damaged: calls") for calls in ("5", "[5]", '[{"n": 1}]')),
    ],
)
def test_a_file_that_is_no_kept_state_is_told(served: RenderedEnvironment, content: str | None, words: str) -> None:
    if content is not None:
        Path("mine.json").write_text(content)
    told = grade(served)
    assert told.exit_code == 2 and words in told.stderr
