"""Servers in the configurations of clients: put in, started from there, taken out, and nothing else touched."""

from __future__ import annotations

import asyncio
import errno
import json
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client as MCPClient
from mcp.client.stdio import StdioServerParameters, stdio_client
from shelf import lend_emma, render_shelf
from typer.testing import CliRunner, Result

from harness.cli import app
from harness.clients import CLIENTS
from harness.environments import RenderedEnvironment

JSON_CLIENTS = [name for name, client in CLIENTS.items() if not client.toml]
OTHERS = {"mcpServers": {"git": {"command": "git-mcp"}}, "servers": {"git": {"command": "git-mcp"}}, "theme": "dark"}
TOML = '# mine\nmodel = "m"\n\n[mcp_servers.git]\ncommand = "git-mcp"  # not ours\n\n[profiles.fast]\nmodel = "n"\n'


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    return render_shelf(tmp_path_factory.mktemp("servers") / "shelf")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def written(name: str, content: str) -> Path:
    path = CLIENTS[name].path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def servers(name: str) -> dict[str, Any]:
    text = CLIENTS[name].path().read_text()
    found: dict[str, Any] = (tomllib.loads(text) if CLIENTS[name].toml else json.loads(text))[CLIENTS[name].key]
    return found


@pytest.mark.parametrize("name", list(CLIENTS))
def test_a_configuration_that_was_not_there_is_made_and_goes_again(name: str, shelf: RenderedEnvironment) -> None:
    made = envwright("install", shelf.folder, "--client", name)
    assert made.exit_code == 0, made.output
    (entry,) = servers(name).values()
    assert (entry["command"], entry["args"]) == (sys.executable, [str(shelf.folder / "server.py")])
    assert stat.S_IMODE(CLIENTS[name].path().stat().st_mode) == 0o600
    assert envwright("uninstall", "shelf", "--client", name).exit_code == 0
    assert not CLIENTS[name].path().exists()


@pytest.mark.parametrize("name", JSON_CLIENTS)
def test_the_rest_stays_and_the_very_bytes_come_back(name: str, shelf: RenderedEnvironment, home: Path) -> None:
    text = json.dumps(OTHERS, indent="\t") + "\n\n"
    path = written(name, text)
    path.chmod(0o640)
    for called in ("shelf", "second", "shelf"):  # the last one is put there again
        assert envwright("install", shelf.folder, "--client", name, "--name", called).exit_code == 0
    document = json.loads(path.read_text())
    assert set(servers(name)) == {"git", "shelf", "second"} and document["theme"] == "dark"
    assert path.read_text().startswith('{\n\t"mcpServers"') and stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.with_name(path.name + ".before-envwright").read_text() == text
    for called in ("shelf", "second"):
        assert envwright("uninstall", called, "--client", name).exit_code == 0
    assert path.read_text() == text


def test_toml_keeps_its_comments(shelf: RenderedEnvironment) -> None:
    path = written("codex", TOML)
    assert envwright("install", shelf.folder, "--client", "codex").exit_code == 0
    assert path.read_text().startswith(TOML) and set(servers("codex")) == {"git", "shelf"}
    assert envwright("install", shelf.folder, "--client", "codex").exit_code == 0
    assert path.read_text().count("[mcp_servers.shelf]") == 1
    path.write_text(path.read_text() + "\n[tui]\nsound = false\n")
    assert envwright("uninstall", "shelf", "--client", "codex").exit_code == 0
    assert path.read_text() == TOML + "\n[tui]\nsound = false\n"


@pytest.mark.parametrize("called", ["meine bücherei", "a.b", 'a "b" \\c', "x\x7f"])
def test_a_name_is_quoted_where_toml_needs_it(called: str, shelf: RenderedEnvironment, home: Path) -> None:
    path = written("codex", TOML)
    printed = envwright("install", shelf.folder, "--client", "codex", "--name", called, "--print")
    for _ in range(2):
        assert envwright("install", shelf.folder, "--client", "codex", "--name", called).exit_code == 0
    assert set(servers("codex")) == {"git", called}
    assert tomllib.loads(printed.stdout) == {"mcp_servers": {called: servers("codex")[called]}}
    assert envwright("uninstall", called, "--client", "codex", "--name", called).exit_code == 0
    assert path.read_text() == TOML


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("vscode", '{\n  // mine\n  "servers": {}\n}', "cannot be changed without harm"),
        ("cursor", "[]", "is not the configuration of Cursor"),
        ("cursor", '{"mcpServers": []}', "is not the configuration of Cursor"),
        ("cursor", '{"mcpServers": {"shelf": {"command": "x"}}}', "not ours; choose another name with --name"),
        ("codex", 'mcp_servers = {git = {command = "g"}}\n', "cannot be changed without harm"),
    ],
)
def test_what_cannot_be_changed_without_harm_is_left(
    name: str, content: str, words: str, shelf: RenderedEnvironment
) -> None:
    path = written(name, content)
    told = envwright("install", shelf.folder, "--client", name)
    assert told.exit_code == 2 and words in told.stderr
    assert path.read_text() == content and list(path.parent.iterdir()) == [path]


