"""The options of commands that ask a model: what a person sees while it is asked, at the end, and in a dry run."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from generator.errors import SpendingError
from harness.cli.asking import open_model
from tests.generator.llm.conftest import CLINIC, request
from tests.llm.loopback import Loopback, Said

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")


def vet(_: object) -> Said:
    return Said(CLINIC, usage={"input_tokens": 1000, "output_tokens": 100})


def test_without_a_terminal_only_the_sum_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Loopback(vet).running() as provider:
        for _ in range(2):
            with open_model("claude-opus-5", answers=tmp_path, base_url=provider.url) as model:
                model.ask(request())
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"claude-opus-5: 1 call, 1,000 tokens in, 100 out, $0.0075. Answers are kept in {tmp_path}.",
        f"claude-opus-5: 0 calls, 1 from the store, 0 tokens in, 0 out, $0.0000. Answers are kept in {tmp_path}.",
    ]


def test_the_sum_is_said_also_when_it_ends_in_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        Loopback(vet).running() as provider,
        pytest.raises(SpendingError),
        open_model("claude-opus-5", budget=0.05, answers=tmp_path, base_url=provider.url) as model,
    ):
        for number in range(9):
            model.ask(request(str(number)))
    assert f"claude-opus-5: {len(provider.asked)} calls, " in capsys.readouterr().err


def test_on_a_terminal_a_line_shows_what_it_takes_as_it_goes(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from harness.cli.asking import open_model\n"
        "from tests.generator.llm.conftest import request\n"
        "with open_model('claude-opus-5', answers=Path(sys.argv[1]), base_url=sys.argv[2]) as model:\n"
        "    model.ask(request()); time.sleep(0.5)\n"
    )
    ours, theirs = pty.openpty()
    with Loopback(vet).running() as provider:
        command = [sys.executable, "-c", code, str(tmp_path), provider.url]
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "160"}
        with subprocess.Popen(command, cwd=ROOT, stderr=theirs, env=environment) as process:
            os.close(theirs)
            shown = b""
            try:
                while piece := os.read(ours, 4096):
                    shown += piece
            except OSError:  # the other end is closed
                pass
            assert process.wait(20) == 0
    os.close(ours)
    assert "asking claude-opus-5" in shown.decode()
    assert "mine answered; 1 call, 1,000 tokens in, 100 out, $0.0075" in shown.decode()


def test_a_dry_run_shows_a_table_and_ends_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        Loopback(vet).running() as provider,
        pytest.raises(typer.Exit) as ended,
        open_model("claude-opus-5", dry_run=True, answers=tmp_path, base_url=provider.url) as model,
    ):
        model.ask_all([request("a"), request("b")])
        model.ask(request("c"))
        pytest.fail("there is no answer to go on with")
    assert ended.value.exit_code == 0
    out, err = capsys.readouterr()
    (row,) = [line.split() for line in out.splitlines() if "mine" in line]
    assert row[:2] == ["mine", "3"] and "(counted)" in row
    assert "nothing was asked" in err and "$0.0" in err
    assert provider.asked == []


def test_a_price_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        Loopback(vet).running() as provider,
        open_model("mystery", budget=1.0, price="1,10", answers=tmp_path, base_url=provider.url) as model,
    ):
        model.ask(request())
    assert "$0.0020" in capsys.readouterr().err
    with pytest.raises(SpendingError, match="two numbers with a comma"), open_model("mystery", price="1;2"):
        pytest.fail("the price cannot be read")
