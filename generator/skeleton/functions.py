"""The built-in functions of the expression language and their types."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.skeleton.nodes import Call, Literal, Node
from generator.skeleton.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    INTEGER,
    MOMENTS,
    NEVER,
    NUMBERS,
    TEXT,
    UNKNOWN,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
    fits,
    join,
)
from generator.skeleton.wording import a, amount, nearest, shorten

if TYPE_CHECKING:
    from generator.skeleton.expressions import Expressions
    from generator.skeleton.scope import Scope

Typing = Callable[[list[Node]], "Type | str"]  # the result's type, or a sentence about what is wrong


@dataclass(frozen=True)
class Function:
    """How many arguments, and how the result's type follows from theirs."""

    least: int
    most: int
    typing: Typing
    grading: bool = False  # in scenario checks only


def _fixed(*params: Type, result: Type) -> Function:
    def typing(args: list[Node]) -> Type | str:
        for arg, param in zip(args, params, strict=True):
            if not fits(arg.type, param):
                return f"'{shorten(arg.key)}' is {a(arg.type)}, {a(param)} is expected"
        return result

    return Function(len(params), len(params), typing)


def _item(node: Node) -> Type | None:
    return node.type.item if isinstance(node.type, ListOf) else None


def _size(args: list[Node]) -> Type | str:
    type_ = args[0].type
    if isinstance(type_, ListOf | MapOf) or type_ == TEXT:
        return INTEGER
    return f"'{shorten(args[0].key)}' is {a(type_)}, which has no length"


def _count(args: list[Node]) -> Type | str:
    return INTEGER if isinstance(args[0].type, ListOf) else "count(x for x in xs if …) counts the items of a list"


def _sum(args: list[Node]) -> Type | str:
    item = _item(args[0])
    if item == NEVER:
        return INTEGER
    if item is not None and item in NUMBERS:
        return item
    hint = "; leave out those that may be missing" if isinstance(item, Maybe) else f", found {a(args[0].type)}"
    return f"sum adds up a list of numbers{hint}"


def _extreme(args: list[Node]) -> Type | str:
    types = [arg.type for arg in args] if len(args) > 1 else [_item(args[0])]
    result: Type | None = NEVER
    for type_ in types:
        result = join(result, type_) if result is not None and type_ is not None else None
    if result in (*NUMBERS, *MOMENTS, TEXT, DURATION) and result is not None:
        return result
    return "min and max take a list, or several values, of numbers, dates or texts"


def _truths(args: list[Node]) -> Type | str:
    return BOOLEAN if _item(args[0]) in (BOOLEAN, NEVER) else "any and all take conditions: any(x.open for x in xs)"


def _round(args: list[Node]) -> Type | str:
    if args[0].type not in NUMBERS or (len(args) > 1 and args[1].type != INTEGER):
        return "round takes a number and, where wanted, how many decimals"
    return INTEGER if len(args) == 1 else args[0].type


def _abs(args: list[Node]) -> Type | str:
    return args[0].type if args[0].type in (*NUMBERS, DURATION) else "abs takes a number"


def _end(args: list[Node]) -> Type | str:
    item = _item(args[0])
    if item is None:
        return "first and last take a list"
    return item if isinstance(item, Maybe) else Maybe(item)


def _unique(args: list[Node]) -> Type | str:
    item = _item(args[0])
    return ListOf(item) if item is not None else "unique takes a list"


def _amount(args: list[Node]) -> Type | str:
    """`days(3)` is a duration, `days(a - b)` a whole number."""
    if args[0].type == INTEGER:
        return DURATION
    return INTEGER if args[0].type == DURATION else "days and hours take a whole number, or a difference of dates"


def _date_of(args: list[Node]) -> Type | str:
    return DATE if args[0].type == DATETIME else "date_of takes a date with a time"


def _text(args: list[Node]) -> Type | str:
    return TEXT if _is_text(args[0].type) else f"'{shorten(args[0].key)}' is {a(args[0].type)}, a text is expected"


def _contains(args: list[Node]) -> Type | str:
    ok = all(_is_text(arg.type) for arg in args)
    return BOOLEAN if ok else "contains, starts_with and ends_with take two texts; for lists use 'in'"


def _split(args: list[Node]) -> Type | str:
    return ListOf(TEXT) if all(_is_text(arg.type) for arg in args) else "split takes a text and a separator"


def _join(args: list[Node]) -> Type | str:
    item = _item(args[0])
    ok = item is not None and (_is_text(item) or item == NEVER) and _is_text(args[1].type)
    return TEXT if ok else "join takes a list of texts and a separator"


def _is_text(type_: Type) -> bool:
    return type_ == TEXT or isinstance(type_, Enum)