def test_a_link_stays_a_link(shelf: RenderedEnvironment, home: Path) -> None:
    real = home / "dotfiles.json"
    real.write_text("{}")
    CLIENTS["gemini"].path().parent.mkdir()
    CLIENTS["gemini"].path().symlink_to(real)
    envwright("install", shelf.folder, "--client", "gemini")
    assert CLIENTS["gemini"].path().is_symlink() and "shelf" in real.read_text()


def test_printed_it_changes_nothing_and_starts_the_scenario(shelf: RenderedEnvironment, home: Path) -> None:
    file = home / "lend-emma.json"
    file.write_text(lend_emma(shelf).model_dump_json())
    options = ("--scenario", file, "--state", home / "mine.json", "--print")
    printed = envwright("install", shelf.folder, "--client", "claude-code", *options)
    assert list(home.iterdir()) == [file]
    entry = json.loads(printed.stdout)["mcpServers"]["shelf"]
    assert entry["type"] == "stdio"

    async def task() -> str:
        async with MCPClient(
            stdio_client(StdioServerParameters(command=entry["command"], args=entry["args"]))
        ) as client:
            prompt = await client.get_prompt("task")
            return str(prompt.messages[0].content.text)  # type: ignore[union-attr]

    assert asyncio.run(task()) == "Lend Emma, and say which book it was."


def test_what_is_not_there_is_told(shelf: RenderedEnvironment, home: Path) -> None:
    assert "has no server 'shelf'" in envwright("uninstall", "shelf", "--client", "cursor").stderr
    assert "no scenario at" in envwright("install", shelf.folder, "--client", "cursor", "--scenario", "x").stderr


@pytest.mark.skipif(shutil.which("mcpb") is None, reason="mcpb is not installed (npm install -g @anthropic-ai/mcpb)")
def test_the_official_tool_takes_a_bundle(shelf: RenderedEnvironment, home: Path) -> None:
    envwright("bundle", shelf.folder, "--out", home / "a.mcpb")
    for words in (("unpack", "a.mcpb", "unpacked"), ("validate", "unpacked/manifest.json")):
        done = subprocess.run(["mcpb", *words], cwd=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_full_disk_leaves_what_was_there(
    shelf: RenderedEnvironment, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written("cursor", "{}")
    (home / "shelf.mcpb").write_bytes(b"before")
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    for words in (
        ("install", shelf.folder, "--client", "cursor"),
        ("bundle", shelf.folder, "--out", home / "shelf.mcpb"),
    ):
        told = envwright(*words)
        assert told.exit_code == 2 and "cannot be written: No space left" in told.stderr
    kept = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert {path: kept[path] for path in kept if not path.name.endswith(".before-envwright")} == before


def test_bundles_are_the_same_bytes(shelf: RenderedEnvironment, home: Path) -> None:
    first = envwright("bundle", shelf.folder, "--out", home / "a.mcpb")
    assert first.exit_code == 0, first.output
    for path in shelf.folder.iterdir():
        path.touch()
    envwright("bundle", shelf.folder, "--out", home / "b.mcpb")
    assert (home / "a.mcpb").read_bytes() == (home / "b.mcpb").read_bytes()
    with zipfile.ZipFile(home / "a.mcpb") as file:
        assert file.testzip() is None
        manifest = json.loads(file.read("manifest.json"))
        assert manifest["server"]["entry_point"] in file.namelist() and manifest["name"] == "shelf"
        assert "skeleton.yaml" not in file.namelist()
    (home / "empty").mkdir()
    (home / "empty" / "skeleton.yaml").touch()
    assert "render it first" in envwright("bundle", home / "empty").stderr
