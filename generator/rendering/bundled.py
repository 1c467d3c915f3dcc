"""Where templates, environments and scenarios are: beside the packages in a checkout, inside them when installed."""

from __future__ import annotations

from pathlib import Path

import jinja2

from generator.errors import NotFoundError

IMPORT_RECORD = "import.json"  # what an imported environment has in the place of a skeleton

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    installed = _PACKAGE / "_bundled" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def templates_folder() -> Path:
    return _folder("templates")


def templates(*folders: str, code: bool = False, autoescape: bool = False) -> jinja2.Environment:
    """The templates of folders below `templates/`, strict about names that nobody gives.

    `code` keeps the template's own lines; in prose and pages a line with nothing but a block leaves none behind.
    """
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([templates_folder() / folder for folder in folders]),
        undefined=jinja2.StrictUndefined,
        autoescape=autoescape,
        keep_trailing_newline=code,
        trim_blocks=not code,
        lstrip_blocks=not code,
    )


def bundled_folders() -> list[Path]:
    """What holds the bundled environments, and what holds their scenarios."""
    return [_folder("servers"), _folder("scenarios")]


def bundled_environments() -> list[Path]:
    """The folders of the bundled environments, by name."""
    return sorted(path.parent for path in _folder("servers").glob("*/skeleton.yaml"))


def is_imported(folder: Path) -> bool:
    """Whether the folder of an environment was made by an import: its code is a stranger's, and it has no skeleton."""
    return (folder / IMPORT_RECORD).is_file() and not (folder / "skeleton.yaml").is_file()


def find_environment(name: str) -> Path:
    """A folder by path, by name under ./servers, or bundled. Raises NotFoundError with what there is."""
    for path in (Path(name), Path("servers") / name, _folder("servers") / name):
        folder = path.parent if path.is_file() and path.name in ("skeleton.yaml", IMPORT_RECORD) else path
        if (folder / "skeleton.yaml").is_file() or is_imported(folder):
            return folder
    known = ", ".join(path.name for path in bundled_environments())
    raise NotFoundError(
        f"there is no environment '{name}': give the path of a folder with a skeleton.yaml or an import, "
        f"or one of {known}"
    )


def scenarios_beside(environment: Path) -> Path:
    """The folder of an environment's scenarios: `scenarios/NAME` beside the folder that it is in, as `servers/`."""
    return environment.parent.parent / "scenarios" / environment.name


def find_scenarios(environment: Path) -> list[Path]:
    """The scenario files of an environment: ./scenarios/NAME where it is, else the bundled ones."""
    for folder in (scenarios_beside(environment), _folder("scenarios") / environment.name):
        if folder.is_dir():
            return sorted(folder.glob("*.json"))
    return []
