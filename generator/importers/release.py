"""The documents of EnvScaler's release (arXiv 2601.05808), read in every spelling that is in circulation.

Environments: `env_id`, `env_class_name`, `env_class_code`, `tools`, and words about them. Scenarios: `task_id`,
`env_id`, `init_config`, `task`, `checklist_with_func`. What is missing and can be found elsewhere is found there;
whatever had to be mended is a finding.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from generator.importers.checklists import Check, check_of, listed_checks
from generator.importers.errors import RecordError
from generator.importers.findings import Finding, Level
from generator.importers.reading import Record
from generator.importers.spellings import SpellingError, finite, kind, shown, too_deep, unfenced, unwrap, whole
from generator.scengenerator.scenario import canonical, digest


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tool(_Document):
    """A tool as the release declares it; `parameters` is its JSON Schema, or what stands in its place."""

    name: str
    description: str = ""
    parameters: Any = None


class Environment(_Document):
    """An environment of the release. `code` is the source as released, without a fence or quotes around it."""

    env_id: str
    class_name: str
    code: str
    tools: tuple[Tool, ...]
    operations: dict[str, str] = Field(default_factory=dict)  # operation_type by tool, where it is said
    summary: str = ""
    introduction: str = ""
    rules: tuple[str, ...] = ()
    init_config: Any = None  # some releases bring one along
    digest: str  # SHA-256 of the record as it stood in the file, canonical


class Scenario(_Document):
    """A scenario of the release."""

    task_id: str
    env_id: str
    class_name: str = ""
    config: Any = None
    task: str
    checks: tuple[Check, ...]
    digest: str


@dataclass
class Reader:
    """Takes one record apart; `findings` grows with what is wrong but can be lived with."""

    record: str
    value: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)

    def note(self, key: str, message: str, level: Level = "note") -> None:
        self.findings.append(Finding(self.record, key, message, level))

    def broken(self, key: str, message: str) -> RecordError:
        return RecordError(self.record, key, message)

    def text(self, *keys: str, needed: bool = False) -> str:
        """The first of these keys that holds a text."""
        for key in keys:
            value = self.value.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                value = str(value)
            if isinstance(value, str) and value.strip():
                return value
            if value is not None and not isinstance(value, str):
                self.note(key, f"is {kind(value)} where a text is expected; it was passed over", "finding")
        if needed:
            raise self.broken(keys[0], "is missing, and without it nothing can be imported")
        return ""

    def structure(self, key: str) -> Any:
        """A value that may be wrapped in strings; None where it is missing or cannot be read."""
        try:
            value, layers = unwrap(self.value.get(key))
        except SpellingError as error:
            self.note(key, f"cannot be read: {error}", "finding")
            return None
        if layers:
            self.note(key, f"was wrapped in {'a string' if layers == 1 else f'{layers} strings'}; it was unwrapped")
        return value


def _object(record: Record) -> dict[str, Any]:
    if record.problem:
        raise RecordError(record.place, "", record.problem)
    try:
        value, _ = unwrap(record.value)
    except SpellingError as error:
        raise RecordError(record.place, "", f"cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise RecordError(record.place, "", f"is {kind(value)}; a record is an object")
    if too_deep(value):
        raise RecordError(record.place, "", "is nested too deeply to be worked with")
    return {str(key): whole(item) for key, item in value.items()}


def environment_of(record: Record) -> tuple[Environment, list[Finding]]:
    """The environment in a record, and what is to be said about it. Raises RecordError."""
    value = _object(record)
    env_id = Reader(record.place, value).text("env_id", "environment_id", "id") or record.key or ""
    if not env_id:
        raise RecordError(record.place, "env_id", "is missing, and the file is no mapping by id; give the record one")
    reader = Reader(env_id, value)
    if record.key is not None and record.key != env_id:
        reader.note("env_id", f"the file calls this record {record.key}; its own id was taken", "finding")
    code = bare_code(reader, reader.text("env_class_code", "class_code", "code", needed=True))
    tools = tuple(_tools(reader))
    if not tools:
        raise reader.broken("tools", "holds no tool that can be read, so no agent could do anything here")
    rules = reader.structure("constraints_rules")
    rules = [rules] if isinstance(rules, str) else rules if isinstance(rules, list) else []
    environment = Environment(
        env_id=env_id,
        class_name=reader.text("env_class_name", "class_name"),
        code=code,
        tools=tools,
        operations=_operations(reader),
        summary=" ".join(reader.text("environment_summary", "summary", "title").split()),
        introduction=reader.text("environment_introduction", "introduction", "description").strip(),
        rules=tuple(str(rule).strip() for rule in rules if str(rule).strip()),
        init_config=reader.structure("init_config") if "init_config" in value else None,
        digest=digest_of(value),
    )
    return environment, reader.findings


def digest_of(value: Any) -> str:
    return digest(canonical(finite(value)).encode("utf-8", "replace").decode())


def bare_code(reader: Reader, code: str) -> str:
    """The source without what a model may have put around it: a Markdown fence, or quotes as of a literal."""
    if code.startswith("\ufeff"):
        reader.note("env_class_code", "began with a byte order mark, which was taken away")
        code = code.removeprefix("\ufeff")
    inside = unfenced(code)
    if inside is not None:
        reader.note("env_class_code", "stood in a Markdown fence, which was taken away")
        code = inside + "\n"
    stripped = code.strip()
    if stripped[:1] in "'\"" and stripped[-1:] == stripped[:1] and not stripped.startswith(('"""', "'''")):
        try:
            inner = ast.literal_eval(stripped)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return code
        if isinstance(inner, str):
            reader.note("env_class_code", "was a quoted literal, which was unquoted")
            return inner
    return code


