"""What the folder of an imported environment says to those who run its class again."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.importers.contained import values
from generator.importers.contained.box import Box, Limits
from generator.importers.contained.errors import ClassError
from generator.importers.errors import ForeignError
from generator.scengenerator.scenario import canonical, digest

RECORD = "import.json"
CLOCK = "2025-10-01T09:00:00"
"""When episodes take place. The release does not say; its tasks were written in the autumn of 2025."""
CHECKING = Limits(seconds=5.0)  # a check looks at a state; one that takes longer goes on for ever


@dataclass(frozen=True)
class ForeignClass:
    """A released class: its environment's name here and there, its source, and when its episodes take place."""

    name: str
    env_id: str
    class_name: str
    source: str
    clock: str = CLOCK

    def start(self, config: Any, clock: str, seed: str) -> Any:
        """The encoded attributes of a fresh object, made from an `init_config` as EnvScaler does.

        Raises ContainmentError, ClassError or Broken.
        """
        with new_box(clock, seed) as box:
            box.load(self.source, self.class_name)
            box.construct(config)
            return box.state()

    def seed(self, tables: Any) -> str:
        """The seed of an episode that starts from a state; binding.py has the same."""
        return digest(f"{self.name} {canonical(tables)}")

    def open(self, tables: Any, clock: str, seed: str | None = None) -> Box:
        """A box with an object of the class in a state, `tables` being encoded, as an episode has it.

        Raises ContainmentError, ClassError or Broken; then nothing is left running.
        """
        box = new_box(clock, self.seed(tables) if seed is None else seed)
        try:
            box.load(self.source, self.class_name)
            box.construct(values.decode(tables))
        except values.DecodingError as error:
            box.close()
            raise ClassError(f"the state is none: {error}") from error
        except BaseException:
            box.close()
            raise
        return box


def new_box(clock: str, seed: str, limits: Limits | None = None) -> Box:
    """A contained process; where nothing can contain one, only with ENVWRIGHT_TRUST=1 in the environment.

    Raises ContainmentError.
    """
    return Box(seed=seed, clock=clock, limits=limits, trust=os.environ.get("ENVWRIGHT_TRUST") == "1")


def check_box(clock: str) -> Box:
    """A fresh box for the checks of one outcome; a check that asks for the time is told when the episode ended."""
    return new_box(clock, "check", CHECKING)


def scenario_files(folder: Path) -> list[Path]:
    """The files of the scenarios that were imported with an environment's folder."""
    return sorted((folder.parent.parent / "scenarios" / folder.name).glob("*.json"))


def read_class(folder: Path) -> ForeignClass:
    """The class of an imported environment's folder.

    Raises:
        ForeignError: it is not such a folder, or not whole.
    """
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        source = (folder / "environment.py").read_bytes().decode("utf-8")
        names = (folder.name, str(record["env_id"]), str(record["class_name"]))
        return ForeignClass(*names, source, str(record.get("clock", CLOCK)))
    except OSError as error:
        raise ForeignError(f"{error.filename} cannot be read ({error.strerror}); import it again") from error
    except (ValueError, LookupError, TypeError) as error:
        raise ForeignError(f"{folder / RECORD} is damaged ({error}); import the environment again") from error
