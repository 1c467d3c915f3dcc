"""An agent that looks around: prints the processes, files and addresses that it can reach. Imports nothing of ours.

looking.py URL PORT FILE
"""

import json
import os
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

url, port, file = sys.argv[1:4]


def ask(address):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}).encode()
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def connects(to):
    try:
        socket.create_connection(to, timeout=2).close()
    except OSError:
        return False
    return True


def writes(place):
    try:
        Path(place, "mine").write_text("mine")
    except OSError:
        return False
    return True


processes = [path.read_bytes().replace(b"\0", b" ").decode() for path in Path("/proc").glob("[0-9]*/cmdline")]
found = {
    "processes": [line for line in processes if __file__ not in line],
    "environment": sorted(os.environ),
    "home": sorted(path.name for path in Path.home().iterdir()),
    "root": sorted(path.name for path in Path("/").iterdir()),
    "work": sorted(path.name for path in Path().iterdir()),
    "file": Path(file).exists(),
    "writes": [place for place in (".", Path.home(), "/", "/usr", "/etc") if writes(place)],
    "episode": ask(url),
    "elsewhere": ask(url.replace("/mcp", "0/mcp")),
    "loopback": connects(("127.0.0.1", int(port))),
}
print(json.dumps(found, default=str))