def _tools(reader: Reader) -> Iterator[Tool]:
    declared = reader.structure("tools")
    if isinstance(declared, dict):
        declared = declared.get("tools") or [
            {"name": name, **item} for name, item in declared.items() if isinstance(item, dict)
        ]
    if declared is None and isinstance(details := reader.structure("env_func_details"), dict):
        reader.note("tools", "are missing; they were made from env_func_details", "finding")
        declared = [_from_details(name, item) for name, item in details.items() if not name.startswith("_")]
    if not isinstance(declared, list):
        raise reader.broken("tools", f"is {kind(declared)} where a list of tools is expected")
    seen: set[str] = set()
    for number, item in enumerate(declared):
        tool = _tool(reader, f"tools[{number}]", item)
        if tool is None:
            continue
        if tool.name in seen:
            reader.note(f"tools.{tool.name}", "is declared twice; the first was kept", "left_out")
            continue
        seen.add(tool.name)
        yield tool


def _tool(reader: Reader, key: str, item: Any) -> Tool | None:
    try:
        item, _ = unwrap(item)
        inner = item.get("function", item) if isinstance(item, dict) else None
        inner, _ = unwrap(inner)
    except SpellingError as error:
        reader.note(key, f"was left out: {error}", "left_out")
        return None
    if not isinstance(inner, dict):
        reader.note(key, f"was left out: it is {kind(inner)}, and a tool is an object", "left_out")
        return None
    name = inner.get("name")
    if not isinstance(name, str) or not name.strip():
        reader.note(key, "was left out: it has no name", "left_out")
        return None
    description = inner.get("description")
    parameters = next((inner[word] for word in ("parameters", "inputSchema", "input_schema") if word in inner), None)
    try:
        parameters, _ = unwrap(parameters)
    except SpellingError as error:
        reader.note(f"tools.{name}.parameters", f"cannot be read, so the signature was taken: {error}", "finding")
        parameters = None
    words = description if isinstance(description, str) else ""
    return Tool(name=name.strip(), description=words, parameters=finite(parameters))


def _from_details(name: str, item: Any) -> dict[str, Any]:
    return {"name": name, "description": item.get("doc", "") if isinstance(item, dict) else ""}


def _operations(reader: Reader) -> dict[str, str]:
    listed = reader.structure("operation_list") if "operation_list" in reader.value else None
    found: dict[str, str] = {}
    for item in listed if isinstance(listed, list) else []:
        if isinstance(item, dict) and isinstance(item.get("operation_name"), str):
            found[item["operation_name"]] = str(item.get("operation_type") or "")
    return found


def environment_named(record: Record) -> str:
    """The id of the environment that a record, even one that cannot be used, is or is about; empty where unknown."""
    value = record.value if isinstance(record.value, dict) else {}
    return str(value.get("env_id") or value.get("environment_id") or record.key or _of_task(value.get("task_id")))


def _of_task(task_id: object) -> str:
    return re.sub(r"[-_]task.*\Z", "", str(task_id or ""))


def scenario_of(record: Record) -> tuple[Scenario, list[Finding]]:
    """The scenario in a record, and what is to be said about it. Raises RecordError."""
    value = _object(record)
    place = Reader(record.place, value)
    env_id = place.text("env_id", "environment_id") or record.key or ""
    task_id = place.text("task_id", "scenario_id", "id")
    env_id = env_id or _of_task(task_id)
    if not env_id:
        raise RecordError(record.place, "env_id", "is missing, so nobody knows which environment it is about")
    task_id = task_id or f"{env_id}-{digest_of(value)[:12]}"
    reader = Reader(task_id, value)
    if "task_id" not in value:
        reader.note("task_id", f"is missing; it is called {task_id} here")
    scenario = Scenario(
        task_id=task_id,
        env_id=env_id,
        class_name=reader.text("env_class_name"),
        config=reader.structure("init_config"),
        task=reader.text("task", "task_description", "instruction", needed=True),
        checks=tuple(_checks(reader)),
        digest=digest_of(value),
    )
    if scenario.config is None and value.get("init_config") not in (None, "", "null", "None"):
        raise reader.broken("init_config", "cannot be read, and without it the scenario has no beginning")
    if scenario.config is not None and not isinstance(scenario.config, dict):
        raise reader.broken("init_config", f"is {kind(scenario.config)}; a configuration is an object")
    return scenario, reader.findings


def _checks(reader: Reader) -> Iterator[Check]:
    key = next((name for name in ("checklist_with_func", "checklist", "checks") if name in reader.value), "")
    if not key:
        reader.note("checklist_with_func", "is missing: nothing here could be graded", "finding")
        return
    for number, item in enumerate(listed_checks(reader.structure(key))):
        check = check_of(item)
        if check is None:
            reader.note(f"{key}[{number}]", f"was left out: it has no check_func ({shown(item)})", "left_out")
        else:
            yield check


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a sentence."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
