"""The methods of a table: find, create and update rows, and what follows from a row."""

from __future__ import annotations

from generator.rendering.constraints import ConstraintWriter
from generator.rendering.methods import INDENT, Method, article, refusal
from generator.skeleton.compiler import Code, Compiler, pascal, python_type, safe, stored_form
from generator.skeleton.facts import spaced
from generator.skeleton.model import Entity, Field
from generator.skeleton.types import MONEY, Enum, Record, bare


class TableWriter:
    """Writes the private methods of one environment's tables."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.shared = compiler.shared
        self.model = compiler.model
        self.constraints = ConstraintWriter(compiler.model)

    # -- types ----------------------------------------------------------------------------------------------------

    def row_fields(self, entity: Entity) -> list[tuple[str, str]]:
        """The fields of an entity's row class."""
        fields = [(entity.key_column, "str")] if entity.key == "counted" and entity.key_column else []
        return fields + [
            (item.column, python_type(self.shared, item.type, stored_form(item.type))) for item in entity.stored
        ]

    def member_fields(self, type_: Record) -> list[tuple[str, str]]:
        """The fields of a record's class."""
        fields = {
            self.model.column(name, item): python_type(self.shared, item, stored_form(item))
            for name, item in type_.fields
        }
        return list(fields.items())

    # -- reading --------------------------------------------------------------------------------------------------

    def find(self, entity: Entity) -> Method:
        key = safe(entity.key_column or "key")
        words = f"There is no {spaced(entity.name)} '{{{key}}}'."
        body = [
            f"row = self.{entity.plural}.get({key})",
            "if row is None:",
            f'{INDENT}raise Refused("not_found", f"{words}", "{entity.name}")',
            "return row",
        ]
        return Method(f"_find_{entity.name}", [f"{key}: str"], pascal(entity.name), "", body)

    def owned(self, owner: Entity, name: str, child: Entity) -> Method:
        column = child.fields[owner.name].column
        items = f'[x for x in self.{child.plural}.values() if x["{column}"] == key]'
        body = [f"key = {self.compiler.key_of(owner, safe(owner.name))}", f"return {items}"]
        return Method(
            f"_{owner.name}_{name}",
            [f"{safe(owner.name)}: {pascal(owner.name)}"],
            f"list[{pascal(child.name)}]",
            "",
            body,
        )

    def derived(self, entity: Entity, item: Field) -> Method:
        variable = safe(entity.name)
        self.shared.hint = pascal(entity.name) + pascal(item.name)
        names = {entity.name: Code(variable, "row")}
        if item.optional and bare(item.type) == MONEY:
            assert item.derived is not None
            body = [f"amount = {self.compiler.text(item.derived, names)}"]
            body.append("return cents(amount) if amount is not None else None")
        else:
            body = [f"return {self.compiler.derived(item, names)}"]
        returns = python_type(self.shared, item.type, stored_form(item.type))
        parameters = [f"{variable}: {pascal(entity.name)}"]
        return Method(f"_{entity.name}_{item.name}", parameters, returns, item.doc.description or "", body)

    def composite_key(self, entity: Entity) -> list[str]:
        """The function that gives the key of a row."""
        parts = "|".join(f"{{row['{item.column}']}}" for item in entity.key_fields)
        return [f"def {entity.name}_key(row: {pascal(entity.name)}) -> str:", f'{INDENT}return f"{parts}"']

    # -- writing ------------------------------------------------------------------------------------------------------

    def next_id(self, entity: Entity) -> Method:
        assert entity.doc.id is not None
        pattern = entity.doc.id.pattern if entity.key == "counted" else entity.doc.id.next
        assert pattern is not None
        template = pattern.replace("{n", "{")
        body = [f'return self._next_id("{entity.name}", self.{entity.plural}, {template!r})']
        return Method(f"_next_{entity.name}_id", [], "str", "", body)

    def create(self, entity: Entity) -> Method:
        row_class = pascal(entity.name)
        body = self._check(entity, "None")
        if entity.key == "none":
            body.append(f'key = self._next_id("{entity.name}", self.{entity.plural}, "#{{}}")')
        else:
            body.append(f"key = {self.compiler.key_of(entity, 'row')}")
        if entity.key in ("given", "composite"):
            text = f"f\"There is already {article(spaced(entity.name))} '{{key}}'.\""
            body += [f"if key in self.{entity.plural}:", refusal("conflict", text, f"{entity.name}.key")]
        body += [f"self._insert(self.{entity.plural}, key, row)", "return row"]
        return Method(f"_create_{entity.name}", [f"row: {row_class}"], row_class, "", body)

    def update(self, entity: Entity) -> Method:
        row_class, variable = pascal(entity.name), safe(entity.name)
        body: list[str] = []
        for item in entity.stored:
            if item.doc.transitions is not None:
                body += self._move(entity, item)
        body += [f"row = {variable}.copy()", "row.update(changes)", *self._check(entity, variable)]
        body += [
            f"before = {variable}.copy()",
            f"self._undo.append(lambda: {variable}.update(before))",
            f"{variable}.update(row)",
        ]
        parameters = [f"{variable}: {row_class}", f"changes: {row_class}Changes"]
        return Method(f"_update_{entity.name}", parameters, "None", "", body)

    @staticmethod
    def _move(entity: Entity, item: Field) -> list[str]:
        """A change of a field with transitions is one of them; a missing word may come and go."""
        type_ = bare(item.type)
        assert isinstance(type_, Enum) and item.doc.transitions is not None
        moves = {word: item.doc.transitions.get(word, []) for word in type_.words}
        what = f"the {spaced(item.name)} of the {spaced(entity.name)}"
        old, new = f'{safe(entity.name)}["{item.column}"]', f'changes["{item.column}"]'
        due = f'"{item.column}" in changes'
        if item.optional:
            due += f" and {old} is not None and {new} is not None"
        return [f"if {due}:", f"{INDENT}move({what!r}, {old}, {new}, {moves!r})"]

    def _check(self, entity: Entity, old: str) -> list[str]:
        if not self.constraints.checks(entity).body:
            return []
        return [f"self._check_{entity.name}(row{f', {old}' if self.constraints.compares(entity) else ''})"]
