"""A stranger's values as lossless JSON: the state of an imported environment.

Plain JSON stays as it is. Everything else becomes an object with the key `$`, which names the kind:
`{"$": "set", "of": ["a", "b"]}`. A dict with a key that is not text, or with the key `$`, is tagged itself, so
nothing is ambiguous. A list, dict, set or object that is met again is a reference to where it stands
(`{"$": "same", "at": ["patients", "P-1"]}`): `init_config`, which most classes keep beside the tables that came
out of it, adds nothing, and what was one object is one object after `decode`.
"""

from __future__ import annotations

import base64
import enum
import functools
import itertools
import json
import math
import re
import types
from collections.abc import Callable, Iterator
from typing import Any

TAG = "$"
DEPTH = 60
"""Levels of nesting that are kept; what is deeper is cut off and says so."""

FACTORIES: dict[str, Callable[[], Any]] = {
    kind.__name__: kind for kind in (list, dict, set, int, float, str, tuple, bool, frozenset)
}
_ADDRESS = re.compile(r"\bat 0x[0-9A-Fa-f]+")


class Instance:
    """Stands for an object of a class that is not here: its class by name, its attributes as they were."""

    _instance_of: str

    @staticmethod
    def of(class_name: str, content: Any = None) -> Any:
        """Without attributes yet; with `content` one that is a dict, list, text, … too, as the object was."""
        name = class_name.rpartition(".")[2]
        if content is None:
            made: Any = _stand_in((name, Instance))()
        else:
            base = type(content)
            made = base.__new__(_stand_in((name, base, Instance)), content)
            if isinstance(made, dict | set | list):
                (made.extend if isinstance(made, list) else made.update)(content)
        made.__dict__["_instance_of"] = class_name
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instance) and vars(self) == vars(other)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<{self._instance_of}>"


@functools.lru_cache(1000)
def _stand_in(named: tuple[Any, ...]) -> Any:
    """`(name, base, …)`: a class of the name of the one that is not here. Checks may ask for it, and errors tell it."""
    return type(named[0], named[1:], {})


class Opaque:
    """Stands for what has no lossless form: a function, a lock, a file."""

    def __init__(self, class_name: str, text: str) -> None:
        self.class_name, self.text = class_name, text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.class_name, self.text))

    def __repr__(self) -> str:
        return self.text


def encode(value: Any) -> Any:
    """Lossless JSON of any value; see the module. Objects without a lossless form become `Opaque`."""
    encoder = _Encoder()
    return encoder.attributes(value) if type(value) is dict and _is_plain(value) else encoder.value(value, (), 0)


Place = tuple[str | int, ...]
Write = Callable[..., Any]


