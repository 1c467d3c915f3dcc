"""Results: what a method returns, and the views of rows that agents see.

A row is itself with its derived fields and owned rows; a list of rows is `{plural: […], total: n}`; a record is
itself; any other list is `{items: […]}`, any other value `{value: …}`; a command without a result is `{ok: true}`.
"""

from __future__ import annotations

from generator.rendering.methods import value_of
from generator.skeleton.compiler import Code, Compiler, pascal, python_type, safe, stored_form
from generator.skeleton.model import Entity, Field, Model, Operation
from generator.skeleton.nodes import Comprehension, ListDisplay, Node, RecordDisplay
from generator.skeleton.types import Enum, ListOf, MapOf, Maybe, Record, Ref, Scalar, bare


class Results:
    """Writes result types and expressions; remembers which views and result classes are needed."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.shared = compiler.shared
        self.model: Model = compiler.model
        self.views: dict[str, Entity] = {}
        self.classes: dict[str, list[tuple[str, str]]] = {}  # result classes: name → fields

    def view(self, entity: Entity) -> str:
        """The class of an entity's view."""
        if entity.name not in self.views:
            self.views[entity.name] = entity
            for child in entity.owned.values():
                self.view(self.model.entities[child])
        return f"{pascal(entity.name)}View" if self.has_more(entity) else pascal(entity.name)

    @staticmethod
    def has_more(entity: Entity) -> bool:
        """Whether agents see more than what is stored."""
        return bool(entity.derived or entity.owned)

    def rows(self, entity: Entity) -> str:
        """The class of a list of views."""
        name = f"{pascal(entity.plural)}Result"
        self.classes.setdefault(name, [(entity.plural, f"list[{self.view(entity)}]"), ("total", "int")])
        return name

    def of_operation(self, operation: Operation, names: dict[str, Code]) -> tuple[str, list[str]]:
        """The annotation of the method's result, and its last statements."""
        returns = operation.returns
        if returns is None:
            self.classes.setdefault("Done", [("ok", "bool")])
            return "Done", ['return {"ok": True}']
        if isinstance(returns, dict):
            return self._record(operation, returns, names)
        type_ = returns.type
        entity = self.model.entity_of(type_)
        if entity is not None and isinstance(bare(type_), Ref):
            view = self.view(entity)
            row = self.compiler.code(returns, names, "row")
            if not isinstance(type_, Maybe):
                return view, [f"return self._show_{entity.name}({row.text})"]
            name = f"Found{pascal(entity.name)}"
            self.classes.setdefault(name, [(entity.name, f"{view} | None")])
            shown = f"self._show_{entity.name}(found) if found is not None else None"
            return name, [f"found = {row.text}", f'return {{"{entity.name}": {shown}}}']
        if entity is not None and isinstance(type_, ListOf) and isinstance(type_.item, Ref):
            name = self.rows(entity)
            items = self.compiler.text(returns, names, "row")
            lines = [] if items.isidentifier() else [f"found = {items}"]
            found = "found" if lines else items
            shown = f'{{"{entity.plural}": [self._show_{entity.name}(x) for x in {found}], "total": len({found})}}'
            return name, [*lines, f"return {shown}"]
        self.shared.hint = pascal(operation.name) + "Result"
        if isinstance(type_, Record):
            return self.shared.record(type_), [f"return {self._value(returns, names)}"]
        self.shared.hint = pascal(operation.name) + "Item"
        member = "items" if isinstance(type_, ListOf) else "value"
        name = f"{pascal(operation.name)}Result"
        annotation = python_type(self.shared, type_, stored_form(type_))
        self.classes[name] = [(member, annotation)]
        return name, [f'return {{"{member}": {self._value(returns, names)}}}']

    def _record(self, operation: Operation, returns: dict[str, Node], names: dict[str, Code]) -> tuple[str, list[str]]:
        name = f"{pascal(operation.name)}Result"
        fields, members = [], []
        for member, node in returns.items():
            self.shared.hint = pascal(operation.name) + pascal(member)
            column = self.model.column(member, node.type)
            fields.append((column, python_type(self.shared, node.type, stored_form(node.type))))
            members.append(f'"{column}": {self._value(node, names)}')
        self.classes[name] = fields
        return name, [f"return {{{', '.join(members)}}}"]

    def _value(self, node: Node, names: dict[str, Code]) -> str:
        """A value for agents; what it shares with the state is copied."""
        text = self.compiler.text(node, names, stored_form(node.type))
        return f"copy.deepcopy({text})" if _shares(node) else text

    # -- views ----------------------------------------------------------------------------------------------------

    def show(self, entity: Entity) -> list[str]:
        """The body of the method that shows a row."""
        variable = safe(entity.name)
        members = [f"**{variable}"]
        for item in entity.stored:
            if isinstance(bare(item.type), ListOf | MapOf | Record):
                members.append(f'"{item.column}": {self.shown(entity, item, variable)}')
        for item in entity.derived:
            members.append(f'"{item.column}": {value_of(entity, item, variable)}')
        for name in entity.owned:
            members.append(f'"{name}": {self.owned_views(entity, name, variable)}')
        if len(members) == 1:
            return [f"return {variable}.copy()"]
        return [f"return {{{', '.join(members)}}}"]

    @staticmethod
    def shown(entity: Entity, item: Field, row: str) -> str:
        """The value of a field for agents: what the table keeps is copied."""
        value = value_of(entity, item, row)
        inner = bare(item.type)
        if not item.stored or not isinstance(inner, ListOf | MapOf | Record):
            return value
        if isinstance(inner, ListOf) and not item.optional and isinstance(inner.item, Scalar | Enum | Ref):
            return f"list({value})"
        return f"copy.deepcopy({value})"

    def owned_views(self, owner: Entity, name: str, row: str) -> str:
        """The list of a row's own rows, as agents see them."""
        child = owner.owned[name]
        return f"[self._show_{child}(x) for x in self._{owner.name}_{name}({row})]"

    def view_fields(self, entity: Entity) -> list[tuple[str, str]]:
        """The fields that a view adds to a row."""
        fields = [(item.column, python_type(self.shared, item.type, stored_form(item.type))) for item in entity.derived]
        return fields + [
            (name, f"list[{self.view(self.model.entities[child])}]") for name, child in entity.owned.items()
        ]


def _shares(node: Node) -> bool:
    """Whether the value may be, or hold, a list or record that the state holds too."""
    if not isinstance(bare(node.type), ListOf | MapOf | Record):
        return False
    match node:
        case Comprehension():
            return _shares(node.element)
        case ListDisplay():
            return any(map(_shares, node.items))
        case RecordDisplay():
            return any(_shares(member) for _, member in node.members)
    return True
