"""Which environments and scenarios a run is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator.errors import NotFoundError
from generator.rendering import bundled_environments, find_environment, find_scenarios
from generator.scengenerator.scenario import Scenario
from harness.environments import RenderedEnvironment, load_environment
from harness.files import read_document


def select(environments: Sequence[str], scenarios: Sequence[Path]) -> list[tuple[RenderedEnvironment, list[Scenario]]]:
    """The environments that were named, or all bundled ones, each with its scenarios.

    With paths in `scenarios`, only these; their environments need not be named.

    Raises:
        NotFoundError: a name or a path leads nowhere.
        RunError: a scenario's file cannot be read.
    """
    chosen = [read_document(path, Scenario) for path in _files(scenarios)]
    if scenarios and not environments:
        environments = list(dict.fromkeys(scenario.environment for scenario in chosen))
    folders = [find_environment(name) for name in environments] if environments else bundled_environments()
    if not folders:
        raise NotFoundError("There are no bundled environments here; name a folder with --environments.")
    loaded = [load_environment(folder) for folder in folders]
    if not scenarios:
        return [
            (environment, [read_document(path, Scenario) for path in find_scenarios(environment.folder)])
            for environment in loaded
        ]
    return [
        (environment, [scenario for scenario in chosen if scenario.environment == environment.name])
        for environment in loaded
    ]


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("**/*.json")) if path.is_dir() else [path] if path.is_file() else []
        if not inside:
            raise NotFoundError(f"There is no scenario at {path}.")
        found += inside
    return found
