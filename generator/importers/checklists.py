"""The checks of a scenario or a recording, however they are written."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from generator.importers.spellings import unfenced

_WORDS = ("check_item", "item", "description")
_SOURCES = ("check_func", "func", "source", "code")


class Check(BaseModel):
    """One check of a scenario: what it asks for, and its Python source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: str
    source: str


def listed_checks(value: Any) -> list[Any]:
    """What may be a check each, out of a list, a mapping by number or by words, or the one that there is."""
    if isinstance(value, dict):
        if check_of(value):
            return [value]
        return [[words, item] if isinstance(item, str) else item for words, item in value.items()]
    return value if isinstance(value, list) else []


def check_of(item: Any) -> Check | None:
    """A check out of an object, of its words and its source, or of its source; None for any other thing."""
    if isinstance(item, list) and len(item) == 2:
        item = dict(zip(("check_item", "check_func"), item, strict=True))
    elif isinstance(item, str) and "check_func" in item:
        item = {"check_func": item}
    if not isinstance(item, dict):
        return None
    words, source = (next((item[key] for key in keys if item.get(key)), None) for keys in (_WORDS, _SOURCES))
    if not isinstance(source, str) or not source.strip():
        return None
    return Check(item=words if isinstance(words, str) else "", source=unfenced(source) or source)
