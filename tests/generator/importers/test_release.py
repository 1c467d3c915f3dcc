"""A release is read in every spelling in circulation, and what is wrong with it is a sentence with its place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from generator.importers.errors import RecordError, ReleaseError
from generator.importers.reading import Record, read_records
from generator.importers.release import Environment, environment_of, scenario_of
from tests.generator.importers.releases import CHECKS, DESK, DESK_CONFIG, DESK_TOOLS, environment, scenario, schema

WITHOUT_ID = {key: value for key, value in environment().items() if key != "env_id"}
FILES: dict[str, Any] = {
    "a list": json.dumps([environment()]),
    "a mapping": json.dumps({"env_1_rl": environment()}),
    "a mapping whose records have no id": json.dumps({"env_1_rl": WITHOUT_ID}),
    "a mapping of texts": json.dumps({"env_1_rl": json.dumps(environment())}),
    "one record": json.dumps(environment()),
    "JSON Lines": json.dumps(environment()) + "\n\n" + json.dumps(environment("env_2")) + "\n",
    "a wrapped list": json.dumps({"environments": [environment()]}),
    "a text of JSON": json.dumps(json.dumps([environment()])),
    "a byte order mark": "\ufeff" + json.dumps([environment()]),
    "gzip": gzip.compress(json.dumps([environment()]).encode(), mtime=0),
}


def read(path: Path, content: str | bytes) -> list[Record]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_records(path)


def environment_in(value: dict[str, Any]) -> Environment:
    return environment_of(Record("here", None, value))[0]


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_files_are_read_however_they_are_laid_out(tmp_path: Path, content: str | bytes) -> None:
    found, said = environment_of(read(tmp_path / "f.json", content)[0])
    assert (found.env_id, found.class_name, found.code, len(found.tools)) == ("env_1_rl", "Desk", DESK, 4)
    assert found.operations["get_user"] == "query" and found.rules == ("A loan has a user.",)
    assert not said


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b'[{"env_id": "x"', "is cut off; get it again"),
        (b'[\n {\n  "env_id": "x",\n  "rules": [\n   "one"\n  ],\n  "code": "class De', "is cut off; get it again"),
        (b"nothing", "no whole JSON"),
        (b"7", "holds a number; a release is a list or a mapping"),
        (b"\xff\xfe", "no text in UTF-8"),
        (gzip.compress(b"[]", mtime=0)[:-6], "no whole gzip file"),
        (b"[" * 100_000, "nested too deeply|no whole JSON"),
    ],
)
def test_a_file_that_is_no_release_is_told(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(ReleaseError, match=sentence) as caught:
        read(tmp_path / "f.json", content)
    assert str(tmp_path / "f.json") in str(caught.value)


def test_a_damaged_line_spoils_no_other(tmp_path: Path) -> None:
    lines = [json.dumps(environment()), '{"env_id": ', json.dumps(environment("env_3"))]
    first, second, third = read(tmp_path / "f.jsonl", "\n".join(lines))
    assert (environment_of(first)[0].env_id, environment_of(third)[0].env_id) == ("env_1_rl", "env_3")
    with pytest.raises(RecordError, match=r"f.jsonl, line 2: this line is no JSON"):
        environment_of(second)


PARAMETERS = DESK_TOOLS[0]["function"]["parameters"]
TOOLS: dict[str, Any] = {
    "JSON": DESK_TOOLS,
    "a text of JSON": json.dumps(DESK_TOOLS),
    "a text of a text of JSON": json.dumps(json.dumps(DESK_TOOLS)),
    "a Python literal": repr(DESK_TOOLS),
    "a list of texts": [json.dumps(item) for item in DESK_TOOLS],
    "bare functions": [item["function"] for item in DESK_TOOLS],
    "functions as texts": [{"type": "function", "function": json.dumps(item["function"])} for item in DESK_TOOLS],
    "a mapping by name": {item["function"]["name"]: item["function"] for item in DESK_TOOLS},
    "MCP's own form": [
        {"name": item["function"]["name"], "inputSchema": item["function"]["parameters"]} for item in DESK_TOOLS
    ],
    "parameters as text": [
        {"name": item["function"]["name"], "parameters": json.dumps(item["function"]["parameters"])}
        for item in DESK_TOOLS
    ],
}


@pytest.mark.parametrize("tools", TOOLS.values(), ids=TOOLS)
def test_tools_are_read_in_every_form(tools: Any) -> None:
    found = environment_in(environment(tools=tools))
    assert [tool.name for tool in found.tools] == ["get_user", "list_loans", "add_loan", "rename_user"]
    assert found.tools[0].parameters == PARAMETERS


def test_without_tools_they_are_made_from_the_details_of_the_functions() -> None:
    details = {"get_user": {"doc": "One user.", "signature": {}}, "_user": {"doc": ""}}
    found, said = environment_of(Record("here", None, environment(tools=None, env_func_details=details)))
    assert [(tool.name, tool.description, tool.parameters) for tool in found.tools] == [("get_user", "One user.", None)]
    assert "were made from env_func_details" in str(said[0])


@pytest.mark.parametrize(
    ("changes", "key", "sentence"),
    [
        ({"env_class_code": None}, "env_class_code", "is missing"),
        ({"tools": "no tools"}, "tools", "neither JSON nor a Python literal"),
        ({"tools": []}, "tools", "holds no tool that can be read"),
        ({"tools": 7}, "tools", "is a number where a list"),
        ({"env_id": None}, "env_id", "is missing"),
    ],
)
def test_a_record_that_cannot_be_used_says_so_with_its_key(changes: Any, key: str, sentence: str) -> None:
    record = Record("envs.json, record 3", None, environment(**changes))
    with pytest.raises(RecordError) as caught:
        environment_of(record)
    said = str(caught.value)
    assert key in said and ("env_1_rl" in said or "record 3" in said)
    if "neither" not in sentence:
        assert sentence in said


@pytest.mark.parametrize("value", [None, 7, [], "no object", '"text"'])
def test_what_is_no_record_says_so(value: Any) -> None:
    with pytest.raises(RecordError, match=r"record 9"):
        environment_of(Record("envs.json, record 9", None, value))


def test_single_tools_that_cannot_be_read_are_left_out_with_a_sentence() -> None:
    tools = [*DESK_TOOLS, 7, {"type": "function"}, {"name": ""}, "{", DESK_TOOLS[0]]
    found, said = environment_of(Record("here", None, environment(tools=tools)))
    assert len(found.tools) == 4
    assert [finding.level for finding in said] == ["left_out"] * 5
    assert [finding.key for finding in said] == ["tools[4]", "tools[5]", "tools[6]", "tools[7]", "tools.get_user"]


CONFIGS: dict[str, Any] = {
    "JSON": DESK_CONFIG,
    "a text": json.dumps(DESK_CONFIG),
    "a text of a text": json.dumps(json.dumps(DESK_CONFIG)),
    "a Python literal": repr(DESK_CONFIG),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_scenarios_are_read_with_their_configuration(config: Any) -> None:
    found, _ = scenario_of(Record("here", None, scenario(init_config=config)))
    assert (found.task_id, found.env_id, found.config) == ("env_1_rl-task_1", "env_1_rl", DESK_CONFIG)
    assert [check.item for check in found.checks] == [check["check_item"] for check in CHECKS]


def test_a_scenario_is_found_by_its_environment_where_it_names_none(tmp_path: Path) -> None:
    bare = {key: value for key, value in scenario().items() if key != "env_id"}
    (record,) = read(tmp_path / "s.json", json.dumps({"env_1_rl": [bare]}))
    assert scenario_of(record)[0].env_id == "env_1_rl"
    assert scenario_of(Record("here", None, bare))[0].env_id == "env_1_rl"


def test_checks_may_be_a_text_and_may_stand_in_fences() -> None:
    fenced = [
        {"check_item": "x", "check_func": "```python\ndef check_func(s):\n    return True\n```"},
        {"check_item": 1},
    ]
    found, said = scenario_of(Record("here", None, scenario(checklist_with_func=json.dumps(fenced))))
    assert found.checks[0].source == "def check_func(s):\n    return True"
    assert "checklist_with_func[1]: was left out: it has no check_func" in str(said[-1])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"init_config": "{'users': "}, "init_config: cannot be read, and without it"),
        ({"task": None}, "task: is missing"),
        ({"init_config": [1]}, "init_config: is a list; a configuration is"),
    ],
)
def test_a_scenario_that_cannot_be_used_says_so(changes: Any, sentence: str) -> None:
    with pytest.raises(RecordError, match=sentence):
        scenario_of(Record("here", None, scenario(**changes)))


def test_equal_records_have_equal_digests_whatever_their_order() -> None:
    turned = dict(reversed(environment().items()))
    assert environment_in(environment()).digest == environment_in(turned).digest
    assert environment_in(environment()).digest != environment_in(environment(tools=[DESK_TOOLS[0]])).digest
    assert schema(a="string") == schema(a={"type": "string"})
