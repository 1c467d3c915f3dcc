"""Compiles the functions of the language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.skeleton.nodes import Attr, Call, Comprehension, Literal, Node, Rows, Var
from generator.skeleton.python_code import ATOM, COMPARISON, SUM, Code, Form, Locals, is_ref, is_text
from generator.skeleton.types import DURATION, NOTHING, Enum, ListOf, Record, Ref, Type

if TYPE_CHECKING:
    from generator.skeleton.compiler import Compiler


class FunctionCode:
    """The functions of one compiler."""

    def __init__(self, main: Compiler) -> None:
        self._main = main

        self._special: dict[str, Callable[[Call, Locals], Code]] = {
            "len": self._len,
            "count": self._count,
            "any": self._over_items,
            "all": self._over_items,
            "sum": self._over_items,
            "min": self._extreme,
            "max": self._extreme,
            "first": self._end,
            "last": self._end,
            "unique": self._unique,
            "only": self._only,
            "get": self._get,
            "sorted": self._sorted,
            "merge": self._merge,
            "days": self._duration,
            "hours": self._duration,
            "called": self._called,
        }

    def call(self, node: Call, names: Locals) -> Code:
        """A function applied."""
        special = self._special.get(node.function)
        if special is not None:
            return special(node, names)
        if node.function == "contains":
            text, part = (self._main.code(arg, names).within(SUM) for arg in node.args)
            return Code(f"{part} in {text}", "", COMPARISON)
        return Code(self._plain(node, names))

    def _plain(self, node: Call, names: Locals) -> str:
        """Functions that are written as one method or function of Python."""
        args = [self._main.code(arg, names) for arg in node.args]
        texts = [arg.text for arg in args]
        first = args[0].within(ATOM) if args else ""
        now = f"{self._main.now}.clock"
        match node.function:
            case "today":
                return f"{now}[:10]"
            case "now":
                return now
            case "date_of":
                return f"{first}[:10]"
            case "lower" | "upper" | "strip":
                return f"{first}.{node.function}()"
            case "lines":
                return f"{first}.splitlines()"
            case "starts_with" | "ends_with":
                return f"{first}.{node.function.replace('_', '')}({texts[1]})"
            case "join":
                return f"{args[1].within(ATOM)}.join({texts[0]})"
            case "split":
                certain = isinstance(node.args[1], Literal) and node.args[1].value
                return f"{first}.split({texts[1]})" if certain else f"pieces({', '.join(texts)})"
            case "states":
                return f"stated({texts[0]}, {texts[1]}, {_kind(node.args[1].type)})"
        names_in_python = {"abs": "abs", "round": "rounded", "declines": "declined"}
        return f"{names_in_python[node.function]}({', '.join(texts)})"

    def _items(self, node: Node, names: Locals, want: Form = "") -> Code:
        """The argument of a function that goes through it once: a comprehension needs no brackets there."""
        if isinstance(node, Comprehension):
            return self._main.comprehension(node, names, "" if node.lazy else "[]", want)
        return self._main.iterable(node, names, want)

    def _len(self, node: Call, names: Locals) -> Code:
        item = node.args[0]
        if isinstance(item, Rows):
            return Code(f"len({self._main.table(item.entity, item.before)})")
        return Code(f"len({self._main.text(item, names)})")

    def _count(self, node: Call, names: Locals) -> Code:
        item = node.args[0]
        if isinstance(item, Comprehension) and item.lazy and isinstance(item.element, Var | Literal):
            one = replace(item, element=Literal(1, type=NOTHING, key="1"), type=ListOf(NOTHING))
            return Code(f"sum({self._main.comprehension(one, names, '', '').text})")
        return self._len(node, names)

    def _over_items(self, node: Call, names: Locals) -> Code:
        return Code(f"{node.function}({self._items(node.args[0], names).text})")

    def _extreme(self, node: Call, names: Locals) -> Code:
        if len(node.args) > 1:
            return Code(f"{node.function}({', '.join(self._main.text(arg, names) for arg in node.args)})")
        helper = "smallest" if node.function == "min" else "largest"
        return Code(f"{helper}({self._items(node.args[0], names).text})")

    def _end(self, node: Call, names: Locals) -> Code:
        items = self._items(node.args[0], names)
        return Code(f"{node.function}({items.text})", items.form)

    def _unique(self, node: Call, names: Locals) -> Code:
        want: Form = "key" if is_ref(node.type) else ""
        items = self._items(node.args[0], names, want).text
        if self._main.keyless(node.type):
            return Code(f"list({{id(x): x for x in {items}}}.values())", "row")
        return Code(f"unique({items})", want)

    def _only(self, node: Call, names: Locals) -> Code:
        if node.entity:
            entity = self._main.model.entities[node.entity]
            table = self._main.table(node.entity, node.before)
            return Code(f"only_row({table}, {self._key(node, names)}, {entity.name!r})", "row")
        items = self._items(node.args[0], names)
        return Code(f"only({items.text})", items.form)

    def _get(self, node: Call, names: Locals) -> Code:
        return Code(f"{self._main.table(node.entity, node.before)}.get({self._key(node, names)})", "row")

    def _key(self, node: Call, names: Locals) -> str:
        keys = [self._main.code(arg, names, "key" if is_ref(arg.type) else "") for arg in node.args]
        if len(keys) == 1:
            return keys[0].text
        holes = [
            code.text if is_text(arg.type) else f"str({code.text})" for code, arg in zip(keys, node.args, strict=True)
        ]
        return f'"|".join(({", ".join(holes)}))'

    def _sorted(self, node: Call, names: Locals) -> Code:
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
            key = self._main.text(Attr(Var("x", type=item.item, key="x"), name, type=type_, key=name), {"x": x})
            text = f"sorted({text}, key=lambda x: {key}{', reverse=True' if falling else ''})"
        return Code(text, want)

    def _member_type(self, item: Type, name: str) -> Type:
        if isinstance(item, Ref):
            return self._main.model.entities[item.entity].fields[name].type
        assert isinstance(item, Record)
        return dict(item.fields)[name]

    def _merge(self, node: Call, names: Locals) -> Code:
        left, right = node.args
        assert isinstance(node.type, Record)
        method = self._main.shared.merge(left.type, right.type, node.type)
        texts = [self._main.text(arg, names, "row" if isinstance(arg.type, Ref) else "") for arg in (left, right)]
        return Code(f"{self._main.now}.{method}({', '.join(texts)})")

    def _duration(self, node: Call, names: Locals) -> Code:
        to_number = node.args[0].type == DURATION
        unit = node.function
        name = f"{unit}_of" if to_number else f"duration_{unit}"
        return Code(f"{name}({self._main.text(node.args[0], names)})")

    def _called(self, node: Call, names: Locals) -> Code:
        texts = [self._main.text(arg, names, "key" if is_ref(arg.type) else "") for arg in node.args]
        pairs = [f"{name!r}: {text}" for (name, _), text in zip(node.by, texts, strict=True)]
        return Code(f"called(calls, {node.entity!r}, {{{', '.join(pairs)}}})")


def _kind(type_: Type) -> str:
    """What `stated` is told about a value: the words of an enum, else the name of its type."""
    return repr(type_.words if isinstance(type_, Enum) else str(type_))
