"""Which methods of a class can change its state: found in the source, through what they call.

A value is LIVE (part of the state: `self.users`, or a row taken out of it), FRESH, or a fresh container with live
parts (`list(self.users.values())`), perhaps some containers further in. Storing into a live value, deleting from it
or calling a method of it that changes it is a write. What is passed to a helper keeps its kind there. Branches are
taken all, loops twice; where the source hides more (`setattr`, `exec`), a write is assumed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from generator.importers.signatures import Function, Source

MUTATORS = {
    "append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault", "add", "discard",
    "sort", "reverse", "appendleft", "popleft", "extendleft", "rotate", "intersection_update", "difference_update",
    "symmetric_difference_update", "move_to_end", "subtract", "__setitem__", "__delitem__", "__setattr__",
}  # fmt: skip
REMOVERS = {"remove", "pop", "popitem", "clear", "discard", "popleft", "__delitem__"}
_READERS = {"get", "values", "items", "pop", "setdefault", "popitem", "__getitem__", "popleft"}
_SHALLOW = {"list", "dict", "set", "tuple", "sorted", "reversed", "filter", "map", "zip", "enumerate", "iter"}
_SHALLOW |= {"frozenset", "OrderedDict", "defaultdict", "deque", "copy", "chain", "groupby", "islice"}
_ELEMENTS = {"next", "min", "max", "getattr", "choice", "cast", "vars"}
_HIDDEN = {"setattr", "delattr", "exec", "eval"}
_MAX_DEPTH = 40
_MAX_STEPS = 100_000


class _TooMuchError(Exception):
    """A method is too tangled to be looked through."""


Kind = int
"""FRESH, LIVE, or between them LIVE - n: a container with something live n containers further in."""
FRESH, LIVE = 0, 9


@dataclass(frozen=True)
class Write:
    """A place in the source that changes the state."""

    line: int
    what: str  # the statement, shortened
    removes: bool = False


@dataclass
class _Scope:
    names: dict[str, Kind] = field(default_factory=dict)
    functions: dict[str, Function | ast.Lambda] = field(default_factory=dict)
    owner: str = ""  # what the object is called here: self
    result: Kind = FRESH


class Writes:
    """Looks through one source; answers are kept."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._done: dict[tuple[int, tuple[Kind, ...]], tuple[Kind, tuple[Write, ...]]] = {}
        self._active: dict[int, int] = {}
        self._found: list[Write] = []
        self._left = _MAX_STEPS

    def of(self, name: str) -> tuple[Write, ...]:
        """The writes of a method and of all that it calls, by line."""
        method = self._source.methods[name]
        self._found, self._left = [], _MAX_STEPS
        self._done.clear()  # what was found within a circle of calls holds for its beginning alone
        try:
            _, writes = self._function(method.node, [LIVE], bound=True)
        except (RecursionError, _TooMuchError):
            self._active.clear()
            writes = (Write(method.node.lineno, "more than can be looked through"),)
        return tuple(sorted(set(writes), key=lambda write: (write.line, write.what)))

    def _function(
        self, node: Function | ast.Lambda, given: list[Kind], *, bound: bool, outer: _Scope | None = None
    ) -> tuple[Kind, tuple[Write, ...]]:
        arguments = node.args
        names = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
        given = [*given, *[FRESH] * (len(names) - len(given))][: len(names)]
        key = (id(node), tuple(given))
        if outer is None and key in self._done:
            return self._done[key]
        if id(node) in self._active and (outer is not None or self._active[id(node)] > 3):
            return LIVE, ()  # it calls itself; what it writes is found in the call that is under way
        if len(self._active) >= _MAX_DEPTH:
            return LIVE, ()
        self._done[key] = (LIVE, ())
        scope = _Scope(dict(zip(names, given, strict=True)))
        if outer is not None:
            scope.names = outer.names | scope.names
            scope.functions, scope.owner = dict(outer.functions), outer.owner
        if bound and names:
            scope.owner = names[0]
        before, self._found = self._found, []
        self._active[id(node)] = self._active.get(id(node), 0) + 1
        if isinstance(node, ast.Lambda):
            scope.result = self._value(node.body, scope)
        else:
            self._block(node.body, scope)
        self._active[id(node)] -= 1
        if not self._active[id(node)]:
            del self._active[id(node)]
        writes = tuple(self._found)
        self._found = before
        self._done[key] = (scope.result, writes)
        return self._done[key]

    # Statements -----------------------------------------------------------------------------------

    def _block(self, body: list[ast.stmt], scope: _Scope) -> None:
        for statement in body:
            self._left -= 1
            if self._left < 0:
                raise _TooMuchError
            self._statement(statement, scope)

    def _statement(self, node: ast.stmt, scope: _Scope) -> None:
        if isinstance(node, Function):
            scope.functions[node.name] = node
        elif isinstance(node, ast.Assign):
            kind = self._value(node.value, scope)
            for target in node.targets:
                self._store(target, kind, scope, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._store(node.target, self._value(node.value, scope), scope, node.value)
        elif isinstance(node, ast.AugAssign):
            kind = self._value(node.value, scope)
            own = self._value(node.target, scope) if isinstance(node.target, ast.Name) else FRESH
            if own == LIVE and isinstance(node.value, ast.List | ast.Dict | ast.Set | ast.Name | ast.Call):
                self._write(node)  # `rows += […]` on a list of the state
            self._store(node.target, max(own, kind), scope)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                self._remove(target, scope)
        elif isinstance(node, ast.Return):
            if node.value is not None:
                scope.result = max(scope.result, self._value(node.value, scope))
        elif isinstance(node, ast.Global):
            self._write(node)
        else:
            self._compound(node, scope)

    def _compound(self, node: ast.stmt, scope: _Scope) -> None:
        if isinstance(node, ast.For | ast.AsyncFor):
            kind = _element(self._value(node.iter, scope))
            for _ in range(2):  # what the end of the body makes is there at its start
                self._store(node.target, kind, scope)
                self._block(node.body, scope)
            self._block(node.orelse, scope)
        elif isinstance(node, ast.While):
            for _ in range(2):
                self._value(node.test, scope)
                self._block(node.body, scope)
            self._block(node.orelse, scope)
        elif isinstance(node, ast.If):
            self._value(node.test, scope)
            self._block(node.body, scope)
            self._block(node.orelse, scope)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                kind = self._value(item.context_expr, scope)
                if item.optional_vars is not None:
                    self._store(item.optional_vars, kind, scope)
            self._block(node.body, scope)
        elif isinstance(node, ast.Try | ast.TryStar):
            for body in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
                self._block(body, scope)
        elif isinstance(node, ast.Match):
            self._match(node, scope)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self._value(child, scope)

    def _match(self, node: ast.Match, scope: _Scope) -> None:
        kind = self._value(node.subject, scope)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(name, str):
                    scope.names[name] = kind
            self._block(case.body, scope)

    def _store(self, target: ast.expr, kind: Kind, scope: _Scope, value: ast.expr | None = None) -> None:
        if isinstance(target, ast.Name):
            if isinstance(value, ast.Lambda):
                scope.functions[target.id] = value
            # A name may hold either from here on: the branches are not told apart.
            scope.names[target.id] = max(kind, scope.names.get(target.id, FRESH)) if kind else kind
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) else None
            for number, part in enumerate(target.elts):
                inner = self._value(parts[number], scope) if parts else _element(kind)
                self._store(part, inner, scope)
        elif isinstance(target, ast.Starred):
            self._store(target.value, kind, scope)
        elif isinstance(target, ast.Attribute | ast.Subscript):
            self._touch(target, kind, scope)

    def _touch(self, target: ast.Attribute | ast.Subscript, kind: Kind, scope: _Scope) -> None:
        base = self._value(target.value, scope)
        if isinstance(target, ast.Subscript):
            self._value(target.slice, scope)
        if base == LIVE:
            self._write(target)
        else:
            self._keep(target.value, kind, scope)

    def _keep(self, container: ast.expr, kind: Kind, scope: _Scope) -> None:
        """Note that something of this kind was put into a container that is not the state's."""
        name, steps = _root(container)
        if name and kind and scope.names.get(name, FRESH) < LIVE:
            scope.names[name] = max(scope.names.get(name, FRESH), _within(kind, steps + 1))

    def _remove(self, target: ast.expr, scope: _Scope) -> None:
        if isinstance(target, ast.Attribute | ast.Subscript) and self._value(target.value, scope) == LIVE:
            self._write(target, removes=True)
        for part in target.elts if isinstance(target, ast.Tuple | ast.List) else []:
            self._remove(part, scope)

    def _write(self, node: ast.stmt | ast.expr, *, removes: bool = False) -> None:
        text = " ".join(ast.unparse(node).split())
        self._found.append(Write(node.lineno, text if len(text) <= 60 else text[:59] + "…", removes))

    # Expressions ----------------------------------------------------------------------------------

    def _value(self, node: ast.expr | None, scope: _Scope) -> Kind:
        if node is None or isinstance(node, ast.Constant):
            return FRESH
        if isinstance(node, ast.Name):
            return LIVE if node.id == scope.owner else scope.names.get(node.id, FRESH)
        if isinstance(node, ast.Attribute | ast.Starred | ast.Await):
            return self._value(node.value, scope)
        if isinstance(node, ast.Subscript):
            self._value(node.slice, scope)
            kind = self._value(node.value, scope)
            return _shallow(kind) if isinstance(node.slice, ast.Slice) else _element(kind)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, ast.NamedExpr):
            kind = self._value(node.value, scope)
            self._store(node.target, kind, scope, node.value)
            return kind
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return self._comprehension(node, scope)
        if isinstance(node, ast.IfExp):
            self._value(node.test, scope)
            return max(self._value(node.body, scope), self._value(node.orelse, scope))
        if isinstance(node, ast.BoolOp):
            return max(self._value(part, scope) for part in node.values)
        if isinstance(node, ast.Lambda):
            return FRESH
        parts = [self._value(child, scope) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.Set):
            spread = isinstance(node, ast.Dict) and None in node.keys
            spread = spread or any(isinstance(part, ast.Starred) for part in getattr(node, "elts", ()))
            most = max(parts, default=FRESH)
            return _shallow(most) if spread else _within(most)
        return _shallow(max(parts)) if isinstance(node, ast.BinOp) else FRESH

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: _Scope) -> Kind:
        inner = _Scope(dict(scope.names), scope.functions, scope.owner)
        for part in node.generators:
            self._store(part.target, _element(self._value(part.iter, inner)), inner)
            for test in part.ifs:
                self._value(test, inner)
        made = node.value if isinstance(node, ast.DictComp) else node.elt
        return _within(self._value(made, inner))

    def _call(self, node: ast.Call, scope: _Scope) -> Kind:
        given = [self._value(part, scope) for part in node.args]
        named = [self._value(word.value, scope) for word in node.keywords]
        most = max([*given, *named], default=FRESH)
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func, given, most, scope)
        if not isinstance(node.func, ast.Name):
            self._value(node.func, scope)
            return most
        name = node.func.id
        if name in _HIDDEN and (most == LIVE or name in ("exec", "eval")):
            self._write(node, removes=name == "delattr")
            return most
        own = scope.functions.get(name)
        function = own or self._source.functions.get(name)
        if function is not None:
            return self._run(function, given, node, scope if own else None)
        return _made(name, most)

    def _run(self, function: Function | ast.Lambda, given: list[Kind], node: ast.Call, outer: _Scope | None) -> Kind:
        names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
        kinds = [*given, *[FRESH] * (len(names) - len(given))][: len(names)]
        for word in node.keywords:
            if word.arg in names and outer is not None:
                kinds[names.index(word.arg)] = self._value(word.value, outer)
        kind, writes = self._function(function, kinds, bound=False, outer=outer)
        self._found.extend(writes)
        return kind

    def _method(self, node: ast.Call, func: ast.Attribute, given: list[Kind], most: Kind, scope: _Scope) -> Kind:
        base = self._value(func.value, scope)
        own = isinstance(func.value, ast.Name) and func.value.id == scope.owner
        own = own or (isinstance(func.value, ast.Call) and getattr(func.value.func, "id", "") == "super")
        if own and func.attr in self._source.nodes:
            helper = self._source.nodes[func.attr]
            static = any(getattr(decorator, "id", "") == "staticmethod" for decorator in helper.decorator_list)
            names = [item.arg for item in helper.args.args][0 if static else 1 :]
            kinds = [*given, *[FRESH] * (len(names) - len(given))][: len(names)]
            for word in node.keywords:
                if word.arg in names:
                    kinds[names.index(word.arg)] = self._value(word.value, scope)
            kind, writes = self._function(helper, kinds if static else [LIVE, *kinds], bound=not static)
            self._found.extend(writes)
            return kind
        if base == LIVE and func.attr in MUTATORS:
            self._write(node, removes=func.attr in REMOVERS)
        if base == FRESH and isinstance(func.value, ast.Name) and func.attr in ("copy", "deepcopy", "cast"):
            return _made(func.attr, most)
        if func.attr == "deepcopy":
            return FRESH
        put = given[-1] if given and (len(given) > 1 or func.attr not in ("setdefault", "get")) else FRESH
        if func.attr in MUTATORS and base < LIVE:
            whole = func.attr in ("update", "extend", "extendleft")
            self._keep(func.value, _element(put) if whole else put, scope)
        if func.attr in _READERS:
            return _reading(func.attr, base, put)
        if func.attr == "copy":
            return _shallow(base)
        return FRESH


