"""Resolution from scratch, on descriptions written by hand."""

from __future__ import annotations

import ast
import copy
from pathlib import Path

import pytest
from conftest import Stage

from generator.scengenerator import resolution
from generator.scengenerator.descriptions import Condition, Description, Test, Value
from generator.scengenerator.resolution import denotes, resolve, still_denotes


def one(entity: str, *conditions: Condition, order: tuple[str, bool] | None = None) -> Description:
    return Description(entity, "…", conditions, order)


MARTA = one("member", Condition("full_name", "==", "Marta Ruiz"))


@pytest.mark.parametrize(
    ("path", "test", "value", "expected"),
    [
        ("status", "==", "frozen", ["A-0003"]),
        ("kind", "==", "savings", ["A-0002", "A-0003", "A-0004"]),
        ("balance", "==", 165.5, ["A-0001"]),
        ("balance", "amounts to", 300, ["A-0002"]),
        ("opened_on", "on", "2026-02-01", ["A-0002"]),
        ("member.full_name", "==", "Lee James", ["A-0004"]),
        ("member", "is", MARTA, ["A-0001", "A-0002", "A-0003"]),
        ("freeze_reason", "==", None, ["A-0001", "A-0002", "A-0004"]),
        ("account_id", "==", "A-0002", ["A-0002"]),
        ("overdraft_limit", "==", False, []),
    ],
)
def test_conditions(bank: Stage, path: str, test: Test, value: Value | Description, expected: list[str]) -> None:
    assert resolve(bank.model, bank.environment, one("account", Condition(path, test, value))) == expected


def test_a_list_contains(bank: Stage) -> None:
    description = one("member", Condition("first_name", "contains", "art"))
    assert resolve(bank.model, bank.environment, description) == ["M-001", "M-002"]


def test_a_moment_is_on_its_day_and_amounts_have_no_sign(bank: Stage) -> None:
    bank.tables["transactions"]["T-00002"]["amount"] = -45.5
    description = one(
        "transaction", Condition("created_at", "on", "2026-03-06"), Condition("amount", "amounts to", 45.5)
    )
    assert resolve(bank.model, bank.environment, description) == ["T-00002"]


def test_superlatives_and_ties(bank: Stage) -> None:
    newest = one("account", Condition("member", "is", MARTA), order=("opened_on", True))
    assert resolve(bank.model, bank.environment, newest) == ["A-0003"]
    assert resolve(bank.model, bank.environment, one("account", order=("balance", False))) == ["A-0003", "A-0004"]
    assert resolve(bank.model, bank.environment, one("card", order=("issued_on", True))) == []


def test_nothing_belongs_to_somebody_who_is_not_one_person(bank: Stage) -> None:
    two = one("member", Condition("first_name", "==", "Marta"))
    assert resolve(bank.model, bank.environment, one("account", Condition("member", "is", two))) == []


def test_a_missing_reference_meets_nothing(bank: Stage) -> None:
    description = one("transaction", Condition("card.last_four", "==", "1234"))
    assert resolve(bank.model, bank.environment, description) == []


def test_new_rows_are_those_that_were_not_there(bank: Stage) -> None:
    initial = copy.deepcopy(bank.environment.state)
    new = one("account", Condition("", "created", True))
    assert resolve(bank.model, bank.environment, new, initial) == []
    arguments = {"member_id": "M-002", "kind": "savings", "nickname": "Pet care"}
    result = bank.environment.call("open_account", arguments)
    assert resolve(bank.model, bank.environment, new, initial) == [result.content["account_id"]]


def test_a_description_may_cease_to_denote(bank: Stage) -> None:
    open_account = one("account", Condition("member", "is", MARTA), Condition("status", "==", "frozen"))
    later = type(bank.environment)(copy.deepcopy(bank.environment.state))
    assert denotes(bank.model, bank.environment, open_account, ["A-0003"])
    assert still_denotes(bank.model, [bank.environment, later], open_account, ["A-0003"])
    assert later.call("unfreeze_account", {"account_id": "A-0003"}).ok
    assert not still_denotes(bank.model, [bank.environment, later], open_account, ["A-0003"])


def test_it_shares_nothing_with_what_chooses_descriptions() -> None:
    tree = ast.parse(Path(resolution.__file__).read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in modules if name and name.startswith("generator.scengenerator")}
    assert ours == {"generator.scengenerator.descriptions", "generator.scengenerator.snapshot"}
