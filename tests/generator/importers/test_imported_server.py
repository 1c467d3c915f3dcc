"""An imported environment's server, a real process over stdio and HTTP, with the official client of both eras."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from generator.importers.importing import Order, carry_out, read_release
from harness.environments import load_environment
from harness.hosting import host
from tests.generator.importers.releases import (
    DESK,
    DESK_CONFIG,
    DESK_KINDS,
    DESK_TOOLS,
    environment,
    scenario,
    schema,
    tool,
    write,
)

pytestmark = pytest.mark.anyio
ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
MORE = '''
    def wide(self) -> dict:
        """Everything that JSON does not know."""
        return {1: (1, 2), "tags": {"b", "a"}, "when": datetime(2025, 1, 2), "none": None}

    def three(self):
        return [1, 2, 3]

    def note(self, text: str, rows: List[str] = None, level: int = 1, ratio: float = 1.0, flag: bool = False) -> dict:
        return {"text": text, "rows": rows, "level": level, "ratio": ratio, "flag": flag}

    def tagged(self, text: str, **more) -> dict:
        return {"text": text, "more": more}

    def hang(self) -> dict:
        while True:
            pass

    def leave(self) -> dict:
        import os
        os._exit(3)

    async def later(self) -> dict:
        return {"success": True}

    def hidden(self) -> dict:
        return {"secret": True}
'''
LATER = [
    tool("wide"),
    tool("three"),
    tool(
        "note",
        schema(
            ["text"],
            text={"type": "string", "minLength": 1},
            rows={"type": "array", "items": {"type": "string"}},
            level={"type": "integer", "minimum": 1, "enum": [1, 2, 3]},
            ratio="number",
            flag="boolean",
        ),
    ),
    tool("tagged", schema(text="string", more="object")),
    tool("leave"),
    tool("later"),
    tool("__init__", schema(init_config="object")),
    tool("_user", schema(user_id="string")),
    tool("hang"),
]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an import of one environment and one scenario gives."""
    folder = tmp_path_factory.mktemp("imported")
    kinds = [{"operation_name": name, "operation_type": kind} for name, kind in DESK_KINDS.items()]
    record = environment(env_class_code=DESK + MORE, tools=[*DESK_TOOLS, *LATER[:-1]], operation_list=kinds)
    hanging = environment(
        "env_hang",
        env_class_code=DESK + MORE.replace("while True:", "while len(self.users) < 3:"),
        tools=[*DESK_TOOLS, LATER[-1]],
    )
    crowd = DESK_CONFIG | {"users": {f"U-{n}": {"user_id": f"U-{n}", "name": "x"} for n in range(4)}}
    environments = write(folder / "environments.json", [record, hanging])
    scenarios = write(folder / "scenarios.json", [scenario(), scenario("env_hang", init_config=crowd)])
    order = Order(environments, (scenarios,), folder / "out")
    made = list(carry_out(order, read_release(order).jobs))
    assert [outcome.what for outcome in made] == ["imported", "imported"]
    return folder / "out"


@pytest.fixture(scope="module")
def server(out: Path) -> Path:
    return out / "servers" / "env_1_rl"


def stdio(folder: Path, *options: str) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=[str(folder / "server.py"), *options])


