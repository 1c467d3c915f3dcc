"""Environments in process: the same grades as over a server, after Gymnasium's conventions."""

from __future__ import annotations

import copy
import re
import shutil
import sys
from pathlib import Path

import pytest
from shelf import SKELETON, lend_emma, render_shelf

import harness.training
from generator.errors import NotFoundError, ScenarioError
from generator.rendering import bundled_environments, skeleton_digest
from generator.scengenerator.files import write_scenario
from generator.scengenerator.scenario import Scenario
from generator.skeleton.reading import read_skeleton
from harness.environments import RenderedEnvironment, load_environment
from harness.records import CallRecord
from harness.run import carry_out, create_run, plan_run, skeleton_grader
from harness.training import ToolCall, ToolEnvironment, ToolEnvironments, scenarios

LEND = ToolCall(name="lend_book", arguments={"book_id": "B-002"})


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> RenderedEnvironment:
    return render_shelf(tmp_path_factory.mktemp("servers") / "shelf")


@pytest.fixture(scope="module")
def environment() -> ToolEnvironment:
    return ToolEnvironment(read_skeleton(SKELETON), max_calls=3)


@pytest.fixture
def task(rendered: RenderedEnvironment) -> Scenario:
    return lend_emma(rendered)


def test_the_public_names_are_these() -> None:
    assert harness.training.__all__ == sorted(harness.training.__all__)
    names = ["Action", "Info", "Step", "ToolCall", "ToolEnvironment", "ToolEnvironments", "scenarios"]
    assert harness.training.__all__ == names
    assert all(hasattr(harness.training, name) for name in names)


def test_an_episode(environment: ToolEnvironment, task: Scenario) -> None:
    before = copy.deepcopy(task)
    observation, info = environment.reset(task)
    assert observation == task.task
    assert info["instructions"].startswith("You look after a shelf")
    assert {tool["function"]["name"] for tool in info["tools"]} >= {"lend_book"}
    assert not {"checks", "solution"} & set(info)
    text, reward, terminated, truncated, info = environment.step(LEND)
    assert (reward, terminated, truncated, info["ok"]) == (0.0, False, False, True)
    assert '"status": "lent"' in text and environment.state["tables"]["books"]["B-002"]["status"] == "lent"
    text, _, terminated, _, info = environment.step({"name": "lend_book", "arguments": {"book_id": "B-002"}})
    assert (text, terminated, info["content"]["code"]) == ("Emma is lent already.", False, "refused")
    text, reward, terminated, truncated, info = environment.step("Emma is lent.")
    assert (text, reward, terminated, truncated, info["passed"]) == ("", 1.0, True, False, True)
    with pytest.raises(RuntimeError, match="call reset first"):
        environment.step("Emma")
    assert task == before
    environment.reset(task)
    assert environment.state["tables"]["books"]["B-002"]["status"] == "shelved"
    assert environment.step("")[1] == 0.0


def test_an_episode_without_an_end_is_truncated_and_earns_nothing(environment: ToolEnvironment, task: Scenario) -> None:
    environment.reset(task)
    for call in (LEND, {"name": "nothing"}, {}):
        text, reward, terminated, truncated, info = environment.step(call)
    assert (reward, terminated, truncated, info["score"], info["passed"]) == (0.0, False, True, 0.5, False)
    assert "tool" in text and info["content"]["code"] == "unknown_tool"


def test_many_at_once(task: Scenario) -> None:
    several = ToolEnvironments(read_skeleton(SKELETON), count=3)
    with pytest.raises(ValueError, match="one scenario for each of the 3 environments, not 1"):
        several.reset([task])
    observations, infos = several.reset([task] * 3)
    assert observations == [task.task] * 3 and len(infos) == 3
    several.step([LEND, LEND, "I do not know."])
    with pytest.raises(RuntimeError, match="episode 2 has ended"):
        several.step([LEND, LEND, LEND])
    with pytest.raises(ValueError, match="one action for each of the 3 environments, not 2"):
        several.step([LEND, LEND])
    several.reset([task] * 3)
    several.step([LEND, LEND, "I do not know."])
    observations, rewards, terminated, truncated, _ = several.step(["Emma", "Dune", None])
    assert (rewards, terminated, truncated) == ([1.0, 0.5, 0.0], [True] * 3, [False] * 3)
    assert observations == ["", "", ""]


