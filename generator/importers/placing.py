"""Puts folders in place: whole or not at all, and never over what is not ours."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from generator.importers.errors import ForeignError, ImportingError
from generator.rendering.bundled import IMPORT_RECORD
from generator.scengenerator.scenario import digest

MADE_BY = "envwright import"
_UNFINISHED = re.compile(r"\A\..+\.[0-9a-f]{12}\.(?:new|old)\Z")


def safe_name(text: str) -> str:
    """A name that is good for a folder, a module and a client's configuration."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if not plain or len(plain) > 80:
        plain = f"{plain[:60]}_{digest(text)[:8]}".strip("_")
    return plain if plain[0].isalpha() else f"env_{plain}"


def read_record(folder: Path) -> dict[str, object] | None:
    """The import.json of a folder that an import made; None for any other folder."""
    try:
        record = json.loads((folder / IMPORT_RECORD).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and record.get("made_by") == MADE_BY else None


def require_ours(folder: Path) -> None:
    """Raises ForeignError for what stands there and was not made by an import."""
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise ForeignError(f"{folder} is in the way and is no import; move it, or name another folder with --out.")
    if any(folder.iterdir()) and read_record(folder) is None:
        raise ForeignError(f"{folder} holds something that no import made; move it, or name another folder with --out.")


def require_scenarios(folder: Path, environment: str) -> None:
    """Raises ForeignError for a folder that holds anything but imported scenarios of this environment."""
    if not folder.exists() and not folder.is_symlink():
        return
    entries = sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else [folder]
    for entry in entries:
        try:
            document = json.loads(entry.read_bytes()) if entry.suffix == ".json" and entry.is_file() else None
        except (OSError, ValueError, RecursionError):
            document = None
        ours = isinstance(document, dict) and document.get("environment") == environment and "audit" in document
        if not ours:
            raise ForeignError(f"{entry} was not made by an import of {environment}; move it, or name another --out.")


def place(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder with these files there, in the place of the one that may be there.

    A reader, or a crash, finds the old one, the new one or (for a moment) none, never a part. Raises ImportingError.
    """
    token = secrets.token_hex(6)
    fresh, old = (folder.with_name(f".{folder.name}.{token}.{end}") for end in ("new", "old"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            for name, content in files.items():
                _write(fresh / name, content)
            fresh.mkdir(exist_ok=True)
            if folder.exists():
                folder.rename(old)
            fresh.rename(folder)
        except BaseException:
            if old.exists() and not folder.exists():
                old.rename(folder)
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise ImportingError(f"{folder} cannot be written: {why}; make room or name another folder.") from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def tidy(parent: Path) -> None:
    """Take away what an import that was killed left unfinished."""
    for entry in parent.iterdir() if parent.is_dir() else ():
        if not _UNFINISHED.match(entry.name):
            continue
        original = parent / entry.name[1:-17]
        if entry.name.endswith(".old") and not original.exists():
            with contextlib.suppress(OSError):
                entry.rename(original)
        else:
            shutil.rmtree(entry, ignore_errors=True)


def remove(folder: Path) -> None:
    """Take a folder of ours away, at once."""
    if folder.exists():
        gone = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}.new")
        try:
            folder.rename(gone)
        except OSError as error:
            raise ImportingError(f"{folder} cannot be taken away: {error.strerror or error}.") from error
        shutil.rmtree(gone, ignore_errors=True)
