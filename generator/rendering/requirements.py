"""What comes before effects: `let`s, requirements and guards, as Python source."""

from __future__ import annotations

import json
from collections.abc import Iterator

from generator.rendering.lets import may_refuse, needed, surely_evaluated
from generator.rendering.locals import LocalNames
from generator.rendering.methods import INDENT, Method, indented
from generator.skeleton.compiler import Code, Compiler, argument_form, pascal, python_type, safe
from generator.skeleton.model import ClauseOf, GuardInstance, Operation, Requirement, Sentence
from generator.skeleton.nodes import Instance, Node
from generator.skeleton.types import MONEY, Type, bare


class RequirementWriter:
    """Writes requirements in order, each `let` right before what uses it first."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.shared = compiler.shared
        self.guards: dict[tuple[str, tuple[Type, ...]], tuple[str, GuardInstance]] = {}

    def write(self, operation: Operation, names: dict[str, Code], local: LocalNames, after: list[Node]) -> list[str]:
        """The requirements, then the `let`s that `after` needs, which are frozen there."""
        body: list[str] = []
        lets = _Lets(operation, self.compiler)
        for requirement in operation.requires:
            certain = [requirement.each[1]] if requirement.each else [*requirement.args, *_conditions(requirement)]
            possible = [*requirement.args, *_conditions(requirement), *_spoken(requirement)]
            body += lets.define([*certain, *possible], names, certain=certain)
            body += self._requirement(requirement, names, local)
        return body + lets.define(after, names, certain=after, freeze=True)

    def write_guard(self, name: str, guard: GuardInstance) -> Method:
        names: dict[str, Code] = {}
        parameters = []
        for param, type_ in guard.params:
            form = argument_form(type_)
            names[param] = Code(safe(param), form)
            parameters.append(f"{safe(param)}: {python_type(self.shared, type_, form)}")
        with self.compiler.knowing():
            self.compiler.forget(names_too=True)
            body = [line for clause in guard.clauses for line in self._clause(clause, names)]
        return Method(name, parameters, "None", "", body)

    def _requirement(self, requirement: Requirement, names: dict[str, Code], local: LocalNames) -> list[str]:
        if requirement.each is None:
            return self._conditions(requirement, names)
        name, items = requirement.each
        code = self.compiler.iterable(items, names)
        variable = local.loop(name, items.type, code.form)
        with self.compiler.knowing():
            lines = self._conditions(requirement, {**names, name: Code(variable, code.form)})
        return [f"for {variable} in {code.text}:", *indented(lines)]

    def _conditions(self, requirement: Requirement, names: dict[str, Code]) -> list[str]:
        if requirement.guard is not None:
            return [self._guard_call(requirement, requirement.guard, names)]
        return [line for clause in requirement.clauses for line in self._clause(clause, names)]

    def _clause(self, clause: ClauseOf, names: dict[str, Code]) -> list[str]:
        test = self.compiler.negated(clause.that, names)
        with self.compiler.knowing():
            self.compiler.learn(clause.that, names, holds=False)
            sentence = self._sentence(clause.sentence, names)
        self.compiler.learn(clause.that, names, holds=True)
        return [f"if {test.text}:", f'{INDENT}raise Refused("refused", {sentence}, {clause.origin!r})']

    def _guard_call(self, requirement: Requirement, guard: GuardInstance, names: dict[str, Code]) -> str:
        key = (guard.name, tuple(type_ for _, type_ in guard.params))
        if key not in self.guards:
            count = sum(1 for name, _ in self.guards if name == guard.name)
            self.guards[key] = (f"_require_{guard.name}{f'_{count + 1}' if count else ''}", guard)
        args = [
            self.compiler.text(arg, names, argument_form(type_))
            for arg, (_, type_) in zip(requirement.args, guard.params, strict=True)
        ]
        return f"self.{self.guards[key][0]}({', '.join(args)})"

    def _sentence(self, sentence: Sentence, names: dict[str, Code]) -> str:
        """An f-string; parts added up where code has quotes that an f-string cannot hold before Python 3.12."""
        parts = [(part, part if isinstance(part, str) else self.compiler.text(part, names)) for part in sentence.parts]
        code = "".join(text for part, text in parts if isinstance(part, Node))
        if not code:
            return json.dumps("".join(text for _, text in parts), ensure_ascii=False)
        if "\\" in code or ("'" in code and '"' in code):
            return " + ".join(_told(part, text) for part, text in parts)
        filled = ""
        for part, text in parts:
            if isinstance(part, str):
                filled += json.dumps(text, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")
            else:
                filled += "{" + text.replace('"', "'") + (":.2f" if bare(part.type) == MONEY else "") + "}"
        return f'f"{filled}"'


def _told(part: str | Node, text: str) -> str:
    if isinstance(part, str):
        return json.dumps(part, ensure_ascii=False)
    return f'format({text}, ".2f")' if bare(part.type) == MONEY else f"str({text})"


def _conditions(requirement: Requirement) -> Iterator[Node]:
    yield from (clause.that for clause in requirement.clauses)


def _spoken(requirement: Requirement) -> Iterator[Node]:
    for clause in requirement.clauses:
        yield from (part for part in clause.sentence.parts if isinstance(part, Node))


class _Lets:
    """The `let`s of one operation: which are there already, and in which form.

    One that is used on a branch of a condition only, and may refuse, becomes a function until it is frozen.
    """

    def __init__(self, operation: Operation, compiler: Compiler) -> None:
        self._operation = operation
        self._compiler = compiler
        self._done: set[str] = set()
        self._lazy: set[str] = set()

    def define(
        self, nodes: list[Node], names: dict[str, Code], *, certain: list[Node], freeze: bool = False
    ) -> list[str]:
        """Definitions of the `let`s that `nodes` use and that are not there yet."""
        always = {name for node in certain for name in surely_evaluated(node)}
        body: list[str] = []
        for name in needed(self._operation, nodes):
            if name in self._done and not (freeze and name in self._lazy):
                continue
            self._done.add(name)
            self._compiler.shared.hint = pascal(self._operation.name) + pascal(name)
            let = self._operation.lets[name]
            if let.node is None:
                body += [line for instance in let.instances for line in self._function(instance, names)]
            elif freeze or name in always or not may_refuse(self._compiler.model, let.node):
                self._lazy.discard(name)
                body.append(self._value(name, let.node, names))
            else:
                self._lazy.add(name)
                body += self._later(name, let.node, names)
        return body

    def _value(self, name: str, node: Node, names: dict[str, Code]) -> str:
        code = self._compiler.code(node, names)
        names[name] = Code(safe(name), code.form)
        return f"{safe(name)}: {python_type(self._compiler.shared, node.type, code.form)} = {code.text}"

    def _later(self, name: str, node: Node, names: dict[str, Code]) -> list[str]:
        with self._compiler.knowing():
            self._compiler.forget(names_too=True)  # type checkers do not look into functions
            code = self._compiler.code(node, names)
        names[name] = Code(f"{name}_now()", code.form)
        returns = python_type(self._compiler.shared, node.type, code.form)
        return [f"def {name}_now() -> {returns}:", f"{INDENT}return {code.text}"]

    def _function(self, instance: Instance, names: dict[str, Code]) -> list[str]:
        inner = dict(names)
        parameters = []
        for param, type_ in instance.params:
            form = argument_form(type_)
            inner[param] = Code(safe(param), form)
            parameters.append(f"{safe(param)}: {python_type(self._compiler.shared, type_, form)}")
        form = argument_form(instance.body.type)
        returns = python_type(self._compiler.shared, instance.body.type, form)
        with self._compiler.knowing():
            self._compiler.forget(names_too=True)
            text = self._compiler.text(instance.body, inner, form)
        return [f"def {safe(instance.name)}({', '.join(parameters)}) -> {returns}:", f"{INDENT}return {text}", ""]
