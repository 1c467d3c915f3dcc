"""The HTML report: whole in one file, safe, and looked at in a real browser where there is one."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from builders import STATE, attempt, environment_record, evidence, run_document, scenario
from hypothesis import given
from shelf import lend_emma, render_shelf
from typer.testing import CliRunner

from harness.agents.agent import Limits, Message
from harness.cli import app
from harness.records import CallRecord, Configuration, Evidence, RunDocument
from harness.reporting.charts import bins, charts
from harness.reporting.html import report
from harness.run import carry_out, create_run, plan_run
from harness.store import Run

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Run:
    shelf = render_shelf(tmp_path_factory.mktemp("servers") / "shelf")
    plan = plan_run([(shelf, [lend_emma(shelf)])], ["reference", "noop"], attempts=2)
    run = create_run(plan, tmp_path_factory.mktemp("runs"), "r")
    carry_out(plan, run)
    return run


def evil_run(folder: Path) -> Run:
    """A run in which everything that can be said is an attack."""
    run = Run.create(folder, run_document(2), [environment_record()], {}, [scenario(task=EVIL)])
    messages = [Message(role="user", content=EVIL), Message(role="assistant", content=EVIL, thinking=EVIL)]
    run.record(Evidence(attempt=attempt(1, reason=EVIL), answer=EVIL, initial_state=STATE, messages=messages))
    run.record(evidence(2, agent=EVIL, scenario="todo-01", outcome="passed", score=1.0))
    return run


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def details(text: str) -> list[dict[str, Any]]:
    packed = re.search(r'id="details">(.*?)</script>', text, re.S)
    assert packed is not None
    return [json.loads(gzip.decompress(base64.b64decode(line))) for line in packed.group(1).split()]


def test_a_file_that_needs_nothing_else(played: Run, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["report", str(played.folder), "--out", str(out)])
    assert result.exit_code == 0, result.output
    text = out.read_text()
    for tag, attributes in Page(text).tags:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "data"):
                assert value is not None and value.startswith(("#", "data:,")), (tag, name, value)
    assert not re.findall(r"url\(|@import|fetch\(|XMLHttp|https?://(?!www\.w3\.org/)", text)
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert "100.0 %" in text and "pass^2 100 %" in text
    assert report(played) == text  # the same run, the same bytes


def test_each_attempt_with_its_calls_and_what_they_changed(played: Run) -> None:
    reference, noop = details(report(played))[:2]
    (call,) = reference["calls"]
    assert (call["name"], call["ok"]) == ("lend_book", True)
    assert call["changes"] == ['books B-002: status was "shelved", is "lent"']
    assert [check["holds"] for check in reference["checks"]] == [True, True]
    assert noop["checks"][0]["explanation"] == "Nothing changed in books."
    assert noop["verdict"] == "failed, score 0.00, reward 0.00"


def test_nothing_that_is_said_becomes_part_of_the_page(tmp_path: Path) -> None:
    run = evil_run(tmp_path / EVIL.replace("/", "|"))
    text = report(run)
    tags = [tag for tag, _ in Page(text).tags]
    assert tags.count("script") == 3 and "img" not in tags
    assert details(text)[0]["task"] == EVIL


def test_ranges_hold_every_value_once() -> None:
    for values in ([0, 1, 2], [3], [0.1, 0.15, 7.3], [0, 0], [1e-6, 2e-6], [5, 900, 12], [0.3, 0.1, 0.2], [0, 0.3]):
        found = bins(values)
        assert all(sum(low <= value < high for low, high in found) == 1 for value in values), values
        assert len(found) <= 25


@given(
    st.lists(st.integers(0, 10**7).map(lambda parts: parts / 10_000), min_size=1),
    st.sampled_from((1.0, 0.1, 0.3, 0.7)),
)
def test_no_value_falls_between_two_ranges_or_behind_the_last(values: list[float], unit: float) -> None:
    values = [value * unit for value in values]
    found = bins(values)
    assert all(sum(low <= value < high for low, high in found) == 1 for value in values)


def test_few_attempts_are_counted_whole() -> None:
    (calls, _) = charts([attempt(1), attempt(2, calls=5)])
    marks = re.findall(r"<text[^>]*>([\d.]+)</text>", calls.svg)
    assert "1" in marks and not [mark for mark in marks if "." in mark]


def test_what_is_not_known_is_not_drawn() -> None:
    found = charts([attempt(1, cost=None), attempt(2, outcome="invalid", cost=3.0), attempt(3, input_tokens=5)])
    assert [chart.title for chart in found] == ["Tool calls", "Tokens, read and written", "Time in seconds"]
    assert [(row.n, row.median) for row in found[1].rows] == [(1, 5.0)]


def looked_at(path: Path, where: str = "") -> tuple[str, list[str]]:
    """The page as a browser has it after a while, and what it complained of."""
    assert BROWSER is not None
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    command += ["--virtual-time-budget=5000", "--dump-dom", f"{path.as_uri()}{where}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
def test_a_browser_shows_it_without_complaint(played: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(played))
    shown, complaints = looked_at(path, "#attempt-1")
    assert complaints == []
    assert "4 of 4</output>" in shown and "shelf/lend-emma · reference · attempt 1" in shown
    assert "books B-002: status was" in shown and shown.count('<a href="#attempt-') == 4


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
def test_a_browser_runs_nothing_that_was_said(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(evil_run(tmp_path / "r")))
    shown, complaints = looked_at(path, "#attempt-1")
    assert complaints == [] and "<title>r · envwright</title>" in shown
    assert "&lt;img src=x" in shown


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
def test_a_call_that_the_server_never_saw_takes_no_others_place(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "r", run_document(1), [environment_record()], {}, [scenario()])
    milk = {"name": "add_item", "arguments": {"text": "milk"}}
    look = {"name": "list_items", "arguments": {}}
    said: list[dict[str, Any]] = [
        {"role": "assistant", "tool_calls": [{"id": "1", "name": "add_item", "arguments": {}}]},
        {"role": "tool", "tool_call_id": "1", "content": "Send them again."},
        {"role": "assistant", "content": "Milk it is.", "tool_calls": [{"id": "2", **milk}]},
        {"role": "assistant", "content": "A look.", "tool_calls": [{"id": "3", **look}]},
    ]
    calls = [CallRecord(n=n, **one, ok=True, content={"made": n}) for n, one in enumerate((milk, look), start=1)]
    messages = [Message.model_validate(one) for one in said]
    run.record(Evidence(attempt=attempt(1), initial_state=STATE, messages=messages, calls=calls))
    path = tmp_path / "report.html"
    path.write_text(report(run))
    shown, complaints = looked_at(path, "#attempt-1")
    talk = shown[shown.index("Conversation</h3>") :]
    order = ["not made", "Send them again.", "Milk it is.", "call 1", '"made": 1', "A look.", "call 2", '"made": 2']
    assert complaints == [] and [talk.index(words) for words in order] == sorted(talk.index(words) for words in order)


TURNING = "\u202eevil\u202c مرحبا \u2066isolate"
LONG = "word " * 1000 + "x" * 5000


def odd_run(folder: Path, kind: str) -> Run:
    """A run in which there is nothing, nothing that counts, one attempt, or more than a page expects."""
    task = f"</script>{TURNING}{LONG}" if kind == "much" else "Add milk."
    run = Run.create(folder, run_document(3), [environment_record()], {}, [scenario(task=task)])
    if kind == "one":
        run.record(evidence(1, outcome="passed", score=1.0, seconds=3.2))
    if kind == "invalid":
        for number in (1, 2, 3):
            run.record(evidence(number, outcome="invalid", score=None, reason="The agent never listed the tools."))
    if kind == "much":
        messages = [Message(role="user", content=task), Message(role="assistant", content=LONG, thinking=TURNING)]
        one = attempt(1, agent=TURNING, reason=TURNING + LONG, cost=0.00001, input_tokens=10**9)
        run.record(Evidence(attempt=one, answer=LONG, initial_state=STATE, messages=messages))
    return run


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("nothing", ["No attempt was made yet.", "0 of 0</output>"]),
        ("one", ["1 of 1</output>", "todo_list/todo-01 · noop · attempt 1"]),
        ("invalid", ["Counted in no figure: 3 invalid.", "The agent never listed the tools."]),
        ("much", [f"word {'x' * 5000}", "&lt;/script&gt;", "input tokens 1000000000"]),
    ],
)
def test_a_browser_shows_odd_runs(tmp_path: Path, kind: str, expected: list[str]) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(odd_run(tmp_path / "r", kind)))
    shown, complaints = looked_at(path, "#attempt-1")
    assert complaints == []
    assert [text for text in expected if text not in shown] == []


def printed(path: Path, where: str = "") -> int:
    """How many pages it has on paper."""
    assert BROWSER is not None
    out = path.with_suffix(".pdf")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000"]
    command += [f"--print-to-pdf={out}", f"{path.as_uri()}{where}"]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", out.read_bytes()))


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
def test_on_paper_an_opened_attempt_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(large_run(tmp_path / "r", 150)))
    assert printed(path, "#attempt-7") == 1
    assert printed(path) > 3


def large_run(folder: Path, count: int) -> Run:
    configuration = Configuration(
        agents=["noop"], scenarios={"todo_list": {"todo-01": "d"}}, attempts=count, limits=Limits()
    )
    document = RunDocument(id="large", created="", configuration=configuration, configuration_hash="", versions={})
    run = Run.create(folder, document, [environment_record()], {}, [scenario()])
    for number in range(1, count + 1):
        run.record(evidence(number, outcome="passed" if number % 3 else "failed", seconds=number / 7))
    return run


@pytest.mark.soak
@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
def test_five_thousand_attempts_open_at_once(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(large_run(tmp_path / "r", 5000)))
    begun = time.monotonic()
    shown, complaints = looked_at(path)
    assert complaints == [] and "5000 of 5000" in shown
    assert time.monotonic() - begun < 10  # with the browser's own start
