"""A whole release into `DIR/servers/<name>/` and `DIR/scenarios/<name>/`: one environment after the other."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from generator.importers.contained import ContainmentError
from generator.importers.envscaler import Imported, Job, build, scenario_digest
from generator.importers.errors import ForeignError, ImportingError, RecordError, ReleaseError
from generator.importers.findings import Finding
from generator.importers.folder import CLOCK
from generator.importers.placing import place, read_record, remove, require_ours, require_scenarios, safe_name, tidy
from generator.importers.reading import Record, read_records
from generator.importers.release import Environment, Scenario, environment_named, environment_of, listed, scenario_of
from generator.scengenerator.scenario import digest


@dataclass(frozen=True)
class Order:
    """What is to be imported, and where to."""

    environments: Path
    scenarios: tuple[Path, ...]  # files; an environment of which they say nothing keeps the scenarios that it has
    out: Path
    clock: str = CLOCK
    trust: bool = False
    again: bool = False  # also what is there with the same digest
    only: tuple[str, ...] = ()
    parallel: int = 1


@dataclass(frozen=True)
class Batch:
    """The release as read: jobs in the order of the file, and what could not be read."""

    jobs: tuple[Job, ...]
    broken: tuple[Finding, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one environment."""

    name: str
    what: Literal["imported", "there", "broken"]
    findings: tuple[Finding, ...] = ()
    tools: int = 0
    scenarios: int = 0


def require_clock(text: str | None) -> str:
    """A clock as scenarios have it; the usual one for None. Raises ImportingError."""
    if text is None:
        return CLOCK
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ImportingError(f"{text!r} is no time; write it like {CLOCK}.") from error
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="seconds")


def read_release(order: Order) -> Batch:
    """Read both files. Raises ReleaseError where one cannot be read at all."""
    broken: list[Finding] = []
    environments: dict[str, tuple[Environment, list[Finding]]] = {}
    for record in _environments(order):
        try:
            environment, said = environment_of(record)
            if environment.env_id in environments:
                raise RecordError(record.place, "env_id", f"{environment.env_id} is there twice; the first was taken")
            environments[environment.env_id] = (environment, said)
        except RecordError as error:
            broken += [error.finding] if _is_asked_for(environment_named(record), order.only) else []
    scenarios: dict[str, list[tuple[Scenario, list[Finding]]]] = {}
    for record in (record for path in order.scenarios for record in read_records(path)):
        try:
            scenario, said = scenario_of(record)
            if scenario.env_id not in environments:
                missing = f"{scenario.env_id} is no environment of {order.environments.name}"
                raise RecordError(scenario.task_id, "env_id", missing)
            scenarios.setdefault(scenario.env_id, []).append((scenario, said))
        except RecordError as error:
            broken += [error.finding] if _is_asked_for(environment_named(record), order.only) else []
    known = {name for env_id in environments for name in (env_id, safe_name(env_id))}
    unknown = [name for name in order.only if name not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, 1)
        hint = f"is {near[0]} meant?" if near else f"it has {listed(sorted(environments))}."
        raise ReleaseError(f"{order.environments} has no environment {unknown[0]} that can be read; {hint}")
    jobs = [
        _job(order, environment, said, scenarios.get(env_id, []), broken)
        for env_id, (environment, said) in environments.items()
        if _is_asked_for(env_id, order.only)
    ]
    return Batch(tuple(_with_names(jobs, broken)), tuple(broken))


def _environments(order: Order) -> list[Record]:
    records = read_records(order.environments)
    if not records:
        raise ReleaseError(f"{order.environments} holds no record; get the file again.")
    known = [record.value for record in records if isinstance(record.value, dict)]
    if known and all("env_class_code" not in value and {"task", "task_id"} & {*value} for value in known):
        raise ReleaseError(f"{order.environments} holds scenarios; give the environments with --environments.")
    return records


def _is_asked_for(env_id: str, only: Sequence[str]) -> bool:
    """With `only`, what is known to be about one of these environments; else everything."""
    return not only or env_id in only or (env_id != "" and safe_name(env_id) in only)


