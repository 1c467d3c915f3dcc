"""Which environments and scenarios a run is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from generator.errors import NotFoundError
from generator.rendering import bundled_environments, find_environment, find_scenarios
from generator.rendering.bundled import is_imported
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
        named = [beside(path, scenario) for path, scenario in zip(files, chosen, strict=True)]
        environments = list(dict.fromkeys(named))
    folders = [find_environment(name) for name in environments] if environments else whole(bundled_environments())
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


def beside(path: Path, scenario: Scenario) -> str:
    """The environment of a scenario: where an import puts it, in `servers/` beside `scenarios/`, else by its name."""
    folder = path.resolve().parent.parent.parent / "servers" / scenario.environment
    return str(folder) if scenario.imported and is_imported(folder) else scenario.environment


def whole(folders: Sequence[Path]) -> list[Path]:
    """The environments that are rendered and have scenarios: one that is being written stops nobody."""
    return [folder for folder in folders if (folder / "environment.py").is_file() and find_scenarios(folder)]


def by_name(environments: Sequence[str]) -> Callable[[str], Path]:
    """Finds the folder of an environment among those that were named, else anywhere."""
    folders = [find_environment(name) for name in environments]
    named = {read_skeleton(folder / "skeleton.yaml").id: folder for folder in folders}
    return lambda name: named.get(name) or find_environment(name)


def scenario_files(paths: Sequence[Path]) -> list[Path]:
    """The files at these paths, and all in folders at them. Raises NotFoundError for a path without one."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("**/*.json")) if path.is_dir() else [path] if path.is_file() else []
        if not inside:
            raise NotFoundError(f"There is no scenario at {path}.")
        found += inside
    return found