def _states(args: list[Node]) -> Type | str:
    kinds = (*NUMBERS, *MOMENTS, BOOLEAN, TEXT)
    ok = args[0].type == TEXT and (args[1].type in kinds or isinstance(args[1].type, Enum))
    return BOOLEAN if ok else "states takes the answer and a value: states(answer, 3)"


def _declines(args: list[Node]) -> Type | str:
    return BOOLEAN if args[0].type == TEXT else "declines takes the answer: declines(answer)"


FUNCTIONS: dict[str, Function] = {
    "len": Function(1, 1, _size),
    "count": Function(1, 1, _count),
    "sum": Function(1, 1, _sum),
    "min": Function(1, 20, _extreme),
    "max": Function(1, 20, _extreme),
    "sorted": Function(1, 1, _unique),
    "any": Function(1, 1, _truths),
    "all": Function(1, 1, _truths),
    "round": Function(1, 2, _round),
    "abs": Function(1, 1, _abs),
    "first": Function(1, 1, _end),
    "last": Function(1, 1, _end),
    "only": Function(1, 5, _unique),
    "get": Function(2, 5, _unique),
    "unique": Function(1, 1, _unique),
    "merge": Function(2, 2, _unique),
    "today": _fixed(result=DATE),
    "now": _fixed(result=DATETIME),
    "days": Function(1, 1, _amount),
    "hours": Function(1, 1, _amount),
    "date_of": Function(1, 1, _date_of),
    "lower": Function(1, 1, _text),
    "upper": Function(1, 1, _text),
    "strip": Function(1, 1, _text),
    "split": Function(2, 2, _split),
    "join": Function(2, 2, _join),
    "lines": Function(1, 1, lambda args: ListOf(TEXT) if _is_text(args[0].type) else "lines takes a text"),
    "starts_with": Function(2, 2, _contains),
    "ends_with": Function(2, 2, _contains),
    "contains": Function(2, 2, _contains),
    "states": Function(2, 2, _states, grading=True),
    "called": Function(1, 1, lambda args: BOOLEAN, grading=True),
    "declines": Function(1, 1, _declines, grading=True),
}


