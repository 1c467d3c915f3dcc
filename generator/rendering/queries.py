"""The methods of an entity's one-line queries."""

from __future__ import annotations

from collections.abc import Callable

from generator.rendering.methods import Method, article, listed, refusal, value_of
from generator.rendering.results import Results
from generator.skeleton.compiler import AND, Code, Compiler, pascal, python_type, safe, stored_form
from generator.skeleton.facts import is_list_query, query_params, spaced
from generator.skeleton.model import Entity, Query
from generator.skeleton.types import MOMENTS, NUMBERS, ListOf, Ref, bare


class QueryWriter:
    """Writes public methods that change nothing."""

    def __init__(self, compiler: Compiler, results: Results) -> None:
        self.compiler = compiler
        self.results = results
        self.model = compiler.model

    def write(self, entity: Entity, query: Query) -> Method:
        parameters = [
            f"{safe(name)}: {python_type(self.compiler.shared, type_, stored_form(type_))}"
            for name, type_, _ in query_params(self.model, entity, query)
        ]
        writers: dict[str, Callable[[Entity, Query], tuple[str, list[str]]]] = {
            "get": self._get,
            "exists": self._exists,
            "find": self._find,
            "by": self._by,
            "all": self._by,
        }
        returns, body = writers[query.doc.kind](entity, query)
        if is_list_query(query):
            parameters += ["limit: int | None = None", "offset: int = 0"]
        return Method(query.name, parameters, returns, describe(entity, query), body)

    def _key(self, entity: Entity) -> str:
        """The key of the row that the parameters name."""
        if entity.key == "one":
            return '"one"'
        if entity.key == "composite":
            return 'f"' + "|".join(f"{{{safe(item.column)}}}" for item in entity.key_fields) + '"'
        return safe(entity.key_column or "")

    def _get(self, entity: Entity, query: Query) -> tuple[str, list[str]]:
        row = f"self._find_{entity.name}({self._key(entity)})"
        if entity.key == "one":
            row = f'self.{entity.plural}["one"]'
        elif entity.key == "composite":
            row = f"only_row(self.{entity.plural}, {self._key(entity)}, {entity.name!r})"
        if query.doc.fields is None:
            return self.results.view(entity), [f"return self._show_{entity.name}({row})"]
        fields: list[tuple[str, str]] = []
        members: list[str] = []
        for name in query.doc.fields:
            if name in entity.owned:
                child = self.model.entities[entity.owned[name]]
                fields.append((name, f"list[{self.results.view(child)}]"))
                members.append(f'"{name}": {self.results.owned_views(entity, name, "row")}')
            elif name not in entity.fields:  # its counted id
                fields.append((name, "str"))
                members.append(f'"{name}": row["{name}"]')
            else:
                item = entity.fields[name]
                fields.append((item.column, python_type(self.compiler.shared, item.type, stored_form(item.type))))
                members.append(f'"{item.column}": {self.results.shown(entity, item, "row")}')
        result = pascal(query.name) + "Result"
        self.results.classes[result] = fields
        return result, [f"row = {row}", f"return {{{', '.join(members)}}}"]

    def _exists(self, entity: Entity, query: Query) -> tuple[str, list[str]]:
        self.results.classes["Existence"] = [("exists", "bool")]
        return "Existence", [f'return {{"exists": {self._key(entity)} in self.{entity.plural}}}']

    def _find(self, entity: Entity, query: Query) -> tuple[str, list[str]]:
        item = entity.fields[query.doc.field or ""]
        argument, row = safe(item.column), self._variable(entity, query)
        value = value_of(entity, item, row)
        if item.optional:
            value = f'({value} or "")'
        lines = [
            f"wanted = {argument}.strip().casefold()",
            f"found = [{row} for {row} in self.{entity.plural}.values() if {value}.strip().casefold() == wanted]",
        ]
        with_it = f"with the {spaced(item.name)} '{{{argument}}}'."
        return self.results.view(entity), lines + self._the_one(entity, with_it)

    def _by(self, entity: Entity, query: Query) -> tuple[str, list[str]]:
        row = self._variable(entity, query)
        lines: list[str] = []
        tests: list[str] = []
        for name, type_, item in query_params(self.model, entity, query):
            assert item is not None
            if isinstance(type_, Ref):
                lines.append(f"self._find_{type_.entity}({safe(name)})")
            value = value_of(entity, item, row)
            if not isinstance(bare(item.type), ListOf):
                tests.append(f"{value} == {safe(name)}")
            elif item.optional:
                tests.append(f"{safe(name)} in ({value} or [])")
            else:
                tests.append(f"{safe(name)} in {value}")
        if query.where is not None:
            tests.append(self.compiler.code(query.where, {entity.name: Code(row, "row")}).within(AND + 1))
        table = f"self.{entity.plural}.values()"
        chosen = f"[{row} for {row} in {table} if {' and '.join(tests)}]" if tests else f"list({table})"
        lines += [f"found = {chosen}", *self._order(entity, query)]
        if query.doc.take is not None:
            return self.results.view(entity), lines + self._the_one(entity, "of this kind.")
        views = f"[self._show_{entity.name}({row}) for {row} in page]"
        lines += [
            "page = found[offset:] if limit is None else found[offset : offset + limit]",
            f'return {{"{entity.plural}": {views}, "total": len(found)}}',
        ]
        return self.results.rows(entity), lines

    def _variable(self, entity: Entity, query: Query) -> str:
        """What a row is called: after its entity, where no parameter is."""
        name = safe(entity.name)
        params = {safe(name) for name, _, _ in query_params(self.model, entity, query)}
        return "x" if name in params or name in ("wanted", "page", "limit", "offset") else name

    def _the_one(self, entity: Entity, what: str) -> list[str]:
        """Shows the only row found; none and several refuse. `what` may have holes."""
        none = f'f"There is no {spaced(entity.name)} {what}"'
        several = f'f"There are {{len(found)}} {spaced(entity.plural)} {what}"'
        return [
            "if not found:",
            refusal("not_found", none if "{" in what else none[1:], entity.name),
            "if len(found) > 1:",
            refusal("conflict", several, entity.name),
            f"return self._show_{entity.name}(found[0])",
        ]

    @staticmethod
    def _order(entity: Entity, query: Query) -> list[str]:
        if query.doc.order is None:
            return []
        row, item = safe(entity.name), entity.fields[query.doc.order.lstrip("-")]
        value = value_of(entity, item, row)
        key = f'({value} is None, {value} or "")' if item.optional else value
        reverse = ", reverse=True" if query.doc.order.startswith("-") else ""
        return [f"found.sort(key=lambda {row}: {key}{reverse})"]


