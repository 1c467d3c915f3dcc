"""What can be read from a check's code and words without running anything."""

from __future__ import annotations

import pytest

from generator.importers.asked import Asked
from generator.importers.wanted import wanted


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("return state['users'][u]['status'] == 'active'", {"status": ["active"]}),
        ("return u.get('status', '').strip().lower() == 'active'", {"status": ["active"]}),
        ("return 'verified' in u['status']", {"status": ["verified"]}),
        ("return u['status'] in ('a', 'b')", {"status": ["a", "b"]}),
        ("return u['status'].startswith('act')", {"status": ["act"]}),
        ("return math.isclose(u['pay'], 1.5)", {"pay": [1.5]}),
        ("return abs(u['pay'] - 7 * 3600) < 1", {"pay": [25200]}),
        ("return u['age'] >= 18", {"age": [18, 19, 17]}),
        ("target = 'x'\n    name = u.get('name')\n    return name == target", {"name": ["x"]}),
        ("found = None\n    found = u['id']\n    return found is not None", {}),
    ],
)
def test_values_are_known_by_the_field_they_are_compared_with(line: str, values: dict[str, list[object]]) -> None:
    assert wanted(f"def check_func(state):\n    {line}\n").values == values


def test_sums_of_two_fields_are_known() -> None:
    source = "def check_func(s):\n    r = s['r']\n    gap = r['end'] - r['start']\n    return r['duration'] == gap\n"
    assert wanted(source).sums == {"duration": ("end", "-", "start")}


def test_of_what_is_no_python_nothing_is_known() -> None:
    assert wanted("def check_func(:").values == {}


def test_words_name_what_is_to_be_there_and_not_what_was() -> None:
    asked = Asked("Has the bookmark “A” been moved from the folder “Old” to the folder “New”, with status = 'done'?")
    assert asked.quoted == ["A", "New", "done"]
    assert asked.targets == ["New", "done"]
    assert Asked('Has the note "A" been added?').targets == ["A"]


@pytest.mark.parametrize(
    ("words", "exact", "ranging", "negated"),
    [
        ('Has the status been set to "active"?', True, False, False),
        ('Does the note contain "urgent"?', False, False, False),
        ("Has the level been set to at least 5?", True, True, False),
        ('Has the tag "x" been removed?', False, False, True),
        ('Has the status been set to "a" or "b"?', False, False, False),
    ],
)
def test_words_say_whether_exactly_that_is_asked_for(words: str, exact: bool, ranging: bool, negated: bool) -> None:
    asked = Asked(words)
    assert (asked.exact, asked.ranging, asked.negated) == (exact, ranging, negated)


def test_a_value_is_asked_for_in_quotes_or_outside_of_them_but_never_in_a_part_of_a_quoted_text() -> None:
    asked = Asked('Has bookmark 7 in the folder “Code Favorites” been set to private, with the note "Later"?')
    assert [asked.asks_for(text) for text in ("later", "private", "Favorites", "7")] == [True, True, False, True]