def _job(
    order: Order,
    environment: Environment,
    said: list[Finding],
    scenarios: list[tuple[Scenario, list[Finding]]],
    broken: list[Finding],
) -> Job:
    """One environment with its scenarios, whose ids become different names of files."""
    taken: dict[str, Scenario] = {}
    findings = list(said)
    for scenario, heard in scenarios:
        identity = safe_id(scenario.task_id)
        if identity in taken:
            same = taken[identity].digest == scenario.digest
            message = "is there twice, the same; it was taken once" if same else "is there twice; the first was taken"
            broken.append(Finding(scenario.task_id, "task_id", message, "note" if same else "broken"))
            continue
        taken[identity] = scenario.model_copy(update={"task_id": identity})
        findings += heard
    name = safe_name(environment.env_id)
    return Job(name, environment, tuple(taken.values()), tuple(findings), order.clock, order.trust)


def safe_id(text: str) -> str:
    """A scenario's id that is good for a file's name."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "-" for letter in text)
    if plain == text and plain[:1].isalnum() and len(text) <= 150:
        return text
    return f"{plain[:100]}-{digest(text)[:8]}".lstrip("-_.")


def _with_names(jobs: list[Job], broken: list[Finding]) -> Iterator[Job]:
    taken: dict[str, str] = {}
    for job in jobs:
        env_id = job.environment.env_id
        if job.name in taken:
            message = f"would get the same folder as {taken[job.name]}, {job.name}; give it another id"
            broken.append(Finding(env_id, "env_id", message, "broken"))
            continue
        taken[job.name] = env_id
        yield job


def carry_out(order: Order, jobs: Sequence[Job]) -> Generator[Outcome, None, None]:
    """Import the environments, `parallel` at a time; outcomes come in their order.

    What is there with the same digest is left as it is. When it is stopped, those under way are finished.

    Raises:
        ImportingError: nothing here can contain a stranger's code, or a folder cannot be written.
    """
    servers, scenarios = order.out / "servers", order.out / "scenarios"
    tidy(servers)
    tidy(scenarios)
    workers = ThreadPoolExecutor(max(1, order.parallel), thread_name_prefix="import")
    try:
        outcomes = [workers.submit(_one, order, job, servers / job.name, scenarios / job.name) for job in jobs]
        for outcome in outcomes:
            yield outcome.result()
    finally:
        workers.shutdown(cancel_futures=True)


def _one(order: Order, job: Job, server: Path, scenarios: Path) -> Outcome:
    try:
        require_ours(server)
        require_scenarios(scenarios, job.name)
        if not order.again and _is_there(job, server, scenarios):
            return Outcome(job.name, "there", scenarios=len(job.scenarios))
        before = read_record(server)
        made = build(job)
    except ContainmentError as error:
        raise ImportingError(str(error)) from error
    except RecordError as error:
        return Outcome(job.name, "broken", (*job.findings, error.finding))
    except ForeignError as error:
        return Outcome(job.name, "broken", (Finding(job.environment.env_id, "", str(error), "broken"),))
    if made.scenarios:
        place(scenarios, made.scenarios)
    elif scenarios.exists() and not job.scenarios and _same_environment(before, made):
        made.list_scenarios(before)
    elif scenarios.exists():
        lost = "had scenarios, made for another version of it; they were taken away: import them too"
        made.findings.append(Finding(job.environment.env_id, "", lost))
        remove(scenarios)
    place(server, made.files)  # last: its import.json says that all is there
    return Outcome(job.name, "imported", tuple(made.findings), made.tools, len(made.scenarios))


def _is_there(job: Job, server: Path, scenarios: Path) -> bool:
    """Whether just this was imported, and is whole."""
    record = read_record(server)
    part = "import_digest" if job.scenarios else "environment_import_digest"
    if record is None or record.get(part) != (job.digest if job.scenarios else job.environment_digest):
        return False
    listed = record.get("scenarios")
    files = record.get("files")
    if not isinstance(listed, dict) or not isinstance(files, dict):
        return False
    there = {path.name for path in scenarios.iterdir()} if scenarios.is_dir() else set()
    return (
        there == set(listed)
        and all(_has(scenarios / name, known, scenario_digest) for name, known in listed.items())
        and all(_has(server / name, known, _digest) for name, known in files.items())
    )


def _same_environment(before: dict[str, object] | None, made: Imported) -> bool:
    """Whether scenarios that were made for what was there fit what was made now."""
    files = before.get("files") if before else None
    return isinstance(files, dict) and files.get("binding.py") == _digest(made.files["binding.py"])


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _has(path: Path, known: object, digest_by: Callable[[bytes], str]) -> bool:
    try:
        return digest_by(path.read_bytes()) == known
    except (OSError, ValueError, RecursionError):
        return False