class _Encoder:
    def __init__(self) -> None:
        self._places: dict[int, Place] = {}
        self._kept: list[Any] = []  # what is alive keeps its id for itself

    def attributes(self, value: dict[str, Any]) -> dict[str, Any]:
        """The attributes come first, wherever they are met: references point to a table, not into init_config."""
        self._places[id(value)] = ()
        for name, item in value.items():
            if _is_shareable(item):
                self._places.setdefault(id(item), (name,))
        return {name: self.value(item, (name,), 1) for name, item in value.items()}

    def value(self, value: Any, place: Place, depth: int) -> Any:
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str:
            return value if _is_unicode(value) else {TAG: "text", "of": [ord(sign) for sign in value]}
        if kind is int:
            return value if -(1 << 63) <= value < 1 << 63 else {TAG: "int", "of": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {TAG: "float", "of": repr(value)}
        if depth > DEPTH:
            return {TAG: "opaque", "class": kind.__qualname__, "text": f"nested deeper than {DEPTH} levels"}
        if _is_shareable(value):
            first = self._places.setdefault(id(value), place)
            if first != place:
                return {TAG: "same", "at": list(first)}
            self._kept.append(value)
        if kind is dict and _is_plain(value):
            return {key: self.value(item, (*place, key), depth + 1) for key, item in value.items()}
        if kind is list:
            return [self.value(item, (*place, at), depth + 1) for at, item in enumerate(value)]
        return _tagged(value, lambda item, *steps: self.value(item, (*place, *steps), depth + 1))


def _tagged(value: Any, write: Write) -> dict[str, Any]:
    kind = type(value)
    writer = _WRITERS.get(_name(kind))
    if writer:
        return {TAG: kind.__name__, **writer(value, write)}
    if isinstance(value, Instance):
        attributes = {name: item for name, item in vars(value).items() if name != "_instance_of"}
        return _written_object(value._instance_of, _content(value), attributes, write)
    if isinstance(value, Opaque):
        return {TAG: "opaque", "class": value.class_name, "text": value.text}
    if isinstance(value, enum.Enum):
        return {TAG: "enum", "class": kind.__qualname__, "name": str(value.name), "of": write(value.value, "of")}
    if _name(kind) in _ZONES and value.key:
        return {TAG: "zone", "of": value.key}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        fields = list(map(str, value._fields))
        return {TAG: "namedtuple", "class": kind.__qualname__, "fields": fields, **_items(value, write)}
    content = _content(value)
    if isinstance(value, _NAMED) or (content is None and not hasattr(value, "__dict__") and not _slots(kind)):
        return {TAG: "opaque", "class": kind.__qualname__, "text": described(value)}
    return _written_object(kind.__qualname__, content, dict(attributes_of(value)), write)


_NAMED = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


def _written_object(class_name: str, content: Any, attributes: dict[str, Any], write: Write) -> dict[str, Any]:
    written = {TAG: "object", "class": class_name, "of": write(attributes, "of")}
    return written if content is None else {**written, "content": write(content, "content")}


def _items(value: Any, write: Write) -> dict[str, Any]:
    return {"of": [write(item, "of", at) for at, item in enumerate(value)]}


def _set(value: Any, write: Write) -> dict[str, Any]:
    written = [write(item, "of", at) for at, item in enumerate(value)]
    if not all(map(_is_fixed, value)):
        return {"of": written}  # others may refer to an object in it by its place
    return {"of": sorted(written, key=lambda item: json.dumps(item, sort_keys=True))}


def _is_fixed(value: Any) -> bool:
    return all(map(_is_fixed, value)) if isinstance(value, tuple | frozenset) else not _is_shareable(value)


def _pairs(value: Any, write: Write) -> dict[str, Any]:
    pairs = enumerate(value.items())
    return {"of": [[write(key, "of", at, 0), write(item, "of", at, 1)] for at, (key, item) in pairs]}


def _defaultdict(value: Any, write: Write) -> dict[str, Any]:
    factory = value.default_factory
    known = next((name for name, kind in FACTORIES.items() if kind is factory), None)
    return {"factory": known, **_pairs(value, write)}


def _moment(value: Any, write: Write) -> dict[str, Any]:
    written = {"of": value.replace(tzinfo=None, fold=0).isoformat()}
    if value.tzinfo:
        written["zone"] = write(value.tzinfo, "zone")
    return {**written, "fold": 1} if value.fold else written


def _parts(value: Any, write: Write) -> dict[str, Any]:
    """Of what says itself which arguments make it again."""
    return {"of": [write(part, "of", at) for at, part in enumerate(value.__reduce__()[1])]}


def _bytes(value: Any, write: Write) -> dict[str, Any]:
    return {"of": base64.b64encode(value).decode()}


_WRITERS: dict[str, Callable[[Any, Write], dict[str, Any]]] = {
    "builtins.dict": _pairs,
    "collections.OrderedDict": _pairs,
    "collections.Counter": _pairs,
    "collections.defaultdict": _defaultdict,
    "collections.deque": lambda value, write: {**_items(value, write), "maxlen": value.maxlen},
    "builtins.tuple": _items,
    "builtins.set": _set,
    "builtins.frozenset": _set,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.range": _parts,
    "builtins.complex": lambda value, write: {"of": [write(value.real), write(value.imag)]},
    "datetime.datetime": _moment,
    "datetime.time": _moment,
    "datetime.date": lambda value, write: {"of": value.isoformat()},
    "datetime.timedelta": _parts,
    "datetime.timezone": lambda value, write: {"of": [write(part) for part in value.__getinitargs__()]},
    "decimal.Decimal": lambda value, write: {"of": str(value)},
    "fractions.Fraction": lambda value, write: {"of": [write(value.numerator), write(value.denominator)]},
    "uuid.UUID": lambda value, write: {"of": str(value)},
    "re.Pattern": lambda value, write: {"of": [write(value.pattern), value.flags]},
    "itertools.count": _parts,
    "random.Random": lambda value, write: {"of": write(value.getstate())},
}


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_plain(value: dict[Any, Any]) -> bool:
    return TAG not in value and all(type(key) is str and _is_unicode(key) for key in value)


def _is_shareable(value: Any) -> bool:
    """What can be changed, so that it matters whether two places hold one object or two."""
    kind = type(value)
    if kind is dict or kind is list or kind is set:
        return True
    return value is not None and not isinstance(value, _UNCHANGEABLE) and (_name(kind) in _CHANGEABLE or _is_own(kind))


_UNCHANGEABLE = (str, int, float, complex, bytes, tuple, frozenset, range, enum.Enum, Opaque, *_NAMED)
_CHANGEABLE = {
    "builtins.bytearray",
    *(f"collections.{name}" for name in ("OrderedDict", "Counter", "defaultdict", "deque")),
    "itertools.count",
    "random.Random",
}


def _is_own(kind: type) -> bool:
    return _name(kind) not in _WRITERS and _name(kind) not in _ZONES and hasattr(kind, "__dict__")


_ZONES = ("zoneinfo.ZoneInfo", "zoneinfo._zoneinfo.ZoneInfo")


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _slots(kind: type) -> list[str]:
    found = [parent.__dict__.get("__slots__", ()) for parent in reversed(kind.__mro__)]
    names = itertools.chain.from_iterable([item] if isinstance(item, str) else item for item in found)
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def attributes_of(value: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that an object itself holds, in `__slots__` and in `__dict__`."""
    for name in _slots(type(value)):
        if hasattr(value, name):
            yield name, getattr(value, name)
    yield from getattr(value, "__dict__", {}).items()


def _content(value: Any) -> Any:
    """What an object of a class that is derived from a built-in type holds as that type."""
    for kind, exact in {**EXACT, **_CONTAINERS}.items():
        if isinstance(value, kind):
            return exact(value)
    return None


EXACT: dict[type, Callable[[Any], Any]] = {str: str.__str__, int: int.__int__, float: float.__float__}
_CONTAINERS: dict[type, Callable[[Any], Any]] = {
    dict: lambda value: dict(dict.items(value)),
    list: lambda value: list(list.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    bytes: lambda value: bytes(bytes.__iter__(value)),
}


def described(value: Any) -> str:
    """A short text of anything, without addresses, which differ from process to process."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  a stranger's __repr__ may raise whatever it likes
        text = f"<{type(value).__qualname__}>"
    return _ADDRESS.sub("at 0x", text)[:1000]
