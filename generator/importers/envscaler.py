"""One environment of EnvScaler's release with its scenarios, from records to files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from generator.importers import checks
from generator.importers.contained import Box, Broken, ClassError
from generator.importers.errors import RecordError
from generator.importers.findings import Finding
from generator.importers.folder import CLOCK
from generator.importers.kinds import Nature, Observation, judge, observe
from generator.importers.placing import MADE_BY
from generator.importers.release import Environment
from generator.importers.release import Scenario as Released
from generator.importers.rendering import ORIGIN, binding_digest, maker_digest, render_folder
from generator.importers.signatures import Source, SourceError, read_source
from generator.importers.tools import Tool, match_tools
from generator.importers.writes import Writes
from generator.rendering.bundled import IMPORT_RECORD
from generator.scengenerator.files import scenario_text
from generator.scengenerator.scenario import Scenario, Solution, canonical, digest

_OBSERVED = 2  # states on which tools are tried


@dataclass(frozen=True)
class Job:
    """What is imported into one folder."""

    name: str
    environment: Environment
    scenarios: tuple[Released, ...]
    findings: tuple[Finding, ...] = ()  # of the reading
    clock: str = CLOCK
    trust: bool = False

    @property
    def environment_digest(self) -> str:
        """SHA-256 of all but the scenarios that decides about the files."""
        return digest(canonical([self.name, self.environment.digest, self.clock, maker_digest(), version("envwright")]))

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides about the files."""
        return digest(canonical([self.environment_digest, [(item.task_id, item.digest) for item in self.scenarios]]))


@dataclass
class Imported:
    """The files of an import, and what there is to say about it."""

    files: dict[str, bytes]
    scenarios: dict[str, bytes]
    findings: list[Finding]
    tools: int
    natures: dict[str, Nature] = field(default_factory=dict)

    def list_scenarios(self, before: dict[str, object] | None) -> None:
        """Say in import.json that the scenarios of an earlier import are still there."""
        record = json.loads(self.files[IMPORT_RECORD])
        record["scenarios"] = before["scenarios"] if before else {}
        self.files[IMPORT_RECORD] = _text(record)


def build(job: Job) -> Imported:
    """Make the files of one environment and of its scenarios.

    Raises:
        RecordError: the environment cannot be imported; its sentence says why.
        ContainmentError: nothing here can contain a stranger's code.
    """
    environment, findings = job.environment, list(job.findings)
    source = _source(environment, [scenario.class_name for scenario in job.scenarios])
    findings += _other_classes(job, source.cls.name)
    environment = environment.model_copy(update={"class_name": source.cls.name})
    tools, said = match_tools(environment, source)
    findings += said
    if not tools:
        raise RecordError(environment.env_id, "tools", "names no method that the class has")
    worlds = _Worlds(job, environment)
    started = [(scenario, worlds.start(scenario)) for scenario in job.scenarios]
    default = _default(worlds, environment, [state for _, state in started if state is not None])
    natures = _natures(worlds, source, tools, [state for _, state in started if state is not None] or [default])
    findings += worlds.findings
    state = {"clock": job.clock, "counters": {}, "tables": default}
    files = render_folder(job.name, environment, tools, natures, state, [f for f in findings if f.level != "note"])
    scenarios: dict[str, bytes] = {}
    for scenario, tables in started:
        if tables is not None:
            text = _scenario(job, scenario, tables, binding_digest(files), findings)
            scenarios[f"{scenario.task_id}.json"] = text.encode()
    files[IMPORT_RECORD] = _record(job, environment, natures, findings, files, scenarios)
    return Imported(files, scenarios, findings, len(tools), natures)


def _source(environment: Environment, also: Sequence[str]) -> Source:
    """`also` are the class names of the scenarios, by which EnvScaler goes."""
    names = [name for name in dict.fromkeys([environment.class_name, *also]) if name]
    try:
        environment.code.encode()
        return read_source(environment.code, names, {tool.name for tool in environment.tools})
    except SourceError as error:
        raise RecordError(environment.env_id, "env_class_code", str(error)) from error
    except RecursionError as error:
        raise RecordError(environment.env_id, "env_class_code", "is nested too deeply to be read") from error
    except UnicodeEncodeError as error:
        raise RecordError(environment.env_id, "env_class_code", f"holds half a character at {error.start}") from error


def _other_classes(job: Job, taken: str) -> Iterator[Finding]:
    """What records say that names another class than the one that was taken."""
    if job.environment.class_name != taken:
        yield Finding(job.environment.env_id, "env_class_name", f"leads to no class; {taken} was taken")
    for scenario in job.scenarios:
        if scenario.class_name not in ("", taken):
            other = f"is {scenario.class_name}, but the class that was taken is {taken}"
            yield Finding(scenario.task_id, "env_class_name", other)


