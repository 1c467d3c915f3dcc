"""Answers that are kept: one readable file each, named by the digest of its request.

A file is written beside its place and renamed, so that a reader, another process or a crash sees all of it or
nothing. The answer in it may be edited by hand; the request may not, since it is what the answer belongs to.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from generator.errors import ModelError
from generator.files import write_whole
from generator.llm.requests import Request, T, digest_of, schema_digest

VERSION = 1
_SHORT = 20  # digits of the digest in a file's name; the file holds all of them


class DamagedError(Exception):
    """A kept answer that cannot be used; the text is the sentence to show."""


class AnswerStore:
    """A folder of answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ready = False

    def require_room(self) -> None:
        """Raises ModelError for a folder that nothing can be written to, before an answer for it is paid for."""
        if self._ready:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                self._ready = True
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def path(self, model: str, request: Request[Any]) -> Path:
        return self.folder / f"{request.stage}-{request.digest(model)[:_SHORT]}.json"

    def get(self, model: str, request: Request[T]) -> T | None:
        """The kept answer, or None where there is none.

        Raises:
            DamagedError: there is a file, and it does not hold an answer to this request.
        """
        path = self.path(model, request)
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise DamagedError(f"{path} cannot be read ({error}); it is asked for again.") from error
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DamagedError(f"{path} is damaged ({error}); it is asked for again.") from error
        if not isinstance(document, dict) or _digest(document) != request.digest(model):
            raise DamagedError(f"{path} belongs to another request; it is asked for again.")
        try:
            return request.shape.model_validate_json(json.dumps(document.get("answer")))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise DamagedError(f"{path}: {place}: {first['msg']}; it is asked for again.") from error

    def put(self, model: str, request: Request[T], answer: T, cost: dict[str, Any]) -> Path:
        """Keeps an answer; `cost` is what it took, for a reader."""
        path = self.path(model, request)
        document = {
            "version": VERSION,
            "stage": request.stage,
            "model": model,
            "max_tokens": request.max_tokens,
            "schema": schema_digest(request.shape),
            "shape": request.shape.__name__,
            "cost": cost,
            "system": request.system,
            "turns": [[turn.role, turn.text] for turn in request.turns],
            "answer": answer.model_dump(mode="json", by_alias=True),
        }
        write(path, document)
        return path


def _digest(document: dict[str, Any]) -> str:
    return digest_of({key: document.get(key) for key in ("model", "system", "turns", "schema", "max_tokens")})


def write(path: Path, document: Any) -> None:
    """Writes JSON whole or not at all.

    Raises:
        ModelError: it cannot be written.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    try:
        write_whole(path, text, errors="surrogatepass")
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> ModelError:
    return ModelError(
        f"{path} cannot be written: {error.strerror or error}. Make room or choose another place for the answers."
    )
