"""Shapes of answers, against what the API documents that it refuses, and against a reader of its own in tests/llm."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from anthropic import transform_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, create_model

from generator.errors import SchemaRejectedError
from generator.llm.requests import Request, Turn
from generator.llm.schemas import objections, schema_of
from generator.skeleton.wire import WireSkeleton
from tests.generator.llm.conftest import told
from tests.llm.loopback import Loopback, Said
from tests.llm.strictness import schema_refusal


class Tree(BaseModel):
    name: str
    children: list[Tree]


class Loose(BaseModel):
    notes: dict[str, str]


def optional(count: int) -> type[BaseModel]:
    fields: dict[str, Any] = {f"f{number}": (str, "") for number in range(count)}
    return create_model("Optional", **fields)


def unions(count: int) -> type[BaseModel]:
    fields: dict[str, Any] = {f"f{number}": (int | None, ...) for number in range(count)}
    return create_model("Unions", **fields)


class Fine(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(description="In a few words", max_length=10)
    kind: Literal["a", "b"]
    many: list[Fine.Part] = Field(min_length=2)

    class Part(BaseModel):
        title: int


REFUSED: list[tuple[type[BaseModel], str]] = [
    (Tree, "$defs.Tree: it contains itself"),
    (optional(25), "$: 25 properties are optional, of 24 at most"),
    (unions(17), "$: 17 properties are unions, of 16 at most"),
]


@pytest.mark.parametrize(("shape", "objection"), REFUSED, ids=lambda value: getattr(value, "__name__", "why"))
def test_what_the_api_refuses_is_said_before_it_is_asked(shape: type[BaseModel], objection: str) -> None:
    schema = schema_of(shape)
    assert objections(schema) == [objection]
    assert schema_refusal({"type": "json_schema", "schema": schema}, None) is not None
    refused = pytest.raises(SchemaRejectedError, match="The API would refuse the shape")
    with Loopback(lambda _: Said({})).running() as provider, refused:
        told(provider).model.ask(Request("mine", "", (Turn("user", "?"),), shape))
    assert provider.asked == []


@pytest.mark.parametrize("shape", [Fine, optional(24), unions(16), WireSkeleton], ids=lambda shape: shape.__name__)
def test_what_the_api_takes_has_no_objection(shape: type[BaseModel]) -> None:
    schema = schema_of(shape)
    assert objections(schema) == []
    assert schema_refusal({"type": "json_schema", "schema": schema}, None) is None


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"type": "object", "properties": {}}, "$: additionalProperties must be false"),
    ({"type": "array", "items": {"type": "string"}, "minItems": 2}, "$: minItems can only be 0 or 1"),
    ({"type": "integer", "minimum": 1}, "$: minimum cannot be kept"),
    ({"enum": [{"a": 1}]}, "$: enum can only hold texts, numbers, true, false and null"),
    ({"$ref": "https://example.org/x"}, "$: $ref must stay within the schema"),
    ({"type": "string", "format": "phone"}, "$: the format phone is not known"),
    ({"type": "array", "items": {"type": "string", "maxLength": 3}}, "$[]: maxLength cannot be kept"),
]


@pytest.mark.parametrize(("schema", "objection"), WRONG, ids=[why for _, why in WRONG])
def test_each_documented_limit_is_known(schema: dict[str, Any], objection: str) -> None:
    assert objections(schema) == [objection]


def test_the_titles_go_and_a_property_called_title_stays() -> None:
    schema = schema_of(Fine)
    assert list(schema["properties"]) == ["title", "kind", "many"]
    assert "title" not in schema and "title" not in schema["properties"]["kind"]
    assert schema["$defs"]["Part"]["properties"] == {"title": {"type": "integer"}}
    assert "max" in schema["properties"]["title"]["description"].lower(), "what cannot be kept is told to the model"


def test_every_part_of_the_wire_skeleton_is_required() -> None:
    """Optional parts multiply the grammar; the shape has none, no union, and no recursion."""
    nodes = [schema_of(WireSkeleton), *schema_of(WireSkeleton)["$defs"].values()]
    for node in nodes:
        assert sorted(node["required"]) == sorted(node["properties"])
    assert "anyOf" not in json.dumps(nodes)
    assert len(json.dumps(schema_of(WireSkeleton))) < 0.8 * len(json.dumps(transform_schema(WireSkeleton)))


def _objects(parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def made(properties: dict[str, Any], needed: bool, closed: bool) -> dict[str, Any]:
        required = list(properties) if needed else []
        return {"type": "object", "properties": properties, "required": required} | (
            {"additionalProperties": False} if closed else {}
        )

    names = st.text("abcdefgh", min_size=1, max_size=3)
    several = st.dictionaries(names, parts, min_size=1, max_size=9)
    return st.builds(made, several, st.booleans(), st.sampled_from([True, True, True, False]))


LEAVES = st.sampled_from(
    [
        *({"type": "string"}, {"type": "string", "pattern": "^a"}, {"type": "integer"}, {"enum": ["a", None]}),
        *({"type": "string", "minLength": 1}, {"type": "number", "multipleOf": 2}, {"const": 1}, {"type": "null"}),
    ]
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        _objects(parts),
        st.builds(lambda part, least: {"type": "array", "items": part, "minItems": least}, parts, st.integers(0, 2)),
        st.builds(lambda *some: {"anyOf": list(some)}, parts, parts),
    ),
    max_leaves=60,
)


@settings(max_examples=60, deadline=None)
@given(_objects(SCHEMAS))
def test_two_readers_agree_on_what_the_api_takes(schema: dict[str, Any]) -> None:
    assert (objections(schema) == []) == (schema_refusal({"type": "json_schema", "schema": schema}, None) is None)