def _reading(method: str, base: Kind, default: Kind) -> Kind:
    """What a method of a container gives out of it."""
    if method == "items":
        return _within(_shallow(base))
    return _shallow(base) if method == "values" else max(_element(base), default)


def _element(kind: Kind) -> Kind:
    """What stands in a container of this kind."""
    return min(kind + 1, LIVE) if kind else FRESH


def _within(kind: Kind, containers: int = 1) -> Kind:
    """A fresh container with a value of this kind in it."""
    return max(kind - containers, 1) if kind else FRESH


def _shallow(kind: Kind) -> Kind:
    """A fresh container with the same parts."""
    return min(kind, LIVE - 1)


def _made(name: str, most: Kind) -> Kind:
    """What a function of the language makes of its arguments."""
    if name in _ELEMENTS:
        return LIVE if name in ("getattr", "vars") and most else _element(most)
    if name in ("zip", "enumerate", "groupby", "product", "combinations"):
        return _within(_shallow(most))
    return _shallow(most) if name in _SHALLOW else FRESH


def _root(node: ast.expr) -> tuple[str, int]:
    """The name that an expression begins with, and how many containers further in it leads."""
    steps = 0
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            steps += node.func.attr in ("get", "setdefault", "pop")
            node = node.func.value
        elif isinstance(node, ast.Subscript | ast.Attribute):
            steps, node = steps + 1, node.value
        else:
            return "", 0
    return node.id, steps
