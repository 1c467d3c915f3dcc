"""Audits the scenarios of imported environments, one after the other; what is done is kept in the scenarios' files.

An audit that was stopped goes on where it was: a scenario whose audit was made with the same effort, recordings and
checks is not audited again.
"""

from __future__ import annotations

import difflib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from generator.importers.audit import WORDS, Auditor, Effort, Outcome, worthless
from generator.importers.causes import final_state
from generator.importers.contained.box import Box
from generator.importers.contained.errors import ContainmentError
from generator.importers.contained.values import DecodingError
from generator.importers.folder import CHECKING, ForeignClass, new_box, read_class, scenario_files
from generator.importers.release import listed
from generator.importers.repaired import released, repaired
from generator.scengenerator.files import load_scenario, scenario_text, write_scenario
from generator.scengenerator.scenario import Scenario, SourceCheck, canonical, digest
from harness.environments import load_environment
from harness.errors import RunError
from harness.files import write_atomic
from harness.recorded import Recordings
from harness.store import Run


@dataclass(frozen=True)
class Subject:
    """A scenario's file with the class of its environment."""

    path: Path
    folder: Path
    foreign: ForeignClass


@dataclass
class Audited:
    """What an audit came to, scenario by scenario. Times are in seconds, of the scenarios audited now."""

    scenarios: list[tuple[Subject, Scenario]] = field(default_factory=list)
    kept: int = 0  # scenarios whose audit was there already
    checks_now: int = 0
    seconds: float = 0.0
    judged: int = 0
    probed: int = 0

    @property
    def checks(self) -> int:
        return sum(len(scenario.checks) for _, scenario in self.scenarios)

    @property
    def speed(self) -> float | None:
        """Checks a second, of those audited now."""
        return self.checks_now / self.seconds if self.seconds and self.checks_now else None

    @cached_property
    def classes(self) -> dict[str, tuple[int, int]]:
        """Checks and scenarios with at least one finding of each class, the gravest class first."""
        checks, scenarios = Counter[str](), Counter[str]()
        for _, scenario in self.scenarios:
            found = [{finding.what for finding in one.findings} for one in _checks(scenario)]
            checks.update(what for each in found for what in each)
            scenarios.update({what for each in found for what in each})
        return {what: (checks[what], scenarios[what]) for what in WORDS}

    @property
    def worthless(self) -> int:
        return sum(worthless(one) is not None for _, scenario in self.scenarios for one in _checks(scenario))


def _checks(scenario: Scenario) -> Sequence[Any]:
    return scenario.audit.checks if scenario.audit else ()


def imported_folders(place: Path) -> list[Path]:
    """The imported environments at a path: one's own folder, or those below `servers/` in it.

    Raises RunError where there is none.
    """
    found = [place] if (place / "import.json").is_file() else []
    found = found or sorted(
        path.parent for path in [*place.glob("servers/*/import.json"), *place.glob("*/import.json")]
    )
    if not found:
        raise RunError(
            f"{place} holds no imported environment; make one with: envwright import envscaler --out {place}"
        )
    return found


def subjects(folders: Sequence[Path], only: Sequence[str] = ()) -> list[Subject]:
    """The scenarios of these environments, all or those of some ids. Raises RunError where there is none."""
    found = [Subject(path, folder, read_class(folder)) for folder in folders for path in scenario_files(folder)]
    if not found:
        raise RunError(f"There is no scenario of {listed([folder.name for folder in folders])}; import some.")
    known = [one.path.stem for one in found]
    for name in only:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"is {near[0]} meant?" if near else f"there is {listed(known)}."
            raise RunError(f"There is no scenario {name}; {hint}")
    return [one for one in found if not only or one.path.stem in only]


class Evidence:
    """Outcomes of recorded attempts: of a file of recordings, and of runs. `name` tells one such set from others."""

    def __init__(self, folders: Sequence[Path], recordings: Path | None, runs: Sequence[Run]) -> None:
        self._by_environment: dict[str, list[Outcome]] = {}
        names: list[str] = []
        if recordings is not None:
            found = Recordings(recordings, folders)
            names.append(digest(recordings.read_bytes().decode("utf-8", "replace")))
            for part in found.parts:
                before = part.scenario.initial_state["tables"]
                after = final_state(part.foreign, part.scenario, part.calls)
                sources = frozenset(check.source for check in part.scenario.sources)
                if after is not None:
                    self._add(part.environment.name, Outcome(before, after, sources))
        for run in runs:
            names.append(f"{run.document.id} {len(run.attempts())}")
            for attempt in run.attempts():
                scenario = run.scenario(attempt.environment, attempt.scenario)
                kept = run.evidence(attempt.key)
                if scenario.imported and kept.final_state is not None:
                    sources = frozenset(check.source for check in scenario.sources)
                    before = kept.initial_state["tables"]
                    self._add(attempt.environment, Outcome(before, kept.final_state["tables"], sources))
        self.name = digest(canonical(names))

    def _add(self, environment: str, outcome: Outcome) -> None:
        self._by_environment.setdefault(environment, []).append(outcome)

    def of(self, scenario: Scenario) -> list[Outcome]:
        """The outcomes that tell of one of its checks."""
        known = self._by_environment.get(scenario.environment, [])
        return [one for one in known if any(one.tells_of(check) for check in scenario.sources)]


