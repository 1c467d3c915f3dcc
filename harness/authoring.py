"""Scenarios that a language model had a hand in: made, reworded, invented, and written only when certified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.scengenerator.files import load_scenario, require_match, write_scenario
from generator.scengenerator.findings import Turnout
from generator.scengenerator.inventing import Inventing
from generator.scengenerator.make import Tally, Wish, make_scenarios
from generator.scengenerator.reading_back import Asked
from generator.scengenerator.rewording import Rewording
from generator.scengenerator.scenario import Scenario
from generator.scengenerator.setting import Setting
from generator.skeleton.reading import read_skeleton
from harness.making import require_room

Progress = Callable[[str, int], None]  # what is being done, and how many more of it are settled


@dataclass(frozen=True)
class Order:
    """What is asked for. `wish.count` scenarios made without a model come first; `invent` more are the model's own."""

    wish: Wish
    reword: bool = False
    invent: int = 0


@dataclass
class Report:
    """What came of an order."""

    tally: Tally = field(default_factory=Tally)
    rewording: Turnout = field(default_factory=Turnout)
    inventing: Turnout = field(default_factory=Turnout)

    @property
    def troubles(self) -> list[str]:
        """Sentences about requests that the model did not answer."""
        return list(dict.fromkeys([*self.rewording.troubles, *self.inventing.troubles]))

    def lines(self, order: Order) -> list[str]:
        """For people."""
        lines = self.tally.lines() if order.wish.count else []
        if order.reword:
            lines += self.rewording.lines("reworded", "kept their old words")
        if order.invent:
            lines += self.inventing.lines("invented", "dropped")
        return lines


def author(folder: Path, order: Order, model: Asked, report: Report, progress: Progress) -> list[Scenario]:
    """The scenarios of an order for an environment's folder, all certified; nothing is written.

    Raises:
        SkeletonError: the environment's skeleton cannot be used.
        AccountError: the model will refuse everything.
    """
    setting = Setting.of(read_skeleton(folder / "skeleton.yaml"))
    found: list[Scenario] = []
    if order.wish.count:
        for scenario in make_scenarios(setting.model.document, order.wish, report.tally):
            found.append(scenario)
            progress("made", 1)
    if order.reword:
        found = Rewording(setting, model, report.rewording, lambda n: progress("reworded", n)).reworded(found)
    if order.invent:
        inventing = Inventing(setting, model, report.inventing, lambda n: progress("invented", n))
        found += inventing.scenarios(order.invent, order.wish.seed, order.wish.kind)
    return found


def reword_files(
    folder: Path, paths: Sequence[Path], model: Asked, report: Report, progress: Progress
) -> dict[Path, Scenario]:
    """The scenarios of files that got new words, by the path that they were read from; nothing is written.

    Raises:
        ScenarioError: a file is no scenario of this environment as it is now.
        SkeletonError, AccountError: as for `author`.
    """
    setting = Setting.of(read_skeleton(folder / "skeleton.yaml"))
    old = {path: load_scenario(path) for path in paths}
    for scenario in old.values():
        require_match(scenario, setting.model.document)
    rewording = Rewording(setting, model, report.rewording, lambda n: progress("reworded", n))
    new = rewording.reworded(list(old.values()))
    return {path: now for (path, was), now in zip(old.items(), new, strict=True) if now.task != was.task}


def write_all(scenarios: Sequence[Scenario], out: Path, *, replace: bool = False) -> list[Path]:
    """Writes scenarios to a folder, a file each; with `replace` others that are there are taken away afterwards.

    Raises:
        ScenarioError: a file cannot be written, or the folder holds scenarios already.
    """
    old = require_room(out, replace=replace)
    paths = [out / f"{scenario.id}.json" for scenario in scenarios]
    for path, scenario in zip(paths, scenarios, strict=True):
        write_scenario(path, scenario)
    for path in old:
        if path not in paths:
            path.unlink()
    return paths
