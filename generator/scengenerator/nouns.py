"""The nouns of entities, and which of them are people or firms."""

from __future__ import annotations

from generator.scengenerator.english import spaced, word_set
from generator.skeleton.model import Entity

CONTAINERS = word_set(
    "bin board branch category channel city department drawer folder group list project room section shelf space "
    "store team thread warehouse"
)
_PARTY_FIELDS = frozenset({"contact", "date_of_birth", "email", "first_name", "full_name", "last_name", "username"})


def noun(entity: Entity) -> str:
    """`account`; `line` for an order_line, whose parent is named with it."""
    return _short(entity, entity.name)


def nouns(entity: Entity) -> str:
    """`accounts`; `lines` for order_lines."""
    return _short(entity, entity.plural)


def _short(entity: Entity, name: str) -> str:
    """Without what the parent says already: `order_line`, or a `copy_note` that is one of a book's `notes`."""
    if entity.parent is None:
        return spaced(name)
    if entity.plural.endswith(f"_{entity.parent_list}"):
        name = name.removeprefix(entity.plural.removesuffix(entity.parent_list or ""))
    return spaced(name.removeprefix(f"{entity.parent}_"))


def is_party(entity: Entity) -> bool:
    """A person or a firm, who is called by name and owns things."""
    return entity.doc.label is not None and bool(_PARTY_FIELDS & entity.fields.keys())
