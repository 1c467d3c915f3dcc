"""Checks operations: their parts in order, results and words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from generator.errors import Problem
from generator.skeleton.document import OperationDoc
from generator.skeleton.effects import Effects
from generator.skeleton.entities import Entities
from generator.skeleton.expressions import Expressions
from generator.skeleton.guards import Guards
from generator.skeleton.model import (
    Let,
    Model,
    Operation,
)
from generator.skeleton.nodes import Node, walk
from generator.skeleton.parameters import Parameters
from generator.skeleton.phrases import holes, split_say
from generator.skeleton.scope import Lets, Path, Scope
from generator.skeleton.types import (
    TEXT,
    Ref,
    holds_duration,
)
from generator.skeleton.wording import nearest, shorten


class Operations:
    """Fills a model with its operations."""

    def __init__(
        self, model: Model, expressions: Expressions, entities: Entities, report: Callable[[Problem], None]
    ) -> None:
        self.model = model
        self.expressions = expressions
        self.guards = Guards(model, expressions, report)
        self._parameters = Parameters(model, expressions, entities, report)
        self._effects = Effects(model, expressions, self.guards.each, report)
        self._report = report
        self.unused: list[Problem] = []  # parameters and `let`s that nothing reads

    def _problem(self, path: Path, message: str, *, warning: bool = False) -> None:
        self._report(Problem(path, message, warning=warning))

    def read(self) -> None:
        for name, doc in self.model.document.operations.items():
            self.model.operations[name] = self._operation(name, doc)

    def _operation(self, name: str, doc: OperationDoc) -> Operation:
        path: Path = ("operations", name)
        operation = Operation(name, doc)
        operation.params = [
            self._parameters.param(param, item, (*path, "params", param)) for param, item in doc.params.items()
        ]
        self._parameters.refuse_repeated(operation, path)
        scope = Scope(names={param.name: param.type for param in operation.params})
        lets = Lets(doc.let, (*path, "let"), scope)
        scope = replace(scope, lets=lets)
        for at, requirement in enumerate(doc.requires):
            read, facts = self.guards.requirement(requirement, scope, (*path, "requires", at), f"{name}.requires[{at}]")
            if read is not None:
                operation.requires.append(read)
            scope = scope.knowing(facts)
            lets.outer = lets.outer.knowing(facts)
        for at, effect in enumerate(doc.effects):
            made, scope = self._effects.effect(effect, scope, (*path, "effects", at))
            if made is not None:
                operation.effects.append(made)
        for param in operation.params:
            param.partial = any(assign.given == param.name for effect in operation.effects for assign in effect.assigns)
        self._returns(operation, scope, (*path, "returns"))
        operation.lets = {
            let: Let(let, None if item.params else lets.nodes.get(let), lets.instances.get(let, []))
            for let, item in doc.let.items()
        }
        self._unused(operation, scope, path)
        self._say(operation, (*path, "say"))
        return operation

    def _returns(self, operation: Operation, scope: Scope, path: Path) -> None:
        returns = operation.doc.returns
        if returns is None:
            if not operation.doc.effects:
                self._problem(path, "an operation without effects is a query and returns something")
        elif isinstance(returns, str):
            operation.returns = self._shown(returns, operation, scope, path)
        else:
            operation.returns = {
                name: self._shown(text, operation, scope, (*path, name)) for name, text in returns.items()
            }

    def _shown(self, text: str, operation: Operation, scope: Scope, path: Path) -> Node:
        """A value that agents will see."""
        node = self.expressions.check(text, scope, path)
        if holds_duration(node.type):
            self._problem(path, f"'{shorten(node.key)}' holds a duration; days(…) or hours(…) of it is a number")
        gone = [
            effect.target.key
            for effect in operation.effects
            if effect.kind == "delete" and effect.when is None and effect.each is None and effect.target is not None
        ]
        for part in walk(node, through=False):
            if part.key in gone and isinstance(part.type, Ref):
                self._problem(path, f"'{part.key}' is deleted by then; return something else, or take it in a 'let'")
                break
        return node

    def _unused(self, operation: Operation, scope: Scope, path: Path) -> None:
        for param in operation.params:
            said = not operation.doc.effects and param.type == TEXT  # what is said is kept in the record of calls
            if param.name not in scope.used and not said:
                message = f"the parameter '{param.name}' is never used; use it, or leave it out"
                self.unused.append(Problem((*path, "params", param.name), message))
        for name in operation.doc.let:
            if name not in scope.used:
                self.unused.append(Problem((*path, "let", name), f"'{name}' is never used; use it, or leave it out"))

    def _say(self, operation: Operation, path: Path) -> None:
        if operation.doc.say is None:
            return
        try:
            names = holes(split_say(operation.doc.say))
        except ValueError as error:
            self._problem(path, f"{error} in '{operation.doc.say}'")
            return
        for name in names:
            if name not in operation.doc.params:
                hint = nearest(name, operation.doc.params)
                self._problem(path, f"{{{name}}} is no parameter of {operation.name}{hint}")
