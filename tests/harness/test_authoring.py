"""`envwright scenarios` with a model, from the command line: the real client against a provider on the loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.scengenerator.files import load_scenario
from tests.generator.scengenerator.answered import GOOD, INVENTED, REWORDED, RIGHT
from tests.generator.scengenerator.played import Player
from tests.llm.loopback import Asked, Failed, Loopback, Said

ROOT = Path(__file__).parents[2]
ENVWRIGHT = Path(sys.executable).with_name("envwright")
NAME = "parts_warehouse"
BUNDLED = ROOT / "scenarios" / NAME


def envwright(*arguments: str, cwd: Path, key: str | None = "test-key") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC")}
    if key is not None:
        environment["ANTHROPIC_API_KEY"] = key
    return subprocess.run(
        [str(ENVWRIGHT), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def player(*proposals: Any) -> Player:
    originals = [load_scenario(path).task for path in sorted(BUNDLED.glob("*.json"))]
    wordings = {task: [words] for task, words in zip(originals, RIGHT, strict=True)}
    return Player(wordings, REWORDED | INVENTED, proposals)


@pytest.fixture
def provider() -> Iterator[Loopback]:
    with Loopback(player({"proposals": GOOD})).running() as running:
        yield running


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*.json")) if ".envwright" not in path.parts}


def test_scenarios_are_made_reworded_and_invented_at_once_and_certify(provider: Loopback, tmp_path: Path) -> None:
    order = [NAME, "--seed", "14", "--count", "12", "--reword", "--out", "made", "--base-url", provider.url]
    done = envwright("scenarios", *order, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "12 reworded, 0 kept their old words" in done.stderr
    assert "2 calls" in done.stderr
    assert [load_scenario(path).task for path in sorted((tmp_path / "made").iterdir())] == RIGHT
    proven = envwright("certify", "made", cwd=tmp_path)
    assert proven.stdout.strip() == "12 of 12 scenarios are certified."
    solved = envwright("run", "--scenarios", "made", "--agent", "reference", cwd=tmp_path)
    assert solved.returncode == 0, solved.stderr

    invented = envwright("scenarios", NAME, "--invent", "4", "--out", "own", "--base-url", provider.url, cwd=tmp_path)
    assert invented.returncode == 0, invented.stderr
    assert "4 invented, 0 dropped" in invented.stderr
    proven = envwright("certify", "own", cwd=tmp_path)
    assert proven.stdout.strip() == "4 of 4 scenarios are certified."


def test_scenarios_that_are_there_are_reworded_in_place_and_again_without_a_call(
    provider: Loopback, tmp_path: Path
) -> None:
    shutil.copytree(BUNDLED, tmp_path / "mine")
    order = ["scenarios", NAME, "--reword", "--from", "mine", "--base-url", provider.url]
    done = envwright(*order, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    reworded = files(tmp_path / "mine")
    assert [load_scenario(path).task for path in sorted((tmp_path / "mine").iterdir())] == RIGHT

    shutil.rmtree(tmp_path / "mine")
    shutil.copytree(BUNDLED, tmp_path / "mine")
    asked = len(provider.asked)
    again = envwright(*order, cwd=tmp_path)
    assert len(provider.asked) == asked
    assert "0 calls, 2 from the store" in again.stderr
    assert files(tmp_path / "mine") == reworded  # the same answers give the same bytes


def test_reworded_scenarios_stay_within_their_folder_whatever_they_are_called(
    provider: Loopback, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / "one.json"
    path.write_text((BUNDLED / "parts-warehouse-001.json").read_text().replace("parts-warehouse-001", "../../evil"))
    order = ["scenarios", NAME, "--reword", "--from", "mine", "--out", "deep/made", "--base-url", provider.url]
    done = envwright(*order, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [load_scenario(file).task for file in (tmp_path / "deep" / "made").iterdir()] == RIGHT[:1]
    assert sorted(file.name for file in tmp_path.iterdir()) == [".envwright", "deep", "mine"]


def test_a_place_that_is_none_for_reworded_scenarios_is_told_before_anything_is_asked(
    provider: Loopback, tmp_path: Path
) -> None:
    for folder in ("mine/a", "mine/b", "made"):
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(BUNDLED / "parts-warehouse-001.json", tmp_path / folder / "one.json")
    order = ["scenarios", NAME, "--reword", "--from", "mine", "--base-url", provider.url]
    taken = envwright(*order, "--out", "made", cwd=tmp_path)
    assert taken.returncode == 2 and "made holds 1 scenario already" in taken.stderr
    twice = envwright(*order, "--out", "other", cwd=tmp_path)
    assert twice.returncode == 2 and "are both called parts-warehouse-001" in twice.stderr
    assert provider.asked == []


def test_a_dry_run_of_what_asks_no_model_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    done = envwright("scenarios", NAME, "--count", "1", "--out", "made", "--dry-run", cwd=tmp_path)
    assert done.returncode == 2 and "give it with --reword or --invent N" in done.stderr
    assert files(tmp_path) == {}


def test_an_address_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    order = ["scenarios", NAME, "--reword", "--from", str(BUNDLED), "--out", "made"]
    done = envwright(*order, "--base-url", "127.0.0.1:8811", cwd=tmp_path)
    assert done.returncode == 2 and "--base-url is an address such as http://" in done.stderr


def test_a_dry_run_asks_nothing_and_writes_nothing(provider: Loopback, tmp_path: Path) -> None:
    order = ["scenarios", NAME, "--reword", "--from", str(BUNDLED), "--out", "made", "--dry-run"]
    done = envwright(*order, "--base-url", provider.url, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines() if "$" in line] == [
        "reword",
        "read_back",
        "reword_again",
    ]
    assert provider.asked == []
    assert files(tmp_path) == {}


def test_a_dry_run_of_what_was_answered_lists_nothing(provider: Loopback, tmp_path: Path) -> None:
    order = ["scenarios", NAME, "--reword", "--from", str(BUNDLED), "--base-url", provider.url]
    assert envwright(*order, "--out", "made", cwd=tmp_path).returncode == 0
    done = envwright(*order, "--out", "other", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0 and "2 answers are kept already" in done.stderr
    assert done.stdout == "" and "at most $0.0000" in done.stderr


def test_a_dry_run_counts_every_round_of_inventing(provider: Loopback, tmp_path: Path) -> None:
    """Three rounds of states, two pages of proposals each; every page may be mended once and is read back each time."""
    order = ["scenarios", NAME, "--invent", "5", "--out", "made", "--dry-run", "--base-url", provider.url]
    done = envwright(*order, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if "$" in line]
    assert [(row[0], int(row[1] if row[1].isdigit() else row[3])) for row in rows] == [
        *(("invent", 2), ("invent", 4), ("read_back", 12), ("invent_again", 6))
    ]


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (["--reword"], "There is no key"),
        (["--reword", "--count", "0"], "--reword needs scenarios"),
        (["--from", "mine"], "give it with --reword"),
        (["--from", "mine", "--reword", "--count", "3"], "without --count"),
        (["--count", "0"], "asks for nothing"),
        (["--invent", "2", "--difficulty", "3"], "leave it out with --invent"),
        (["--reword", "--from", "nowhere"], "nowhere"),
        (["--reword", "--budget", "0.0001"], "of the budget"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_writes_nothing(order: list[str], told: str, tmp_path: Path) -> None:
    key = None if order == ["--reword"] else "test-key"
    done = envwright("scenarios", NAME, *order, cwd=tmp_path, key=key)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert files(tmp_path) == {}


def test_a_model_that_fails_leaves_the_old_words_and_says_so(tmp_path: Path) -> None:
    def refusing(asked: Asked) -> Said | Failed:
        return Failed(400, "invalid_request_error", "The prompt is not to my taste.")

    shutil.copytree(BUNDLED, tmp_path / "mine")
    before = files(tmp_path / "mine")
    with Loopback(refusing).running() as broken:
        done = envwright("scenarios", NAME, "--reword", "--from", "mine", "--base-url", broken.url, cwd=tmp_path)
    assert done.returncode == 2
    assert "not to my taste" in done.stderr
    assert "0 reworded, 12 kept their old words" in done.stderr
    assert files(tmp_path / "mine") == before


def test_scenarios_of_another_rendering_are_not_reworded(provider: Loopback, tmp_path: Path) -> None:
    order = ["scenarios", NAME, "--reword", "--from", str(ROOT / "scenarios" / "credit_union"), "--out", "made"]
    done = envwright(*order, "--base-url", provider.url, cwd=tmp_path)
    assert done.returncode == 2
    assert "credit_union" in done.stderr
    assert provider.asked == []
