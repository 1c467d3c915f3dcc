"""Checks from an outcome: true of every way to reach it, false of everything else, and readable."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from made import ENVIRONMENTS, ROOT, made, model_of, prover_of, scenarios, start_of

from generator.scengenerator.checks import CheckWriter, Expected, acting
from generator.scengenerator.grading import Grade
from generator.scengenerator.laws import laws_of
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import Scenario, Solution, ToolCall
from generator.scengenerator.states import make_state
from generator.scengenerator.steps import Plan, Step
from generator.skeleton.checker import check
from generator.skeleton.reading import read_skeleton


def after(environment: Any, tool: str, **arguments: Any) -> Any:
    """A copy on which a command was carried out."""
    copied = environment.copy()
    result = copied.call(tool, arguments)
    assert result.ok, result.content
    return copied


def written(name: str, start: Any, end: Any) -> Expected:
    return CheckWriter(model_of(name), start, end).write()


def grade(name: str, start: Any, end: Any, expected: Expected) -> Grade:
    scenario = Scenario(
        id="x", environment=name, skeleton_digest="", environment_digest="", seed=0, kind="change", difficulty=1,
        clock=start.clock, initial_state=start.state, task="", checks=expected.checks,
        allowed_changes=expected.allowed, solution=Solution(),
    )  # fmt: skip
    return prover_of(name).grader.grade(scenario, end.state, [], "")


@pytest.fixture
def bank_start() -> Any:
    return start_of("credit_union")


def a(start: Any, plural: str, **wanted: Any) -> str:
    rows = start.state["tables"][plural]
    return next(key for key, row in rows.items() if all(row[name] == value for name, value in wanted.items()))


def test_a_changed_row_is_told_by_its_id_and_what_changed(bank_start: Any) -> None:
    key = a(bank_start, "accounts", status="open")
    end = after(bank_start, "freeze_account", account_id=key, reason="lost documents")
    expected = written("credit_union", bank_start, end)
    label = bank_start.state["tables"]["accounts"][key]["nickname"]
    assert [check.description for check in expected.checks] == [
        f"account {key} ({label}): status is frozen, freeze reason is lost documents"
    ]
    assert [(item.table, item.row, item.fields) for item in expected.allowed] == [
        ("accounts", key, ["status", "freeze_reason"])
    ]
    assert grade("credit_union", bank_start, end, expected).passed
    assert grade("credit_union", bank_start, bank_start, expected).score == 0
    other = after(bank_start, "freeze_account", account_id=key, reason="bankruptcy")
    assert not grade("credit_union", bank_start, other, expected).passed


def test_a_new_row_is_told_by_its_content_and_not_by_its_id(bank_start: Any) -> None:
    member = a(bank_start, "members")
    wanted = {"member_id": member, "kind": "savings", "nickname": "A new nickname"}
    end = after(bank_start, "open_account", **wanted)
    expected = written("credit_union", bank_start, end)
    made_key = next(key for key in end.state["tables"]["accounts"] if key not in bank_start.state["tables"]["accounts"])
    assert all(made_key not in check.that + check.description for check in expected.checks)
    later = bank_start.copy()
    later.counters["account"] = later.counters.get("account", 0) + 7
    assert grade("credit_union", bank_start, after(later, "open_account", **wanted), expected).passed
    twice = after(end, "open_account", **{**wanted, "nickname": "A second one"})
    assert not grade("credit_union", bank_start, twice, expected).passed


def test_a_new_row_that_another_new_row_refers_to_is_described_in_its_turn(bank_start: Any) -> None:
    member = a(bank_start, "members")
    wanted = {"member_id": member, "kind": "savings", "nickname": "A new nickname", "opening_deposit": 50.0}
    end = after(bank_start, "open_account", **wanted)
    expected = written("credit_union", bank_start, end)
    assert [check.description.split(":")[0] for check in expected.checks] == ["one new account", "one new transaction"]
    assert "account is the new account" in expected.checks[1].description
    assert ".nickname == 'A new nickname'" in expected.checks[1].that
    assert grade("credit_union", bank_start, end, expected).passed
    unpaid = after(bank_start, "open_account", **{**wanted, "opening_deposit": 0.0})
    assert grade("credit_union", bank_start, unpaid, expected).score == 0.5


def test_rows_without_an_id_are_counted_by_content() -> None:
    name = "outpatient_clinic"
    start = start_of(name)
    entries = start.state["tables"]["prescription_entries"]
    drafts = {k for k, row in start.state["tables"]["prescriptions"].items() if row["status"] == "draft"}
    for row in entries.values():
        end = start.copy()
        medicine = row["medicine_name"]
        gone = {"prescription_id": row["prescription_id"], "medicine_name": medicine}
        if row["prescription_id"] in drafts and end.call("remove_medicine", gone).ok:
            break
    else:
        pytest.fail("nothing can be taken off a draft")
    expected = written(name, start, end)
    assert any(check.description.startswith("no prescription entry: ") for check in expected.checks)
    assert any(f"medicine is {medicine}" in check.description for check in expected.checks)
    assert grade(name, start, end, expected).passed
    assert grade(name, start, start, expected).score == 0


def test_who_acts_is_checked_by_the_call() -> None:
    model = check(read_skeleton(ROOT / "tests" / "golden" / "examples" / "forum.skeleton.yaml"))
    start = laws_of(model).open(make_state(model, "actors", 2))
    proposer = Proposer(model, random.Random(3), Sampler(model, "actors"))
    done: Any = start.copy()  # type: ignore[attr-defined]
    found = proposer.succeeding(done, model.operations["close_thread"])
    assert found is not None
    step = Step(model.operations["close_thread"], found[0], start, done, found[1].content)
    (only,) = acting(model, Plan(start, [step]))
    assert only.weight == 0.5
    assert only.that.startswith("called('close_thread', ")
    assert only.description.startswith("close thread: ")


# -- over what is made ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_descriptions_are_for_people(name: str) -> None:
    for scenario in made(name)[0]:
        for item in scenario.checks:
            assert item.description
            assert not re.search(r"==|\bNone\b|\bTrue\b|\bFalse\b|_id\b|\['|\{", item.description), item.description


def test_no_check_names_an_id_that_the_episode_makes() -> None:
    for scenario in scenarios("change"):
        model = model_of(scenario.environment)
        environment = laws_of(model).open(scenario.initial_state).copy()  # type: ignore[attr-defined]
        for call in scenario.solution.calls:
            environment.call(call.name, call.arguments)
        for entity in model.entities.values():
            if entity.key != "counted":
                continue
            rows = environment.state["tables"][entity.plural]
            new = [key for key in rows if key not in scenario.initial_state["tables"][entity.plural]]
            assert all(f"'{key}'" not in item.that for key in new for item in scenario.checks)


def test_policies_are_kept_in_every_change() -> None:
    for scenario in scenarios("change"):
        policies = model_of(scenario.environment).policies
        kept = {item.id for item in scenario.checks if item.kind == "keep"}
        assert kept == {f"policy-{name}" for name in policies}


def test_a_solution_with_other_ids_passes_too() -> None:
    """Counters are moved on, so that everything new gets another id; later calls name what was made by that."""
    tried = 0
    for scenario in scenarios("change"):
        model = model_of(scenario.environment)
        commands = [call for call in scenario.solution.calls if call.name in model.operations]
        if not any(e.kind == "create" for e in model.operations[commands[0].name].effects) or len(commands) > 1:
            continue
        environment = laws_of(model).open(scenario.initial_state).copy()  # type: ignore[attr-defined]
        for entity in model.entities:
            if entity in environment.counters:
                environment.counters[entity] += 5
        call: ToolCall = commands[0]
        assert environment.call(call.name, call.arguments).ok
        grader = prover_of(scenario.environment).grader
        assert grader.grade(scenario, environment.state, commands, "Done.").passed, scenario.task
        tried += 1
    assert tried >= 3
