"""The run folder: all evidence of a run, and nothing else is needed to read it (DESIGN section 7).

    run.json                                   what was asked, its hash, versions
    environments/<env>.json                    the instructions and tools that agents were given
    skeletons/<env>.yaml                       what the environments were rendered from
    scenarios/<env>/<scenario>.json
    attempts.jsonl                             one line an attempt, in the order in which they ended
    attempts/<env>/<scenario>/<agent>.<n>.json
    regrades/<n>/regrade.json                  another grading; also grades.jsonl and the scenarios with its checks

An attempt's file is whole on disk before its line is begun, so a line leads nowhere only where somebody else was at
work. A line without its end is what a crash leaves; the attempt counts as not made.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from generator.errors import NotFoundError
from generator.files import UNFINISHED
from generator.scengenerator.files import load_scenario, scenario_text
from generator.scengenerator.scenario import Scenario
from harness.errors import RunError
from harness.files import Document, cannot_write, file_name, first_problem, read_document, write_atomic
from harness.locking import locked
from harness.records import Attempt, EnvironmentRecord, Evidence, Key, Regrade, RegradeDocument, RunDocument

_LINES = "attempts.jsonl"


class Run:
    """A run folder that exists."""

    def __init__(self, folder: Path, grades: int | None = None) -> None:
        """`grades`: 0 reads the first grades, N those of the Nth regrade; without it, the newest count.

        Raises:
            RunError: the folder holds no run, or not this regrade.
        """
        self.folder = folder
        self.document = read_document(folder / "run.json", RunDocument)
        self.regrade: RegradeDocument | None = None
        self._regraded: dict[Key, Regrade] = {}
        self._take_grades(grades)
        self._lock = threading.Lock()
        self._end: int | None = None  # of the last whole line in attempts.jsonl

    @classmethod
    def create(
        cls,
        folder: Path,
        document: RunDocument,
        environments: Iterable[EnvironmentRecord],
        skeletons: dict[str, Path],
        scenarios: Iterable[Scenario],
    ) -> Run:
        """Make a run folder; `run.json` comes last, so a folder that has it is whole."""
        if (folder / "run.json").exists():
            raise RunError(f"{folder} holds a run already; choose another name.")
        for environment in environments:
            name = f"{file_name(environment.name)}.json"
            write_atomic(folder / "environments" / name, environment.model_dump_json(indent=1))
        for name, skeleton in skeletons.items():
            text = skeleton.read_text(encoding="utf-8")
            write_atomic(folder / "skeletons" / f"{file_name(name)}.yaml", text)
        for scenario in scenarios:
            place = _scenario_path(folder, scenario.environment, scenario.id)
            write_atomic(place, scenario_text(scenario))
        write_atomic(folder / _LINES, "")
        write_atomic(folder / "run.json", document.model_dump_json(indent=1))
        return cls(folder)

    def record(self, evidence: Evidence) -> None:
        """Keep an attempt: its file, then its line. Safe to call from threads.

        Raises:
            RunError: the disk is full or the folder is gone; the run is as it was before.
        """
        write_atomic(self._evidence_path(evidence.attempt.key), evidence.model_dump_json())
        line = evidence.attempt.model_dump_json(exclude_none=True).encode() + b"\n"
        with self._lock:
            self._append(line)

    def _append(self, line: bytes) -> None:
        path = self.folder / _LINES
        try:
            with path.open("r+b", buffering=0) as file:
                if self._end is None:
                    self._end = _end_of_whole_lines(file.readall())
                file.truncate(self._end)
                file.seek(self._end)
                try:
                    if file.write(line) != len(line):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(self._end)
                    raise
        except OSError as error:
            raise cannot_write(path, error) from error
        self._end += len(line)

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep all other processes from adding to the run; the claim ends with the process at the latest.

        Raises:
            RunError: another process is at work on it.
        """
        with locked(self.folder / "run.json") as held:
            if not held:
                raise RunError(f"Another process is at work on {self.folder}; wait for it, or end it.")
            yield

    def tidy(self) -> None:
        """Remove the files that a killed process had begun to write."""
        for path in self.folder.rglob(f".*{UNFINISHED}"):
            path.unlink(missing_ok=True)

    def mend(self) -> int:
        """Take out the lines of attempts whose file is gone or damaged, so that they are due again; gives their number.

        Raises:
            RunError: a line is damaged, a file cannot be read for another reason, or another process is at work.
        """
        path = self.folder / _LINES
        if all(self._is_whole(one.key) for one in self._lines()):
            return 0
        with self.claimed():
            made = self._lines()
            kept = [one for one in made if self._is_whole(one.key)]
            write_atomic(path, "".join(one.model_dump_json(exclude_none=True) + "\n" for one in kept))
            self._end = None
        return len(made) - len(kept)

    def _is_whole(self, key: Key) -> bool:
        """Raises RunError for a file that is whole JSON but cannot be used: another version's may be worth keeping."""
        path = self._evidence_path(key)
        try:
            read_document(path, Evidence)
        except RunError as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError) and cause.errors()[0]["type"] != "json_invalid":
                raise RunError(f"{error} Remove the file, and its attempt is made again.") from error
            if not isinstance(cause, FileNotFoundError | ValidationError):
                raise
            return False
        return True

    def regrades(self) -> list[RegradeDocument]:
        """All other gradings of the run, oldest first."""
        found = self.folder.glob("regrades/*/regrade.json")
        return sorted((read_document(path, RegradeDocument) for path in found), key=lambda one: one.number)

    def add_regrade(self, document: RegradeDocument, grades: Iterable[Regrade], scenarios: Iterable[Scenario]) -> None:
        """Keep another grading; `regrade.json` comes last, so one that has it is whole."""
        folder = self.folder / "regrades" / str(document.number)
        lines = [one.model_dump_json(exclude_none=True) + "\n" for one in grades]
        for scenario in scenarios:
            write_atomic(_scenario_path(folder, scenario.environment, scenario.id), scenario_text(scenario))
        write_atomic(folder / "grades.jsonl", "".join(lines))
        write_atomic(folder / "regrade.json", document.model_dump_json(indent=1))

    def _take_grades(self, number: int | None) -> None:
        known = {one.number: one for one in self.regrades()}
        number = max(known, default=0) if number is None else number
        if number == 0:
            return
        if number not in known:
            raise RunError(f"{self.folder} has no regrade {number}; it has {', '.join(map(str, known)) or 'none'}.")
        self.regrade = known[number]
        path = self.folder / "regrades" / str(number) / "grades.jsonl"
        remedy = f"Remove {path.parent} and grade again: {shlex.join(['envwright', 'regrade', str(self.folder)])}"
        self._regraded = {one.attempt.key: one for one in _read_lines(path, Regrade, remedy)}

    def attempts(self) -> list[Attempt]:
        """All attempts that were finished, in the order in which they were due; a torn last line is left out."""
        attempts = [regraded.attempt if (regraded := self._regrade_of(one)) else one for one in self._lines()]
        due = {key: place for place, key in enumerate(self.document.configuration.keys())}
        return sorted(attempts, key=lambda attempt: due.get(attempt.key, len(due)))

    def _lines(self) -> list[Attempt]:
        remedy = f"Remove that line; then this makes its attempt again: {self._resuming}"
        return list(_read_lines(self.folder / _LINES, Attempt, remedy))

    def evidence(self, key: Key) -> Evidence:
        try:
            evidence = read_document(self._evidence_path(key), Evidence)
        except RunError as error:
            raise RunError(
                f"{error} If it cannot be had back, this makes the attempt again: {self._resuming}"
            ) from error
        regraded = self._regrade_of(evidence.attempt)
        if regraded:
            evidence.attempt, evidence.grade = regraded.attempt, regraded.grade
        return evidence

    def _regrade_of(self, attempt: Attempt) -> Regrade | None:
        """How it was graded again; nothing where the attempt was made again since."""
        found = self._regraded.get(attempt.key)
        return found if found and found.attempt.started == attempt.started else None

    @property
    def _resuming(self) -> str:
        return shlex.join(["envwright", "run", "--resume", str(self.folder)])

    def scenario(self, environment: str, scenario: str) -> Scenario:
        """A scenario as it is graded."""
        folder = self.folder
        if self.regrade and scenario in self.regrade.scenarios.get(environment, {}):
            folder = folder / "regrades" / str(self.regrade.number)
        return load_scenario(_scenario_path(folder, environment, scenario))

    def environment(self, name: str) -> EnvironmentRecord:
        return read_document(self.folder / "environments" / f"{file_name(name)}.json", EnvironmentRecord)

    def skeleton_path(self, environment: str) -> Path:
        return self.folder / "skeletons" / f"{file_name(environment)}.yaml"

    def skeleton(self, environment: str) -> str:
        """What an environment was rendered from.

        Raises:
            RunError: it is not there, or not a text.
        """
        path = self.skeleton_path(environment)
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise RunError(f"{path} cannot be read: {error.strerror or error}.") from error
        except UnicodeDecodeError as error:
            raise RunError(f"{path} is damaged: it is not UTF-8 ({error.reason}).") from error

    def _evidence_path(self, key: Key) -> Path:
        place = self.folder / "attempts" / file_name(key.environment) / file_name(key.scenario)
        return place / f"{file_name(key.agent)}.{key.number}.json"


