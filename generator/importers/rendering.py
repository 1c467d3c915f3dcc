"""The files of an imported environment's folder."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from pprint import pformat
from typing import Any

import jinja2

from generator.importers.findings import Finding
from generator.importers.kinds import Nature
from generator.importers.release import Environment
from generator.importers.tools import Tool
from generator.rendering.bundled import templates, templates_folder
from generator.rendering.render import format_python
from generator.scengenerator.scenario import digest

ORIGIN = "EnvScaler's release"
_CONTAINED = Path(__file__).parent / "contained"
_DECISIVE = (
    *(
        "reading",
        "spellings",
        "release",
        "checklists",
        "signatures",
        "type_words",
        "schemas",
        "tools",
        "writes",
        "drawing",
        "kinds",
    ),
    *("rendering", "envscaler", "checks", "verdicts"),
)


@functools.cache
def _templates() -> jinja2.Environment:
    environment = templates("imported", "server", code=True)
    environment.filters["literal"] = functools.partial(pformat, width=100, sort_dicts=False)
    return environment


@functools.cache
def contained_files() -> dict[str, bytes]:
    """The package that runs a stranger's code, as it is copied into every folder."""
    found = sorted(path for path in _CONTAINED.rglob("*.py"))
    return {f"contained/{path.relative_to(_CONTAINED).as_posix()}": path.read_bytes() for path in found}


@functools.cache
def maker_digest() -> str:
    """SHA-256 of what decides about the files of an import beside the release: our code and the templates."""
    own = [Path(__file__).with_name(f"{name}.py") for name in _DECISIVE]
    sources = sorted((templates_folder() / "imported").glob("*.jinja"))
    sources += [templates_folder() / "server" / f"{name}.jinja" for name in ("server.py", "manifest.json")]
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (*own, *sources)]
    parts += [hashlib.sha256(content).hexdigest() for content in contained_files().values()]
    return digest(" ".join(parts))


def title_of(environment: Environment) -> str:
    """What people call it: its summary, or the words of its class's name."""
    if 0 < len(environment.summary) <= 100:
        return environment.summary.rstrip(".")
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in environment.class_name)
    return " ".join(words.replace("_", " ").split()) or environment.env_id


def instructions_of(environment: Environment) -> str:
    """What every agent of it is told: the introduction and the rules, as the release has them."""
    parts = [environment.introduction or title_of(environment)]
    if environment.rules:
        parts.append("Rules\n" + "\n".join(f"- {rule}" for rule in environment.rules))
    return "\n\n".join(parts) + "\n"


def wire_tools(tools: Sequence[Tool], natures: dict[str, Nature]) -> list[dict[str, Any]]:
    """The tool list in MCP's form."""
    return [
        {
            "name": tool.name,
            "title": tool.name.replace("_", " ").capitalize(),
            "description": tool.description or tool.name.replace("_", " ").capitalize() + ".",
            "inputSchema": tool.schema,
            "annotations": natures[tool.name].hints,
        }
        for tool in tools
    ]


def state_schema(tables: dict[str, Any]) -> dict[str, Any]:
    """The schema of a state, as far as it is known: which attributes the object has."""
    properties = {
        "clock": {"type": "string", "description": "UTC"},
        "counters": {"type": "object"},
        "tables": {
            "type": "object",
            "description": "The attributes of the object; what JSON does not know is tagged.",
            "properties": {name: {} for name in tables},
        },
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def render_folder(
    name: str,
    environment: Environment,
    tools: Sequence[Tool],
    natures: dict[str, Nature],
    state: dict[str, Any],
    findings: Sequence[Finding],
) -> dict[str, bytes]:
    """All files but import.json."""
    parts = {"environment.py": environment.code.encode(), **contained_files()}
    wire = wire_tools(tools, natures)
    title = title_of(environment)
    context: dict[str, Any] = {
        "name": name,
        "title": title,
        "about": " ".join(f"{title}, an imported environment.".split()).replace("\\", "\\\\").replace('"', "'"),
        "summary": title,
        "introduction": environment.introduction,
        "instructions": instructions_of(environment),
        "version": environment.digest[:12],
        "origin": ORIGIN,
        "imported": True,
        "class_name": environment.class_name,
        "clock": state["clock"],
        "parts": {file: hashlib.sha256(content).hexdigest() for file, content in parts.items()},
        "state_schema": state_schema(state["tables"]),
        "tools": wire,
        "optional": {tool.name: tool.optional for tool in tools if tool.optional},
        "rules": environment.rules,
        "findings": [(finding.level, _place(finding, environment), finding.message) for finding in findings],
    }
    files = dict(parts)
    binding = format_python(_templates().get_template("binding.py.jinja").render(context))
    server = _templates().get_template("server.py.jinja").render(context, digest=digest(binding))
    files["binding.py"] = binding.encode()
    files["server.py"] = format_python(server).encode()
    context["version"] = "1.0.0"
    for file in ("README.md", "manifest.json"):
        files[file] = _templates().get_template(f"{file}.jinja").render(context).encode()
    files["state.json"] = (json.dumps(state, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    return files


def _place(finding: Finding, environment: Environment) -> str:
    """Where in the release, seen from the folder of one environment."""
    return finding.key if finding.record == environment.env_id else f"{finding.record} {finding.key}".strip()


def binding_digest(files: dict[str, bytes]) -> str:
    """What a scenario names as its environment_digest."""
    return hashlib.sha256(files["binding.py"]).hexdigest()
