"""Environments as EnvScaler keeps them: a record with a class as text, which its trainers construct and call.

The class wraps the rendered environment, whose source stands before it, and needs the standard library only. How it is
driven (EnvScaler, interact_with_env/envscaler_env/base_env.py and utils/env_util.py): the text is executed as a module
that nobody registers, the class is constructed with the scenario's `init_config`, whose items are then set as
attributes; a call is `getattr(instance, name)(**arguments)`, and the state is a deep copy of `vars(instance)`.
"""

from __future__ import annotations

import ast
import functools
import json
from collections.abc import Iterator
from typing import Any

import jinja2

from generator.rendering import environment_source
from generator.rendering.bundled import templates
from generator.skeleton.checker import check
from generator.skeleton.model import Entity, Model
from generator.skeleton.reading import parse_skeleton
from harness.exporting.openai import function
from harness.records import EnvironmentRecord

_REGISTERED = """

# EnvScaler executes this text without registering the module, and dataclasses look their module up.
__import__("sys").modules.setdefault(__name__, __import__("types").ModuleType(__name__))
"""
_PART = "\n\n"  # what parts instructions; rules and policies go apart, and what ends them stays


def class_name(environment: str) -> str:
    """The name of the exported class: `CreditUnionEnvironment` for `credit_union`."""
    return "".join(word.capitalize() for word in environment.split("_")) + "Environment"


def record(environment: EnvironmentRecord, skeleton: str) -> dict[str, Any]:
    """The record of one environment, with the names that EnvScaler's release has.

    Raises:
        SkeletonError: the text is no skeleton that can be used.
    """
    model = check(parse_skeleton(skeleton, "skeleton.yaml"))
    document = model.document
    name = class_name(environment.name)
    rules = [rule.text for rule in document.rules.values()] + [policy.text for policy in document.policies.values()]
    rendered = _registered(environment_source(model))
    return {
        "env_id": environment.name,
        "environment_summary": document.title,
        "environment_introduction": f"{document.introduction}\n\n{environment.instructions.strip().split(_PART)[-1]}",
        "constraints_rules": rules,
        "state_space_definition": [_space(entity) for entity in model.entities.values()],
        "operation_list": [_operation(tool) for tool in environment.tools],
        "env_class_name": name,
        "env_class_def": "\n\n".join(_rows(rendered, model)),
        "env_class_code": rendered + _wrapper(name, document.title, model, environment.tools),
        "tools": [function(tool) for tool in environment.tools],
    }


def _registered(source: str) -> str:
    """The rendered source, whose dataclasses work in an unregistered module too."""
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = source.splitlines(keepends=True)
    end = imports[-1].end_lineno
    return "".join(lines[:end]) + _REGISTERED + "".join(lines[end:])


def _wrapper(name: str, title: str, model: Model, tools: list[dict[str, Any]]) -> str:
    tables = json.dumps([entity.plural for entity in model.entities.values()])
    return _template().render(class_name=name, title=title, tables=tables, tools=tools)


def _rows(source: str, model: Model) -> Iterator[str]:
    """The classes of the rows, as they are rendered."""
    names = {"".join(word.capitalize() for word in entity.name.split("_")) for entity in model.entities.values()}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name in names:
            yield ast.get_source_segment(source, node) or ""


def _space(entity: Entity) -> dict[str, str]:
    columns = [entity.key_column] if entity.key_column else []
    attributes = dict.fromkeys([*columns, *(item.column for item in entity.stored)])
    return {
        "entity": entity.name,
        "attributes": ", ".join(attributes),
        "description": entity.doc.description or entity.name,
    }


def _operation(tool: dict[str, Any]) -> dict[str, str]:
    reads = tool.get("annotations", {}).get("readOnlyHint", False)
    return {
        "operation_name": tool["name"],
        "operation_description": tool.get("description", ""),
        "operation_type": "query" if reads else "state_change",
    }


@functools.cache
def _template() -> jinja2.Template:
    environment = templates("envscaler", code=True)
    environment.filters["docstring"] = lambda text: json.dumps(" ".join(text.split()), ensure_ascii=False)
    return environment.get_template("environment_class.py.jinja")
