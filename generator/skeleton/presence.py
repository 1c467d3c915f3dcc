"""What a write does to fields that follow an enum: `only_for`, and the `transitions` of the enum itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from generator.errors import Problem
from generator.skeleton.model import Assign, Entity, Field
from generator.skeleton.narrowing import Facts
from generator.skeleton.nodes import Literal, Present
from generator.skeleton.scope import Path
from generator.skeleton.types import NOTHING, Enum, Maybe
from generator.skeleton.wording import listed, one

Words = frozenset[str]


class Presence:
    """Reports writes that can never succeed, because a field would be there or missing when it must not."""

    def __init__(self, report: Callable[[Problem], None]) -> None:
        self._report = report

    def created(self, entity: Entity, assigns: Sequence[Assign], path: Path) -> None:
        """Checks the fields of a new row."""
        given = {assign.field.name: assign for assign in assigns}
        for item in entity.stored:
            after = self._after_all(entity, item, lambda name: self._first_words(entity, given, name))
            assign = given.get(item.name)
            if after is True and item.default is None and (assign is None or assign.node.type == NOTHING):
                made = f"creating {one(entity.name)} with {_when(item, given)}"
                self._report(Problem(path, f"{made} leaves '{item.name}' without a value"))
            self._refuse_extra(item, assign, after, path)

    def updated(self, entity: Entity, assigns: Sequence[Assign], target: str, facts: Facts, path: Path) -> None:
        """Checks a changed row; `facts` tell what its enums can be before."""
        given = {assign.field.name: assign for assign in assigns}
        before = {
            name: facts.words.get(f"{target}.{name}", frozenset(item.type.words))
            for name, item in entity.fields.items()
            if isinstance(item.type, Enum)
        }
        for name, words in before.items():
            before[name] = self._check_transition(entity.fields[name], given.get(name), words, path)
        for item in entity.stored:
            if not any(name in given for name in item.doc.only_for or {}) and item.name not in given:
                continue
            after = self._after_all(entity, item, lambda name: _next_words(given, before, name))
            was = self._after_all(entity, item, before.get)
            assign = given.get(item.name)
            if after is True and (was is not True if assign is None else assign.node.type == NOTHING):
                message = f"with {_when(item, given)} '{item.name}' needs a value; give it one here"
                self._report(Problem(path, message))
            elif after is False and was is not False and assign is None:
                message = f"with {_when(item, given)} '{item.name}' must be missing; set it to None here"
                self._report(Problem(path, message))
            self._refuse_extra(item, assign, after, path)

    def _refuse_extra(self, item: Field, assign: Assign | None, after: bool | None, path: Path) -> None:
        if after is not False or assign is None or assign.given is not None:
            return
        if not isinstance(assign.node.type, Maybe) and assign.node.type != NOTHING:
            conditions = [f"{name} {' or '.join(words)}" for name, words in (item.doc.only_for or {}).items()]
            self._report(Problem(path, f"'{item.name}' is only for {listed(conditions)}, which this row has not"))

    def _check_transition(self, item: Field, assign: Assign | None, words: Words, path: Path) -> Words:
        """The words from which the new one can be reached; a problem where there is none."""
        word = _literal(assign)
        if word is None or not isinstance(item.type, Enum):
            return words
        known = words < frozenset(item.type.words)
        if words == {word}:
            self._report(Problem(path, f"'{item.name}' is '{word}' already, so this changes nothing"))
            return words
        if item.doc.transitions is None:
            return words
        ways = frozenset(one for one in words if word in item.doc.transitions.get(one, []))
        if not ways and not (word in words and known):
            found = f"from {' or '.join(sorted(words))} " if known else ""
            self._report(Problem(path, f"'{item.name}' can never change {found}to '{word}'; see its transitions"))
            return words
        return ways | (words & {word})

    @staticmethod
    def _after_all(entity: Entity, item: Field, words_of: Callable[[str], Words | None]) -> bool | None:
        """Whether the field is due: True, False, or None where that depends."""
        if not item.doc.only_for or not item.optional:
            return None
        due: bool | None = True
        for name, wanted in item.doc.only_for.items():
            words = words_of(name) if name in entity.fields else None
            if words is not None and not words & set(wanted):
                return False
            if words is None or not words <= set(wanted):
                due = None
        return due

    @staticmethod
    def _first_words(entity: Entity, given: dict[str, Assign], name: str) -> Words | None:
        if name in given:
            word = _literal(given[name])
            return None if word is None else frozenset({word})
        default = entity.fields[name].default
        return frozenset({str(default.value)}) if isinstance(default, Literal) else None


def _next_words(given: dict[str, Assign], before: dict[str, Words], name: str) -> Words | None:
    if name not in given:
        return before.get(name)
    word = _literal(given[name])
    return None if word is None else frozenset({word})


def _literal(assign: Assign | None) -> str | None:
    node = assign.node if assign is not None and assign.given is None else None
    node = node.item if isinstance(node, Present) else node
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def _when(item: Field, given: dict[str, Assign]) -> str:
    """`status 'shipped'`: the words that decide about a field, as far as they are written."""
    parts = [f"{name} '{_literal(given[name])}'" for name in item.doc.only_for or {} if _literal(given.get(name))]
    return listed(parts) if parts else f"this {' and '.join(item.doc.only_for or {})}"
