"""Outcomes: what differs is told, and only real differences make two outcomes unlike."""

from __future__ import annotations

import copy
import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.scengenerator.outcomes import difference, normalised
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import parse_skeleton

SKELETON = """
schema_version: 1
id: club
title: Club
domain: leisure
summary: People, teams and matches.
introduction: You keep the books of a club.
clock: 2026-03-02T09:00:00
types:
  score: {player: person, points: integer}
entities:
  person:
    plural: persons
    id: P-{n:03}
    fields:
      name: text
      mentor: optional person
  badge:
    plural: badges
    id: {given: code, next: "B{n:03}"}
    fields:
      holder: person
  team:
    plural: teams
    id: T-{n:03}
    fields:
      members: set of person
      order: list of person
      best: optional score
  note:
    plural: notes
    part_of: team.notes
    fields:
      text: text
      about: optional person
  seat:
    plural: seats
    key: [team, row]
    fields:
      team: team
      row: integer
  match:
    plural: matches
    id: M-{n:03}
    fields:
      one: person
      other: person
      seen: text
operations:
  look:
    description: Look.
    returns: {people: len(persons)}
"""
State = dict[str, Any]


@pytest.fixture(scope="module")
def model() -> Model:
    return check(parse_skeleton(SKELETON, "club"))


def start() -> State:
    persons = {f"P-00{n}": {"person_id": f"P-00{n}", "name": f"old {n}", "mentor_id": None} for n in (1, 2)}
    team = {"team_id": "T-001", "members": ["P-001", "P-002"], "order": ["P-001", "P-002"], "best": None}
    notes = {f"#{n}": {"team_id": "T-001", "text": f"n{n}", "about_id": None} for n in (1, 2)}
    seats = {"T-001|1": {"team_id": "T-001", "row": 1}}
    tables = {"persons": persons, "badges": {}, "teams": {"T-001": team}, "notes": notes, "seats": seats, "matches": {}}
    return {"clock": "2026-03-02T09:00:00", "counters": {"person": 2, "team": 1, "note": 2}, "tables": tables}


class Clerk:
    """Writes rows into a state as an environment would: ids count on, owned rows come last."""

    def __init__(self, first: int = 0) -> None:
        self.state = start()
        self.first = first  # ids that refused or undone work might have used up, were it not against the rules

    def _id(self, table: str, pattern: str) -> str:
        number = self.first + len(self.state["tables"][table]) + 1
        while pattern.format(number) in self.state["tables"][table]:
            number += 1
        return pattern.format(number)

    def add(self, table: str, pattern: str, column: str | None, **fields: Any) -> str:
        key = self._id(table, pattern)
        self.state["tables"][table][key] = {column: key, **fields} if column else fields
        return key

    def person(self, name: str, mentor: str | None = None) -> str:
        return self.add("persons", "P-{:03}", "person_id", name=name, mentor_id=mentor)

    def badge(self, holder: str) -> str:
        return self.add("badges", "B{:03}", "code", holder_id=holder)

    def team(self, members: list[str], order: list[str] | None = None, best: Any = None) -> str:
        return self.add("teams", "T-{:03}", "team_id", members=members, order=order or [], best=best)

    def note(self, team: str, text: str, about: str | None = None) -> str:
        return self.add("notes", "#{}", None, team_id=team, text=text, about_id=about)

    def seat(self, team: str, row: int) -> str:
        key = f"{team}|{row}"
        self.state["tables"]["seats"][key] = {"team_id": team, "row": row}
        return key

    def match(self, one: str, other: str, seen: str = "") -> str:
        return self.add("matches", "M-{:03}", "match_id", one_id=one, other_id=other, seen=seen)


def text(model: Model, clerk: Clerk) -> str:
    return normalised(model, clerk.state, start())


# -- random outcomes ----------------------------------------------------------------------------------------------

Plan = dict[str, Any]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """New persons with mentors among them, and rows that refer to old and new persons; people are numbers."""
    count = draw(st.integers(0, 5))
    names = st.sampled_from(["a", "b"])
    people = [{"name": draw(names), "mentor": draw(st.none() | st.integers(0, at + 1))} for at in range(count)]
    anyone = st.integers(0, count + 1)
    groups = st.lists(anyone, max_size=3, unique=True)
    return {
        "people": people,
        "badges": draw(st.lists(anyone, max_size=2)),
        "teams": draw(st.lists(st.tuples(groups, groups, st.none() | anyone), max_size=2)),
        "notes": draw(st.lists(st.tuples(names, st.none() | anyone), max_size=3)),
        "matches": draw(st.lists(st.tuples(anyone, anyone), max_size=4)),
        "members": draw(groups),
    }


