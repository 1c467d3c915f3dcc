"""What a command does to a state, as far as the skeleton tells beforehand: rows it makes, words it sets or needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from generator.skeleton.facts import expressions
from generator.skeleton.model import Effect, Entity, Field, Model, Operation
from generator.skeleton.nodes import Attr, Compare, ListDisplay, Literal, Node, Var, children, walk
from generator.skeleton.types import Enum, Ref, bare


class Place(NamedTuple):
    """An enum field of an entity."""

    entity: str
    plural: str
    column: str


@dataclass(frozen=True)
class Move:
    """A word that a command may set; `sources` are the words that a state machine lets it come from."""

    place: Place
    word: str
    machine: bool
    sources: tuple[str, ...] = ()
    final: bool = False  # no transition leads away from it
    choice: tuple[str, str] | None = None  # the parameter, and its value, that makes the command set this word


@dataclass
class Tendency:
    operation: Operation
    makes: list[Entity] = field(default_factory=list)
    touches: frozenset[str] = frozenset()  # the entities whose rows it makes, changes or removes
    removes: bool = False
    moves: list[Move] = field(default_factory=list)
    starts: list[Move] = field(default_factory=list)  # words of the rows that it makes
    needs: list[tuple[Place, str]] = field(default_factory=list)  # words that its guards ask rows for


def tendencies(model: Model) -> list[Tendency]:
    return [_tendency(model, operation) for operation in model.commands]


def places(model: Model) -> list[tuple[Place, Enum]]:
    """Every stored enum field."""
    return [
        (Place(entity.name, entity.plural, item.column), type_)
        for entity in model.entities.values()
        for item in entity.stored
        if isinstance(type_ := bare(item.type), Enum)
    ]


def _tendency(model: Model, operation: Operation) -> Tendency:
    result = Tendency(operation, touches=frozenset(effect.entity for effect in operation.effects))
    for effect in operation.effects:
        entity = model.entities[effect.entity]
        if effect.kind == "create" and entity not in result.makes:
            result.makes.append(entity)
        result.removes = result.removes or effect.kind == "delete"
        (result.starts if effect.kind == "create" else result.moves).extend(_moves(entity, effect))
    result.needs = list(dict.fromkeys(_needs(model, operation)))
    return result


def _moves(entity: Entity, effect: Effect) -> Iterator[Move]:
    assigned = {assign.field.name: assign.node for assign in effect.assigns}
    for item in entity.stored:
        type_ = bare(item.type)
        node = assigned.get(item.name, item.default if effect.kind == "create" else None)
        if node is not None and isinstance(type_, Enum):
            possible = possible_words(node)
            for word in type_.words:
                if word in possible:
                    yield _move(entity, item, word, _choice(effect, node, word))


def _move(entity: Entity, item: Field, word: str, choice: tuple[str, str] | None) -> Move:
    place = Place(entity.name, entity.plural, item.column)
    moves = item.doc.transitions
    if moves is None:
        return Move(place, word, machine=False, choice=choice)
    sources = tuple(source for source, targets in moves.items() if word in targets)
    return Move(place, word, True, sources, not moves.get(word), choice)


def _choice(effect: Effect, node: Node, word: str) -> tuple[str, str] | None:
    """`status: outcome`, or `status: posted` when `outcome == 'cleared'`."""
    if isinstance(node, Var):
        return node.name, word
    test = effect.when
    if isinstance(test, Compare) and test.op == "==" and isinstance(test.left, Var) and isinstance(test.right, Literal):
        return test.left.name, str(test.right.value)
    return None


def possible_words(node: Node) -> set[str]:
    """The texts that an expression may come to: literals in it, and the words of what it passes on."""
    if isinstance(node, Literal):
        return {str(node.value)}
    type_ = bare(node.type)
    if isinstance(node, Var | Attr) and isinstance(type_, Enum):
        return set(type_.words)
    found: set[str] = set()
    for child in children(node):
        found |= possible_words(child)
    return found


def _needs(model: Model, operation: Operation) -> Iterator[tuple[Place, str]]:
    """`row.field == 'word'` and `row.field in ['word', …]`, wherever the operation tests it."""
    for node in expressions(operation):
        for part in walk(node):
            if not isinstance(part, Compare) or part.op not in ("==", "in") or not isinstance(part.left, Attr):
                continue
            base = part.left.base.type
            if not isinstance(base, Ref) or not isinstance(bare(part.left.type), Enum):
                continue
            entity = model.entities[base.entity]
            item = entity.fields.get(part.left.name)
            values = part.right.items if isinstance(part.right, ListDisplay) else (part.right,)
            for value in values:
                if item is not None and item.stored and isinstance(value, Literal):
                    yield Place(entity.name, entity.plural, item.column), str(value.value)
