"""Where environments that a model wrote are put: whole folders, and never over what is there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generator.errors import BuildingError, SkeletonError, TasksError
from generator.files import writable
from generator.rendering import bundled_environments, render
from generator.skelbuilder.building import Built
from generator.skelbuilder.mining import Existing
from generator.skelbuilder.outlining import Brief
from generator.skelbuilder.topics import TopicList, read_topics, topics_text
from generator.skeleton.checker import check
from generator.skeleton.leaves import IDENTIFIER
from generator.skeleton.reading import read_skeleton
from generator.skeleton.writing import write_skeleton
from harness.files import write_atomic
from harness.making import default_state

REPORT = "report.json"
DRAFTS = "drafts"
LONGEST_DOCUMENT = 200_000  # characters
LONGEST_NAME = 60


@dataclass(frozen=True)
class Workspace:
    """The folder that holds `servers/` and, beside it, `drafts/`."""

    folder: Path = Path()

    @property
    def servers(self) -> Path:
        return self.folder / "servers"

    def refuse(self, name: str) -> None:
        """Raises BuildingError for a name that is none, or is taken, here or among the bundled environments."""
        if re.fullmatch(IDENTIFIER, name) is None or len(name) > LONGEST_NAME:
            raise BuildingError(
                f"'{name[: 2 * LONGEST_NAME]}' cannot be an environment's name: use small letters, digits and _, "
                f"with a letter first, such as veterinary_clinic, and no more than {LONGEST_NAME} of them."
            )
        taken = self.servers / name
        bundled = next((path for path in bundled_environments() if path.name == name), None)
        found = taken if taken.exists() else bundled
        if found is not None:
            raise BuildingError(
                f"There is an environment {name} already ({found}), and it is not overwritten: "
                "choose another name with --name, or move it away."
            )

    def refuse_twice(self) -> Callable[[str], None]:
        """Like `refuse`, for several environments of one job, which must differ in their names too."""
        names: set[str] = set()

        def refuse(name: str) -> None:
            self.refuse(name)
            if name in names:
                raise BuildingError(f"Two of these environments would be called {name}; make one later, with --name.")
            names.add(name)

        return refuse

    def existing(self) -> Existing:
        """Title and summary of every environment, here and bundled; those that cannot be read are left out."""
        here = sorted(path.parent for path in self.servers.glob("*/skeleton.yaml"))
        summaries: dict[str, str] = {}
        for folder in [*bundled_environments(), *here]:
            with contextlib.suppress(SkeletonError):
                skeleton = read_skeleton(folder / "skeleton.yaml")
                summaries.setdefault(skeleton.id, f"{skeleton.title}: {skeleton.summary}")
        return Existing(summaries)

    def place(self, built: Built) -> Path:
        """Writes a good environment to `servers/`, another with its report to `drafts/`; the folder it is in.

        Raises:
            BuildingError: the name is taken, or the folder cannot be written.
        """
        name = built.report.environment
        report = json.dumps(built.report.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
        if built.passed and built.document is not None:
            self.refuse(name)
            state = default_state(check(built.document))
            files = {"skeleton.yaml": write_skeleton(built.document), **render(built.document, state), REPORT: report}
            return _write_folder(self.servers / name, files)
        files = {REPORT: report}
        if built.document is not None:
            files["skeleton.yaml"] = write_skeleton(built.document)
        else:
            files["skeleton.json"] = json.dumps(built.written.model_dump(mode="json"), indent=1, ensure_ascii=False)
        return self._draft(name, files)

    def _draft(self, name: str, files: dict[str, str]) -> Path:
        """Drafts are never overwritten either; one that is the same is there already."""
        number = 1
        while True:
            folder = self.folder / DRAFTS / (name if number == 1 else f"{name}_{number}")
            if not folder.exists():
                return _write_folder(folder, files)
            if all(_holds(folder / part, text) for part, text in files.items()):
                return folder
            number += 1


def read_document(path: Path) -> str:
    """The text of a document that an environment is to follow. Raises BuildingError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BuildingError(f"{path} is no text in UTF-8; give plain text or Markdown.") from error
    except OSError as error:
        raise BuildingError(f"{path} cannot be read: {error.strerror or error}; check the path.") from error
    if not text.strip():
        raise BuildingError(f"{path} is empty; give a document that says what is kept and what is allowed.")
    if len(text) > LONGEST_DOCUMENT:
        raise BuildingError(
            f"{path} has {len(text):,} characters; {LONGEST_DOCUMENT:,} can be worked from: shorten it."
        )
    return text


def briefs_of(what: str | None, topics: Path | None, top: int, document: Path | None) -> list[Brief]:
    """What is asked for with words, a list of topics (one by number or name, or the best `top`), or a document.

    Raises:
        BuildingError: that is not clear, or the document cannot be read.
        TasksError: the list cannot be read, or has no such topic.
    """
    text = read_document(document) if document else ""
    if topics is None:
        if top > 1:
            raise BuildingError("--top takes topics from a list; name it with --topic FILE.")
        if not (what and what.strip()) and not text:
            raise BuildingError(
                'Say what to make: envwright new "a veterinary clinic", --topic FILE or --from-doc FILE.'
            )
        return [Brief(writable(what or "the work that the document describes"), document=text)]
    listed = read_topics(topics)
    if what is not None:
        if top > 1:
            raise BuildingError("--top takes the best topics of a list: leave it out, or the topic's name.")
        chosen = [listed.pick(what)]
    else:
        chosen = [item for item in listed.topics if item.existing is None][:top]
        if not chosen:
            raise BuildingError(
                f"{topics} has no topic that is not there yet; name one: envwright new 1 --topic {topics}"
            )
    return [Brief(f"{item.topic}: {item.environment}", tuple(item.tasks), text) for item in chosen]


def require_room(path: Path) -> None:
    """Raises BuildingError for a file that a list of topics must not take the place of."""
    if path.exists():
        try:
            read_topics(path)
        except TasksError as error:
            raise BuildingError(f"{path} exists and is no list of topics; choose another file with --out.") from error


def write_topics(path: Path, topics: TopicList) -> None:
    """Writes a list of topics; only another such list is overwritten. Raises BuildingError."""
    require_room(path)
    write_atomic(path, topics_text(topics))


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _write_folder(folder: Path, files: dict[str, str]) -> Path:
    """Writes a folder beside its place and renames it, so that it is there whole or not at all."""
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}.tmp")
    try:
        try:
            fresh.mkdir(parents=True)
            for name, text in files.items():
                with (fresh / name).open("x", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
            fresh.rename(folder)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    except OSError as error:
        raise BuildingError(
            f"{folder} cannot be written: {error.strerror or error}; make room or choose another place, and ask again: "
            "answers are kept."
        ) from error
    return folder