@contextmanager
def over_http(folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, str(folder / "server.py"), "--http", "0"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        yield process.stderr.readline().split()[-1]
    finally:
        process.kill()
        process.communicate()


async def ask(client: Client, called: str, /, **arguments: Any) -> tuple[bool, Any, str]:
    result = await client.call_tool(called, arguments)
    (block,) = result.content
    return not result.is_error, result.structured_content, str(block.text)  # type: ignore[union-attr]


async def check_everything(client: Client, folder: Path) -> None:
    record = load_environment(folder).record
    assert client.instructions == record.instructions == "A desk that lends things.\n\nRules\n- A loan has a user.\n"
    listed = (await client.list_tools()).tools
    assert [item.model_dump(by_alias=True, exclude_none=True) for item in listed] == record.tools
    names = [item.name for item in listed]
    declared = ["get_user", "list_loans", "add_loan", "rename_user"]
    assert names == [*declared, "wide", "three", "note", "tagged", "leave", "later"]

    ok, content, text = await ask(client, "get_user", user_id="U-2")
    assert ok and content == {"success": True, "data": {"user_id": "U-2", "name": "Bö"}} == json.loads(text)
    ok, content, _ = await ask(client, "get_user", user_id="nobody")
    assert ok and content == {"success": False, "error": "User not found"}  # a result, as released
    ok, content, text = await ask(client, "add_loan", user_id="nobody")
    assert not ok and content == {"code": "tool_error", "message": text} and "KeyError" in text
    ok, first, _ = await ask(client, "add_loan", user_id="U-1")
    ok, second, _ = await ask(client, "add_loan", user_id="U-1", days=3)
    assert ok and first["loan_id"] != second["loan_id"]
    ok, content, _ = await ask(client, "list_loans", user_id=None)
    assert ok and len(content["data"]) == 3
    ok, content, _ = await ask(client, "wide")
    assert ok and content == {"1": [1, 2], "tags": ["a", "b"], "when": "2025-01-02T00:00:00", "none": None}
    assert (await ask(client, "three"))[:2] == (True, {"result": [1, 2, 3]})
    assert (await ask(client, "later"))[:2] == (True, {"success": True})


@ERAS
async def test_everything_over_stdio(server: Path, mode: str) -> None:
    async with Client(stdio(server), mode=mode) as client:
        assert (client.protocol_version == "2026-07-28") == (mode == "auto")
        await check_everything(client, server)


@ERAS
async def test_everything_over_http(server: Path, mode: str) -> None:
    with over_http(server) as url:
        async with Client(url, mode=mode) as client:
            await check_everything(client, server)


async def test_only_declared_tools_lead_to_the_class(server: Path) -> None:
    async with Client(stdio(server)) as client:
        for name in ("__init__", "_user", "hidden", "hang", "users", "__class__", "__getattribute__", "get_user.x", ""):
            ok, content, text = await ask(client, name)
            assert not ok and content["code"] == "unknown_tool" and text.startswith("There is no tool"), name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "The argument text is missing; it must be string."),
        ({"text": "a", "txt": 1}, "There is no argument 'txt'; did you mean text?"),
        ({"text": 5}, "text must be string, not 5."),
        ({"text": None}, "text must be string, not null."),
        ({"text": ""}, "text must be no shorter than 1, not 0."),
        ({"text": "a", "rows": "b"}, 'rows must be array, not "b".'),
        ({"text": "a", "rows": ["b", 1]}, "rows[1] must be string, not 1."),
        ({"text": "a", "level": "1"}, 'level must be integer, not "1".'),
        ({"text": "a", "level": True}, "level must be integer, not true."),
        ({"text": "a", "level": 1.5}, "level must be integer, not 1.5."),
        ({"text": "a", "level": 7}, "level must be one of 1, 2, 3, not 7."),
        ({"text": "a", "ratio": False}, "ratio must be number, not false."),
        ({"text": "a", "flag": 1}, "flag must be boolean, not 1."),
    ],
)
async def test_arguments_that_do_not_fit_are_refused_before_the_class_sees_them(
    server: Path, arguments: dict[str, Any], sentence: str
) -> None:
    async with Client(stdio(server)) as client:
        ok, content, text = await ask(client, "note", **arguments)
        assert not ok and content == {"code": "invalid_arguments", "message": sentence} and text == sentence


async def test_what_the_method_can_do_without_may_be_left_out_or_null(server: Path) -> None:
    async with Client(stdio(server)) as client:
        ok, content, _ = await ask(client, "note", text="a", rows=None, level=2.0)
        assert ok and content == {"text": "a", "rows": None, "level": 2.0, "ratio": 1.0, "flag": False}


async def test_a_method_with_open_arguments_takes_any_by_their_names(server: Path) -> None:
    async with Client(stdio(server)) as client:
        ok, content, _ = await ask(client, "tagged", text="a", colour="red", size=2)
        assert ok and content == {"text": "a", "more": {"colour": "red", "size": 2}}


