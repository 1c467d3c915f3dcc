"""Laws of the import, on whatever a release may hold."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from generator.importers.drawing import Drawer
from generator.importers.importing import Order, carry_out, read_release, safe_id
from generator.importers.placing import safe_name
from generator.importers.schemas import mend
from generator.importers.spellings import MAX_LAYERS, unwrap
from generator.importers.type_words import TYPES
from tests.generator.importers.releases import environment, write

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-3, 3) | st.text("ab é📚'\"\\", max_size=4)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from([*TYPES, "str", "List[str]", "dict", "float", "gizmo", "Optional[int]", "", "int or None"])
KEYWORDS = st.sampled_from(
    ["type", "items", "enum", "properties", "required", "minimum", "anyOf", "description", "$ref"]
)
SCHEMAS = st.recursive(
    JSON | WORDS,
    lambda inner: st.dictionaries(KEYWORDS, inner | WORDS | st.lists(inner, max_size=2), max_size=4),
    max_leaves=10,
)
PARAMETERS = SCHEMAS | st.fixed_dictionaries(
    {"type": st.just("object") | WORDS, "properties": st.dictionaries(st.sampled_from("abc"), SCHEMAS)},
    optional={"required": st.lists(st.sampled_from("abcd")) | JSON, "additionalProperties": JSON},
)


@given(PARAMETERS)
def test_whatever_is_declared_becomes_a_schema_of_an_object(parameters: Any) -> None:
    before = json.dumps(parameters)
    schema = mend(parameters, lambda _: None)
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object" and set(schema["required"]) <= set(schema["properties"])
    assert json.dumps(parameters) == before


@given(PARAMETERS)
def test_what_was_mended_needs_no_mending(parameters: Any) -> None:
    said: list[str] = []
    once = mend(parameters, lambda _: None)
    assert mend(once, said.append) == once and not said


VALID = st.recursive(
    st.sampled_from([{"type": word} for word in TYPES] + [{}, {"type": ["string", "null"]}, {"enum": ["a", 1, True]}])
    | st.builds(lambda low: {"type": "integer", "minimum": low}, st.integers(-2, 2))
    | st.builds(lambda least: {"type": "string", "minLength": least, "maxLength": 2}, st.integers(0, 2)),
    lambda inner: (
        st.builds(lambda items: {"type": "array", "items": items, "maxItems": 2}, inner)
        | st.builds(
            lambda parts, needed: {
                "type": "object",
                "properties": parts,
                "required": [k for k in parts if k in needed],
            },
            st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            st.sets(st.sampled_from("ab")),
        )
        | st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=2))
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def binding(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The binding of an imported environment: our own rendered code."""
    folder = tmp_path_factory.mktemp("laws")
    order = Order(write(folder / "environments.json", [environment()]), (), folder / "out")
    list(carry_out(order, read_release(order).jobs))
    server = folder / "out" / "servers" / "env_1_rl"
    spec = importlib.util.spec_from_file_location("binding_under_test", server / "binding.py")
    assert spec is not None and spec.loader is not None
    sys.path.insert(0, str(server))
    try:
        module = sys.modules["binding_under_test"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(server))
        for name in [name for name in sys.modules if name.split(".")[0] == "contained"]:
            del sys.modules[name]
    return module


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(VALID, JSON, st.booleans())
def test_arguments_are_refused_just_where_the_schema_refuses_them(
    binding: ModuleType, inner: Any, value: Any, there: bool
) -> None:
    schema = {"type": "object", "properties": {"a": inner}, "required": ["a"], "additionalProperties": False}
    arguments = {"a": value} if there else {}
    fault = binding._misfit(arguments, schema, {})
    assert (not fault) == Draft202012Validator(schema).is_valid(arguments), fault


@given(JSON, st.integers(0, MAX_LAYERS))
def test_a_value_comes_out_of_its_strings(value: Any, layers: int) -> None:
    if isinstance(value, str):
        return
    text = value
    for _ in range(layers):
        text = json.dumps(text)
    assert unwrap(text) == (value, layers)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), VALID, st.integers())
def test_drawn_arguments_have_the_names_of_the_schema_and_are_drawn_again(state: Any, inner: Any, seed: int) -> None:
    schema = {"type": "object", "properties": {"user_id": inner, "b": inner}, "required": ["b"]}
    drawn = [Drawer(state, str(seed)).draw(schema) for _ in range(2)]
    assert drawn[0] == drawn[1] and set(drawn[0]) in ({"b"}, {"b", "user_id"})


@given(st.text(max_size=60), st.text(max_size=60))
def test_names_of_files_are_safe_and_ids_stay_apart(one: str, other: str) -> None:
    for name in (safe_name(one), safe_id(one)):
        assert name and "/" not in name and not name.startswith((".", "-")) and name.isascii()
        assert Path(name).name == name and len(name) <= 150
    assert (safe_id(one) == safe_id(other)) == (one == other)
