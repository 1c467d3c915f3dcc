# /// script
# requires-python = ">=3.11"
# dependencies = ["mcp>=2.3,<3"]
# ///
"""Serves workshop over MCP.

stdio by default, streamable HTTP with --http. Rendered by envwright.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import hashlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

# isort: split
import environment

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

DIGEST = "bc11be2718905dfd850f1759fac320928398b03ec8b7c1029a39d1280b077d47"
RULES_URI, SCHEMA_URI = "env://rules", "env://schema"
QUERIES = {tool["name"] for tool in environment.TOOLS if tool.get("annotations", {}).get("readOnlyHint")}
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
Context = ServerRequestContext[Any, Any]
log = logging.getLogger(environment.NAME)


class Unusable(Exception):
    """What the server was started with cannot be used: a sentence for the person who started it."""


# Files --------------------------------------------------------------------------------------------


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{path} is not a whole JSON document ({error}); get the file again.") from error
    if not isinstance(document, dict):
        raise Unusable(f"{path} holds no JSON object; was another file meant?")
    return document


def read_scenario(path: Path) -> dict[str, Any]:
    """A scenario that was made for this very environment."""
    scenario = read_json(path)
    parts: dict[str, type] = {"environment": str, "initial_state": dict, "task": str}
    missing = [key for key, kind in parts.items() if not isinstance(scenario.get(key), kind)]
    if missing:
        raise Unusable(f"{path} is not a scenario: it has no {' and no '.join(missing)}.")
    if scenario["environment"] != environment.NAME:
        raise Unusable(f"{path} is a scenario of {scenario['environment']}, but this is {environment.NAME}.")
    if scenario.get("environment_digest") != DIGEST:
        raise Unusable(
            f"{path} was made for another version of {environment.NAME}; make it again for this one."
        )
    return scenario


def make_environment(state: Any, source: object = "") -> environment.Environment:
    """An environment with this state (None: the default one)."""
    try:
        return environment.Environment(state)
    except environment.InvalidState as error:
        raise Unusable(f"{source}: {error}" if source else f"{error}") from error


@dataclass
class StateFile:
    """Keeps a state on disk. The file is whole at every moment: it is replaced, never written into.

    Of a scenario the commands that were carried out are kept too, for whoever grades it.
    """

    path: Path
    scenario: str | None = None
    written: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)

    def load(self, default: Callable[[], Any]) -> environment.Environment:
        """The environment with the state on disk, or with `default` when there is no file yet."""
        self.path = self.path.resolve()
        if self.path.exists() and not self.path.is_file():
            raise Unusable(f"{self.path} is not a file, so no state can be kept in it.")
        state = read_json(self.path) if self.path.exists() else default()
        if isinstance(state, dict):
            self.calls = state.pop("calls", [])
            for key, own in (("environment", environment.NAME), ("scenario", self.scenario)):
                found = state.pop(key, own)
                if found != own:
                    raise Unusable(
                        f"{self.path} keeps a state of {key} {found}, not of {own}; name another file."
                    )
        loaded = make_environment(state, self.path)
        try:
            self.save(loaded)
        except OSError as error:
            raise Unusable(f"{self.path} cannot be written: {error.strerror}.") from error
        return loaded

    def save(self, changed: environment.Environment) -> None:
        """Write the state; raises OSError, and then the file is what it was before."""
        calls = {"calls": self.calls} if self.scenario else {}
        state = {"environment": environment.NAME, "scenario": self.scenario, **calls, **changed.state}
        text = json.dumps(state, separators=(",", ":"))
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise
        self.written = text

    def restore(self) -> environment.Environment:
        """The environment as it was last written."""
        state = json.loads(self.written)
        self.calls = state.pop("calls", [])
        del state["environment"], state["scenario"]
        return environment.Environment(state)


# Episodes -----------------------------------------------------------------------------------------


@dataclass
class Episode:
    """One copy of the environment, shared with no other. Calls are synchronous: one at a time."""

    world: environment.Environment
    task: str | None = None
    kept: StateFile | None = None
    record: list[str] | None = None  # calls as JSON, where somebody will read them
    most: int | None = None  # calls that are carried out and recorded; any further one is refused
    exhausted: bool = False  # a further one came
    listed: bool = False
    opened: float = field(default_factory=time.monotonic)

    def call(self, name: str, arguments: dict[str, Any]) -> environment.Result:
        if self.most is not None and self.record is not None and len(self.record) >= self.most:
            self.exhausted = True
            message = f"All {self.most} tool calls were used; nothing more can be done."
            return environment.Result(False, {"code": "limit_reached", "message": message})
        started = time.monotonic()
        if too_deep(arguments):
            arguments = {}  # no record could be made of what came
            message = f"The arguments are nested too deeply; see the input schema of {name}."
            result = environment.Result(False, {"code": "invalid_arguments", "message": message})
        else:
            result = self.perform(name, arguments)
        if self.kept is not None and result.ok and name not in QUERIES:
            self.kept.calls.append({"name": name, "arguments": arguments})
            result = self.keep(self.kept, result)
        if self.record is not None:
            entry = {
                "n": len(self.record) + 1,
                "name": name,
                "arguments": arguments,
                "ok": result.ok,
                "content": result.content,
                "origin": result.origin,
                "started": started - self.opened,
                "seconds": time.monotonic() - started,
            }
            self.record.append(json.dumps(entry, separators=(",", ":")))
        return result

    def perform(self, name: str, arguments: dict[str, Any]) -> environment.Result:
        """The environment's own answer; a mistake inside it is told to the log and not to the agent."""
        try:
            return self.world.call(name, arguments)
        except Exception:
            log.exception("%s broke down", name)
            message = f"{name} broke down inside the server; nothing was changed."
            return environment.Result(False, {"code": "internal_error", "message": message})

    def keep(self, file: StateFile, result: environment.Result) -> environment.Result:
        """`result`, once the state is on disk; else the command is undone and refused."""
        try:
            file.save(self.world)
        except OSError as error:
            log.error("%s cannot be written: %s", file.path, error)
            self.world = file.restore()
            message = f"Nothing was changed, because the state cannot be saved: {error.strerror}."
            return environment.Result(False, {"code": "not_saved", "message": message})
        return result


