"""A hostile class as an imported environment: its server lives on, and its attempt is an `environment_error`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from imported_desk import envwright
from mcp import Client

from generator.importers.contained import ContainmentError
from generator.importers.contained.walls import walls
from generator.rendering import find_scenarios
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Solution, ToolCall
from harness.environments import RenderedEnvironment, load_environment
from harness.hosting import host
from harness.run import carry_out, create_run, plan_run

pytestmark = pytest.mark.anyio

HOSTILE = """
import os, socket, sys

class Shop:
    def __init__(self, init_config):
        self.items = {}

    def look(self):
        return {"success": True, "data": self.items}

    def sell(self, item):
        self.items[item] = "sold"
        return {"success": True}

    def attack(self, how):
        if how == "fork bomb":
            while True:
                os.fork()
        elif how == "8 GB":
            return {"size": len(bytearray(8 << 30))}
        elif how == "endless loop":
            while True:
                pass
        elif how == "accounts":
            return {"text": open("/etc/passwd").read()}
        elif how == "environment":
            return {"text": open("/proc/self/environ").read()}
        elif how == "home":
            open(os.path.expanduser("~/it-was-here"), "w").write("x")
        elif how == "socket":
            socket.create_connection(("127.0.0.1", 1))
        elif how == "parent":
            os.kill(os.getppid(), 9)
        elif how == "exit":
            os._exit(0)
        elif how == "server's folder":
            return {"text": open("__FOLDER__").read()}
        return {"success": True}
"""
ATTACKS = {
    "fork bomb": "start a process",
    "8 GB": "more memory",
    "endless loop": "within 10 seconds",
    "accounts": "/etc/passwd",
    "environment": "/proc/self/environ",
    "home": "it-was-here",
    "socket": "reach the network",
    "parent": "send a signal",
    "exit": "process ended",
    "server's folder": "tried to read",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    try:
        walls()
    except ContainmentError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("hostile")
    tools = [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": name,
                "parameters": {
                    "type": "object",
                    "properties": {key: {"type": "string"} for key in parameters},
                    "required": parameters,
                },
            },
        }
        for name, parameters in {"look": [], "sell": ["item"], "attack": ["how"]}.items()
    ]
    out = folder / "imported"
    source = HOSTILE.replace("__FOLDER__", str(folder / "environments.json"))
    environment = {"env_id": "shop", "env_class_name": "Shop", "env_class_code": source, "tools": tools}
    check = {
        "check_item": "Sold?",
        "check_func": "def check_func(final_state):\n    return 'a' in final_state['items']",
    }
    scenario = {
        "task_id": "shop-task_1",
        "env_id": "shop",
        "env_class_name": "Shop",
        "init_config": {"items": {"b": "here"}},
        "task": "Sell a.",
        "checklist_with_func": [check],
    }
    (folder / "environments.json").write_text(json.dumps([environment]), encoding="utf-8")
    (folder / "scenarios.json").write_text(json.dumps([scenario]), encoding="utf-8")
    files = ("--environments", folder / "environments.json", "--scenarios", folder / "scenarios.json")
    result = envwright("import", "envscaler", *files, "--out", out)
    assert result.exit_code == 0, result.output
    [server] = (out / "servers").iterdir()
    return load_environment(server)


@pytest.mark.parametrize("how", [name for name in ATTACKS if name != "endless loop"])
def test_the_attempt_is_an_environment_error(shop: RenderedEnvironment, how: str, tmp_path: Path) -> None:
    [path] = find_scenarios(shop.folder)
    calls = [ToolCall(name="sell", arguments={"item": "a"}), ToolCall(name="attack", arguments={"how": how})]
    scenario = load_scenario(path).model_copy(update={"solution": Solution(calls=calls)})
    plan = plan_run([(shop, [scenario])], ["reference"])
    run = create_run(plan, tmp_path)
    carry_out(plan, run)
    [key] = plan.configuration.keys()
    assert run.evidence(key).attempt.outcome == "environment_error"


async def test_the_server_lives_on_through_all_of_them(shop: RenderedEnvironment) -> None:
    [path] = find_scenarios(shop.folder)
    state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["initial_state"]
    async with host(shop.folder) as server:
        quiet = await server.open(state, "quiet")
        async with Client(quiet.url) as customer:
            await customer.call_tool("sell", {"item": "a"})
            for how, words in ATTACKS.items():
                episode = await server.open(state, how)
                async with Client(episode.url) as attacker:
                    answer = await attacker.call_tool("attack", {"how": how})
                assert answer.is_error
                assert answer.structured_content["code"] == "internal_error"
                assert words in answer.structured_content["message"], how
                await server.close(episode)
                seen = await customer.call_tool("look", {})
                assert seen.structured_content["data"] == {"b": "here", "a": "sold"}
    assert not (Path.home() / "it-was-here").exists()