def describe(entity: Entity, query: Query) -> str:
    """What a query does, in a sentence."""
    doc = query.doc
    if doc.description:
        return doc.description
    one, many = spaced(entity.name), spaced(entity.plural)
    by = spaced(doc.field or "")
    if doc.kind == "exists":
        return f"Say whether there is {article(one)} with this {spaced(entity.key_column or 'key')}."
    if doc.kind == "get":
        what = listed([spaced(name) for name in doc.fields or ["row"]])
        return f"Get {f'the {what} of' if doc.fields else 'everything known about'} {article(one)}."
    if doc.kind == "find":
        return f"Find the one {one} with this {by}; case and outer spaces do not matter."
    if doc.take is not None:
        return f"Get the one {one} of this {by}."
    order = _described_order(entity, query)
    if doc.kind == "all":
        return f"List all {many}{order}."
    type_ = entity.fields[doc.field or ""].type
    if isinstance(bare(type_), Ref):
        return f"List the {many} of {article(by)}{order}."
    if isinstance(bare(type_), ListOf):
        return f"List the {many} that have a given one among their {by}{order}."
    return f"List the {many} with a given {by}{order}."


def _described_order(entity: Entity, query: Query) -> str:
    if query.doc.order is None:
        return ""
    item = entity.fields[query.doc.order.lstrip("-")]
    falling = query.doc.order.startswith("-")
    kind = bare(item.type)
    order = f", ordered by {spaced(item.name)}"
    if kind in MOMENTS:
        return f"{order}, the {'latest' if falling else 'earliest'} first"
    if kind in NUMBERS:
        return f"{order}, the {'largest' if falling else 'smallest'} first"
    return f"{order}, backwards" if falling else order
