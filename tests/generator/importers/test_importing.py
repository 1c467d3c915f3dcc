"""A release becomes folders: the same bytes each time, whole or not at all, one record's faults stopping no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from generator.importers.errors import ImportingError
from generator.importers.importing import Batch, Order, Outcome, carry_out, read_release, require_clock
from generator.scengenerator.files import load_scenario
from tests.conftest import ROOT
from tests.generator.importers.releases import (
    DESK,
    DESK_CONFIG,
    environment,
    of_code,
    scenario,
    schema,
    tool,
    write,
)
from tests.generator.importers.variants import records

SAMPLE = Path(os.environ.get("ENVSCALER_SAMPLE", "/work/shared/envscaler"))


def ordered(folder: Path, environments: Any, scenarios: Any = None, **options: Any) -> Order:
    given = write(folder / "environments.json", environments)
    asked = write(folder / "scenarios.json", scenarios) if scenarios is not None else None
    return Order(given, (asked,) if asked else (), options.pop("out", folder / "out"), **options)


def imported(order: Order) -> tuple[list[Outcome], Batch]:
    batch = read_release(order)
    return list(carry_out(order, batch.jobs)), batch


def files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def said(outcomes: list[Outcome], batch: Batch) -> list[str]:
    return [str(finding) for finding in (*batch.broken, *(f for outcome in outcomes for f in outcome.findings))]


def test_an_environment_becomes_a_folder_and_its_scenarios_files(tmp_path: Path) -> None:
    outcomes, batch = imported(ordered(tmp_path, [environment()], [scenario(), scenario(number=2)]))
    assert [(outcome.what, outcome.tools, outcome.scenarios) for outcome in outcomes] == [("imported", 4, 2)]
    assert said(outcomes, batch) == []
    server = tmp_path / "out" / "servers" / "env_1_rl"
    assert (server / "environment.py").read_text() == DESK
    record = json.loads((server / "import.json").read_text())
    assert (record["env_id"], record["class_name"]) == ("env_1_rl", "Desk")
    kinds = {name: nature["kind"] for name, nature in record["tools"].items()}
    assert kinds == {"get_user": "query", "list_loans": "query", "add_loan": "command", "rename_user": "command"}
    made = load_scenario(tmp_path / "out" / "scenarios" / "env_1_rl" / "env_1_rl-task_1.json")
    assert made.initial_state["tables"]["users"]["U-2"]["name"] == "Bö"
    assert [(check.id, check.kind) for check in made.sources] == [("c1", "goal"), ("c2", "keep")]
    assert made.certificate is None and made.task == scenario()["task"]
    assert json.loads((server / "state.json").read_text()) == made.initial_state


def test_the_same_release_gives_the_same_bytes_in_two_processes(tmp_path: Path) -> None:
    order = ordered(tmp_path, [environment()], [scenario()])
    program = (
        "import sys; from pathlib import Path; from generator.importers.importing import *\n"
        "order = Order(Path(sys.argv[1]), (Path(sys.argv[2]),), Path(sys.argv[3]))\n"
        "list(carry_out(order, read_release(order).jobs))\n"
    )
    for name, seed in (("one", "1"), ("two", "2")):
        arguments = [order.environments, order.scenarios[0], tmp_path / name]
        environ = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, *map(str, arguments)], check=True, cwd=ROOT, env=environ)
    assert files(tmp_path / "one") == files(tmp_path / "two") != {}


def test_what_is_there_already_is_left_as_it_is_until_something_differs(tmp_path: Path) -> None:
    order = ordered(tmp_path, [environment(), environment("env_2")], [scenario()])
    imported(order)
    server = tmp_path / "out" / "servers" / "env_1_rl"
    before = (server / "server.py").stat().st_ino
    assert [outcome.what for outcome in imported(order)[0]] == ["there", "there"]
    assert (server / "server.py").stat().st_ino == before
    (server / "environment.py").write_text("pass")
    assert [outcome.what for outcome in imported(order)[0]] == ["imported", "there"]
    assert (server / "environment.py").read_text() == DESK
    task = tmp_path / "out" / "scenarios" / "env_1_rl" / "env_1_rl-task_1.json"
    document = json.loads(task.read_text())
    document["audit"]["checks"] = []  # an audit since then is no difference
    task.write_text(json.dumps(document))
    assert [outcome.what for outcome in imported(order)[0]] == ["there", "there"]
    task.write_text("{")
    assert [outcome.what for outcome in imported(order)[0]] == ["broken", "there"]
    task.unlink()
    assert [outcome.what for outcome in imported(order)[0]] == ["imported", "there"]
    changed = ordered(tmp_path, [environment(), environment("env_2", environment_summary="Other")], [scenario()])
    assert [outcome.what for outcome in imported(changed)[0]] == ["there", "imported"]


def test_scenarios_come_file_by_file_and_stay_until_their_environment_is_another(tmp_path: Path) -> None:
    first = ordered(tmp_path, [environment(), environment("env_2")], [scenario()])
    second = write(tmp_path / "more.json", [scenario("env_2")])
    imported(first)
    outcomes, _ = imported(Order(first.environments, (second,), first.out))
    assert [(outcome.name, outcome.what) for outcome in outcomes] == [("env_1_rl", "there"), ("env_2", "imported")]
    tasks = first.out / "scenarios"
    assert sorted(path.name for path in tasks.rglob("*.json")) == ["env_1_rl-task_1.json", "env_2-task_1.json"]
    outcomes, _ = imported(Order(first.environments, (*first.scenarios, second), first.out))
    assert [outcome.what for outcome in outcomes] == ["there", "there"]
    assert [outcome.what for outcome in imported(Order(first.environments, (), first.out))[0]] == ["there", "there"]
    changed = ordered(tmp_path, [environment(constraints_rules=["Another."]), environment("env_2")])
    outcomes, batch = imported(changed)
    assert [outcome.what for outcome in outcomes] == ["imported", "there"]
    assert "they were taken away: import them too" in "\n".join(said(outcomes, batch))
    assert [path.name for path in tasks.iterdir()] == ["env_2"]


@pytest.mark.parametrize("place", ["servers", "scenarios"])
def test_what_no_import_made_is_never_overwritten(tmp_path: Path, place: str) -> None:
    mine = tmp_path / "out" / place / "env_1_rl" / "notes.json"
    mine.parent.mkdir(parents=True)
    mine.write_text("{}")
    outcomes, batch = imported(ordered(tmp_path, [environment(), environment("env_2")], [scenario()]))
    assert [outcome.what for outcome in outcomes] == ["broken", "imported"]
    assert "no import made" in said(outcomes, batch)[0] or "not made by an import" in said(outcomes, batch)[0]
    assert files(mine.parent) == {"notes.json": b"{}"}


def test_a_rendered_environment_is_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "servers" / "env_1_rl"
    folder.mkdir(parents=True)
    (folder / "skeleton.yaml").write_text("id: x\n")
    assert [outcome.what for outcome in imported(ordered(tmp_path, [environment()]))[0]] == ["broken"]
    assert files(folder) == {"skeleton.yaml": b"id: x\n"}


def test_broken_records_are_named_and_stop_no_other(tmp_path: Path) -> None:
    environments = [
        environment(),
        7,
        environment("env_2", env_class_code="class Desk(:"),
        environment("env_3", tools=[tool("nothing")]),
        environment(),
        environment("env_4", env_class_code="import numpy_of_nobody\n" + DESK),
        environment("env_5", env_class_code="def f():\n    raise OSError('no')\nf()\n" + DESK),
    ]
    scenarios = [scenario("env_9"), scenario(task=None), scenario(), scenario(), scenario("env_4")]
    outcomes, batch = imported(ordered(tmp_path, environments, scenarios))
    assert [outcome.name for outcome in outcomes if outcome.what == "imported"] == ["env_1_rl"]
    words = "\n".join(said(outcomes, batch))
    for sentence in (
        "environments.json, record 2: is a number; a record is an object",
        "env_2, env_class_code: is no Python of this version",
        "env_3, tools: names no method that the class has",
        "environments.json, record 5, env_id: env_1_rl is there twice",
        "numpy_of_nobody",
        "OSError: no",
        "env_9-task_1, env_id: env_9 is no environment of environments.json",
        "env_1_rl-task_1, task: is missing",
        "env_1_rl-task_1, task_id: is there twice, the same; it was taken once",
    ):
        assert sentence in words
    assert sorted(path.name for path in (tmp_path / "out" / "servers").iterdir()) == ["env_1_rl"]


def test_a_scenario_that_gives_no_object_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    code = DESK.replace("self.init_config = init_config", "self.first = sorted(init_config['users'])[0]")
    scenarios = [scenario(), scenario(number=2, init_config={"users": {}})]
    outcomes, batch = imported(ordered(tmp_path, [environment(env_class_code=code)], scenarios))
    assert outcomes[0].scenarios == 1
    (sentence,) = said(outcomes, batch)
    assert sentence.startswith("env_1_rl-task_2, init_config: was left out:") and "IndexError" in sentence


def test_the_class_is_the_one_that_the_scenarios_name_where_the_environment_names_none(tmp_path: Path) -> None:
    code = DESK + "\nclass Other(Desk):\n    def close(self) -> dict:\n        return {}\n"
    records = [environment(env_class_code=code, env_class_name="LendingDesk")]
    asked = [scenario(env_class_name="Other"), scenario(number=2)]
    outcomes, batch = imported(ordered(tmp_path, records, asked))
    assert said(outcomes, batch) == [
        "env_1_rl, env_class_name: leads to no class; Other was taken",
        "env_1_rl-task_2, env_class_name: is Desk, but the class that was taken is Other",
    ]
    assert json.loads((tmp_path / "out/servers/env_1_rl/import.json").read_text())["class_name"] == "Other"


def test_checks_that_do_not_run_are_findings_and_the_scenario_is_there(tmp_path: Path) -> None:
    odd = [{"check_item": "x", "check_func": "def check_func(s):\n    return missing"}]
    outcomes, batch = imported(ordered(tmp_path, [environment()], [scenario(checklist_with_func=odd)]))
    assert outcomes[0].scenarios == 1
    assert any("no check says anything about the start: c1 (missing_name)" in text for text in said(outcomes, batch))


def test_half_characters_and_deep_nesting_are_no_tracebacks(tmp_path: Path) -> None:
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    environments = [environment(environment_introduction="half \ud83d and whole 📚"), environment("env_2", extra=deep)]
    scenarios = [scenario(task="Rename \udc00", init_config=DESK_CONFIG | {"odd": "\ud83d", "n": float("nan")})]
    order = ordered(tmp_path, [], [])
    order.environments.write_text(json.dumps(environments))
    order.scenarios[0].write_text(json.dumps([*scenarios, scenario(number=2, init_config={"deep": deep})]))
    outcomes, batch = imported(order)
    assert [(outcome.what, outcome.scenarios) for outcome in outcomes] == [("imported", 1)]
    assert "half \ufffd and whole 📚" in (tmp_path / "out/servers/env_1_rl/README.md").read_text()
    assert [text for text in said(outcomes, batch) if "nested too deeply" in text]


def test_names_of_folders_and_files_are_safe_and_differ(tmp_path: Path) -> None:
    environments = [environment("../../up"), environment("ENV up"), environment("env_up"), environment("123")]
    scenarios = [scenario("../../up", task_id="../x"), scenario("../../up", task_id="a/b"), scenario("../../up", 3)]
    outcomes, batch = imported(ordered(tmp_path, environments, scenarios))
    names = [outcome.name for outcome in outcomes]
    assert names == ["up", "env_up", "env_123"]
    assert "would get the same folder as ENV up" in said(outcomes, batch)[0]
    written = sorted(path.name for path in (tmp_path / "out" / "scenarios" / "up").iterdir())
    assert len(written) == 3 and all("/" not in name and not name.startswith(".") for name in written)
    assert {path.name for path in tmp_path.iterdir()} == {"environments.json", "scenarios.json", "out"}


KINDS = """
class Env:
    def __init__(self, c):
        self.rows = {"r": {"n": 1}}
        self.seen = 0
    def hidden_write(self):
        vars(type(self))
        self.__dict__["seen"] = self.__dict__["seen"] + 1
        return 1
    def cached(self):
        if not hasattr(self, "cache"): self.cache = len(self.rows)
        return self.cache
    def nothing(self): return {"success": True}
    def add(self, key: str):
        self.rows[f"{key} {len(self.rows)}"] = {"n": 0}
    def drop(self, key: str):
        return self.rows.pop(key, None)
    def never(self): raise ValueError("always")
