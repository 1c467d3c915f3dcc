"""What differs between two states of a class that has no skeleton."""

from __future__ import annotations

from generator.importers.changes import changes, mentions, shown
from generator.importers.contained.values import encode
from generator.scengenerator.outcomes import Change


def test_rows_of_a_mapping_are_told_one_by_one() -> None:
    before = {"users": {"U1": {"name": "Ada", "age": 3}, "U2": {"name": "Bo"}}, "count": 1}
    after = {"users": {"U1": {"name": "Ada", "age": 4}, "U3": {"name": "Cy"}}, "count": 2}
    assert changes(before, after) == [
        Change("users", "U1", "changed", {"age": (3, 4)}),
        Change("users", "U2", "deleted", {"name": ("Bo", None)}),
        Change("users", "U3", "created", {"name": (None, "Cy")}),
        Change("count", "one", "changed", {"count": (1, 2)}),
    ]


def test_true_is_not_1() -> None:
    assert changes({"a": {"x": 1}}, {"a": {"x": True}}) == [Change("a", "x", "changed", {"x": (1, True)})]


def test_what_only_refers_to_other_attributes_is_told_once() -> None:
    users = {"U1": {"tags": {"b", "a"}, "pair": (1, 2)}}
    state = encode({"users": users, "init_config": {"users": users}, "empty": {}})
    assert set(shown(state)) == {"users", "empty"}


def test_a_checks_texts_say_what_it_reads_and_its_documentation_does_not() -> None:
    source = 'def check_func(final_state):\n    """About calls."""\n    return final_state["users"]["U1"] is None\n'
    assert set(mentions(source).split()) == {"users", "U1"}
    assert mentions("def :") == ""
