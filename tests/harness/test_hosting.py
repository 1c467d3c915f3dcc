"""Server processes and episodes: real processes, the official client, and every way a server can fail."""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from harness.errors import EnvironmentDiedError, HostingError
from harness.hosting import Host, host

pytestmark = pytest.mark.anyio


def state(*texts: str) -> dict[str, Any]:
    items = {f"IT-{n:04}": {"item_id": f"IT-{n:04}", "text": text, "done": False} for n, text in enumerate(texts, 1)}
    return {"clock": "2026-03-02T09:00:00", "counters": {"item": len(items)}, "tables": {"items": items}}


def status(url: str) -> int:
    """What a client gets that posts to `url`."""
    address, path = url.removeprefix("http://").split("/", 1)
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("POST", f"/{path}", b"{}", {"Content-Type": "application/json", "Accept": "application/json"})
    return connection.getresponse().status


async def texts_of(running: Host, episode: Any) -> list[str]:
    record = await running.read(episode)
    return [item["text"] for item in record.state["tables"]["items"].values()]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_an_episode_from_opening_to_closing(server_folder: Path, mode: str) -> None:
    async with host(server_folder) as running:
        assert (running.name, running.environment, len(running.tools_digest)) == (
            "todo_list",
            "todo_list",
            64,
        )
        episode = await running.open(state("sail"), task="Finish the sailing.")
        other = await running.open()
        assert len(episode.id) >= 22 and episode.id in episode.url
        assert not (await running.read(episode)).listed
        async with Client(episode.url, mode=mode) as client:
            await client.list_tools()
            await client.call_tool("finish_item", {"item_id": "IT-0001"})
            await client.call_tool("finish_item", {"item_id": "IT-0001"})
            assert (await client.get_prompt("task")).messages[0].content.text  # type: ignore[union-attr]
        record = await running.read(episode)
        assert record.listed and record.state["tables"]["items"]["IT-0001"]["done"]
        first, second = record.calls
        assert (first.n, first.name, first.arguments, first.ok) == (
            1,
            "finish_item",
            {"item_id": "IT-0001"},
            True,
        )
        assert first.content == {"item_id": "IT-0001", "text": "sail", "done": True}
        assert (second.ok, second.content["code"]) == (False, "refused")
        assert second.origin == "finish_item.requires[0]"
        assert 0 < first.started < second.started and first.seconds < 1
        untouched = await running.read(other)
        assert (untouched.calls, untouched.listed) == ((), False)
        assert await texts_of(running, other) == ["buy bread"]

        assert status(episode.url) != 404
        await running.close(episode)
        assert status(episode.url) == 404
        for request in (running.read, running.close):
            with pytest.raises(HostingError, match="no such episode"):
                await request(episode)
        assert running.alive


async def test_a_state_that_does_not_fit_is_refused_and_the_server_goes_on(server_folder: Path) -> None:
    async with host(server_folder) as running:
        with pytest.raises(HostingError, match=r"todo_list refused to open an episode: .*clock, counters and tables"):
            await running.open({"tables": {}})
        assert await texts_of(running, await running.open(state("a" * 500_000))) == ["a" * 500_000]


async def test_fifty_calls_at_once_on_one_episode_do_not_race(server_folder: Path) -> None:
    async with host(server_folder) as running:
        episode = await running.open(state())
        async with Client(episode.url) as client:
            await asyncio.gather(*(client.call_tool("add_item", {"text": str(n)}) for n in range(50)))
        record = await running.read(episode)
        assert list(record.state["tables"]["items"]) == [f"IT-{n:04}" for n in range(1, 51)]
        assert [call.n for call in record.calls] == list(range(1, 51))
        made = {call.content["item_id"]: call.arguments["text"] for call in record.calls}
        assert {key: item["text"] for key, item in record.state["tables"]["items"].items()} == made


