"""Plays recorded tool calls of a release through the MCP server, grades them, and says why a reward is another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.errors import EnvwrightError
from generator.importers.causes import Examiner
from generator.importers.checks import difficulty, settle
from generator.importers.contained.errors import Broken, ClassError, ContainmentError
from generator.importers.folder import ForeignClass, check_box, read_class, scenario_files
from generator.importers.recordings import RecordedCall, Recording, Unreadable, read_recordings
from generator.importers.release import listed
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario, Solution, ToolCall
from harness.agents.agent import Limits
from harness.environments import RenderedEnvironment, load_environment
from harness.errors import RunError
from harness.outcomes import COUNTED
from harness.records import Evidence, Key
from harness.run import Plan, plan_run
from harness.store import Run

AGENT = "reference"


@dataclass(frozen=True)
class Comparison:
    """A recording and what came of playing it. `ours` and `recorded` are as-released scores, to four decimals."""

    place: str
    task_id: str
    environment: str
    scenario: str
    recorded: float | None
    ours: float | None
    score: float | None
    cause: str = ""
    words: str = ""
    proven: bool = False

    @property
    def equal(self) -> bool:
        return self.recorded is not None and self.ours == self.recorded

    @property
    def played(self) -> bool:
        """Whether it was played and graded at all."""
        return self.ours is not None

    @property
    def explained(self) -> bool:
        """Whether it is equal, or there is nothing to be equal to, or the difference has a cause that was found."""
        return self.played and (self.equal or self.recorded is None or self.cause not in ("", "unexplained"))


@dataclass(frozen=True)
class Part:
    """One recording as a scenario whose solution is what was recorded."""

    recording: Recording
    environment: RenderedEnvironment
    foreign: ForeignClass
    scenario: Scenario
    calls: tuple[RecordedCall, ...]  # those that can be made, as EnvScaler would have made them


class Recordings:
    """The recordings of a file, put beside the imported environments that they were made in."""

    def __init__(self, path: Path, environments: Sequence[Path]) -> None:
        """Raises ReleaseError for a file that cannot be read, and RunError when nothing of it can be played."""
        self._classes = {one.env_id: (folder, one) for folder in environments for one in [read_class(folder)]}
        self._loaded: dict[str, RenderedEnvironment] = {}
        self._scenarios: dict[str, dict[str, Scenario]] = {}
        self.parts: list[Part] = []
        self.unplayed: list[Comparison] = []
        taken: set[tuple[str, str]] = set()
        for one in read_recordings(path):
            made = self._part(one, taken)
            if isinstance(made, Part):
                self.parts.append(made)
            else:
                self.unplayed.append(made)
        if not self.parts:
            why = f" ({self.unplayed[0].place}: {self.unplayed[0].words})" if self.unplayed else ""
            raise RunError(f"{path} holds no recording that can be played{why}.")

    def _part(self, one: Recording | Unreadable, taken: set[tuple[str, str]]) -> Part | Comparison:
        if isinstance(one, Unreadable):
            return Comparison(one.place, "", "", "", None, None, None, "unreadable", one.problem)
        if one.env_id not in self._classes:
            known = listed([*self._classes])
            return _left(one, "environment missing", f"{one.env_id} was not imported; there is {known}")
        folder, foreign = self._classes[one.env_id]
        if folder.name not in self._loaded:
            self._loaded[folder.name] = load_environment(folder)
            self._scenarios[folder.name] = {one.id: one for one in map(load_scenario, scenario_files(folder))}
        environment = self._loaded[folder.name]
        try:
            scenario = _scenario(one, environment, foreign, self._scenarios[folder.name])
        except ContainmentError as error:
            raise RunError(f"Nothing can be played: {error}") from error
        except (Broken, ClassError, EnvwrightError) as error:
            return _left(one, "not to be started", str(error))
        name, number = scenario.id, 1
        while (environment.name, scenario.id) in taken:
            number += 1
            scenario = scenario.model_copy(update={"id": f"{name}-{number}"})
        taken.add((environment.name, scenario.id))
        calls = tuple(call for call in one.calls if not call.problem)
        return Part(one, environment, foreign, scenario, calls)

    def plan(self) -> Plan:
        """A run that plays all of them."""
        selection = [
            (environment, [part.scenario for part in self.parts if part.environment is environment])
            for environment in self._loaded.values()
        ]
        most = max(len(part.calls) for part in self.parts)
        used = [(environment, chosen) for environment, chosen in selection if chosen]
        return plan_run(used, [AGENT], limits=Limits(tool_calls=most + 1))

    def compared(self, run: Run) -> Iterator[Comparison]:
        """What came of each, in the file's order, then what could not be played."""
        for part in self.parts:
            yield _compared(part, run.evidence(Key(part.environment.name, part.scenario.id, AGENT, 1)))
        yield from self.unplayed


def _scenario(
    one: Recording, environment: RenderedEnvironment, foreign: ForeignClass, known: dict[str, Scenario]
) -> Scenario:
    """A recording's own start and checks, or those of the scenario that it names."""
    base = known.get(one.task_id)
    if base is None and not one.checks:
        raise RunError(f"it brings no checks along, and there is no scenario {one.task_id}")
    clock = base.clock if base else foreign.clock
    if one.config is not None or base is None:
        tables = foreign.start(one.config, clock, one.task_id)
    else:
        tables = base.initial_state["tables"]
    given = one.checks or [(check.description, check.source) for check in (base.sources if base else ())]
    checks, audit = settle(lambda: check_box(clock), given, tables)
    return Scenario(
        id=one.task_id,
        environment=environment.name,
        skeleton_digest="",
        environment_digest=environment.digest,
        seed=0,
        kind="change",
        difficulty=difficulty(len(checks)),
        clock=clock,
        initial_state={"clock": clock, "counters": {}, "tables": tables},
        task=base.task if base else "",
        checks=list(checks),
        solution=Solution(
            calls=[ToolCall(name=call.name, arguments=call.arguments) for call in one.calls if not call.problem],
            answer="Task Completed",  # what ends an attempt in EnvScaler
        ),
        audit=audit,
    )


def _left(one: Recording, cause: str, words: str) -> Comparison:
    return Comparison(one.place, one.task_id, one.env_id, "", one.reward, None, None, cause, words)


def _compared(part: Part, evidence: Evidence) -> Comparison:
    one, attempt = part.recording, evidence.attempt
    ours = None if attempt.as_released is None else round(attempt.as_released, 4)
    recorded = None if one.reward is None else round(one.reward, 4)
    names = (one.place, one.task_id, part.environment.name, part.scenario.id, recorded, ours, attempt.score)
    if attempt.outcome not in COUNTED or ours is None:
        return Comparison(*names, cause="not graded", words=attempt.reason or attempt.verdict)
    if recorded is None or ours == recorded:
        return Comparison(*names)
    refused = {
        call.n: str(call.content.get("code"))
        for call in evidence.calls
        if not call.ok and isinstance(call.content, dict)
    }
    try:
        cause = Examiner(part.foreign, part.scenario).cause(part.calls, recorded, ours, refused)
    except ContainmentError as error:
        return Comparison(*names, cause="unexplained", words=str(error))
    return Comparison(*names, cause=cause.name, words=cause.words, proven=cause.proven)
