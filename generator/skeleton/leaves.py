"""The leaves of a skeleton document: texts, names, signatures, and how a union tells its spellings apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

IDENTIFIER = r"[a-z][a-z0-9_]*"
LONGEST_EXPRESSION = 4_000  # characters
_SIGNATURE = re.compile(rf"\s*({IDENTIFIER})\s*(?:\(([^()]*)\))?\s*")

# Unions are chosen by shape, so that a mistake in one spelling is not reported against the others as well.
# The tags stand in the location of pydantic's errors, where no key of a document is written like them.
MAP, LIST, TEXT = Tag("<map>"), Tag("<list>"), Tag("<text>")


def _map_or_text(value: object) -> str:
    return "<map>" if isinstance(value, dict) else "<text>"


def _list_or_text(value: object) -> str:
    return "<list>" if isinstance(value, (list, tuple)) else "<text>"


def _list_or_map(value: object) -> str:
    return "<list>" if isinstance(value, (list, tuple)) else "<map>"


MAP_OR_TEXT = Discriminator(_map_or_text)
LIST_OR_TEXT = Discriminator(_list_or_text)
LIST_OR_MAP = Discriminator(_list_or_map)


def _only_text(value: object) -> object:
    if isinstance(value, (list, dict)):
        if not value:  # `default: []` means what it says
            return "[]" if isinstance(value, list) else "{}"
        raise ValueError("expected text, found a list or mapping: quote this expression")
    if isinstance(value, str):
        if len(value) > LONGEST_EXPRESSION:
            raise ValueError(f"an expression of {len(value):,} characters is longer than {LONGEST_EXPRESSION:,}")
        return " ".join(value.split()) if "\n" in value else value.strip()
    return value


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _cell(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_cell(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _prose(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _flag(value: object) -> object:
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, bool):
        return value
    raise ValueError("expected true or false")


Expression = Annotated[str, BeforeValidator(_only_text)]
"""Text in the expression language."""
Cell = Annotated[Any, BeforeValidator(_cell)]
"""A value of a row that is written out: text, or lists and mappings of text."""
Prose = Annotated[str, BeforeValidator(_prose)]
"""Words for people, paragraphs allowed."""
Name = Annotated[str, Field(pattern=rf"^{IDENTIFIER}$")]
Flag = Annotated[bool, BeforeValidator(_flag)]
Whole = Annotated[int, Field(ge=0)]
_Any = TypeVar("_Any")
Filled = Annotated[_Any, Field(min_length=1)]


class Signature(BaseModel):
    """`name(a, b)` of a definition, a guard or a `let`."""

    model_config = ConfigDict(frozen=True)
    name: str
    params: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Raises ValueError when the text is not a name with optional parameters."""
        match = _SIGNATURE.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is not a name with parameters, such as at(path)")
        params = tuple(part.strip() for part in match[2].split(",")) if match[2] and match[2].strip() else ()
        if any(re.fullmatch(IDENTIFIER, param) is None for param in params):
            raise ValueError(f"'{text}' has a parameter that is not a name")
        return cls(name=match[1], params=params)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.params)})" if self.params else self.name


def definitions_by_name(written: object) -> object:
    """`at(path): body` → `at: {params: [path], body: …}`."""
    return _by_signature(written, "body", lambda body: body)


def guards_by_name(written: object) -> object:
    """`moderator(user): {that, else}` or a list of them → `moderator: {params, clauses}`."""
    return _by_signature(written, "clauses", lambda body: body if isinstance(body, list) else [body])


def _by_signature(written: object, part: str, spelt: Callable[[object], object]) -> object:
    if not isinstance(written, dict):
        return written
    expanded: dict[str, object] = {}
    for text, body in written.items():
        if isinstance(body, (BaseModel, dict)) and (isinstance(body, BaseModel) or part in body):
            expanded[text] = body
            continue
        try:
            signature = Signature.parse(text)
        except ValueError:
            expanded[text] = {part: spelt(body)}  # refused with the other names that are none
            continue
        name = text if signature.name in expanded else signature.name  # likewise, the second of its name
        expanded[name] = {"params": signature.params, part: spelt(body)}
    return expanded


def only_one(kinds: tuple[str, ...], written: dict[str, object], what: str) -> str:
    """The key of `written` that says its kind. Raises ValueError unless there is exactly one."""
    found = [kind for kind in kinds if kind in written]
    if len(found) == 1:
        return found[0]
    near = [(key, get_close_matches(key, kinds, 1)) for key in written] if not found else []
    hint = next((f"; did you mean '{match[0]}' for '{key}'?" for key, match in near if match), "")
    raise ValueError(f"{what} is exactly one of {', '.join(kinds[:-1])} and {kinds[-1]}{hint}")