def test_what_does_not_belong_there(environment: ToolEnvironment, task: Scenario) -> None:
    with pytest.raises(ScenarioError, match="belongs to other, not to shelf"):
        environment.reset(task.model_copy(update={"environment": "other"}))
    with pytest.raises(ScenarioError, match="made for another version of shelf"):
        environment.reset(task.model_copy(update={"skeleton_digest": "x"}))
    with pytest.raises(NotFoundError):
        ToolEnvironment("nothing")
    with pytest.raises(RuntimeError, match="there is no episode"):
        _ = ToolEnvironment(read_skeleton(SKELETON)).state
    environment.reset(task)
    for action in (None, 3, ["lend_book"]):
        with pytest.raises(TypeError, match=f"or an answer as str, not {type(action).__name__}"):
            environment.step(action)  # type: ignore[arg-type]


def test_scenarios_are_looked_for_beside_the_folder_of_the_environment(
    tmp_path: Path, rendered: RenderedEnvironment, task: Scenario
) -> None:
    shutil.copytree(rendered.folder, tmp_path / "servers" / "mine")
    place = tmp_path / "scenarios" / "mine"
    with pytest.raises(NotFoundError, match=re.escape(f"There is no scenario in {place}; make some with")):
        scenarios(tmp_path / "servers" / "mine")
    write_scenario(place / "one.json", task)
    assert [one.id for one in scenarios(tmp_path / "servers" / "mine")] == [task.id]


def test_a_run_over_a_server_gives_the_same_grade(
    rendered: RenderedEnvironment, environment: ToolEnvironment, task: Scenario, tmp_path: Path
) -> None:
    plan = plan_run([(rendered, [task])], ["reference", "noop"])
    run = create_run(plan, tmp_path)
    carry_out(plan, run)
    for attempt in run.attempts():
        evidence = run.evidence(attempt.key)
        environment.reset(task)
        for call in evidence.calls:
            environment.step({"name": call.name, "arguments": call.arguments})
        *_, info = environment.step(evidence.answer)
        assert info["grade"] == evidence.grade
        assert environment.state == evidence.final_state


@pytest.mark.parametrize("folder", bundled_environments(), ids=lambda folder: folder.name)
def test_every_solution_gets_the_grade_that_a_run_gives(folder: Path) -> None:
    """Against the environment.py in its folder, as its server uses it."""
    rendered = load_environment(folder)
    if not skeleton_digest(read_skeleton(folder / "skeleton.yaml")).startswith(rendered.record.version):
        pytest.skip("rendered from another skeleton, of which test_bundled tells")
    source = (folder / "environment.py").read_text()
    module = type(sys)(f"served_{folder.name}")
    sys.modules[module.__name__] = module
    exec(compile(source, str(folder / "environment.py"), "exec"), module.__dict__)
    grade = skeleton_grader(rendered, [])
    environment = ToolEnvironment(folder)
    for scenario in scenarios(folder):
        served = module.Environment(copy.deepcopy(scenario.initial_state))
        calls = []
        environment.reset(scenario)
        for n, call in enumerate(scenario.solution.calls, start=1):
            result = served.call(call.name, copy.deepcopy(call.arguments))
            calls.append(
                CallRecord(n=n, name=call.name, arguments=call.arguments, ok=result.ok, content=result.content)
            )
            assert environment.step(call)[0] == result.text
        _, reward, terminated, _, info = environment.step(scenario.solution.answer)
        assert (reward, terminated) == (1.0, True), scenario.id
        assert info["grade"] == grade(scenario, served.state, calls, scenario.solution.answer)


def test_arguments_without_end_are_refused_like_any_nonsense(environment: ToolEnvironment, task: Scenario) -> None:
    nested: list[object] = []
    for _ in range(5000):
        nested = [nested]
    environment.reset(task)
    text, _, terminated, truncated, info = environment.step({"name": "lend_book", "arguments": {"book_id": nested}})
    assert (terminated, truncated, info["content"]["code"]) == (False, False, "invalid_arguments") and text
    environment.step(LEND)
    assert environment.step("Emma is lent.")[1] == 1.0


def test_there_is_at_least_one_episode() -> None:
    with pytest.raises(ValueError, match="an episode at least, not 0"):
        ToolEnvironments(read_skeleton(SKELETON), count=0)
