"""Declared tools are held against the signatures: what agents get can be called, and what differed is told."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from generator.importers.reading import Record
from generator.importers.release import environment_of
from generator.importers.signatures import SourceError, read_source
from generator.importers.tools import Tool, match_tools
from tests.generator.importers.releases import DESK, DESK_TOOLS, of_code, schema, tool

CODE = """
from typing import *
class Row(TypedDict):
    a: str
class Env:
    limit = 3
    def __init__(self, c): self.rows = {}
    def get(self, user_id: str, n: int = 5, tag: Optional[str] = None): return 1
    def many(self, rows: List[Row], price: float, flag: bool, when: Union[str, int], any: Any, odd: Missing): return 1
    def open(self, user_id: str, **more): return 1
    def by_place(self, user_id, /): return 1
    def bare(self, a, b=2): return 1
    @property
    def size(self): return 1
    @staticmethod
    def plain(text: str): return text
    @classmethod
    def made(cls, text: str): return text
    class Inner: pass
    def _helper(self): return 1
    get_again = get
    quick = lambda self, x: x
"""


def match(*tools: Any, code: str = CODE) -> tuple[list[Tool], list[str]]:
    environment, _ = environment_of(Record("here", None, of_code(code, *tools, env_id="e")))
    names = {item.name for item in environment.tools}
    found, findings = match_tools(environment, read_source(code, ["Env"], names))
    for item in found:
        Draft202012Validator.check_schema(item.schema)
    return found, [f"{finding.level} {finding.key}: {finding.message}" for finding in findings]


def test_tools_that_agree_keep_their_schemas_and_cause_no_word() -> None:
    environment, _ = environment_of(Record("here", None, of_code(DESK, *DESK_TOOLS, name="Desk")))
    found, findings = match_tools(environment, read_source(DESK, ["Desk"], set()))
    given = [item["function"]["parameters"] | {"additionalProperties": False} for item in DESK_TOOLS]
    assert [item.schema for item in found] == given
    assert not findings


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("__init__", "begin with an underscore"),
        ("_helper", "begin with an underscore"),
        ("__class__", "begin with an underscore"),
        ("absent", "Env has no method absent"),
        ("gett", "is get meant"),
        ("size", "is a property"),
        ("limit", "is an attribute of the class"),
        ("rows", "has no method rows"),
        ("Inner", "is a class within the class"),
        ("a.b", "is no name of a method"),
        ("class", "is no name of a method"),
        ("by_place", "can only be given by position"),
    ],
)
def test_what_is_no_method_for_agents_is_left_out(name: str, why: str) -> None:
    found, said = match(tool(name), tool("plain", schema(text="string")))
    assert [item.name for item in found] == ["plain"]
    assert len(said) == 1 and said[0].startswith(f"left_out tools.{name}: was left out: ") and why in said[0]


@pytest.mark.parametrize("name", ["plain", "made"])
def test_static_and_class_methods_are_tools(name: str) -> None:
    found, said = match(tool(name, schema(text="string")))
    assert found[0].schema["required"] == ["text"] and not said


@pytest.mark.parametrize("name", ["get_again", "quick"])
def test_other_names_of_methods_are_tools(name: str) -> None:
    parameters = schema(["user_id"], user_id="string", n="integer") if name == "get_again" else schema(x="string")
    found, said = match(tool(name, parameters))
    assert [item.name for item in found] == [name] and not said


@pytest.mark.parametrize(
    ("parameters", "properties", "required", "words"),
    [
        (
            schema(["userid"], userid="string"),
            ["user_id"],
            ["user_id"],
            "is called user_id by the method; it was renamed",
        ),
        (schema(key="string"), ["user_id"], ["user_id"], "is called user_id by the method; it was renamed"),
        (schema(user_id="string", colour="string"), ["user_id"], ["user_id"], "the method does not take it"),
        (schema(), ["user_id"], ["user_id"], "needed by the method but not declared; it was added"),
        (schema([], user_id="string"), ["user_id"], ["user_id"], "optional but the method needs it"),
        (schema(user_id="string", n="integer"), ["user_id", "n"], ["user_id", "n"], "can do without it"),
    ],
)
def test_names_and_requirements_that_differ_are_settled(
    parameters: Any, properties: list[str], required: list[str], words: str
) -> None:
    (found,), said = match(tool("get", parameters))
    assert list(found.schema["properties"]) == properties and found.schema["required"] == required
    assert any(words in sentence for sentence in said)


def test_what_the_method_can_do_without_may_be_left_out_whatever_the_schema_says() -> None:
    (found,), _ = match(tool("get", schema(user_id="string", n="integer", tag="string")))
    assert found.optional == {"n": False, "tag": True}


def test_a_method_with_open_arguments_takes_what_is_declared() -> None:
    (found,), said = match(tool("open", schema(user_id="string", colour="string")))
    assert list(found.schema["properties"]) == ["user_id", "colour"] and not said
    assert found.schema["additionalProperties"] is False


def test_what_the_release_took_for_a_parameter_of_that_name_lets_any_further_one_through() -> None:
    (found,), said = match(tool("open", schema(user_id="string", more="object")))
    assert (list(found.schema["properties"]), found.schema["required"]) == (["user_id"], ["user_id"])
    assert found.schema["additionalProperties"] is True
    assert said == [
        "finding tools.open.parameters.more: stands for any further arguments; they are given by their own names"
    ]


def test_a_class_that_an_annotation_names_in_quotes_is_known() -> None:
    quoted = CODE.replace("rows: List[Row]", 'rows: "Row"')
    rest: dict[str, Any] = {"price": "number", "flag": {}, "when": {}, "any": {}, "odd": {}}
    (found,), said = match(tool("many", schema(rows="string", **rest)), code=quoted)
    assert found.schema["properties"]["rows"] == {"type": "object"}
    assert "is declared string but the method takes object; the signature was followed" in said[0]


@pytest.mark.parametrize(
    ("parameter", "declared", "type_", "words"),
    [
        ("price", "string", "number", "is declared string but the method takes number; the signature was followed"),
        ("price", "integer", "number", "takes any number"),
        ("flag", "object", "boolean", "the signature was followed"),
        ("when", "object", ["string", "integer"], "the signature was followed"),
        ("when", "string", ["string", "integer"], "so does the tool"),
        ("rows", "object", "array", "the signature was followed"),
        ("odd", "object", "object", ""),
        ("any", "object", "object", ""),
    ],
)
def test_types_that_the_signature_contradicts_follow_it(parameter: str, declared: str, type_: Any, words: str) -> None:
    given: dict[str, Any] = {"rows": "array", "price": "number", "flag": "boolean", "any": "string"}
    given |= {"when": {"type": ["string", "integer"]}, "odd": "string"}
    (found,), said = match(tool("many", schema(**(given | {parameter: declared}))))
    assert found.schema["properties"][parameter]["type"] == type_
    assert [words in sentence for sentence in said] == [True] * bool(words)


@pytest.mark.parametrize(
    ("declared", "mended"),
    [
        ("str", {"type": "string"}),
        ({"type": "str"}, {"type": "string"}),
        ({"type": "float", "description": "x"}, {"type": "number", "description": "x"}),
        ({"type": "List[str]"}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "Optional[int]"}, {"type": ["integer", "null"]}),
        ({"type": "str or None"}, {"type": ["string", "null"]}),
        ({"type": "dict"}, {"type": "object"}),
        ({"type": ["str", "int"]}, {"type": ["string", "integer"]}),
        ({"type": "Any"}, {}),
        ({"type": "gizmo"}, {}),
        ({"type": None}, {}),
        (None, {}),
        (7, {}),
        ({"type": "array", "items": "str"}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "array", "items": [{"type": "str"}]}, {"type": "array", "items": {}}),
        ({"type": "string", "enum": "a"}, {"type": "string"}),
        ({"type": "string", "minLength": "3"}, {"type": "string"}),
        ({"$ref": "#/x"}, {}),
        (True, {}),
    ],
)
def test_odd_schemas_of_parameters_are_mended_and_told(declared: Any, mended: Any) -> None:
    (found,), said = match(tool("bare", {"type": "object", "properties": {"a": declared}, "required": ["a"]}))
    assert found.schema["properties"]["a"] == mended
    assert declared is True or declared is None or any("tools.bare.parameters" in sentence for sentence in said)


@pytest.mark.parametrize(
    "parameters",
    [
        {"a": {"type": "string"}},
        {"a": "str"},
        {"type": "object", "properties": [{"name": "a", "type": "string"}], "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "string", "required": True}}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": "a"},
        {"type": "dict", "properties": {"a": {"type": "string"}}, "required": ["a", "zz"]},
        {"properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": True},
    ],
)
def test_odd_schemas_of_tools_are_mended_and_told(parameters: Any) -> None:
    (found,), said = match(tool("bare", parameters))
    assert found.schema == schema(a="string") | {"additionalProperties": False}
    assert said


def test_without_parameters_the_signature_is_taken() -> None:
    (found,), said = match({"name": "get", "description": "x"})
    assert found.schema["required"] == ["user_id"]
    assert found.schema["properties"]["n"] == {"type": "integer"}
    assert "they were taken from the signature" in said[0]


def test_a_class_is_found_in_a_branch_or_by_its_methods() -> None:
    code = "try:\n    import nothing\nexcept ImportError:\n    pass\n"
    code += "if True:\n    class Env:\n        def get(self): pass\n"
    assert read_source(code, ["Env"], set()).cls.name == "Env"
    assert read_source(code + "class Other: pass\n", "Missing", {"get"}).cls.name == "Env"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("class Env(:", "is no Python of this version: .*line 1"),
        ("print 'two'", "is no Python of this version"),
        ("x = 1", "has no class Env; its classes: none"),
        ("class Env:\n    return 1", "outside function"),
        ("(" * 5000, "is no Python"),
    ],
)
def test_a_source_without_the_class_is_told(code: str, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        read_source(code, ["Env"], {"get"})
