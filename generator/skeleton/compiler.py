"""Compiles checked expressions to plain Python over plain dict rows.

A reference is written in one of two forms: as the row itself, or as its key where that is what is stored. Each piece
of code knows its form, so that `user == thread.author` compares two ids and `thread.author.role` looks a row up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from generator.skeleton.compiled_functions import FunctionCode
from generator.skeleton.compiled_operators import OperatorCode
from generator.skeleton.model import Entity, Field
from generator.skeleton.nodes import (
    Apply,
    Attr,
    Before,
    Binary,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Index,
    ListDisplay,
    Literal,
    Logic,
    Negative,
    Node,
    Not,
    Owned,
    Present,
    RecordDisplay,
    Rows,
    Single,
    Slice,
    Var,
)
from generator.skeleton.python_code import (
    AND,
    ATOM,
    COMPARISON,
    HELPERS,
    OR,
    TERNARY,
    Code,
    Form,
    Locals,
    Shared,
    argument_form,
    is_ref,
    is_text,
    pascal,
    python_type,
    result_form,
    safe,
    stored_form,
)
from generator.skeleton.types import MONEY, ListOf, Maybe, Record, Ref, Type, bare

__all__ = [
    "AND",
    "HELPERS",
    "OR",
    "Code",
    "Compiler",
    "Form",
    "Locals",
    "Shared",
    "argument_form",
    "is_ref",
    "is_text",
    "pascal",
    "python_type",
    "result_form",
    "safe",
    "stored_form",
]

_NARROWED = re.compile(r'\w+(\["\w+"\])*')  # a name or a chain of keys: what type checkers follow


class Compiler:
    """Compiles expressions for one place: a method of the environment, or a scenario's check.

    `now` and `before` are the Python names of the environments that hold the final and the initial tables.
    """

    def __init__(self, shared: Shared, now: str = "self", before: str = "before", *, keyed: bool = False) -> None:
        self.shared = shared
        self.model = shared.model
        self.now = now
        self.keyed = keyed  # whether rows without an id of their own carry their inner key as "#"
        self._roots = {False: now, True: before}
        self._known: frozenset[str] = frozenset()  # code that was tested not to be None
        self._operators = operators = OperatorCode(self)
        self._forms: dict[type[Node], Callable[..., Code]] = {
            Literal: lambda node, _: Code(repr(node.value)),
            Var: lambda node, names: names[node.name],
            Rows: lambda node, _: Code(f"list({self.table(node.entity, node.before)}.values())", "row"),
            Single: lambda node, _: Code(f'{self.table(node.entity, node.before)}["one"]', "row"),
            Attr: self._attr,
            Owned: self._owned,
            Call: FunctionCode(self).call,
            Apply: self._apply,
            Binary: operators.binary,
            Compare: operators.compare,
            Logic: operators.logic,
            Not: lambda node, names: self.negated(node.item, names),
            Negative: operators.negative,
            Conditional: operators.conditional,
            Comprehension: lambda node, names: self.comprehension(node, names, "[]", ""),
            ListDisplay: self._list,
            RecordDisplay: self._record,
            Slice: self._slice,
            Index: lambda node, names: Code(f"entry({self.text(node.base, names)}, {self.text(node.at, names)})"),
            Present: self._present,
            Before: self._before,
        }

    # -- the door -----------------------------------------------------------------------------------------------------

    def text(self, node: Node, names: Locals, want: Form = "") -> str:
        return self.code(node, names, want).text

    def code(self, node: Node, names: Locals, want: Form = "") -> Code:
        """The code of a node, its references in the form that is wanted."""
        if want and isinstance(node, Comprehension) and is_ref(node.type):
            return self.comprehension(node, names, "[]", want)
        if want == "key" and isinstance(node, Rows) and self.model.entities[node.entity].key != "none":
            return Code(f"list({self.table(node.entity, node.before)})", "key")
        return self._in_form(self._forms[type(node)](node, names), node.type, want)

    def row(self, node: Node, names: Locals) -> str:
        return self.text(node, names, "row")

    def iterable(self, node: Node, names: Locals, want: Form = "") -> Code:
        """Like `code`, where something that can be gone through once is enough."""
        if isinstance(node, Rows):
            keys = want == "key" and self.model.entities[node.entity].key != "none"
            table = self.table(node.entity, node.before)
            return Code(table, "key") if keys else Code(f"{table}.values()", "row")
        return self.code(node, names, want)

    def table(self, entity: str, before: bool) -> str:
        """The map of an entity's rows."""
        return f"{self._roots[before]}.{self.model.entities[entity].plural}"

    def negated(self, node: Node, names: Locals) -> Code:
        """`not node`, as a person would write it."""
        return self._operators.negated(node, names)

    def derived(self, item: Field, names: Locals) -> str:
        """What a derived field is: money is rounded here too."""
        assert item.derived is not None
        text = self.text(item.derived, names, stored_form(item.type))
        if item.type == MONEY:
            return f"cents({text})"
        if bare(item.type) == MONEY:
            return f"cents(amount) if (amount := {text}) is not None else None"
        return text

    # -- what is known not to be missing ------------------------------------------------------------------------------

    @contextmanager
    def knowing(self) -> Iterator[None]:
        """What is learnt inside is forgotten at the end."""
        saved = self._known
        yield
        self._known = saved

    def learn(self, node: Node, names: Locals, *, holds: bool) -> None:
        """From here on the test is known to hold, or not to, for the type checker of the rendered code too."""
        self._known |= {text for text in self._operators.tested(node, names, holds) if _NARROWED.fullmatch(text)}

    def forget(self, *, names_too: bool = False) -> None:
        """State has changed, or another function begins: only names are what they were, or not even these."""
        self._known = frozenset() if names_too else frozenset(filter(str.isidentifier, self._known))

    # -- forms of references ------------------------------------------------------------------------------------------

    def _in_form(self, code: Code, type_: Type, want: Form) -> Code:
        if not want or not code.form or code.form == want or not is_ref(type_):
            return code
        inner = bare(type_)
        if self.keyless(type_):
            return replace(code, form=want)  # rows without a key are always rows
        if isinstance(inner, ListOf):
            ref = bare(inner.item)
            assert isinstance(ref, Ref)
            item = self._one(Code("x", code.form), ref, want)
            return Code(f"[{item} for x in {code.text}]", want)
        assert isinstance(inner, Ref)
        if isinstance(type_, Maybe):
            text = f"{self._one(code, inner, want)} if {code.within(COMPARISON + 1)} is not None else None"
            return Code(text, want, TERNARY)
        return Code(self._one(code, inner, want), want)

    def keyless(self, type_: Type) -> bool:
        """Whether rows of the type, or of its list, are told apart by identity alone."""
        entity = self.model.entity_of(type_)
        return entity is not None and entity.key == "none" and not self.keyed

    def _one(self, code: Code, ref: Ref, want: Form) -> str:
        if want == "row":
            return f"{self.table(ref.entity, ref.before)}[{code.text}]"
        return self.key_of(self.model.entities[ref.entity], code.within(ATOM))

    def key_of(self, entity: Entity, row: str) -> str:
        """The key of a row, from the row."""
        if entity.key_column:
            return f'{row}["{entity.key_column}"]'
        if entity.key == "one":
            return '"one"'
        if entity.key == "composite":
            return f"{entity.name}_key({row})"
        assert self.keyed, "rows without a key are compared by identity"
        return f'{row}["#"]'

    # -- names and paths ----------------------------------------------------------------------------------------------

    def _attr(self, node: Attr, names: Locals) -> Code:
        base_type = node.base.type
        if isinstance(base_type, Record):
            base = self.code(node.base, names).within(ATOM)
            return Code(f'{base}["{self.model.column(node.name, node.type)}"]', "key" if is_ref(node.type) else "")
        assert isinstance(base_type, Ref)
        entity = self.model.entities[base_type.entity]
        base_code = self.code(node.base, names)
        if node.name == entity.key_column and base_code.form == "key":
            return replace(base_code, form="")
        row = self._in_form(base_code, base_type, "row").within(ATOM)
        if node.name == entity.key_column:
            return Code(f'{row}["{node.name}"]')
        item = entity.fields[node.name]
        form: Form = "key" if is_ref(item.type) else ""
        if item.derived is not None or not item.stored:
            return Code(f"{self._roots[base_type.before]}._{entity.name}_{item.name}({row})", form)
        return Code(f'{row}["{item.column}"]', form)

    def _owned(self, node: Owned, names: Locals) -> Code:
        assert isinstance(node.base.type, Ref)
        owner = self.model.entities[node.base.type.entity]
        child = self.model.entities[node.entity]
        row = self.row(node.base, names)
        return Code(f"{self._roots[node.base.type.before]}._{owner.name}_{child.parent_list}({row})", "row")

    def _present(self, node: Present, names: Locals) -> Code:
        code = self.code(node.item, names)
        return code if code.text in self._known else Code(f"present({code.text})", code.form)

    def _before(self, node: Before, names: Locals) -> Code:
        assert isinstance(node.type, Ref)
        entity = self.model.entities[node.type.entity]
        key = self.text(node.item, names, "key")
        return Code(f"entry({self.table(entity.name, True)}, {key})", "row")

    def _apply(self, node: Apply, names: Locals) -> Code:
        args = [
            self.text(arg, names, argument_form(type_))
            for arg, (_, type_) in zip(node.args, node.instance.params, strict=True)
        ]
        if node.instance.local:
            name = safe(node.instance.name)
        else:
            name = f"{self._roots[False]}.{self.shared.definition(node.instance)}"
        return Code(f"{name}({', '.join(args)})", result_form(node.type))

    # -- lists and records --------------------------------------------------------------------------------------------

    def comprehension(self, node: Comprehension, names: Locals, brackets: str, want: Form) -> Code:
        """A comprehension in the brackets that are given, or none."""
        inner = dict(names)
        text = ""
        with self.knowing():
            for clause in node.clauses:
                items = self.iterable(clause.items, inner)
                inner[clause.name] = Code(safe(clause.name), items.form)
                text += f" for {safe(clause.name)} in {items.within(OR)}"
                for condition in clause.conditions:
                    text += f" if {self.code(condition, inner).within(OR)}"
                    self.learn(condition, inner, holds=True)
            element = self.code(node.element, inner, want)
        return Code(f"{brackets[:1]}{element.text}{text}{brackets[1:]}", element.form)

    def _list(self, node: ListDisplay, names: Locals) -> Code:
        want: Form = "key" if is_ref(node.type) else ""
        return Code(f"[{', '.join(self.text(item, names, want) for item in node.items)}]", want)

    def _record(self, node: RecordDisplay, names: Locals) -> Code:
        assert isinstance(node.type, Record)
        members = [
            f"{self.model.column(name, item.type)}={self.text(item, names, 'key' if is_ref(item.type) else '')}"
            for name, item in node.members
        ]
        return Code(f"{self.shared.record(node.type)}({', '.join(members)})")

    def _slice(self, node: Slice, names: Locals) -> Code:
        base = self.code(node.base, names)
        start, stop = ("" if end is None else self.text(end, names) for end in (node.start, node.stop))
        return Code(f"{base.within(ATOM)}[{start}:{stop}]", base.form)
