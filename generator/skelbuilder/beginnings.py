"""What made-up beginnings look like: whether there is enough in them to work with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from generator.scengenerator.sampling import SamplingError
from generator.scengenerator.states import make_state
from generator.skeleton.model import Entity, Model
from generator.skeleton.types import Enum, bare

SIZES = (1, 3, 5)
LEAST_ROWS = 3  # of what operations make, on average
MOST_FINAL = 0.75  # of the rows of a state machine may have ended
LEAST_SHARE = 6  # rows, below which shares mean nothing


def meagre(model: Model) -> list[str]:
    """What beginnings have too little of, as sentences for a person or a model to act on."""
    try:
        states = [make_state(model, f"beginnings/{size}", size) for size in SIZES]
    except SamplingError as error:
        return [f"population: {error}"]
    found: list[str] = []
    for entity in model.entities.values():
        tables = [state["tables"][entity.plural] for state in states]
        found += _few(entity, tables)
        found += _ended(entity, tables)
    return found


def _few(entity: Entity, tables: list[dict[str, Any]]) -> Iterator[str]:
    if entity.doc.population is not None or entity.key not in ("counted", "given"):
        return
    mean = sum(map(len, tables)) / len(tables)
    if mean < LEAST_ROWS:
        yield (
            f"entities.{entity.name}: made-up beginnings hold {mean:.1f} {entity.plural} on average; loosen what "
            "hinders the operations that make them, so that there is more to work with"
        )


def _ended(entity: Entity, tables: list[dict[str, Any]]) -> Iterator[str]:
    """State machines most of whose rows stand in words that nothing leads out of."""
    for item in entity.stored:
        moves, type_ = item.doc.transitions, bare(item.type)
        if moves is None or not isinstance(type_, Enum):
            continue
        words = Counter(row[item.column] for table in tables for row in table.values())
        final = [word for word in words if not moves.get(word)]
        share = sum(words[word] for word in final) / max(1, words.total())
        if share > MOST_FINAL and words.total() >= LEAST_SHARE:
            yield (
                f"entities.{entity.name}.fields.{item.name}: in made-up beginnings {share:.0%} of the {entity.plural} "
                f"are {' or '.join(final)}, which nothing leads out of; let less lead there"
            )
