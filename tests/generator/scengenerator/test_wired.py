"""Calls as a model writes them: texts become values, earlier results are put in, and mistakes are sentences."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import model_of, start_of
from pydantic import ValidationError

from generator.scengenerator.laws import laws_of
from generator.scengenerator.wired import (
    NotYetError,
    Switchboard,
    WireArgument,
    WireCall,
    WiringError,
    in_any_order,
)

TOOLS = [
    {
        "name": "mark",
        "inputSchema": {
            "properties": {
                "word": {"type": "string"},
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "count": {"type": "integer"},
                "share": {"type": "number"},
                "due": {"type": ["integer", "null"]},
                "open": {"type": "boolean"},
                "tags": {"type": "array", "items": {"type": "string"}},
            }
        },
    }
]


class Result:
    """What a call returned."""

    def __init__(self, ok: bool, **content: Any) -> None:
        self.ok, self.content = ok, content


def wired(tool: str, **arguments: str) -> WireCall:
    return WireCall(tool=tool, arguments=[WireArgument(name=name, value=value) for name, value in arguments.items()])


def value_of(name: str, text: str, *results: Any) -> Any:
    return Switchboard(TOOLS).call(wired("mark", **{name: text}), results).arguments[name]


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_a_text_stays_as_it_is(text: str) -> None:
    assert value_of("word", text) == text or text.strip().startswith("$")


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.lists(st.text()))
def test_other_values_are_read_by_their_schema(count: int, share: float, is_open: bool, tags: list[str]) -> None:
    assert value_of("count", str(count)) == count
    assert value_of("share", repr(share)) == share
    assert value_of("open", json.dumps(is_open)) is is_open
    if not any(tag.startswith("$") for tag in tags):
        assert value_of("tags", json.dumps(tags)) == tags


@pytest.mark.parametrize(("text", "code"), [("a\ud800b", "D800"), ("a\x1b[31m", "001B"), ("\x00", "0000")])
def test_what_no_file_holds_and_what_steers_a_terminal_is_no_answer(text: str, code: str) -> None:
    with pytest.raises(ValidationError, match=rf"the character U\+{code} is no text"):
        wired("mark", word=text)
    assert wired("mark", word="a\tb\nc").arguments[0].value == "a\tb\nc"


def test_what_may_be_empty_is_emptied_by_null() -> None:
    assert value_of("note", "null") is None
    assert value_of("due", "null") is None
    assert value_of("word", "null") == "null"


def test_what_an_earlier_call_returned_is_put_in() -> None:
    made = Result(True, order_id="SO-1", lines=[{"sku": "A"}, {"sku": "B"}])
    assert value_of("word", "$1.order_id", made) == "SO-1"
    assert value_of("word", "$1.lines[1].sku", made) == "B"
    assert value_of("tags", '["$1.order_id", "x"]', made) == ["SO-1", "x"]
    assert value_of("word", "$5 off", made) == "$5 off"


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("marc", {}, "there is no tool 'marc'; did you mean 'mark'?"),
        ("mark", {"wird": "x"}, "mark has no argument 'wird'; did you mean 'word'?"),
        ("mark", {"zzz": "x"}, "mark has no argument 'zzz'; it takes word, note"),
        ("mark", {"count": "three"}, "mark: count is an integer, found 'three'"),
        ("mark", {"tags": "a, b"}, "mark: tags is an array, found 'a, b'"),
        ("mark", {"tags": "[" * 100_000}, "mark: tags is an array, found '[[[[["),
        ("mark", {"tags": '["\\ud800"]'}, "mark: tags is an array, found"),
        ("mark", {"share": "NaN"}, "mark: share is a number, found 'NaN'"),
        ("mark", {"share": "1e999"}, "mark: share is a number, found '1e999'"),
        ("mark", {"count": "9" * 5000}, "mark: count is an integer, found '999"),
        ("mark", {"count": f"${'9' * 5000}.id"}, "mark: count is an integer, found '$999"),
        ("mark", {"word": "$1.id"}, "$1.id: call 1 returned no such value; it returned order_id"),
        ("mark", {"word": "$2.id"}, "$2.id: call 2 has not returned anything by then"),
        ("mark", {"word": "$3.id"}, "$3.id: call 3 has not returned anything by then"),
    ],
)
def test_a_call_that_cannot_be_made_is_a_sentence(tool: str, arguments: dict[str, str], told: str) -> None:
    with pytest.raises(WiringError) as caught:
        Switchboard(TOOLS).call(wired(tool, **arguments), [Result(True, order_id="SO-1"), Result(False)])
    assert str(caught.value).startswith(told) and len(str(caught.value)) < 300


def test_a_result_that_is_not_there_yet_may_come() -> None:
    with pytest.raises(NotYetError):
        Switchboard(TOOLS).call(wired("mark", word="$1.id"), [None])


BLOCK = wired("block_customer", customer_id="C-001", reason="Why not")
UNBLOCK = wired("unblock_customer", customer_id="C-001")


def test_calls_are_made_in_any_order_that_works() -> None:
    """The customer is not blocked: unblocking is refused until blocking was done."""
    board = Switchboard(laws_of(model_of("parts_warehouse")).module.TOOLS)
    start = start_of("parts_warehouse")
    made, problems = in_any_order(board, start.copy(), [UNBLOCK, BLOCK])
    assert ([call.name for call in made], problems) == (["block_customer", "unblock_customer"], [])
    made, problems = in_any_order(board, start.copy(), [UNBLOCK, wired("unblock_customer", customer_id="$1.nothing")])
    assert made == []
    assert "unblock_customer is refused" in problems[0]
