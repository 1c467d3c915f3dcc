"""What docs/skeletons.md shows is so: its example is a whole environment, and its messages are those of the checker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from generator.rendering import render
from generator.scengenerator.make import Wish, make_scenarios
from generator.skelbuilder.evaluation import evaluate
from generator.skeleton.reading import parse_skeleton
from harness.cli import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "skeletons.md").read_text(encoding="utf-8")
EXAMPLE, *SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
TABLE = PAGE.split("\n|---|---|\n")[-1]
SAID = [line.strip("| ").split(" | ")[1] for line in TABLE.splitlines() if line.startswith("| ")]

MISTAKES = [  # in the order of the table: what is right in the example, and what is written instead
    ("level == 'gold' or", "level == gold or"),
    ("points: customer.points + 1", "points: points + 1"),
    ("derived: rental.bike.price * rental.days", "derived: bike.price * rental.days"),
    ("params: {customer: customer, bike: bike", "params: {customer_id: customer, bike: bike"),
    ("not_blank: true, sample: person.name", "not_blank: true"),
    ("queries: {list_bikes: {by: kind, order: price}}", "queries: [list_bikes]"),
    ("requires: [still_open(rental)]", "requires: [still_open]"),
    ("requires: [still_open(rental)]", "requires: [{that: still_open(rental), else: It is back.}]"),
    ("with: [customer, bike, days]", "with: [customer, bike]"),
    ("with: [customer, bike, days]", "with: {days: days}"),
    ("when: note is not None, ", ""),
    ("message: \"'The manager takes over.'\"", "message: The manager takes over"),
    (" for {days} days\n", "\n"),
]


def _check(text: str, folder: Path) -> Result:
    """Runs `envwright check`."""
    path = folder / "skeleton.yaml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["check", str(path)])


def _said(result: Result) -> str:
    return f"{result.output}\n{result.exception}"


def test_the_example_is_a_whole_environment(tmp_path: Path) -> None:
    checked = _check(EXAMPLE, tmp_path)
    assert checked.exit_code == 0, _said(checked)
    assert "warning" not in checked.output
    document = parse_skeleton(EXAMPLE, "example")
    report = evaluate(document)
    assert report.passed, report.findings
    scenarios = list(make_scenarios(document, Wish(5, 1)))
    assert len(scenarios) == 5
    assert all(scenario.certificate for scenario in scenarios)
    files = render(document, scenarios[0].initial_state)
    assert {"environment.py", "server.py", "README.md", "manifest.json"} <= files.keys()


def test_the_snippets_are_yaml() -> None:
    assert len(SNIPPETS) >= 4
    for snippet in SNIPPETS:
        assert isinstance(yaml.load(snippet, yaml.BaseLoader), dict)


@pytest.mark.parametrize("at", range(len(MISTAKES)))
def test_mistakes_are_told_as_the_page_says(at: int, tmp_path: Path) -> None:
    (right, wrong), message = list(zip(MISTAKES, SAID, strict=True))[at]
    assert right in EXAMPLE
    said = _said(_check(EXAMPLE.replace(right, wrong, 1), tmp_path))
    words = message.removeprefix("warning: ")
    assert words in said
    assert ("warning: " in said) == (words != message)


def test_the_page_is_short() -> None:
    lines = PAGE.splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) < 350
