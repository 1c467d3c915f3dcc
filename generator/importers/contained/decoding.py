"""The way back: values from the lossless JSON of `encoding`. The JSON may come from a hostile process."""

from __future__ import annotations

import base64
import collections
import enum
import itertools
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from .encoding import FACTORIES, TAG, Instance, Opaque, Place

Classes = Callable[[str], type | None]


class DecodingError(ValueError):
    """Not something that `encode` wrote."""


def decode(encoded: Any, classes: Classes = lambda name: None) -> Any:
    """The value that `encode` was given. Objects become those of `classes(qualified name)`, else an `Instance`.

    Raises DecodingError, and nothing else, for what `encode` did not write.
    """
    try:
        return _Decoder(encoded, classes).value(encoded, ())
    except DecodingError:
        raise
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError, OSError) as error:
        raise DecodingError(f"this is not an encoded state: {error}") from error
    except (re.error, ImportError) as error:
        raise DecodingError(f"this is not an encoded state: {error}") from error


class _Decoder:
    def __init__(self, encoded: Any, classes: Classes) -> None:
        self._root = encoded
        self._classes = classes
        self._enums: dict[str, type[enum.Enum]] = {}
        self._tuples: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._wanted = set(_references(encoded))
        self._made: dict[Place, Any] = {}

    def value(self, encoded: Any, place: Place) -> Any:
        if type(encoded) is list:
            if place in self._made:
                return self._made[place]
            items: list[Any] = self._keep(place, [])
            for at, item in enumerate(encoded):
                items.append(self.value(item, (*place, at)))
            return items
        if type(encoded) is not dict:
            return encoded
        if place in self._made:
            return self._made[place]
        if TAG in encoded:
            return self._tagged(encoded, place)
        table: dict[Any, Any] = self._keep(place, {})
        for key, item in encoded.items():
            table[key] = self.value(item, (*place, key))
        return table

    def _keep(self, place: Place, made: Any) -> Any:
        """Before its content is there, since that may refer to it."""
        if place in self._wanted:
            self._made[place] = made
        return made

    def _tagged(self, encoded: dict[str, Any], place: Place) -> Any:
        kind = encoded[TAG]
        if kind == "same":
            return self._referred(tuple(encoded["at"]))
        if kind in _MAPPINGS or kind == "defaultdict":
            return self._mapping(kind, encoded, place)
        if kind == "object":
            return self._object(encoded, place)
        if kind == "opaque":
            return Opaque(encoded["class"], encoded["text"])
        if kind in ("set", "deque"):
            made: Any = self._keep(place, set() if kind == "set" else collections.deque(maxlen=encoded["maxlen"]))
            items = self.value(encoded["of"], (*place, "of"))
            made.update(items) if kind == "set" else made.extend(items)
            return made
        content = self.value(encoded["of"], (*place, "of"))
        if kind == "namedtuple":
            return self._namedtuple(encoded["class"], tuple(encoded["fields"]), content)
        if kind == "enum":
            return self._enum(encoded["class"], encoded["name"], content)
        if kind in _MOMENTS:
            moment = getattr(import_module("datetime"), kind).fromisoformat(content)
            zone = self.value(encoded.get("zone"), (*place, "zone"))
            return moment.replace(tzinfo=zone, fold=encoded.get("fold", 0))
        if kind not in _READERS:
            raise DecodingError(f"this is not an encoded state: there is no kind {kind!r}")
        return self._keep(place, _READERS[kind](content))

    def _referred(self, place: Place) -> Any:
        if place in self._made:
            return self._made[place]
        target = self._root
        for step in place:
            target = target[step]
        if isinstance(target, dict) and target.get(TAG) == "same":
            raise DecodingError("this is not an encoded state: a reference refers to a reference")
        return self.value(target, place)

    def _mapping(self, kind: str, encoded: dict[str, Any], place: Place) -> Any:
        factory = FACTORIES.get(encoded["factory"]) if encoded.get("factory") else None
        made: Any = self._keep(place, _MAPPINGS[kind]() if kind in _MAPPINGS else collections.defaultdict(factory))
        for at, (key, item) in enumerate(encoded["of"]):
            made[self.value(key, (*place, "of", at, 0))] = self.value(item, (*place, "of", at, 1))
        return made

    def _object(self, encoded: dict[str, Any], place: Place) -> Any:
        found = self._classes(encoded["class"])
        content = self.value(encoded["content"], (*place, "content")) if "content" in encoded else None
        if found is None:
            made: Any = self._keep(place, Instance.of(encoded["class"], content))
        else:
            made = self._keep(place, _new(found, content))
        for name, item in self.value(encoded["of"], (*place, "of")).items():
            object.__setattr__(made, str(name), item)
        return made

    def _namedtuple(self, class_name: str, fields: tuple[str, ...], content: Any) -> Any:
        found: Any = self._classes(class_name) or self._tuples.get((class_name, fields))
        if found is None:
            found = _make_tuple(class_name.rpartition(".")[2], fields)
            found.__qualname__ = class_name
            self._tuples[class_name, fields] = found
        return found(*content)

    def _enum(self, class_name: str, name: str, content: Any) -> Any:
        found = self._classes(class_name)
        if found is not None and issubclass(found, enum.Enum):
            return found[name] if name in found.__members__ else found(content)  # flags together have no member
        if f"{class_name}.{name}" not in self._enums:
            mixed = type(content) if type(content) in (str, int, float) else None
            kind: Any = _make_enum(class_name.rpartition(".")[2], {name: content}, type=mixed)
            kind.__qualname__ = class_name
            self._enums[f"{class_name}.{name}"] = kind
        return self._enums[f"{class_name}.{name}"][name]


