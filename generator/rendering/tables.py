"""The methods of a table: find, create, update, delete, and what holds on every write."""

from __future__ import annotations

from generator.rendering.operations import INDENT, Method, indented
from generator.skeleton.compiler import Code, Compiler, is_ref, pascal, python_type, safe
from generator.skeleton.facts import spaced
from generator.skeleton.model import Entity, Field
from generator.skeleton.types import DECIMAL, MONEY, Enum, ListOf, MapOf, Maybe, Record, Ref, Type, bare


class TableWriter:
    """Writes the private methods of one environment's tables."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.shared = compiler.shared
        self.model = compiler.model

    # -- types --------------------------------------------------------------------------------------------------------

    def row_fields(self, entity: Entity) -> list[tuple[str, str]]:
        fields = [(entity.key_column, "str")] if entity.key == "counted" and entity.key_column else []
        return fields + [
            (item.column, python_type(self.shared, item.type, "key" if is_ref(item.type) else ""))
            for item in entity.stored
        ]

    def member_fields(self, type_: Record) -> list[tuple[str, str]]:
        fields = {
            self.model.column(name, item): python_type(self.shared, item, "key" if is_ref(item) else "")
            for name, item in type_.fields
        }
        return list(fields.items())

    # -- reading --------------------------------------------------------------------------------------------------------

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
        assert item.derived is not None
        names = {entity.name: Code(safe(entity.name), "row")}
        form = "key" if is_ref(item.type) else ""
        self.shared.hint = pascal(entity.name) + pascal(item.name)
        text = self.compiler.text(item.derived, names, form)  # type: ignore[arg-type]
        if bare(item.type) == MONEY:
            text = f"cents({text})"
        returns = python_type(self.shared, item.type, form)  # type: ignore[arg-type]
        return Method(
            f"_{entity.name}_{item.name}",
            [f"{safe(entity.name)}: {pascal(entity.name)}"],
            returns,
            item.doc.description or "",
            [f"return {text}"],
        )

    def composite_key(self, entity: Entity) -> list[str]:
        parts = ", ".join(f'str(row["{item.column}"])' for item in entity.key_fields)
        return [f"def {entity.name}_key(row: {pascal(entity.name)}) -> str:", f'{INDENT}return "|".join(({parts}))']

    # -- writing ----------------------------------------------------------------------------------------------------------

    def next_id(self, entity: Entity) -> Method:
        pattern = (entity.doc.id.pattern if entity.key == "counted" else entity.doc.id.next) if entity.doc.id else ""
        assert pattern is not None
        template = pattern.replace("{n", "{")
        body = [f'return self._next_id("{entity.name}", self.{entity.plural}, {template!r})']
        return Method(f"_next_{entity.name}_id", [], "str", "", body)

    def create(self, entity: Entity) -> Method:
        row_class, article = pascal(entity.name), spaced(entity.name)
        body = [f"self._check_{entity.name}(row, None)"] if self.has_checks(entity) else []
        if entity.key == "none":
            body.append(f'key = self._next_id("{entity.name}", self.{entity.plural}, "#{{}}")')
        else:
            body.append(f"key = {self.compiler.key_of(entity, 'row')}")
            if entity.key != "counted":
                body += [
                    f"if key in self.{entity.plural}:",
                    f'{INDENT}raise Refused("conflict", f"There is already a {article} \'{{key}}\'.", "{entity.name}.key")',
                ]
        body += [f"self._insert(self.{entity.plural}, key, row)", "return row"]
        return Method(f"_create_{entity.name}", [f"row: {row_class}"], row_class, "", body)

    def update(self, entity: Entity) -> Method:
        row_class, variable = pascal(entity.name), safe(entity.name)
        body = []
        for item in entity.stored:
            if item.doc.transitions is not None:
                moves = {word: item.doc.transitions.get(word, []) for word in _words(item)}
                name = f"the {spaced(item.name)} of the {spaced(entity.name)}"
                body += [
                    f'if "{item.column}" in changes:',
                    f'{INDENT}move({name!r}, {variable}["{item.column}"], changes["{item.column}"], {moves!r})',
                ]
        body += [f"row = {variable}.copy()", "row.update(changes)"]
        if self.has_checks(entity):
            body.append(f"self._check_{entity.name}(row, {variable})")
        body += [
            f"before = {variable}.copy()",
            f"self._undo.append(lambda: {variable}.update(before))",
            f"{variable}.update(row)",
        ]
        parameters = [f"{variable}: {row_class}", f"changes: {row_class}Changes"]
        return Method(f"_update_{entity.name}", parameters, "None", "", body)

    def has_checks(self, entity: Entity) -> bool:
        return bool(self.checks(entity).body)

    def checks(self, entity: Entity) -> Method:
        """What holds on every write, wherever the values come from."""
        body: list[str] = []
        for item in entity.stored:
            lines = self._field_checks(entity, item)
            if lines and item.optional:
                lines = _when_present(f'row["{item.column}"]', lines)
            body += [*self._only_for(entity, item), *lines] if item.doc.only_for else lines
        parameters = [f"row: {pascal(entity.name)}", f"old: {pascal(entity.name)} | None"]
        if body and not any("old" in line for line in body):
            body = ["del old", *body]
        return Method(f"_check_{entity.name}", parameters, "None", "", body)

    def _field_checks(self, entity: Entity, item: Field) -> list[str]:
        value = f'row["{item.column}"]'
        what = f"The {spaced(item.name)} of a {spaced(entity.name)}"
        where = f'"{entity.name}.{item.name}"'
        lines = self._normalise(value, bare(item.type))
        if item.doc.not_blank:
            lines += [f"if not {value}.strip():", _refuse(f'"{what} must not be blank."', where)]
        if item.doc.pattern is not None:
            lines += [
                f"if re.search({item.doc.pattern!r}, {value}) is None:",
                _refuse(f'f"{what} is not of the right form: {{{_quoted(value)}}}"', where),
            ]
        lines += self._bounds(item, value, what, where)
        if item.doc.unique:
            table = f"self.{entity.plural}.values()"
            same = f'any(x["{item.column}"] == {value} and x is not old for x in {table})'
            text = f'f"There is already a {spaced(entity.name)} with the {spaced(item.name)} {{{_quoted(value)}}}."'
            lines += [f"if {same}:", f'{INDENT}raise Refused("conflict", {text}, {where})']
        return lines

    def _normalise(self, value: str, type_: Type) -> list[str]:
        if type_ == MONEY:
            return [f"{value} = cents({value})"]
        if type_ == DECIMAL:
            return [f"{value} = float({value})"]
        if isinstance(type_, MapOf) and type_.value == MONEY:
            return [f"{value} = {{key: cents(amount) for key, amount in {value}.items()}}"]
        if isinstance(type_, ListOf) and type_.distinct:
            return [f"{value} = unique({value})"]
        if isinstance(type_, ListOf) and type_.item == MONEY:
            return [f"{value} = [cents(amount) for amount in {value}]"]
        if isinstance(type_, Record):
            members = [(self.model.column(n, t), t) for n, t in type_.fields]
            return [f'{value}["{c}"] = cents({value}["{c}"])' for c, t in members if t == MONEY]
        return []

    def _bounds(self, item: Field, value: str, what: str, where: str) -> list[str]:
        low, high = item.minimum, item.maximum
        if low is None and high is None:
            return []
        type_ = bare(item.type)
        limits = (
            f"between {low} and {high}"
            if low is not None and high is not None
            else f"at least {low}"
            if low is not None
            else f"at most {high}"
        )
        each = isinstance(type_, MapOf) or (isinstance(type_, ListOf) and not isinstance(type_.item, Ref | Record))
        counted = isinstance(type_, ListOf) and not each
        number = "number" if each else f"len({value})" if counted else value
        test = " and ".join(
            part
            for part in (
                f"{low!r} <= {number}" if low is not None else "",
                f"{number} <= {high!r}" if high is not None else "",
            )
            if part
        )
        if low is not None and high is not None:
            test = f"{low!r} <= {number} <= {high!r}"
        what = f"The number of {spaced(item.name)}" if counted else what
        lines = [f"if not {test}:", _refuse(f'f"{what} must be {limits}, not {{{_quoted(number)}}}."', where)]
        if not each:
            return lines
        source = f"{value}.values()" if isinstance(type_, MapOf) else value
        return [f"for number in {source}:", *indented(lines)]

    def _only_for(self, entity: Entity, item: Field) -> list[str]:
        tests = [
            f'row["{entity.fields[name].column}"] in {tuple(words)!r}'
            for name, words in (item.doc.only_for or {}).items()
        ]
        due = " and ".join(tests)
        words = "; ".join(f"{spaced(name)} {' or '.join(values)}" for name, values in (item.doc.only_for or {}).items())
        text = f"The {spaced(item.name)} of a {spaced(entity.name)} is given for {words}, and only then."
        return [
            f'if (row["{item.column}"] is not None) != ({due}):',
            _refuse(repr(text), f'"{entity.name}.{item.name}"'),
        ]

    # -- deleting ------------------------------------------------------------------------------------------------------------

    def references(self, entity: Entity) -> list[tuple[Entity, Field]]:
        """Stored fields that refer to rows of `entity`, rows that it owns first."""
        found = [
            (other, item)
            for other in self.model.entities.values()
            for item in other.stored
            if self.model.entity_of(item.type) is entity
        ]
        return sorted(found, key=lambda pair: pair[0].parent != entity.name)

    def delete(self, entity: Entity) -> Method:
        variable = safe(entity.name)
        key = self.compiler.key_of(entity, variable) if entity.key != "none" else None
        body: list[str] = []
        if key is None:
            body.append(f"key = next((key for key, row in self.{entity.plural}.items() if row is {variable}), None)")
        else:
            body.append(f"key = {key}")
        body += [
            f"if {'key is None' if key is None else f'key not in self.{entity.plural}'}:",
            f"{INDENT}return  # gone already",
        ]
        after: list[str] = []
        for other, item in self.references(entity):
            owned = other.parent == entity.name and item.name == entity.name
            way = "cascade" if owned else item.doc.on_delete or "refuse"
            before, rest = self._on_delete(entity, other, item, way)
            body += before
            after += rest
        body += [f"self._remove(self.{entity.plural}, key)", *after]
        return Method(f"_delete_{entity.name}", [f"{variable}: {pascal(entity.name)}"], "None", "", body)

    def _on_delete(self, entity: Entity, other: Entity, item: Field, way: str) -> tuple[list[str], list[str]]:
        """What is checked before a row goes, and what is done to the rows that refer to it."""
        many = isinstance(bare(item.type), ListOf)
        test = f'key in x["{item.column}"]' if many else f'x["{item.column}"] == key'
        if many and isinstance(item.type, Maybe):
            test = f'x["{item.column}"] is not None and {test}'
        rows = f"[x for x in self.{other.plural}.values() if {test}]"
        if way == "refuse":
            text = f"The {spaced(entity.name)} cannot be deleted: it is still named by a {spaced(other.name)}."
            found = f"any({test} for x in self.{other.plural}.values())"
            lines = [f"if {found}:", f'{INDENT}raise Refused("conflict", "{text}", "{other.name}.{item.name}")']
            return lines, []
        if way == "cascade":
            return [], [f"for x in {rows}:", f"{INDENT}self._delete_{other.name}(x)"]
        value = "None" if way == "clear" else f'[y for y in x["{item.column}"] if y != key]'
        return [], [
            f"for x in {rows}:",
            f'{INDENT}self._update_{other.name}(x, {{"{item.column}": {value}}})',
        ]


def _when_present(value: str, lines: list[str]) -> list[str]:
    """The statements for an optional value."""
    if len(lines) == 2 and lines[0].startswith("if "):
        return [f"if {value} is not None and {lines[0].removeprefix('if ')}", lines[1]]
    return [f"if {value} is not None:", *indented(lines)]


def _refuse(text: str, where: str) -> str:
    return f'{INDENT}raise Refused("invalid_value", {text}, {where})'


def _quoted(code: str) -> str:
    return code.replace('"', "'")


def _words(item: Field) -> tuple[str, ...]:
    assert isinstance(item.type, Enum)
    return item.type.words
