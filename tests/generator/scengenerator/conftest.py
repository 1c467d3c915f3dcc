"""A small bank that tests describe, ask about and phrase requests for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator.rendering import load_environment
from generator.scengenerator.references import Describer
from generator.scengenerator.snapshot import Snapshot
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import read_skeleton

ROOT = Path(__file__).parents[3]


@dataclass
class Stage:
    """A model, an environment with a state, and what reads it."""

    model: Model
    environment: Any

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.model, self.environment)

    @property
    def tables(self) -> dict[str, dict[str, dict[str, Any]]]:
        tables: dict[str, dict[str, dict[str, Any]]] = self.environment.state["tables"]
        return tables

    def texts(self, entity: str, key: str, seed: int = 0) -> list[str]:
        describer = Describer(self.model, random.Random(seed))
        return [found.text for found in describer.describe(self.snapshot, entity, key)]


def member(number: int, first: str, last: str) -> dict[str, Any]:
    key = f"M-{number:03}"
    email = f"{first}.{last}@example.org".lower()
    row = {"member_id": key, "first_name": first, "last_name": last, "email": email}
    return {**row, "phone": "555-0100", "joined_on": "2020-01-01"}


def account(number: int, owner: int, kind: str, nickname: str, status: str, opened: str) -> dict[str, Any]:
    row = {"account_id": f"A-{number:04}", "member_id": f"M-{owner:03}", "kind": kind, "nickname": nickname}
    reason = "lost documents" if status == "frozen" else None
    return {**row, "status": status, "freeze_reason": reason, "overdraft_limit": 0, "opened_on": opened}


def deposit(number: int, into: int, amount: float, memo: str, day: str) -> dict[str, Any]:
    row = {"transaction_id": f"T-{number:05}", "account_id": f"A-{into:04}", "kind": "deposit", "amount": amount}
    rest = {"memo": memo, "status": "posted", "method": "cash", "card_id": None, "counterparty_id": None}
    return {**row, **rest, "created_at": f"{day}T10:00:00"}


@pytest.fixture(scope="session")
def bank_model() -> Model:
    return check(read_skeleton(ROOT / "servers" / "credit_union" / "skeleton.yaml"))


@pytest.fixture
def bank(bank_model: Model) -> Stage:
    model, module = bank_model, load_environment(bank_model)
    tables: dict[str, dict[str, Any]] = {entity.plural: {} for entity in model.entities.values()}
    counters = {entity.name: 10 for entity in model.entities.values() if entity.key in ("counted", "none")}
    state = {"clock": "2026-04-13T10:00:00", "counters": counters, "tables": tables}
    members = [member(1, "Marta", "Ruiz"), member(2, "Marta", "Reyes"), member(3, "Lee", "James")]
    accounts = [
        account(1, 1, "checking", "Groceries", "open", "2026-01-01"),
        account(2, 1, "savings", "New roof", "open", "2026-02-01"),
        account(3, 1, "savings", "Wedding", "frozen", "2026-03-01"),
        account(4, 3, "savings", "New roof", "open", "2026-03-05"),
    ]
    deposits = [
        deposit(1, 1, 120.0, "Birthday money", "2026-03-04"),
        deposit(2, 1, 45.5, "Sale of the piano", "2026-03-06"),
        deposit(3, 2, 300.0, 'The "big" sale', "2026-03-07"),
    ]
    tables["members"].update({row["member_id"]: row for row in members})
    tables["accounts"].update({row["account_id"]: row for row in accounts})
    tables["transactions"].update({row["transaction_id"]: row for row in deposits})
    return Stage(model, module.Environment(state))