class _Worlds:
    """Makes objects of one class in boxes."""

    def __init__(self, job: Job, environment: Environment) -> None:
        self._job = job
        self._environment = environment
        self.findings: list[Finding] = []

    def open(self) -> Box:
        """A box that has loaded the class. Raises ClassError, Broken or ContainmentError."""
        box = Box(seed=self._environment.digest, clock=self._job.clock, trust=self._job.trust)
        try:
            box.load(self._environment.code, self._environment.class_name)
        except BaseException:
            box.close()
            raise
        return box

    def state(self, config: Any) -> dict[str, Any]:
        """The encoded attributes of a fresh object. Raises as `open` does."""
        with self.open() as box:
            box.construct(config if config is not None else {})
            found: dict[str, Any] = box.state()
        return found

    def start(self, scenario: Released) -> dict[str, Any] | None:
        """The state that a scenario starts from; None, and a finding, where no object can be made."""
        try:
            return self.state(scenario.config)
        except (ClassError, Broken) as error:
            self.findings.append(Finding(scenario.task_id, "init_config", f"was left out: {error}", "left_out"))
        return None


def _default(worlds: _Worlds, environment: Environment, states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the server starts from without a scenario. Raises RecordError where no object can be made at all."""
    if states:
        return states[0]
    error: Exception | None = None
    own = environment.init_config
    for config in [own, {}] if own and isinstance(own, dict) else [{}]:
        try:
            return worlds.state(config)
        except (ClassError, Broken) as failure:
            error = failure
    raise RecordError(environment.env_id, "env_class_code", f"gives no object without a scenario either: {error}")


def _natures(worlds: _Worlds, source: Source, tools: Sequence[Tool], states: Sequence[Any]) -> dict[str, Nature]:
    environment = worlds._environment
    looked = Writes(source)
    seen: dict[str, Observation] = observe(worlds.open, tools, states[:_OBSERVED], environment.digest)
    natures: dict[str, Nature] = {}
    for tool in tools:
        declared = environment.operations.get(tool.name, "")
        natures[tool.name], said = judge(environment.env_id, tool, looked.of(tool.name), seen[tool.name], declared)
        worlds.findings += said
    return natures


def _scenario(
    job: Job, released: Released, tables: dict[str, Any], environment_digest: str, findings: list[Finding]
) -> str:
    def open_box() -> Box:
        return Box(seed=released.digest, clock=job.clock, trust=job.trust)

    settled, audit = checks.settle(open_box, [(check.item, check.source) for check in released.checks], tables)
    odd = [one for one in audit.checks if one.start not in ("true", "false")]
    if odd:
        which = ", ".join(f"{one.check} ({one.start})" for one in odd)
        whole = "no check says anything about the start" if len(odd) == len(settled) else "not decided at the start"
        findings.append(Finding(released.task_id, "checklist_with_func", f"{whole}: {which}"))
    if settled and not any(check.kind == "goal" for check in settled):
        words = "has no check that is false at the start, so there is nothing to reach"
        findings.append(Finding(released.task_id, "checklist_with_func", words))
    return scenario_text(
        Scenario(
            id=released.task_id,
            environment=job.name,
            skeleton_digest=job.environment.digest,
            environment_digest=environment_digest,
            seed=0,
            kind="change",
            difficulty=checks.difficulty(len(settled)),
            clock=job.clock,
            initial_state={"clock": job.clock, "counters": {}, "tables": tables},
            task=released.task,
            checks=list(settled),
            solution=Solution(),
            audit=audit,
        )
    )


def scenario_digest(content: bytes) -> str:
    """SHA-256 of a scenario's file but for its audit, which is made again and again. Raises ValueError."""
    document = json.loads(content)
    if isinstance(document, dict):
        document.pop("audit", None)
    return digest(canonical(document))


def _record(
    job: Job,
    environment: Environment,
    natures: dict[str, Nature],
    findings: Sequence[Finding],
    files: dict[str, bytes],
    scenarios: dict[str, bytes],
) -> bytes:
    """import.json: where the folder comes from, and what was found on the way."""
    document = {
        "made_by": MADE_BY,
        "schema_version": 1,
        "origin": ORIGIN,
        "env_id": environment.env_id,
        "class_name": environment.class_name,
        "record_digest": environment.digest,
        "import_digest": job.digest,
        "environment_import_digest": job.environment_digest,
        "clock": job.clock,
        "tools": {name: nature.document() for name, nature in natures.items()},
        "findings": [{"record": finding.record, **finding.document()} for finding in findings],
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
        "scenarios": {name: scenario_digest(content) for name, content in scenarios.items()},
    }
    return _text(document)


def _text(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
