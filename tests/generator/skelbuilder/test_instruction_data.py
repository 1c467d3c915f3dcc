"""Instruction data in the forms in which it is released."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from generator.errors import TasksError
from generator.skelbuilder.tasks import LONGEST, read_tasks

BANK = {
    "instruction": "Generate an API request … Input: \nUser: User's utterence\n",
    "input": '{"apiCode": "ToolSearcher"}\nUser: Find a cardiologist for a check-up.TIME: 2034-04-15 10:00:00\n'
    "API-Request: [ToolSearcher(keywords='cardiologist')]->{}\nGenerate API Request: ",
    "output": "API-Request: [Check()]",
}
ACE = {
    "system": "You are an expert in composing functions.",
    "conversations": [
        {"from": "user", "value": "Book a table for two."},
        {"from": "assistant", "value": "[book(people=2)]"},
        {"from": "tool", "value": "[{}]"},
        {"from": "user", "value": "By the window, please."},
    ],
}


def tasks_in(folder: Path, content: str | bytes, name: str = "tasks.jsonl") -> list[str]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_tasks(path)


def lines(*items: Any) -> str:
    return "".join(json.dumps(item) + "\n" for item in items)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("Rent a bike.\n\n  Return   it. \n", ["Rent a bike.", "Return it."]),
        ("[urgent] Rent a bike.\n", ["[urgent] Rent a bike."]),
        (json.dumps(["Rent a bike.", "rent a BIKE."]), ["Rent a bike."]),
        (json.dumps({"data": [{"task": "Rent a bike."}]}, indent=1), ["Rent a bike."]),
        (json.dumps([BANK, BANK]), ["Find a cardiologist for a check-up."]),
        (lines(ACE), ["Book a table for two. By the window, please."]),
        (
            lines({"role": "User", "text": "Delete my account."}, {"role": "AI", "text": "Name?"}),
            ["Delete my account."],
        ),
        (lines({"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi."}]}]}), ["Hi."]),
        (lines({"messages": json.dumps([{"role": "user", "content": "Hi."}])}), ["Hi."]),
        (lines({"instruction": "Translate.", "input": "Moin.", "output": "Hello."}), ["Translate. Moin."]),
        (lines({"query": "Which bikes are free?", "answers": "[]"}, 5, None, {}), ["Which bikes are free?"]),
        (gzip.compress(b"Rent a bike.\n", mtime=0), ["Rent a bike."]),
        ("\ufeffRent a bike.", ["Rent a bike."]),
        ('{"task": "Rent a\u2028bike."}\n{"task": "Return\x85it."}\n', ["Rent a bike.", "Return it."]),
        ('{"task": "Rent a \\ud83d bike."}\r\n', ["Rent a \N{REPLACEMENT CHARACTER} bike."]),
    ],
)
def test_every_form_gives_what_people_ask_for(tmp_path: Path, content: str | bytes, found: list[str]) -> None:
    assert tasks_in(tmp_path, content) == found


def test_a_folder_is_all_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").write_text("Rent a bike.")
    (tmp_path / "b" / "c.json").write_text(json.dumps([ACE]))
    (tmp_path / "notes.md").write_text("No tasks here.")
    assert len(read_tasks(tmp_path)) == 2


def test_long_tasks_are_cut(tmp_path: Path) -> None:
    assert [len(task) for task in tasks_in(tmp_path, "rent " * 1000)] == [LONGEST]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "holds no tasks"),
        ("[]", "holds no tasks"),
        ('{"task": "Rent a bike."}\n{"task": ', "line 2: this is no JSON"),
        ('[{"task": "Rent a bike."}, {"ta', "is no whole JSON"),
        (b"\xff\xfe\x00", "is no text in UTF-8"),
        (gzip.compress(b"Rent a bike. " * 99, mtime=0)[:-9], "damaged gzip"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    with pytest.raises(TasksError, match=sentence):
        tasks_in(tmp_path, content)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_what_is_too_large_is_not_read_whole(tmp_path: Path, pack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.skelbuilder.tasks.MOST_BYTES", 1_000_000)
    with pytest.raises(TasksError, match="holds more than 1 MB"):
        tasks_in(tmp_path, pack(b"Rent a bike.\n" * 100_000))


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TasksError, match="cannot be read"):
        read_tasks(tmp_path / "nowhere.jsonl")
