"""Files of a release: their records, however they are laid out."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.importers.errors import ReleaseError
from generator.importers.spellings import SpellingError, kind, unwrap

MAX_BYTES = 4_000_000_000
_WRAPPERS = ("environments", "envs", "scenarios", "tasks", "items", "data", "records")


@dataclass(frozen=True)
class Record:
    """One record of a file: `place` is for sentences, `key` is its name in a mapping, `value` what it holds.

    `problem` says why it could not be read, and then `value` is None.
    """

    place: str
    key: str | None
    value: Any
    problem: str = ""


def read_records(path: Path) -> list[Record]:
    """The records of a file, plain or gzip, in their order: a list, a mapping by id, one record, or JSON Lines.

    Raises:
        ReleaseError: the file cannot be read, or is none of these.
    """
    text = _text(path)
    if not text.strip():
        raise ReleaseError(f"{path} is empty; get the file again.")
    try:
        document = json.loads(text, strict=False)
    except RecursionError as error:
        raise ReleaseError(f"{path} is nested too deeply to be read.") from error
    except ValueError as error:
        records = list(_lines(path, text))
        if len(records) > 1 and any(_holds_object(record) for record in records):
            return records
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
        cut = isinstance(error, json.JSONDecodeError) and (
            error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        )
        remedy = "it is cut off; get it again" if cut else "give a JSON or JSON Lines file of the release"
        raise ReleaseError(f"{path} is no whole JSON ({where}); {remedy}.") from error
    try:
        document, _ = unwrap(document)
    except SpellingError as error:
        raise ReleaseError(f"{path} holds one text, and {error}.") from error
    return list(_records(path, document))


def _holds_object(record: Record) -> bool:
    """Whether a line is a record, plain or in a string; an indented document that is cut off has lines of all else."""
    value = record.value
    return (isinstance(value, dict) and bool(value)) or (isinstance(value, str) and value.lstrip().startswith("{"))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReleaseError(f"{path} is larger than {MAX_BYTES // 10**9} GB; is it a release?")
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReleaseError(f"{path} is no text in UTF-8 (byte {error.start}); is it a file of the release?") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReleaseError(f"{path} is no whole gzip file ({error}); get it again.") from error
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror or error}; check the path.") from error


def _lines(path: Path, text: str) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path.name}, line {number}"
        try:
            yield Record(place, None, json.loads(line, strict=False))
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "it is nested too deeply"
            yield Record(place, None, None, f"this line is no JSON ({reason})")


def _records(path: Path, document: Any) -> Iterator[Record]:
    if isinstance(document, dict) and len(document) == 1 and next(iter(document)) in _WRAPPERS:
        document = next(iter(document.values()))
    if isinstance(document, list):
        for number, value in enumerate(document, start=1):
            yield Record(f"{path.name}, record {number}", None, value)
    elif isinstance(document, dict) and _is_record(document):
        yield Record(f"{path.name}, its one record", None, document)
    elif isinstance(document, dict):
        for key, value in document.items():
            if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
                for number, item in enumerate(value, start=1):  # scenarios by the environment they belong to
                    yield Record(f"{path.name}, record {key}[{number}]", key, item)
            else:
                yield Record(f"{path.name}, record {key}", key, value)
    else:
        raise ReleaseError(f"{path} holds {kind(document)}; a release is a list or a mapping of records.")


def _is_record(document: dict[str, Any]) -> bool:
    return "env_class_code" in document or "checklist_with_func" in document or "init_config" in document
