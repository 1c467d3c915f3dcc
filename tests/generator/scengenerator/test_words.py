"""Values, commands and requests in words."""

from __future__ import annotations

import random
import re

import pytest
from conftest import Stage
from hypothesis import given
from hypothesis import strategies as st

from generator.scengenerator.descriptions import Description
from generator.scengenerator.english import (
    article,
    happened,
    is_code,
    listed,
    plural,
    possessive,
    sentence,
    spoken_number,
)
from generator.scengenerator.words import obstacle, phrase, request, value_words
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import parse_skeleton
from generator.skeleton.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    MONEY,
    TEXT,
    TIME,
    Enum,
    ListOf,
    MapOf,
    Maybe,
    Record,
    Ref,
    Type,
)

SHOP = """
schema_version: 1
id: shop
title: Shop
domain: trade
summary: A shop.
introduction: You run a shop.
clock: 2026-03-02T09:00:00
entities:
  item:
    plural: items
    id: {given: sku}
    fields: {sku: text, stock: {type: integer, default: 0}, note: {type: text, default: "''"}}
operations:
  restock:
    description: Restock an item.
    params: {item: item, amount: integer, note: optional text}
    effects: [{update: item, values: {stock: amount, note: "note if note is not None else ''"}}]
    say: add {amount} pieces of the item {item}[, with the note "{note}"]
  offer:
    description: Offer a kind of item.
    params: {sku: text, kind: text}
    effects: [{create: item, values: {sku: sku, note: kind}}]
    say: offer a {kind} called {sku} for {kind} days
  drop:
    description: Drop an item.
    params: {item: item, reason: text}
    requires: [{that: "reason != ''", else: Give a reason.}]
    effects: [{delete: item}]
    say: drop the {item}, as "{reason}"
"""


@pytest.fixture(scope="module")
def shop() -> Model:
    return check(parse_skeleton(SHOP, "shop"))


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (DATE, "2026-03-04", "4 March 2026"),
        (DATETIME, "2026-03-04T09:00:00", "4 March 2026 at 9:00"),
        (TIME, "09:30:00", "9:30"),
        (TIME, "00:05:07", "0:05:07"),
        (MONEY, 12.5, "12.50"),
        (MONEY, -45, "-45.00"),
        (MONEY, 1234567.0, "1234567.00"),
        (INTEGER, 7, "7"),
        (DECIMAL, 0.25, "0.25"),
        (DECIMAL, 3.0, "3"),
        (DECIMAL, 0.1 + 0.2, "0.3"),
        (BOOLEAN, True, "yes"),
        (Enum(("on_time", "late")), "on_time", "on time"),
        (TEXT, "as it is_", "as it is_"),
        (ListOf(TEXT), ["a", "b", "c"], "a, b and c"),
        (ListOf(TEXT), ["a"], "a"),
        (ListOf(TEXT), [], ""),
        (ListOf(TEXT), ["a, b", "c", "d"], "a, b; c and d"),
        (MapOf(Enum(("Monday", "Friday")), INTEGER), {"Monday": 2, "Friday": 0}, "2 on Monday and 0 on Friday"),
        (Maybe(MONEY), None, ""),
        (Maybe(MONEY), 3, "3.00"),
        (Ref("item"), "HF-1", "HF-1"),
        (Record((("item", Ref("item")), ("quantity", INTEGER))), {"sku": "HF-1", "quantity": 2}, "2 of HF-1"),
        (
            Record((("first_name", TEXT), ("last_name", TEXT), ("date_of_birth", DATE))),
            {"first_name": "Ana", "last_name": "Ruiz", "date_of_birth": "1990-03-04"},
            "Ana Ruiz, born on 4 March 1990",
        ),
        (
            Record((("item", Ref("item")), ("date", DATE))),
            {"sku": "HF-1", "date": "2026-03-04"},
            "HF-1 on 4 March 2026",
        ),
        (Record((("street", TEXT), ("zip", TEXT))), {"street": "2 Oak St", "zip": "04"}, 'street "2 Oak St", zip 04'),
    ],
)
def test_values(shop: Model, type_: Type, value: object, expected: str) -> None:
    assert value_words(shop, type_, value) == expected


def test_rows_in_values_are_named(shop: Model) -> None:
    assert value_words(shop, ListOf(Ref("item")), ["A", "B"], lambda entity, key: f"the {entity} {key}") == (
        "the item A and the item B"
    )


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (article("apple"), "an"),
        (article("user"), "a"),
        (article("hour"), "an"),
        (article("European"), "a"),
        (article("8 percent"), "an"),
        (article('"open" one'), "an"),
        (possessive("James"), "James'"),
        (possessive("Marta Ruiz"), "Marta Ruiz's"),
        (plural("fee"), "fees"),
        (plural("entry"), "entries"),
        (plural("day"), "days"),
        (plural("box"), "boxes"),
        (listed(["one"]), "one"),
        (happened("opened_at"), "opened"),
        (happened("sent_on"), "sent"),
        (happened("last_activity_at"), None),
        (happened("located_in"), None),
        (is_code("A-03-2"), True),
        (is_code("Laptops"), False),
        (is_code("ABC"), False),
        (sentence('reply "Thanks."'), 'Reply "Thanks."'),
        (sentence("reply “Is it?”"), "Reply “Is it?”"),
        (sentence("done"), "Done."),
        (spoken_number(1e6, money=True), "1000000.00"),
    ],
)
def test_english(call: object, expected: object) -> None:
    assert call == expected


