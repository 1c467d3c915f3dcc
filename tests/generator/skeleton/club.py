"""A small skeleton with every kind of type, what the interpreter knows of it, and random states."""

from __future__ import annotations

import random
from typing import Any

from interpreter import Table

SKELETON = """
schema_version: 1
id: club
title: Club
domain: leisure
summary: People and their things.
introduction: You keep the books of a club.
clock: 2026-03-02T09:00:00
types:
  status: [new, on hold, done]
  size: [small, large]
  spot: {place: text, owner: optional person, cost: money}
entities:
  person:
    plural: persons
    id: P-{n:03}
    fields:
      name: text
      nick: optional text
      age: integer
      rank: status
      born: date
      wakes: time
      seen: datetime
      wallet: money
      fee: optional money
      ratio: decimal
      active: boolean
      boss: optional person
      friends: set of person
      path: list of person
      scores: list of integer
      labels: set of text
      weights: map of size to integer
      home: spot
      away: optional spot
      rich: {type: boolean, derived: person.wallet > limit.amount}
      double: {type: money, derived: person.wallet * 2.005}
      chief: {type: optional person, derived: person.boss.boss if person.boss is not None else None}
      fans: {type: list of person, derived: "[p for p in persons if person in p.friends]"}
  tag:
    plural: tags
    id: {given: word}
    fields:
      about: person
  slot:
    plural: slots
    key: [person, day]
    fields:
      person: person
      day: date
      size: size
  note:
    plural: notes
    part_of: person.notes
    fields:
      text: text
      tag: optional tag
      cost: money
  box:
    plural: boxes
    id: B{n:02}
    part_of: person.boxes
    fields:
      size: size
  limit:
    plural: limits
    id: one
    fields:
      amount: integer
      keeper: optional person
definitions:
  boss_of(p): p.boss
  spent(p): sum(n.cost for n in p.notes)
  named(n): first(p for p in persons if p.name == n)
  older(p, years): p.age > years
  together(a, b): a.wallet + b.wallet
  half(x): x / 2
  everyone: persons
  of_rank(r): "[p for p in persons if p.rank == r]"
policies:
  used:
    text: Every definition is used.
    holds: >-
      all(boss_of(p) is None or spent(p) > 0 or named(p.name) is None or older(p, 3) or together(p, p) > half(7)
      or len(everyone) > len(of_rank('done')) for p in persons)
operations:
  look:
    description: Look.
    returns: {people: len(persons)}
"""
RECORDS = {"spot": {"place": ("place", "text"), "owner": ("owner_id", "person"), "cost": ("cost", "money")}}
TABLES = {
    "person": Table(
        "persons",
        "person_id",
        fields={
            **{name: (name, "plain") for name in ("name", "nick", "age", "rank", "born", "wakes", "seen")},
            **{name: (name, "plain") for name in ("ratio", "active")},
            **{"labels": ("labels", "set text"), "scores": ("scores", "list integer")},
            **{"wallet": ("wallet", "money"), "fee": ("fee", "money"), "boss": ("boss_id", "person")},
            **{"friends": ("friends", "set person"), "path": ("path", "list person")},
            **{"weights": ("weights", "map plain"), "home": ("home", "record spot"), "away": ("away", "record spot")},
        },
        derived={
            "rich": ("person.wallet > limit.amount", "boolean"),
            "double": ("person.wallet * 2.005", "money"),
            "chief": ("person.boss.boss if person.boss is not None else None", "person"),
            "fans": ("[p for p in persons if person in p.friends]", "list"),
        },
        owned={"notes": ("note", "person_id"), "boxes": ("box", "person_id")},
    ),
    "tag": Table("tags", "word", fields={"word": ("word", "text"), "about": ("about_id", "person")}),
    "slot": Table(
        "slots",
        fields={"person": ("person_id", "person"), "day": ("day", "date"), "size": ("size", "size")},
    ),
    "note": Table(
        "notes",
        fields={
            **{"person": ("person_id", "person"), "text": ("text", "text")},
            **{"tag": ("word", "tag"), "cost": ("cost", "money")},
        },
    ),
    "box": Table("boxes", "box_id", fields={"person": ("person_id", "person"), "size": ("size", "size")}),
    "limit": Table("limits", fields={"amount": ("amount", "integer"), "keeper": ("keeper_id", "person")}),
}
DEFINITIONS = {
    "boss_of": (("p",), "p.boss"),
    "spent": (("p",), "sum(n.cost for n in p.notes)"),
    "named": (("n",), "first(p for p in persons if p.name == n)"),
    "older": (("p", "years"), "p.age > years"),
    "together": (("a", "b"), "a.wallet + b.wallet"),
    "half": (("x",), "x / 2"),
    "everyone": ((), "persons"),
    "of_rank": (("r",), "[p for p in persons if p.rank == r]"),
}
NAMES = ["", "ada", "Bo", "ada b", "\u00e9"]
DAYS = ["2026-03-02", "2026-02-28", "2024-02-29", "1999-12-31"]
MOMENTS = ["2026-03-02T09:00:00", "2026-03-01T23:59:59", "2024-02-29T00:00:00"]
STATUS, SIZES = ["new", "on hold", "done"], ["small", "large"]
AMOUNTS = [0.0, 0.1, 0.2, 0.3, 9.99, 10.0, 12.5, 33.33, -1.05]
WHOLE = [-2, 0, 1, 2, 3, 10]
PEOPLE = ["P-001", "P-002", "P-003"]