def carry_out(plan: Plan, shuffle: random.Random, first: int = 0) -> Clerk:
    """The plan's outcome; independent rows come in a random order, sets too."""
    clerk = Clerk(first)
    keys: dict[int | None, str | None] = {None: None, 0: "P-001", 1: "P-002"}
    waiting = list(enumerate(plan["people"], start=2))
    while waiting:
        ready = [entry for entry in waiting if entry[1]["mentor"] in keys]
        number, person = shuffle.choice(ready)
        waiting.remove((number, person))
        keys[number] = clerk.person(person["name"], keys[person["mentor"]])

    def mixed(items: list[Any]) -> list[Any]:
        return shuffle.sample(items, len(items))

    for kind in mixed(["badges", "teams", "notes", "matches", "members"]):
        if kind == "members":
            clerk.state["tables"]["teams"]["T-001"]["members"] = mixed([keys[number] for number in plan["members"]])
        elif kind == "notes":
            for words, about in plan["notes"]:
                clerk.note("T-001", words, keys[about])
        for item in mixed(plan[kind]) if kind in ("badges", "teams", "matches") else []:
            if kind == "badges":
                clerk.badge(str(keys[item]))
            elif kind == "matches":
                clerk.match(str(keys[item[0]]), str(keys[item[1]]), seen=str(keys[item[0]]))
            else:
                best = {"player_id": keys[item[2]], "points": 1} if item[2] is not None else None
                clerk.team(mixed([keys[n] for n in item[0]]), [str(keys[n]) for n in item[1]], best)
    return clerk


@settings(max_examples=120, deadline=None)
@given(plans(), st.integers(0, 99), st.integers(0, 50))
def test_order_and_ids_do_not_matter(model: Model, plan: Plan, seed: int, first: int) -> None:
    plain = text(model, carry_out(plan, random.Random(0)))
    assert text(model, carry_out(plan, random.Random(seed), first)) == plain


@settings(max_examples=300, deadline=None)
@given(plans(), plans(), st.sampled_from(["", "people", "badges", "teams", "matches", "members"]))
def test_other_outcomes_are_told_apart(model: Model, plan: Plan, other: Plan, part: str) -> None:
    """Against brute force: two plans are the same when some renaming of new people makes them equal."""
    if part and len(plan["people"]) == len(other["people"]):  # plans that differ in one part only
        other = plan | {part: other[part]}
    same = any(_shape(plan, order) == _shape(other, range(len(other["people"]))) for order in _orders(plan, other))
    one, two = (text(model, carry_out(item, random.Random(0))) for item in (plan, other))
    assert (one == two) == same


def _orders(plan: Plan, other: Plan) -> Any:
    count = len(plan["people"])
    return itertools.permutations(range(count)) if count == len(other["people"]) else []


def _shape(plan: Plan, order: Any) -> Any:
    """The plan with its new people renumbered by `order`, and without orders that mean nothing."""
    to = {None: None, 0: 0, 1: 1} | {number + 2: new + 2 for number, new in enumerate(order)}
    people = {to[at]: (item["name"], to[item["mentor"]]) for at, item in enumerate(plan["people"], start=2)}
    teams = sorted(
        (sorted(to[n] for n in members), [to[n] for n in ranked], -1 if best is None else to[best])
        for members, ranked, best in plan["teams"]
    )
    return (
        sorted(people.items()),
        sorted(to[n] for n in plan["badges"]),
        teams,
        [(words, to[about]) for words, about in plan["notes"]],
        sorted((to[one], to[two]) for one, two in plan["matches"]),
        sorted(to[n] for n in plan["members"]),
    )


@settings(max_examples=150, deadline=None)
@given(plans(), st.data())
def test_any_change_of_a_value_is_told(model: Model, plan: Plan, data: st.DataObject) -> None:
    clerk = carry_out(plan, random.Random(0))
    before = text(model, clerk)
    table = data.draw(st.sampled_from(["persons", "notes", "seats"]))
    key = data.draw(st.sampled_from(list(clerk.state["tables"][table])))
    column = {"persons": "name", "notes": "text", "seats": "row"}[table]
    row = clerk.state["tables"][table][key]
    row[column] = "another" if table != "seats" else 77
    assert text(model, clerk) != before