async def test_sixty_four_episodes_at_once_do_not_mix(server_folder: Path) -> None:
    async def attempt(running: Host, n: int) -> None:
        episode = await running.open(state(f"first of {n}"))
        async with Client(episode.url, mode="2026-07-28" if n % 2 else "legacy") as client:
            for k in range(3):
                added = await client.call_tool("add_item", {"text": f"{n} {k}"})
                assert added.structured_content is not None
                assert added.structured_content["item_id"] == f"IT-{k + 2:04}"
        assert await texts_of(running, episode) == [f"first of {n}", *(f"{n} {k}" for k in range(3))]
        await running.close(episode)

    async with host(server_folder) as running:
        await asyncio.gather(*(attempt(running, n) for n in range(64)))


async def test_a_server_that_dies_is_a_typed_error(server_folder: Path) -> None:
    async with host(server_folder) as running:
        episode = await running.open()
        watching = asyncio.create_task(running.watch())
        reading = [asyncio.create_task(running.read(episode)) for _ in range(3)]
        running.process.kill()
        for task in (watching, *reading):
            if task in reading and task.done() and task.exception() is None:
                continue  # answered before the end
            with pytest.raises(EnvironmentDiedError, match=r"todo_list ended while it was needed \(exit code -9\)"):
                await task
        assert not running.alive
        with pytest.raises(EnvironmentDiedError, match="has ended"):
            await running.open()


async def test_what_the_server_said_last_is_in_the_error(server_folder: Path) -> None:
    async with host(server_folder) as running:
        episode = await running.open()
        async with Client(episode.url) as client:
            await client.call_tool("break_down", {})
        assert (await running.read(episode)).calls[0].content["code"] == "internal_error"
        running.process.kill()
        with pytest.raises(EnvironmentDiedError, match="RuntimeError: a secret of the inside") as raised:
            await running.watch()
        assert "break_down broke down" in raised.value.stderr


async def test_a_server_that_hangs_is_ended(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.hosting.REQUEST_TIMEOUT", 0.2)
    monkeypatch.setattr("harness.hosting.END_TIMEOUT", 0.2)
    async with host(server_folder) as running:
        running.process.send_signal(signal.SIGSTOP)
        with pytest.raises(EnvironmentDiedError, match=r"has not answered for 0\.2 seconds"):
            await running.open()
        assert running.process.returncode == -9


async def test_a_server_that_does_not_start(server_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(HostingError, match=r"has no server\.py; render it first"):
        async with host(tmp_path):
            pass
    broken = tmp_path / "broken"
    shutil.copytree(server_folder, broken)
    (broken / "environment.py").write_text("raise RuntimeError('planted')")
    with pytest.raises(HostingError, match=r"broken did not start .*RuntimeError: planted"):
        async with host(broken):
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
async def test_no_secret_is_passed_on_and_nothing_is_written(
    server_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "planted")
    folder = tmp_path / "todo_list"
    shutil.copytree(server_folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = set(folder.iterdir())
    async with host(folder) as running:
        process = Path("/proc") / str(running.process.pid)
        environment = (process / "environ").read_text()
        assert "PATH=" in environment and "planted" not in environment
        assert "planted" not in (process / "cmdline").read_text()
    assert set(folder.iterdir()) == before


PARENT = """
import asyncio, sys
from pathlib import Path
from harness.hosting import host

async def main():
    async with host(Path(sys.argv[1])) as running:
        print(running.process.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(
    "hanging", [False, pytest.param(True, marks=pytest.mark.skipif(sys.platform != "linux", reason="prctl"))]
)
def test_the_server_ends_with_its_parent(server_folder: Path, hanging: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(server_folder)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        if hanging:
            os.kill(server, signal.SIGSTOP)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and runs(server):
        time.sleep(0.02)
    assert not runs(server)


def runs(pid: int) -> bool:
    """Whether the process exists and is more than a corpse that nobody has buried."""
    stat = Path(f"/proc/{pid}/stat")
    if sys.platform == "linux":
        return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
