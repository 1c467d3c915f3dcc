"""What the benchmarks serve: an environment of our own with one of its scenarios, or the tests' to-do list."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from tests.conftest import load_environment, render_server  # noqa: E402

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Workload:
    folder: Path
    environment: ModuleType
    state: dict[str, Any]
    calls: tuple[Call, ...]

    @property
    def kilobytes(self) -> float:
        """The size of the state as compact JSON, in KB of 1,000 bytes."""
        return len(json.dumps(self.state, separators=(",", ":"))) / 1000

    @property
    def query(self) -> Call:
        """The query among the calls whose result is of median size."""
        reads = {tool["name"] for tool in self.environment.TOOLS if tool["annotations"]["readOnlyHint"]}
        world = self.environment.Environment(json.loads(json.dumps(self.state)))
        sizes = []
        for name, arguments in self.calls:
            result = world.call(name, arguments)
            if name in reads and result.ok:
                sizes.append((len(result.text), name, json.dumps(arguments)))
        _, name, text = sorted(sizes)[len(sizes) // 2]
        return name, json.loads(text)


def chosen() -> Workload:
    """Of the folder on the command line, of the first environment that has scenarios, or the to-do list."""
    parser = argparse.ArgumentParser()
    parser.add_argument("server", nargs="?", type=Path, help="a folder of servers/")
    named: Path | None = parser.parse_args().server
    for folder in [named] if named else sorted((ROOT / "servers").iterdir()):
        scenarios = sorted((ROOT / "scenarios" / folder.name).glob("*.json"))
        if (folder / "server.py").is_file() and scenarios:
            documents = [json.loads(path.read_text()) for path in scenarios]
            # The state nearest to the 50 KB of the figure.
            best = min(documents, key=lambda d: abs(len(json.dumps(d["initial_state"])) - 50_000))
            calls = tuple((call["name"], call["arguments"]) for call in best["solution"]["calls"])
            return Workload(folder.resolve(), load_environment(folder), best["initial_state"], calls)
    if named:
        sys.exit(f"{named} is no rendered server with scenarios.")
    return to_do_list()


def to_do_list() -> Workload:
    folder = Path(tempfile.mkdtemp(prefix="envwright-")) / "todo_list"
    shutil.copytree(ROOT / "tests" / "fixtures" / "todo_server", folder)
    render_server(folder)
    items = {f"IT-{n:04}": {"item_id": f"IT-{n:04}", "text": "word " * 8, "done": False} for n in range(1, 541)}
    state = {"clock": "2026-03-02T09:00:00", "counters": {"item": 540}, "tables": {"items": items}}
    calls: list[Call] = [("add_item", {"text": f"number {n}"}) for n in range(6)]
    calls += [("finish_item", {"item_id": "IT-0541"}), ("finish_item", {"item_id": "IT-0541"})]
    calls += [("get_item", {"item_id": "IT-0001"}), ("get_item", {"item_id": "IT-0541"}), ("list_items", {})]
    return Workload(folder, load_environment(folder), state, tuple(calls))