# -- single laws --------------------------------------------------------------------------------------------------


def test_nothing_differs_from_itself(model: Model) -> None:
    assert difference(start(), start(), model) == []
    later = start() | {"clock": "2030-01-01T00:00:00", "counters": {"person": 40}}
    assert normalised(model, later, start()) == normalised(model, start(), start())


def test_a_circle_and_two_circles_are_not_the_same(model: Model) -> None:
    """Six persons in one ring of matches, and in two rings of three: colours alone cannot tell them apart."""

    def rings(*sizes: int, turn: int = 0) -> str:
        clerk = Clerk()
        people = [clerk.person("x") for _ in range(sum(sizes))]
        pairs, at = [], 0
        for size in sizes:
            pairs += [(people[at + i], people[at + (i + 1) % size]) for i in range(size)]
            at += size
        for one, other in pairs[turn:] + pairs[:turn]:
            clerk.match(one, other)
        return text(model, clerk)

    assert rings(6) == rings(6, turn=4)
    assert rings(3, 3) == rings(3, 3, turn=2)
    assert rings(6) != rings(3, 3)


def test_many_equal_rows_are_no_work(model: Model) -> None:
    clerk = Clerk()
    for _ in range(60):
        person = clerk.person("twin")
        for _ in range(3):
            clerk.badge(person)
    assert len(text(model, clerk)) > 1000


def test_a_natural_key_is_content_unless_it_is_counted(model: Model) -> None:
    def with_badge(code: str) -> str:
        clerk = Clerk()
        clerk.state["tables"]["badges"][code] = {"code": code, "holder_id": "P-001"}
        return text(model, clerk)

    assert with_badge("B001") == with_badge("B007")
    assert with_badge("gold") != with_badge("silver")
    assert with_badge("gold") != with_badge("B001")


def test_inner_keys_are_not_compared(model: Model) -> None:
    one, two = Clerk(), Clerk()
    notes = two.state["tables"]["notes"]
    notes.clear()
    for words in ("n1", "n2"):
        two.note("T-001", words)
    assert text(model, one) == text(model, two)
    notes["#9"] = notes.pop("#1")
    assert text(model, one) != text(model, two)  # now they are in another order
    notes.clear()
    assert text(model, one) != text(model, two)


def test_rows_of_a_new_owner_hang_on_it(model: Model) -> None:
    def teams(first: list[str], second: list[str]) -> str:
        clerk = Clerk()
        for notes, row in ((first, 1), (second, 2)):
            team = clerk.team(["P-001"])
            clerk.seat(team, row)
            for words in notes:
                clerk.note(team, words)
        return text(model, clerk)

    assert teams(["a"], ["b"]) != teams(["b"], ["a"])
    assert teams(["a", "b"], []) != teams(["b", "a"], [])


def test_what_differs_is_told_row_by_row(model: Model) -> None:
    state = start()
    state["tables"]["persons"]["P-001"]["name"] = "new"
    del state["tables"]["persons"]["P-002"]
    state["tables"]["persons"]["P-003"] = {"person_id": "P-003", "name": "c", "mentor_id": None}
    state["tables"]["teams"]["T-001"]["members"].reverse()
    state["tables"]["teams"]["T-001"]["order"].reverse()
    found = [(change.table, change.row, change.kind) for change in difference(start(), state, model)]
    assert found == [
        ("persons", "P-001", "changed"),
        ("persons", "P-002", "deleted"),
        ("persons", "P-003", "created"),
        ("teams", "T-001", "changed"),
    ]
    changes = {change.row: change.fields for change in difference(start(), state, model)}
    assert changes["P-001"] == {"name": ("old 1", "new")}
    assert changes["P-003"]["name"] == (None, "c") and changes["P-002"]["name"] == ("old 2", None)
    assert list(changes["T-001"]) == ["order"]
    assert list(difference(start(), state)[-1].fields) == ["members", "order"]  # without a model sets are lists


def test_equal_rows_in_place_of_old_ones_are_no_difference(model: Model) -> None:
    state = start()
    notes = state["tables"]["notes"]
    old = copy.deepcopy(notes)
    notes.clear()
    notes.update({"#3": old["#1"], "#4": old["#2"] | {"text": "other"}})
    found = [(change.row, change.kind) for change in difference(start(), state, model)]
    assert found == [("#2", "deleted"), ("#4", "created")]
