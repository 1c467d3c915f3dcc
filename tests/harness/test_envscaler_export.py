"""Exported environments and scenarios, driven as EnvScaler drives its own.

The driver below does what EnvScaler's base_env.py and env_util.py do, in their order: execute the text as a module that
nobody registers, construct with the configuration, set its items as attributes, call by name, copy `vars()`, execute
each check, and take the mean.
"""

from __future__ import annotations

import json
import subprocess
import sys
import types
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from builders import evidence
from imported_desk import import_desk
from shelf import LENT, lend_emma, render_shelf
from typer.testing import CliRunner

from generator.rendering import bundled_environments, find_scenarios
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario
from harness.cli import app
from harness.environments import load_environment
from harness.errors import RunError
from harness.exporting import Filter, export
from harness.exporting.envscaler import Documents, documents
from harness.run import carry_out, create_run, plan_run
from harness.selection import select

RELEASE = Path("/work/shared/envscaler")


class Driver:
    """An episode of EnvScaler's on exported documents."""

    def __init__(self, found: Documents, task: dict[str, Any]) -> None:
        code = found.environments[task["env_id"]]["env_class_code"]
        module = types.ModuleType("dynamic_env")
        exec(code, module.__dict__)
        made = getattr(module, task["env_class_name"])
        config = deepcopy(task["init_config"])
        self.instance = made(config)
        for name, value in config.items():
            setattr(self.instance, name, value)
        self.task, self.start = task, self.state()

    def state(self) -> dict[str, Any]:
        return deepcopy({name: value for name, value in vars(self.instance).items() if not name.startswith("__")})

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.instance, name)(**arguments)
        return answer

    def reward(self) -> float:
        held = []
        for check in self.task["checklist_with_func"]:
            space: dict[str, Any] = {"initial_state": deepcopy(self.start)}
            exec(check["check_func"], space)
            held.append(space["check_func"](self.state()))
        assert all(isinstance(one, bool) for one in held)
        return sum(held) / len(held)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Documents, dict[str, Scenario]]:
    """All bundled scenarios as EnvScaler has them, and as they are."""
    chosen = [
        (load_environment(folder), [load_scenario(path) for path in find_scenarios(folder)])
        for folder in bundled_environments()
    ]
    run = create_run(plan_run(chosen, ["noop"]), tmp_path_factory.mktemp("runs"), "r")
    known = {f"{one.environment}-{one.id}": one for _, scenarios in chosen for one in scenarios}
    return documents(run, [(one.environment, one.id) for one in known.values()]), known


def test_solutions_earn_everything_and_nothing_earns_nothing(bundled: tuple[Documents, dict[str, Scenario]]) -> None:
    found, known = bundled
    assert len(found.scenarios) >= 20
    for task in found.scenarios:
        assert Driver(found, task).reward() == 0.0
        driver = Driver(found, task)
        for call in known[task["task_id"]].solution.calls:
            assert driver.call(call.name, call.arguments)["success"] is True
        assert driver.reward() == 1.0, task["task_id"]


def test_what_is_left_out_is_graded_by_what_is_said(bundled: tuple[Documents, dict[str, Scenario]]) -> None:
    found, known = bundled
    left_out = {name.replace("/", "-", 1) for name in found.said}
    assert left_out | {task["task_id"] for task in found.scenarios} == set(known)
    assert {known[name].kind for name in left_out} == {"question", "decline"}
    assert {known[task["task_id"]].kind for task in found.scenarios} == {"change"}


def test_a_wrong_call_is_told_and_changes_nothing(bundled: tuple[Documents, dict[str, Scenario]]) -> None:
    found, _ = bundled
    task = found.scenarios[0]
    driver = Driver(found, task)
    name = next(tool["function"]["name"] for tool in found.environments[task["env_id"]]["tools"])
    answer = driver.call(name, {"nonsense": 1})
    assert answer["success"] is False and "There is no 'nonsense'" in answer["error"]
    assert driver.state() == driver.start


def test_goals_about_calls_are_seen_in_the_state(tmp_path: Path) -> None:
    shelf = render_shelf(tmp_path / "servers" / "shelf")
    goal = {"id": "looked", "kind": "goal", "description": "Dune was looked at.", "that": "called('get_book')"}
    run = create_run(plan_run([(shelf, [lend_emma(shelf, checks=[goal])])], ["noop"]), tmp_path / "runs", "r")
    found = documents(run, [("shelf", "lend-emma")])
    driver = Driver(found, found.scenarios[0])
    assert driver.reward() == 0.0
    assert driver.call("get_book", {"book_id": "B-009"})["success"] is False
    assert driver.reward() == 0.0  # a refused call is none
    assert driver.call("get_book", {"book_id": "B-001"})["data"]["title"] == "Dune"
    assert driver.reward() == 1.0


