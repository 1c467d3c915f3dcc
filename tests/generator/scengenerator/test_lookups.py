"""Look-ups: the queries after which an agent knows the id of what it was told about."""

from __future__ import annotations

from typing import Any

import pytest
from made import ENVIRONMENTS, model_of, start_of

from generator.scengenerator.lookups import Lookups
from generator.scengenerator.playing import is_command
from generator.scengenerator.scenario import ToolCall, canonical

Row = dict[str, Any]


def found(name: str, entity: str, key: str, said: str) -> list[ToolCall] | None:
    return Lookups(model_of(name)).find(start_of(name), model_of(name).entities[entity], key, said)


def first(name: str, plural: str, **wanted: Any) -> Row:
    rows: dict[str, Row] = start_of(name).state["tables"][plural]
    return next(row for row in rows.values() if all(row[column] == value for column, value in wanted.items()))


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_last_answer_shows_the_id_and_every_argument_is_known_by_then(name: str) -> None:
    model, start = model_of(name), start_of(name)
    reached = 0
    for entity in model.entities.values():
        for key, row in list(start.state["tables"][entity.plural].items())[:6]:
            said = f"about {' and '.join(str(value) for value in row.values() if isinstance(value, str))}"
            if entity.key != "counted" or f"{entity.key_column}" == "" or key in said:
                said = said.replace(key, "it")
            calls = found(name, entity.name, key, said)
            if not calls or entity.key not in ("counted", "given"):
                continue
            known = said.casefold()
            for call in calls:
                assert not is_command(model, call)
                for value in call.arguments.values():
                    assert str(value).casefold().replace("_", " ") in known.replace("_", " ") or isinstance(value, bool)
                result = start.call(call.name, call.arguments)
                assert result.ok
                known += canonical(result.content).casefold()
            assert key.casefold() in known
            reached += 1
    assert reached >= 10


def test_an_id_that_was_told_needs_no_query() -> None:
    row = first("credit_union", "accounts")
    assert found("credit_union", "account", row["account_id"], f"account {row['account_id']}, please") == []


def test_an_id_within_another_word_was_not_told() -> None:
    row = first("credit_union", "accounts")
    assert found("credit_union", "account", row["account_id"], f"card X{row['account_id']}7") != []


def test_who_owns_a_row_leads_to_it() -> None:
    start = start_of("credit_union")
    row = first("credit_union", "accounts")
    member = start.state["tables"]["members"][row["member_id"]]
    name = f"{member['first_name']} {member['last_name']}"
    calls = found("credit_union", "account", row["account_id"], f"the account of {name}")
    assert calls is not None
    assert [call.name for call in calls][-1] == "list_accounts_of_member"
    assert calls[-1].arguments == {"member_id": row["member_id"]}


def test_what_was_asked_about_is_shown_whole() -> None:
    name = "outpatient_clinic"
    model, start = model_of(name), start_of(name)
    for entity in model.entities.values():
        if entity.key != "counted":
            continue
        key = next(iter(start.state["tables"][entity.plural]))
        calls = Lookups(model).show(start, entity, key, f"{entity.name} {key}".casefold())
        if not calls:  # nothing lists it whole
            continue
        shown = canonical(start.call(calls[-1].name, calls[-1].arguments).content)
        for column, value in start.state["tables"][entity.plural][key].items():
            assert f'"{column}":{canonical(value)}' in shown
