"""The door of the type checker: a document in, a model out, or all of its problems at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generator.errors import Problem, SkeletonError
from generator.skeleton.advice import Advice
from generator.skeleton.corpora import check_corpora
from generator.skeleton.document import RuleDoc, Skeleton
from generator.skeleton.entities import Entities
from generator.skeleton.expressions import Expressions
from generator.skeleton.fitting import is_moment
from generator.skeleton.model import Entity, Model, Rule
from generator.skeleton.nodes import Attr, Call, Rows, Single, walk
from generator.skeleton.operations import Operations
from generator.skeleton.reserved import check_names
from generator.skeleton.scope import Scope
from generator.skeleton.types import BOOLEAN, DATETIME, Ref

Report = Callable[[Problem], None]


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
    try:
        _examine(model, report, lambda: list(found.values()))
    except RecursionError:  # every known way to go deep has a limit of its own; this is for the others
        report(Problem((), "the document is nested too deeply to be checked; use fewer levels"))
    problems = tuple(problem for problem in found.values() if not problem.warning)
    if not problems:
        Advice(model, report).give()
    return Checked(model, problems, tuple(problem for problem in found.values() if problem.warning))


def _examine(model: Model, report: Report, found: Callable[[], list[Problem]]) -> None:
    document = model.document
    expressions = Expressions(model, report)
    entities = Entities(model, expressions, report)
    operations = Operations(model, expressions, entities, report)
    if not is_moment(document.clock, DATETIME):
        report(Problem(("clock",), f"'{document.clock}' is no date with a time; write 2026-03-02T09:00:00"))
    check_names(document, report)
    check_corpora(document, report)
    entities.read_types()
    entities.read_fields()
    entities.read_expressions()
    operations.read()
    model.rules = {name: _rule(expressions, "rules", name, doc) for name, doc in document.rules.items()}
    model.policies = {name: _rule(expressions, "policies", name, doc) for name, doc in document.policies.items()}
    _check_derived_circles(model, report)
    broken = {problem.path[:2] for problem in found() if not problem.warning}
    for problem in operations.unused:  # behind another mistake in the same operation it is no news
        if problem.path[:2] not in broken:
            report(problem)
    if not broken:
        _check_used(document, expressions, operations, report)


def _rule(expressions: Expressions, section: str, name: str, doc: RuleDoc) -> Rule:
    path = (section, name, "holds")
    holds = expressions.check(doc.holds, Scope(before=section == "policies"), path, BOOLEAN)
    if section == "rules":
        for node in walk(holds):
            if isinstance(node, Call) and node.function in ("now", "today"):
                message = "a rule is true at any time; put what depends on the clock into a derived field"
                expressions.report(Problem(path, message))
    if holds.type == BOOLEAN and not any(isinstance(node, Rows | Single) for node in walk(holds)):
        expressions.report(Problem(path, "this reads no table, so it is always the same"))
    return Rule(name, doc.text, holds)


def _check_used(document: Skeleton, expressions: Expressions, operations: Operations, report: Report) -> None:
    """What is never applied was never checked; a parameter that is never read is a mistake somewhere."""
    for section, written, applied, read in (
        ("definitions", document.definitions, expressions.applied, expressions.read),
        ("guards", document.guards, operations.guards.used, operations.guards.read),
    ):
        for name, doc in written.items():
            path = (section, name)
            if name not in applied:
                report(Problem(path, f"'{name}' is never used, so nothing could check it; use it, or leave it out"))
            for param in doc.params if name in read else ():
                if param not in read[name]:
                    report(Problem(path, f"the parameter '{param}' of {name} is never used; use it, or leave it out"))


def _check_derived_circles(model: Model, report: Report) -> None:
    """Derived fields may read derived fields, but not in a circle."""
    reads: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for entity in model.entities.values():
        for item in entity.derived:
            if item.derived is None:
                continue
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
