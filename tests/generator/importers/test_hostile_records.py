"""Records that were made to hurt: each is a sentence or a folder that works, and the import itself is untouched."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.importers.importing import Order, Outcome, carry_out, read_release
from tests.generator.importers.releases import JsonObject, of_code, schema, tool, write

HEAD = "class Env:\n    def __init__(self, c):\n        self.a = {}\n    def get(self, x):\n        "
GET = tool("get", schema(x="string"))
STOPPED = {
    "hangs": ("while True: pass\n" + HEAD + "return 1", "did not answer within 10 seconds"),
    "forks": ("import os\nos.fork()\n" + HEAD + "return 1", "tried to start a process"),
    "reads": ("open('/etc/passwd').read()\n" + HEAD + "return 1", "tried to read '/etc/passwd'|No such file"),
    "connects": ("import socket\nsocket.socket()\n" + HEAD + "return 1", "tried to reach the network"),
    "takes_memory": ("x = [1] * 10**10\n" + HEAD + "return 1", "more memory than it may|MemoryError"),
    "long_sum": (HEAD + "return " + "+".join(["x"] * 5000), "is no Python that can be read"),
    "no_class": ("def make():\n    class Env: pass\n    return Env\nEnv = make()", "has no class Env"),
    "two_arguments": (
        "class Env:\n    def __init__(self, a, b): pass\n    def get(self, x): pass",
        "missing 2 required",
    ),
}
HARMLESS = {
    "calls_exit": HEAD + "raise SystemExit(3)",
    "asks": HEAD + "return input('?')",
    "generates": HEAD + "yield 1",
    "holds_itself": HEAD.replace("self.a = {}", "self.a = {}; self.me = self; self.f = lambda: 1") + "return self",
}


def bring(folder: Path, record: JsonObject) -> Outcome:
    order = Order(write(folder / "environments.json", [record]), (), folder / "out")
    (outcome,) = carry_out(order, read_release(order).jobs)
    return outcome


def start(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "server.py")]
    return subprocess.run(command, input="", capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", STOPPED)
def test_code_that_cannot_be_used_is_a_sentence(tmp_path: Path, name: str) -> None:
    code, sentence = STOPPED[name]
    outcome = bring(tmp_path, of_code(code, GET, env_id=name))
    assert outcome.what == "broken"
    assert re.search(sentence, str(outcome.findings[-1]))
    assert not (tmp_path / "out" / "servers").exists() or not list((tmp_path / "out" / "servers").iterdir())


@pytest.mark.parametrize("name", HARMLESS)
def test_tools_that_misbehave_stop_no_import(tmp_path: Path, name: str) -> None:
    assert bring(tmp_path, of_code(HARMLESS[name], GET, env_id=name)).what == "imported"
    done = start(tmp_path / "out" / "servers" / name)
    assert (done.returncode, done.stderr) == (0, "")


def test_texts_that_could_leave_their_quotes_stay_in_them(tmp_path: Path) -> None:
    odd = 'say """hi""" \\ \'\'\' {{ x }} {% raw %} \u2028 | `tick` end\\'
    declared = tool("get", schema(x={"type": "string", "description": odd, "default": float("inf")}), odd)
    changes = {"environment_summary": odd, "environment_introduction": odd, "constraints_rules": [odd, odd]}
    assert bring(tmp_path, of_code(HEAD + "return 1", declared, env_id="odd", **changes)).what == "imported"
    folder = tmp_path / "out" / "servers" / "odd"
    done = start(folder)
    assert (done.returncode, done.stderr) == (0, "")
    from harness.environments import load_environment

    record = load_environment(folder).record
    assert record.tools[0]["description"] == odd and odd in record.instructions