def _new(found: Any, content: Any) -> Any:
    """An object without `__init__`; of a class derived from a built-in type, with the content it had as that."""
    made = found.__new__(found) if content is None else type(content).__new__(found, content)
    if isinstance(made, dict | set | list):
        (made.extend if isinstance(made, list) else made.update)(content)
    return made


# The type checker knows only their literal forms.
_make_enum: Any = enum.Enum
_make_tuple: Any = collections.namedtuple
_MAPPINGS: dict[str, Callable[[], Any]] = {
    "dict": dict,
    "OrderedDict": collections.OrderedDict,
    "Counter": collections.Counter,
}
_MOMENTS = ("datetime", "time")


def _of(module: str, name: str) -> Callable[[Any], Any]:
    return lambda arguments: getattr(import_module(module), name)(*arguments)


def _random(state: Any) -> Any:
    made = import_module("random").Random(0)
    made.setstate(state)
    return made


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": lambda content: "".join(map(chr, content)),
    "int": lambda content: int(content, 16),
    "float": float,
    "tuple": tuple,
    "frozenset": frozenset,
    "bytes": base64.b64decode,
    "bytearray": lambda content: bytearray(base64.b64decode(content)),
    "range": lambda content: range(*content),
    "complex": lambda content: complex(*content),
    "date": lambda content: _of("datetime", "date")(map(int, content.split("-"))),
    "timedelta": _of("datetime", "timedelta"),
    "timezone": _of("datetime", "timezone"),
    "zone": lambda content: import_module("zoneinfo").ZoneInfo(content),
    "Decimal": lambda content: import_module("decimal").Decimal(content),
    "Fraction": _of("fractions", "Fraction"),
    "UUID": lambda content: import_module("uuid").UUID(content),
    "Pattern": _of("re", "compile"),
    "count": lambda content: itertools.count(*content),
    "Random": _random,
}


def _references(encoded: Any) -> Iterator[Place]:
    waiting = [encoded]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if item.get(TAG) == "same":
                yield tuple(item["at"])
            else:
                waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
