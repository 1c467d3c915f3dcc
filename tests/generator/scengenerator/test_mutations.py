"""Wrong solutions: each operator spoils what it says, and all of them occur."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from made import ENVIRONMENTS, ROOT, made, model_of, scenarios, start_of

from generator.scengenerator.laws import laws_of
from generator.scengenerator.mutations import Mutator, neighbours
from generator.scengenerator.playing import is_command
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import Scenario, ToolCall
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import read_skeleton
from generator.skeleton.types import BOOLEAN, DATE, INTEGER, MONEY, TEXT, TIME


def mutator_of(model: Model, start: Any) -> Mutator:
    proposer = Proposer(model, random.Random(1), Sampler(model, "mutants"))
    return Mutator(model, start, random.Random(1), proposer)


def of(scenario: Scenario) -> Mutator:
    model = model_of(scenario.environment)
    return mutator_of(model, laws_of(model).open(scenario.initial_state))


def test_at_least_eight_operators_occur_over_the_environments() -> None:
    counts: Counter[str] = Counter()
    for name in ENVIRONMENTS:
        for scenario in made(name)[0]:
            assert scenario.certificate is not None
            counts.update(scenario.certificate.mutants)
    of_actions = {
        "step dropped",
        "step repeated",
        "creation twice",
        "other row",
        "other value",
        "wrong enum",
        "extra change elsewhere",
        "right change on the wrong owner",
        "argument left out",
        "part of a set",
        "queries only",
    }
    assert len(of_actions & counts.keys()) >= 8
    assert counts["queries only"] == len(scenarios("change"))
    assert {"silence", "claims it is done", "the question itself", "a guess", "another answer"} <= counts.keys()
    assert counts["acts, then hands over"] > 0


def test_every_command_is_dropped_and_repeated_and_spoilt() -> None:
    scenario = scenarios("change", steps=6)[0]
    model = model_of(scenario.environment)
    calls = scenario.solution.calls
    commands = [call for call in calls if is_command(model, call)]
    mutants = list(of(scenario).mutants(calls))
    shorter = [mutant for mutant in mutants if len(mutant.calls) < len(calls)]
    assert len(shorter) == len(commands)
    assert {m.operator for m in shorter} <= {"step dropped", "part of a set"}
    twice = [m for m in mutants if m.operator in ("creation twice", "step repeated")]
    assert [len(mutant.calls) for mutant in twice] == [len(calls) + 1] * len(commands)
    assert all(mutant.calls != calls for mutant in mutants)


def test_other_rows_begin_with_the_nearest_distractor() -> None:
    model, start = model_of("credit_union"), start_of("credit_union")
    accounts = start.state["tables"]["accounts"]
    key, row = next(iter(accounts.items()))
    calls = [ToolCall(name="unfreeze_account", arguments={"account_id": key})]
    others = [
        m.calls[0].arguments["account_id"] for m in mutator_of(model, start).mutants(calls) if m.operator == "other row"
    ]
    assert key not in others

    def shared(other: str) -> int:
        return sum(accounts[other][column] == row[column] for column in row)

    assert shared(others[0]) >= max(shared(other) for other in accounts if other not in (key, *others)) - 1


def test_enums_lists_and_owners_are_spoilt_by_their_own_operators() -> None:
    model, start = model_of("parts_warehouse"), start_of("parts_warehouse")
    tables = start.state["tables"]
    order, product = next(iter(tables["orders"])), next(iter(tables["products"]))
    command = next(c for c in model.commands if {p.name for p in c.params} >= {"order", "product"})
    arguments = {p.argument: {"order": order, "product": product}.get(p.name, 3) for p in command.params}
    operators = Counter(
        m.operator for m in mutator_of(model, start).mutants([ToolCall(name=command.name, arguments=arguments)])
    )
    assert operators["right change on the wrong owner"] > 0  # another order that owns lines
    assert operators["other row"] > 0  # another product


def test_somebody_else_who_acts_is_another_actor() -> None:
    model = check(read_skeleton(ROOT / "tests" / "golden" / "examples" / "forum.skeleton.yaml"))
    start = laws_of(model).open(make_state(model, "actors", 2))
    proposer = Proposer(model, random.Random(3), Sampler(model, "actors"))
    found = proposer.succeeding(start.copy(), model.operations["close_thread"])
    assert found is not None
    operators = {
        m.operator for m in mutator_of(model, start).mutants([ToolCall(name="close_thread", arguments=found[0])])
    }
    assert "another actor" in operators


def test_an_extra_change_succeeds_and_leaves_the_solution_as_it_is() -> None:
    scenario = scenarios("change")[0]
    calls = scenario.solution.calls
    extra = list(of(scenario).extra(calls))
    assert extra
    for mutant in extra:
        assert mutant.calls[:-1] == calls
        environment = laws_of(model_of(scenario.environment)).open(scenario.initial_state).copy()  # type: ignore[attr-defined]
        results = [environment.call(call.name, call.arguments) for call in mutant.calls]
        assert results[-1].ok


def test_neighbours_are_close_and_never_the_value_itself() -> None:
    assert neighbours(INTEGER, 3) == [4, 2]
    assert neighbours(MONEY, 3.0) == [3.5, 2.5]
    assert neighbours(BOOLEAN, True) == [False]
    assert neighbours(DATE, "2026-02-28") == ["2026-03-01", "2026-02-21"]
    assert neighbours(TIME, "23:15:00") == ["00:15:00"]
    assert neighbours(TEXT, "new roof") == ["new roof (new)", "new "]
