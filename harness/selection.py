"""Which environments and scenarios a run is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from generator.errors import NotFoundError
from generator.rendering import bundled_environments, find_environment, find_scenarios
from generator.rendering.bundled import IMPORT_RECORD, is_imported
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario
from generator.skeleton.reading import read_skeleton
from harness.environments import RenderedEnvironment, load_environment


def select(environments: Sequence[str], scenarios: Sequence[Path]) -> list[tuple[RenderedEnvironment, list[Scenario]]]:
    """The environments that were named, or all bundled ones, each with its scenarios.

    With paths in `scenarios`, only these; their environments need not be named.

    Raises:
        NotFoundError: a name or a path leads nowhere.
        ScenarioError: a scenario's file cannot be read.
    """
    files = scenario_files(scenarios)
    chosen = [load_scenario(path) for path in files]
    if scenarios and not environments:
        found = [beside(path, scenario) for path, scenario in zip(files, chosen, strict=True)]
        folders = list(dict.fromkeys(found))
    elif environments:
        folders = [folder for name in environments for folder in named(name)]
    else:
        folders = whole(bundled_environments())
    if not folders:
        raise NotFoundError("There are no bundled environments here; name a folder with --environments.")
    loaded = [load_environment(folder) for folder in folders]
    if not scenarios:
        return [
            (environment, [load_scenario(path) for path in find_scenarios(environment.folder)])
            for environment in loaded
        ]
    names = [environment.name for environment in loaded]
    for scenario in chosen:
        if scenario.environment not in names:
            raise NotFoundError(
                f"Scenario '{scenario.id}' belongs to {scenario.environment}; name its folder with --environments too."
            )
    return [
        (environment, [scenario for scenario in chosen if scenario.environment == environment.name])
        for environment in loaded
    ]


def named(name: str) -> list[Path]:
    """The environment of this name or folder, or those below `servers/` in a folder, as an import makes it.

    Raises:
        NotFoundError: there is none.
    """
    below = {path.parent for kind in ("skeleton.yaml", IMPORT_RECORD) for path in Path(name).glob(f"servers/*/{kind}")}
    try:
        return [find_environment(name)]
    except NotFoundError:
        if not below:
            raise
        return sorted(below)


def beside(path: Path, scenario: Scenario, option: str = "--environments") -> Path:
    """The environment of a scenario: where an import puts it, in `servers/` beside `scenarios/`, else by its name.

    Raises:
        NotFoundError: it is not there; `option` is what names its folder on the command line.
    """
    folder = path.resolve().parent.parent.parent / "servers" / scenario.environment
    return folder if scenario.imported and is_imported(folder) else belonging(scenario.environment, option)


def belonging(name: str, option: str) -> Path:
    """The environment that a scenario names. Raises NotFoundError with the option that names its folder."""
    try:
        return find_environment(name)
    except NotFoundError as error:
        raise NotFoundError(
            f"There is no environment '{name}' here, which the scenarios are for; name its folder with {option} FOLDER."
        ) from error


def whole(folders: Sequence[Path]) -> list[Path]:
    """The environments that are rendered and have scenarios: one that is being written stops nobody."""
    return [folder for folder in folders if (folder / "environment.py").is_file() and find_scenarios(folder)]


def by_name(environments: Sequence[str]) -> Callable[[str], Path]:
    """Finds the folder of a scenario's environment among those that were named, else anywhere."""
    folders = [find_environment(name) for name in environments]
    known = {read_skeleton(folder / "skeleton.yaml").id: folder for folder in folders}
    return lambda name: known.get(name) or belonging(name, "--environments")


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """The files at these paths, and all in folders at them. Raises NotFoundError for a path without one."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("**/*.json")) if path.is_dir() else [path] if path.is_file() else []
        if not inside:
            raise NotFoundError(f"There is no scenario at {path}.")
        found += inside
    return found
