"""Pieces of Python that compiled expressions are made of: code with its form, names, annotations, shared classes."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal as Word

from generator.skeleton.model import Model
from generator.skeleton.nodes import Instance
from generator.skeleton.types import NOTHING, Enum, ListOf, MapOf, Maybe, Record, Ref, Scalar, Type, bare

Form = Word["", "row", "key"]
ATOM, UNARY, PRODUCT, SUM, COMPARISON, NOT, AND, OR, TERNARY = 9, 8, 7, 6, 5, 4, 3, 2, 1
_SCALARS = {"integer": "int", "decimal": "float", "money": "float", "boolean": "bool", "duration": "timedelta"}
HELPERS = frozenset(
    [
        *("between", "called", "cents", "days_of", "declined", "duration_days", "duration_hours", "entry", "finite"),
        *("first", "hours_of", "largest", "last", "lasting", "move", "nonzero", "only", "only_row", "pieces"),
        *("present", "rounded", "shift", "smallest", "stated", "unique"),
        *("Environment", "Refused", "Result", "State", "command", "timedelta"),
    ]
)
_LOCALS = frozenset(
    {"before", "changes", "copy", "found", "functools", "key", "re", "row", "rows", "self"}
)  # of methods
_CLASSES = frozenset(
    [
        *("Any", "Callable", "Check", "Concatenate", "Decimal", "Done", "Environment", "Existence"),
        *("InvalidOperation", "InvalidState", "Iterable", "Literal", "Mapping", "P", "ParamSpec", "Path"),
        *("Refused", "Result", "Schema", "State", "T", "TypeVar", "TypedDict"),
    ]
)
_UNCLEAR = frozenset({"l", "O", "I"})
_TAKEN = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | HELPERS | _LOCALS | _UNCLEAR


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
    """The name of a class."""
    text = "".join(part.capitalize() for part in name.split("_"))
    return f"{text}Row" if text in _CLASSES or text in dir(builtins) else text


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
            plain = f"_{instance.name}"
            name = f"{plain}_of" if plain in _methods(self.model) else plain
            self.definitions[key] = (f"{name}{f'_{count + 1}' if count else ''}", instance)
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


def _methods(model: Model) -> Iterator[str]:
    """The private methods that a rendered environment may have beside those of its definitions."""
    yield from ("_undo", "_tools", "_open", "_next_id", "_insert", "_remove")
    for entity in model.entities.values():
        yield from (f"_{verb}_{entity.name}" for verb in ("find", "show", "create", "update", "delete", "check"))
        yield f"_next_{entity.name}_id"
        yield from (f"_{entity.name}_{name}" for name in (*entity.fields, *entity.owned))
    yield from (f"_require_{name}" for name in model.document.guards)


def is_text(type_: Type) -> bool:
    """Whether values of the type are Python strings."""
    return isinstance(type_, Enum | Ref) or (isinstance(type_, Scalar) and type_.name not in _SCALARS)


def argument_form(type_: Type) -> Form:
    """How a parameter of a definition, guard or `let` is passed: single refs as rows, lists of refs as keys."""
    if not is_ref(type_):
        return ""
    return "key" if isinstance(bare(type_), ListOf) else "row"


result_form = argument_form


def stored_form(type_: Type) -> Form:
    """How rows and results hold a value: refs as keys."""
    return "key" if is_ref(type_) else ""


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
