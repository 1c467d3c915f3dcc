"""The method of an operation: parameters, `let`s, requirements, effects and result, as Python source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from generator.rendering.results import Results
from generator.skeleton.compiler import Code, Compiler, Form, argument_form, is_ref, pascal, python_type, safe
from generator.skeleton.model import (
    Assign,
    ClauseOf,
    Effect,
    Entity,
    GuardInstance,
    Operation,
    Param,
    Requirement,
    Sentence,
)
from generator.skeleton.nodes import (
    Before,
    Call,
    Comprehension,
    Conditional,
    Index,
    Instance,
    Literal,
    Logic,
    Node,
    Present,
    Var,
    children,
    walk,
)
from generator.skeleton.types import MONEY, ListOf, Maybe, Record, Ref, Scalar, Type, bare

INDENT = "    "


@dataclass
class Method:
    """A method's source in parts; the template puts them together."""

    name: str
    parameters: list[str]
    returns: str
    description: str
    body: list[str] = field(default_factory=list)
    command: bool = False


def indented(lines: list[str]) -> list[str]:
    return [INDENT + line for line in lines]


class OperationWriter:
    """Writes the methods of operations and guards."""

    def __init__(self, compiler: Compiler, results: Results) -> None:
        self.compiler = compiler
        self.shared = compiler.shared
        self.model = compiler.model
        self.results = results
        self.guards: dict[tuple[str, tuple[Type, ...]], tuple[str, GuardInstance]] = {}

    # -- the method -----------------------------------------------------------------------------------------------

    def write(self, operation: Operation) -> Method:
        self.shared.hint = pascal(operation.name) + "Line"
        names: dict[str, Code] = {}
        body: list[str] = []
        for param in operation.params:
            body += self._resolve(param, operation, names)
        body += self._requirements(operation, names)
        body += self._effects(operation, names)
        returns, lines = self.results.of_operation(operation, names)
        body += lines
        return Method(
            operation.name,
            self._signature(operation),
            returns,
            operation.doc.description,
            body,
            operation.is_command,
        )

    def _signature(self, operation: Operation) -> list[str]:
        parts: list[str] = []
        optional_seen = keyword_only = False
        for param in operation.params:
            optional_seen = optional_seen or not param.required
            if optional_seen and param.required and not keyword_only:
                keyword_only = True
        for param in operation.params:
            annotation = python_type(self.shared, param.type, "key" if is_ref(param.type) else "")
            if param.required:
                parts.append(f"{safe(param.argument)}: {annotation}")
            elif _constant(param.default):
                parts.append(f"{safe(param.argument)}: {annotation} = {self.compiler.text(param.default, {})}")  # type: ignore[arg-type]
            else:
                optional = annotation if annotation.endswith("| None") else f"{annotation} | None"
                parts.append(f"{safe(param.argument)}: {optional} = None")
        return ["*", *parts] if keyword_only else parts

    # -- parameters -------------------------------------------------------------------------------------------------

    def _resolve(self, param: Param, operation: Operation, names: dict[str, Code]) -> list[str]:
        """Defaults, and refs resolved: an unknown id refuses."""
        argument, lines = safe(param.argument), []
        if param.default is not None and not _constant(param.default):
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
        names[param.name] = Code(argument, "key" if is_ref(param.type) else "")
        checks = self._references(argument, inner, f"one_of_{argument}")
        if isinstance(inner, ListOf) and inner.distinct:
            checks = [f"{argument} = unique({argument})", *checks]
        if checks and isinstance(param.type, Maybe):
            checks = [f"if {argument} is not None:", *indented(checks)]
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
                    inner = [f"if {path} is not None:", *indented(inner)]
                lines += inner
            return lines
        return []

    # -- lets and requirements --------------------------------------------------------------------------------------------

    def _requirements(self, operation: Operation, names: dict[str, Code]) -> list[str]:
        """Guards in order; each `let` stands right before what uses it first."""
        body: list[str] = []
        done: set[str] = set()
        for requirement in operation.requires:
            nodes = [*requirement.args, *(clause.that for clause in requirement.clauses)]
            nodes += [requirement.each[1]] if requirement.each else []
            parts = [part for clause in requirement.clauses for part in clause.sentence.parts if isinstance(part, Node)]
            body += self._lets(operation, [*nodes, *parts], names, done, certain=nodes)
            body += self._requirement(requirement, names)
        after = [node for effect in operation.effects for node in _effect_nodes(effect)] + _returned(operation)
        body += self._lets(operation, after, names, done, certain=after, freeze=True)
        return body

    def _lets(
        self,
        operation: Operation,
        nodes: list[Node],
        names: dict[str, Code],
        done: set[str],
        *,
        certain: list[Node],
        freeze: bool = False,
    ) -> list[str]:
        """Definitions of the `let`s that `nodes` use and that are not there yet."""
        body: list[str] = []
        always = {name for node in certain for name in _certain(node)}
        for name in self._needed(operation, nodes):
            let = operation.lets[name]
            lazy = f"{name}()"
            if name in done and not (freeze and lazy in done):
                continue
            self.shared.hint = pascal(operation.name) + pascal(name)
            if let.node is None:
                body += [line for instance in let.instances for line in self._function(instance.name, instance, names)]
                done.add(name)
                continue
            annotation = python_type(self.shared, let.node.type, self._let_form(let.node, names))
            code = self.compiler.code(let.node, names, self._let_form(let.node, names))
            if freeze or name in always or not _may_refuse(let.node):
                body.append(f"{safe(name)}: {annotation} = {code.text}")
                names[name] = Code(safe(name), code.form)
                done.discard(lazy)
            else:  # used on one branch of a condition only: evaluated there, and only there
                body += [f"def {name}_now() -> {annotation}:", f"{INDENT}return {code.text}"]
                names[name] = Code(f"{name}_now()", code.form)
                done.add(lazy)
            done.add(name)
        return body

    def _let_form(self, node: Node, names: dict[str, Code]) -> Form:
        return self.compiler.code(node, names).form

    def _needed(self, operation: Operation, nodes: list[Node]) -> list[str]:
        """Names of `let`s used by the nodes, directly or through other `let`s, in the order of the document."""
        found: set[str] = set()
        stack = list(nodes)
        while stack:
            for part in walk(stack.pop()):
                name = part.name if isinstance(part, Var) else getattr(getattr(part, "instance", None), "name", "")
                if name in operation.lets and name not in found:
                    found.add(name)
                    let = operation.lets[name]
                    stack += [let.node] if let.node else [instance.body for instance in let.instances]
        return [name for name in self._let_order(operation) if name in found]

    def _let_order(self, operation: Operation) -> list[str]:
        """Each `let` after those that it uses."""
        order: list[str] = []

        def visit(name: str) -> None:
            if name in order:
                return
            let = operation.lets[name]
            for body in [let.node] if let.node else [instance.body for instance in let.instances]:
                for part in walk(body):
                    used = part.name if isinstance(part, Var) else getattr(getattr(part, "instance", None), "name", "")
                    if used in operation.lets and used != name:
                        visit(used)
            order.append(name)

        for name in operation.lets:
            visit(name)
        return order

    def _function(self, name: str, instance: Instance, names: dict[str, Code]) -> list[str]:
        inner = dict(names)
        parameters = []
        for param, type_ in instance.params:
            form = argument_form(type_)
            inner[param] = Code(safe(param), form)
            parameters.append(f"{safe(param)}: {python_type(self.shared, type_, form)}")
        form = argument_form(instance.body.type)
        returns = python_type(self.shared, instance.body.type, form)
        text = self.compiler.text(instance.body, inner, form)
        return [f"def {safe(name)}({', '.join(parameters)}) -> {returns}:", f"{INDENT}return {text}", ""]

    def _requirement(self, requirement: Requirement, names: dict[str, Code]) -> list[str]:
        inner = dict(names)
        if requirement.each:
            name, items = requirement.each
            code = self.compiler.iterable(items, names)
            inner[name] = Code(safe(name), code.form)
        lines: list[str] = []
        for clause in requirement.clauses:
            lines += self._clause(clause, inner)
        if requirement.guard is not None:
            lines.append(self._guard_call(requirement, inner))
        if requirement.each:
            return [f"for {safe(requirement.each[0])} in {code.text}:", *indented(lines)]
        return lines

    def _clause(self, clause: ClauseOf, names: dict[str, Code]) -> list[str]:
        test = self.compiler.negated(clause.that, names)
        return [
            f"if {test.text}:",
            f'{INDENT}raise Refused("refused", {self.sentence(clause.sentence, names)}, {clause.origin!r})',
        ]

    def _guard_call(self, requirement: Requirement, names: dict[str, Code]) -> str:
        guard = requirement.guard
        assert guard is not None
        key = (guard.name, tuple(type_ for _, type_ in guard.params))
        if key not in self.guards:
            count = sum(1 for name, _ in self.guards if name == guard.name)
            self.guards[key] = (f"_require_{guard.name}{f'_{count + 1}' if count else ''}", guard)
        args = [
            self.compiler.text(arg, names, argument_form(type_))
            for arg, (_, type_) in zip(requirement.args, guard.params, strict=True)
        ]
        return f"self.{self.guards[key][0]}({', '.join(args)})"

    def write_guard(self, name: str, guard: GuardInstance) -> Method:
        names: dict[str, Code] = {}
        parameters = []
        for param, type_ in guard.params:
            form = argument_form(type_)
            names[param] = Code(safe(param), form)
            parameters.append(f"{safe(param)}: {python_type(self.shared, type_, form)}")
        body = [line for clause in guard.clauses for line in self._clause(clause, names)]
        return Method(name, parameters, "None", "", body)

    def sentence(self, sentence: Sentence, names: dict[str, Code]) -> str:
        """An f-string of a sentence with holes."""
        text, plain = "", True
        for part in sentence.parts:
            if isinstance(part, str):
                text += part.replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{").replace("}", "}}")
                continue
            plain = False
            code = self.compiler.text(part, names)
            if '"' in code or "\\" in code:  # before Python 3.12 an f-string cannot hold its own quotes
                code = code.replace('"', "'") if "'" not in code and "\\" not in code else f"str({code})"
            text += "{" + code + (":.2f" if part.type == MONEY else "") + "}"
        if plain:
            return f'"{text.replace("{{", "{").replace("}}", "}")}"'
        if "str(" in text and ('"' in text or "\\" in text):
            return self._joined(sentence, names)
        return f'f"{text}"'

    def _joined(self, sentence: Sentence, names: dict[str, Code]) -> str:
        parts = []
        for part in sentence.parts:
            if isinstance(part, str):
                parts.append(repr(part))
            elif part.type == MONEY:
                parts.append(f'format({self.compiler.text(part, names)}, ".2f")')
            else:
                parts.append(f"str({self.compiler.text(part, names)})")
        return " + ".join(parts)

    # -- effects ------------------------------------------------------------------------------------------------------------

    def _effects(self, operation: Operation, names: dict[str, Code]) -> list[str]:
        """Conditions and lists are decided before the first effect, where there is more than one."""
        decided: list[str] = []
        body: list[str] = []
        several = len(operation.effects) > 1
        for at, effect in enumerate(operation.effects, start=1):
            self.shared.hint = pascal(operation.name) + "Line"
            lines, before = self._effect(effect, names, f"_{at}" if several else "", operation)
            decided += before
            body += lines
        return decided + body

    def _effect(
        self, effect: Effect, names: dict[str, Code], mark: str, operation: Operation
    ) -> tuple[list[str], list[str]]:
        before: list[str] = []
        inner = dict(names)
        if effect.each is not None:
            name, items = effect.each
            code = self.compiler.iterable(items, names)
            inner[name] = Code(safe(name), code.form)
            chosen = f"{code.text}"
            if effect.when is not None:
                chosen = f"{safe(name)} for {safe(name)} in {code.text} if {self.compiler.text(effect.when, inner)}"
                before.append(f"chosen{mark} = [{chosen}]")
            else:
                fresh = chosen.startswith(("[", "sorted(", "unique(", "list("))
                before.append(f"chosen{mark} = {chosen if fresh else f'list({chosen})'}")
            lines = self._one_effect(effect, inner, "")
            return [f"for {safe(name)} in chosen{mark}:", *indented(lines)], before
        kept = self._kept(effect, operation)
        lines = self._one_effect(effect, inner, safe(effect.name) if kept else "")
        if effect.kind == "create" and kept:
            names[effect.name] = Code(safe(effect.name), "row")
        if effect.when is None:
            return lines, before
        condition = self.compiler.text(effect.when, names)
        if mark:
            before.append(f"wanted{mark} = {condition}")
            condition = f"wanted{mark}"
        if effect.kind == "create" and kept:
            row_class = pascal(effect.entity)
            return [f"{safe(effect.name)}: {row_class} | None = None", f"if {condition}:", *indented(lines)], before
        return [f"if {condition}:", *indented(lines)], before

    @staticmethod
    def _kept(effect: Effect, operation: Operation) -> bool:
        """Whether a created row is named again later."""
        if effect.kind != "create" or effect.each is not None:
            return False
        nodes = [node for other in operation.effects for node in _effect_nodes(other)]
        nodes += [let.node for let in operation.lets.values() if let.node is not None]
        nodes += _returned(operation)
        return any(isinstance(part, Var) and part.name == effect.name for node in nodes for part in walk(node))

    def _one_effect(self, effect: Effect, names: dict[str, Code], local: str) -> list[str]:
        entity = self.model.entities[effect.entity]
        if effect.kind == "create":
            return self._create(entity, effect, names, local)
        if effect.kind == "replace":
            return self._replace(entity, effect, names)
        assert effect.target is not None
        row = self.compiler.row(effect.target, names)
        if effect.kind == "delete":
            return [f"self._delete_{entity.name}({row})"]
        optional = [assign for assign in effect.assigns if assign.given]
        fixed = ", ".join(f'"{a.field.column}": {self._value(a, names)}' for a in effect.assigns if not a.given)
        if not optional:
            return [f"self._update_{entity.name}({row}, {{{fixed}}})"]
        lines = [f"changes: {pascal(entity.name)}Changes = {{{fixed}}}"]
        for assign in optional:
            test = names[assign.given or ""].text
            lines += [
                f"if {test} is not None:",
                f'{INDENT}changes["{assign.field.column}"] = {self._value(assign, names)}',
            ]
        return [*lines, f"self._update_{entity.name}({row}, changes)"]

    def _value(self, assign: Assign, names: dict[str, Code]) -> str:
        want: Form = "key" if is_ref(assign.field.type) else ""
        self.shared.hint = pascal(assign.field.name)
        return self.compiler.text(assign.node, names, want)

    def _create(self, entity: Entity, effect: Effect, names: dict[str, Code], local: str) -> list[str]:
        given = {assign.field.name: assign for assign in effect.assigns}
        members: list[str] = []
        if entity.key == "counted":
            members.append(f'"{entity.key_column}": self._next_{entity.name}_id()')
        for item in entity.stored:
            members.append(f'"{item.column}": {self._initial(entity, item.name, given, names)}')
        call = f"self._create_{entity.name}({{{', '.join(members)}}})"
        return [f"{local} = {call}" if local else call]

    def _initial(self, entity: Entity, name: str, given: dict[str, Assign], names: dict[str, Code]) -> str:
        item = entity.fields[name]
        if item.default is not None:
            default = self.compiler.text(item.default, {}, "key" if is_ref(item.type) else "")
        elif entity.key == "given" and name == entity.key_column and name not in given:
            return f"self._next_{entity.name}_id()"
        else:
            default = "None"
        if name not in given:
            return default
        value = self._value(given[name], names)
        if given[name].given is None:
            return value
        return f"{value} if {names[given[name].given or ''].text} is not None else {default}"

    def _replace(self, entity: Entity, effect: Effect, names: dict[str, Code]) -> list[str]:
        assert effect.target is not None and effect.items is not None and entity.parent is not None
        owner = self.compiler.row(effect.target, names)
        self.shared.hint = pascal(entity.name) + "Line"
        items = self.compiler.text(effect.items, names)
        inner = {**names, "row": Code("row_")}
        given = {assign.field.name: assign for assign in effect.assigns}
        parent = Assign(entity.fields[entity.parent], effect.target)
        created = self._create(entity, _with(effect, (parent, *given.values())), inner, "")
        return [
            f"rows = {items}",
            f"for old in self._{entity.parent}_{entity.parent_list}({owner}):",
            f"{INDENT}self._delete_{entity.name}(old)",
            "for row_ in rows:",
            *indented(created),
        ]


