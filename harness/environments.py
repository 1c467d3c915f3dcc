"""Rendered environments on disk, as far as the harness must know them before it starts their servers."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from generator.scengenerator.scenario import digest
from harness.errors import HostingError
from harness.records import EnvironmentRecord


@dataclass(frozen=True)
class RenderedEnvironment:
    """A folder below `servers/`, with what its agents are to be told."""

    folder: Path
    record: EnvironmentRecord

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def digest(self) -> str:
        """What a scenario names as its environment_digest."""
        return self.record.digest

    @property
    def skeleton(self) -> Path | None:
        """What the folder was rendered from; None where it is not there."""
        path = self.folder / "skeleton.yaml"
        return path if path.is_file() else None


def load_environment(folder: Path) -> RenderedEnvironment:
    """Read an environment's words and tools from its `environment.py`.

    Not through the import system, which would write a cache beside an installed package.

    Raises:
        HostingError: the folder holds no rendered environment.
    """
    source = folder / "environment.py"
    name = f"envwright_rendered_{folder.name}"
    module = ModuleType(name)
    module.__file__ = str(source)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        exec(compile(source.read_bytes(), str(source), "exec"), module.__dict__)
        record = EnvironmentRecord(
            name=module.NAME,
            title=module.TITLE,
            version=module.VERSION,
            digest=digest(source.read_text(encoding="utf-8")),
            instructions=module.INSTRUCTIONS,
            tools=module.TOOLS,
        )
    except OSError as error:
        remedy = f"render it first: envwright render {folder}"
        raise HostingError(f"{folder} has no whole environment ({error}); {remedy}.") from error
    except Exception as error:  # whatever a damaged file does
        raise HostingError(f"{source} is damaged ({error}); render it again.") from error
    finally:
        sys.modules.pop(name, None)
    return RenderedEnvironment(folder, record)
