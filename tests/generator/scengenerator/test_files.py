"""Scenario files: the same bytes, whole or not at all, and a sentence for every way to be broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import ScenarioError
from generator.rendering import environment_digest, skeleton_digest
from generator.scengenerator.files import (
    load_scenario,
    parse_scenario,
    require_match,
    scenario_text,
    write_scenario,
)
from generator.scengenerator.scenario import Scenario
from generator.skeleton.reading import read_skeleton

FORUM = read_skeleton(Path(__file__).parents[2] / "golden" / "examples" / "forum.skeleton.yaml")


def document(**changes: Any) -> dict[str, Any]:
    made = {
        "schema_version": 1,
        "id": "s-1",
        "environment": FORUM.id,
        "skeleton_digest": skeleton_digest(FORUM),
        "environment_digest": environment_digest(FORUM),
        "seed": 1,
        "kind": "change",
        "difficulty": 1,
        "clock": "2026-03-02T09:00:00",
        "initial_state": {"clock": "2026-03-02T09:00:00", "counters": {}, "tables": {}},
        "task": "Close the thread “é 🙂”.",
        "checks": [{"id": "g", "kind": "goal", "description": "d", "that": "len(threads) == 1", "weight": 1.5}],
        "allowed_changes": [{"table": "threads", "row": "TH-0001", "fields": ["status"]}],
        "solution": {"calls": [{"name": "close_thread", "arguments": {"thread_id": "TH-0001"}}], "answer": "Done."},
    }
    return made | changes


def test_round_trip_and_stable_bytes(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(document())
    path = tmp_path / "deep" / "s-1.json"
    write_scenario(path, scenario)
    first = path.read_bytes()
    assert load_scenario(path) == scenario
    write_scenario(path, load_scenario(path))
    assert path.read_bytes() == first
    assert [item.name for item in path.parent.iterdir()] == ["s-1.json"]
    assert "é 🙂" in path.read_text(encoding="utf-8")


@given(st.data())
def test_a_cut_off_file_is_told(data: st.DataObject) -> None:
    text = scenario_text(Scenario.model_validate(document()))
    end = data.draw(st.integers(0, len(text) - 3))
    with pytest.raises(ScenarioError, match=r"^f\.json, line \d+: (the file is cut off|this is no JSON)"):
        parse_scenario(text[:end], "f.json")


def changed(path: str, value: Any) -> dict[str, Any]:
    made = document()
    *parts, last = path.split("/")
    place: Any = made
    for part in parts:
        place = place[int(part) if part.isdigit() else part]
    place[last] = value
    return made


BROKEN = [
    ([], "a scenario is an object; found a list"),
    (3, "found a number"),
    (document(schema_version=2), "schema_version: this is version 2, version 1 is read here"),
    (document(schema_version="1"), 'this is version "1"'),
    (document(schema_version=True), "this is version true"),
    (document(seed="1"), ", seed: "),
    (document(seed=1.5), ", seed: "),
    (document(kind="chat"), ", kind: "),
    (document(difficulty=6), ", difficulty: "),
    (document(task=None), ", task: "),
    (document(checks={}), ", checks: "),
    (document(extra=1), ", extra: is no part of a scenario"),
    (changed("checks/0/kind", "maybe"), ", checks[0].kind: "),
    (changed("checks/0/weight", "1"), ", checks[0].weight: "),
    (changed("checks/0/weight", -1), ", checks[0].weight: "),
    (changed("allowed_changes/0/at_most", "2"), ", allowed_changes[0].at_most: "),
    (changed("solution/calls", [{"arguments": {}}]), ", solution.calls[0].name: is missing"),
    ({key: value for key, value in document().items() if key != "task"}, ", task: is missing"),
]


@pytest.mark.parametrize(("broken", "words"), BROKEN)
def test_what_is_no_scenario_is_told_in_a_sentence(tmp_path: Path, broken: Any, words: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps(broken))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and words in message and "\n" not in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is cut off"),
        (b"\xff\xfe{", "no text in UTF-8"),
        (b'{"a": NaN}', "NaN is no number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": 1} x', "this is no JSON"),
    ],
)
def test_what_is_no_json_is_told_in_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=words):
        load_scenario(path)


def test_places_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="No such file"):
        load_scenario(tmp_path / "missing.json")
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ScenarioError, match="cannot be written"):
        write_scenario(tmp_path / "file" / "s.json", Scenario.model_validate(document()))


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.json"
    write_scenario(path, Scenario.model_validate(document()))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ScenarioError, match="No space left"):
        write_scenario(path, Scenario.model_validate(document(id="s-2")))
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_scenarios_belong_to_one_environment() -> None:
    require_match(Scenario.model_validate(document()), FORUM)
    for changes, words in [
        ({"environment": "other"}, "belongs to other, not to discussion_forum"),
        ({"skeleton_digest": "0"}, "another version of discussion_forum's skeleton"),
        ({"environment_digest": "0"}, "another version of discussion_forum; make it again"),
    ]:
        with pytest.raises(ScenarioError, match=words):
            require_match(Scenario.model_validate(document(**changes)), FORUM)
