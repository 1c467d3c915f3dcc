"""Plans: commands that hang together, undo nothing and mind policies; and refusals with what clears them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from made import ENVIRONMENTS, model_of, start_of, workshop_of

from generator.scengenerator.obstacles import Obstacles
from generator.scengenerator.plans import Planner
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import canonical
from generator.scengenerator.sense import Sense
from generator.scengenerator.steps import Plan, Step, actors, places


def planner_of(name: str, seed: int) -> Planner:
    model = model_of(name)
    proposer = Proposer(model, random.Random(seed), Sampler(model, f"plans/{seed}"))
    return Planner(model, start_of(name), proposer, random.Random(seed), workshop_of(name).dependence)


def plans_of(name: str, least: int, most: int, tries: int = 2) -> list[Plan]:
    found = []
    for seed in range(tries):
        for command in model_of(name).commands:
            plan = planner_of(name, seed).change(command, least, most)
            if plan is not None:
                found.append(plan)
    return found


def step(name: str, environment: Any, tool: str, **arguments: Any) -> Step:
    """A command carried out on a copy."""
    after = environment.copy()
    result = after.call(tool, arguments)
    assert result.ok, result.content
    return Step(model_of(name).operations[tool], arguments, environment, after, result.content)


# -- changes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_plan_can_be_carried_out_from_its_start_and_every_step_changes_something(name: str) -> None:
    plans = plans_of(name, 3, 3)
    assert len(plans) >= len(model_of(name).commands)
    for plan in plans:
        environment = plan.start.copy()
        for one in plan.steps:
            before = canonical(environment.state["tables"])
            assert environment.call(one.call.name, one.call.arguments).ok
            assert canonical(environment.state["tables"]) != before
        assert canonical(environment.state) == canonical(plan.end.state)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_planning_leaves_the_start_as_it_is(name: str) -> None:
    before = canonical(start_of(name).state)
    plans_of(name, 2, 3, tries=1)
    for command in model_of(name).commands:
        Obstacles(planner_of(name, 1)).obstructed(command)
        Obstacles(planner_of(name, 1)).hopeless(command)
    assert canonical(start_of(name).state) == before


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_step_shares_a_row_with_what_came_before(name: str) -> None:
    for plan in plans_of(name, 2, 2):
        for at in range(1, len(plan.steps)):
            earlier = Plan(plan.start, plan.steps[:at])
            near, far = planner_of(name, 0).known(earlier)
            assert set(plan.steps[at].places) & {*near, *far}


def test_the_focus_comes_first_or_after_what_makes_it_possible() -> None:
    issue = model_of("credit_union").operations["issue_card"]
    plans = [plan for seed in range(8) if (plan := planner_of("credit_union", seed).change(issue, 2, 2)) is not None]
    assert plans
    assert all(issue in [one.operation for one in plan.steps] for plan in plans)


def test_a_planner_takes_only_steps_that_may_be_left_like_that() -> None:
    planner = planner_of("credit_union", 1)
    planner.minds = lambda end: (
        len(end.state["tables"]["accounts"]) == len(start_of("credit_union").state["tables"]["accounts"])
    )
    assert planner.change(model_of("credit_union").operations["open_account"], 1, 1) is None


# -- steps that make no sense together ------------------------------------------------------------------------------


def account(status: str) -> str:
    """An account of this kind in the state of the tests."""
    rows = start_of("credit_union").state["tables"]["accounts"]
    return next(key for key, row in rows.items() if row["status"] == status)


def test_what_an_earlier_step_did_is_not_taken_back() -> None:
    name, start = "credit_union", start_of("credit_union")
    key = account("open")
    frozen = step(name, start, "freeze_account", account_id=key, reason="lost documents")
    thawed = step(name, frozen.after, "unfreeze_account", account_id=key)
    assert Sense(model_of(name)).undoes([frozen], thawed)
    assert not Sense(model_of(name)).undoes([], thawed)


def test_what_was_given_is_not_written_over_and_what_is_new_not_set_back() -> None:
    name, start = "credit_union", start_of("credit_union")
    member = next(iter(start.state["tables"]["members"]))
    given = {"member_id": member, "kind": "savings", "nickname": "A nickname of its own"}
    opened = step(name, start, "open_account", **given)
    new = opened.content["account_id"]
    frozen = step(name, opened.after, "freeze_account", account_id=new, reason="bankruptcy")
    assert Sense(model_of(name)).undoes([opened], frozen)
    paid = step(name, opened.after, "record_deposit", account_id=new, method="cash", amount=20.0, memo="Gift")
    assert not Sense(model_of(name)).undoes([opened], paid)


def test_work_is_not_called_off_in_the_same_breath_but_goes_on_through_its_states() -> None:
    name, start = "parts_warehouse", start_of("parts_warehouse")
    tables = start.state["tables"]
    drafts = [key for key, row in tables["orders"].items() if row["status"] == "draft"]
    released = None
    for order in drafts:
        after = start.copy()
        if after.call("release_order", {"order_id": order}).ok:
            released = step(name, start, "release_order", order_id=order)
            break
    assert released is not None, "no draft order of the state can be released"
    order = released.arguments["order_id"]
    cancelled = step(name, released.after, "cancel_order", order_id=order)
    assert Sense(model_of(name)).undoes([released], cancelled)
    packing = released.after.copy()
    if packing.call("pack_order", {"order_id": order}).ok:
        packed = step(name, released.after, "pack_order", order_id=order)
        assert not Sense(model_of(name)).undoes([released], packed)


def test_what_a_row_lost_counts_as_work_on_it() -> None:
    """A line is taken off an order: then the order is not cancelled."""
    name, start = "parts_warehouse", start_of("parts_warehouse")
    for line in start.state["tables"]["order_lines"].values():
        given = {"order_id": line["order_id"], "sku": line["sku"]}
        taken = start.copy()
        if not taken.call("remove_order_line", given).ok:
            continue
        less = step(name, start, "remove_order_line", **given)
        cancelled = step(name, less.after, "cancel_order", order_id=line["order_id"])
        assert Sense(model_of(name)).undoes([less], cancelled)
        return
    pytest.fail("no line can be taken off an order")


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_obstacle_is_in_the_way_and_its_first_step_clears_it(name: str) -> None:
    found = []
    for command in model_of(name).commands:
        plan = Obstacles(planner_of(name, 2)).obstructed(command)
        if plan is not None:
            found.append(plan)
    assert len(found) >= 3
    for plan in found:
        way, wanted = plan.steps
        assert plan.obstacle
        environment = plan.start.copy()
        assert not environment.call(wanted.call.name, wanted.call.arguments).ok
        assert environment.call(way.call.name, way.call.arguments).ok
        assert environment.call(wanted.call.name, wanted.call.arguments).ok


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_is_hopeless_is_refused_and_no_state_that_may_come_helps(name: str) -> None:
    found = []
    for command in model_of(name).commands:
        plan = Obstacles(planner_of(name, 3)).hopeless(command)
        if plan is not None:
            found.append(plan)
    assert len(found) >= 3
    for plan in found:
        (only,) = plan.steps
        result = plan.start.copy().call(only.call.name, only.call.arguments)
        assert not result.ok
        assert result.content["message"] == plan.refusal
        assert plan.end is only.after is plan.start
        assert len(set(only.places)) == len(only.places)  # nobody asks for one row to be two things


def test_what_only_waits_for_a_step_is_not_hopeless() -> None:
    """A draft order cannot be shipped, but it can once it is released and packed."""
    start = start_of("parts_warehouse")
    orders = start.state["tables"]["orders"]
    for seed in range(12):
        plan = Obstacles(planner_of("parts_warehouse", seed)).hopeless(
            model_of("parts_warehouse").operations["ship_order"]
        )
        if plan is not None:
            assert orders[plan.steps[0].arguments["order_id"]]["status"] not in ("draft", "released")


# -- dependence and actors ------------------------------------------------------------------------------------------


def test_dependence_looks_into_derived_fields() -> None:
    model, dependence = model_of("credit_union"), workshop_of("credit_union").dependence
    close = model.operations["close_account"]
    reads = [dependence.reads(close, origin) for origin in dependence.origins(close)]
    assert any({"account.balance", "transaction.*", "transaction.status"} <= read for read in reads)
    writers = {command.name for read in reads for command in dependence.writers(read, close)}
    assert {"settle_check", "close_dispute", "unfreeze_account", "move_balance"} <= writers
    assert "close_account" not in writers


def test_actors_are_what_only_guards_read() -> None:
    model = model_of("credit_union")
    assert [param.name for command in model.commands for param in actors(command)] == []
    transfer = model.operations["transfer_money"]
    assert places(transfer, {"source_id": "A-1", "target_id": "A-2", "amount": 3}) == [
        ("account", "A-1"),
        ("account", "A-2"),
    ]
