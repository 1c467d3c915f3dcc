"""Exports: what a trainer reads is what happened."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from shelf import LENT, lend_emma, render_shelf, state
from typer.testing import CliRunner, Result

from generator.scengenerator.scenario import Solution, ToolCall
from harness.agents.agent import Message, MessageCall
from harness.agents.reference import ReferenceAgent
from harness.agents.registry import AgentSpec
from harness.agents.toolbox import Toolbox
from harness.cli import app
from harness.conversation import conversation
from harness.exporting import openai, sharegpt
from harness.records import Evidence
from harness.run import carry_out, create_run, plan_run
from harness.store import Run

SHARED = Path("/work/shared/envscaler/scenarios.json")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run in which a call was refused, with one scenario that is about the answer and one that is not."""
    shelf = render_shelf(tmp_path_factory.mktemp("servers") / "shelf")
    goal = [{"id": "lent", "kind": "goal", "description": "Emma is lent.", "that": LENT}]
    keep = [
        {"id": "dune", "kind": "keep", "description": "Dune stays.", "that": "any(b.title == 'Dune' for b in books)"}
    ]
    plan = plan_run(
        [(shelf, [lend_emma(shelf), lend_emma(shelf, id="silent", checks=goal + keep)])], ["reference", "noop"]
    )
    twice = [ToolCall(name="lend_book", arguments={"book_id": "B-002"})] * 2
    played = Solution(calls=twice, answer="Emma is lent.")
    plan.agents["reference"] = AgentSpec("reference", lambda at: ReferenceAgent(Toolbox(at.http), played))
    made = create_run(plan, tmp_path_factory.mktemp("runs"), "r")
    carry_out(plan, made)
    return made


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def exported(run: Run, folder: Path, *options: str) -> list[dict[str, Any]]:
    result = envwright("export", run.folder, "--out", folder / "x.jsonl", *options)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in (folder / "x.jsonl").read_text().splitlines()]


def test_openai_messages_with_tools(run: Run, tmp_path: Path) -> None:
    examples = exported(run, tmp_path)
    assert len(examples) == 2  # noop did not pass
    messages = examples[0]["messages"]
    assert [message["role"] for message in messages] == [
        *("system", "user", "assistant", "tool", "assistant", "tool", "assistant")
    ]
    (call,) = messages[2]["tool_calls"]
    assert call["function"] == {"name": "lend_book", "arguments": {"book_id": "B-002"}}
    assert messages[3]["tool_call_id"] == call["id"] and messages[3]["name"] == "lend_book"
    assert json.loads(messages[3]["content"])["status"] == "lent"
    assert messages[5]["content"] == "Emma is lent already."
    assert messages[6] == {"role": "assistant", "content": "Emma is lent."}
    tools = {tool["function"]["name"]: tool for tool in examples[0]["tools"]}
    assert tools["lend_book"]["type"] == "function"
    assert tools["lend_book"]["function"]["parameters"]["required"] == ["book_id"]


def test_one_example_a_turn(run: Run, tmp_path: Path) -> None:
    examples = exported(run, tmp_path, "--per-turn")
    assert len(examples) == 6
    assert [len(example["prompt"]) for example in examples[:3]] == [2, 4, 6]
    assert all([message["role"] for message in example["completion"]] == ["assistant"] for example in examples)


def test_sharegpt_takes_strict_turns(run: Run, tmp_path: Path) -> None:
    for options, count in (([], 2), (["--per-turn"], 6)):
        examples = exported(run, tmp_path, "--format", "sharegpt", *options)
        assert len(examples) == count
        for example in examples:
            turns = [turn["from"] for turn in example["conversations"]]
            assert len(turns) % 2 == 0
            assert set(turns[::2]) <= {"human", "observation"} and set(turns[1::2]) <= {"gpt", "function_call"}
            assert {tool["name"] for tool in json.loads(example["tools"])} >= {"lend_book", "get_book"}
    whole = exported(run, tmp_path, "--format", "sharegpt")[0]
    assert json.loads(whole["conversations"][1]["value"]) == {"name": "lend_book", "arguments": {"book_id": "B-002"}}
    assert whole["system"].startswith("You look after a shelf")


