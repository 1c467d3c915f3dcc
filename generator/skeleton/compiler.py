"""Compiles checked expressions to plain Python over plain dict rows.

A reference is written in one of two forms: as the row itself, or as its key where that is what is stored. Each piece
of code knows its form, so that `user == thread.author` compares two ids and `thread.author.role` looks a row up.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal as Word

from generator.skeleton.model import Entity, Model
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
    Instance,
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
from generator.skeleton.types import (
    DURATION,
    MOMENTS,
    MONEY,
    NOTHING,
    NUMBERS,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Scalar,
    Type,
    bare,
)

Form = Word["", "row", "key"]
ATOM, UNARY, SUM, COMPARISON, NOT, AND, OR, TERNARY = 9, 8, 6, 5, 4, 3, 2, 1
_LEVELS = {"+": SUM, "-": SUM, "*": 7, "/": 7, "//": 7, "%": 7}
_OPPOSITE = {"==": "!=", "!=": "==", "is": "is not", "is not": "is", "in": "not in", "not in": "in"}
_SCALARS = {"integer": "int", "decimal": "float", "money": "float", "boolean": "bool", "duration": "timedelta"}
HELPERS = frozenset(
    [
        "between",
        "cents",
        "days_of",
        "duration_days",
        "duration_hours",
        "entry",
        "first",
        "hours_of",
        "last",
        "largest",
        "nonzero",
        "only",
        "present",
        "rounded",
        "shift",
        "smallest",
        "unique",
        "Refused",
        "Environment",
        "Result",
        "State",
        "timedelta",
        "command",
        "stated",
        "declined",
        "called",
    ]
)
_TAKEN = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | HELPERS | {"self", "l", "O", "I", "row"}


@dataclass(frozen=True)
class Code:
    """A piece of Python. `level` says how tightly it binds, `form` how a reference in it is written."""

    text: str
    form: Form = ""
    level: int = ATOM

    def within(self, level: int) -> str:
        return self.text if self.level >= level else f"({self.text})"


Locals = Mapping[str, Code]


def safe(name: str) -> str:
    """A Python name that hides nothing that compiled code needs."""
    return f"{name}_" if name in _TAKEN else name


def pascal(name: str) -> str:
    text = "".join(part.capitalize() for part in name.split("_"))
    return f"{text}Row" if text in HELPERS or text in dir(builtins) or text in ("Any", "Literal") else text


def is_ref(type_: Type) -> bool:
    """Whether the type is a ref, an optional ref, or a list of refs: has a form."""
    inner = bare(type_)
    inner = bare(inner.item) if isinstance(inner, ListOf) else inner
    return isinstance(inner, Ref)


@dataclass
class Shared:
    """What the expressions of one module have in common: its classes, its methods for definitions and merges."""

    model: Model
    classes: dict[Record, str] = field(default_factory=dict)
    definitions: dict[tuple[str, tuple[Type, ...]], tuple[str, Instance]] = field(default_factory=dict)
    merges: dict[tuple[Type, Type], tuple[str, Record]] = field(default_factory=dict)
    hint: str = "Entry"  # names the next record class that has no name of its own

    def record(self, type_: Record) -> str:
        """The class of a record type; equal shapes share one."""
        if type_ not in self.classes:
            wanted = pascal(type_.name) if type_.name else self.hint
            name, at = wanted, 2
            while name in self.classes.values():
                name, at = f"{wanted}{at}", at + 1
            self.classes[type_] = name
        return self.classes[type_]

    def definition(self, instance: Instance) -> str:
        """The method of a definition at its argument types."""
        key = (instance.name, tuple(type_ for _, type_ in instance.params))
        if key not in self.definitions:
            count = sum(1 for name, _ in self.definitions if name == instance.name)
            self.definitions[key] = (f"_{instance.name}{f'_{count + 1}' if count else ''}", instance)
        return self.definitions[key][0]

    def merge(self, left: Type, right: Type, result: Record) -> str:
        """The method that merges two rows or records of these types."""
        if (left, right) not in self.merges:
            names = [type_.entity if isinstance(type_, Ref) else "record" for type_ in (left, right)]
            name = f"_merge_{'_'.join(names)}"
            taken = [known for known, _ in self.merges.values()]
            self.hint = "".join(map(pascal, names))
            self.merges[left, right] = (name if name not in taken else f"{name}_{len(taken)}", result)
            self.record(result)
        return self.merges[left, right][0]


class Compiler:
    """Compiles expressions for one place: a method of the environment, or a scenario's check.

    `now` and `before` are the Python names of the environments that hold the final and the initial tables.
    """

    def __init__(self, shared: Shared, now: str = "self", before: str = "before", *, keyed: bool = False) -> None:
        self.shared = shared
        self.model = shared.model
        self._roots = {False: now, True: before}
        self._keyed = keyed  # whether rows without an id of their own carry their inner key as "#"
        self._forms: dict[type[Node], Callable[..., Code]] = {
            Literal: lambda node, _: Code(repr(node.value)),
            Var: lambda node, names: names[node.name],
            Rows: lambda node, _: Code(f"list({self._table(node.entity, node.before)}.values())", "row"),
            Single: lambda node, _: Code(f'{self._table(node.entity, node.before)}["one"]', "row"),
            Attr: self._attr,
            Owned: self._owned,
            Call: self._call,
            Apply: self._apply,
            Binary: self._binary,
            Compare: self._compare,
            Logic: self._logic,
            Not: lambda node, names: self.negated(node.item, names),
            Negative: lambda node, names: Code(f"-{self.code(node.item, names).within(UNARY)}", "", UNARY),
            Conditional: self._conditional,
            Comprehension: lambda node, names: self._comprehension(node, names, "[]", ""),
            ListDisplay: self._list,
            RecordDisplay: self._record,
            Slice: self._slice,
            Index: lambda node, names: Code(f"entry({self.text(node.base, names)}, {self.text(node.at, names)})"),
            Present: self._present,
            Before: self._before,
        }

    # -- the door -------------------------------------------------------------------------------------------------

    def text(self, node: Node, names: Locals, want: Form = "") -> str:
        return self.code(node, names, want).text

    def code(self, node: Node, names: Locals, want: Form = "") -> Code:
        """The code of a node, its references in the form that is wanted."""
        if want and isinstance(node, Comprehension) and is_ref(node.type):
            return self._comprehension(node, names, "[]", want)
        if want == "key" and isinstance(node, Rows) and self.model.entities[node.entity].key != "none":
            return Code(f"list({self._table(node.entity, node.before)})", "key")
        return self._in_form(self._forms[type(node)](node, names), node.type, want)

    def row(self, node: Node, names: Locals) -> str:
        return self.text(node, names, "row")

    def iterable(self, node: Node, names: Locals, want: Form = "") -> Code:
        """Like `code`, where something that can be gone through once is enough."""
        if isinstance(node, Rows):
            keys = want == "key" and self.model.entities[node.entity].key != "none"
            table = self._table(node.entity, node.before)
            return Code(table, "key") if keys else Code(f"{table}.values()", "row")
        return self.code(node, names, want)

    def _table(self, entity: str, before: bool) -> str:
        return f"{self._roots[before]}.{self.model.entities[entity].plural}"

    def negated(self, node: Node, names: Locals) -> Code:
        """`not node`, as a person would write it."""
        if isinstance(node, Not):
            return self.code(node.item, names)
        if isinstance(node, Compare) and node.op in _OPPOSITE:
            return self._compare(replace(node, op=_OPPOSITE[node.op]), names)
        return Code(f"not {self.code(node, names).within(NOT)}", "", NOT)

    # -- forms of references ------------------------------------------------------------------------------------------

    def _in_form(self, code: Code, type_: Type, want: Form) -> Code:
        if not want or not code.form or code.form == want or not is_ref(type_):
            return code
        inner = bare(type_)
        if self._keyless(type_):
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

    def _keyless(self, type_: Type) -> bool:
        """Whether rows of the type, or of its list, are told apart by identity alone."""
        entity = self.model.entity_of(type_)
        return entity is not None and entity.key == "none" and not self._keyed

    def _one(self, code: Code, ref: Ref, want: Form) -> str:
        if want == "row":
            return f"{self._table(ref.entity, ref.before)}[{code.text}]"
        return self.key_of(self.model.entities[ref.entity], code.within(ATOM))

    def key_of(self, entity: Entity, row: str) -> str:
        """The key of a row, from the row."""
        if entity.key_column:
            return f'{row}["{entity.key_column}"]'
        if entity.key == "one":
            return '"one"'
        if entity.key == "composite":
            return f"{entity.name}_key({row})"
        assert self._keyed, "rows without a key are compared by identity"
        return f'{row}["#"]'

    # -- names and paths ------------------------------------------------------------------------------------------------

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
        return Code(f"present({code.text})", code.form)

    def _before(self, node: Before, names: Locals) -> Code:
        assert isinstance(node.type, Ref)
        entity = self.model.entities[node.type.entity]
        key = self.text(node.item, names, "key")
        return Code(f"entry({self._table(entity.name, True)}, {key})", "row")

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

    # -- operators ------------------------------------------------------------------------------------------------------

    def _binary(self, node: Binary, names: Locals) -> Code:
        left_type, right_type = node.left.type, node.right.type
        if isinstance(left_type, ListOf):
            want: Form = "key" if is_ref(node.type) else ""
            left, right = self.code(node.left, names, want), self.code(node.right, names, want)
            return Code(f"{left.within(SUM)} + {right.within(SUM + 1)}", want, SUM)
        left, right = self.code(node.left, names), self.code(node.right, names)
        if left_type in MOMENTS and right_type == DURATION:
            sign = "-" if node.op == "-" else ""
            return Code(f"shift({left.text}, {sign}{right.within(UNARY) if sign else right.text})")
        if left_type in MOMENTS:
            return Code(f"between({left.text}, {right.text})")
        level = _LEVELS[node.op]
        divisor = right.within(level + 1)
        if node.op in ("/", "//", "%") and not (isinstance(node.right, Literal) and node.right.value):
            divisor = f"nonzero({right.text})"
        return Code(f"{left.within(level)} {node.op} {divisor}", "", level)

    def _compare(self, node: Compare, names: Locals) -> Code:
        if node.op in ("in", "not in"):
            return self._membership(node, names)
        if node.op in ("is", "is not") or NOTHING in (node.left.type, node.right.type):
            value = node.left if node.right.type == NOTHING else node.right
            op = "is" if node.op in ("is", "==") else "is not"
            return Code(f"{self._untested(value, names).within(SUM)} {op} None", "", COMPARISON)
        want: Form = "key" if is_ref(node.left.type) else ""
        if self._keyless(node.left.type):
            return self._compare_identities(node, names)
        sides = []
        for side, other in ((node.left, node.right), (node.right, node.left)):
            code = self.code(side.item if isinstance(side, Present) and node.op in ("==", "!=") else side, names, want)
            text = code.within(COMPARISON + 1)
            exact = isinstance(side, Attr | Literal | Present) or isinstance(side.type, Maybe)
            money = MONEY in (side.type, other.type) and side.type in NUMBERS
            if isinstance(side.type, ListOf) and (
                side.type.distinct or (isinstance(other.type, ListOf) and other.type.distinct)
            ):
                text = f"set({code.text})"
            sides.append(f"cents({code.text})" if money and not exact else text)
        return Code(f"{sides[0]} {node.op} {sides[1]}", "", COMPARISON)

    def _compare_identities(self, node: Compare, names: Locals) -> Code:
        left, right = self.code(node.left, names, "row"), self.code(node.right, names, "row")
        if isinstance(bare(node.left.type), ListOf):
            return Code(f"list(map(id, {left.text})) {node.op} list(map(id, {right.text}))", "", COMPARISON)
        op = "is" if node.op == "==" else "is not"
        return Code(f"{left.within(SUM)} {op} {right.within(SUM)}", "", COMPARISON)

    def _untested(self, node: Node, names: Locals) -> Code:
        return self.code(node.item if isinstance(node, Present) else node, names)

    def _membership(self, node: Compare, names: Locals) -> Code:
        container = node.right.type
        if isinstance(container, ListOf) and is_ref(container):
            if self._keyless(container):
                rows = self.iterable(node.right, names, "row")
                return Code(f"id({self.row(node.left, names)}) {node.op} map(id, {rows.text})", "", COMPARISON)
            right = self.iterable(node.right, names, "key")
            if isinstance(node.right, Rows):  # a table is a map by key, also where rows have no id of their own
                right = Code(self._table(node.right.entity, node.right.before))
            left = self.code(node.left, names, "key")
            return Code(f"{left.within(SUM)} {node.op} {right.within(SUM)}", "", COMPARISON)
        left, right = self.code(node.left, names), self.code(node.right, names)
        return Code(f"{left.within(SUM)} {node.op} {right.within(SUM)}", "", COMPARISON)

    def _logic(self, node: Logic, names: Locals) -> Code:
        level = AND if node.op == "and" else OR
        parts = [self.code(item, names).within(level + 1) for item in node.items]
        return Code(f" {node.op} ".join(parts), "", level)

    def _conditional(self, node: Conditional, names: Locals) -> Code:
        then, otherwise = self.code(node.then, names), self.code(node.otherwise, names)
        want: Form = ""
        if is_ref(node.type):
            known = {code.form for code in (then, otherwise)} - {""}
            want = "row" if known != {"key"} else "key"
            then, otherwise = self.code(node.then, names, want), self.code(node.otherwise, names, want)
        test = self.code(node.test, names)
        return Code(f"{then.within(OR)} if {test.within(OR)} else {otherwise.within(TERNARY)}", want, TERNARY)

    # -- lists and records ----------------------------------------------------------------------------------------------

    def _comprehension(self, node: Comprehension, names: Locals, brackets: str, want: Form) -> Code:
        inner = dict(names)
        text = ""
        for clause in node.clauses:
            items = self.iterable(clause.items, inner)
            inner[clause.name] = Code(safe(clause.name), items.form)
            text += f" for {safe(clause.name)} in {items.within(OR)}"
            text += "".join(f" if {self.code(condition, inner).within(OR)}" for condition in clause.conditions)
        element = self.code(node.element, inner, want)
        opening, closing = brackets[:1], brackets[1:]
        return Code(f"{opening}{element.text}{text}{closing}", element.form)

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

    # -- functions --------------------------------------------------------------------------------------------------------

    def _call(self, node: Call, names: Locals) -> Code:
        special = getattr(self, f"_call_{node.function}", None)
        if special is not None:
            code: Code = special(node, names)
            return code
        args = [self.code(arg, names) for arg in node.args]
        texts = [arg.text for arg in args]
        first = args[0].within(ATOM) if args else ""
        simple: dict[str, Callable[[], str]] = {
            "abs": lambda: f"abs({texts[0]})",
            "round": lambda: f"rounded({', '.join(texts)})",
            "today": lambda: f"{self._roots[False]}.clock[:10]",
            "now": lambda: f"{self._roots[False]}.clock",
            "date_of": lambda: f"{first}[:10]",
            "lower": lambda: f"{first}.lower()",
            "upper": lambda: f"{first}.upper()",
            "strip": lambda: f"{first}.strip()",
            "split": lambda: f"{first}.split({self._separator(node.args[1], texts[1])})",
            "join": lambda: f"{args[1].within(ATOM)}.join({texts[0]})",
            "lines": lambda: f"{first}.splitlines()",
            "starts_with": lambda: f"{first}.startswith({texts[1]})",
            "ends_with": lambda: f"{first}.endswith({texts[1]})",
            "declines": lambda: f"declined({texts[0]})",
            "states": lambda: f"stated({texts[0]}, {texts[1]}, {_kind(node.args[1].type)})",
        }
        if node.function == "contains":
            return Code(f"{args[1].within(SUM)} in {args[0].within(SUM)}", "", COMPARISON)
        return Code(simple[node.function]())

    @staticmethod
    def _separator(node: Node, text: str) -> str:
        """Python has no value for an empty separator, so that refuses."""
        return text if isinstance(node, Literal) and node.value else f"nonzero({text})"

    def _items(self, node: Node, names: Locals, want: Form = "") -> Code:
        """The argument of a function that goes through it once: a comprehension needs no brackets there."""
        if isinstance(node, Comprehension):
            return self._comprehension(node, names, "" if node.lazy else "[]", want)
        return self.iterable(node, names, want)

    def _call_len(self, node: Call, names: Locals) -> Code:
        item = node.args[0]
        if isinstance(item, Rows):
            return Code(f"len({self._table(item.entity, item.before)})")
        return Code(f"len({self.text(item, names)})")

    def _call_count(self, node: Call, names: Locals) -> Code:
        item = node.args[0]
        if isinstance(item, Comprehension) and item.lazy and isinstance(item.element, Var | Literal):
            one = replace(item, element=Literal(1, type=NOTHING, key="1"), type=ListOf(NOTHING))
            return Code(f"sum({self._comprehension(one, names, '', '').text})")
        return self._call_len(node, names)

    def _call_any(self, node: Call, names: Locals) -> Code:
        return Code(f"{node.function}({self._items(node.args[0], names).text})")

    _call_all = _call_any
    _call_sum = _call_any

    def _call_min(self, node: Call, names: Locals) -> Code:
        if len(node.args) > 1:
            return Code(f"{node.function}({', '.join(self.text(arg, names) for arg in node.args)})")
        helper = "smallest" if node.function == "min" else "largest"
        return Code(f"{helper}({self._items(node.args[0], names).text})")

    _call_max = _call_min

    def _call_first(self, node: Call, names: Locals) -> Code:
        items = self._items(node.args[0], names)
        return Code(f"{node.function}({items.text})", items.form)

    _call_last = _call_first

    def _call_unique(self, node: Call, names: Locals) -> Code:
        want: Form = "key" if is_ref(node.type) else ""
        items = self._items(node.args[0], names, want).text
        if self._keyless(node.type):
            return Code(f"list({{id(x): x for x in {items}}}.values())", "row")
        return Code(f"unique({items})", want)

    def _call_only(self, node: Call, names: Locals) -> Code:
        if node.entity:
            entity = self.model.entities[node.entity]
            return Code(
                f"only_row({self._table(node.entity, node.before)}, {self._key(node, names)}, {entity.name!r})", "row"
            )
        items = self._items(node.args[0], names)
        return Code(f"only({items.text})", items.form)

    def _call_get(self, node: Call, names: Locals) -> Code:
        return Code(f"{self._table(node.entity, node.before)}.get({self._key(node, names)})", "row")

    def _key(self, node: Call, names: Locals) -> str:
        keys = [self.code(arg, names, "key" if is_ref(arg.type) else "") for arg in node.args]
        if len(keys) == 1:
            return keys[0].text
        holes = [
            code.text if is_text(arg.type) else f"str({code.text})" for code, arg in zip(keys, node.args, strict=True)
        ]
        return f'"|".join(({", ".join(holes)}))'

    def _call_sorted(self, node: Call, names: Locals) -> Code:
        item = node.args[0].type
        assert isinstance(item, ListOf)
        if not node.by:
            return Code(f"sorted({self._items(node.args[0], names).text})")
        want: Form = "row" if is_ref(item) else ""
        code = self._items(node.args[0], names, want)
        text = code.text
        for name, falling in reversed(node.by):  # sorting is stable, so the last key goes first
            x = Code("x", want)
            type_ = self._member_type(item.item, name)
            key = self.text(Attr(Var("x", type=item.item, key="x"), name, type=type_, key=name), {"x": x})
            text = f"sorted({text}, key=lambda x: {key}{', reverse=True' if falling else ''})"
        return Code(text, want)

    def _member_type(self, item: Type, name: str) -> Type:
        if isinstance(item, Ref):
            return self.model.entities[item.entity].fields[name].type
        assert isinstance(item, Record)
        return dict(item.fields)[name]

    def _call_merge(self, node: Call, names: Locals) -> Code:
        left, right = node.args
        assert isinstance(node.type, Record)
        method = self.shared.merge(left.type, right.type, node.type)
        texts = [self.text(arg, names, "row" if isinstance(arg.type, Ref) else "") for arg in (left, right)]
        return Code(f"{self._roots[False]}.{method}({', '.join(texts)})")

    def _call_days(self, node: Call, names: Locals) -> Code:
        to_number = node.args[0].type == DURATION
        unit = node.function
        name = f"{unit}_of" if to_number else f"duration_{unit}"
        return Code(f"{name}({self.text(node.args[0], names)})")

    _call_hours = _call_days

    def _call_called(self, node: Call, names: Locals) -> Code:
        texts = [self.text(arg, names, "key" if is_ref(arg.type) else "") for arg in node.args]
        pairs = [f"{name!r}: {text}" for (name, _), text in zip(node.by, texts, strict=True)]
        return Code(f"called(calls, {node.entity!r}, {{{', '.join(pairs)}}})")


def _kind(type_: Type) -> str:
    """What `stated` is told about a value: the words of an enum, else the name of its type."""
    return repr(type_.words if isinstance(type_, Enum) else str(type_))


def is_text(type_: Type) -> bool:
    """Whether values of the type are Python strings."""
    return isinstance(type_, Enum | Ref) or (isinstance(type_, Scalar) and type_.name not in _SCALARS)


def argument_form(type_: Type) -> Form:
    """How a parameter of a definition, guard or `let` is passed: single refs as rows, lists of refs as keys."""
    if not is_ref(type_):
        return ""
    return "key" if isinstance(bare(type_), ListOf) else "row"


result_form = argument_form


def python_type(shared: Shared, type_: Type, form: Form = "") -> str:
    """The annotation of a value."""
    model = shared.model
    match type_:
        case Maybe():
            return f"{python_type(shared, type_.item, form)} | None"
        case ListOf():
            item = type_.item
            return f"list[{'Any' if str(item) == 'never' else python_type(shared, item, form)}]"
        case MapOf():
            return f"dict[str, {python_type(shared, type_.value)}]"
        case Ref():
            entity = model.entities[type_.entity]
            return pascal(entity.name) if form == "row" or entity.key == "none" else "str"
        case Enum():
            return "str"
        case Record():
            return shared.record(type_)
        case Scalar():
            return "None" if type_ == NOTHING else _SCALARS.get(type_.name, "str")