def find_run(name: str, runs: Path = Path("runs"), grades: int | None = None) -> Run:
    """The run at a path, the one of that name below `runs`, or the newest one for `latest`.

    Raises:
        NotFoundError: there is no such run.
    """
    if name == "latest":
        found = sorted(runs.glob("*/run.json"), key=lambda path: path.stat().st_mtime)
        if not found:
            raise NotFoundError(f"There is no run in {runs.resolve()}; make one with 'envwright run'.")
        return Run(found[-1].parent, grades)
    for folder in (Path(name), runs / name):
        if (folder / "run.json").is_file():
            return Run(folder, grades)
    raise NotFoundError(f"There is no run '{name}', neither as a folder nor in {runs.resolve()}.")


def _scenario_path(folder: Path, environment: str, scenario: str) -> Path:
    return folder / "scenarios" / file_name(environment) / f"{file_name(scenario)}.json"


def _read_lines(path: Path, kind: type[Document], remedy: str) -> Iterator[Document]:
    """The documents of a file with one a line; a torn last one is left out. `remedy` is told of a damaged one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror or error}.") from error
    for number, line in enumerate(content[: _end_of_whole_lines(content)].splitlines(), start=1):
        try:
            yield kind.model_validate_json(line)
        except ValidationError as error:
            raise RunError(f"{path}, line {number} is damaged: {first_problem(error)}. {remedy}") from error


def _end_of_whole_lines(content: bytes) -> int:
    return content.rfind(b"\n") + 1
