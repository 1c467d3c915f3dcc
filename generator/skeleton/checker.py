"""The door of the type checker: a document in, a model out, or all of its problems at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from generator.errors import Problem, SkeletonError
from generator.skeleton.document import RuleDoc, Skeleton
from generator.skeleton.entities import Entities
from generator.skeleton.expressions import Expressions
from generator.skeleton.model import Entity, Model, Rule
from generator.skeleton.nodes import Attr, walk
from generator.skeleton.operations import Operations
from generator.skeleton.phrases import Hole, split_holes
from generator.skeleton.reserved import check_names
from generator.skeleton.samples import PROVIDERS
from generator.skeleton.scope import Scope
from generator.skeleton.types import BOOLEAN, Ref
from generator.skeleton.wording import nearest

Report = Callable[[Problem], None]
_CLOCK = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


@dataclass(frozen=True)
class Checked:
    """What the checker found; `model` can be used when `problems` is empty."""

    model: Model
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check(document: Skeleton, source: str = "skeleton") -> Model:
    """The model of a document. Raises SkeletonError with every problem."""
    checked = examine(document)
    if checked.problems:
        raise SkeletonError(source, checked.problems)
    return checked.model


def examine(document: Skeleton) -> Checked:
    """Checks a whole document; never raises for what the document says."""
    found: dict[tuple[tuple[str | int, ...], str], Problem] = {}

    def report(problem: Problem) -> None:
        found.setdefault((problem.path, problem.message), problem)

    model = Model(document)
    expressions = Expressions(model, report)
    entities = Entities(model, expressions, report)
    operations = Operations(model, expressions, entities, report)
    if _CLOCK.fullmatch(document.clock) is None:
        report(Problem(("clock",), f"'{document.clock}' is no date with a time; write 2026-03-02T09:00:00"))
    check_names(document, report)
    _check_corpora(document, report)
    entities.read_types()
    entities.read_fields()
    entities.read_expressions()
    operations.read()
    model.rules = {name: _rule(expressions, "rules", name, doc) for name, doc in document.rules.items()}
    model.policies = {name: _rule(expressions, "policies", name, doc) for name, doc in document.policies.items()}
    for name in document.definitions:
        if name not in expressions.applied:
            report(Problem(("definitions", name), f"the definition '{name}' is never used, so nothing could check it"))
    for name in document.guards:
        if name not in operations.guards.used:
            report(Problem(("guards", name), f"the guard '{name}' is never used, so nothing could check it"))
    if not found:
        _check_derived_circles(model, report)
    problems = tuple(problem for problem in found.values() if not problem.warning)
    return Checked(model, problems, tuple(problem for problem in found.values() if problem.warning))


def _rule(expressions: Expressions, section: str, name: str, doc: RuleDoc) -> Rule:
    scope = Scope(before=section == "policies")
    return Rule(name, doc.text, expressions.check(doc.holds, scope, (section, name, "holds"), BOOLEAN))


def _check_corpora(document: Skeleton, report: Report) -> None:
    for name, lines in document.corpora.items():
        if not lines:
            report(Problem(("corpora", name), "a list of words has at least one entry"))
        for at, line in enumerate(lines):
            try:
                pieces = split_holes(line)
            except ValueError as error:
                report(Problem(("corpora", name, at), f"{error} in '{line}'"))
                continue
            for piece in pieces:
                if isinstance(piece, Hole) and piece.text not in document.corpora and piece.text not in PROVIDERS:
                    hint = nearest(piece.text, document.corpora)
                    report(Problem(("corpora", name, at), f"there is no list '{piece.text}'{hint}"))
    for name in document.corpora:
        if name in _reached(document, name, frozenset()):
            report(Problem(("corpora", name), f"'{name}' fills holes with itself in a circle"))


def _reached(document: Skeleton, name: str, seen: frozenset[str]) -> set[str]:
    result: set[str] = set()
    for line in document.corpora.get(name, []):
        try:
            pieces = split_holes(line)
        except ValueError:
            continue
        for piece in pieces:
            if isinstance(piece, Hole) and piece.text in document.corpora:
                result.add(piece.text)
                if piece.text not in seen:
                    result |= _reached(document, piece.text, seen | {piece.text})
    return result


def _check_derived_circles(model: Model, report: Report) -> None:
    """Derived fields may read derived fields, but not in a circle."""
    reads: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for entity in model.entities.values():
        for item in entity.derived:
            assert item.derived is not None
            reads[entity.name, item.name] = {
                (node.base.type.entity, node.name)
                for node in walk(item.derived)
                if isinstance(node, Attr) and isinstance(node.base.type, Ref) and _is_derived(model, node)
            }
    for start, direct in reads.items():
        seen: set[tuple[str, str]] = set()
        stack = list(direct)
        while stack:
            place = stack.pop()
            if place == start:
                path = ("entities", start[0], "fields", start[1], "derived")
                report(Problem(path, f"{'.'.join(start)} is derived from itself"))
                break
            if place not in seen:
                seen.add(place)
                stack.extend(reads.get(place, ()))


def _is_derived(model: Model, node: Attr) -> bool:
    assert isinstance(node.base.type, Ref)
    entity: Entity = model.entities[node.base.type.entity]
    return node.name in entity.fields and not entity.fields[node.name].stored
