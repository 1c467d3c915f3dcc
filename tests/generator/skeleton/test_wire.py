"""The wire form loses nothing, and its schema is one that structured output accepts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from documents import EXAMPLES, skeletons
from hypothesis import given, settings

from generator.errors import SkeletonError
from generator.skeleton.document import Skeleton
from generator.skeleton.reading import read_skeleton
from generator.skeleton.wire import WireSkeleton, from_wire, to_wire

SCHEMA = WireSkeleton.model_json_schema()


def parts(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from parts(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from parts(inner)


def references(schema: object) -> set[str]:
    return {part["$ref"].rpartition("/")[2] for part in parts(schema) if isinstance(part.get("$ref"), str)}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_survive_the_wire(path: Path) -> None:
    document = read_skeleton(path)
    said = WireSkeleton.model_validate_json(to_wire(document).model_dump_json())
    assert from_wire(said) == document
    assert to_wire(from_wire(said)) == said


@given(skeletons())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_document_survives_the_wire(document: Skeleton) -> None:
    assert from_wire(to_wire(document)) == document


def test_no_mapping_of_the_schema_has_free_keys() -> None:
    objects = [part for part in parts(SCHEMA) if part.get("type") == "object"]
    assert objects
    assert all(part["additionalProperties"] is False for part in objects)


def test_nothing_in_the_schema_is_optional_or_a_union() -> None:
    for part in parts(SCHEMA):
        if part.get("type") == "object":
            assert sorted(part["required"]) == sorted(part["properties"])
        assert not {"anyOf", "oneOf", "allOf"} & part.keys()


def test_the_schema_does_not_recurse() -> None:
    definitions = SCHEMA["$defs"]

    def follow(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"{name} holds itself"
        for inner in references(definitions[name]):
            follow(inner, (*above, name))

    for name in references(SCHEMA["properties"]):
        follow(name, ())


def wire_of_the_forum() -> dict[str, Any]:
    forum = next(path for path in EXAMPLES if path.name.startswith("forum"))
    return to_wire(read_skeleton(forum)).model_dump()


def test_what_stands_twice_or_contradicts_itself_is_told_at_once() -> None:
    said = wire_of_the_forum()
    said["operations"].append(said["operations"][0])
    said["types"][0]["members"] = said["entities"][0]["fields"]
    said["entities"][0]["fields"][0]["attributes"][0]["values"] = []
    said["entities"][0]["label"] = "User Name"
    with pytest.raises(SkeletonError) as caught:
        from_wire(WireSkeleton.model_validate(said))
    told = [str(problem) for problem in caught.value.problems]
    assert any("'check_tag_exists' stands here a second time" in each for each in told)
    assert any("types.role: 'words' and 'members' exclude each other" in each for each in told)
    assert any("takes one value, found 0" in each for each in told)
    assert any("'User Name' is not a name" in each for each in told)


def test_a_cell_that_claims_to_be_json_must_be_json() -> None:
    said = wire_of_the_forum()
    said["entities"][0]["rows"] = [{"cells": [{"field": "username", "form": "json", "value": "[" * 5000}]}]
    said["entities"][0]["population"] = ""
    with pytest.raises(SkeletonError, match="marked as JSON"):
        from_wire(WireSkeleton.model_validate(said))
