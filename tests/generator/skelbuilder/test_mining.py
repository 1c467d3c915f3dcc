"""`envwright mine`: which environments tasks imply, with the real client and a model that is played."""

from __future__ import annotations

import itertools
import json
import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playing import CASES, OUTLINE, Json, Played, bike_rental, verdicts
from typer.testing import CliRunner, Result

from generator.scengenerator.laws import State
from generator.scengenerator.sampling import SamplingError
from generator.scengenerator.states import make_state
from generator.skelbuilder.topics import TopicList, _spelling, same
from generator.skeleton.model import Model
from harness.cli import app
from tests.llm.loopback import KEY, MODEL, Asked, Failed, Loopback, Said

TASKS = [
    "Rent me the blue mountain bike for three days.",
    "What is the capital of Norway?",
    "Take back the cargo bike of Ada Brandt; its chain comes off.",
    "Move my appointment at the dental clinic to Friday.",
    "Which teeth did the dentist treat last year?",
    "Reorder shaft seals, there are only three left in the warehouse.",
]
WORDS = {
    0: ("bike rental", 7, 9),
    2: ("Bike rentals system", 8, 9),
    3: ("dental clinic", 8, 8),
    4: ("dentist's practice", 6, 7),
    5: ("spare parts warehouse", 7, 9),
}


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    Path("tasks.txt").write_text("\n".join(TASKS))
    return tmp_path


def sorting(prompt: str) -> Json:
    entries = []
    for number, text in re.findall(r"^(\d+)\. (.*)$", prompt, re.MULTILINE):
        name, useful, modelable = WORDS.get(TASKS.index(text) if text in TASKS else -1, ("", 1, 1))
        told = f"The records of a {name}." if name else ""
        entry = {"number": int(number), "stateful": bool(name), "topic": name, "environment": told}
        entries.append(entry | {"usefulness": useful, "modelability": modelable})
    return {"tasks": entries}


def merging(prompt: str) -> Json:
    numbers = {name: int(number) for number, name in re.findall(r"^(\d+)\. ([^:]+):", prompt, re.MULTILINE)}
    group = {"numbers": [numbers["dental clinic"], numbers["dentist's practice"]], "topic": "dental clinic"}
    return {"groups": [group | {"environment": "Patients and their treatments."}], "existing": []}


def envwright(played: Played, *arguments: str) -> Result:
    with Loopback(played).running() as provider:
        result = CliRunner().invoke(app, [*arguments, "--base-url", provider.url, "--model", MODEL])
    assert not provider.problems
    return result


def mined(played: Played, *arguments: str) -> TopicList:
    result = envwright(played, "mine", "tasks.txt", *arguments)
    assert result.exit_code == 0, result.output
    return TopicList.model_validate_json(Path("topics.json").read_text())


def test_tasks_become_ranked_topics_with_what_supports_them() -> None:
    topics = mined(Played(mine=[sorting], merge=[merging]))
    assert (topics.tasks, topics.stateful, topics.unsorted) == (6, 5, 0)
    assert [topic.topic for topic in topics.topics] == ["bike rental", "dental clinic", "spare parts warehouse"]
    bikes, dentist, parts = topics.topics
    assert bikes.tasks == [TASKS[0], TASKS[2]] and bikes.usefulness == 7.5
    assert dentist.also == ["dentist's practice"] and dentist.support == 2
    assert parts.existing == "parts_warehouse"


def test_twenty_tasks_are_one_question() -> None:
    Path("tasks.txt").write_text("\n".join([*TASKS, *(f"Say something about the number {n}." for n in range(30))]))
    played = Played(mine=[sorting, sorting], merge=[merging])
    topics = mined(played)
    assert topics.tasks == 36 and len(played.prompts["mine"]) == 2 and len(played.prompts["merge"]) == 1


def test_a_question_that_is_refused_costs_its_tasks_and_no_more() -> None:
    Path("tasks.txt").write_text("\n".join([*TASKS, *(f"Say something about the number {n}." for n in range(30))]))

    class Refusing(Played):
        def __call__(self, asked: Asked) -> Said | Failed:
            said = super().__call__(asked)
            second = asked.stage == "mine" and json.dumps(asked.body).count("the number") == 16
            return Said("", stop="refusal", explanation="No.") if second else said

    result = envwright(Refusing(mine=[sorting, sorting], merge=[merging]), "mine", "tasks.txt")
    assert result.exit_code == 0, result.output
    assert "16 tasks are left out: mine: " in result.output
    assert "16 got no verdict" in result.output


def test_the_same_command_again_is_answered_from_the_store() -> None:
    mined(Played(mine=[sorting], merge=[merging]))
    first = Path("topics.json").read_bytes()
    mined(Played())
    assert Path("topics.json").read_bytes() == first


def test_only_a_list_of_topics_is_overwritten_and_another_file_is_told_of_before_anything_is_asked() -> None:
    Path("topics.json").write_text('{"something": "else"}')
    played = Played(mine=[sorting], merge=[merging])
    result = envwright(played, "mine", "tasks.txt")
    assert result.exit_code == 2 and "is no list of topics" in result.output
    assert played.questions == 0
    assert json.loads(Path("topics.json").read_text()) == {"something": "else"}