def test_a_run_without_such_scenarios_says_so_and_writes_nothing(tmp_path: Path) -> None:
    shelf = render_shelf(tmp_path / "servers" / "shelf")
    plan = plan_run([(shelf, [lend_emma(shelf)])], ["reference"])
    run = create_run(plan, tmp_path / "runs", "r")
    carry_out(plan, run)
    with pytest.raises(RunError, match=r"no words for these scenarios\. Left out 1 of 1 scenario, .*: shelf/lend-emma"):
        export(run, "envscaler", tmp_path / "out" / "x.json", Filter())
    assert not (tmp_path / "out").exists()


def test_only_what_is_said_is_not_seen(tmp_path: Path) -> None:
    shelf = render_shelf(tmp_path / "servers" / "shelf")

    def goal(id_: str, that: str) -> Scenario:
        goals = [{"id": "g", "kind": "goal", "description": "So it is.", "that": that}]
        return lend_emma(shelf, id=id_, checks=goals)

    chosen = [
        goal("titled", "any(b.title == 'answer' for b in books)"),
        goal("told", "len(books) > 0 and answer == ''"),
    ]
    run = create_run(plan_run([(shelf, chosen)], ["noop"]), tmp_path / "runs", "r")
    found = documents(run, [("shelf", one.id) for one in chosen])
    assert [one["task_id"] for one in found.scenarios] == ["shelf-titled"]
    assert (found.said, found.imported) == (["shelf/told"], [])
    run.skeleton_path("shelf").unlink()
    with pytest.raises(RunError, match=r"shelf\.yaml cannot be read: No such file"):
        documents(run, [("shelf", "titled")])


def test_imported_scenarios_are_left_out_with_a_sentence_of_their_own(tmp_path: Path) -> None:
    shelf = render_shelf(tmp_path / "servers" / "shelf")
    desk = select([], [import_desk(tmp_path) / "scenarios"])
    goal = {"id": "lent", "kind": "goal", "description": "Emma is lent.", "that": LENT}
    plain, asked = lend_emma(shelf, checks=[goal]), lend_emma(shelf, id="asked")
    run = create_run(plan_run([(shelf, [plain, asked]), *desk], ["noop"]), tmp_path / "runs", "r")
    for key in run.document.configuration.keys():  # noqa: SIM118
        run.record(evidence(environment=key.environment, scenario=key.scenario, outcome="passed"))
    words = ("export", run.folder, "--format", "envscaler", "--out", tmp_path / "x.json")
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines() == [
        "Left out 1 of 3 scenarios, since its checks do not see what is said: shelf/asked.",
        "Left out 1 of 3 scenarios, since they were imported (envwright audit DIR --export FILE.json writes them): "
        f"{desk[0][0].name}/env_1-task_1.",
    ]


def test_an_environment_needs_the_standard_library_only(
    bundled: tuple[Documents, dict[str, Scenario]], tmp_path: Path
) -> None:
    found, _ = bundled
    for record in found.environments.values():
        (tmp_path / "one.py").write_text(record["env_class_code"])
        script = f"import one; assert callable(one.{record['env_class_name']})"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {script}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not RELEASE.is_dir(), reason="EnvScaler's release is not here")
def test_records_have_the_shape_of_the_release(bundled: tuple[Documents, dict[str, Scenario]]) -> None:
    def shape(value: dict[str, Any]) -> dict[str, type]:
        return {key: type(one) for key, one in value.items()}

    theirs = next(iter(json.loads((RELEASE / "environments.json").read_text()).values()))
    for name, ours in bundled[0].environments.items():
        assert ours["env_id"] == name and shape(ours) == shape(theirs)
        for key in ("state_space_definition", "operation_list"):
            assert shape(ours[key][0]) == shape(theirs[key][0])
        assert set(ours["tools"][0]["function"]) == set(theirs["tools"][0]["function"])
        assert {one["operation_type"] for one in ours["operation_list"]} == {"query", "state_change"}
        compile(ours["env_class_code"], name, "exec")
