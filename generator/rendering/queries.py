"""The methods of an entity's one-line queries."""

from __future__ import annotations

from generator.rendering.operations import INDENT, Method
from generator.rendering.results import Results
from generator.skeleton.compiler import Code, Compiler, Form, is_ref, pascal, python_type, safe
from generator.skeleton.facts import is_list_query, query_params, spaced
from generator.skeleton.model import Entity, Field, Query
from generator.skeleton.types import ListOf, Maybe, Ref, bare


class QueryWriter:
    """Writes public methods that change nothing."""

    def __init__(self, compiler: Compiler, results: Results) -> None:
        self.compiler = compiler
        self.results = results
        self.model = compiler.model

    def write(self, entity: Entity, query: Query) -> Method:
        parameters = [
            f"{safe(name)}: {python_type(self.compiler.shared, type_, 'key' if is_ref(type_) else '')}"
            for name, type_, _ in query_params(self.model, entity, query)
        ]
        body = {"get": self._get, "exists": self._exists, "find": self._find, "by": self._by, "all": self._by}
        returns, lines = body[query.doc.kind](entity, query)
        if is_list_query(query):
            parameters += ["limit: int | None = None", "offset: int = 0"]
        return Method(query.name, parameters, returns, describe(entity, query), lines)

    def _row(self, entity: Entity) -> str:
        if entity.key == "one":
            return f'self.{entity.plural}["one"]'
        if entity.key == "composite":
            key = ", ".join(f"str({safe(item.column)})" for item in entity.key_fields)
            return f'only_row(self.{entity.plural}, "|".join(({key})), {spaced(entity.name)!r})'
        return f"self._find_{entity.name}({safe(entity.key_column or '')})"

    def _get(self, entity: Entity, query: Query) -> tuple[str, list[str]]:
        row = self._row(entity)
        if query.doc.fields is None:
            return self.results.view(entity), [f"return self._show_{entity.name}({row})"]
        fields: list[tuple[str, str]] = []
        members: list[str] = []
        name = pascal(query.name) + "Result"
        for wanted in query.doc.fields:
            if wanted in entity.owned:
                child = self.model.entities[entity.owned[wanted]]
                fields.append((wanted, f"list[{self.results.view(child)}]"))
                members.append(f'"{wanted}": [self._show_{child.name}(x) for x in self._{entity.name}_{wanted}(row)]')
                continue
            item = entity.fields[wanted]
            form: Form = "key" if is_ref(item.type) else ""
            fields.append((item.column, python_type(self.compiler.shared, item.type, form)))
            members.append(f'"{item.column}": {self._value(entity, item)}')
        self.results.classes[name] = fields
        return name, [f"row = {row}", f"return {{{', '.join(members)}}}"]

    def _value(self, entity: Entity, item: Field) -> str:
        if not item.stored:
            return f"self._{entity.name}_{item.name}(row)"
        return self.results._copied(item, f'row["{item.column}"]') or f'row["{item.column}"]'

    def _exists(self, entity: Entity, query: Query) -> tuple[str, list[str]]:
        self.results.classes["Existence"] = [("exists", "bool")]
        if entity.key == "composite":
            key = ", ".join(f"str({safe(item.column)})" for item in entity.key_fields)
            return "Existence", [f'return {{"exists": "|".join(({key})) in self.{entity.plural}}}']
        return "Existence", [f'return {{"exists": {safe(entity.key_column or "")} in self.{entity.plural}}}']

    def _find(self, entity: Entity, query: Query) -> tuple[str, list[str]]:
        item = entity.fields[query.doc.field or ""]
        parameter, what = safe(item.column), spaced(entity.name)
        value = (
            self._value(entity, item).replace("row", "x", 1) if item.stored else f"self._{entity.name}_{item.name}(x)"
        )
        if item.optional:
            value = f"({value} or '')"
        rows = f"[x for x in self.{entity.plural}.values() if {value}.strip().casefold() == wanted]"
        lines = [
            f"wanted = {parameter}.strip().casefold()",
            f"found = {rows}",
            "if not found:",
            f'{INDENT}raise Refused("not_found", f"There is no {what} with the {spaced(item.name)} \'{{{parameter}}}\'.", "{entity.name}")',
            "if len(found) > 1:",
            f'{INDENT}raise Refused("conflict", f"There are {{len(found)}} with the {spaced(item.name)} \'{{{parameter}}}\'.", "{entity.name}")',
            f"return self._show_{entity.name}(found[0])",
        ]
        return self.results.view(entity), lines

    def _by(self, entity: Entity, query: Query) -> tuple[str, list[str]]:
        lines: list[str] = []
        tests: list[str] = []
        for name, type_, item in query_params(self.model, entity, query):
            if isinstance(type_, Ref):
                lines.append(f"self._find_{type_.entity}({safe(name)})")
            assert item is not None
            value = f'x["{item.column}"]' if item.stored else f"self._{entity.name}_{item.name}(x)"
            if isinstance(bare(item.type), ListOf):
                value = f"({value} or [])" if isinstance(item.type, Maybe) else value
                tests.append(f"{safe(name)} in {value}")
            else:
                tests.append(f"{value} == {safe(name)}")
        if query.where is not None:
            test = self.compiler.code(query.where, {entity.name: Code("x", "row")})
            tests.append(test.within(4))
        condition = f" if {' and '.join(tests)}" if tests else ""
        table = f"self.{entity.plural}.values()"
        lines.append(f"found = [x for x in {table}{condition}]" if condition else f"found = list({table})")
        lines += self._order(entity, query)
        if query.doc.take is not None:
            what = spaced(entity.name)
            lines += [
                "if not found:",
                f'{INDENT}raise Refused("not_found", "There is no such {what}.", "{entity.name}")',
                "if len(found) > 1:",
                f'{INDENT}raise Refused("conflict", f"There are {{len(found)}}, not one.", "{entity.name}")',
                f"return self._show_{entity.name}(found[0])",
            ]
            return self.results.view(entity), lines
        result = self.results.rows(entity)
        lines += [
            "page = found[offset:] if limit is None else found[offset : offset + limit]",
            f'return {{"{entity.plural}": [self._show_{entity.name}(x) for x in page], "total": len(found)}}',
        ]
        return result, lines

    def _order(self, entity: Entity, query: Query) -> list[str]:
        if query.doc.order is None:
            return []
        item = entity.fields[query.doc.order.lstrip("-")]
        value = f'x["{item.column}"]' if item.stored else f"self._{entity.name}_{item.name}(x)"
        key = f"({value} is None, {value} or '')" if item.optional else value
        reverse = ", reverse=True" if query.doc.order.startswith("-") else ""
        return [f"found.sort(key=lambda x: {key}{reverse})"]