def audit(
    chosen: Sequence[Subject],
    effort: Effort,
    evidence: Evidence,
    again: bool = False,
    parallel: int = 1,
    progress: Callable[[Scenario], None] = lambda _: None,
) -> Audited:
    """Audit scenarios, some at the same time, and write what was found into their files.

    Raises:
        RunError: nothing here can contain the checks.
        ScenarioError: a scenario cannot be read or written.
    """
    outcome, began = Audited(), time.perf_counter()
    tools = {folder: load_environment(folder).record.tools for folder in {one.folder for one in chosen}}
    with ThreadPoolExecutor(parallel) as pool:  # the work is done in contained processes, which we wait for
        waiting = [pool.submit(_audit, one, tools[one.folder], effort, evidence, again) for one in chosen]
        try:
            for subject, future in zip(chosen, waiting, strict=True):
                scenario, auditor = future.result()
                outcome.scenarios.append((subject, scenario))
                if auditor is None:
                    outcome.kept += 1
                else:
                    outcome.checks_now += len(scenario.checks)
                    outcome.judged += auditor.judged
                    outcome.probed += auditor.probed
                progress(scenario)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    outcome.seconds = time.perf_counter() - began
    return outcome


def _audit(
    subject: Subject, tools: list[dict[str, Any]], effort: Effort, evidence: Evidence, again: bool
) -> tuple[Scenario, Auditor | None]:
    """One scenario with its audit, and who made it; None where it was there already."""
    scenario = load_scenario(subject.path)
    basis = _basis(scenario, effort, evidence)
    if not again and scenario.audit is not None and scenario.audit.basis == basis:
        return scenario, None
    auditor = Auditor(subject.foreign, tools, _box, effort)
    try:
        found = auditor.audit(scenario, evidence.of(scenario), basis)
    except (ContainmentError, DecodingError) as error:
        raise RunError(f"{subject.path} cannot be audited: {error}") from error
    scenario = scenario.model_copy(update={"audit": found})
    write_scenario(subject.path, scenario)
    return scenario, auditor


def _box(clock: str, seed: str) -> Box:
    return new_box(clock, seed, CHECKING)


def _basis(scenario: Scenario, effort: Effort, evidence: Evidence) -> str:
    """What an audit depends on, as a digest."""
    checks = [[check.id, check.source, check.description] for check in scenario.sources]
    told = [version("envwright"), vars(effort), evidence.name, scenario.initial_state, checks, scenario.task]
    return digest(canonical(told))


def require_apart(path: Path, chosen: Sequence[Subject]) -> None:
    """Raises RunError for a place of an export that belongs to the import itself."""
    place = path.resolve()
    for one in chosen:
        for own in (one.folder.parent.resolve(), one.path.parents[1].resolve()):
            if place.is_relative_to(own) or place == own.parent:
                raise RunError(f"{path} belongs to the import that is audited; name another place with --export.")


def export(outcome: Audited, path: Path) -> tuple[int, int]:
    """Write the scenarios with repaired weights: a `.json` file in EnvScaler's format, else a folder of ours.

    Returns how many scenarios were written, and how many of their checks weigh nothing now.

    Raises RunError or ScenarioError when that cannot be done.
    """
    if path.suffix == ".json":
        documents = [released(scenario, subject.foreign) for subject, scenario in outcome.scenarios]
        write_atomic(path, json.dumps(documents, indent=1, ensure_ascii=False) + "\n")
    else:
        for subject, scenario in outcome.scenarios:
            write_atomic(path / subject.folder.name / subject.path.name, scenario_text(repaired(scenario)))
    return len(outcome.scenarios), outcome.worthless


def findings(outcome: Audited) -> Iterator[tuple[Scenario, SourceCheck, Any]]:
    """Every finding with its scenario and check."""
    for _, scenario in outcome.scenarios:
        by_id = {check.id: check for check in scenario.sources}
        for one in _checks(scenario):
            for finding in one.findings:
                yield scenario, by_id[one.check], finding
