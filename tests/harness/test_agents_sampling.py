from __future__ import annotations

from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.agents.sampling import Sampler, UnknownValueError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "thread_id": {"type": "string", "pattern": r"^TH-\d{4}$"},
        "author_id": {"type": "string", "pattern": r"^U-\d{3}$"},
        "tag_ids": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
        "status": {"enum": ["open", "closed"]},
        "due": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "title": {"type": "string", "minLength": 3, "maxLength": 12},
        "count": {"type": "integer", "minimum": 2, "maximum": 4},
        "price": {"type": "number", "minimum": 0},
        "urgent": {"type": "boolean"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"quantity": {"type": "integer", "minimum": 1}},
                "required": ["quantity"],
            },
        },
    },
    "required": ["thread_id", "author_id", "tag_ids", "status", "title", "count", "price"],
    "additionalProperties": False,
}
RESULT = {"threads": [{"thread_id": "TH-0001", "owner_id": "U-007", "tag_id": "t1"}, {"tag_id": "t2"}], "total": 2}


@given(st.integers())
def test_arguments_fit_their_schema(seed: int) -> None:
    sampler = Sampler(Random(seed))
    sampler.learn(RESULT)
    arguments = sampler.arguments(SCHEMA)
    jsonschema.validate(arguments, SCHEMA)
    assert (arguments["thread_id"], arguments["author_id"]) == ("TH-0001", "U-007")
    assert set(arguments["tag_ids"]) <= {"t1", "t2"}


def test_ids_are_never_made_up() -> None:
    with pytest.raises(UnknownValueError):
        Sampler(Random(1)).arguments(SCHEMA)
    optional = {"properties": {"thread_id": {"type": "string"}}, "required": []}
    assert {str(Sampler(Random(n)).arguments(optional)) for n in range(9)} == {"{}"}


def test_the_same_seed_samples_the_same() -> None:
    made = []
    for _ in range(2):
        sampler = Sampler(Random("environment/scenario/1"))
        sampler.learn(RESULT)
        made.append([sampler.arguments(SCHEMA) for _ in range(5)])
    assert made[0] == made[1]


def test_words_of_the_task_are_ids_where_no_result_shows_any() -> None:
    sampler = Sampler(Random(1))
    assert sampler.hear("Close the log LOG-17 of USR002, please.")
    assert not sampler.hear("Close the log LOG-17 of USR002, please.")
    required = {"properties": {"user_id": {"type": "string"}}, "required": ["user_id"]}
    assert {str(sampler.arguments(required)["user_id"]) for _ in range(20)} == {"LOG-17", "USR002"}
    sampler.learn({"user_id": "U-1"})
    assert sampler.arguments(required) == {"user_id": "U-1"}
