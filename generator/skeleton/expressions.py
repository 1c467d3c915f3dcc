"""The type checker of expressions: text in, a typed tree out, problems reported on the way."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from generator.errors import Problem
from generator.skeleton.document import DefinitionDoc
from generator.skeleton.functions import FUNCTIONS, Functions
from generator.skeleton.model import Model
from generator.skeleton.narrowing import NO_FACTS, Facts, facts_of
from generator.skeleton.nodes import (
    Apply,
    Attr,
    Before,
    Binary,
    Clause,
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
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    INTEGER,
    MONEY,
    NEVER,
    NOTHING,
    NUMBERS,
    TEXT,
    TIME,
    UNKNOWN,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
    bare,
    comparable,
    fits,
    join,
    ordered,
)

MAX_LENGTH = 4_000  # characters of one expression
MAX_DEPTH = 60  # levels of one expression
Path = tuple[str | int, ...]
_MOMENT_FORMS = {
    DATE: (re.compile(r"\d{4}-\d{2}-\d{2}"), "2026-03-02"),
    TIME: (re.compile(r"\d{2}:\d{2}:\d{2}"), "09:00:00"),
    DATETIME: (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"), "2026-03-02T09:00:00"),
}
_WORD_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"}
_COMPARISONS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


@dataclass
class Lets:
    """The `let`s of one operation. They are lazy, so each is checked where it is used first."""

    docs: Mapping[str, DefinitionDoc]
    path: Path
    outer: Scope  # what they see: the parameters, and what the requirements so far have shown
    nodes: dict[str, Node] = field(default_factory=dict)
    instances: dict[str, list[Instance]] = field(default_factory=dict)  # of those with parameters


@dataclass(frozen=True)
class Scope:
    """The names that an expression sees, and what is known about them."""

    names: Mapping[str, Type] = field(default_factory=dict)
    facts: Facts = NO_FACTS
    lets: Lets | None = None  # the `let`s of the operation
    before: bool = False  # whether the initial tables can be named
    grading: bool = False  # whether `calls`, `answer` and their functions can be

    @property
    def conditions(self) -> Mapping[str, Node]:
        """What the names of `let`s stand for, for narrowing."""
        return self.lets.nodes if self.lets else {}

    @property
    def local(self) -> Mapping[str, DefinitionDoc]:
        return self.lets.docs if self.lets else {}

    def bind(self, name: str, type_: Type) -> Scope:
        return replace(self, names={**self.names, name: type_})

    def knowing(self, facts: Facts) -> Scope:
        return replace(self, facts=self.facts.both(facts))


def nearest(name: str, choices: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing."""
    found = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.6)
    return f"; did you mean '{found[0]}'?" if found else ""


