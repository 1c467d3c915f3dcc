"""The tools of an environment: what the release declares, held against the signatures of its class."""

from __future__ import annotations

import difflib
import keyword
from dataclasses import dataclass
from functools import partial
from typing import Any

from generator.importers.findings import Finding, Level
from generator.importers.release import Environment
from generator.importers.release import Tool as Declared
from generator.importers.schemas import mend
from generator.importers.signatures import Method, Parameter, Source
from generator.importers.spellings import shown
from generator.importers.type_words import Schema, types_of


@dataclass(frozen=True)
class Tool:
    """A tool that can be called. `optional` are parameters that the method can do without, and whether it takes
    null for them, whatever the schema requires."""

    name: str
    description: str
    schema: Schema
    optional: dict[str, bool]
    method: Method


def match_tools(environment: Environment, source: Source) -> tuple[list[Tool], list[Finding]]:
    """The declared tools that the class has, with valid schemas, and what did not agree."""
    tools: list[Tool] = []
    findings: list[Finding] = []
    for declared in environment.tools:
        told = _Told(environment.env_id, declared.name, findings)
        why = _unusable(declared.name, source)
        if why:
            told.say("", f"was left out: {why}", "left_out")
            continue
        tools.append(_tool(declared, source.methods[declared.name], told))
    return tools, findings


@dataclass
class _Told:
    record: str
    tool: str
    findings: list[Finding]

    def say(self, key: str, message: str, level: Level = "finding") -> None:
        self.findings.append(Finding(self.record, f"tools.{self.tool}{'.' + key if key else ''}", message, level))


def _unusable(name: str, source: Source) -> str:
    """Why no tool of this name can be offered; empty where one can."""
    if name.startswith("_"):
        return "names that begin with an underscore are the class's own"
    if not name.isidentifier() or keyword.iskeyword(name):
        return f"{shown(name)} is no name of a method"
    if name in source.methods:
        hidden = source.methods[name].positional_only
        return f"{', '.join(hidden)} can only be given by position, and tools give by name" if hidden else ""
    if name in source.not_methods:
        return f"{name} {source.not_methods[name]}"
    near = difflib.get_close_matches(name, source.methods, 1)
    return f"{source.cls.name} has no method {name}{f'; is {near[0]} meant?' if near else ''}"


def _tool(declared: Declared, method: Method, told: _Told) -> Tool:
    schema = mend(declared.parameters, partial(told.say, "parameters", level="note"))
    if declared.parameters is None:
        told.say("parameters", "are not declared; they were taken from the signature")
        schema = _from_signature(method)
    extra = _open(method, schema, told)
    _settle_names(method, schema, told)
    properties: dict[str, Schema] = schema["properties"]
    for parameter in method.parameters:
        name = parameter.name
        if name not in properties:
            continue
        properties[name] = _settle_type(properties[name], parameter, told)
        needed = name in schema["required"]
        if parameter.required and not needed:
            told.say(f"parameters.{name}", "is declared optional but the method needs it; it is required here")
            schema["required"].append(name)
        elif needed and not parameter.required:
            told.say(f"parameters.{name}", "is declared required but the method can do without it", "note")
    schema["additionalProperties"] = extra
    optional = {item.name: item.null for item in method.parameters if not item.required and item.name in properties}
    if method.asynchronous:
        told.say("", "is asynchronous; each call is run to its end")
    return Tool(declared.name, declared.description.strip(), _in_order(schema), optional, method)


def _in_order(schema: Schema) -> Schema:
    first = ("type", "properties", "required", "additionalProperties")
    return {key: schema[key] for key in (*first, *(key for key in schema if key not in first))}


def _from_signature(method: Method) -> Schema:
    properties = {item.name: dict(item.schema or {}) for item in method.parameters}
    return {
        "type": "object",
        "properties": properties,
        "required": [item.name for item in method.parameters if item.required],
    }


def _open(method: Method, schema: Schema, told: _Told) -> bool:
    """Whether any further argument is taken: where the release took `**kwargs` for a parameter of this name."""
    if not method.rest or schema["properties"].pop(method.rest, None) is None:
        return False
    schema["required"] = [name for name in schema["required"] if name != method.rest]
    told.say(f"parameters.{method.rest}", "stands for any further arguments; they are given by their own names")
    return True


def _settle_names(method: Method, schema: Schema, told: _Told) -> None:
    """Make the schema name what the method takes: a call with any other name would only raise."""
    properties: dict[str, Schema] = schema["properties"]
    own = {item.name: item for item in method.parameters}
    extra = [] if method.rest else [name for name in properties if name not in own]
    missing = [name for name, item in own.items() if name not in properties and (item.required or extra)]
    for name in extra:
        near = difflib.get_close_matches(name, missing, 1, 0.6)
        needed = [item for item in missing if own[item].required]
        other = near[0] if near else needed[0] if len(extra) == len(needed) == 1 else None
        if other is None:
            told.say(f"parameters.{name}", "is declared but the method does not take it; it was taken away")
        else:
            told.say(f"parameters.{name}", f"is called {other} by the method; it was renamed")
            missing.remove(other)
            _rename(schema, name, other)
        properties = schema["properties"]
        properties.pop(name, None)
        schema["required"] = [item for item in schema["required"] if item != name]
    for name in missing:
        if own[name].required:
            told.say(f"parameters.{name}", "is needed by the method but not declared; it was added")
            properties[name] = dict(own[name].schema or {})


def _rename(schema: Schema, name: str, other: str) -> None:
    renamed = {other if key == name else key: value for key, value in schema["properties"].items()}
    schema["properties"] = renamed
    schema["required"] = [other if item == name else item for item in schema["required"]]


def _settle_type(declared: Schema, parameter: Parameter, told: _Told) -> Schema:
    """The declared type, unless the signature shows that it is another one: then what both say can be given."""
    own = parameter.schema
    if not own or "type" not in declared:
        return declared
    says, takes = types_of(declared), types_of(own)
    key = f"parameters.{parameter.name}"
    wide = {*takes, *(["integer"] if "number" in takes else [])}
    if set(says) <= wide:
        lacking = [word for word in takes if word not in says and not (word == "number" and "integer" in says)]
        if "number" in takes and "integer" in says and "number" not in says:
            told.say(key, "is declared an integer but the method takes any number; so does the tool", "note")
            return declared | {"type": _one([word for word in says if word != "integer"] + ["number"])}
        if [word for word in lacking if word != "null"]:
            told.say(key, f"is declared {_words(says)} but the method takes {_words(takes)}; so does the tool", "note")
            return declared | {"type": _one([*says, *lacking])}
        return declared
    told.say(key, f"is declared {_words(says)} but the method takes {_words(takes)}; the signature was followed")
    rest = {name: value for name, value in declared.items() if name not in ("type", "items", "properties", "required")}
    return {**own, **rest}


def _one(words: list[str]) -> Any:
    return words[0] if len(words) == 1 else words


def _words(words: list[str]) -> str:
    return " or ".join(words)
