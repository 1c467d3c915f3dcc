"""Files that are either whole or not there, and read errors that are sentences."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from generator.files import UNFINISHED, writable, write_whole
from generator.scengenerator.scenario import digest
from harness.errors import RunError

Document = TypeVar("Document", bound=BaseModel)
_LEVELS = 64  # as many as a server takes


def write_atomic(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one, never a part.

    Raises:
        RunError: it cannot be written, for example because the disk is full.
    """
    try:
        write_whole(path, text)
    except OSError as error:
        raise cannot_write(path, error) from error


def require_place(path: Path) -> None:
    """Try the place of a file that is to be written when long work is done; its folders are made.

    Raises:
        RunError: no file can be written there.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=UNFINISHED):
            pass
    except OSError as error:
        raise cannot_write(path, error) from error


def storable(value: Any, levels: int = _LEVELS) -> Any:
    """JSON that somebody else made, as a document of ours can hold it: without half characters, and not too deep."""
    if isinstance(value, str):
        return writable(value)
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return "…"
    if isinstance(value, list):
        return [storable(item, levels - 1) for item in value]
    return {storable(key): storable(item, levels - 1) for key, item in value.items()}


def cannot_write(path: Path, error: OSError) -> RunError:
    return RunError(f"{path} cannot be written: {error.strerror or error}. Make room or choose another place.")


def read_document(path: Path, kind: type[Document]) -> Document:
    """Read a JSON file of ours.

    Raises:
        RunError: it cannot be read, or is not such a document.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValidationError as error:
        raise RunError(f"{path} is damaged: {first_problem(error)}.") from error


def first_problem(error: ValidationError) -> str:
    """The first of pydantic's findings, with its place."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]


def file_name(text: str) -> str:
    """A name that is safe in a path; different texts get different names."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text)
    if plain == text and not plain.startswith(".") and len(plain) <= 100:
        return plain
    return f"{plain.lstrip('.')[:80]}-{digest(text)[:10]}"
