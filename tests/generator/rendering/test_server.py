"""The rendered server, a real process over real stdio and HTTP, with the official client of both eras."""

from __future__ import annotations

import asyncio
import http.client
import importlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import mcp_types as types
import pytest
from mcp import Client, MCPError, StdioServerParameters

from tests.conftest import DIGEST, ROOT, load_environment

pytestmark = pytest.mark.anyio
ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
MODERN = {"MCP_Protocol_Version": "2026-07-28"}
ENVELOPE = {
    types.PROTOCOL_VERSION_META_KEY: "2026-07-28",
    types.CLIENT_INFO_META_KEY: {"name": "test", "version": "1"},
    types.CLIENT_CAPABILITIES_META_KEY: {},
}
SCENARIO: dict[str, Any] = {
    "id": "S-1",
    "environment": "todo_list",
    "environment_digest": DIGEST,
    "initial_state": {
        "clock": "2026-03-02T09:00:00",
        "counters": {"item": 7},
        "tables": {"items": {"IT-0007": {"item_id": "IT-0007", "text": "sail", "done": False}}},
    },
    "task": "Finish the sailing.",
}


def stdio(folder: Path, *options: str) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=[str(folder / "server.py"), *options])


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(folder / "server.py"), *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


@contextmanager
def over_http(folder: Path, *options: str) -> Iterator[tuple[str, int, subprocess.Popen[str]]]:
    """A server with --http: its URL, port and process."""
    process = start(folder, "--http", "0", *options)
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        url = line.split()[-1]
        assert url.endswith("/mcp"), line
        yield url, int(url.rsplit(":", 1)[1].removesuffix("/mcp")), process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and what was said on standard error."""
    _, stderr = process.communicate(timeout=30)
    return process.returncode, stderr


def text_of(result: Any) -> str:
    (block,) = result.content
    return str(block.text)


async def check_everything(client: Client, folder: Path) -> None:
    """Every feature, on the default state."""
    environment = load_environment(folder)
    assert client.instructions == environment.INSTRUCTIONS
    assert client.server_info is not None
    assert (client.server_info.name, client.server_info.title) == ("todo_list", "To-do list")
    listed = (await client.list_tools()).tools
    assert [tool.model_dump(by_alias=True, exclude_none=True) for tool in listed] == environment.TOOLS

    added = await client.call_tool("add_item", {"text": "feed the cat"})
    expected = {"item_id": "IT-0002", "text": "feed the cat", "done": False}
    assert (added.is_error, added.structured_content) == (False, expected)
    assert json.loads(text_of(added)) == expected

    for name, arguments, code in [
        ("finish_item", {"item_id": "IT-9999"}, "not_found"),
        ("add_item", {"text": 5}, "invalid_arguments"),
        ("add_item", {}, "invalid_arguments"),
        ("add_item", {"text": "x", "more": 1}, "invalid_arguments"),
        ("no_such_tool", {}, "unknown_tool"),
        ("break_down", {}, "internal_error"),
    ]:
        refused = await client.call_tool(name, arguments)
        content = refused.structured_content
        assert refused.is_error and content is not None and content["code"] == code, name
        assert text_of(refused) == content["message"]
        assert "secret" not in text_of(refused) and "Traceback" not in text_of(refused)
    left = await client.call_tool("list_items", {})
    assert left.structured_content is not None and left.structured_content["total"] == 2

    resources = [resource.uri for resource in (await client.list_resources()).resources]
    assert resources == ["env://rules", "env://schema"]
    (rules,) = (await client.read_resource("env://rules")).contents
    (schema,) = (await client.read_resource("env://schema")).contents
    assert rules.text == environment.INSTRUCTIONS  # type: ignore[union-attr]
    assert json.loads(schema.text) == environment.SCHEMA  # type: ignore[union-attr]
    with pytest.raises(MCPError, match=r"no resource env://state"):
        await client.read_resource("env://state")


@ERAS
async def test_everything_over_stdio(server_folder: Path, mode: str) -> None:
    async with Client(stdio(server_folder), mode=mode) as client:
        assert (client.protocol_version == "2026-07-28") == (mode == "auto")
        await check_everything(client, server_folder)
        assert (await client.list_prompts()).prompts == []
        with pytest.raises(MCPError, match="no prompt 'task'"):
            await client.get_prompt("task")


@ERAS
async def test_everything_over_http(server_folder: Path, mode: str) -> None:
    with over_http(server_folder) as (url, _, _):
        async with Client(url, mode=mode) as client:
            assert (client.protocol_version == "2026-07-28") == (mode == "auto")
            await check_everything(client, server_folder)
        async with Client(url, mode=mode) as another:  # without a control channel there is one episode
            left = await another.call_tool("list_items", {})
            assert left.structured_content is not None and left.structured_content["total"] == 2


@ERAS
async def test_a_scenario_gives_the_state_and_the_task(server_folder: Path, tmp_path: Path, mode: str) -> None:
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(SCENARIO))
    async with Client(stdio(server_folder, "--scenario", str(file)), mode=mode) as client:
        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["task"]
        (message,) = (await client.get_prompt("task")).messages
        assert (message.role, message.content.text) == ("user", "Finish the sailing.")  # type: ignore[union-attr]
        done = await client.call_tool("finish_item", {"item_id": "IT-0007"})
        assert done.structured_content == {"item_id": "IT-0007", "text": "sail", "done": True}


@pytest.fixture(scope="module")
def server(server_folder: Path) -> Iterator[ModuleType]:
    """The rendered server.py as a module: its `main` without the second that a process takes to start."""
    sys.path.insert(0, str(server_folder))
    yield importlib.import_module("server")
    sys.path.remove(str(server_folder))
    del sys.modules["server"], sys.modules["environment"]


WHOLE = json.dumps(SCENARIO)
UNUSABLE = {
    "truncated": ("--scenario", WHOLE[: len(WHOLE) // 2], "not a whole JSON document"),
    "deep": ("--scenario", "[" * 100_000, "not a whole JSON document"),
    "list": ("--scenario", [], "no JSON object"),
    "other": ("--scenario", SCENARIO | {"environment": "library"}, "a scenario of library"),
    "old": ("--scenario", SCENARIO | {"environment_digest": "e" * 64}, "another version of todo_list"),
    "state": ("--scenario", SCENARIO["initial_state"], "is not a scenario"),
    "unfit": ("--scenario", SCENARIO | {"initial_state": {"x": 1}}, "does not fit todo_list"),
    "null": ("--scenario", SCENARIO | {"initial_state": None}, "no initial_state."),
    "missing": ("--scenario", None, "cannot be read"),
    "broken": ("--state", "{", "not a whole JSON document"),
    "foreign": ("--state", {"environment": "library"}, "not of todo_list"),
    "no/where": ("--state", None, "cannot be written"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_cannot_be_used_is_one_sentence_and_exit_code_2(
    server: ModuleType, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    option, content, expected = UNUSABLE[name]
    if content is not None:
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    assert server.main([option, str(tmp_path / name)]) == 2
    sentence = capsys.readouterr().err
    assert expected in sentence and sentence.count("\n") == 1
    assert len(list(tmp_path.iterdir())) == (content is not None)


def test_a_state_is_kept_in_files_only(server: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert server.main(["--state", os.devnull]) == 2
    assert "is not a file" in capsys.readouterr().err


def test_an_option_that_cannot_be_used_ends_the_process_with_code_2(server_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        cases = [
            (
                start(server_folder, "--http", port),
                f"127.0.0.1:{port} cannot be listened on: Address already in use;",
            ),
            (start(server_folder, "--http", "65536"), "is not a port"),
            (start(server_folder, "--http", "0", "--control"), "is for a parent process"),
        ]
        for process, expected in cases:
            code, stderr = ended(process)
            assert code == 2 and expected in stderr and "Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(server_folder: Path, number: signal.Signals) -> None:
    with over_http(server_folder) as (_, port, process):
        ask(port)  # it listens before it serves
        process.send_signal(number)
        assert ended(process) == (0, "")
    process = start(server_folder)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(number)
    process.wait(10)  # with standard input still open
    assert ended(process) == (0, "")


def test_the_end_of_standard_input_ends_it(server_folder: Path) -> None:
    assert ended(start(server_folder)) == (0, "")


def ask(port: int, method: str = "POST", path: str = "/mcp", body: object = None, **headers: str) -> tuple[int, bytes]:
    """A bare HTTP request, as a browser or a fuzzer would make it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    message = {"jsonrpc": "2.0", "id": 1, "method": "ping"} if body is None else body
    usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    text = message if isinstance(message, str) else json.dumps(message)
    connection.request(method, path, text.encode(), usual | {k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def test_http_at_the_door(server_folder: Path) -> None:
    with over_http(server_folder) as (_, port, _):
        assert ask(port)[0] == 200
        assert ask(port, method="GET")[0] == 405
        assert ask(port, method="DELETE", **MODERN)[0] == 405
        assert ask(port, path="/")[0] == 404
        assert ask(port, path="/episodes/x/mcp")[0] == 404
        for headers in ({}, MODERN):
            assert ask(port, Host="evil.example:80", **headers)[0] == 421
            assert ask(port, Host=f"evil.example:{port}", **headers)[0] == 421
            assert ask(port, Origin="http://evil.example", **headers)[0] == 403
        assert ask(port, Host=f"localhost:{port}")[0] == 200


def test_malformed_calls_change_nothing(server_folder: Path) -> None:
    values = ["5", "1e999", "NaN", "null", '"\\ud800"', "9" * 5000, '{"a": 1}', "true"]
    values += ["[" * depth + "]" * depth for depth in (100, 500, 975, 100_000)]
    arguments = [f'{{"text": {value}}}' for value in values if value != '"\\ud800"']
    arguments += [*values, '{"item_id": "\\ud800"}', '{"\\ud800": 1}', "{}", '{"text": "a", "text": 5}']
    with over_http(server_folder) as (_, port, process):
        for name, modern, text in itertools.product(("add_item", "finish_item"), (False, True), arguments):
            meta = f'"_meta": {json.dumps(ENVELOPE)}, ' if modern else ""
            params = f'{{{meta}"name": "{name}", "arguments": {text}}}'
            body = f'{{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {params}}}'
            headers = MODERN | {"Mcp_Method": "tools/call", "Mcp_Name": name} if modern else {}
            _, answer = ask(port, body=body, **headers)
            reply = json.loads(answer)
            assert b"Traceback" not in answer
            if "error" in reply:  # no JSON, or arguments that are no object: the SDK's to refuse
                assert reply["error"]["code"] in {-32700, -32602}, text
            else:
                assert reply["result"]["isError"] and reply["result"]["structuredContent"]["code"], text
        left = ask(port, body=call_body("list_items", {}))[1]
        assert json.loads(left)["result"]["structuredContent"]["total"] == 1
        assert process.poll() is None


def call_body(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": name, "arguments": arguments},
    }


async def test_fifty_calls_at_once_do_not_race(server_folder: Path) -> None:
    with over_http(server_folder) as (url, _, _):
        async with Client(url) as client:
            await asyncio.gather(*(client.call_tool("add_item", {"text": str(n)}) for n in range(50)))
            left = (await client.call_tool("list_items", {})).structured_content
    assert left is not None and left["total"] == 51
    assert [item["item_id"] for item in left["items"]] == [f"IT-{n:04}" for n in range(1, 52)]
    assert sorted(int(item["text"]) for item in left["items"][1:]) == list(range(50))


def test_a_kept_state_survives_kill_9(server_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    for n in range(2, 4):
        with over_http(server_folder, "--state", str(file)) as (_, port, process):
            answer = json.loads(ask(port, body=call_body("add_item", {"text": "x"}))[1])
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert answer["result"]["structuredContent"]["item_id"] == f"IT-000{n}"
        kept = json.loads(file.read_text())
        assert kept["environment"] == "todo_list" and len(kept["tables"]["items"]) == n
    assert [path.name for path in tmp_path.iterdir()] == ["mine.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit")
def test_a_full_disk_is_a_refusal_and_the_file_stays_whole(server_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes((server_folder / "state.json").read_bytes())  # a copy of state.json will do
    limited = f"ulimit -f 2; exec {sys.executable} -B {server_folder / 'server.py'} --state {file}"
    messages = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": INITIALIZE},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        call_body("add_item", {"text": "short"}),
        call_body("add_item", {"text": "x" * 5000}),
        call_body("list_items", {}),
    ]
    with subprocess.Popen(
        ["bash", "-c", limited],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        results = []
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            if "id" in message:
                results.append(json.loads(process.stdout.readline())["result"])
        code, stderr = ended(process)
    assert code == 0 and "cannot be written" in stderr
    _, short, long, listed = results
    assert not short["isError"]
    assert long["isError"] and long["structuredContent"]["code"] == "not_saved"
    assert "cannot be saved: File too large" in long["content"][0]["text"]
    assert [item["text"] for item in listed["structuredContent"]["items"]] == ["buy bread", "short"]
    assert len(json.loads(file.read_text())["tables"]["items"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.json"]


INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "codex", "version": "1"},
}


def test_the_rendered_code_is_clean(server_folder: Path) -> None:
    options = [
        "--no-cache",
        "--line-length=110",
        "--config",
        str(ROOT / "pyproject.toml"),
        str(server_folder / "server.py"),
    ]
    for command in (["check"], ["format", "--check"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *options], check=True)


def test_the_readme_and_the_manifest(server_folder: Path) -> None:
    readme = (server_folder / "README.md").read_text()
    assert "| `add_item` | `text` | changes | Add item. |" in readme
    assert "- Nothing is ever removed.\n\n## Policies\n" in readme
    assert "\n\n\n" not in readme
    manifest = json.loads((server_folder / "manifest.json").read_text())
    assert (manifest["name"], manifest["server"]["entry_point"]) == ("todo_list", "server.py")
    assert len(manifest["tools"]) == 5