"""


def test_kinds_are_seen_in_the_code_and_in_what_calls_do_and_contradictions_are_told(tmp_path: Path) -> None:
    tools = [tool(name) for name in ("hidden_write", "cached", "nothing", "never")]
    tools += [tool(name, schema(key="string")) for name in ("add", "drop")]
    names = ["hidden_write", "cached", "nothing", "never", "add", "drop"]
    said_kinds = dict.fromkeys(names, "query") | {"nothing": "state_change", "add": "state_change", "drop": "gizmo"}
    listed = [{"operation_name": name, "operation_type": kind} for name, kind in said_kinds.items()]
    outcomes, batch = imported(ordered(tmp_path, [of_code(KINDS, *tools) | {"operation_list": listed}]))
    record = json.loads((tmp_path / "out" / "servers" / "env_1_rl" / "import.json").read_text())
    assert {name: record["tools"][name]["kind"] for name in names} == {
        "hidden_write": "command",
        "cached": "command",
        "nothing": "query",
        "never": "query",
        "add": "command",
        "drop": "command",
    }
    words = "\n".join(said(outcomes, batch))
    assert "tools.cached: is released as a query, but it changes the state" in words
    assert "tools.nothing: is released as a state_change, but nothing that it does changes the state" in words
    assert "tools.drop: has the operation_type 'gizmo'" in words
    assert "tools.never: raised in each of" in words
    from harness.environments import load_environment

    hints = {
        item["name"]: item["annotations"] for item in load_environment(tmp_path / "out/servers/env_1_rl").record.tools
    }
    assert [name for name in names if hints[name]["readOnlyHint"]] == ["nothing", "never"]
    assert [name for name in names if hints[name]["destructiveHint"]] == ["hidden_write", "drop"]


@pytest.mark.slow
def test_every_way_to_build_a_class_is_imported_and_its_state_comes_back(tmp_path: Path) -> None:
    from generator.importers.folder import read_class

    outcomes, batch = imported(ordered(tmp_path, list(records().values()), parallel=2))
    assert [(outcome.name, outcome.what, outcome.tools) for outcome in outcomes] == [
        (f"env_{name}", "imported", 2) for name in records()
    ]
    assert not batch.broken
    for outcome in outcomes:
        folder = tmp_path / "out" / "servers" / outcome.name
        state = json.loads((folder / "state.json").read_text())
        with read_class(folder).open(state["tables"], state["clock"], "seed") as box:
            assert box.state() == state["tables"], outcome.name
            assert box.call("add", {"n": 2}).value == {"success": True, "total": 2}, outcome.name
            changed = box.state()
        with read_class(folder).open(changed, state["clock"], "seed") as box:
            assert box.state() == changed, outcome.name
            assert box.call("peek", {}).value == {"success": True, "total": 2}, outcome.name


def test_what_a_killed_import_left_behind_is_taken_away(tmp_path: Path) -> None:
    order = ordered(tmp_path, [environment()])
    imported(order)
    servers = tmp_path / "out" / "servers"
    (servers / ".env_1_rl.0123456789ab.new" / "contained").mkdir(parents=True)
    (servers / "env_1_rl").rename(servers / ".env_1_rl.0123456789ab.old")
    assert [outcome.what for outcome in imported(order)[0]] == ["there"]
    assert [path.name for path in servers.iterdir()] == ["env_1_rl"]


def test_ctrl_c_leaves_whole_folders_and_no_process(tmp_path: Path) -> None:
    environments = [environment(f"env_{number}") for number in range(60)]
    order = ordered(tmp_path, environments, [scenario(f"env_{number}") for number in range(60)])
    command = [sys.executable, "-m", "harness.cli", "import", "envscaler"]
    if not (ROOT / "harness" / "cli" / "__main__.py").exists():
        command = [str(Path(sys.executable).parent / "envwright"), "import", "envscaler"]
    command += [
        "--environments",
        str(order.environments),
        "--scenarios",
        str(order.scenarios[0]),
        "--out",
        str(order.out),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline().startswith("env_")
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in stderr
    servers = sorted((tmp_path / "out" / "servers").iterdir())
    assert 3 <= len(servers) < 60
    assert all((folder / "import.json").is_file() for folder in servers)
    time.sleep(0.2)
    children = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in children


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        (None, "2025-10-01T09:00:00"),
        ("2024-05-01", "2024-05-01T00:00:00"),
        ("2024-05-01T10:00:00+02:00", "2024-05-01T08:00:00"),
    ],
)
def test_the_clock_is_a_time_in_utc(text: str | None, clock: str) -> None:
    assert require_clock(text) == clock
    with pytest.raises(ImportingError, match=r"'soon' is no time; write it like 2025"):
        require_clock("soon")


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample of EnvScaler's release is not here")
def test_the_sample_of_the_release_is_imported_whole(tmp_path: Path) -> None:
    from harness.environments import load_environment

    order = Order(SAMPLE / "environments.json", (SAMPLE / "scenarios.json",), tmp_path)
    outcomes, batch = imported(order)
    assert not batch.broken and {outcome.what for outcome in outcomes} == {"imported"}
    released = json.loads((SAMPLE / "environments.json").read_text())
    for env_id, record in released.items():
        listed = load_environment(tmp_path / "servers" / env_id).record.tools
        given = [item["function"] for item in record["tools"]]
        assert [(item["name"], item["description"]) for item in listed] == [
            (item["name"], item["description"].strip()) for item in given
        ]
        for item, theirs in zip(listed, given, strict=True):
            assert item["inputSchema"] == theirs["parameters"] | {"additionalProperties": False}
        said_kinds = {item["operation_name"]: item["operation_type"] == "query" for item in record["operation_list"]}
        assert {item["name"]: item["annotations"]["readOnlyHint"] for item in listed} == said_kinds