def test_calls_at_once_are_one_turn(run: Run) -> None:
    calls = [MessageCall(id=f"c{n}", name="get_book", arguments={"book_id": f"B-00{n}"}) for n in (1, 2)]
    messages = [
        Message(role="user", content="Which?"),
        Message(role="assistant", content="I look.", thinking="Two books.", tool_calls=calls),
        Message(role="tool", content="Dune", tool_call_id="c1"),
        Message(role="tool", content="Emma", tool_call_id="c2"),
        Message(role="assistant", content="Both."),
        Message(role="user", content="Nobody answered this."),
    ]
    evidence = run.evidence(run.attempts()[0].key).model_copy(update={"messages": messages})
    (example,) = sharegpt.examples(evidence, [], False)
    assert [turn["from"] for turn in example["conversations"]] == ["human", "function_call", "observation", "gpt"]
    assert json.loads(example["conversations"][2]["value"]) == ["Dune", "Emma"]
    said = example["conversations"][1]["value"]
    assert said.startswith("<think>\nTwo books.\n</think>\n\nI look.\n<tool_call>[") and said.endswith("]</tool_call>")
    (told,) = openai.examples(evidence, [], False)
    assert [message.get("name") for message in told["messages"]] == [None, None, "get_book", "get_book", None]
    assert [message.get("reasoning_content") for message in told["messages"]][:2] == [None, "Two books."]


def test_an_agent_that_kept_nothing_is_exported_from_the_servers_record(run: Run) -> None:
    evidence = run.evidence(run.attempts()[0].key)
    messages = conversation("Rules.", "Lend Emma.", evidence.calls, evidence.answer)
    (told,) = openai.examples(evidence.model_copy(update={"messages": messages}), [], False)
    kept = [message["role"] for message in told["messages"]]
    assert kept == [message.role for message in evidence.messages]
    assert json.loads(told["messages"][5]["content"])["code"] == "refused"


def test_filters(run: Run, tmp_path: Path) -> None:
    assert len(exported(run, tmp_path, "--outcome", "passed,failed")) == 2  # noop said nothing that could be learnt
    nothing = envwright("export", run.folder, "--out", tmp_path / "x", "--outcome", "failed", "--min-score", "0.5")
    assert nothing.exit_code == 2 and "No attempt of" in nothing.stderr
    wrong = envwright("export", run.folder, "--out", tmp_path / "x", "--outcome", "past")
    assert wrong.exit_code == 2 and "There is no outcome 'past'" in wrong.stderr


def test_envscaler_scenarios_grade_themselves(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "scenarios.json"
    result = envwright("export", run.folder, "--format", "envscaler", "--out", out)
    assert result.exit_code == 0, result.output
    assert "Left out 1 of 2 scenarios" in result.stderr and "shelf/lend-emma" in result.stderr  # it is about the answer
    assert set(json.loads((tmp_path / "scenarios.environments.json").read_text())) == {"shelf"}
    (document,) = json.loads(out.read_text())
    assert set(document) == {"env_id", "env_class_name", "task_id", "init_config", "task", "checklist_with_func"}
    assert (
        document["env_class_name"] == "ShelfEnvironment"
        and document["init_config"]["books"] == state()["tables"]["books"]
    )
    (goal,) = document["checklist_with_func"]
    space: dict[str, Any] = {}
    exec(goal["check_func"], space)
    check = space["check_func"]
    done = copy.deepcopy(document["init_config"])
    assert check(done) is False
    done["books"]["B-002"]["status"] = "lent"
    assert check(done) is True
    harmed = copy.deepcopy(done)
    harmed["books"]["B-003"]["status"] = "lent"
    assert check(harmed) is False
    del done["books"]["B-001"]
    assert check(done) is False


@pytest.mark.skipif(not SHARED.is_file(), reason="EnvScaler's release is not here")
def test_the_shape_is_that_of_the_release(run: Run, tmp_path: Path) -> None:
    theirs = json.loads(SHARED.read_text())[0]
    out = tmp_path / "scenarios.json"
    envwright("export", run.folder, "--format", "envscaler", "--out", out)
    (ours,) = json.loads(out.read_text())
    assert {key: type(value) for key, value in ours.items()} == {key: type(value) for key, value in theirs.items()}
    assert set(ours["checklist_with_func"][0]) == set(theirs["checklist_with_func"][0])


def test_evidence_is_not_changed_by_exporting(run: Run, tmp_path: Path) -> None:
    before: list[Evidence] = [run.evidence(attempt.key) for attempt in run.attempts()]
    exported(run, tmp_path, "--per-turn")
    assert [run.evidence(attempt.key) for attempt in run.attempts()] == before
