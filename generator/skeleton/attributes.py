"""Checks the attributes of fields and parameters: bounds, samples, patterns, transitions and the like."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.errors import Problem
from generator.skeleton.document import AttributesDoc
from generator.skeleton.model import Bound, Entity, Field, Model, Param
from generator.skeleton.nodes import Literal, Negative
from generator.skeleton.samples import PROVIDERS, Between, Provider, Span, parse_sample
from generator.skeleton.scope import Path
from generator.skeleton.types import (
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    MOMENTS,
    MONEY,
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
)
from generator.skeleton.wording import a, nearest, no_word

_MOMENT_BOUNDS = {
    DATE: r"\d{4}-\d{2}-\d{2}",
    TIME: r"\d{2}:\d{2}(:\d{2})?",
    DATETIME: r"\d{4}-\d{2}-\d{2}T[\d:]{8}",
}


class Attributes:
    """Reads attributes against the type that they qualify."""

    def __init__(self, model: Model, report: Callable[[Problem], None]) -> None:
        self.model = model
        self.document = model.document
        self._report = report

    def _problem(self, path: Path, message: str, *, warning: bool = False) -> None:
        self._report(Problem(path, message, warning=warning))

    def check(self, item: Field, path: Path, entity: Entity | None = None) -> None:
        """The attributes of a field, or of a member of a record where there is no entity."""
        doc, type_ = item.doc, bare(item.type)
        if type_ == UNKNOWN:
            return
        item.minimum, item.maximum = self.bounds(doc, item.type, path)
        self.check_sample(doc, item.type, path)
        if doc.not_blank and type_ != TEXT:
            self._problem((*path, "not_blank"), "not_blank is for texts")
        if doc.pattern is not None:
            self.check_pattern(doc.pattern, type_, (*path, "pattern"))
        if doc.transitions is not None:
            self._check_transitions(doc.transitions, type_, (*path, "transitions"))
        if doc.on_delete is not None:
            self._check_on_delete(doc.on_delete, item.type, (*path, "on_delete"))
        if doc.only_for is not None:
            self._check_only_for(doc.only_for, item, entity, (*path, "only_for"))
        if doc.weights is not None:
            self._check_weights(doc.weights, type_, (*path, "weights"))
        if doc.unique and (entity is None or isinstance(type_, ListOf | MapOf | Record)):
            self._problem((*path, "unique"), "unique is for plain fields of entities")
        if doc.derived is not None:
            self._check_derived(doc, path)

    def _check_weights(self, weights: list[int], type_: Type, path: Path) -> None:
        if not isinstance(type_, Enum):
            self._problem(path, "weights are for enums")
        elif len(weights) != len(type_.words) or not any(weights):
            self._problem(path, f"weights give one number for each word: {', '.join(type_.words)}")

    def _check_derived(self, doc: AttributesDoc, path: Path) -> None:
        """A derived field is computed, so nothing that speaks of writing or sampling applies to it."""
        written = ("default", "sample", "weights", "unique", "not_blank", "min", "max", "pattern", "transitions")
        for name in (*written, "only_for", "on_delete"):
            if getattr(doc, name) not in (None, False):
                self._problem((*path, name), f"a derived field is never written, so '{name}' means nothing here")

    def check_default(self, item: Field | Param, path: Path) -> None:
        """A constant default must itself keep the constraints of its field or parameter."""
        node, sign = item.default, 1
        if isinstance(node, Negative):
            node, sign = node.item, -1
        if not isinstance(node, Literal) or node.value is None or isinstance(node.value, bool):
            return
        value = node.value if isinstance(node.value, str) else sign * node.value
        if not isinstance(value, str):
            over = item.maximum is not None and not isinstance(item.maximum, str) and value > item.maximum
            under = item.minimum is not None and not isinstance(item.minimum, str) and value < item.minimum
            if over or under:
                bound = f"above max {item.doc.max}" if over else f"below min {item.doc.min}"
                self._problem((*path, "default"), f"the default {value} is {bound}")
        elif item.doc.not_blank and not value.strip():
            self._problem((*path, "default"), "the default is blank, but the field must not be")

    def bounds(self, doc: AttributesDoc, type_: Type, path: Path) -> tuple[Bound | None, Bound | None]:
        """`min` and `max` as values of the type they bound."""
        low, high = (self._bound(text, type_, (*path, word)) for text, word in ((doc.min, "min"), (doc.max, "max")))
        if _below(high, low):
            self._problem((*path, "max"), f"max is below min: {doc.max} < {doc.min}")
        return low, high

    def _bound(self, text: str | None, type_: Type, path: Path) -> Bound | None:
        if text is None:
            return None
        target = bounded(type_)
        try:
            if target == INTEGER:
                return int(text)
            if target in (DECIMAL, MONEY):
                return float(text)
        except ValueError:
            self._problem(path, f"'{text}' is no {'whole number' if target == INTEGER else 'number'}")
            return None
        if target in MOMENTS and re.fullmatch(_MOMENT_BOUNDS[target], text):
            return f"{text}:00" if target == TIME and len(text) == 5 else text
        self._problem(path, f"'{text}' does not bound {a(type_)}")
        return None

    def check_sample(self, doc: AttributesDoc, type_: Type, path: Path) -> None:
        """A sample must make values of the field's type."""
        if doc.sample is None:
            return
        target = bare(type_)
        target = (
            target.value if isinstance(target, MapOf) else bare(target.item) if isinstance(target, ListOf) else target
        )
        sample = parse_sample(doc.sample, self.document.corpora)
        path = (*path, "sample")
        if sample is None:
            hint = nearest(doc.sample, [*self.document.corpora, *PROVIDERS])
            message = f"'{doc.sample}' is no range (0..500), span (past.3y), provider or list of words{hint}"
            self._problem(path, message)
        elif isinstance(sample, Between):
            if target not in (*NUMBERS, TIME):
                self._problem(path, f"a range samples numbers or times, not {a(target)}")
                return
            low, high = (self._bound(end, target, path) for end in (sample.low, sample.high))
            if _below(high, low):
                self._problem(path, f"the range {doc.sample} is empty: its end is below its start")
            least, most = (self._bound(text, target, path) for text in (doc.min, doc.max))
            if target in NUMBERS and (_below(low, least) or _below(most, high)):
                self._problem(path, f"the sample {doc.sample} goes beyond min and max", warning=True)
        elif isinstance(sample, Span):
            if target not in (DATE, DATETIME):
                self._problem(path, f"'{doc.sample}' samples dates, not {a(target)}")
        elif target != TEXT:
            self._problem(
                path,
                f"'{doc.sample}' samples {'names' if isinstance(sample, Provider) else 'words'}, not {a(target)}",
            )

    def check_pattern(self, pattern: str, type_: Type, path: Path) -> None:
        """A regular expression that both Python and JSON Schema understand."""
        if type_ != TEXT:
            self._problem(path, "pattern is for texts")
        try:
            re.compile(pattern)
        except re.error as error:
            self._problem(path, f"'{pattern}' is no regular expression: {error}")

    def _check_transitions(self, transitions: dict[str, list[str]], type_: Type, path: Path) -> None:
        if not isinstance(type_, Enum):
            self._problem(path, "transitions are for enums")
            return
        for word in [*transitions, *(word for targets in transitions.values() for word in targets)]:
            if word not in type_.words:
                self._problem(path, no_word(word, type_))

    def _check_on_delete(self, way: str, type_: Type, path: Path) -> None:
        if way == "cascade" and isinstance(bare(type_), ListOf):
            self._problem(path, "cascade is for single refs; from a list a deleted row is removed")
        elif way == "clear" and not (isinstance(type_, Maybe) and isinstance(type_.item, Ref)):
            self._problem(path, "clear is for optional refs")
        elif way == "remove" and not (isinstance(type_, ListOf) and isinstance(type_.item, Ref)):
            self._problem(path, "remove is for lists and sets of refs")
        elif self.model.entity_of(type_) is None:
            self._problem(path, "on_delete is for refs")

    def _check_only_for(self, only_for: dict[str, list[str]], item: Field, entity: Entity | None, path: Path) -> None:
        if not item.optional:
            self._problem(path, "only_for is for optional fields")
        for name, words in only_for.items():
            other = entity.fields.get(name) if entity else None
            if other is None or not isinstance(other.type, Enum) or not other.stored:
                enums = [one.name for one in (entity.fields.values() if entity else ()) if isinstance(one.type, Enum)]
                self._problem(path, f"'{name}' is no enum field of the same entity{nearest(name, enums)}")
                continue
            for word in words:
                if word not in other.type.words:
                    self._problem(path, no_word(word, other.type))
            if not words or set(words) >= set(other.type.words):
                self._problem(path, f"name some of the words of {name}, and not all of them")


def _below(one: Bound | None, other: Bound | None) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    return isinstance(one, int | float) and isinstance(other, int | float) and one < other


def bounded(type_: Type) -> Type:
    """What `min`, `max` and `sample` speak of: the values of maps and of lists of scalars, else a length."""
    type_ = bare(type_)
    if isinstance(type_, MapOf):
        return type_.value
    if isinstance(type_, ListOf):
        return INTEGER if isinstance(type_.item, Ref | Record) else type_.item
    return type_
