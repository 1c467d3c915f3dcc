"""The baseline: a lowlevel server of the SDK and nothing else, with the tools and the answer of a JSON file."""

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server

DOCUMENT = json.loads(Path(sys.argv[1]).read_text())
TOOLS = types.ListToolsResult(
    tools=[types.Tool.model_validate(tool) for tool in DOCUMENT["tools"]], ttl_ms=3_600_000, cache_scope="public"
)


async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
    return TOOLS


async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(text=DOCUMENT["text"])], structured_content=DOCUMENT["content"]
    )


SERVER = Server(
    "bare",
    on_list_tools=list_tools,
    on_call_tool=call_tool,
    get_tool_input_schema={tool["name"]: tool["inputSchema"] for tool in DOCUMENT["tools"]}.get,
)


async def serve_stdio() -> None:
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (incoming, outgoing):
        await SERVER.run(incoming, outgoing, SERVER.create_initialization_options())


async def serve_http() -> None:
    import uvicorn
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    manager = StreamableHTTPSessionManager(SERVER, json_response=True, stateless=True)
    door = socket.create_server(("127.0.0.1", 0))
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"bare: http://127.0.0.1:{door.getsockname()[1]}/mcp", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        manager.handle_request, interface="asgi3", lifespan="off", ws="none", log_config=None, access_log=False
    )
    async with manager.run():
        await uvicorn.Server(config).serve(sockets=[door])


asyncio.run(serve_http() if "--http" in sys.argv else serve_stdio())
