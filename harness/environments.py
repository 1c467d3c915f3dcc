"""Rendered environments on disk, as far as the harness must know them before it starts their servers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from generator.rendering.bundled import is_imported
from generator.scengenerator.scenario import digest
from harness.constants import Constants, NotConstantError
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

    @property
    def imported(self) -> bool:
        """Whether a stranger wrote its code: then it runs in a contained process only."""
        return is_imported(self.folder)


def load_environment(folder: Path) -> RenderedEnvironment:
    """Read an environment's words and tools from its `environment.py`, or from the `binding.py` of an imported one.

    They are read from the source; no code of a folder ever runs in this process.

    Raises:
        HostingError: the folder holds no rendered environment.
    """
    imported = is_imported(folder)
    source = folder / ("binding.py" if imported else "environment.py")
    remedy = "import it again" if imported else "render it again"
    try:
        content = source.read_bytes()
        text = content.decode("utf-8").replace("\r\n", "\n")
        constants = Constants(content)
        record = EnvironmentRecord(
            name=constants["NAME"],
            title=constants["TITLE"],
            version=constants["VERSION"],
            digest=digest(text),
            instructions=constants["INSTRUCTIONS"],
            tools=constants["TOOLS"],
        )
    except OSError as error:
        make = "import it" if imported else f"render it first: envwright render {folder}"
        raise HostingError(f"{folder} has no whole environment ({error}); {make}.") from error
    except (NotConstantError, UnicodeDecodeError) as error:
        raise HostingError(f"{source} is damaged ({error}); {remedy}.") from error
    except ValidationError as error:
        first: dict[str, Any] = dict(error.errors(include_url=False)[0])
        place = str(first["loc"][0]).upper() if first["loc"] else "it"
        raise HostingError(f"{source} is damaged ({place}: {first['msg']}); {remedy}.") from error
    return RenderedEnvironment(folder, record)
