"""Names that a document may not give: what Python, expressions and rendered environments need for themselves."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable, Iterator

from generator.errors import Problem
from generator.skeleton.document import Skeleton
from generator.skeleton.functions import FUNCTIONS
from generator.skeleton.scope import Path

ENVIRONMENT = frozenset({"call", "clock", "copy", "counters", "state"})
"""Attributes of a rendered environment, beside its tables and tools."""
GRADING = frozenset({"answer", "before", "calls"})
"""What scenario checks see beside the tables."""
_LITERALS = frozenset({"true", "false", "null"})


def check_names(document: Skeleton, report: Callable[[Problem], None]) -> None:
    """Reports every name that is taken by something else, whatever it is given to."""
    for at, name in _names(document):
        if keyword.iskeyword(name) or name in _LITERALS:
            report(Problem(at, f"'{name}' is a word of the expression language; use another name"))
    _check_tables_and_tools(document, report)
    path: Path
    for name, definition in document.definitions.items():
        path = ("definitions", name)
        taken = {entity.plural for entity in document.entities.values()} | document.entities.keys()
        if name in FUNCTIONS or name in GRADING:
            report(Problem(path, f"'{name}' is a function or name of the language; use another one"))
        elif name in taken:
            report(Problem(path, f"'{name}' is the name of an entity or its rows; use another one"))
        _check_repeated(definition.params, path, report)
    for name, guard in document.guards.items():
        _check_repeated(guard.params, ("guards", name), report)
    for operation, doc in document.operations.items():
        for name, let in doc.let.items():
            path = ("operations", operation, "let", name)
            if name in doc.params or name in document.definitions:
                report(Problem(path, f"the name '{name}' is taken; use another one"))
            _check_repeated(let.params, path, report)
            for param in let.params:
                if param in doc.params or param in doc.let:
                    report(Problem(path, f"the name '{param}' is taken in this operation; use another one"))
        for name in doc.params:
            if name in document.definitions:
                path = ("operations", operation, "params", name)
                report(Problem(path, f"the name '{name}' is that of a definition; use another one"))


def _check_tables_and_tools(document: Skeleton, report: Callable[[Problem], None]) -> None:
    seen: dict[str, str] = dict.fromkeys(ENVIRONMENT, "a part of every environment")
    named: list[tuple[Path, str, str]] = []
    for name, entity in document.entities.items():
        named.append((("entities", name, "plural"), entity.plural, f"the table of {name}"))
    for name, entity in document.entities.items():
        for query in entity.queries:
            named.append((("entities", name, "queries", query), query, f"a query of {name}"))
    named += [(("operations", name), name, "an operation") for name in document.operations]
    for path, name, what in named:
        if name in seen:
            report(Problem(path, f"the name '{name}' is taken: it is {seen[name]}; use another one"))
        seen.setdefault(name, what)
    for name, entity in document.entities.items():
        path = ("entities", name, "plural")
        if entity.plural in FUNCTIONS or entity.plural in GRADING:
            report(Problem(path, f"'{entity.plural}' is a function or name of the language; use another plural"))
        owner = document.entities.get(entity.plural)
        singleton = owner is not None and owner.id is not None and owner.id.kind == "one"
        if owner is not None and (singleton or entity.plural != name):
            report(Problem(path, f"the plural '{entity.plural}' is the name of an entity; use another one"))


def _check_repeated(params: Iterable[str], path: Path, report: Callable[[Problem], None]) -> None:
    listed = list(params)
    for name in dict.fromkeys(listed):
        if listed.count(name) > 1:
            report(Problem(path, f"the parameter '{name}' stands twice"))


def _names(document: Skeleton) -> Iterator[tuple[Path, str]]:
    """Every name that expressions or rendered code spell out, with its place."""
    for name, entity in document.entities.items():
        yield ("entities", name), name
        yield ("entities", name, "plural"), entity.plural
        if entity.id is not None and entity.id.given:
            yield ("entities", name, "id"), entity.id.given
        if entity.part_of is not None:
            yield ("entities", name, "part_of"), entity.part_of.partition(".")[2]
        for field in entity.fields if isinstance(entity.fields, dict) else ():
            yield ("entities", name, "fields", field), field
        for query in entity.queries:
            yield ("entities", name, "queries", query), query
    for name, doc in document.types.items():
        for member in doc if isinstance(doc, dict) else ():
            yield ("types", name, member), member
    for section in ("definitions", "guards"):
        for name, made in getattr(document, section).items():
            yield (section, name), name
            for param in made.params:
                yield (section, name), param
    for name, operation in document.operations.items():
        yield ("operations", name), name
        for param in operation.params:
            yield ("operations", name, "params", param), param
        for let, body in operation.let.items():
            yield ("operations", name, "let", let), let
            for param in body.params:
                yield ("operations", name, "let", let), param
        for member in operation.returns if isinstance(operation.returns, dict) else ():
            yield ("operations", name, "returns", member), member
        for at, effect in enumerate(operation.effects):
            if effect.as_ is not None:
                yield ("operations", name, "effects", at, "as"), effect.as_
