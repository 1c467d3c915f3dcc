"""Writes what the generator makes: whole files, and never beside an installed package."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.errors import ScenarioError
from generator.rendering import load_environment, render
from generator.scengenerator.certificates import Prover, UncertifiedError
from generator.scengenerator.files import load_scenario, require_match, write_scenario
from generator.scengenerator.make import Tally, Wish, make_scenarios
from generator.scengenerator.scenario import Scenario
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton
from generator.skeleton.model import Model
from generator.skeleton.reading import read_skeleton
from generator.skeleton.wording import amount
from harness.errors import PlaceError
from harness.files import write_atomic

_STATE_SIZE = 2


def render_folder(folder: Path, out: Path | None = None) -> list[Path]:
    """Render the skeleton of an environment's folder into it, or into `out` together with the skeleton.

    `state.json` is kept where it still fits the skeleton, else made anew. Returns what was written.

    Raises:
        SkeletonError: the skeleton cannot be used.
        PlaceError: the folder belongs to an installed package.
    """
    target = out or folder
    if "_bundled" in target.resolve().parts:
        raise PlaceError(f"{folder.name} is part of the installed package; name a folder of yours with --out.")
    source = folder / "skeleton.yaml"
    skeleton = read_skeleton(source)
    files = render(skeleton, _state(skeleton, folder / "state.json"))
    if target.resolve() != folder.resolve():
        files["skeleton.yaml"] = source.read_text(encoding="utf-8")
    for name, text in files.items():
        write_atomic(target / name, text)
    return [target / name for name in files]


def _state(skeleton: Skeleton, kept: Path) -> dict[str, Any]:
    """The state that a server starts from without a scenario."""
    model = check(skeleton)
    module = load_environment(model)
    if kept.is_file():
        try:
            state: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
            module.Environment(json.loads(json.dumps(state)))
        except (ValueError, OSError, RecursionError):  # InvalidState is a ValueError
            pass
        else:
            return state
    return default_state(model)


def default_state(model: Model) -> dict[str, Any]:
    """The state that an environment is rendered with; the same for the same skeleton. Raises SamplingError."""
    return make_state(model, f"{model.document.id}/default", _STATE_SIZE)


def write_scenarios(
    folder: Path,
    wish: Wish,
    out: Path,
    tally: Tally,
    progress: Callable[[Scenario], None],
    *,
    replace: bool = False,
) -> list[Path]:
    """Make certified scenarios of an environment, a file each. What could not be had is in `tally`.

    `replace` takes the scenarios away that are in the folder already.

    Raises:
        SkeletonError: the environment's skeleton cannot be used.
        ScenarioError: a file cannot be written, or the folder holds scenarios already.
    """
    old = require_room(out, replace=replace)
    written: list[Path] = []
    for scenario in make_scenarios(read_skeleton(folder / "skeleton.yaml"), wish, tally):
        while old:  # they go when there is something in their place
            old.pop().unlink()
        written.append(out / f"{scenario.id}.json")
        write_scenario(written[-1], scenario)
        progress(scenario)
    return written


def require_room(out: Path, *, replace: bool) -> list[Path]:
    """The scenarios that a folder holds already. Raises ScenarioError where they are not to be replaced."""
    old = sorted(out.glob("*.json"))
    if old and not replace:
        raise ScenarioError(
            f"{out} holds {amount(len(old), 'scenario')} already; give another folder with --out, "
            "or --replace to make them anew"
        )
    return old


@dataclass(frozen=True)
class Proof:
    """What came of proving a scenario's file again; `problem` is None when it holds."""

    path: Path
    problem: str | None = None


def certify(paths: Iterable[Path], find: Callable[[str], Path]) -> Iterator[Proof]:
    """Prove scenarios again and write their certificates; a file that cannot be proven stays as it is.

    `find` gives the folder of an environment by its name.

    Raises:
        NotFoundError: a scenario's environment is not there.
        SkeletonError: it is, but cannot be used.
    """
    provers: dict[str, Prover] = {}
    for path in paths:
        try:
            scenario = load_scenario(path)
            if scenario.imported:
                raise ScenarioError("it was imported, so it has an audit and no certificate: envwright audit")
            if scenario.environment not in provers:
                skeleton = read_skeleton(find(scenario.environment) / "skeleton.yaml")
                provers[scenario.environment] = Prover(check(skeleton))
            prover = provers[scenario.environment]
            require_match(scenario, prover.model.document)
            certificate = prover.prove(scenario)
        except (ScenarioError, UncertifiedError) as error:
            yield Proof(path, str(error))
            continue
        if certificate != scenario.certificate:
            write_scenario(path, scenario.model_copy(update={"certificate": certificate}))
        yield Proof(path)
