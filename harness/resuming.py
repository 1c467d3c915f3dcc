"""Going on with a run that was stopped: what is missing, and nothing that was asked otherwise."""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from generator.errors import EnvwrightError, NotFoundError
from generator.rendering import find_environment
from generator.scengenerator.scenario import Scenario
from generator.skeleton.wording import amount
from harness.attempt import Grade
from harness.environments import RenderedEnvironment, load_environment
from harness.errors import HostingError, RunError
from harness.making import render_folder
from harness.records import Configuration, EnvironmentRecord
from harness.run import Plan, grader_for, plan_run, scenario_digests
from harness.store import Run

_NAMED = 6  # differing keys in one message


@contextlib.contextmanager
def resumed(
    run: Run,
    asked: dict[str, Any] | None = None,
    environments: Sequence[RenderedEnvironment] = (),
    grader: Callable[[RenderedEnvironment, Sequence[Scenario]], Grade] = grader_for,
    told: Callable[[str], object] = lambda _: None,
) -> Iterator[Plan]:
    """The plan of a run that exists, made from its folder, for `carry_out`.

    `asked` holds the parts of a configuration, of its limits and of its options, that were said again; they must
    be the run's. Environments are taken from `environments`, else found by name, else rendered once more from the
    run's own skeletons (into a folder that is gone afterwards); only one with the recorded digest is used. Attempts
    whose file is gone or damaged are due again, and `told` hears how many there are.

    Raises:
        RunError: something else was asked than the run was made for, or its environment is nowhere to be had.
    """
    configuration = run.document.configuration
    require_same(run, asked or {})
    kept = {name: [run.scenario(name, id_) for id_ in ids] for name, ids in configuration.scenarios.items()}
    require_same(run, {"scenarios": {name: scenario_digests(chosen) for name, chosen in kept.items()}})
    with tempfile.TemporaryDirectory(prefix="envwright-") as scratch:
        selection = [
            (_environment(run, run.environment(name), environments, Path(scratch) / name), chosen)
            for name, chosen in kept.items()
        ]
        plan = plan_run(
            selection,
            configuration.agents,
            configuration.attempts,
            configuration.limits,
            grader,
            configuration.agent_options,
        )
        lost = run.mend()
        if lost:
            told(f"The files of {amount(lost, 'attempt')} are gone or damaged; made again.")
        yield plan


def going_on(run: Run, plan: Plan) -> str:
    """The command that goes on with a run. Imported environments are made from no skeleton, so they are named."""
    words = ["envwright", "run", "--resume", str(run.folder)]
    folders = [str(environment.folder) for environment in plan.environments.values() if environment.imported]
    return shlex.join([*words, *(["--environments", ",".join(folders)] if folders else [])])


def require_same(run: Run, asked: dict[str, Any]) -> None:
    """Raises RunError, naming every key that differs, when a run was made for something else."""
    then = run.document.configuration.model_dump(mode="json")
    parts = {name: then[name] | asked.get(name, {}) for name in ("limits", "agent_options")}
    now = Configuration.model_validate(then | asked | parts).model_dump(mode="json")
    found = list(differences(then, now))
    if found:
        more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise RunError(
            f"{run.folder} was made with another configuration: {'; '.join(found[:_NAMED])}{more}. "
            "Leave these options away to go on with it, or make a new run."
        )


def differences(then: Any, now: Any, place: str = "") -> Iterator[str]:
    """The keys under which two configurations differ, in words."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*then, *now]):
            at = f"{place}.{key}" if place else str(key)
            if key not in now:
                yield f"{at} is in the run only"
            elif key not in then:
                yield f"{at} is not in the run"
            else:
                yield from differences(then[key], now[key], at)
    elif then != now:
        if place.startswith("scenarios."):
            yield f"{place} was changed since"
        else:
            yield f"{place} was {_shown(then)}, is {_shown(now)}"


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _environment(
    run: Run, record: EnvironmentRecord, given: Sequence[RenderedEnvironment], scratch: Path
) -> RenderedEnvironment:
    """The first of what was given, what is found by name and what the skeleton makes that is what the run used."""
    for environment in given:
        if environment.digest == record.digest:
            return environment
    with contextlib.suppress(NotFoundError, HostingError):
        environment = load_environment(find_environment(record.name))
        if environment.digest == record.digest and environment.record.tools == record.tools:
            return environment
    skeleton = run.skeleton_path(record.name)
    if skeleton.is_file():
        scratch.mkdir(parents=True)
        (scratch / "skeleton.yaml").write_text(run.skeleton(record.name), encoding="utf-8")
        try:
            render_folder(scratch)
        except EnvwrightError as error:
            raise RunError(f"{skeleton} can no longer be rendered: {error}") from error
        environment = load_environment(scratch)
        if environment.digest == record.digest:
            return environment
    raise RunError(
        f"{record.name} is not here as the run used it (digest {record.digest[:12]}…): "
        "name its folder with --environments, or an import's scenarios with --scenarios, "
        "or use the envwright that made the run."
    )
