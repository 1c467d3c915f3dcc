"""An environment as one `.mcpb` file, which desktop clients install by opening it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from generator.files import write_whole
from generator.rendering.bundled import is_imported
from harness.errors import PlaceError

FILES = ("README.md", "environment.py", "manifest.json", "server.py", "state.json")
IMPORTED = ("binding.py", "import.json", "contained/__init__.py")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows


def bundle(folder: Path, target: Path) -> Path:
    """Pack a rendered environment: the same files give the same bytes, whenever and wherever.

    Nothing is compressed, since compressors differ from one machine to another.

    Raises:
        PlaceError: the environment is not whole, or the file cannot be written.
    """
    imported = is_imported(folder)
    files = sorted({*FILES, *IMPORTED, *_contained(folder)} if imported else FILES)
    missing = [name for name in files if not (folder / name).is_file()]
    if missing:
        remedy = "import it again" if imported else f"render it first: envwright render {folder}"
        raise PlaceError(f"{folder} has no {' and no '.join(missing)}; {remedy}")
    try:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
            for name in files:
                part = zipfile.ZipInfo(name, _LONG_AGO)
                part.create_system = 3  # Unix, wherever it is made
                part.external_attr = 0o100644 << 16
                file.writestr(part, (folder / name).read_bytes())
        write_whole(target, packed.getvalue())
    except OSError as error:
        raise PlaceError(f"{target} cannot be written: {error.strerror or error}.") from error
    return target


def _contained(folder: Path) -> list[str]:
    """The package that runs the code of an imported environment."""
    return [path.relative_to(folder).as_posix() for path in (folder / "contained").rglob("*.py")]
