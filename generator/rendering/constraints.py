"""What holds on every write of a row, wherever the values come from: the checks of a table's rows."""

from __future__ import annotations

import re

from generator.rendering.methods import Method, article, indented, listed, refusal, single_quoted, when_present
from generator.skeleton.compiler import pascal
from generator.skeleton.facts import spaced
from generator.skeleton.model import Bound, Entity, Field, Model
from generator.skeleton.types import DECIMAL, MONEY, ListOf, MapOf, Maybe, Record, Ref, Type, bare

_ON_WRITING: dict[Type, str] = {MONEY: "cents", DECIMAL: "finite"}
_ON_LOADING: dict[Type, str] = {MONEY: "float", DECIMAL: "float"}


class ConstraintWriter:
    """Writes the method that checks a row before it is kept."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def checks(self, entity: Entity) -> Method:
        body: list[str] = []
        for item in entity.stored:
            body += self._only_for(entity, item)
            value = f'row["{item.column}"]'
            lines = self._convert(value, bare(item.type), _ON_WRITING) + self._field_checks(entity, item, value)
            body += when_present(value, lines) if lines and item.optional else lines
        row_class = pascal(entity.name)
        parameters = [f"row: {row_class}"]
        if self.compares(entity):
            parameters.append(f"old: {row_class} | None")
        return Method(f"_check_{entity.name}", parameters, "None", "", body)

    @staticmethod
    def compares(entity: Entity) -> bool:
        """Whether the check needs to know the row as it was: a row is no duplicate of itself."""
        return any(item.doc.unique for item in entity.stored)

    def loading(self, entity: Entity) -> list[str]:
        """Numbers with decimals are floats, also where a state was written without them."""
        row = f"{entity.name}_row"
        lines: list[str] = []
        for item in entity.stored:
            value = f'{row}["{item.column}"]'
            inner = self._convert(value, bare(item.type), _ON_LOADING)
            lines += when_present(value, inner) if inner and item.optional else inner
        return [f"for {row} in self.{entity.plural}.values():", *indented(lines)] if lines else []

    # -- kinds of values ------------------------------------------------------------------------------------------

    def _convert(self, value: str, type_: Type, ways: dict[Type, str]) -> list[str]:
        """Statements that bring numbers, and sets, to the form in which rows hold them."""
        if type_ in ways:
            return [f"{value} = {ways[type_]}({value})"]
        if isinstance(type_, MapOf) and type_.value in ways:
            return [f"{value} = {{key: {ways[type_.value]}(number) for key, number in {value}.items()}}"]
        if isinstance(type_, ListOf) and type_.distinct and ways is _ON_WRITING:
            return [f"{value} = unique({value})"]
        if isinstance(type_, ListOf) and type_.item in ways:
            return [f"{value} = [{ways[type_.item]}(number) for number in {value}]"]
        if isinstance(type_, ListOf) and isinstance(type_.item, Record):
            lines = self._convert("part", type_.item, ways)
            return [f"for part in {value}:", *indented(lines)] if lines else []
        if isinstance(type_, Record):
            lines = []
            for name, member in type_.fields:
                place = f'{value}["{self.model.column(name, member)}"]'
                inner = self._convert(place, bare(member), ways)
                lines += when_present(place, inner) if inner and isinstance(member, Maybe) else inner
            return lines
        return []

    # -- constraints ----------------------------------------------------------------------------------------------

    def _field_checks(self, entity: Entity, item: Field, value: str) -> list[str]:
        what = f"The {spaced(item.name)} of {article(spaced(entity.name))}"
        origin = f"{entity.name}.{item.name}"
        lines: list[str] = []
        if item.doc.not_blank:
            text = f'"{what} must not be blank."'
            lines += [f"if not {value}.strip():", refusal("invalid_value", text, origin)]
        if item.doc.pattern is not None:
            whole = re.sub(r"(?<!\\)\$$", r"\\Z", item.doc.pattern)  # Python's $ would let a line break pass
            text = f'f"{what} is not of the right form: {{{single_quoted(value)}}}"'
            lines += [f"if re.search({whole!r}, {value}) is None:", refusal("invalid_value", text, origin)]
        lines += self._bounds(item, value, what, origin)
        if item.doc.unique:
            others = f"self.{entity.plural}.values()"
            same = f'any(x["{item.column}"] == {value} and x is not old for x in {others})'
            text = (
                f'f"There is already {article(spaced(entity.name))} with the {spaced(item.name)} '
                f'{{{single_quoted(value)}}}."'
            )
            lines += [f"if {same}:", refusal("conflict", text, origin)]
        return lines

    def _bounds(self, item: Field, value: str, what: str, origin: str) -> list[str]:
        low, high = item.minimum, item.maximum
        if low is None and high is None:
            return []
        type_ = bare(item.type)
        each = isinstance(type_, MapOf) or (isinstance(type_, ListOf) and not isinstance(type_.item, Ref | Record))
        counted = isinstance(type_, ListOf) and not each
        number = "number" if each else f"len({value})" if counted else value
        if counted:
            what = f"The number of {spaced(item.name)}"
        if low is not None and high is not None:
            test, limits = f"not {low!r} <= {number} <= {high!r}", f"between {_plain(low)} and {_plain(high)}"
        elif low is not None:
            test, limits = f"{number} < {low!r}", f"at least {_plain(low)}"
        else:
            test, limits = f"{number} > {high!r}", f"at most {_plain(high)}"
        text = f'f"{what} must be {limits}, not {{{single_quoted(number)}}}."'
        lines = [f"if {test}:", refusal("invalid_value", text, origin)]
        if not each:
            return lines
        numbers = f"{value}.values()" if isinstance(type_, MapOf) else value
        return [f"for number in {numbers}:", *indented(lines)]

    @staticmethod
    def _only_for(entity: Entity, item: Field) -> list[str]:
        """An optional field that is there for some words of other fields, and only for them."""
        if not item.doc.only_for:
            return []
        tests, words = [], []
        for name, values in item.doc.only_for.items():
            value = f'row["{entity.fields[name].column}"]'
            tests.append(f"{value} == {values[0]!r}" if len(values) == 1 else f"{value} in {tuple(values)!r}")
            words.append(f"{spaced(name)} {listed(values, 'or')}")
        due, cases = " and ".join(tests), " and ".join(words)
        text = f"The {spaced(item.name)} of {article(spaced(entity.name))} is given for {cases}, and only then."
        return [
            f'if (row["{item.column}"] is not None) != ({due}):',
            refusal("invalid_value", repr(text), f"{entity.name}.{item.name}"),
        ]


def _plain(bound: Bound | None) -> str:
    return f"{bound:g}" if isinstance(bound, float) and abs(bound) < 1e6 else str(bound)
