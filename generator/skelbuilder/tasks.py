"""Instruction data of any form, as a list of task texts.

Known forms: plain lines; JSON lines; a JSON list; API-Bank (`instruction`/`input` records with `User:` lines, and
dialogues of `role`/`text` turns, one a file); ToolACE and other ShareGPT data (`conversations` of `from`/`value`);
chat `messages`; Alpaca (`instruction`, `input`); a text under a usual key. Any of them compressed with gzip; a folder
of them.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.errors import TasksError
from generator.files import writable

LONGEST = 600  # characters of a task that are looked at
MOST_BYTES = 400_000_000
_KEYS = ("task", "query", "question", "prompt", "goal", "request", "utterance", "instruction", "text", "input", "user")
_CONVERSATIONS = ("conversations", "messages", "dialogue", "dialog", "conversation", "turns", "chat")
_LISTS = ("data", "tasks", "rows", "items", "examples", "records", "instructions", "questions", "train", "test")
_USERS = ("user", "human")
_SPOKEN = re.compile(r"^\s*User:\s*(.*?)(?=\s*TIME:|\s*$)", re.MULTILINE | re.IGNORECASE)
_SUFFIXES = (".json", ".jsonl", ".txt", ".ndjson", ".gz")
_JSON = re.compile(r'\s*(?:\{|\[\s*(?:[\[{"\]]|$))')  # how JSON begins, and hardly a sentence
_GZIP = b"\x1f\x8b"


def read_tasks(path: Path) -> list[str]:
    """The texts of all tasks, each once, in their order.

    Raises:
        TasksError: the file cannot be read, is damaged, or holds no tasks.
    """
    files = sorted(part for part in path.rglob("*") if _is_data(part)) if path.is_dir() else [path]
    texts: dict[str, str] = {}
    for file in files:
        for text in _texts(file):
            plain = writable(" ".join(text.split()))
            if plain:
                texts.setdefault(plain.casefold(), plain[:LONGEST])
    if not texts:
        raise TasksError(
            f"{path} holds no tasks: give plain lines, JSON lines, a JSON list, or the released files of API-Bank or "
            "ToolACE."
        )
    return list(texts.values())


def _is_data(path: Path) -> bool:
    return path.is_file() and path.suffix in _SUFFIXES and not path.name.startswith(".")


def _texts(path: Path) -> Iterator[str]:
    items = _items(_content(path), str(path))
    if items and all(_is_turn(item) for item in items):  # one dialogue, a turn a line
        yield _of_turns(items)
        return
    for item in items:
        yield _text(item)


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if data.startswith(_GZIP) and len(data) <= MOST_BYTES:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise TasksError(f"{path} holds more than {MOST_BYTES // 1_000_000} MB; give a part of it.")
        return data.decode("utf-8-sig")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TasksError(f"{path} is a damaged gzip file ({error}); copy it again.") from error
    except UnicodeDecodeError as error:
        raise TasksError(f"{path} is no text in UTF-8 (byte {error.start + 1}); convert it first.") from error
    except OSError as error:
        raise TasksError(f"{path} cannot be read: {error.strerror or error}; check the path.") from error


def _items(content: str, source: str) -> list[Any]:
    """What stands in a file: the items of a JSON list, or one a line."""
    # not splitlines(): JSON may hold what it takes for the end of a line, such as U+2028
    lines = [(number, line) for number, line in enumerate(re.split(r"\r\n?|\n", content), 1) if line.strip()]
    if not _JSON.match(content):
        return [line for _, line in lines]
    try:
        return _listed(json.loads(content))
    except RecursionError as error:
        raise TasksError(f"{source} is nested too deeply to be read.") from error
    except ValueError as error:
        if content.lstrip().startswith("["):
            raise TasksError(f"{source} is no whole JSON ({error}); copy it again.") from error
        return [_line(line, number, source) for number, line in lines]


def _line(line: str, number: int, source: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TasksError(f"{source}, line {number}: this is no JSON ({error}); mend or remove the line.") from error


def _listed(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        for key in _LISTS:
            if isinstance(document.get(key), list):
                return list(document[key])
    return [document]


def _is_turn(item: Any) -> bool:
    return isinstance(item, dict) and ("role" in item or "from" in item) and not _conversation(item)


def _conversation(item: dict[str, Any]) -> list[Any] | None:
    for key in (*_CONVERSATIONS, "prompt"):
        turns = item.get(key)
        if isinstance(turns, str) and turns.lstrip().startswith("["):  # some releases keep the list as text
            try:
                turns = json.loads(turns)
            except (ValueError, RecursionError):
                continue
        if isinstance(turns, list) and turns and all(isinstance(turn, dict) for turn in turns):
            return turns
    return None


def _text(item: Any) -> str:
    """What a person asked for, in one item; empty where there is nothing of the kind."""
    if isinstance(item, str):
        return item
    if isinstance(item, list):
        return _of_turns(item) if all(_is_turn(turn) for turn in item) else ""
    if not isinstance(item, dict):
        return ""
    turns = _conversation(item)
    if turns is not None:
        return _of_turns(turns)
    fields = {key: item[key] for key in _KEYS if isinstance(item.get(key), str) and item[key].strip()}
    for text in (fields.get("input", ""), fields.get("instruction", "")):
        spoken = list(dict.fromkeys(_SPOKEN.findall(text)))
        if spoken:  # API-Bank's training records
            return " ".join(spoken)
    if "instruction" in fields and "input" in fields:
        return f"{fields['instruction']} {fields['input']}"
    return next(iter(fields.values()), "")


def _of_turns(turns: list[Any]) -> str:
    """What the user says in a dialogue; the first of a long one says what it is about."""
    said: list[Any] = []
    for turn in turns:
        if isinstance(turn, dict) and str(turn.get("from", turn.get("role", ""))).lower() in _USERS:
            value = turn.get("value", turn.get("content", turn.get("text", "")))
            parts = value if isinstance(value, list) else [value]
            said += [part.get("text", "") if isinstance(part, dict) else part for part in parts]
    return " ".join(text for text in said if isinstance(text, str))
