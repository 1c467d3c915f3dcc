"""A checked skeleton to the variables of templates/server/environment.py.jinja."""

from __future__ import annotations

from typing import Any

from generator.rendering.deletion import DeletionWriter
from generator.rendering.helpers import used_helpers
from generator.rendering.methods import Method
from generator.rendering.operations import OperationWriter
from generator.rendering.queries import QueryWriter
from generator.rendering.results import Results
from generator.rendering.tables import TableWriter
from generator.rendering.tools import Tool, ToolWriter
from generator.skeleton.compiler import Code, Compiler, Shared, argument_form, pascal, python_type, safe
from generator.skeleton.facts import escalations, query_params
from generator.skeleton.model import Entity, Model
from generator.skeleton.nodes import Instance
from generator.skeleton.types import ListOf, MapOf, Record, Ref, Type, bare


def instructions(model: Model) -> str:
    """What every agent of the environment is told."""
    document = model.document
    text = document.introduction
    if document.rules:
        text += "\n\nRules that always hold:\n" + "\n".join(f"- {rule.text}" for rule in document.rules.values())
    if document.policies:
        text += "\n\nPolicies that the tools do not enforce; keep to them:\n"
        text += "\n".join(f"- {policy.text}" for policy in document.policies.values())
    tools = " or ".join(tool.name for tool in escalations(model))
    text += (
        "\n\nWhen you are done, say so; to a question, give the value that was asked for and no other. "
        "When a request cannot or must not be met, change nothing and say plainly that you cannot do it"
    )
    return f"{text}, or hand it over with {tools}." if tools else f"{text}."