def state(rng: random.Random) -> dict[str, Any]:
    """A whole state; refs lead to rows that are there."""
    people = PEOPLE[: rng.randint(1, 3)]
    words = some(rng, ["red", "blue"], 2)
    slots = [(owner, day) for owner in people for day in some(rng, DAYS, 2)]
    tables = {
        "persons": {key: {"person_id": key, **person(rng, people)} for key in people},
        "tags": {word: {"word": word, "about_id": rng.choice(people)} for word in words},
        "slots": {f"{key}|{day}": {"person_id": key, "day": day, "size": rng.choice(SIZES)} for key, day in slots},
        "notes": {f"#{at}": note(rng, people, words) for at in range(1, rng.randint(0, 3) + 1)},
        "boxes": {
            key: {"box_id": key, "person_id": rng.choice(people), "size": rng.choice(SIZES)}
            for key in some(rng, ["B01", "B02"], 2)
        },
        "limits": {"one": {"amount": rng.choice(WHOLE), "keeper_id": rng.choice([None, *people])}},
    }
    return {"clock": "2026-03-02T09:00:00", "counters": {}, "tables": tables}


def some(rng: random.Random, items: list[Any], most: int) -> list[Any]:
    """Up to so many different ones, in any order."""
    return rng.sample(items, rng.randint(0, min(most, len(items))))


def person(rng: random.Random, people: list[str]) -> dict[str, Any]:
    return {
        "name": rng.choice(NAMES),
        "nick": rng.choice([None, *NAMES]),
        "age": rng.choice(WHOLE),
        "rank": rng.choice(STATUS),
        "born": rng.choice(DAYS),
        "wakes": rng.choice(["06:00:00", "12:30:00"]),
        "seen": rng.choice(MOMENTS),
        "wallet": rng.choice(AMOUNTS),
        "fee": rng.choice([None, *AMOUNTS]),
        "ratio": rng.choice([0.0, 0.5, 2.25]),
        "active": rng.random() < 0.5,
        "boss_id": rng.choice([None, *people]),
        "friends": some(rng, people, 3),
        "path": rng.choices(people, k=rng.randint(0, 3)),
        "scores": rng.choices(WHOLE, k=rng.randint(0, 3)),
        "labels": some(rng, NAMES, 2),
        "weights": {size: rng.choice(WHOLE) for size in some(rng, SIZES, 2)},
        "home": spot(rng, people),
        "away": rng.choice([None, spot(rng, people)]),
    }


def spot(rng: random.Random, people: list[str]) -> dict[str, Any]:
    return {"place": rng.choice(NAMES), "owner_id": rng.choice([None, *people]), "cost": rng.choice(AMOUNTS)}


def note(rng: random.Random, people: list[str], words: list[str]) -> dict[str, Any]:
    return {
        "person_id": rng.choice(people),
        "text": rng.choice(NAMES),
        "word": rng.choice([None, *words]),
        "cost": rng.choice(AMOUNTS),
    }
