"""Scenario files: read with a sentence for whatever is wrong, written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from generator.errors import ScenarioError
from generator.files import write_whole
from generator.rendering import environment_digest, skeleton_digest
from generator.scengenerator.scenario import EXPRESSION, SOURCE, Scenario
from generator.skeleton.document import Skeleton

MAX_BYTES = 100_000_000


def load_scenario(path: Path) -> Scenario:
    """Reads a scenario.

    Raises:
        ScenarioError: it cannot be read, is no JSON, or is no scenario of this version.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(f"{path}: the file is larger than {MAX_BYTES // 1_000_000} MB; is it a scenario?")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror or error}; check the path") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: is no text in UTF-8; a scenario is a JSON file") from error
    return parse_scenario(text, str(path))


def parse_scenario(text: str, source: str) -> Scenario:
    """Like `load_scenario`, from text; `source` names it in messages."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        ends = "the file is cut off" if error.pos >= len(text.rstrip()) else f"this is no JSON ({error.msg.lower()})"
        raise ScenarioError(f"{source}, line {error.lineno}: {ends}; make or copy the scenario again") from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ScenarioError(f"{source}: this is no JSON that can be read: {reason}; make the scenario again") from error
    if not isinstance(document, dict):
        raise ScenarioError(f"{source}: a scenario is an object; found {_kind(document)}")
    version = document.get("schema_version", 1)
    if version != 1 or isinstance(version, bool):
        raise ScenarioError(
            f"{source}, schema_version: this is version {json.dumps(version)}, version 1 is read here; "
            "use the envwright that made it, or make the scenario again"
        )
    try:
        return Scenario.model_validate(document, strict=True)
    except ValidationError as error:
        raise ScenarioError(f"{source}{_first_problem(error)}; mend it or make the scenario again") from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _kind(value: object) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _first_problem(error: ValidationError) -> str:
    """`, checks[0].kind: …` for the first of pydantic's findings."""
    findings = error.errors(include_url=False)
    first = findings[0]
    parts = [part for part in first["loc"] if part not in (EXPRESSION, SOURCE)]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    words = {"missing": "is missing", "extra_forbidden": "is no part of a scenario"}
    message = words.get(first["type"], first["msg"][:1].lower() + first["msg"][1:])
    return f", {place}: {message}{more}"


def require_match(scenario: Scenario, document: Skeleton) -> None:
    """Raises ScenarioError for a scenario that was made for another environment, or for another version of it."""
    if scenario.environment != document.id:
        raise ScenarioError(
            f"scenario {scenario.id} belongs to {scenario.environment}, not to {document.id}; "
            f"use it with servers/{scenario.environment}"
        )
    again = f"make it again with: envwright scenarios {document.id}"
    if scenario.skeleton_digest != skeleton_digest(document):
        raise ScenarioError(f"scenario {scenario.id} was made for another version of {document.id}'s skeleton; {again}")
    if scenario.environment_digest != environment_digest(document):
        raise ScenarioError(f"scenario {scenario.id} was made for another version of {document.id}; {again}")


def scenario_text(scenario: Scenario) -> str:
    """The one spelling of a scenario file: stable bytes, fields in the document's order, indented for people."""
    return json.dumps(scenario.model_dump(mode="json"), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_scenario(path: Path, scenario: Scenario) -> None:
    """Writes a scenario file; a reader, or a crash, sees the old file or the new one, never a part.

    Raises:
        ScenarioError: it cannot be written, for example because the disk is full.
    """
    try:
        write_whole(path, scenario_text(scenario))
    except OSError as error:
        raise ScenarioError(
            f"{path}: cannot be written: {error.strerror or error}; make room or choose another place"
        ) from error