async def test_code_that_ends_its_process_is_an_error_and_the_server_goes_on(server: Path) -> None:
    async with Client(stdio(server)) as client:
        await ask(client, "rename_user", user_id="U-1", name="Zoë")
        ok, content, text = await ask(client, "leave")
        assert not ok and content["code"] == "internal_error" and "Nothing was changed by leave" in text
        ok, content, _ = await ask(client, "get_user", user_id="U-1")
        assert ok and content["data"]["name"] == "Zoë"  # the calls before were made again


async def test_a_scenario_and_a_kept_state(out: Path, server: Path, tmp_path: Path) -> None:
    task = out / "scenarios" / "env_1_rl" / "env_1_rl-task_1.json"
    kept = tmp_path / "kept.json"
    options = ["--scenario", str(task), "--state", str(kept)]
    async with Client(stdio(server, *options)) as client:
        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["task"]
        _, first, _ = await ask(client, "add_loan", user_id="U-1")
    async with Client(stdio(server, *options)) as client:
        _, second, _ = await ask(client, "add_loan", user_id="U-1")
        _, loans, _ = await ask(client, "list_loans")
    assert len({first["loan_id"], second["loan_id"]}) == 2 and len(loans["data"]) == 3
    state = json.loads(kept.read_text())
    assert [call["name"] for call in state["calls"]] == ["add_loan", "add_loan"]


async def test_episodes_share_nothing_and_the_same_calls_give_the_same_bytes(out: Path, server: Path) -> None:
    state = json.loads((out / "scenarios" / "env_1_rl" / "env_1_rl-task_1.json").read_text())["initial_state"]
    found = []
    async with host(server) as one, host(server) as two:
        for running in (one, one, two):
            episode = await running.open(state, "x")
            async with Client(episode.url) as client:
                await ask(client, "rename_user", user_id="U-1", name="Anna")
                await ask(client, "add_loan", user_id="U-1")
            record = await running.read(episode)
            found.append((record.state, [(call.name, call.content) for call in record.calls]))
            await running.close(episode)
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]["tables"]["loans"]) == 2 and state["tables"]["users"]["U-1"]["name"] == "Ana"


async def test_an_endless_call_keeps_nobody_else_waiting(out: Path) -> None:
    folder = out / "servers" / "env_hang"
    small = json.loads((folder / "state.json").read_text())
    small["tables"]["users"] = {"U-1": {"user_id": "U-1", "name": "Ana"}}
    async with host(folder) as running:
        slow, quick = await running.open(small, "x"), await running.open(small, "x")
        async with Client(slow.url) as hanging, Client(quick.url) as working:
            endless = asyncio.create_task(ask(hanging, "hang"))
            await asyncio.sleep(0.5)
            started = time.monotonic()
            assert (await ask(working, "get_user", user_id="U-1"))[0]
            assert (await running.read(quick)).calls[0].ok
            assert time.monotonic() - started < 8 and not endless.done()
            ok, content, text = await endless
        assert not ok and content["code"] == "internal_error" and "within 10 seconds" in text
        assert (await running.read(slow)).state["tables"] == small["tables"]


async def test_a_copied_folder_runs_and_a_changed_one_says_so(server: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(server, tmp_path / "elsewhere" / "desk")
    async with Client(stdio(copied)) as client:
        assert (await ask(client, "get_user", user_id="U-1"))[0]
    (copied / "environment.py").write_text("class Desk: pass\n")
    done = subprocess.run(
        [sys.executable, str(copied / "server.py")], input="", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "environment.py of env_1_rl is not as it was imported; import it again." in done.stderr


def test_no_process_of_ours_imports_the_class(server: Path) -> None:
    """Neither is envwright needed: the folder stands alone."""
    program = (server / "server.py").read_text() + (server / "binding.py").read_text()
    assert "import environment\n" not in program and "exec(" not in program
    code = "import sys; sys.argv = ['x']; import server, binding; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=server, capture_output=True, text=True, check=True)
    assert "'binding'" in done.stdout and "'contained'" in done.stdout
    assert not any(f"'{name}'" in done.stdout for name in ("environment", "generator", "harness"))


def test_rendered_code_is_typed_and_clean(server: Path, tmp_path: Path) -> None:
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "server.py", "binding.py"]
    done = subprocess.run(mypy, cwd=server, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length=110", "--select=E4,E7,E9,F,I"]
    done = subprocess.run([*ruff, "server.py", "binding.py"], cwd=server, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