def too_deep(value: object, levels: int = 64) -> bool:
    """Whether JSON is nested beyond all that a tool here takes."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(too_deep(part, levels - 1) for part in parts)


# MCP ----------------------------------------------------------------------------------------------


def make_server(only: Episode | None = None) -> Server[Any]:
    """The MCP server; a request is about `only`, or else about the episode of its path."""
    tools = types.ListToolsResult(
        tools=[types.Tool.model_validate(tool) for tool in environment.TOOLS],
        ttl_ms=3_600_000,
        cache_scope="public",
    )

    def episode(context: Context) -> Episode:
        request: Any = context.request
        found: Episode = only or request.scope["episode"]
        return found

    async def list_tools(context: Context, _: object) -> types.ListToolsResult:
        episode(context).listed = True
        return tools

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        result = episode(context).call(params.name, params.arguments or {})
        return types.CallToolResult(
            content=[types.TextContent(text=result.text)],
            structured_content=result.content,
            is_error=not result.ok,
        )

    async def list_prompts(context: Context, _: object) -> types.ListPromptsResult:
        task = types.Prompt(name="task", title="The task", description="What is to be done in this scenario.")
        return types.ListPromptsResult(prompts=[task] if episode(context).task else [])

    async def get_prompt(context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        task = episode(context).task
        if params.name != "task" or not task:
            raise MCPError(types.INVALID_PARAMS, f"There is no prompt {params.name!r} here.")
        message = types.PromptMessage(role="user", content=types.TextContent(text=task))
        return types.GetPromptResult(messages=[message])

    async def list_templates(_: Context, __: object) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=[])

    server: Server[Any] = Server(
        environment.NAME,
        version=environment.VERSION,
        title=environment.TITLE,
        instructions=environment.INSTRUCTIONS,
        # Without this the SDK runs the list handler on every call over HTTP: slow, and not the client's.
        get_tool_input_schema={tool["name"]: tool["inputSchema"] for tool in environment.TOOLS}.get,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
        on_list_resource_templates=list_templates,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )
    server.middleware.clear()  # tracing that nobody collects
    return server


async def list_resources(_: Context, __: object) -> types.ListResourcesResult:
    return types.ListResourcesResult(
        resources=[
            types.Resource(
                uri=RULES_URI, name="rules", title="Rules and policies", mime_type="text/markdown"
            ),
            types.Resource(uri=SCHEMA_URI, name="schema", title="State schema", mime_type="application/json"),
        ]
    )


async def read_resource(_: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    uri = str(params.uri)
    if uri == RULES_URI:
        mime_type, text = "text/markdown", environment.INSTRUCTIONS
    elif uri == SCHEMA_URI:
        mime_type, text = "application/json", json.dumps(environment.SCHEMA, indent=2)
    else:
        raise MCPError(
            types.INVALID_PARAMS, f"There is no resource {uri}; there are {RULES_URI} and {SCHEMA_URI}."
        )
    return types.ReadResourceResult(
        contents=[types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)]
    )


# stdio --------------------------------------------------------------------------------------------


async def serve_stdio(episode: Episode) -> None:
    from mcp.server.stdio import stdio_server

    # A thread of the SDK waits in read(2) for standard input, so only this ends the process without delay.
    on_end(lambda: os._exit(0))
    server = make_server(episode)
    try:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    except* BrokenPipeError:  # the client has gone
        os._exit(0)


def on_end(action: Callable[[], object]) -> None:
    """Run `action` in the event loop, between two calls, when the process is asked to end."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C is a KeyboardInterrupt there
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, action)