# -- commands ---------------------------------------------------------------------------------------------------------


def test_segments_fall_away(shop: Model) -> None:
    restock = shop.operations["restock"]
    assert phrase(shop, restock, {"item": "HF-1", "amount": "3"}) == "add 3 pieces of the item HF-1"
    assert phrase(shop, restock, {"item": "HF-1", "amount": "3", "note": ""}) == "add 3 pieces of the item HF-1"
    full = phrase(shop, restock, {"item": "HF-1", "amount": "3", "note": "New."})
    assert full == 'add 3 pieces of the item HF-1, with the note "New."'


def test_one_is_singular_and_articles_are_not_doubled(shop: Model) -> None:
    restock = shop.operations["restock"]
    assert phrase(shop, restock, {"item": "the item HF-1", "amount": "1"}) == "add 1 piece of the item HF-1"
    assert phrase(shop, restock, {"item": "HF-1", "amount": "21"}) == "add 21 pieces of the item HF-1"
    assert phrase(shop, restock, {"item": "HF-1", "amount": "-1"}) == "add -1 pieces of the item HF-1"
    drop = shop.operations["drop"]
    assert phrase(shop, drop, {"item": "the old item", "reason": "dust"}) == 'drop the old item, as "dust"'


def test_articles_go_by_sound(shop: Model) -> None:
    offer = shop.operations["offer"]
    assert phrase(shop, offer, {"kind": "apple", "sku": "A"}).startswith("offer an apple")
    assert phrase(shop, offer, {"kind": "pear", "sku": "A"}).startswith("offer a pear")


def test_quotations_keep_their_own_quotes(shop: Model) -> None:
    words = {"item": "lamp", "reason": 'it says "hot"'}
    assert phrase(shop, shop.operations["drop"], words) == 'drop the lamp, as “it says "hot"”'


def test_a_missing_word_is_an_error(shop: Model) -> None:
    with pytest.raises(KeyError):
        phrase(shop, shop.operations["drop"], {"item": "lamp"})


def test_every_say_of_our_environments_reads_well(bank: Stage) -> None:
    for operation in bank.model.commands:
        words = {param.name: "seven" for param in operation.params}
        text = phrase(bank.model, operation, words)
        assert "seven" in text
        assert not re.search(r"[{}\[\]]|  ", text)


# -- requests ---------------------------------------------------------------------------------------------------------

CLAUSES = st.lists(
    st.sampled_from(
        [
            "close the account",
            'add "It is here." as a note',
            "ship it, with care, to Oslo",
            "for bruno, change the tags",
            "pay 12.50 dollars",
            'rename it to "What now?"',
        ]
    ),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(CLAUSES, st.integers(0, 10_000))
def test_requests_are_sentences_that_say_everything(clauses: list[str], seed: int) -> None:
    text = request(clauses, "change", random.Random(seed))
    assert text[0].isupper() or text[0] in '"“'
    assert re.search(r'[.?!]"?$', text)
    assert not re.search(r'\.\.|"\.|\?\.|,,|  |, for bruno, (?!please|change)|please for', text)
    for clause in clauses:
        core = clause.removeprefix("for bruno, ")
        assert core[1:] in text
    assert text == request(clauses, "change", random.Random(seed))


def test_questions_stand_as_they_are() -> None:
    question = "How many open loans does Marta Ruiz have? Just the figure, please."
    assert request([question], "question", random.Random(0)) == question


def test_openings_vary() -> None:
    assert len({request(["close it"], "change", random.Random(seed)) for seed in range(30)}) >= 5


def test_a_long_phrase_that_comes_back_is_shortened_only_where_it_is_safe() -> None:
    long = 'Marta Ruiz\'s "New roof" account'
    mention = Description("account", long, (), noun="account")
    clauses = [f"freeze {long}", f"record 20.00 dollars into {long}"]
    assert "into that account" in request(clauses, "change", random.Random(0), [mention])
    also = [*clauses, "close the account of Lee James"]
    assert "that account" not in request(also, "change", random.Random(0), [mention])


def test_an_owner_named_before_is_they_where_nobody_else_is_named() -> None:
    marta = Description("member", "Marta Ruiz", ())
    lee = Description("member", "Lee James", ())
    move = "move the balance of Marta Ruiz's checking account to Marta Ruiz's savings account"
    assert "to their savings account" in request([move], "change", random.Random(0), [marta])
    savings = Description("account", "the savings account of Marta Ruiz", (), noun="account")
    move = f"move the balance of Marta Ruiz's checking account to {savings.text}"
    assert "to their savings account" in request([move], "change", random.Random(0), [marta, savings])
    other = "register Marta Ruiz's account for Lee James, not Marta Ruiz's card"
    assert "their" not in request([other], "change", random.Random(0), [marta, lee])


def test_an_obstacle_is_said_after_what_is_wanted() -> None:
    mention = Description("order", "Novak Garage's oldest order", (), noun="order")
    clauses = (f"unpack {mention.text} into bin A-01-1", f"pack {mention.text}")
    for seed in range(6):
        text = obstacle(*clauses, random.Random(seed), [mention])
        assert re.search(r"[.?] .*pack that order first\.$", text)
