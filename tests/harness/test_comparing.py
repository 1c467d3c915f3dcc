"""Comparisons: exact, paired, and honest about what could not be seen."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest
from builders import environment_record, evidence, scenario
from typer.testing import CliRunner

from harness.agents.agent import Limits
from harness.cli import app
from harness.comparing import compare, difference, least_flips, mcnemar, sides
from harness.errors import RunError
from harness.records import Configuration, RunDocument
from harness.store import Run


def made(folder: Path, outcomes: dict[str, dict[str, str]], changed: tuple[str, ...] = ()) -> Run:
    """A run with these outcomes: agent → scenario → a word an attempt."""
    names = list(dict.fromkeys(name for by in outcomes.values() for name in by))
    attempts = max(len(words.split()) for by in outcomes.values() for words in by.values())
    configuration = Configuration(
        agents=list(outcomes),
        scenarios={"todo_list": {name: "other" if name in changed else "d" for name in names}},
        attempts=attempts,
        limits=Limits(),
    )
    document = RunDocument(
        id=folder.name, created="", configuration=configuration, configuration_hash=configuration.hash, versions={}
    )
    run = Run.create(folder, document, [environment_record()], {}, [scenario(id=name) for name in names])
    for agent, by in outcomes.items():
        for name, words in by.items():
            for number, word in enumerate(words.split(), start=1):
                run.record(evidence(number, agent=agent, scenario=name, outcome=word, score=float(word == "passed")))
    return run


@pytest.mark.parametrize(("worse", "better"), list(itertools.product(range(7), range(7))))
def test_mcnemar_is_every_way_that_luck_could_have_dealt(worse: int, better: int) -> None:
    n = worse + better
    deals = [sum(sides) for sides in itertools.product((0, 1), repeat=n)]
    expected = sum(abs(deal - n / 2) >= abs(better - n / 2) for deal in deals) / len(deals)
    assert mcnemar(worse, better) == pytest.approx(expected)


def test_published_values() -> None:
    assert mcnemar(4, 16) == pytest.approx(0.01181793)  # R: binom.test(4, 20)
    assert mcnemar(0, 6) == 0.03125 and mcnemar(0, 5) == 0.0625
    assert least_flips() == 6


def test_a_bootstrap_that_is_the_same_every_time_and_covers() -> None:
    chance, held = random.Random(1), 0
    for turn in range(50):
        values = [chance.choice((-1.0, 0.0, 0.0, 0.0, 1.0, 1.0)) for _ in range(50)]
        found = difference(values)
        held += found.low <= 1 / 6 <= found.high
        if turn == 0:
            assert difference(values) == found
    assert held >= 43


def test_the_smallest_difference_that_could_be_seen_is_seen_four_times_in_five() -> None:
    chance, n, spread = random.Random(2), 100, 0.5
    found = difference([chance.gauss(0, spread) for _ in range(n)])
    assert found.detectable == pytest.approx(2.8 * spread / 10, rel=0.15)
    seen = 0
    for _ in range(400):
        mean = sum(chance.gauss(2.8 * spread / 10, spread) for _ in range(n)) / n
        seen += abs(mean) > 1.96 * spread / 10
    assert 0.74 <= seen / 400 <= 0.86


def test_only_what_is_the_same_is_compared(tmp_path: Path) -> None:
    a = made(
        tmp_path / "a", {"x": {"s1": "failed", "s2": "passed", "s3": "passed", "s4": "passed", "only-a": "passed"}}
    )
    b = made(
        tmp_path / "b",
        {"y": {"s1": "passed", "s2": "passed", "s3": "invalid", "s4": "failed", "only-b": "failed", "s5": "passed"}},
    )
    ((one, other),) = sides(a, b)
    found = compare(one, other)
    assert (found.a, found.b, found.scenarios) == ("a:x", "b:y", 3)
    assert found.pass_rates == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert [pair.scenario for pair in found.better] == ["s1"]
    assert [pair.scenario for pair in found.worse] == ["s4"]
    assert found.p_value == 1.0 and found.passed.value == 0.0
    assert found.excluded == ({}, {"invalid": 1})
    assert set(found.left_out) == {"todo_list/only-a", "todo_list/only-b", "todo_list/s3", "todo_list/s5"}
    changed = made(tmp_path / "c", {"y": {"s1": "passed", "s2": "passed"}}, changed=("s2",))
    assert compare(*sides(a, changed)[0]).scenarios == 1


def test_attempts_at_one_scenario_are_one_piece_of_evidence(tmp_path: Path) -> None:
    names = [f"s{n}" for n in range(8)]
    a = made(tmp_path / "a", {"x": dict.fromkeys(names, "failed failed failed")})
    b = made(
        tmp_path / "b", {"x": dict.fromkeys(names[:6], "passed failed failed") | dict.fromkeys(names[6:], "failed")}
    )
    found = compare(*sides(a, b)[0])
    assert found.attempts == (24, 20) and len(found.better) == 6
    assert found.p_value == 0.03125
    assert found.passed.value == pytest.approx(0.25)
    assert found.passed.detectable == pytest.approx(0.75)  # six of eight: fewer would not show in the exact test


def test_who_is_compared_with_whom(tmp_path: Path) -> None:
    a = made(tmp_path / "a", {"x": {"s": "passed"}, "y": {"s": "failed"}})
    b = made(tmp_path / "b", {"y": {"s": "passed"}, "z": {"s": "failed"}})
    assert [(one.agent, other.agent) for one, other in sides(a, b)] == [("y", "y")]
    assert [(one.agent, other.agent) for one, other in sides(a, a, ("x", "y"))] == [("x", "y")]
    with pytest.raises(RunError, match="choose with --agent-a and --agent-b"):
        sides(a, a)
    with pytest.raises(RunError, match="has no agent 'w'; it has y, z"):
        sides(a, b, (None, "w"))
    nothing = made(tmp_path / "n", {"x": {"other": "passed"}})
    with pytest.raises(RunError, match="no scenario in common"):
        compare(*sides(a, nothing, ("x", None))[0])
    uncounted = made(tmp_path / "u", {"x": {"s": "invalid"}})
    with pytest.raises(RunError, match="have 1 scenario in common, but no counted attempts of both"):
        compare(*sides(a, uncounted, ("x", None))[0])
    again = made(tmp_path / "o", {"x": {"s": "passed"}}, changed=("s",))
    with pytest.raises(RunError, match="scenarios of the same names, but with other documents"):
        compare(*sides(a, again, ("x", None))[0])


def test_on_the_command_line(tmp_path: Path) -> None:
    names = [f"s{n}" for n in range(8)]
    a = made(tmp_path / "a", {"x": dict.fromkeys(names, "failed")})
    b = made(tmp_path / "b", {"x": dict.fromkeys(names, "passed")})
    arguments = ["compare", str(a.folder), str(b.folder)]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert "8 scenarios differ: 8 better, 0 worse with B; exact McNemar p = 0.00781" in shown.stdout
    assert "todo_list/s0  0% → 100%" in shown.stdout
    (document,) = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert document["score"]["value"] == 1.0 and len(document["better"]) == 8