class Functions:
    """Checks calls of built-in functions."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    def call(self, tree: ast.Call, name: str, scope: Scope) -> Node:
        """The typed call; problems are reported."""
        function, checker = FUNCTIONS[name], self._expressions
        key = ast.unparse(tree)
        unknown = Literal(None, type=UNKNOWN, key=key)
        if name == "called":
            return self._called(tree, scope)
        if tree.keywords and not (name == "sorted" and [word.arg for word in tree.keywords] == ["by"]):
            checker.problem(f"{name}: there is no argument '{tree.keywords[0].arg}'")
            return unknown
        if not function.least <= len(tree.args) <= function.most:
            count = str(function.least) if function.least == function.most else f"{function.least} to {function.most}"
            wanted = amount(function.least, "argument") if count.isdigit() else f"{count} arguments"
            checker.problem(f"{name} takes {wanted}, found {len(tree.args)}")
            return unknown
        if name in ("get", "only") and (name == "get" or len(tree.args) > 1):
            return self._lookup(tree, name, scope)
        args = [checker.present(checker.node(arg, scope), f"{name}()") for arg in tree.args]
        if any(UNKNOWN in (arg.type, _item(arg)) for arg in args):
            return unknown
        if name == "sorted":
            return self._sorted(tree, args[0], key)
        if name == "merge":
            return self._merge(args, key)
        if name == "only":
            item = _item(args[0])
            if item is None:
                checker.problem("only takes a list, or a table and a key")
                return unknown
            return Call(name, tuple(args), type=item, key=key)
        if name in ("min", "max") and len(args) > 1:
            args = [checker.coerce(arg, args[0].type) for arg in args]
        type_ = function.typing(args)
        if isinstance(type_, str):
            checker.problem(type_)
            return unknown
        return Call(name, tuple(args), type=type_, key=key)

    def _lookup(self, tree: ast.Call, name: str, scope: Scope) -> Node:
        """`get(table, key…)` and `only(table, key…)`: by id, natural key or composite key."""
        checker = self._expressions
        key = ast.unparse(tree)
        table = checker.node(tree.args[0], scope)
        if not (isinstance(table.type, ListOf) and isinstance(table.type.item, Ref) and hasattr(table, "before")):
            checker.problem(f"{name} takes a table first, found '{shorten(table.key)}'")
            return Literal(None, type=UNKNOWN, key=key)
        ref = table.type.item
        entity = checker.model.entities[ref.entity]
        if entity.key == "none":
            checker.problem(f"{name}: {entity.plural} have no key to look them up by")
            return Literal(None, type=UNKNOWN, key=key)
        keys: list[Type] = [field.type for field in entity.key_fields] if entity.key == "composite" else [TEXT]
        if entity.key == "composite" and len(keys) != len(entity.doc.key or []):
            return Literal(None, type=UNKNOWN, key=key)  # reported where the key is written
        if len(tree.args) - 1 != len(keys):
            names = ", ".join(entity.doc.key or [entity.key_column or "id"])
            checker.problem(
                f"{name}: {entity.plural} are looked up by {names}, found {amount(len(tree.args) - 1, 'argument')}"
            )
            return Literal(None, type=UNKNOWN, key=key)
        args = [checker.node(arg, scope) for arg in tree.args[1:]]
        if entity.key == "composite":
            args = [checker.expect(arg, wanted) for arg, wanted in zip(args, keys, strict=True)]
        elif args[0].type != Ref(entity.name):
            args = [checker.expect(args[0], TEXT)]
        found = Ref(entity.name, ref.before)
        return Call(
            name,
            tuple(args),
            entity.name,
            ref.before,
            type=found if name == "only" else Maybe(found),
            key=key,
        )

    def _sorted(self, tree: ast.Call, items: Node, key: str) -> Node:
        checker = self._expressions
        item = _item(items)
        if item is None:
            checker.problem("sorted takes a list")
            return Literal(None, type=UNKNOWN, key=key)
        by: list[tuple[str, bool]] = []
        if tree.keywords:
            written = tree.keywords[0].value
            if not isinstance(written, ast.Constant) or not isinstance(written.value, str):
                checker.problem("sorted: by is the name of a field in quotes, with '-' for the largest first")
                return Literal(None, type=UNKNOWN, key=key)
            by = [(part.strip().lstrip("-"), part.strip().startswith("-")) for part in written.value.split(",")]
            for name, _ in by:
                self._sortable(item, name)
        elif item not in (*NUMBERS, *MOMENTS, TEXT) and not isinstance(item, Enum):
            checker.problem(f"sorted: say by which field: sorted({items.key}, by='…')")
        return Call("sorted", (items,), by=tuple(by), type=ListOf(item), key=key)

    def _sortable(self, item: Type, name: str) -> None:
        checker = self._expressions
        if isinstance(item, Ref):
            names = {field.name: field.type for field in checker.model.entities[item.entity].fields.values()}
        else:
            names = dict(item.fields) if isinstance(item, Record) else {}
        type_ = names.get(name)
        if type_ is None:
            checker.problem(f"sorted: {item} has no field '{name}'{nearest(name, names)}")
        elif type_ not in (*NUMBERS, *MOMENTS, TEXT, BOOLEAN) and not isinstance(type_, Enum):
            checker.problem(f"sorted: '{name}' is {a(type_)}, which has no order")

    def _merge(self, args: list[Node], key: str) -> Node:
        checker = self._expressions
        fields: dict[str, Type] = {}
        for arg in args:
            if isinstance(arg.type, Ref):
                entity = checker.model.entities[arg.type.entity]
                if entity.key == "counted" and entity.key_column:
                    fields[entity.key_column] = TEXT
                fields |= {field.name: field.type for field in entity.fields.values()}
            elif isinstance(arg.type, Record):
                fields |= dict(arg.type.fields)
            else:
                checker.problem(f"merge takes rows or records; '{shorten(arg.key)}' is {a(arg.type)}")
                return Literal(None, type=UNKNOWN, key=key)
        return Call("merge", tuple(args), type=Record(tuple(fields.items())), key=key)

    def _called(self, tree: ast.Call, scope: Scope) -> Node:
        """`called('tool', argument=value, …)`: whether a successful call had at least these arguments."""
        checker = self._expressions
        key = ast.unparse(tree)
        name = tree.args[0].value if len(tree.args) == 1 and isinstance(tree.args[0], ast.Constant) else None
        tools = checker.model.operations
        queries = {query for entity in checker.model.entities.values() for query in entity.queries}
        if not isinstance(name, str) or (name not in tools and name not in queries):
            checker.problem(f"called: there is no tool '{name!s}'{nearest(str(name), [*tools, *queries])}")
            return Literal(None, type=UNKNOWN, key=key)
        arguments = {param.argument for param in tools[name].params} if name in tools else set()
        args: list[Node] = []
        for word in tree.keywords:
            if word.arg is None or (name in tools and word.arg not in arguments):
                checker.problem(f"called: {name} has no argument '{word.arg}'{nearest(str(word.arg), arguments)}")
                continue
            args.append(checker.node(word.value, scope))
        names = tuple((str(word.arg), False) for word in tree.keywords)
        return Call("called", tuple(args), name, by=names, type=BOOLEAN, key=key)