def describe(entity: Entity, query: Query) -> str:
    """What a query does, in a sentence."""
    doc = query.doc
    if doc.description:
        return doc.description
    one, many = spaced(entity.name), spaced(entity.plural)
    by = spaced(doc.field or "")
    if doc.kind == "exists":
        return f"Say whether there is a {one} with this {spaced(entity.key_column or 'key')}."
    if doc.kind == "get":
        what = _listed([spaced(name) for name in doc.fields]) if doc.fields else "everything known"
        return f"Get {'the ' if doc.fields else ''}{what}{' of' if doc.fields else ' about'} a {one}."
    if doc.kind == "find":
        return f"Find the one {one} with this {by}; case and outer spaces do not matter."
    if doc.take is not None:
        return f"Get the one {one} of this {by}."
    order = (
        f", by {spaced(doc.order.lstrip('-'))}{', latest or largest first' if doc.order.startswith('-') else ''}"
        if doc.order
        else ""
    )
    if doc.kind == "all":
        return f"List all {many}{order}."
    type_ = entity.fields[doc.field or ""].type
    if isinstance(bare(type_), Ref):
        return f"List the {many} of {_article(by)} {by}{order}."
    if isinstance(bare(type_), ListOf):
        return f"List the {many} that have a given one among their {by}{order}."
    return f"List the {many} with a given {by}{order}."


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