class Expressions:
    """Checks expressions against a model; problems go to `report`, in the order in which they are found."""

    def __init__(self, model: Model, report: Callable[[Problem], None]) -> None:
        self.model = model
        self._report = report
        self._path: Path = ()
        self._running: list[str] = []  # definitions being instantiated, to find cycles
        self._instances: dict[tuple[str, tuple[Type, ...]], Instance] = {}
        self.used: set[str] = set()  # parameters and `let`s that the operation at hand reads
        self.applied: set[str] = set()  # definitions that some expression applies
        self._functions = Functions(self)

    # -- the door -------------------------------------------------------------------------------------------------

    def check(self, text: str, scope: Scope, path: Path, expected: Type | None = None) -> Node:
        """The typed tree of `text`; after a problem it holds nodes of the type `unknown`."""
        outer, self._path = self._path, path
        try:
            tree = self._parse(text)
            if tree is None:
                return Literal(None, type=UNKNOWN, key=text)
            node = self.node(tree, scope)
            return node if expected is None else self.expect(node, expected)
        finally:
            self._path = outer

    def value(self, text: str, scope: Scope, path: Path, expected: Type) -> Node:
        """Like `check`, and a bare word of an expected enum is that word."""
        wanted = bare(expected)
        if isinstance(wanted, Enum) and text in wanted.words and text not in scope.names:
            return Literal(text, type=wanted, key=repr(text))
        return self.check(text, scope, path, expected)

    def arguments(self, text: str, scope: Scope, path: Path) -> list[Node]:
        """The typed trees of `a, b` between the brackets of a guard's call."""
        outer, self._path = self._path, path
        tree = self._parse(f"f({text})")
        nodes = [self.node(arg, scope) for arg in tree.args] if isinstance(tree, ast.Call) else []
        self._path = outer
        return nodes

    def problem(self, message: str) -> None:
        self._report(Problem(self._path, message))

    def _parse(self, text: str) -> ast.expr | None:
        if len(text) > MAX_LENGTH:
            self.problem(f"this expression has {len(text):,} characters; {MAX_LENGTH:,} are allowed: use definitions")
            return None
        depth = deepest = 0
        for char in text:  # before the parser sees it: a thousand brackets end some parsers for good
            depth += (char in "([{") - (char in ")]}")
            deepest = max(deepest, depth)
        try:
            if deepest > MAX_DEPTH:
                raise RecursionError
            tree = ast.parse(text.strip(), mode="eval").body
            if _depth(tree) > MAX_DEPTH:
                raise RecursionError
        except (RecursionError, MemoryError):
            self.problem(f"this expression is nested more than {MAX_DEPTH} levels deep: use definitions")
            return None
        except (SyntaxError, ValueError) as error:
            detail = error.msg if isinstance(error, SyntaxError) else str(error)
            self.problem(f"'{_shorten(text)}' is not an expression: {detail}")
            return None
        return tree

    # -- types against expectations --------------------------------------------------------------------------------

    def expect(self, node: Node, expected: Type) -> Node:
        """The node, made to fit `expected` where a literal allows it; else a problem."""
        node = self.coerce(node, expected)
        if not fits(node.type, expected):
            hint = ""
            if isinstance(node.type, Maybe) and fits(node.type.item, expected):
                hint = "; it may be missing: test it first (… is not None)"
            self.problem(f"'{_shorten(node.key)}' is {_a(node.type)}, but {_a(expected)} is expected{hint}")
            return replace(node, type=UNKNOWN)
        return node

    def coerce(self, node: Node, expected: Type) -> Node:
        """Gives text literals the enum or moment that is expected, also inside displays and conditionals."""
        wanted = bare(expected)
        if isinstance(node, Literal) and isinstance(node.value, str) and node.type == TEXT:
            if isinstance(wanted, Enum):
                if node.value not in wanted.words:
                    choices = ", ".join(wanted.words)
                    guess = nearest(node.value, wanted.words) or f"; it is one of {choices}"
                    self.problem(f"'{node.value}' is no {wanted.name or 'value here'}{guess}")
                    return replace(node, type=UNKNOWN)
                return replace(node, type=wanted)
            if wanted in _MOMENT_FORMS:
                form, example = _MOMENT_FORMS[wanted]
                if form.fullmatch(node.value) is None:
                    self.problem(f"'{node.value}' is no {wanted}; write it as {example}")
                    return replace(node, type=UNKNOWN)
                return replace(node, type=wanted)
        if isinstance(node, ListDisplay) and isinstance(wanted, ListOf):
            items = tuple(self.coerce(item, wanted.item) for item in node.items)
            type_ = self._joined(items) if items else NEVER
            return replace(node, items=items, type=ListOf(type_))
        if isinstance(node, Conditional):
            then, otherwise = self.coerce(node.then, expected), self.coerce(node.otherwise, expected)
            if then.type != node.then.type or otherwise.type != node.otherwise.type:
                return replace(node, then=then, otherwise=otherwise, type=join(then.type, otherwise.type) or UNKNOWN)
        if isinstance(node, RecordDisplay) and isinstance(wanted, Record):
            members = tuple((name, self.coerce(item, wanted.member(name) or UNKNOWN)) for name, item in node.members)
            return replace(node, members=members, type=Record(tuple((name, item.type) for name, item in members)))
        return node

    def _joined(self, items: Iterable[Node]) -> Type:
        result: Type = NEVER
        for item in items:
            both = join(result, item.type)
            if both is None:
                self.problem(f"a list of one kind is expected, found {_a(result)} and {_a(item.type)}")
                return UNKNOWN
            result = both
        return result

    def present(self, node: Node, use: str) -> Node:
        """The node, which must not be missing here."""
        if isinstance(node.type, Maybe):
            self.problem(f"'{_shorten(node.key)}' may be missing: test it before {use} (… is not None)")
            return replace(node, type=UNKNOWN)
        return node

    def _narrowed(self, node: Node, scope: Scope) -> Node:
        """Removes `optional` where an earlier condition has shown the value to be there."""
        if not isinstance(node.type, Maybe):
            return node
        known = node.key in scope.facts.present
        if not known and isinstance(node, Attr) and isinstance(node.base.type, Ref):
            doc = self.model.entities[node.base.type.entity].fields[node.name].doc
            for other, words in (doc.only_for or {}).items():
                left = scope.facts.words.get(f"{node.base.key}.{other}")
                known = known or (left is not None and left <= set(words))
        return Present(node, type=node.type.item, key=node.key) if known else node

    # -- one method for each form ----------------------------------------------------------------------------------

    def node(self, tree: ast.expr, scope: Scope) -> Node:
        """Dispatches on the form of the tree."""
        match tree:
            case ast.Constant():
                return self._constant(tree)
            case ast.Name():
                return self._narrowed(self._name(tree.id, scope), scope)
            case ast.Attribute():
                return self._narrowed(self._attribute(tree, scope), scope)
            case ast.Call():
                return self._narrowed(self._call(tree, scope), scope)
            case ast.BinOp():
                return self._binary(tree, scope)
            case ast.UnaryOp():
                return self._unary(tree, scope)
            case ast.BoolOp():
                return self._logic(tree, scope)
            case ast.Compare():
                return self._comparison(tree, scope)
            case ast.IfExp():
                return self._conditional(tree, scope)
            case ast.ListComp() | ast.GeneratorExp():
                return self._comprehension(tree, scope)
            case ast.List():
                items = tuple(self.node(item, scope) for item in tree.elts)
                return ListDisplay(items, type=ListOf(self._joined(items)), key=ast.unparse(tree))
            case ast.Dict():
                return self._record(tree, scope)
            case ast.Subscript():
                return self._narrowed(self._subscript(tree, scope), scope)
        return self._unknown(tree, f"'{_shorten(ast.unparse(tree))}' is not part of the expression language")

    def _unknown(self, tree: ast.expr, message: str) -> Node:
        self.problem(message)
        return Literal(None, type=UNKNOWN, key=ast.unparse(tree))

    def _constant(self, tree: ast.Constant) -> Node:
        kinds: dict[type, Type] = {
            bool: BOOLEAN,
            int: INTEGER,
            float: DECIMAL,
            str: TEXT,
            type(None): NOTHING,
        }
        value = tree.value
        if not isinstance(value, (bool, int, float, str, type(None))) or value in (
            float("inf"),
            float("-inf"),
        ):
            return self._unknown(tree, f"'{_shorten(ast.unparse(tree))}' is not part of the expression language")
        return Literal(value, type=kinds[type(value)], key=ast.unparse(tree))

    def _name(self, name: str, scope: Scope) -> Node:
        if name in scope.names:
            self.used.add(name)
            return Var(name, type=scope.names[name], key=name)
        if name in scope.local and not scope.local[name].params:
            return self._let(name, scope)
        if name in _WORD_LITERALS:
            value = _WORD_LITERALS[name]
            return Literal(value, type=NOTHING if value is None else BOOLEAN, key=repr(value))
        entity = self.model.entities.get(name)
        if entity and entity.key == "one":
            return Single(name, False, type=Ref(name), key=name)
        table = self.model.by_plural(name)
        if table and table.key != "one":
            return Rows(table.name, False, type=ListOf(Ref(table.name)), key=name)
        if name in self.model.document.definitions and not self.model.document.definitions[name].params:
            return self._apply(name, (), (), scope)
        self.problem(f"unknown name '{name}'{self._hint(name, scope)}")
        return Literal(None, type=UNKNOWN, key=name)

    def _let(self, name: str, scope: Scope) -> Node:
        assert scope.lets is not None
        lets = scope.lets
        self.used.add(name)
        if name not in lets.nodes:
            if name in self._running:
                self.problem(f"let: '{name}' goes in a circle")
                return Literal(None, type=UNKNOWN, key=name)
            self._running.append(name)
            node = self.check(lets.docs[name].body, replace(lets.outer, lets=lets), (*lets.path, name))
            self._running.pop()
            lets.nodes[name] = node
        return Var(name, type=lets.nodes[name].type, key=name)

    def _hint(self, name: str, scope: Scope) -> str:
        if name in FUNCTIONS or name in self.model.document.definitions or name in scope.local:
            return f": it is a function, written {name}(…)"
        if name in self.model.entities:
            return f": it is an entity; its rows are '{self.model.entities[name].plural}'"
        words = [enum for enum in self.model.enums.values() if name in enum.words]
        if words:
            return f"; the {words[0].name} is written '{name}' in quotes"
        plurals = [entity.plural for entity in self.model.entities.values()]
        return nearest(name, [*scope.names, *plurals, *scope.local, *self.model.document.definitions])

    def _attribute(self, tree: ast.Attribute, scope: Scope) -> Node:
        key = ast.unparse(tree)
        if isinstance(tree.value, ast.Name) and tree.value.id == "before" and "before" not in scope.names:
            return self._before_table(tree, scope)
        base = self.node(tree.value, scope)
        if base.type == UNKNOWN:
            return Literal(None, type=UNKNOWN, key=key)
        base = self.present(base, f"reading .{tree.attr}")
        if isinstance(base.type, Ref):
            return self._field(base, tree.attr, key)
        if isinstance(base.type, Record):
            member = base.type.member(tree.attr)
            if member is not None:
                return Attr(base, tree.attr, type=member, key=key)
            names = [name for name, _ in base.type.fields]
            return self._unknown(tree, f"{base.type} has no '{tree.attr}'{nearest(tree.attr, names)}")
        if base.type == UNKNOWN:
            return base
        return self._unknown(tree, f"'{_shorten(base.key)}' is {_a(base.type)}; it has no '{tree.attr}'")

    def _field(self, base: Node, name: str, key: str) -> Node:
        assert isinstance(base.type, Ref)
        entity = self.model.entities[base.type.entity]
        if name in entity.fields:
            return Attr(base, name, type=_in_world(entity.fields[name].type, base.type.before), key=key)
        if name in entity.owned:
            child = entity.owned[name]
            return Owned(base, child, type=ListOf(Ref(child, base.type.before)), key=key)
        if name == entity.key_column:
            return Attr(base, name, type=TEXT, key=key)
        names = [*entity.fields, *entity.owned, *([entity.key_column] if entity.key_column else [])]
        self.problem(f"{entity.name} has no field '{name}'{nearest(name, names)}")
        return Literal(None, type=UNKNOWN, key=key)

    def _before_table(self, tree: ast.Attribute, scope: Scope) -> Node:
        if not scope.before:
            return self._unknown(tree, "'before' can be read in policies and checks only")
        entity = self.model.entities.get(tree.attr)
        if entity and entity.key == "one":
            return Single(entity.name, True, type=Ref(entity.name, True), key=ast.unparse(tree))
        table = self.model.by_plural(tree.attr)
        if table is None:
            plurals = [item.plural for item in self.model.entities.values()]
            return self._unknown(tree, f"there is no table '{tree.attr}'{nearest(tree.attr, plurals)}")
        return Rows(table.name, True, type=ListOf(Ref(table.name, True)), key=ast.unparse(tree))

    def _binary(self, tree: ast.BinOp, scope: Scope) -> Node:
        op = _OPERATORS.get(type(tree.op))
        if op is None:
            return self._unknown(tree, f"'{_shorten(ast.unparse(tree))}': this operator is not part of the language")
        left = self.present(self.node(tree.left, scope), "calculating")
        right = self.present(self.node(tree.right, scope), "calculating")
        type_ = _result(op, left.type, right.type)
        if type_ is None:
            message = f"'{_shorten(ast.unparse(tree))}': cannot calculate {left.type} {op} {right.type}"
            return self._unknown(tree, message)
        return Binary(op, left, right, type=type_, key=ast.unparse(tree))

    def _unary(self, tree: ast.UnaryOp, scope: Scope) -> Node:
        item = self.present(self.node(tree.operand, scope), "using")
        if isinstance(tree.op, ast.Not):
            return Not(self.expect(item, BOOLEAN), type=BOOLEAN, key=ast.unparse(tree))
        if isinstance(tree.op, ast.USub) and (item.type in (*NUMBERS, DURATION, UNKNOWN)):
            return Negative(item, type=item.type, key=ast.unparse(tree))
        return self._unknown(tree, f"'{_shorten(ast.unparse(tree))}': this operator is not part of the language")

    def _logic(self, tree: ast.BoolOp, scope: Scope) -> Node:
        op = "and" if isinstance(tree.op, ast.And) else "or"
        items: list[Node] = []
        for value in tree.values:
            item = self.expect(self.node(value, scope), BOOLEAN)
            items.append(item)
            scope = scope.knowing(facts_of(item, op == "and", scope.conditions))
        return Logic(op, tuple(items), type=BOOLEAN, key=ast.unparse(tree))

    def _comparison(self, tree: ast.Compare, scope: Scope) -> Node:
        left = self.node(tree.left, scope)
        parts: list[Node] = []
        for op, operand in zip(tree.ops, tree.comparators, strict=True):
            right = self.node(operand, scope)
            parts.append(self._compare(_COMPARISONS[type(op)], left, right))
            left = right
        if len(parts) == 1:
            return parts[0]
        return Logic("and", tuple(parts), type=BOOLEAN, key=ast.unparse(tree))

    def _compare(self, op: str, left: Node, right: Node) -> Node:
        if op in ("is", "is not") and NOTHING not in (left.type, right.type):
            self.problem(f"'{op}' is for None only; compare values with {'==' if op == 'is' else '!='}")
        if op in ("in", "not in"):
            return self._membership(op, left, self.present(right, "looking into it"))
        left, right = self.coerce(left, right.type), self.coerce(right, left.type)
        key = f"{left.key} {op} {right.key}"
        if op in ("==", "!=", "is", "is not"):
            if not comparable(left.type, right.type):
                self.problem(f"'{_shorten(key)}' compares {_a(left.type)} with {_a(right.type)}: never equal")
            else:
                self._refuse_idle_test(left, right)
            return Compare(op, left, right, type=BOOLEAN, key=key)
        left, right = self.present(left, "comparing"), self.present(right, "comparing")
        if not ordered(left.type, right.type):
            self.problem(f"'{_shorten(key)}': {_a(left.type)} and {_a(right.type)} have no order between them")
        return Compare(op, left, right, type=BOOLEAN, key=key)

    def _refuse_idle_test(self, left: Node, right: Node) -> None:
        """A test for None of what is always there is a mistake, unless it was tested before."""
        value = left if right.type == NOTHING else right
        tested = isinstance(value, Present) or isinstance(value.type, Maybe) or value.type in (UNKNOWN, NOTHING)
        if NOTHING in (left.type, right.type) and not tested:
            self.problem(f"'{_shorten(value.key)}' is {_a(value.type)} and never missing")

    def _membership(self, op: str, left: Node, right: Node) -> Node:
        key = f"{left.key} {op} {right.key}"
        container = right.type
        if isinstance(container, ListOf):
            if isinstance(bare(left.type), Enum) or bare(left.type) in _MOMENT_FORMS:
                right = self.coerce(right, ListOf(bare(left.type)))
            else:
                left = self.coerce(left, container.item)
            if isinstance(right.type, ListOf) and not comparable(left.type, right.type.item):
                self.problem(f"'{_shorten(key)}' looks for {_a(left.type)} in {_a(right.type)}: never there")
        elif isinstance(container, MapOf):
            left = self.expect(left, container.key)
        elif container in (TEXT, UNKNOWN) or isinstance(container, Enum):
            left = self.expect(left, TEXT)
        else:
            self.problem(f"'{_shorten(right.key)}' is {_a(container)}; 'in' needs a list, a map or a text")
        return Compare(op, left, right, type=BOOLEAN, key=key)

    def _conditional(self, tree: ast.IfExp, scope: Scope) -> Node:
        test = self.expect(self.node(tree.test, scope), BOOLEAN)
        then = self.node(tree.body, scope.knowing(facts_of(test, True, scope.conditions)))
        otherwise = self.node(tree.orelse, scope.knowing(facts_of(test, False, scope.conditions)))
        then, otherwise = self.coerce(then, otherwise.type), self.coerce(otherwise, then.type)
        type_ = join(then.type, otherwise.type)
        if type_ is None:
            return self._unknown(tree, f"the two sides are of unlike types: {then.type} and {otherwise.type}")
        return Conditional(test, then, otherwise, type=type_, key=ast.unparse(tree))

    def _comprehension(self, tree: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Node:
        clauses: list[Clause] = []
        for generator in tree.generators:
            if not isinstance(generator.target, ast.Name):
                return self._unknown(tree, "a comprehension has one name after 'for'")
            name = generator.target.id
            items = self.present(self.node(generator.iter, scope), "going through it")
            if not isinstance(items.type, ListOf) and items.type != UNKNOWN:
                self.problem(f"'{_shorten(items.key)}' is {_a(items.type)}; only lists and sets can be gone through")
            self.refuse_collision(name, scope)
            scope = scope.bind(name, items.type.item if isinstance(items.type, ListOf) else UNKNOWN)
            conditions: list[Node] = []
            for condition in generator.ifs:
                conditions.append(self.expect(self.node(condition, scope), BOOLEAN))
                scope = scope.knowing(facts_of(conditions[-1], True, scope.conditions))
            clauses.append(Clause(name, items, tuple(conditions)))
        element = self.node(tree.elt, scope)
        lazy = isinstance(tree, ast.GeneratorExp)
        return Comprehension(element, tuple(clauses), lazy, type=ListOf(element.type), key=ast.unparse(tree))

    def refuse_collision(self, name: str, scope: Scope) -> None:
        """A new name must not hide another one."""
        if name in scope.names or name in scope.local:
            self.problem(f"the name '{name}' is taken here already; use another one")
        elif self.model.by_plural(name) or name in FUNCTIONS or name in self.model.document.definitions:
            self.problem(f"the name '{name}' is that of a table, a function or a definition; use another one")

    def _record(self, tree: ast.Dict, scope: Scope) -> Node:
        members: dict[str, Node] = {}
        for key, value in zip(tree.keys, tree.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or not key.value.isidentifier():
                return self._unknown(tree, "the keys of a record are constant names in quotes")
            if key.value in members:
                self.problem(f"the key '{key.value}' stands twice")
            members[key.value] = self.node(value, scope)
        type_ = Record(tuple((name, node.type) for name, node in members.items()))
        return RecordDisplay(tuple(members.items()), type=type_, key=ast.unparse(tree))

    def _subscript(self, tree: ast.Subscript, scope: Scope) -> Node:
        base = self.present(self.node(tree.value, scope), "indexing")
        key = ast.unparse(tree)
        if base.type == UNKNOWN:
            return replace(base, key=key)
        if isinstance(tree.slice, ast.Slice):
            if not isinstance(base.type, ListOf) and base.type != TEXT:
                return self._unknown(
                    tree, f"'{_shorten(base.key)}' is {_a(base.type)}; only texts and lists are sliced"
                )
            if tree.slice.step is not None:
                return self._unknown(tree, "a slice has a start and an end, and no step")
            ends = [
                None if end is None else self.expect(self.node(end, scope), INTEGER)
                for end in (tree.slice.lower, tree.slice.upper)
            ]
            return Slice(base, ends[0], ends[1], type=base.type, key=key)
        if isinstance(base.type, MapOf):
            return Index(base, self.expect(self.node(tree.slice, scope), base.type.key), type=base.type.value, key=key)
        return self._unknown(tree, f"'{_shorten(base.key)}' is {_a(base.type)}; [ ] is for maps: use first or last")

    # -- calls ------------------------------------------------------------------------------------------------------

    def _call(self, tree: ast.Call, scope: Scope) -> Node:
        if not isinstance(tree.func, ast.Name):
            return self._unknown(
                tree, f"'{_shorten(ast.unparse(tree.func))}' cannot be called; functions have plain names"
            )
        name = tree.func.id
        if (name in scope.local and scope.local[name].params) or name in self.model.document.definitions:
            if tree.keywords:
                self.problem(f"{name}: arguments are given by position")
            args = tuple(self.node(arg, scope) for arg in tree.args)
            return self._apply(name, args, tuple(tree.args), scope)
        if name == "before" and scope.before:
            row = self.present(self.node(tree.args[0], scope), "looking it up") if len(tree.args) == 1 else None
            if row is None or not isinstance(row.type, Ref):
                return self._unknown(tree, "before(row) takes one row")
            return Before(row, type=Ref(row.type.entity, True), key=ast.unparse(tree))
        if name in FUNCTIONS and (scope.grading or not FUNCTIONS[name].grading):
            return self._functions.call(tree, name, scope)
        choices = [*scope.local, *self.model.document.definitions, *FUNCTIONS]
        return self._unknown(tree, f"there is no function '{name}'{nearest(name, choices)}")

    def _apply(self, name: str, args: tuple[Node, ...], trees: tuple[ast.expr, ...], scope: Scope) -> Node:
        local = name in scope.local
        doc = scope.local[name] if local else self.model.document.definitions[name]
        self.used.add(name)
        self.applied.add(name)
        key = f"{name}({', '.join(ast.unparse(tree) for tree in trees)})" if doc.params else name
        if len(args) != len(doc.params):
            self.problem(f"{name} takes {len(doc.params)} arguments ({', '.join(doc.params)}), found {len(args)}")
            return Literal(None, type=UNKNOWN, key=key)
        if any(arg.type == UNKNOWN for arg in args):
            return Literal(None, type=UNKNOWN, key=key)
        if name in self._running:
            self.problem(
                "definitions go in a circle: " + " → ".join([*self._running[self._running.index(name) :], name])
            )
            return Literal(None, type=UNKNOWN, key=key)
        types = tuple(arg.type for arg in args)
        instance = self._local(name, types, scope.lets) if local and scope.lets else self._global(name, types)
        return Apply(instance, args, type=instance.body.type, key=key)

    def _global(self, name: str, types: tuple[Type, ...]) -> Instance:
        """A definition at the types of its arguments."""
        if (name, types) not in self._instances:
            doc = self.model.document.definitions[name]
            params = dict(zip(doc.params, types, strict=True))
            self._running.append(name)
            body = self.check(doc.body, Scope(names=params), ("definitions", name))
            self._running.pop()
            self._instances[name, types] = Instance(name, tuple(params.items()), body)
        return self._instances[name, types]

    def _local(self, name: str, types: tuple[Type, ...], lets: Lets) -> Instance:
        """A `let` with parameters at the types of its arguments."""
        known = lets.instances.setdefault(name, [])
        for instance in known:
            if tuple(type_ for _, type_ in instance.params) == types:
                return instance
        doc = lets.docs[name]
        params = dict(zip(doc.params, types, strict=True))
        scope = replace(lets.outer, names={**lets.outer.names, **params}, lets=lets)
        self._running.append(name)
        body = self.check(doc.body, scope, (*lets.path, name))
        self._running.pop()
        known.append(Instance(name, tuple(params.items()), body, local=True))
        return known[-1]


def _result(op: str, left: Type, right: Type) -> Type | None:
    """The type of `left op right`, or None where that is not defined."""
    if UNKNOWN in (left, right):
        return UNKNOWN
    if left in NUMBERS and right in NUMBERS:
        if MONEY in (left, right):
            return DECIMAL if op == "/" and left == right else MONEY
        if op == "/":
            return DECIMAL
        return INTEGER if left == right == INTEGER else DECIMAL
    text = (TEXT,)
    if op == "+" and (left in text or isinstance(left, Enum)) and (right in text or isinstance(right, Enum)):
        return TEXT
    if op == "+" and isinstance(left, ListOf) and isinstance(right, ListOf):
        joined = join(left.item, right.item)
        return None if joined is None else ListOf(joined)
    if op in "+-" and right == DURATION and left in (DATE, DATETIME, DURATION):
        return left
    if op == "-" and left == right and left in (DATE, DATETIME):
        return DURATION
    if op == "*" and {left, right} == {DURATION, INTEGER}:
        return DURATION
    return None


def _in_world(type_: Type, before: bool) -> Type:
    """The type with its refs pointing into the initial tables."""
    if not before:
        return type_
    if isinstance(type_, Ref):
        return Ref(type_.entity, True)
    if isinstance(type_, Maybe):
        return Maybe(_in_world(type_.item, before))
    if isinstance(type_, ListOf):
        return ListOf(_in_world(type_.item, before), type_.distinct)
    if isinstance(type_, Record):
        return Record(tuple((name, _in_world(item, before)) for name, item in type_.fields), type_.name)
    return type_


def _depth(tree: ast.AST) -> int:
    """Levels of a tree, counted without recursion."""
    deepest, stack = 0, [(tree, 1)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        stack.extend((child, level + 1) for child in ast.iter_child_nodes(node))
    return deepest


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


def _a(type_: Type) -> str:
    """`a text`, `an integer`, `None`."""
    if type_ == NOTHING:
        return "None"
    text = str(type_)
    return text if text.startswith("one of") else f"{'an' if text[0] in 'aeiou' else 'a'} {text}"