def test_a_question_about_meaning_that_is_refused_leaves_topics_as_their_names_are() -> None:
    result = envwright(Played(mine=[sorting]), "mine", "tasks.txt")
    assert result.exit_code == 0, result.output
    assert "They are not merged by meaning: merge: " in result.output
    topics = TopicList.model_validate_json(Path("topics.json").read_text())
    assert len(topics.topics) == 4


def test_signs_in_a_topic_are_only_signs() -> None:
    def marked(prompt: str) -> Json:
        marks = json.dumps("parts [/b] \x1b[31m store")[1:-1]
        return json.loads(json.dumps(sorting(prompt)).replace("spare parts warehouse", marks))

    result = envwright(Played(mine=[marked], merge=[merging]), "mine", "tasks.txt")
    assert result.exit_code == 0, result.output
    assert "parts [/b] ␛[31m store" in result.output


def test_a_dry_run_shows_both_questions_and_writes_nothing() -> None:
    played = Played()
    result = envwright(played, "mine", "tasks.txt", "--dry-run")
    assert result.exit_code == 0, result.output
    rows = [line.split()[:2] for line in result.output.splitlines() if "$" in line and line.startswith("  ")]
    assert rows == [["mine", "1"], ["merge", "up"]]
    assert played.questions == 0 and not Path("topics.json").exists()


@given(st.lists(st.sampled_from([name for name, *_ in WORDS.values()]) | st.text("abcde 1's", max_size=12), max_size=2))
def test_names_that_say_the_same_are_found_as_their_letters_tell(names: list[str]) -> None:
    """The short way over counted letters decides nothing otherwise than a comparison of all letters."""
    for one, other in itertools.product([*names, *(f"{name}x" for name in names)], repeat=2):
        left, right = _spelling(one), _spelling(other)
        alike = SequenceMatcher(None, left.plain, right.plain).ratio() >= 0.9
        assert same(one, other) == (left.words == right.words or alike)


def test_a_topic_is_built_by_its_number_or_its_name() -> None:
    mined(Played(mine=[sorting], merge=[merging]))
    played = Played(outline=[OUTLINE], skeleton=[bike_rental()], tester=[CASES], checker=[verdicts()])
    assert envwright(played, "new", "bike rental", "--topic", "topics.json").exit_code == 0
    (prompt,) = played.prompts["outline"]
    assert "bike rental: The records of a bike rental." in prompt and TASKS[2] in prompt
    assert Path("servers/bike_rental/server.py").is_file()

    wrong = envwright(Played(), "new", "bike rentals", "--topic", "topics.json")
    assert wrong.exit_code == 2 and "did you mean 'bike rental'?" in wrong.output
    assert "topics 1 to 3" in envwright(Played(), "new", "9", "--topic", "topics.json").output
    assert "there is no topic '²'" in envwright(Played(), "new", "²", "--topic", "topics.json").output
    assert "leave it out" in envwright(Played(), "new", "1", "--topic", "topics.json", "--top", "2").output


def test_the_best_topics_are_built_side_by_side_in_a_batch() -> None:
    mined(Played(mine=[sorting], merge=[merging]))
    clinic = OUTLINE | {"id": "dental_clinic"}
    played = Played(
        outline=[lambda prompt: OUTLINE if "bike rental:" in prompt else clinic] * 2,
        skeleton=[bike_rental()] * 2,
        tester=[CASES] * 2,
        checker=[verdicts()] * 2,
    )
    result = envwright(played, "new", "--topic", "topics.json", "--top", "3", "--batch")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in Path("servers").iterdir()) == ["bike_rental", "dental_clinic"]
    assert played.questions == 8


def test_what_goes_wrong_with_one_of_several_ends_that_one_only() -> None:
    mined(Played(mine=[sorting], merge=[merging]))
    played = Played(outline=[OUTLINE] * 2, skeleton=[bike_rental()], tester=[CASES], checker=[verdicts()])
    result = envwright(played, "new", "--topic", "topics.json", "--top", "2")
    assert result.exit_code == 1
    assert "Two of these environments would be called bike_rental" in result.output
    assert Path("servers/bike_rental").is_dir()


def test_an_environment_without_a_state_for_the_tester_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlucky(model: Model, seed: str, size: int) -> State:
        if seed == "bike_rental/tester":
            raise SamplingError("no state keeps the rules")
        return make_state(model, seed, size)

    monkeypatch.setattr("generator.skelbuilder.testing.make_state", unlucky)
    mined(Played(mine=[sorting], merge=[merging]))
    clinic = OUTLINE | {"id": "dental_clinic"}
    played = Played(
        outline=[lambda prompt: OUTLINE if "bike rental:" in prompt else clinic] * 2,
        skeleton=[bike_rental()] * 2,
        tester=[CASES],
        checker=[verdicts()],
    )
    result = envwright(played, "new", "--topic", "topics.json", "--top", "2")
    assert result.exit_code == 1
    assert "bike rental: The records of a bike rental.: no state keeps the rules" in result.output
    assert [path.name for path in Path("servers").iterdir()] == ["dental_clinic"]