def _with(effect: Effect, assigns: tuple[Assign, ...]) -> Effect:
    return replace(effect, assigns=assigns)


def _constant(node: Node | None) -> bool:
    """A default that can stand in a signature."""
    return isinstance(node, Literal)


def _effect_nodes(effect: Effect) -> Iterator[Node]:
    yield from (node for node in (effect.target, effect.when, effect.items) if node is not None)
    if effect.each is not None:
        yield effect.each[1]
    for assign in effect.assigns:
        yield assign.node


def _returned(operation: Operation) -> list[Node]:
    if isinstance(operation.returns, dict):
        return list(operation.returns.values())
    return [] if operation.returns is None else [operation.returns]


def _own_nodes(operation: Operation) -> Iterator[Node]:
    """Every node of an operation itself; what guards and definitions name is theirs."""
    nodes: list[Node] = []
    for requirement in operation.requires:
        nodes += [*requirement.args, *([requirement.each[1]] if requirement.each else [])]
        for clause in requirement.clauses:
            nodes += [clause.that, *(part for part in clause.sentence.parts if isinstance(part, Node))]
    for let in operation.lets.values():
        nodes += [let.node] if let.node is not None else [instance.body for instance in let.instances]
    nodes += [node for effect in operation.effects for node in _effect_nodes(effect)]
    for node in [*nodes, *_returned(operation)]:
        yield from walk(node, through=False)


def _may_refuse(node: Node) -> bool:
    """Whether evaluating the expression can refuse."""
    return any(
        isinstance(part, Index)
        or (isinstance(part, Call) and part.function in ("only", "min", "max", "days", "hours"))
        or isinstance(part, Present | Before)
        or (getattr(part, "op", "") in ("/", "//", "%"))
        or (isinstance(part.type, Scalar) and part.type.name in ("date", "datetime") and hasattr(part, "op"))
        for part in walk(node)
    )


def _certain(node: Node) -> Iterator[str]:
    """Names that are evaluated whenever the expression is."""
    if isinstance(node, Var):
        yield node.name
    if isinstance(node, Logic):
        yield from _certain(node.items[0])
    elif isinstance(node, Conditional):
        yield from _certain(node.test)
    elif isinstance(node, Comprehension):
        yield from _certain(node.clauses[0].items)
    else:
        for child in children(node):
            yield from _certain(child)
