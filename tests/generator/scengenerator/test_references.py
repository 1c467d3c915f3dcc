"""Noun phrases: what they say, and that they denote what they were made for."""

from __future__ import annotations

import functools
import random
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Stage
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.rendering import load_environment
from generator.scengenerator.descriptions import Description
from generator.scengenerator.references import Describer
from generator.scengenerator.resolution import resolve
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import read_skeleton

ROOT = Path(__file__).parents[3]
SERVERS = sorted((ROOT / "servers").glob("*/skeleton.yaml"))
FORUM = ROOT / "tests" / "golden" / "examples" / "forum.skeleton.yaml"


@functools.cache
def stage(path: Path, seed: str, size: int) -> tuple[Model, Any, Snapshot]:
    model = check(read_skeleton(path))
    environment = load_environment(model).Environment(make_state(model, seed, size))
    return model, environment, Snapshot(model, environment)


def readable(text: str) -> bool:
    """No doubled article, no hole, no gap."""
    return not re.search(r"\bthe the\b|\ba the\b|[{}\[\]]|  |^\s|\s$|_|None", re.sub(r'".*?"', "quoted", text))


# -- the law ----------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_description_resolves_to_exactly_its_row(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([*SERVERS, FORUM]))
    model, environment, snapshot = stage(
        path, data.draw(st.sampled_from(["a", "b"])), data.draw(st.sampled_from([1, 4]))
    )
    entity = model.entities[data.draw(st.sampled_from([e.name for e in model.entities.values() if snapshot.rows(e)]))]
    key = data.draw(st.sampled_from(list(snapshot.rows(entity))))
    describer = Describer(model, random.Random(data.draw(st.integers(0, 99))))
    for found in describer.describe(snapshot, entity.name, key):
        assert resolve(model, environment, found) == [key], found
        assert found.by_id or path == FORUM or readable(found.text), found.text


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_description_of_a_set_resolves_to_exactly_its_rows(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([*SERVERS, FORUM]))
    model, environment, snapshot = stage(path, "a", 4)
    names = [e.name for e in model.entities.values() if len(snapshot.rows(e)) > 1]
    entity = model.entities[data.draw(st.sampled_from(names))]
    describer = Describer(model, random.Random(1))
    key = data.draw(st.sampled_from(list(snapshot.rows(entity))))
    for found, keys in describer.sets_with(snapshot, entity.name, key, most=40)[:8]:
        assert found.many and key in keys
        assert set(resolve(model, environment, found)) == set(keys), found


@pytest.mark.parametrize("path", SERVERS, ids=lambda path: path.parent.name)
def test_most_rows_of_our_environments_can_be_described_without_an_id(path: Path) -> None:
    model, _, snapshot = stage(path, "b", 4)
    describer = Describer(model, random.Random(3))
    rows = [(e.name, key) for e in model.entities.values() if e.key == "counted" for key in snapshot.rows(e)]
    described = [any(not d.by_id for d in describer.describe(snapshot, *row)) for row in rows]
    assert sum(described) >= 0.9 * len(rows)


# -- words ------------------------------------------------------------------------------------------------------------


def test_a_person_is_called_by_name(bank: Stage) -> None:
    assert bank.texts("member", "M-001") == ["Marta Ruiz", "member M-001"]


def test_two_of_one_name_are_told_apart(bank: Stage) -> None:
    bank.tables["members"]["M-002"]["last_name"] = "Ruiz"
    assert bank.texts("member", "M-001")[0] == "Marta Ruiz (email marta.ruiz@example.org)"


def test_rows_are_described_by_their_owner_label_kind_status_and_age(bank: Stage) -> None:
    assert 'Marta Ruiz\'s "New roof" account' in bank.texts("account", "A-0002")
    assert any(
        re.fullmatch(r"(the )?(Marta Ruiz's )?(only )?checking account( of Marta Ruiz)?", text)
        for text in bank.texts("account", "A-0001")
    )
    frozen = bank.texts("account", "A-0003")
    assert {
        "Marta Ruiz's frozen account",
        "Marta Ruiz's only frozen account",
        "the frozen account of Marta Ruiz",
    } & set(frozen)
    assert {"Marta Ruiz's newest account", "the newest account of Marta Ruiz"} & set(frozen)


def test_names_that_end_in_s_and_kinds_that_name_the_thing(bank: Stage) -> None:
    assert {"Lee James' account", "the account of Lee James"} & set(bank.texts("account", "A-0004"))
    texts = bank.texts("transaction", "T-00001")
    assert "Marta Ruiz's deposit of 120.00 dollars" in texts
    assert all("transaction" not in text or "T-00001" in text for text in texts)


def test_ties_are_no_superlatives(bank: Stage) -> None:
    bank.tables["accounts"]["A-0002"]["opened_on"] = "2026-03-01"
    assert not any(
        re.search("newest (savings )?account", text)
        for text in bank.texts("account", "A-0002") + bank.texts("account", "A-0003")
    )


def test_ids_come_last_and_are_flagged(bank: Stage) -> None:
    found = Describer(bank.model, random.Random(0)).describe(bank.snapshot, "account", "A-0001")
    assert [d.by_id for d in found].count(True) == 1
    assert found[-1].by_id


def test_sets(bank: Stage) -> None:
    sets = Describer(bank.model, random.Random(0)).sets_with(bank.snapshot, "account", "A-0002")
    described = {keys: description.text for description, keys in sets}
    assert described["A-0002", "A-0003"] in {
        "every savings account of Marta Ruiz",
        "both savings accounts of Marta Ruiz",
        "both of Marta Ruiz's savings accounts",
    }
    assert described["A-0001", "A-0002", "A-0003"] in {
        "every account of Marta Ruiz",
        "all three accounts of Marta Ruiz",
        "all of Marta Ruiz's accounts",
    }


def test_the_sets_that_a_row_is_in(bank: Stage) -> None:
    describer = Describer(bank.model, random.Random(0))
    found = describer.sets_with(bank.snapshot, "account", "A-0002")
    assert ("A-0002", "A-0003") in [keys for _, keys in found]
    assert ("A-0001", "A-0002") in [keys for _, keys in found]  # the open ones
    for description, keys in found:
        assert description.many
        assert resolve(bank.model, bank.environment, description) == list(keys)
    assert all(len(keys) <= 2 for _, keys in describer.sets_with(bank.snapshot, "account", "A-0002", 2))


def test_a_new_row_is_the_new_one(bank: Stage) -> None:
    found = Describer(bank.model, random.Random(0)).new("card")
    assert found.text == "the new card"


def test_the_same_state_and_seed_give_the_same_words(bank: Stage) -> None:
    assert [bank.texts("account", "A-0001", 5)] * 3 == [bank.texts("account", "A-0001", 5) for _ in range(3)]


def test_other_seeds_vary_the_order(bank: Stage) -> None:
    assert len({bank.texts("account", "A-0003", seed)[0] for seed in range(20)}) > 1


def test_longer_phrases_need_more_look_ups(bank: Stage) -> None:
    def steps(entity: str, key: str) -> Description:
        return Describer(bank.model, random.Random(0)).describe(bank.snapshot, entity, key)[0]

    assert steps("member", "M-001").steps < steps("account", "A-0002").steps < steps("transaction", "T-00001").steps
