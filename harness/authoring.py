"""Scenarios that a language model had a hand in: made, reworded, invented, and written only when certified."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.errors import ScenarioError
from generator.llm.dry_run import BYTES_PER_TOKEN, DryRun
from generator.llm.model import LanguageModel
from generator.llm.requests import Request
from generator.scengenerator.files import load_scenario, require_match, write_scenario
from generator.scengenerator.findings import Turnout
from generator.scengenerator.inventing import A_CALL as invented_a_call
from generator.scengenerator.inventing import ROOM as INVENTING_ROOM
from generator.scengenerator.inventing import ROUNDS as INVENTING_ROUNDS
from generator.scengenerator.inventing import Inventing
from generator.scengenerator.make import Tally, Wish, make_scenarios
from generator.scengenerator.reading_back import Asked, Reader
from generator.scengenerator.rewording import A_CALL as reworded_a_call
from generator.scengenerator.rewording import Rewording
from generator.scengenerator.scenario import Scenario
from generator.scengenerator.setting import Setting
from generator.skeleton.reading import read_skeleton
from harness.errors import PlaceError
from harness.files import file_name
from harness.making import require_room


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

    @property
    def barren(self) -> bool:
        """Whether the model answered nothing, so that there is nothing to be written."""
        return bool(self.troubles) and not (self.rewording.good or self.inventing.good)

    def lines(self, order: Order) -> list[str]:
        """For people."""
        lines = self.tally.lines() if order.wish.count else []
        if order.reword:
            lines += self.rewording.lines("reworded", "kept their old words")
        if order.invent:
            lines += self.inventing.lines("invented", "dropped")
        return lines


def author(folder: Path, order: Order, model: Asked, report: Report) -> list[Scenario]:
    """The scenarios of an order for an environment's folder, all certified; nothing is written.

    Raises:
        SkeletonError: the environment's skeleton cannot be used.
        AccountError: the model will refuse everything.
    """
    setting = Setting.of(read_skeleton(folder / "skeleton.yaml"))
    found: list[Scenario] = []
    if order.wish.count:
        found += make_scenarios(setting.model.document, order.wish, report.tally)
    if order.reword:
        found = Rewording(setting, model, report.rewording).reworded(found)
    if order.invent:
        found += Inventing(setting, model, report.inventing).scenarios(order.invent, order.wish.seed, order.wish.kind)
    return found


def reword_files(
    folder: Path, paths: Sequence[Path], out: Path | None, model: Asked, report: Report
) -> tuple[dict[Path, Scenario], dict[Path, Scenario]]:
    """The scenarios of files as they are, and those that got new words, by their paths; nothing is written.

    Raises:
        ScenarioError: a file is no scenario of this environment as it is now, or what comes of it has no place.
        PlaceError: the files belong to an installed package, and no other folder is named.
        SkeletonError, AccountError: as for `author`.
    """
    if out is None and any("_bundled" in path.resolve().parts for path in paths):
        raise PlaceError("these scenarios are part of the installed package; name a folder of yours with --out.")
    setting = Setting.of(read_skeleton(folder / "skeleton.yaml"))
    old = {path: load_scenario(path) for path in paths}
    for path, scenario in old.items():
        require_match(scenario, setting.model.document)
        if scenario.imported:
            raise ScenarioError(f"{path} came with its environment: nothing proves that other words mean the same")
    if out is not None:
        require_room(out, replace=False)
        _require_different(old)
    words = Rewording(setting, model, report.rewording).reworded(list(old.values()))
    return old, {path: now for (path, was), now in zip(old.items(), words, strict=True) if now.task != was.task}


def write_reworded(old: dict[Path, Scenario], new: dict[Path, Scenario], out: Path | None) -> list[Path]:
    """Writes what got new words over its file; with `out` all of them there, into a folder without scenarios.

    Raises:
        ScenarioError: a file cannot be written, or the folder holds scenarios already.
    """
    if out is not None:
        return write_all([new.get(path, scenario) for path, scenario in old.items()], out)
    for path, scenario in new.items():
        write_scenario(path, scenario)
    return list(new)


def _require_different(scenarios: dict[Path, Scenario]) -> None:
    """Raises ScenarioError where two scenarios would become one file."""
    places: dict[str, Path] = {}
    for path, scenario in scenarios.items():
        other = places.setdefault(scenario.id, path)
        if other != path:
            raise ScenarioError(f"{other} and {path} are both called {scenario.id}; reword them one after the other")


def require_sense(order: Order, existing: Path | None) -> None:
    """Raises ScenarioError for options that do not go together."""
    if existing is not None and (not order.reword or order.wish.count or order.invent):
        raise ScenarioError(
            "--from names scenarios to be reworded: give it with --reword, without --count and --invent"
        )
    if existing is None and order.reword and not order.wish.count:
        raise ScenarioError("--reword needs scenarios: give --count N, or --from FOLDER for some that are there")
    if order.invent and order.wish.difficulty and not order.wish.count:
        raise ScenarioError("--difficulty is for scenarios that are made without a model; leave it out with --invent")
    if not order.wish.count and not order.invent and existing is None:
        raise ScenarioError("--count 0 asks for nothing; give --invent N for tasks of a model's own")


def foresee(folder: Path, order: Order, scenarios: Sequence[Scenario], model: LanguageModel) -> None:
    """Tells a dry run of the calls that would follow its own: reading back, and asking again for what fails."""
    if not isinstance(model, DryRun) or not model.planned:
        return
    room = Request.max_tokens
    asked = {planned.stage: planned.input_tokens // planned.calls for planned in model.planned}
    if order.reword:
        reader = Reader(Setting.of(read_skeleton(folder / "skeleton.yaml")), model, Turnout())
        pages = reader.requests(scenarios)
        length = max((len(page.system) + len(page.turns[0].text) for page in pages), default=0)
        model.foresee("read_back", 2 * len(pages), math.ceil(length / BYTES_PER_TOKEN), room)
        again = math.ceil(len(scenarios) / reworded_a_call)
        model.foresee("reword_again", again, asked.get("reword", 0) + room // 4, room)
    if order.invent:
        calls, tokens = math.ceil(order.invent / invented_a_call), asked.get("invent", 0)
        model.foresee("invent", (INVENTING_ROUNDS - 1) * calls, tokens, INVENTING_ROOM)
        model.foresee("read_back", 2 * INVENTING_ROUNDS * calls, tokens, room)
        model.foresee("invent_again", INVENTING_ROUNDS * calls, tokens + INVENTING_ROOM // 4, INVENTING_ROOM)


def write_all(scenarios: Sequence[Scenario], out: Path, *, replace: bool = False) -> list[Path]:
    """Writes scenarios to a folder, a file each; with `replace` others that are there are taken away afterwards.

    Raises:
        ScenarioError: a file cannot be written, or the folder holds scenarios already.
    """
    old = require_room(out, replace=replace)
    paths = [out / f"{file_name(scenario.id)}.json" for scenario in scenarios]
    for path, scenario in zip(paths, scenarios, strict=True):
        write_scenario(path, scenario)
    for path in old:
        if path not in paths:
            path.unlink()
    return paths
