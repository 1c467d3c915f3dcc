"""Puts a server into the configuration of an MCP client and takes it out again, leaving the rest as it is.

Before the first of our servers comes in, the file is copied to `<file>.before-envwright`. When the last one is
taken out and nothing else has changed, the copy's very bytes come back.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import PlaceError

Json = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """How a client starts a server."""

    command: str
    args: tuple[str, ...]


@dataclass(frozen=True)
class Client:
    """A client: where its configuration is, and the form of it."""

    title: str
    path: Callable[[], Path]
    key: str = "mcpServers"
    typed: bool = False  # entries say that they are stdio
    toml: bool = False

    def document(self, entry: Entry) -> Json:
        return {**({"type": "stdio"} if self.typed else {}), "command": entry.command, "args": list(entry.args)}

    def text(self, name: str, entry: Entry) -> str:
        """What stands in the configuration for a server, as a person would write it."""
        if self.toml:
            return _toml(self.key, name, entry)
        return json.dumps({self.key: {name: self.document(entry)}}, indent=2, ensure_ascii=False) + "\n"


def _application(folder: str, *rest: str) -> Callable[[], Path]:
    """Where desktop applications keep their settings, by system."""

    def path() -> Path:
        if sys.platform == "darwin":
            return Path.home().joinpath("Library", "Application Support", folder, *rest)
        if sys.platform == "win32":
            return Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")).joinpath(folder, *rest)
        return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config").joinpath(folder, *rest)

    return path


def _home(*rest: str, variable: str = "", below: str = "") -> Callable[[], Path]:
    """A path in the home, or `below` the folder that a variable names."""
    return lambda: Path(os.environ[variable]) / below if os.environ.get(variable) else Path.home().joinpath(*rest)


CLIENTS = {
    "claude-desktop": Client("Claude Desktop", _application("Claude", "claude_desktop_config.json")),
    "claude-code": Client(
        "Claude Code", _home(".claude.json", variable="CLAUDE_CONFIG_DIR", below=".claude.json"), typed=True
    ),
    "cursor": Client("Cursor", _home(".cursor", "mcp.json")),
    "vscode": Client("VS Code", _application("Code", "User", "mcp.json"), key="servers", typed=True),
    "codex": Client(
        "Codex",
        _home(".codex", "config.toml", variable="CODEX_HOME", below="config.toml"),
        key="mcp_servers",
        toml=True,
    ),
    "gemini": Client("Gemini CLI", _home(".gemini", "settings.json")),
}


def install(client: Client, name: str, entry: Entry) -> Path:
    """Put a server into a client's configuration; one that was put there before is replaced.

    Raises:
        PlaceError: the configuration cannot be read or written, or has another server of that name.
    """
    path, text = _read(client)
    servers = _servers(client, path, text)
    found = servers.get(name)
    if found is not None and not _is_ours(found, entry):
        raise PlaceError(f"{path} has a server '{name}' already that is not ours; choose another name with --name.")
    if client.toml:
        rest = _without_toml(client, path, text, name) if found is not None else text
        fresh = rest + ("\n" if rest and not rest.endswith("\n") else "") + ("\n" if rest else "")
        fresh += _toml(client.key, name, entry)
        wanted = {**_servers(client, path, rest), name: client.document(entry)}
        _check_toml(client, path, rest, fresh, wanted)
    else:
        document = _parse(client, path, text)
        document.setdefault(client.key, {})[name] = client.document(entry)
        fresh = _json(document, text)
    if not any(_is_a_server_of_ours(one) for one in servers.values()):
        _copy(path)
    _write(path, fresh)
    return path


def uninstall(client: Client, name: str) -> Path:
    """Take a server out of a client's configuration.

    Raises:
        PlaceError: the configuration cannot be read or written, or has no such server.
    """
    path, text = _read(client)
    if name not in _servers(client, path, text):
        raise PlaceError(f"{path} has no server '{name}'.")
    if client.toml:
        fresh = _without_toml(client, path, text, name)
    else:
        document = _parse(client, path, text)
        del document[client.key][name]
        fresh = _json(document, text)
    _write(path, _as_before(client, path, fresh))
    return path


def _as_before(client: Client, path: Path, fresh: str) -> str:
    """The bytes of the copy, where they say the same; nothing, where there was no file before."""
    copy = _copy_of(path)
    now = _comparable(client, _parse(client, path, fresh))
    if not copy.exists():
        return "" if not now else fresh
    try:
        before = copy.read_text(encoding="utf-8")
        same = _comparable(client, _parse(client, copy, before)) == now
    except (OSError, ValueError, PlaceError):
        return fresh
    return before if same else fresh


def _comparable(client: Client, document: Json) -> Json:
    return {key: value for key, value in document.items() if key != client.key or value}


def _read(client: Client) -> tuple[Path, str]:
    path = client.path().resolve()  # the file itself, where a link leads to it
    try:
        return path, path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return path, ""
    except (OSError, UnicodeDecodeError) as error:
        raise PlaceError(f"{path} cannot be read: {error}.") from error


def _parse(client: Client, path: Path, text: str) -> Json:
    try:
        document = tomllib.loads(text) if client.toml else json.loads(text) if text.strip() else {}
    except ValueError as error:  # comments in JSON too, which writing would lose
        raise PlaceError(
            f"{path} cannot be changed without harm ({error}); see what to put there yourself with --print."
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get(client.key, {}), dict):
        raise PlaceError(f"{path} is not the configuration of {client.title}; see what to put there with --print.")
    return document


def _servers(client: Client, path: Path, text: str) -> Json:
    servers: Json = _parse(client, path, text).get(client.key, {})
    return servers


def _is_ours(found: object, entry: Entry) -> bool:
    """Whether an entry starts the same server.py."""
    return _script(found) == entry.args[0]


def _is_a_server_of_ours(found: object) -> bool:
    return Path(_script(found)).name == "server.py"


def _script(found: object) -> str:
    args = found.get("args") if isinstance(found, dict) else None
    return str(args[0]) if isinstance(args, list) and args else ""


def _json(document: Json, text: str) -> str:
    """The document, indented as the text was."""
    found = re.search(r"^[{\[]\s*?\n([ \t]+)\S", text)
    indent: str | int | None = found[1] if found else 2
    end = "\n" if not text or text.endswith("\n") else ""
    return json.dumps(document, indent=indent, ensure_ascii=False) + end


def _toml(key: str, name: str, entry: Entry) -> str:
    args = ", ".join(_quoted(arg) for arg in entry.args)
    return f"[{key}.{_toml_key(name)}]\ncommand = {_quoted(entry.command)}\nargs = [{args}]\n"


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    """A string of TOML: one of JSON, save that DEL is escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _without_toml(client: Client, path: Path, text: str, name: str) -> str:
    """The text without a server's table, which must be all that goes."""
    table = re.compile(rf"\n?^\[{client.key}\.{re.escape(_toml_key(name))}\][^\n]*\n(?:(?!\[)[^\n]+\n?)*", re.MULTILINE)
    fresh = table.sub("", text, count=1)
    wanted = {key: value for key, value in _servers(client, path, text).items() if key != name}
    _check_toml(client, path, text, fresh, wanted)
    return fresh


