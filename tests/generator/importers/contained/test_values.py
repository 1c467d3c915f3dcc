"""States go to JSON and back without loss; results become plain JSON, whatever a class returns."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import fractions
import itertools
import json
import math
import random
import re
import threading
import uuid
import zoneinfo
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.importers.contained.values import DecodingError, Instance, Opaque, decode, encode, plain, text

ZONES = st.none() | st.sampled_from(
    [datetime.UTC, datetime.timezone(datetime.timedelta(hours=-3), "here"), zoneinfo.ZoneInfo("Europe/Berlin")]
)
TEXTS = st.text(st.characters(codec=None), max_size=8)  # also halves of surrogate pairs
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    TEXTS,
    st.binary(max_size=8),
    st.decimals(allow_nan=False),
    st.fractions(),
    st.complex_numbers(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=ZONES, allow_imaginary=False),
    st.times(timezones=st.sampled_from([None, datetime.UTC])),
    st.timedeltas(),
    st.uuids(),
    st.builds(range, st.integers(-9, 9), st.integers(0, 9), st.integers(1, 9)),
)
KEYS = st.recursive(ATOMS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(TEXTS, inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(st.sampled_from(["$", "of", "a"]), inner, max_size=3),
        st.sets(KEYS, max_size=4),
        st.builds(collections.deque, st.lists(inner, max_size=3), st.none() | st.integers(3, 9)),
        st.builds(collections.OrderedDict, st.dictionaries(TEXTS, inner, max_size=3)),
        st.builds(collections.Counter, st.lists(TEXTS, max_size=3)),
        st.builds(bytearray, st.binary(max_size=4)),
    )


VALUES = st.recursive(ATOMS, containers, max_leaves=20)


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(encode(value), allow_nan=False, ensure_ascii=False).encode())


def kinds(value: Any) -> Any:
    """The types of all of it, in an order that does not depend on sets."""
    if isinstance(value, dict):
        return (type(value), [(kinds(key), kinds(item)) for key, item in value.items()])
    if isinstance(value, list | tuple | collections.deque):
        return (type(value), [kinds(item) for item in value])
    return type(value)


class TestLossless:
    @given(VALUES)
    def test_back_and_forth(self, value: Any) -> None:
        back = decode(through_json(value))
        assert back == value
        assert kinds(back) == kinds(value)

    @given(VALUES)
    def test_the_same_value_has_the_same_form(self, value: Any) -> None:
        assert encode(decode(through_json(value))) == encode(value)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: key != "$"), inner),
        )
    )
    def test_plain_json_stays_as_it_is(self, value: Any) -> None:
        assert encode(json.loads(json.dumps(value))) == value

    def test_numbers_that_json_does_not_know(self) -> None:
        back = decode(through_json([math.nan, math.inf, -math.inf, -0.0, 10**5000]))
        assert math.isnan(back[0])
        assert back[1:] == [math.inf, -math.inf, 0.0, 10**5000]
        assert math.copysign(1, back[3]) == -1

    def test_things_that_make_more_values(self) -> None:
        chance, count, pattern = random.Random(7), itertools.count(5, 2), re.compile("a+", re.IGNORECASE)
        factory = collections.defaultdict(list, {"a": [1]})
        next(count)
        back = decode(through_json({"chance": chance, "count": count, "pattern": pattern, "factory": factory}))
        assert back["chance"].random() == chance.random()
        assert next(back["count"]) == next(count) == 7
        assert back["pattern"] == pattern
        back["factory"]["b"].append(2)
        assert back["factory"] == {"a": [1], "b": [2]}

    @given(VALUES, VALUES)
    def test_two_states_of_one_form_are_equal(self, one: Any, other: Any) -> None:
        if encode(one) == encode(other):
            assert one == other


class TestSharing:
    def test_what_was_one_object_is_one_again(self) -> None:
        patients = {"P-1": {"tags": ["a"]}}
        state = {"init_config": {"patients": patients}, "patients": patients, "latest": [patients["P-1"]]}
        encoded = through_json(state)
        assert encoded["patients"] == {"P-1": {"tags": ["a"]}}
        assert encoded["init_config"] == {"patients": {"$": "same", "at": ["patients"]}}
        assert encoded["latest"] == [{"$": "same", "at": ["patients", "P-1"]}]
        back = decode(encoded)
        assert back["init_config"]["patients"] is back["patients"]
        assert back["latest"][0] is back["patients"]["P-1"]

    def test_a_state_may_contain_itself(self) -> None:
        state: dict[str, Any] = {"items": []}
        state["items"].append(state)
        state["self"] = state
        back = decode(through_json(state))
        assert back["items"][0] is back
        assert back["self"] is back

    def test_equal_things_in_two_places_stay_two(self) -> None:
        back = decode(through_json({"a": [1], "b": [1], "c": (), "d": ()}))
        assert back["a"] is not back["b"]

    def test_a_set_in_two_places(self) -> None:
        tags = {"x", ("y", 1)}
        back = decode(through_json({"a": {"tags": tags}, "b": [tags]}))
        assert back["a"]["tags"] is back["b"][0]
        assert back["b"][0] == tags


class Colour(enum.Enum):
    RED = "red"


class Level(enum.StrEnum):
    HIGH = "high"


class Rights(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


@dataclasses.dataclass
class Room:
    number: int
    beds: list[str]


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self) -> None:
        self.left = {1, 2}


class Table(dict[str, Any]):
    pass


class Point(NamedTuple):
    x: int
    y: int


CLASSES = {kind.__qualname__: kind for kind in (Colour, Level, Rights, Room, Slotted, Table, Point)}


class TestObjects:
    @pytest.mark.parametrize(
        "value",
        [
            *(Colour.RED, Level.HIGH, Rights.READ | Rights.WRITE, Rights(0)),
            *(Room(1, ["a"]), Table(a=1), Point(1, 2)),
        ],
    )
    def test_of_a_class_that_is_there(self, value: Any) -> None:
        back = decode(through_json({"a": value}), CLASSES.get)["a"]
        assert type(back) is type(value)
        assert back == value

    def test_with_slots(self) -> None:
        back = decode(through_json(Slotted()), CLASSES.get)
        assert back.left == {1, 2}
        assert not hasattr(back, "right")

    def test_of_a_class_that_is_not_there(self) -> None:
        encoded = through_json(
            {
                "room": Room(1, ["a"]),
                "colour": Colour.RED,
                "level": Level.HIGH,
                "rights": Rights.READ | Rights.WRITE,
                "none": Rights(0),
                "table": Table(a=1),
                "point": Point(1, 2),
            }
        )
        back = decode(encoded)
        assert isinstance(back["room"], Instance)
        assert type(back["room"]).__name__ == "Room"
        assert type(back["table"]).__name__ == "Table"
        assert (back["room"].number, back["room"].beds) == (1, ["a"])
        assert (back["colour"].value, back["colour"].name) == ("red", "RED")
        assert (back["rights"].value, back["none"].value) == (3, 0)
        assert back["level"] == "high"  # as a check would ask
        assert back["table"]["a"] == 1
        assert (back["point"].x, back["point"][1]) == (1, 2)
        assert encode(back) == encoded

    def test_what_has_no_form_is_told_by_name(self) -> None:
        back = decode(through_json({"lock": threading.Lock(), "call": len, "thing": lambda: 1}))
        assert all(isinstance(item, Opaque) for item in back.values())
        assert "0x" not in json.dumps(encode(back)).replace("at 0x", "")

    def test_objects_whose_own_words_fail(self) -> None:
        class Bad:
            __slots__ = ()

            def __repr__(self) -> str:
                raise RuntimeError

        assert encode(Bad())["$"] == "opaque"
        assert "Bad" in plain(Bad())


class TestHostileForms:
    """What comes out of a box need not have been written by `encode`."""

    @pytest.mark.parametrize(
        "form",
        [
            {"$": "nothing"},
            {"$": "set"},
            {"$": "set", "of": [[1]]},
            {"$": "same", "at": ["a", "b"]},
            {"a": {"$": "same", "at": ["a"]}},
            {"a": {"$": "same", "at": ["b"]}, "b": {"$": "same", "at": ["a"]}},
            {"a": {"$": "tuple", "of": [{"$": "same", "at": ["a"]}]}},
            {"$": "same", "at": 5},
            {"$": "Fraction", "of": [1, 0]},
            {"$": "Decimal", "of": "many"},
            {"$": "zone", "of": "../../etc/passwd"},
            {"$": "UUID", "of": "x"},
            {"$": "Pattern", "of": ["(", 0]},
            {"$": "datetime", "of": "soon"},
            {"$": "date", "of": "soon"},
            {"$": "text", "of": [-1]},
            {"$": "object", "class": "X"},
            {"$": "object", "class": "X", "of": [1]},
            {"$": "enum", "class": "X", "name": "", "of": 1},
            {"$": "range", "of": [1, 2, 0]},
            {"$": "deque", "of": [], "maxlen": -1},
            {"$": "dict", "of": [[1]]},
            {"$": ["x"], "of": 1},
            {"$": "Random", "of": 1},
            {"$": "int", "of": "0x" + "f" * 10 + "g"},
        ],
    )
    def test_are_refused(self, form: Any) -> None:
        with pytest.raises(DecodingError, match="not an encoded state"):
            decode(form)

    def test_very_deep(self) -> None:
        form: Any = []
        for _ in range(100_000):
            form = [form]
        with pytest.raises(DecodingError):
            decode(form)

    @given(
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["$", "of", "at", "class", "name", "zone", "factory", "maxlen", "content"]),
                    inner
                    | st.sampled_from(
                        ["same", "set", "dict", "object", "enum", "datetime", "time", "deque", "defaultdict", "count"]
                    ),
                )
            ),
        )
    )
    def test_nothing_else_is_raised(self, form: Any) -> None:
        with contextlib.suppress(DecodingError):
            encode(decode(form))


class TestPlain:
    @given(VALUES)
    def test_is_json_that_any_client_takes(self, value: Any) -> None:
        data = json.dumps(plain(value), allow_nan=False, ensure_ascii=False).encode()
        assert json.loads(data) == plain(value)
        assert json.loads(text(value)) == plain(value)

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ((1, "a"), [1, "a"]),
            ({3, 1, 2}, [1, 2, 3]),
            ({"b", 10, 9, None}, [9, 10, "b", None]),
            ({1: "a", None: "b", False: "c"}, {"1": "a", "null": "b", "false": "c"}),
            ({1: "a", "1": "b"}, {"1": "a", "1 (str)": "b"}),
            ({(1, 2): "a"}, {"[1, 2]": "a"}),
            (datetime.datetime(2026, 3, 2, 9), "2026-03-02T09:00:00"),
            (datetime.date(2026, 3, 2), "2026-03-02"),
            (decimal.Decimal("12.50"), "12.50"),
            (fractions.Fraction(1, 3), "1/3"),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (b"abc\xff", "abc\\xff"),
            (math.nan, "NaN"),
            (-math.inf, "-Infinity"),
            (Colour.RED, "red"),
            (Level.HIGH, "high"),
            (Point(1, 2), {"x": 1, "y": 2}),
            (Room(1, ["a"]), {"number": 1, "beds": ["a"]}),
            ({"a": 1}.values(), [1]),
            ({"a": 1}.items(), [["a", 1]]),
            (map(str, [1]), ["1"]),
            ((n for n in (1, 2)), [1, 2]),
            (collections.deque([1]), [1]),
            (collections.Counter("aa"), {"a": 2}),
            (range(3), [0, 1, 2]),
            (ValueError("no"), "ValueError: no"),
            ("\ud800", "?"),
        ],
    )
    def test_is_the_nearest_kind(self, value: Any, expected: Any) -> None:
        assert plain(value) == expected

    def test_ends_where_the_value_does_not(self) -> None:
        circle: list[Any] = [1]
        circle.append(circle)
        assert plain(circle) == [1, "(contains itself)"]
        deep: Any = []
        for _ in range(100_000):
            deep = [deep]
        assert "nested deeper" in json.dumps(plain(deep))

    def test_is_a_copy(self) -> None:
        held = {"a": [1]}
        plain(held)["a"].append(2)
        assert held == {"a": [1]}

    def test_ends_where_an_iterator_does_not(self) -> None:
        assert plain(range(10**30))[-2:] == [99_999, "(and so on)"]
        assert plain(n for n in itertools.count())[-1] == "(and so on)"

    def test_has_no_addresses(self) -> None:
        assert "0x" not in plain(lambda: 1).replace("at 0x", "")
        assert plain(threading.Lock()).endswith("at 0x>")
