"""What an import has to say about a release: told, kept in import.json and in the README."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["note", "finding", "left_out", "broken"]
"""`note`: it was mended and nothing was lost. `finding`: something that a user should know. `left_out`: a part
cannot be used. `broken`: the whole record cannot."""


@dataclass(frozen=True)
class Finding:
    """One sentence about one place of a release.

    `record` names the record (`env_103_sft`), `key` the place in it (`tools.get_user.parameters`).
    """

    record: str
    key: str
    message: str
    level: Level = "finding"

    def __str__(self) -> str:
        where = f"{self.record}, {self.key}" if self.key else self.record
        return f"{where}: {self.message}"

    def document(self) -> dict[str, str]:
        """As import.json keeps it; the record is that of the file."""
        return {"level": self.level, "key": self.key, "message": self.message}


def loud(findings: Iterable[Finding]) -> list[Finding]:
    """Those that say more than that something was mended."""
    return [finding for finding in findings if finding.level != "note"]
