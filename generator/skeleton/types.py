"""The types of the skeleton language, and which of them fit where."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scalar:
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Enum:
    words: tuple[str, ...]
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.name or "one of " + ", ".join(self.words)


@dataclass(frozen=True)
class Word(Enum):
    """A text whose one value is known: a literal given to a definition, tried to find misspelt words."""

    def __str__(self) -> str:
        return f"text '{self.words[0]}'"


@dataclass(frozen=True)
class Ref:
    """A row of an entity; `before` when it belongs to the initial tables (checks and policies only)."""

    entity: str
    before: bool = False

    def __str__(self) -> str:
        return f"{self.entity} before" if self.before else self.entity


@dataclass(frozen=True)
class Record:
    fields: tuple[tuple[str, Type], ...]
    name: str = field(default="", compare=False)

    def member(self, name: str) -> Type | None:
        return dict(self.fields).get(name)

    def __str__(self) -> str:
        return self.name or "{" + ", ".join(f"{name}: {type_}" for name, type_ in self.fields) + "}"


@dataclass(frozen=True)
class ListOf:
    """A list; `distinct` for a set, whose order means nothing."""

    item: Type
    distinct: bool = False

    def __str__(self) -> str:
        return f"{'set' if self.distinct else 'list'} of {self.item}"


@dataclass(frozen=True)
class MapOf:
    key: Enum
    value: Type

    def __str__(self) -> str:
        return f"map of {self.key} to {self.value}"


@dataclass(frozen=True)
class Maybe:
    """A value that may be missing and must be tested before use."""

    item: Type

    def __str__(self) -> str:
        return f"optional {self.item}"


Type = Scalar | Enum | Ref | Record | ListOf | MapOf | Maybe

TEXT = Scalar("text")
INTEGER = Scalar("integer")
DECIMAL = Scalar("decimal")
MONEY = Scalar("money")
BOOLEAN = Scalar("boolean")
DATE = Scalar("date")
TIME = Scalar("time")
DATETIME = Scalar("datetime")
DURATION = Scalar("duration")  # a difference of dates; never stored
NOTHING = Scalar("nothing")  # the type of None
NEVER = Scalar("never")  # the item of an empty list: fits everywhere
UNKNOWN = Scalar("unknown")  # after a reported problem: fits everywhere, so that one mistake is one message

STORED_SCALARS = {t.name: t for t in (TEXT, INTEGER, DECIMAL, MONEY, BOOLEAN, DATE, TIME, DATETIME)}
NUMBERS = (INTEGER, DECIMAL, MONEY)
MOMENTS = (DATE, TIME, DATETIME)


def bare(type_: Type) -> Type:
    """The type without `optional`."""
    return type_.item if isinstance(type_, Maybe) else type_


def fits(source: Type, target: Type) -> bool:
    """Whether a value of `source` can stand where `target` is expected."""
    if source in (target, NEVER) or UNKNOWN in (source, target):
        return True
    if isinstance(target, Maybe):
        return source == NOTHING or fits(bare(source), target.item)
    if isinstance(source, Maybe):
        return False
    if source in NUMBERS and target in NUMBERS:
        return target != INTEGER
    if isinstance(source, Enum):
        return target == TEXT or (isinstance(target, Enum) and set(source.words) <= set(target.words))
    if isinstance(source, ListOf) and isinstance(target, ListOf):
        return fits(source.item, target.item)
    if isinstance(source, MapOf) and isinstance(target, MapOf):
        return source.key == target.key and fits(source.value, target.value)
    if isinstance(source, Record) and isinstance(target, Record):
        names = dict(source.fields)
        return names.keys() == dict(target.fields).keys() and all(
            fits(names[name], type_) for name, type_ in target.fields
        )
    return False


def join(left: Type, right: Type) -> Type | None:
    """The type that holds both, or None: for conditional expressions, lists and sums."""
    if fits(left, right):
        return right
    if fits(right, left):
        return left
    if left == NOTHING:
        return Maybe(right)
    if right == NOTHING:
        return Maybe(left)
    if isinstance(left, Maybe) or isinstance(right, Maybe):
        inner = join(bare(left), bare(right))
        return None if inner is None else Maybe(inner)
    if isinstance(left, Enum) and isinstance(right, Enum):
        return Enum(left.words + tuple(word for word in right.words if word not in left.words))
    if isinstance(left, ListOf) and isinstance(right, ListOf):
        inner = join(left.item, right.item)
        return None if inner is None else ListOf(inner)
    return None


def comparable(left: Type, right: Type) -> bool:
    """Whether `==` between them can ever be true; rows are equal by id, before and after alike."""
    left, right = bare(left), bare(right)
    if isinstance(left, Ref) and isinstance(right, Ref):
        return left.entity == right.entity
    if isinstance(left, ListOf) and isinstance(right, ListOf):
        return comparable(left.item, right.item)
    if isinstance(left, Enum) and isinstance(right, Enum):
        return bool(set(left.words) & set(right.words))
    return NOTHING in (left, right) or fits(left, right) or fits(right, left)


def ordered(left: Type, right: Type) -> bool:
    """Whether `<` is defined between them."""
    if UNKNOWN in (left, right):
        return True
    if left in NUMBERS and right in NUMBERS:
        return True
    return left == right and left in (*MOMENTS, TEXT, DURATION)


def contains_ref(type_: Type) -> bool:
    """Whether a value of the type holds references to rows."""
    if isinstance(type_, Maybe | ListOf):
        return contains_ref(type_.item)
    if isinstance(type_, MapOf):
        return contains_ref(type_.value)
    if isinstance(type_, Record):
        return any(contains_ref(item) for _, item in type_.fields)
    return isinstance(type_, Ref)


def holds_duration(type_: Type) -> bool:
    """Whether a value of the type holds a difference of dates, which has no form of its own in results."""
    if isinstance(type_, Maybe | ListOf):
        return holds_duration(type_.item)
    if isinstance(type_, Record):
        return any(holds_duration(item) for _, item in type_.fields)
    return type_ == DURATION