def _check_toml(client: Client, path: Path, text: str, fresh: str, servers: Json) -> None:
    """Raises PlaceError unless the fresh text says what the text said, but for these servers."""
    try:
        now = tomllib.loads(fresh)
    except ValueError:
        now = {}
    if _comparable(client, now) != _comparable(client, {**_parse(client, path, text), client.key: servers}):
        raise PlaceError(f"{path} cannot be changed without harm; see what to put there yourself with --print.")


def _copy_of(path: Path) -> Path:
    return path.with_name(path.name + ".before-envwright")


def _copy(path: Path) -> None:
    copy = _copy_of(path)
    try:
        if path.exists():
            shutil.copy2(path, copy)
        else:
            copy.unlink(missing_ok=True)  # of a file that has gone since
    except OSError as error:
        raise PlaceError(f"{copy} cannot be written: {error.strerror or error}.") from error


def _write(path: Path, fresh: str) -> None:
    """Replace the file at once, with the rights it had; an empty text removes it."""
    try:
        if not fresh:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{secrets.token_hex(8)}.tmp")
        made.touch(mode=0o600)
        try:
            made.write_bytes(fresh.encode())
            if path.exists():
                shutil.copymode(path, made)
            made.replace(path)
        except OSError:
            made.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PlaceError(f"{path} cannot be written: {error.strerror or error}.") from error
