"""The method that deletes a row, and what that means for the rows that refer to it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.rendering.methods import INDENT, Method, article, refusal
from generator.skeleton.compiler import Compiler, pascal, safe
from generator.skeleton.facts import spaced
from generator.skeleton.model import Entity, Field
from generator.skeleton.types import ListOf, Maybe, Record, Type, bare


class DeletionWriter:
    """Writes `_delete_…`."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.model = compiler.model

    def delete(self, entity: Entity) -> Method:
        """First what forbids it, then the row, then those that go or change with it."""
        variable = safe(entity.name)
        if entity.key == "none":
            rows = f"self.{entity.plural}.items()"
            body = [f"key = next((key for key, row in {rows} if row is {variable}), None)", "if key is None:"]
        else:
            body = [f"key = {self.compiler.key_of(entity, variable)}", f"if key not in self.{entity.plural}:"]
        body.append(f"{INDENT}return  # gone already, with what owned it")
        references = sorted(self._references(entity), key=lambda pair: pair[0].parent != entity.name)
        for other, item in references:
            if self._way(entity, other, item) == "refuse":
                body += self._refuse(entity, other, item)
        body.append(f"self._remove(self.{entity.plural}, key)")
        for other, item in references:
            body += self._follow(entity, other, item)
        return Method(f"_delete_{entity.name}", [f"{variable}: {pascal(entity.name)}"], "None", "", body)

    def _references(self, entity: Entity) -> Iterator[tuple[Entity, Field]]:
        """Stored fields that refer to rows of `entity`, in records too."""
        for other in self.model.entities.values():
            for item in other.stored:
                if self.model.entity_of(item.type) is entity or self._members(entity, item):
                    yield other, item

    def _members(self, entity: Entity, item: Field) -> list[tuple[str, Type]]:
        """The members of a field's record, or list of records, that refer to rows of `entity`."""
        type_ = bare(item.type)
        type_ = type_.item if isinstance(type_, ListOf) else type_
        if not isinstance(type_, Record):
            return []
        members = [(self.model.column(name, member), member) for name, member in type_.fields]
        return [(column, member) for column, member in members if self.model.entity_of(member) is entity]

    @staticmethod
    def _way(entity: Entity, other: Entity, item: Field) -> str:
        owned = other.parent == entity.name and item.name == entity.name
        return "cascade" if owned else item.doc.on_delete or "refuse"

    def _refuse(self, entity: Entity, other: Entity, item: Field) -> list[str]:
        named = article(spaced(other.name)) if other is not entity else f"another {spaced(other.name)}"
        text = f'"The {spaced(entity.name)} cannot be deleted: it is still named by {named}."'
        test = self._test(entity, item)
        if other is entity:  # a row that names itself is in nobody's way
            test = f"x is not {safe(entity.name)} and {test}"
        for owner, ref in self._owners(other):
            if entity.name in self._goes_with(owner):  # rows whose owner has just gone will go too
                test += f' and x["{ref.column}"] in self.{owner.plural}'
        found = f"any({test} for x in self.{other.plural}.values())"
        return [f"if {found}:", refusal("conflict", text, f"{other.name}.{item.name}")]

    def _owners(self, entity: Entity) -> Iterator[tuple[Entity, Field]]:
        """The entities with whose rows a row of this one goes, and the refs to them."""
        for item in entity.stored:
            owner = self.model.entity_of(item.type)
            if owner is not None and not item.optional and self._way(owner, entity, item) == "cascade":
                yield owner, item

    def _goes_with(self, entity: Entity) -> set[str]:
        """The entities whose rows may go when a row of this one goes."""
        found: set[str] = set()
        pending = [entity]
        while pending:
            gone = pending.pop()
            for other in self.model.entities.values():
                if other.name not in found and any(owner is gone for owner, _ in self._owners(other)):
                    found.add(other.name)
                    pending.append(other)
        return found

    def _follow(self, entity: Entity, other: Entity, item: Field) -> list[str]:
        way = self._way(entity, other, item)
        if way == "refuse":
            return []
        rows = f"[x for x in self.{other.plural}.values() if {self._test(entity, item)}]"
        row = f"other_{other.name}" if other is entity else safe(other.name)
        if way == "cascade":
            return [f"for {row} in {rows}:", f"{INDENT}self._delete_{other.name}({row})"]
        value = "None" if way == "clear" else f'[x for x in {row}["{item.column}"] if x != key]'
        return [f"for {row} in {rows}:", f'{INDENT}self._update_{other.name}({row}, {{"{item.column}": {value}}})']

    def _test(self, entity: Entity, item: Field) -> str:
        """Whether the row `x` refers to `key` in this field."""
        value, type_ = f'x["{item.column}"]', bare(item.type)
        members = self._members(entity, item)
        if members and isinstance(type_, ListOf):
            test = f"any({_names_key(members, 'part')} for part in {value})"
        elif members:
            test = _names_key(members, value)
        elif isinstance(type_, ListOf):
            test = f"key in {value}"
        else:
            return f"{value} == key"
        return f"{value} is not None and {test}" if isinstance(item.type, Maybe) else test


def _names_key(members: list[tuple[str, Type]], record: str) -> str:
    """Whether one of the members of a record is `key`, or holds it."""
    tests = []
    for column, member in members:
        value = f'{record}["{column}"]'
        held = f"key in {value}" if isinstance(bare(member), ListOf) else f"{value} == key"
        tests.append(f"({value} is not None and {held})" if isinstance(member, Maybe) and "in" in held else held)
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"
