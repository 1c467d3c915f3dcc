"""Where values come from: every argument of a solution stands in the task or in an earlier answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from made import ENVIRONMENTS, made, model_of, scenarios

from generator.scengenerator.laws import laws_of
from generator.scengenerator.playing import Player, is_command
from generator.scengenerator.provenance import references, untold
from generator.scengenerator.scenario import Scenario, ToolCall


@dataclass
class Answer:
    """What a tool answered."""

    content: dict[str, Any]


def call(tool: str, **arguments: Any) -> ToolCall:
    return ToolCall(name=tool, arguments=arguments)


def missing(task: str, *calls: ToolCall, answers: tuple[dict[str, Any], ...] = ()) -> str:
    results = [Answer(content) for content in answers] + [Answer({})] * (len(calls) - len(answers))
    return untold(model_of("credit_union"), task, list(calls), results)


def test_a_value_in_the_task_is_told_however_it_is_written() -> None:
    deposit = call("record_deposit", account_id="A-0001", method="cash", amount=1250.5, memo="Birthday money")
    task = 'Record a cash deposit of {} dollars into A-0001 with the memo "Birthday money".'
    assert missing(task.format("1250.50"), deposit) == ""
    assert missing(task.format("1,250.50"), deposit) == ""
    assert missing(task.format("1250.5"), deposit) == ""
    assert missing(task.format("125"), deposit) == "record_deposit.amount = 1250.5"
    assert missing(task.format("11250.50"), deposit) == "record_deposit.amount = 1250.5"


def test_an_id_is_told_by_an_earlier_answer_and_not_by_a_later_one() -> None:
    freeze = call("freeze_account", account_id="A-0007", reason="lost documents")
    listing = call("list_members")
    task = "Freeze the account of Marta Ruiz because of lost documents."
    assert missing(task, listing, freeze, answers=({"account_id": "A-0007"},)) == ""
    assert (
        missing(task, freeze, listing, answers=({}, {"account_id": "A-0007"})) == "freeze_account.account_id = 'A-0007'"
    )
    assert missing(task, listing, freeze, answers=({"account_id": "A-00071"},)) != ""


def test_the_word_of_an_enum_is_told_with_spaces_or_underscores() -> None:
    freeze = call("freeze_account", account_id="A-0007", reason="suspected fraud")
    assert missing("Freeze A-0007 because of suspected fraud.", freeze) == ""
    assert missing("Freeze A-0007.", freeze) == "freeze_account.reason = 'suspected fraud'"


def test_what_is_said_in_a_hand_over_is_the_agents_own() -> None:
    assert missing("Do it.", call("hand_over_to_human", summary="They want what is not allowed.")) == ""


def test_texts_may_have_quotation_marks_of_their_own() -> None:
    deposit = call("record_deposit", account_id="A-0001", method="cash", amount=5, memo='The "big" sale')
    assert missing('A cash deposit of 5 dollars into A-0001 with the memo “The "big" sale”.', deposit) == ""


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_word_that_a_solution_needs_is_in_its_task(name: str) -> None:
    """Told as it is made; and no longer once the words are taken away."""
    model = model_of(name)

    def lacking(scenario: Scenario, task: str) -> str:
        start = laws_of(model).open(scenario.initial_state)
        results = Player(model, start, scenario.solution.calls).solution.results
        return untold(model, task, scenario.solution.calls, results)

    for scenario in [s for s in made(name)[0] if s.kind == "change"][:10]:
        assert lacking(scenario, scenario.task) == ""
    quoted = [s for s in made(name)[0] if s.kind == "change" and '"' in s.task]
    assert all(lacking(s, s.task.split('"')[0]) or s.task.count('"') == 0 for s in quoted[:3] if " memo " in s.task)


def test_references_are_the_rows_that_a_call_names() -> None:
    model = model_of("credit_union")
    arguments = {"source_id": "A-1", "target_id": "A-2", "amount": 3.0, "memo": "x"}
    assert references(model, model.operations["transfer_money"], arguments) == [("account", "A-1"), ("account", "A-2")]


def test_a_solution_looks_up_what_its_task_only_describes() -> None:
    for scenario in scenarios("change"):
        model = model_of(scenario.environment)
        assert any(not is_command(model, one) for one in scenario.solution.calls)
