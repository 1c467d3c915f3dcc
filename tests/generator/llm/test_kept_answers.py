"""Kept answers: readable, whole or not there, never given to another request, and mended by asking again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from generator.errors import ModelError
from generator.llm.answers import AnswerStore, DamagedError
from tests.generator.llm.conftest import CLINIC, Topic, request, told
from tests.llm.loopback import Loopback, Said

MODEL = "claude-opus-5"
ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The file of a kept answer."""
    return AnswerStore(tmp_path).put(MODEL, request(), Topic(**CLINIC), {"usd": 0.01})


def test_a_person_can_read_what_was_asked_and_answered(kept: Path) -> None:
    assert kept.name.startswith("mine-")
    document = json.loads(kept.read_text())
    assert list(document) == [
        *("version", "stage", "model", "max_tokens", "schema", "shape", "cost", "system", "turns", "answer")
    ]
    assert (document["turns"], document["answer"]) == ([["user", "A vet."]], CLINIC)


def test_an_answer_may_be_edited_by_hand(kept: Path) -> None:
    kept.write_text(kept.read_text().replace("veterinary clinic", "animal hospital"))
    found = AnswerStore(kept.parent).get(MODEL, request())
    assert found is not None and found.title == "animal hospital"


DAMAGES = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "no object": lambda text: "[1]",
    "another request": lambda text: text.replace("A vet.", "A dentist."),
    "another shape": lambda text: text.replace('"useful": 8', '"useful": "very"'),
    "no answer": lambda text: text.replace('"answer"', '"reply"'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_told_of_and_asked_again(kept: Path, damage: str) -> None:
    kept.write_text(DAMAGES[damage](kept.read_text()))
    with pytest.raises(DamagedError, match=kept.name):
        AnswerStore(kept.parent).get(MODEL, request())
    with Loopback(lambda _: Said(CLINIC)).running() as provider:
        asking = told(provider, answers=AnswerStore(kept.parent))
        assert asking.model.ask(request()) == Topic(**CLINIC)
    assert len(provider.asked) == 1
    assert len(asking.notices) == 1 and "asked for again" in asking.notices[0]
    assert AnswerStore(kept.parent).get(MODEL, request()) == Topic(**CLINIC), "and mended"


def test_bytes_that_are_no_text(kept: Path) -> None:
    kept.write_bytes(b"\xff\xfe{")
    with pytest.raises(DamagedError, match="cannot be read"):
        AnswerStore(kept.parent).get(MODEL, request())


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"file.* cannot be written: .*choose another place"):
        AnswerStore(tmp_path / "file").put(MODEL, request(), Topic(**CLINIC), {})


@pytest.mark.parametrize("batch", [False, True], ids=["one by one", "a batch"])
def test_nothing_is_paid_for_that_could_not_be_kept(tmp_path: Path, batch: bool) -> None:
    (tmp_path / "file").write_text("")
    with Loopback(lambda _: Said(CLINIC)).running() as provider:
        asking = told(provider, answers=AnswerStore(tmp_path / "file"), batch=batch)
        (answer,) = asking.model.ask_all([request()])
    assert isinstance(answer, ModelError) and "choose another place for the answers" in str(answer)
    assert provider.asked == [] and asking.notices == []


def test_a_failed_write_leaves_the_old_answer(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ModelError, match="No space left"):
        AnswerStore(kept.parent).put(MODEL, request(), Topic(title="x", useful=1), {})
    assert AnswerStore(kept.parent).get(MODEL, request()) == Topic(**CLINIC)
    assert list(kept.parent.iterdir()) == [kept]


def test_two_processes_at_once_corrupt_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from generator.llm.answers import AnswerStore\n"
        "from tests.generator.llm.conftest import Topic, request\n"
        "store = AnswerStore(Path(sys.argv[1]))\n"
        "for number in range(30):\n"
        "    one = request(str(number % 5))\n"
        "    found = store.get('m', one)\n"
        "    assert found is None or len(found.title) == 40_000\n"
        "    store.put('m', one, Topic(title=sys.argv[2] * 40_000, useful=1), {})\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [subprocess.Popen([*command, letter], cwd=ROOT) for letter in "ab"]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert len(list(tmp_path.iterdir())) == 5
