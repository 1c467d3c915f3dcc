"""Grades a run once more from what it kept: no agent and no server is needed, and the first grades stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from generator.scengenerator.scenario import Scenario
from generator.skeleton.reading import read_skeleton
from harness.errors import GraderError, RunError
from harness.grading import ScenarioGrader
from harness.imported_grading import ImportedGrader
from harness.outcomes import Outcome
from harness.records import Attempt, Evidence, Regrade, RegradeDocument, Stop
from harness.run import scenario_digests
from harness.store import Run

_GRADED: frozenset[Outcome] = frozenset({"passed", "failed", "limit", "agent_error", "grader_error"})
_FIXED = ("initial_state", "task", "clock", "kind")  # what an agent was given cannot be otherwise afterwards


def regrade(
    run: Run, scenarios: Iterable[Scenario] = (), progress: Callable[[Attempt], None] = lambda _: None
) -> RegradeDocument:
    """Grade all attempts of a run again, from their final states, calls and answers alone.

    With the checks of `scenarios`, where there is one of the same id, else with the run's own. What is no
    question of grading (an unreachable model, a broken server) stays as it is.

    Raises:
        RunError: a scenario asks for something else than the one of the run, or none of them is in the run.
        ScenarioError: a scenario cannot be graded.
    """
    first = Run(run.folder, grades=0)
    changed = _corrected(first, scenarios)
    graders: dict[str, ScenarioGrader | ImportedGrader] = {}
    for environment, ids in first.document.configuration.scenarios.items():
        if any(first.scenario(environment, id_).imported for id_ in list(ids)[:1]):
            graders[environment] = ImportedGrader()
            continue
        skeleton = first.skeleton_path(environment)
        if not skeleton.is_file():
            raise RunError(f"{run.folder} has no skeleton of {environment}, so nothing of it can be graded.")
        graders[environment] = ScenarioGrader(read_skeleton(skeleton))
    for scenario in changed.values():
        graders[scenario.environment].require(scenario)

    def grades() -> Iterator[Regrade]:
        for attempt in first.attempts():
            if attempt.outcome in _GRADED:
                evidence = first.evidence(attempt.key)
                place = (attempt.environment, attempt.scenario)
                scenario = changed.get(place) or first.scenario(*place)
                graded = _graded(evidence, scenario, graders[attempt.environment])
                progress(graded.attempt)
                yield graded

    used: dict[str, dict[str, str]] = {}
    for (name, _), scenario in changed.items():
        used.setdefault(name, {}).update(scenario_digests([scenario]))
    document = RegradeDocument(
        number=max((one.number for one in first.regrades()), default=0) + 1,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        envwright=version("envwright"),
        scenarios=used,
    )
    first.add_regrade(document, grades(), changed.values())
    return document


def _corrected(run: Run, scenarios: Iterable[Scenario]) -> dict[tuple[str, str], Scenario]:
    """The scenarios that the run has too; they may differ in how they are graded only."""
    given = list(scenarios)
    known = run.document.configuration.scenarios
    found: dict[tuple[str, str], Scenario] = {}
    for scenario in given:
        if scenario.id not in known.get(scenario.environment, {}):
            continue
        own = run.scenario(scenario.environment, scenario.id)
        other = [name for name in _FIXED if getattr(own, name) != getattr(scenario, name)]
        if other:
            raise RunError(
                f"Scenario '{scenario.id}' has another {_and(other)} than in the run, so the attempts say nothing "
                "about it; make a new run."
            )
        found[scenario.environment, scenario.id] = scenario
    if given and not found:
        raise RunError(f"None of these scenarios is in {run.folder}.")
    return found


def _graded(evidence: Evidence, scenario: Scenario, grader: ScenarioGrader | ImportedGrader) -> Regrade:
    attempt = evidence.attempt
    if evidence.final_state is None:
        return Regrade(attempt=attempt, grade=evidence.grade)
    stopped = _stop(attempt)
    try:
        grade = grader.grade(scenario, evidence.final_state, evidence.calls, evidence.answer)
    except GraderError as error:
        told = {"outcome": "grader_error", "reason": str(error), "stopped": stopped}
        nothing = {"score": None, "reward": None, "as_released": None}
        return Regrade(attempt=attempt.model_copy(update=told | nothing), grade=None)
    update: dict[str, object] = {"score": grade.score, "as_released": grade.as_released, "stopped": None}
    if stopped is not None:
        update |= {"outcome": stopped.outcome, "reason": stopped.reason, "reward": 0.0}
    else:
        outcome = "passed" if grade.passed else "failed"
        update |= {"outcome": outcome, "reason": "", "reward": grade.reward}
    return Regrade(attempt=attempt.model_copy(update=update), grade=grade)


def _stop(attempt: Attempt) -> Stop | None:
    """What ended the agent's work before it was done, also where the grader broke down afterwards."""
    if attempt.outcome in ("limit", "agent_error"):
        return Stop(outcome=attempt.outcome, reason=attempt.reason)
    return attempt.stopped


def flips(run: Run, number: int) -> list[tuple[Attempt, Attempt]]:
    """The attempts whose outcome or score another grading changed: as they were first, as they are now."""
    now = {attempt.key: attempt for attempt in Run(run.folder, grades=number).attempts()}
    pairs = [(one, now[one.key]) for one in Run(run.folder, grades=0).attempts() if one.key in now]
    return [(was, one) for was, one in pairs if (was.outcome, was.score) != (one.outcome, one.score)]


def _and(names: Sequence[str]) -> str:
    words = [name.replace("_", " ") for name in names]
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
