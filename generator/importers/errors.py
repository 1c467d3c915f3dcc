"""What can go wrong while others' environments are imported.

EnvwrightError
└── ImportingError
    ├── ReleaseError     a file of a release that cannot be read at all
    ├── RecordError      one record of it that cannot be used; the others still can
    └── ForeignError     what stands where the import is to go is not an import of ours
"""

from __future__ import annotations

from generator.errors import EnvwrightError
from generator.importers.findings import Finding


class ImportingError(EnvwrightError):
    """The root of all errors of the importers."""


class ReleaseError(ImportingError):
    """A file that is no release, or is damaged."""


class RecordError(ImportingError):
    """A record that cannot be imported; `finding` says which and why."""

    def __init__(self, record: str, key: str, message: str) -> None:
        self.finding = Finding(record, key, message, "broken")
        super().__init__(str(self.finding))


class ForeignError(ImportingError):
    """A folder that was not made by an import, and so is not replaced."""