class EnvironmentWriter:
    """Collects everything that environment.py is made of."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.shared = Shared(model)
        self.compiler = Compiler(self.shared)
        self.results = Results(self.compiler)
        self.tables = TableWriter(self.compiler)
        self.deletions = DeletionWriter(self.compiler)
        self.operations = OperationWriter(self.compiler, self.results)
        self.tools = ToolWriter(model)

    def context(self) -> dict[str, Any]:
        """The variables of the template."""
        for record in self.model.records.values():
            self.shared.record(record)
        queries, commands = self._tools()
        derived = [
            self.tables.derived(entity, item) for entity in self.model.entities.values() for item in entity.derived
        ]
        requirements = self.operations.requirements
        guards = [requirements.write_guard(name, guard) for name, guard in list(requirements.guards.values())]
        definitions = [*self._definitions(), *derived, *self._merges()]
        methods = [*queries, *commands, *guards, *definitions]
        table_methods = self._table_methods(methods)
        constraints = self.tables.constraints
        loading = [line for entity in self.model.entities.values() for line in constraints.loading(entity)]
        code = "\n".join([*(line for m in [*methods, *table_methods] for line in m.body), *loading])
        tools = self.tools.write()
        state_schema = self.tools.state_schema()
        return {
            "rows": self._row_classes(),
            "changes": self._change_classes(table_methods),
            "views": [
                {
                    "name": self.results.view(entity),
                    "base": pascal(entity.name),
                    "fields": self.results.view_fields(entity),
                }
                for entity in self._views()
                if self.results.has_more(entity)
            ],
            "results": [{"name": name, "fields": fields} for name, fields in self.results.classes.items()],
            "tables": [
                {"plural": entity.plural, "row": pascal(entity.name)} for entity in self.model.entities.values()
            ],
            "loading": loading,
            "queries": queries,
            "commands": commands,
            "guards": guards,
            "definitions": definitions,
            "table_methods": table_methods,
            "counting": "self._next_id(" in code,
            "inserting": "self._insert(" in code,
            "removing": "self._remove(" in code,
            "helpers": [source.strip("\n") + "\n\n" for source in self._helpers(code)],
            "keys": [
                self.tables.composite_key(entity)
                for entity in self.model.entities.values()
                if entity.key == "composite"
            ],
            "tools": tools,
            "schemas": [item for item in self.tools.shared if self._names_schema(item[0], tools, state_schema)],
            "state_schema": state_schema,
            "unpacked": self._unpacked(),
            "arguments": self._arguments(),
            "key_columns": self._key_columns(),
            "references": self._references(),
        }

    def _tools(self) -> tuple[list[Method], list[Method]]:
        writer = QueryWriter(self.compiler, self.results)
        queries = [
            writer.write(entity, query) for entity in self.model.entities.values() for query in entity.queries.values()
        ]
        methods = [self.operations.write(operation) for operation in self.model.operations.values()]
        queries += [method for method in methods if not method.command]
        return queries, [method for method in methods if method.command]

    # -- classes --------------------------------------------------------------------------------------------------

    def _row_classes(self) -> list[dict[str, Any]]:
        classes = []
        done: set[str] = set()
        while len(done) < len(self.shared.classes):
            for record, name in list(self.shared.classes.items()):
                if name not in done:
                    done.add(name)
                    classes.append({"name": name, "description": "", "fields": self.tables.member_fields(record)})
        for entity in self.model.entities.values():
            classes.append(
                {
                    "name": pascal(entity.name),
                    "description": entity.doc.description or "",
                    "fields": self.tables.row_fields(entity),
                }
            )
        return classes

    def _change_classes(self, table_methods: list[Method]) -> list[dict[str, Any]]:
        updated = {method.name for method in table_methods}
        return [
            {"name": f"{pascal(entity.name)}Changes", "fields": self.tables.row_fields(entity)}
            for entity in self.model.entities.values()
            if f"_update_{entity.name}" in updated
        ]

    def _views(self) -> list[Entity]:
        """Entities with a view, children before their owners."""
        order: list[Entity] = []

        def visit(entity: Entity) -> None:
            for child in entity.owned.values():
                visit(self.model.entities[child])
            if entity not in order:
                order.append(entity)

        for entity in self.results.views.values():
            visit(entity)
        return order

    def _names_schema(self, name: str, tools: list[Tool], state_schema: str) -> bool:
        texts = [state_schema, *(tool.output for tool in tools), *(text for _, text in self.tools.shared)]
        return any(name in text for text in texts)

    # -- methods --------------------------------------------------------------------------------------------------

    def _definitions(self) -> list[Method]:
        """Definitions that were asked for; each may ask for more."""
        methods: list[Method] = []
        written: set[str] = set()
        while pending := [item for item in self.shared.definitions.values() if item[0] not in written]:
            for name, instance in pending:
                written.add(name)
                methods.append(self._definition(name, instance))
        return methods

    def _definition(self, name: str, instance: Instance) -> Method:
        names: dict[str, Code] = {}
        parameters = []
        for param, type_ in instance.params:
            form = argument_form(type_)
            names[param] = Code(safe(param), form)
            parameters.append(f"{safe(param)}: {python_type(self.shared, type_, form)}")
        form = argument_form(instance.body.type)
        self.shared.hint = pascal(instance.name) + "Entry"
        text = self.compiler.text(instance.body, names, form)
        return Method(name, parameters, python_type(self.shared, instance.body.type, form), "", [f"return {text}"])

    def _merges(self) -> list[Method]:
        return [
            self._merge(name, left, right, self.shared.record(result))
            for (left, right), (name, result) in self.shared.merges.items()
        ]

    def _merge(self, name: str, left: Type, right: Type, result: str) -> Method:
        """All fields of one, then those of the other."""
        members: dict[str, str] = {}
        parameters = []
        for source, type_ in (("one", left), ("other", right)):
            if isinstance(type_, Ref):
                entity = self.model.entities[type_.entity]
                parameters.append(f"{source}: {pascal(entity.name)}")
                if entity.key == "counted" and entity.key_column:
                    members[entity.key_column] = f'{source}["{entity.key_column}"]'
                for item in entity.fields.values():
                    derived = f"self._{entity.name}_{item.name}({source})"
                    members[item.column] = f'{source}["{item.column}"]' if item.stored else derived
            else:
                assert isinstance(type_, Record)
                parameters.append(f"{source}: {self.shared.record(type_)}")
                for member, item_type in type_.fields:
                    column = self.model.column(member, item_type)
                    members[column] = f'{source}["{column}"]'
        text = ", ".join(f'"{column}": {value}' for column, value in members.items())
        return Method(name, parameters, result, "", [f"return {{{text}}}"])

    def _table_methods(self, methods: list[Method]) -> list[Method]:
        """What the other methods call on tables, and what that calls in turn."""
        makers = self._makers()
        written: dict[str, Method] = {}
        pending = list(methods)
        while pending:
            text = "\n".join(line for method in pending for line in method.body)
            pending = [makers[name]() for name in makers if name not in written and f"self.{name}(" in text]
            written |= {method.name: method for method in pending}
        return [written[name] for name in makers if name in written]

    def _makers(self) -> dict[str, Any]:
        makers: dict[str, Any] = {}
        tables = self.tables
        for entity in self.model.entities.values():
            makers[f"_find_{entity.name}"] = lambda e=entity: tables.find(e)
            makers[f"_show_{entity.name}"] = lambda e=entity: Method(
                f"_show_{e.name}", [f"{safe(e.name)}: {pascal(e.name)}"], self.results.view(e), "", self.results.show(e)
            )
            for name, child in entity.owned.items():
                makers[f"_{entity.name}_{name}"] = lambda e=entity, n=name, c=child: tables.owned(
                    e, n, self.model.entities[c]
                )
            makers[f"_next_{entity.name}_id"] = lambda e=entity: tables.next_id(e)
            makers[f"_create_{entity.name}"] = lambda e=entity: tables.create(e)
            makers[f"_update_{entity.name}"] = lambda e=entity: tables.update(e)
            makers[f"_delete_{entity.name}"] = lambda e=entity: self.deletions.delete(e)
            makers[f"_check_{entity.name}"] = lambda e=entity: tables.constraints.checks(e)
        return makers

    # -- the rest -------------------------------------------------------------------------------------------------

    def _key_columns(self) -> dict[str, list[str]]:
        """What the key of a row is made of, for each table whose rows carry it."""
        columns = {}
        for entity in self.model.entities.values():
            if entity.key == "composite":
                columns[entity.plural] = [item.column for item in entity.key_fields]
            elif entity.key_column:
                columns[entity.plural] = [entity.key_column]
        return columns

    def _references(self) -> dict[str, dict[str, str]]:
        """The tables that the refs of each table point to."""
        references = {}
        for entity in self.model.entities.values():
            targets = [(item.column, self.model.entity_of(item.type)) for item in entity.stored]
            found = {column: target.plural for column, target in targets if target is not None}
            if found:
                references[entity.plural] = found
        return references

    @staticmethod
    def _helpers(code: str) -> list[str]:
        sources = used_helpers(code)
        again = used_helpers(code + "\n".join(sources))
        return again if len(again) > len(sources) else sources

    def _arguments(self) -> dict[str, str]:
        """Arguments whose names are other ones in Python."""
        names = [param.argument for operation in self.model.operations.values() for param in operation.params]
        for entity in self.model.entities.values():
            for query in entity.queries.values():
                names += [name for name, _, _ in query_params(self.model, entity, query)]
        return {name: safe(name) for name in names if safe(name) != name}

    def _unpacked(self) -> str:
        """The arguments as a method takes them; what may become part of the state is the state's own."""
        types = [bare(param.type) for operation in self.model.operations.values() for param in operation.params]
        containers = any(isinstance(type_, ListOf | MapOf | Record) for type_ in types)
        key = "ARGUMENTS.get(key, key)" if self._arguments() else "key"
        value = "copy.deepcopy(value) if isinstance(value, dict | list) else value" if containers else "value"
        return f"{{{key}: {value} for key, value in given.items() if value is not None}}"