# HTTP ---------------------------------------------------------------------------------------------


def bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror as error:
        raise Unusable(f"There is no host {host} here: {error.strerror}; name another.") from error
    except OSError as error:
        why = os.strerror(error.errno or 0)  # the error's own text repeats the address
        raise Unusable(f"{host}:{port} cannot be listened on: {why}; name another port, or 0.") from error
    # For all connections: asyncio does so only where it opens the socket. Else a reply can wait 40 ms.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def route(handle: ASGIApp, episodes: dict[str, Episode]) -> ASGIApp:
    """An application where the path says which episode a request is about."""

    async def refuse(send: Send, status: int, sentence: str) -> None:
        headers = [(b"content-type", b"text/plain"), (b"allow", b"POST")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": sentence.encode()})

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        episode = episodes.get(scope["path"])
        if episode is None:
            await refuse(send, 404, "There is no episode here.")
        elif scope["method"] != "POST":
            await refuse(send, 405, "MCP is spoken here by POST alone.")
        else:
            scope["episode"] = episode
            await handle(scope, receive, send)

    return application


async def serve_http(
    episodes: dict[str, Episode], door: socket.socket, host: str, control: Control | None
) -> None:
    import uvicorn
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    names = {*LOOPBACK, f"[{host}]" if ":" in host else host, socket.gethostname()}
    hosts = [form for name in sorted(names) for form in (name, f"{name}:*")]
    origins = [f"{scheme}://{form}" for form in hosts for scheme in ("http", "https")]
    # Stateless: the episode is in the address, so there is no session that could wander into another one.
    manager = StreamableHTTPSessionManager(
        make_server(),
        json_response=True,
        stateless=True,
        security_settings=TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins),
    )
    config = uvicorn.Config(
        route(manager.handle_request, episodes),
        interface="asgi3",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    web = uvicorn.Server(config)
    on_end(lambda: None)  # uvicorn ends by itself, and then raises the signal again: not to kill the process
    async with manager.run():
        if control is None:
            await web.serve(sockets=[door])
            return
        listening = asyncio.create_task(control.serve(door.getsockname()[1]))

        def end(_: object) -> None:
            web.should_exit = web.force_exit = True

        listening.add_done_callback(end)
        await web.serve(sockets=[door])
        listening.cancel()


# The control channel ------------------------------------------------------------------------------


@dataclass
class Control:
    """Opens, reads and closes episodes for the parent process, over a socket that only the parent has."""

    channel: socket.socket
    episodes: dict[str, Episode]

    @classmethod
    def inherited(cls, episodes: dict[str, Episode]) -> Control:
        """The channel that is standard input. When the parent ends, however it ends, so does this process."""
        try:
            channel = socket.socket(fileno=os.dup(0))
        except OSError as error:
            raise Unusable(
                "--control is for a parent process that gives a socket as standard input."
            ) from error
        if sys.platform == "linux":
            set_death_signal = 1
            ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
        with contextlib.suppress(ImportError, ValueError, OSError):
            import resource  # a connection an episode

            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return cls(channel, episodes)

    async def serve(self, port: int) -> None:
        """Answer until the parent goes."""
        reader, writer = await asyncio.open_connection(sock=self.channel, limit=1 << 30)
        tools = json.dumps(environment.TOOLS, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(tools.encode()).hexdigest()
        ready = {"event": "ready", "port": port, "environment": environment.NAME, "tools": digest}
        writer.write(json.dumps(ready).encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(self.answer(line).encode() + b"\n")
                await writer.drain()

    def answer(self, line: bytes) -> str:
        """The reply to one request, as JSON. What cannot be done is a sentence; the channel stays open."""
        number = None
        try:
            request = json.loads(line)
            number = request["id"]
            operation = {"open": self.open, "read": self.read, "close": self.close}[request["op"]]
            reply = operation(request)
        except Unusable as error:
            return json.dumps({"id": number, "ok": False, "error": str(error)})
        except Exception as error:
            log.exception("a request on the control channel failed")
            return json.dumps({"id": number, "ok": False, "error": f"The request failed: {error!r}."})
        return '{"id":' + json.dumps(number) + ',"ok":true' + reply + "}"

    def open(self, request: dict[str, Any]) -> str:
        token = secrets.token_urlsafe(24)
        path = path_of(token)
        opened = make_environment(request.get("state"))
        self.episodes[path] = Episode(opened, request.get("task"), record=[], most=request.get("most"))
        return f',"episode":"{token}","path":"{path}"'

    def read(self, request: dict[str, Any]) -> str:
        episode = self.find(request)
        state = json.dumps(episode.world.state, separators=(",", ":"))
        calls = ",".join(episode.record or [])
        flags = f'"listed":{json.dumps(episode.listed)},"exhausted":{json.dumps(episode.exhausted)}'
        return f',"state":{state},"calls":[{calls}],{flags}'

    def close(self, request: dict[str, Any]) -> str:
        self.find(request)
        del self.episodes[path_of(request["episode"])]
        return ""

    def find(self, request: dict[str, Any]) -> Episode:
        try:
            return self.episodes[path_of(request["episode"])]
        except KeyError:
            raise Unusable("There is no such episode; was it closed?") from None


def path_of(token: str) -> str:
    return f"/episodes/{token}/mcp"


# The command --------------------------------------------------------------------------------------


def port_number(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port; use a number from 0 (any free one) to 65535"
        )
    return int(text)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=f"{environment.TITLE}: an MCP server.",
        epilog="example: server.py --http 8000 --state shop.json",
    )
    parser.add_argument(
        "--http", metavar="PORT", type=port_number, help="streamable HTTP at /mcp instead of stdio"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address for --http (default: %(default)s)")
    parser.add_argument(
        "--scenario", metavar="FILE", type=Path, help="start from its state; its task is a prompt"
    )
    parser.add_argument("--state", metavar="FILE", type=Path, help="keep the state there across restarts")
    parser.add_argument(
        "--log-level",
        default="warning",
        choices=["debug", "info", "warning", "error"],
        help="what is told on standard error (default: %(default)s)",
    )
    parser.add_argument("--control", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.control and (options.http is None or options.scenario or options.state):
        parser.error("--control goes with --http, and without --scenario and --state")
    return options


def first_episode(options: argparse.Namespace) -> Episode:
    """The one episode of a server without a control channel."""
    scenario = read_scenario(options.scenario) if options.scenario else {}
    if options.state is None:
        start = make_environment(scenario.get("initial_state"), options.scenario or "state.json")
        return Episode(start, task=scenario.get("task"))
    kept = StateFile(options.state, scenario.get("id"))
    return Episode(kept.load(lambda: scenario.get("initial_state")), task=scenario.get("task"), kept=kept)


def run(options: argparse.Namespace) -> None:
    episodes: dict[str, Episode] = {}
    if options.control:
        control = Control.inherited(episodes)
        asyncio.run(serve_http(episodes, bind(options.host, options.http), options.host, control))
    elif options.http is not None:
        episodes["/mcp"] = first_episode(options)
        door = bind(options.host, options.http)
        print(
            f"{environment.TITLE}: http://{options.host}:{door.getsockname()[1]}/mcp",
            file=sys.stderr,
            flush=True,
        )
        asyncio.run(serve_http(episodes, door, options.host, None))
    else:
        asyncio.run(serve_stdio(first_episode(options)))


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    logging.basicConfig(
        level=options.log_level.upper(), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        run(options)
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
