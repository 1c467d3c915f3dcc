"""Compiles the expressions of scenarios: typed first, then plain Python over the final and the initial tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from generator.errors import Problem, ScenarioError
from generator.scengenerator.scenario import JsonObject
from generator.scengenerator.worlds import Refused, World, Worlds
from generator.skeleton.compiler import Code
from generator.skeleton.expressions import Expressions
from generator.skeleton.model import Entity, Model
from generator.skeleton.scope import Path, Scope
from generator.skeleton.types import BOOLEAN, TEXT, ListOf, Record, Ref

CALLS = ListOf(Record((("name", TEXT),), "call"))
_MAX_KNOWN = 5_000

FAILURES = (Refused, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError, MemoryError)
"""What evaluating can end with: a value that is not there, or a final state that no tool could have left."""


@dataclass(frozen=True)
class Compiled:
    """A compiled expression, or what is wrong with it."""

    run: Callable[..., Any] | None
    problems: tuple[Problem, ...]


class CheckCompiler:
    """Compiles checks and the conditions of allowed changes for one model; each text once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._worlds = Worlds(model)
        self._known: dict[tuple[str, str], Compiled] = {}

    def world(self, state: JsonObject, before: World | None = None) -> World:
        """A state as checks read it; the final one is given the initial one as `before`."""
        return self._worlds.world(state, before)

    def check(self, text: str, path: Path = ("that",)) -> Callable[[World, list[JsonObject], str], bool]:
        """A check as a function of the final world, the calls and the answer. Raises ScenarioError."""
        return _usable(self.checked(text, path))

    def checked(self, text: str, path: Path = ("that",)) -> Compiled:
        """Like `check`, with its problems instead of an error."""
        names = {"calls": Code("calls"), "answer": Code("answer")}
        scope = Scope(names={"calls": CALLS, "answer": TEXT}, before=True, grading=True)
        return self._compiled("", text, scope, names, path)

    def where(
        self, entity: Entity, text: str, path: Path = ("where",), *, before: bool = False
    ) -> Callable[[World, dict[str, Any]], bool]:
        """A condition over a row under its entity's name; `before` for rows of the initial tables."""
        return _usable(self.where_checked(entity, text, path, before=before))

    def where_checked(self, entity: Entity, text: str, path: Path, *, before: bool) -> Compiled:
        """Like `where`, with its problems instead of an error."""
        scope = Scope(names={entity.name: Ref(entity.name, before)}, before=True)
        return self._compiled(f"{entity.name} {before}", text, scope, {entity.name: Code("row", "row")}, path)

    def _compiled(self, kind: str, text: str, scope: Scope, names: dict[str, Code], path: Path) -> Compiled:
        if (kind, text) not in self._known:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            problems: list[Problem] = []
            node = Expressions(self.model, problems.append).check(text, scope, path, BOOLEAN)
            parameters = [code.text for code in names.values()]
            run = None if problems else self._worlds.function(node, names, parameters)
            self._known[kind, text] = Compiled(run, tuple(problems))
        found = self._known[kind, text]
        return Compiled(found.run, tuple(Problem(path, problem.message) for problem in found.problems))


def _usable(compiled: Compiled) -> Callable[..., Any]:
    if compiled.run is None:
        raise ScenarioError(str(compiled.problems[0]))
    return compiled.run
