"""The class of an environment as its source shows it: read as a tree, never run."""

from __future__ import annotations

import ast
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from generator.importers.type_words import Schema, from_annotation

Function = ast.FunctionDef | ast.AsyncFunctionDef
MAX_SOURCE = 5_000_000
_QUIET = threading.Lock()  # what catches warnings is the whole process's


class SourceError(ValueError):
    """A source that cannot be read as Python, or has no such class; a part of a sentence."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method. `schema` is None where its annotation says nothing."""

    name: str
    required: bool
    null: bool  # None may be given, by its annotation or its default
    schema: Schema | None


@dataclass(frozen=True)
class Method:
    """A method that a tool may be; `rest` is what takes any further argument (`kwargs`), empty for nothing."""

    name: str
    node: Function | ast.Lambda
    parameters: tuple[Parameter, ...]
    rest: str
    positional_only: tuple[str, ...]
    asynchronous: bool = False


@dataclass
class Source:
    """What is known of a module: its classes and functions, and the one class with its methods."""

    tree: ast.Module
    classes: dict[str, ast.ClassDef]
    functions: dict[str, Function]
    cls: ast.ClassDef
    methods: dict[str, Method] = field(default_factory=dict)
    not_methods: dict[str, str] = field(default_factory=dict)  # why a name of the class cannot be a tool
    nodes: dict[str, Function] = field(default_factory=dict)  # every function of the class, helpers included


def read_source(code: str, class_names: Sequence[str], wanted: set[str]) -> Source:
    """Read a module. Without a class of one of the names, the one that has most of the `wanted` methods.

    Raises SourceError.
    """
    if len(code) > MAX_SOURCE:
        raise SourceError(f"is longer than {MAX_SOURCE // 1_000_000} million characters")
    try:
        with _QUIET, warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(code)
            compile(tree, "<released>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise SourceError(f"is no Python of this version: {error.msg}, line {error.lineno}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"is no Python that can be read: {error or type(error).__name__}") from None
    top = list(_top(tree.body))
    classes = {node.name: node for node in top if isinstance(node, ast.ClassDef)}
    functions = {node.name: node for node in top if isinstance(node, Function)}
    cls = next((classes[name] for name in class_names if name in classes), None) or _likely(classes, wanted)
    if cls is None:
        known = ", ".join(classes) or "none"
        named = " or ".join(class_names) or "with the methods of the tools"
        raise SourceError(f"has no class {named}; its classes: {known}")
    source = Source(tree, classes, functions, cls)
    for part in reversed(list(_bases(cls, classes, set()))):
        for node in part.body:
            _enter(source, node)
    return source


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those within `if` and `try` too."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "finalbody"):
                yield from _top(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _top(handler.body)


def _likely(classes: dict[str, ast.ClassDef], wanted: set[str]) -> ast.ClassDef | None:
    def hits(cls: ast.ClassDef) -> int:
        return len(wanted & {node.name for node in cls.body if isinstance(node, Function)})

    best = max(classes.values(), key=hits, default=None)
    return best if best is not None and hits(best) else None


def _bases(cls: ast.ClassDef, classes: dict[str, ast.ClassDef], seen: set[str]) -> Iterator[ast.ClassDef]:
    seen.add(cls.name)
    yield cls
    for base in cls.bases:
        if isinstance(base, ast.Name) and base.id in classes and base.id not in seen:
            yield from _bases(classes[base.id], classes, seen)


def _enter(source: Source, node: ast.stmt) -> None:
    if isinstance(node, Function):
        source.nodes[node.name] = node
        _enter_function(source, node)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                _enter_name(source, target.id, node.value)
    elif isinstance(node, ast.ClassDef):
        _exclude(source, node.name, "is a class within the class")
    elif isinstance(node, ast.If | ast.Try):
        for part in _top([node]):
            if part is not node:
                _enter(source, part)


def _exclude(source: Source, name: str, why: str) -> None:
    source.methods.pop(name, None)
    source.not_methods[name] = why


def _enter_name(source: Source, name: str, value: ast.expr) -> None:
    if isinstance(value, ast.Lambda):
        source.methods[name] = _method(source, name, value, value.args, bound=True)
    elif isinstance(value, ast.Name) and value.id in source.methods:
        source.methods[name] = source.methods[value.id]
    else:
        _exclude(source, name, "is an attribute of the class, not a method")


def _enter_function(source: Source, node: Function) -> None:
    decorators = [_word(decorator) for decorator in node.decorator_list]
    if any(word.endswith("property") or word in ("setter", "getter", "deleter") for word in decorators):
        _exclude(source, node.name, "is a property, not a method")
    else:
        source.not_methods.pop(node.name, None)
        bound = "staticmethod" not in decorators
        source.methods[node.name] = _method(source, node.name, node, node.args, bound)


def _word(decorator: ast.expr) -> str:
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    return decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")


def _method(source: Source, name: str, node: Function | ast.Lambda, args: ast.arguments, bound: bool) -> Method:
    positional = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
    pairs = list(zip(positional, defaults, strict=True))
    if bound and pairs:
        pairs = pairs[1:]
    pairs += list(zip(args.kwonlyargs, args.kw_defaults, strict=True))
    parameters = tuple(_parameter(argument, default, source) for argument, default in pairs)
    hidden = tuple(argument.arg for argument in args.posonlyargs[1 if bound else 0 :])
    rest = args.kwarg.arg if args.kwarg else ""
    return Method(name, node, parameters, rest, hidden, isinstance(node, ast.AsyncFunctionDef))


def _parameter(argument: ast.arg, default: ast.expr | None, source: Source) -> Parameter:
    schema = from_annotation(argument.annotation, source.classes)
    none = isinstance(default, ast.Constant) and default.value is None
    null = none or (schema is not None and (schema == {} or "null" in str(schema.get("type"))))
    return Parameter(argument.arg, default is None, null, schema)
