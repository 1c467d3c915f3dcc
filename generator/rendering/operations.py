"""The method of an operation: parameters, requirements, effects and result, as Python source."""

from __future__ import annotations

from collections.abc import Iterator

from generator.rendering.effects import EffectWriter, effect_nodes, returned
from generator.rendering.locals import LocalNames
from generator.rendering.methods import INDENT, Method, indented, refusal, single_quoted, when_present
from generator.rendering.requirements import RequirementWriter
from generator.rendering.results import Results
from generator.skeleton.compiler import Code, Compiler, pascal, python_type, safe, stored_form
from generator.skeleton.model import Operation, Param
from generator.skeleton.nodes import Literal, Node, Var, walk
from generator.skeleton.types import ListOf, MapOf, Maybe, Record, Ref, Type, bare


class OperationWriter:
    """Writes the methods of operations."""

    def __init__(self, compiler: Compiler, results: Results) -> None:
        self.compiler = compiler
        self.shared = compiler.shared
        self.model = compiler.model
        self.results = results
        self.requirements = RequirementWriter(compiler)

    def write(self, operation: Operation) -> Method:
        self.shared.hint = pascal(operation.name) + "Line"
        names: dict[str, Code] = {}
        body: list[str] = []
        local = LocalNames(self.shared, _names(operation))
        after = [node for effect in operation.effects for node in effect_nodes(effect)] + returned(operation)
        with self.compiler.knowing():
            self.compiler.forget(names_too=True)
            for param in operation.params:
                body += self._resolve(param, operation, names)
            body += self.requirements.write(operation, names, local, after)
            body += EffectWriter(self.compiler, operation, local).write(names)
            returns, lines = self.results.of_operation(operation, names)
        return Method(
            operation.name,
            self._signature(operation),
            returns,
            operation.doc.description,
            [*body, *lines],
            operation.is_command,
        )

    def _signature(self, operation: Operation) -> list[str]:
        """Parameters with their defaults; by keyword only where a required one follows an optional one."""
        parts = [self._parameter(param) for param in operation.params]
        required = [param.required for param in operation.params]
        return parts if required == sorted(required, reverse=True) else ["*", *parts]

    def _parameter(self, param: Param) -> str:
        name, annotation = safe(param.argument), python_type(self.shared, param.type, stored_form(param.type))
        if param.required:
            return f"{name}: {annotation}"
        if isinstance(param.default, Literal):
            return f"{name}: {annotation} = {self.compiler.text(param.default, {})}"
        return f"{name}: {annotation if isinstance(param.type, Maybe) else f'{annotation} | None'} = None"

    # -- parameters ---------------------------------------------------------------------------------------------------

    def _resolve(self, param: Param, operation: Operation, names: dict[str, Code]) -> list[str]:
        """Defaults, and refs resolved: an unknown id refuses."""
        argument, lines = safe(param.argument), []
        if param.default is not None and not isinstance(param.default, Literal):
            lines += [f"if {argument} is None:", f"{INDENT}{argument} = {self.compiler.text(param.default, names)}"]
        inner = bare(param.type)
        if isinstance(inner, Ref):
            entity = self.model.entities[inner.entity]
            local = safe(param.name) if param.name != param.argument else f"{param.name}_row"
            find = f"self._find_{entity.name}({argument})"
            if isinstance(param.type, Maybe):
                find = f"{find} if {argument} is not None else None"
            names[param.name] = Code(local, "row")
            used = any(isinstance(node, Var) and node.name == param.name for node in _own_nodes(operation))
            return [*lines, f"{local} = {find}" if used else find]
        names[param.name] = Code(argument, stored_form(param.type))
        checks = [*self._bounds(param, argument), *self._references(argument, inner, f"one_of_{argument}")]
        if isinstance(inner, ListOf) and inner.distinct:
            checks = [f"{argument} = unique({argument})", *checks]
        if checks and isinstance(param.type, Maybe):
            checks = when_present(argument, checks)
        return lines + checks

    def _references(self, text: str, type_: Type, item: str) -> list[str]:
        """Statements that refuse unknown ids inside lists and records."""
        if isinstance(type_, Ref):
            return [f"self._find_{self.model.entities[type_.entity].name}({text})"]
        if isinstance(type_, ListOf):
            inner = self._references(item, type_.item, f"{item}_item")
            return [f"for {item} in {text}:", *indented(inner)] if inner else []
        if isinstance(type_, Record):
            lines: list[str] = []
            for name, member in type_.fields:
                path = f'{text}["{self.model.column(name, member)}"]'
                if isinstance(member, Maybe):
                    lines.append(f'{text}.setdefault("{self.model.column(name, member)}", None)')
                inner = self._references(path, bare(member), f"one_of_{name}")
                if inner and isinstance(member, Maybe):
                    inner = when_present(path, inner)
                lines += inner
            return lines
        return []

    @staticmethod
    def _bounds(param: Param, argument: str) -> list[str]:
        """Bounds that a JSON schema cannot say: of dates and times, and of the values of maps."""
        type_ = bare(param.type)
        each = isinstance(type_, MapOf | ListOf)
        value = "part" if each else argument
        lines: list[str] = []
        for bound, sign, words in ((param.minimum, "<", "at least"), (param.maximum, ">", "at most")):
            if isinstance(bound, str) or (isinstance(type_, MapOf) and bound is not None):
                text = f'f"{param.argument}: it must be {words} {bound}, not {{{single_quoted(value)}}}."'
                lines += [f"if {value} {sign} {bound!r}:", refusal("invalid_arguments", text, "arguments")]
        parts = f"{argument}.values()" if isinstance(type_, MapOf) else argument
        return [f"for part in {parts}:", *indented(lines)] if each and lines else lines


def _names(operation: Operation) -> Iterator[str]:
    """The local names that a method has anyway."""
    for param in operation.params:
        yield from (safe(param.argument), safe(param.name), f"{param.name}_row")
    yield from (safe(name) for name in operation.lets)
    yield from (safe(effect.name) for effect in operation.effects)


def _own_nodes(operation: Operation) -> Iterator[Node]:
    """Every node of an operation itself; what guards and definitions name is theirs."""
    nodes: list[Node] = []
    for requirement in operation.requires:
        nodes += [*requirement.args, *([requirement.each[1]] if requirement.each else [])]
        for clause in requirement.clauses:
            nodes += [clause.that, *(part for part in clause.sentence.parts if isinstance(part, Node))]
    for let in operation.lets.values():
        nodes += [let.node] if let.node is not None else [instance.body for instance in let.instances]
    nodes += [node for effect in operation.effects for node in effect_nodes(effect)]
    for node in [*nodes, *returned(operation)]:
        yield from walk(node, through=False)
