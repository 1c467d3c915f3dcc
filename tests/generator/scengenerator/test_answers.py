"""What an answer states: every kind of value, said in the ways in which people say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.scengenerator.answers import stated

STATUS = ("open", "closed", "on hold", "re_opened")
CABIN = ("basic_economy", "economy", "business")
ANSWER = ("yes", "no")
KINDS = ["integer", "money", "decimal", "date", "time", "datetime", "boolean", "text", STATUS, ANSWER]

STATES = [
    # integers
    (3, "integer", "3"),
    (3, "integer", "There are 3."),
    (3, "integer", "There are **3** open loans."),
    (3, "integer", "She has three open loans."),
    (3, "integer", "3 loans, $45.20 in all."),
    (3, "integer", "3 loans; 45.20 is still owed."),
    (3, "integer", "As of 2026-03-04 at 09:00 there are 3 loans."),
    (3, "integer", "U-001 has 3 loans, the last is L-0012 (see #7)."),
    (3, "integer", "It is her 2nd visit, and she has 3 loans."),
    (3, "integer", "1. Dune\n2. Emma\n3. Ulysses\nThat is 3 in all."),
    (1, "integer", "There is one."),
    (1, "integer", "There is 1, the one you asked for."),
    (0, "integer", "There are zero open loans."),
    (1234, "integer", "1,234 points"),
    (1234, "integer", "1\u202f234 points"),
    (1234, "integer", "1'234 points"),
    (1234, "integer", "1234 points"),
    (1234, "integer", "1234.0"),
    (-5, "integer", "It went down by -5."),
    (-5, "integer", "The change is \u22125."),
    (-5, "integer", "minus 5"),
    (12, "integer", "12%"),
    (7, "integer", "- 7 loans"),
    (7, "integer", "It is 7, and I repeat: 7."),
    # money and decimals
    (1234.5, "money", "$1,234.50"),
    (1234.5, "money", "1,234.50"),
    (1234.5, "money", "1234.5"),
    (1234.5, "money", "USD 1,234.50."),
    (1234.5, "money", "1234.50 dollars"),
    (45.2, "money", "The 2 invoices add up to 45.20."),
    (45.2, "money", "Between 1 March 2026 and 4 March 2026 she paid $45.20."),
    (120.0, "money", "It costs 120."),
    (120.0, "money", "120 dollars for 3 nights"),
    (-12.5, "money", "-$12.50"),
    (-12.5, "money", "$-12.50"),
    (4.25, "decimal", "The average is 4.25."),
    (4.666667, "decimal", "about 4.67"),
    (4.666667, "decimal", "4.6667"),
    (4.5, "decimal", "4.5 over 2 reviews"),
    # dates and times
    ("2026-03-04", "date", "2026-03-04"),
    ("2026-03-04", "date", "It is due on 4 March 2026."),
    ("2026-03-04", "date", "Wednesday, March 4, 2026"),
    ("2026-03-04", "date", "March 4th"),
    ("2026-03-04", "date", "on the 4th of March 2026"),
    ("2026-03-04", "date", "Mar. 4, 2026"),
    ("2026-03-04", "date", "2026-03-04T09:00:00"),
    ("2026-03-04", "date", "03/04/2026"),
    ("2026-03-04", "date", "4.3.2026"),
    ("2026-05-12", "date", "12 May"),
    ("2026-09-01", "date", "Sept 1, 2026"),
    ("2026-03-04", "date", "4 March 2026 (2026-03-04), 3 days from now"),
    ("09:00:00", "time", "09:00"),
    ("09:00:00", "time", "at 9 am"),
    ("09:00:00", "time", "at 9 a.m. sharp"),
    ("21:30:00", "time", "9:30 PM"),
    ("12:00:00", "time", "at noon"),
    ("09:00:15", "time", "9:00:15"),
    ("09:00:15", "time", "09:00"),
    ("2026-03-04T09:00:00", "datetime", "on 4 March 2026 at 9:00"),
    ("2026-03-04T09:00:00", "datetime", "2026-03-04 09:00:00"),
    ("2026-03-04T09:00:00", "datetime", "2026-03-04T09:00:00Z"),
    # booleans
    (True, "boolean", "Yes."),
    (True, "boolean", "Yes, there are no open disputes any more."),
    (True, "boolean", "That is true"),
    (False, "boolean", "No."),
    (False, "boolean", "No, she does not."),
    (False, "boolean", "**No** \u2014 it was sold."),
    (False, "boolean", "false"),
    # enums
    ("open", STATUS, "It is open."),
    ("open", STATUS, "It is OPEN, not closed."),
    ("closed", STATUS, "The thread isn't open: it is closed"),
    ("on hold", STATUS, "It is on-hold."),
    ("on hold", STATUS, "It is `on_hold`"),
    ("re_opened", STATUS, "re opened"),
    ("basic_economy", CABIN, "They fly basic economy."),
    ("economy", CABIN, "They fly economy."),
    ("yes", ANSWER, "Yes, with insurance."),
    ("no", ANSWER, "No, without."),
    # texts
    ("Marta Ruiz", "text", "It was Marta Ruiz."),
    ("Marta Ruiz", "text", "marta  ruiz's loan"),
    ("Marta Ruiz", "text", "**Marta Ruiz** and Tom Reed"),
    ("O'Hara", "text", "Ms O\u2019Hara"),
    ("U-001", "text", "(U-001)"),
    ("Is it open?", "text", 'The title is "Is it open?"'),
    ("See you.", "text", "It says: see you"),
    ("C++", "text", "a book on C++."),
]

STATES_NOT = [
    (3, "integer", ""),
    (3, "integer", "4"),
    (3, "integer", "3 or 4"),
    (3, "integer", "between 3 and 5"),
    (3, "integer", "3-5"),
    (3, "integer", "three or four"),
    (3, "integer", "She has 3 loans and 2 fines."),
    (3, "integer", "$3.00"),
    (3, "integer", "3rd"),
    (3, "integer", "3.5"),
    (12, "integer", "120"),
    (12, "integer", "312"),
    (12, "integer", "HAT12"),
    (12, "integer", "A-12"),
    (12, "integer", "#12"),
    (12, "integer", "1.12.3"),
    (2026, "integer", "4 March 2026"),
    (9, "integer", "09:00"),
    (1, "integer", "1. Dune\n2. Emma"),
    (1, "integer", "one of the 4"),
    (5, "integer", "-5"),
    (-5, "integer", "5"),
    (234, "integer", "1,234"),
    (0, "integer", "I could not find any."),
    (45.2, "money", "45.02"),
    (45.2, "money", "$45.20 or $45.30"),
    (45.2, "money", "45.20 or 45"),
    (45.2, "money", "45"),
    (120.0, "money", "100 or 120"),
    (4.666667, "decimal", "4.7"),
    (4.666667, "decimal", "5"),
    ("2026-03-04", "date", "4 March 2025"),
    ("2026-03-04", "date", "4 or 5 March 2026"),
    ("2026-03-04", "date", "2026-03-04 or 2026-03-05"),
    ("2026-03-04", "date", "3 May"),
    ("2026-03-04", "date", "tomorrow"),
    ("2026-03-04", "date", "2026-03-041"),
    ("09:00:00", "time", "9 pm"),
    ("09:00:00", "time", "09:00 or 10:00"),
    ("09:00:00", "time", "09:00:30"),
    ("2026-03-04T09:00:00", "datetime", "4 March 2026"),
    ("2026-03-04T09:00:00", "datetime", "4 March 2026 at 10:00"),
    (True, "boolean", "No."),
    (True, "boolean", "yes or no"),
    (True, "boolean", "not true"),
    (False, "boolean", "There are no loans, yes."),
    (False, "boolean", "I know nothing"),
    ("open", STATUS, "not open"),
    ("open", STATUS, "It is no longer open."),
    ("open", STATUS, "open or closed"),
    ("open", STATUS, "opened"),
    ("open", STATUS, "reopen"),
    ("open", STATUS, "open-ended"),
    ("closed", STATUS, "not open"),
    ("economy", CABIN, "basic economy"),
    ("Marta Ruiz", "text", "Marta"),
    ("Marta Ruiz", "text", "Marta Ruizo"),
    ("Smith", "text", "Smith-Jones"),
    ("U-001", "text", "U-0012"),
    ("Marta Ruiz", "text", "not Marta Ruiz"),
    ("", "text", "anything"),
    (None, "text", "None"),
]


@pytest.mark.parametrize(("value", "kind", "answer"), STATES)
def test_states(value: object, kind: str, answer: str) -> None:
    assert stated(answer, value, kind)


@pytest.mark.parametrize(("value", "kind", "answer"), STATES_NOT)
def test_does_not_state(value: object, kind: str, answer: str) -> None:
    assert not stated(answer, value, kind)


@given(st.integers(-99_999, 99_999), st.integers(-99_999, 99_999))
def test_one_number_states_itself_alone(value: int, other: int) -> None:
    assert stated(f"It is {value:,}.", value, "integer")
    assert stated(f"It is {other}.", value, "integer") == (value == other)
    assert stated(f"It is {value} or {other}", value, "integer") == (value == other)


@given(st.decimals(-9_999, 99_999, places=2))
def test_money_is_read_as_it_is_written(amount: object) -> None:
    assert stated(f"The balance is {amount:,.2f} now.", float(amount), "money")  # type: ignore[arg-type]


@given(st.dates())
def test_dates_are_read_as_people_write_them(day: object) -> None:
    iso = day.isoformat()  # type: ignore[attr-defined]
    for words in (iso, f"{day:%B} {day.day}, {day.year:04}", f"{day.day} {day:%b} {day.year:04}"):  # type: ignore[attr-defined]
        assert stated(f"It is {words}.", iso, "date"), words


@given(st.text(max_size=60), st.sampled_from(KINDS))
def test_any_answer_is_read(answer: str, kind: str) -> None:
    for value in (3, 4.5, True, "open", "2026-03-04", "09:00:00"):
        moment = {"date": "2026-03-04", "time": "09:00:00", "datetime": "2026-03-04T09:00:00"}.get(str(kind))
        assert stated(answer, moment or value, kind) in (True, False)
