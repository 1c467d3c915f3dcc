"""What a rendered environment does, as docs/skeletons.md says it, on the tiny skeletons of tests/golden/rendering."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.generator.rendering.cases import Session, first_state, module


@pytest.fixture
def shop() -> Session:
    """A workshop with two riders, and a job of the first."""
    session = Session("workshop")
    session.do("add_rider", first_name="Ann", last_name="Ash", phone="123-4567")
    session.do("add_rider", first_name="Bob", last_name="Birch")
    session.do("open_job", rider_id="R-01", what="Brakes", price=20)
    return session


@pytest.fixture
def festival() -> Session:
    """A festival with a booking of two visitors."""
    session = Session("festival")
    session.do("add_film", title="Alien", minutes=117)
    session.do("add_film", title="Brazil", minutes=132)
    session.do("add_person", name="Ann", likes=["F1", "F2"])
    session.do("add_person", name="Bob", badge="bob", mentor="B001")
    prices = [{"zone": "front", "amount": 9.994}, {"zone": "rear", "amount": 5}]
    session.do("open_hall", hall_name="Blue", seats={"front": 10, "rear": 20}, prices=prices)
    session.do("schedule", hall_name="Blue", day="2026-05-02", slot=2, film_id="F1")
    guests = [{"name": "Cy", "age": 30, "host": "bob"}, {"name": "Di"}]
    session.do("book", badge="B001", hall_name="Blue", day="2026-05-02", slot=2, guests=guests, zone="front")
    return session


@pytest.fixture
def diary() -> Session:
    session = Session("diary")
    session.do("write", words="A good day", mood="good")
    return session


# -- commands -----------------------------------------------------------------------------------------------------


def test_what_is_left_out_stays_on_update_and_is_the_default_on_create(shop: Session) -> None:
    assert shop.rows("riders")["R-02"]["phone"] is None
    assert shop.do("change_rider", rider_id="R-01", last_name="Alder")["phone"] == "123-4567"
    assert shop.do("change_rider", rider_id="R-01", phone=None)["phone"] == "123-4567"
    assert shop.do("change_rider", rider_id="R-01")["last_name"] == "Alder"


def test_constraints_hold_on_every_write(shop: Session) -> None:
    assert shop.refused("change_rider", rider_id="R-02", phone="12")[0::2] == ("invalid_value", "rider.phone")
    assert shop.refused("change_rider", rider_id="R-02", phone="123-4567\n")[0] == "invalid_value"
    assert shop.refused("change_rider", rider_id="R-02", last_name=" ")[0::2] == ("invalid_value", "rider.last_name")
    assert shop.refused("change_rider", rider_id="R-02", phone="123-4567")[0] == "conflict"
    shop.do("change_rider", rider_id="R-01", phone="123-4567")  # its own value is no duplicate
    code, message, _ = shop.refused("charge_job", job_id="J-001", hours_worked=3000, rate=1)
    assert (code, message) == ("invalid_value", "The price of a job must be between 0 and 2000, not 3000.0.")


def test_constraints_of_parameters_are_checked_before_anything_else(shop: Session) -> None:
    code, message, _ = shop.refused("open_job", rider_id="R-99", what=" ")
    assert (code, message) == ("invalid_arguments", "what: ' ' is blank.")
    assert (
        shop.refused("charge_job", job_id="J-001", hours_worked=1, rate=0.5)[1]
        == "rate: it must be at least 1.0, not 0.5."
    )
    assert shop.refused("open_job", rider_id="R-01", what="x", due="2025-12-31")[0] == "invalid_arguments"
    assert shop.refused("open_job", rider_id="R-01", what="x", due="2026-02-30")[0] == "invalid_arguments"


def test_money_is_rounded_half_up_on_every_write(shop: Session) -> None:
    assert shop.do("charge_job", job_id="J-001", hours_worked=0.5, rate=2.01)["price"] == 1.01
    assert shop.do("charge_job", job_id="J-001", hours_worked=2.675, rate=1)["price"] == 2.68
    assert shop.do("get_rider", rider_id="R-01")["debt"] == 2.68
    assert shop.do("get_rider", rider_id="R-01")["last_price"] == 2.68
    assert shop.do("get_rider", rider_id="R-02")["last_price"] is None


def test_money_in_records_is_rounded_too(festival: Session) -> None:
    assert festival.rows("halls")["Blue"]["prices"] == [
        {"zone": "front", "amount": 9.99},
        {"zone": "rear", "amount": 5.0},
    ]


def test_transitions_are_the_only_changes(shop: Session) -> None:
    shop.do("move_job", job_id="J-001", status="on stand")
    code, message, _ = shop.refused("move_job", job_id="J-001", status="on stand")
    assert (code, message) == ("bad_transition", "The status of the job is on stand already.")
    assert shop.refused("move_job", job_id="J-001", status="collected")[1] == (
        "The status of the job is on stand; it can become only done or waiting."
    )


def test_a_missing_word_may_come_and_go_in_spite_of_transitions(diary: Session) -> None:
    assert diary.refused("feel", entry_id="E1", mood="good")[0] == "bad_transition"
    assert diary.do("feel", entry_id="E1")["mood"] is None
    assert diary.do("feel", entry_id="E1", mood="bad")["mood"] == "bad"


def test_only_for_is_present_exactly_then(shop: Session) -> None:
    express = shop.do("open_job", rider_id="R-02", what="Wheel", urgency="express", price=100)["express"]
    assert shop.rows("jobs")[express]["surcharge"] == 15.0
    state = shop.environment.copy().state
    state["tables"]["jobs"][express]["urgency"] = "normal"
    other = Session("workshop", state)
    assert other.refused("charge_job", job_id=express, hours_worked=1, rate=1)[2] == "job.surcharge"


def test_sets_have_no_duplicates_and_keep_their_order(shop: Session) -> None:
    shop.do("open_job", rider_id="R-02", what="Bell", labels=["b", "a", "b"])
    assert shop.rows("jobs")["J-002"]["labels"] == ["b", "a"]


def test_every_condition_is_decided_before_the_first_effect(shop: Session) -> None:
    follow_up = shop.do("split_job", job_id="J-001", what="Second")["job_id"]
    newest = shop.do("split_job", job_id="J-001", what="Third")["job_id"]
    assert shop.rows("jobs")[follow_up]["follows_id"] == newest
    assert shop.rows("jobs")[newest]["follows_id"] == "J-001"


def test_a_row_that_only_its_when_narrows_is_looked_up_after_the_when(shop: Session) -> None:
    assert shop.do("split_job", job_id="J-001", what="Only")["follows_id"] == "J-001"  # nothing followed before


def test_values_are_computed_as_effects_come(shop: Session) -> None:
    shop.do("open_job", rider_id="R-01", what="Bell", price=5)
    for job in ("J-001", "J-002"):
        shop.do("move_job", job_id=job, status="on stand")
        shop.do("move_job", job_id=job, status="done")
    assert shop.refused("pay", rider_id="R-01")[1] == "The credit of 0.00 does not cover 25.00."
    shop.do("put_in_credit", rider_id="R-01", amount=30)
    assert shop.do("pay", rider_id="R-01")["total"] == 2
    assert shop.rows("riders")["R-01"]["credit"] == 5.0
    assert shop.refused("charge_job", job_id="J-001", hours_worked=1, rate=1) == (
        "refused",
        'Job J-001 ("Brakes") is paid, 20.00 in full.',
        "unpaid",
    )


def test_guards_refuse_in_order_and_a_let_waits_for_its_turn(shop: Session) -> None:
    assert shop.refused("move_job", job_id="J-001", status="done", heads=0)[2] == "in_order[1]"
    assert shop.refused("move_job", job_id="J-001", status="done", heads=4)[2] == "move_job.requires[1]"
    assert shop.refused("move_job", job_id="J-001", status="done", heads=2)[0] == "bad_transition"


def test_each_names_the_offender(shop: Session) -> None:
    labels = ["short", "much too long", "also much too long"]
    assert (
        shop.refused("open_job", rider_id="R-01", what="x", labels=labels)[1] == "The label much too long is too long."
    )


def test_a_refused_call_uses_up_no_id(festival: Session) -> None:
    guests = [{"name": "Eva"}, {"name": " "}]
    place = {"hall_name": "Blue", "day": "2026-05-02", "slot": 2}
    assert festival.refused("book", badge="bob", guests=guests, zone="rear", **place)[0] == "invalid_arguments"
    assert festival.refused("book", badge="bob", guests=[{"name": "Eva"}], zone="no", **place)[0] == "invalid_arguments"
    assert festival.refused("add_film", title="Alien", minutes=1)[0] == "conflict"
    assert festival.do("add_film", title="Casablanca", minutes=102)["film_id"] == "F3"


def test_everything_is_undone_whatever_goes_wrong(festival: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    before = festival.spelled()

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(festival.environment, "_create_visitor", broken)
    with pytest.raises(RuntimeError):
        festival.environment.call("reseat", {"ticket_id": "T-001", "guests": [{"name": "Eva"}]})
    assert festival.spelled() == before


# -- keys ---------------------------------------------------------------------------------------------------------


def test_natural_keys_are_given_or_made(festival: Session) -> None:
    assert list(festival.rows("persons")) == ["B001", "bob"]
    assert festival.refused("add_person", name="Zoe", badge="bob")[0::2] == ("conflict", "person.key")
    festival.do("add_person", name="Zoe", badge="B002")
    assert festival.do("add_person", name="Yan")["badge"] == "B003"
    assert festival.do("person_exists", badge="bob") == {"exists": True}


def test_composite_keys(festival: Session) -> None:
    assert list(festival.rows("screenings")) == ["Blue|2026-05-02|2"]
    place = {"hall_name": "Blue", "day": "2026-05-02"}
    assert festival.do("get_screening", slot=2, **place)["free"] == 0
    assert festival.do("screening_exists", slot=1, **place) == {"exists": False}
    assert festival.refused("get_screening", slot=1, **place)[0] == "not_found"
    assert festival.refused("schedule", slot=2, film_id="F2", **place)[0] == "conflict"
    assert (
        festival.refused("schedule", slot=2, film_id="F2", hall_name="Blue", day="2026-04-01")[0] == "invalid_arguments"
    )


def test_singletons_are_read_and_changed(diary: Session) -> None:
    assert diary.do("set_up", wake_up="07:15:00", moods=["bad", "bad"])["owner"] == "Ida"
    assert diary.do("get_settings") == {"owner": "Ida", "wake_up": "07:15:00", "moods": ["bad"], "goal": 0.25}
    assert diary.refused("set_up", wake_up="7:15")[1] == "wake_up: '7:15' is not a time such as 09:00:00."


# -- owned rows ---------------------------------------------------------------------------------------------------


def test_owned_rows_of_owned_rows_are_nested(festival: Session) -> None:
    ticket = festival.do("get_booking", booking_id="K-001")["tickets"][0]
    assert ticket["paid"] == 9.99
    assert [visitor["name"] for visitor in ticket["visitors"]] == ["Cy", "Di"]
    assert list(festival.rows("visitors")) == ["#1", "#2"]


def test_replace_makes_new_rows(festival: Session) -> None:
    visitors = festival.do("reseat", ticket_id="T-001", guests=[{"name": "Eva", "age": None}, {"name": "Cy"}])[
        "visitors"
    ]
    assert [visitor["row_number"] for visitor in visitors] == [2, 2]
    assert list(festival.rows("visitors")) == ["#3", "#4"]
    assert [
        visitor["row_number"] for visitor in Session("festival", festival.environment.state).rows("visitors").values()
    ] == [2, 2]


def test_values_beside_a_replace_are_computed_for_each_row(festival: Session) -> None:
    assert [row["row_number"] for row in festival.rows("visitors").values()] == [0, 1]


# -- deleting -----------------------------------------------------------------------------------------------------


def test_delete_refuses_where_a_row_is_still_named(shop: Session) -> None:
    assert shop.refused("drop_rider", rider_id="R-01") == (
        "conflict",
        "The rider cannot be deleted: it is still named by a job.",
        "job.rider",
    )
    shop.do("drop_rider", rider_id="R-02")


def test_delete_clears(shop: Session) -> None:
    shop.do("split_job", job_id="J-001", what="Second")
    shop.do("drop_job", job_id="J-001")
    assert shop.rows("jobs")["J-002"]["follows_id"] is None


def test_delete_removes_from_lists_and_refuses(festival: Session) -> None:
    assert festival.refused("remove_film", film_id="F1")[2] == "screening.film"
    festival.do("remove_film", film_id="F2")
    assert festival.rows("persons")["B001"]["likes"] == ["F1"]


def test_a_row_that_a_list_names_twice_is_deleted_once(festival: Session) -> None:
    festival.do("drop_films", drops=[{"film_id": "F2", "reason": "Lost"}, {"film_id": "F2", "reason": "Worn"}])
    assert list(festival.rows("films")) == ["F1"]


def test_delete_cascades_through_self_references_and_owned_rows(festival: Session) -> None:
    festival.do("remove_person", badge="B001")
    assert [len(festival.rows(table)) for table in ("persons", "bookings", "tickets", "visitors")] == [0, 0, 0, 0]


def test_delete_clears_refs_of_rows_that_stay(festival: Session) -> None:
    festival.do("remove_person", badge="bob")
    assert [row["host"] for row in festival.rows("visitors").values()] == [None, None]


def test_rows_that_go_together_do_not_hold_each_other(festival: Session) -> None:
    festival.do("add_ticket", booking_id="K-001", zone="rear")
    festival.do("swap", ticket_id="T-001", other_id="T-002")
    festival.do("swap", ticket_id="T-002", other_id="T-001")
    festival.do("cancel", booking_id="K-001")
    assert not festival.rows("tickets")


# -- queries ------------------------------------------------------------------------------------------------------


def test_find_ignores_case_and_outer_spaces_in_derived_labels_too(shop: Session) -> None:
    assert shop.do("find_rider", full_name=" ANN ash ")["rider_id"] == "R-01"
    assert shop.refused("find_rider", full_name="Ann")[0] == "not_found"
    shop.do("add_rider", first_name="ann", last_name="ASH")
    assert shop.refused("find_rider", full_name="Ann Ash")[1] == "There are 2 riders with the full name 'Ann Ash'."


def test_queries_with_order_condition_and_pages(shop: Session) -> None:
    for what, due in (("Bell", "2026-03-09"), ("Wheel", "2026-03-04")):
        shop.do("open_job", rider_id="R-02", what=what, due=due)
    listed = shop.do("list_open_jobs", status="waiting")
    assert ([job["what"] for job in listed["jobs"]], listed["total"]) == (["Wheel", "Bell", "Brakes"], 3)
    page = shop.do("list_open_jobs", status="waiting", limit=1, offset=1)
    assert ([job["what"] for job in page["jobs"]], page["total"]) == (["Bell"], 3)
    assert shop.do("list_riders", offset=5) == {"riders": [], "total": 2}
    assert shop.refused("list_riders", limit=0)[0] == "invalid_arguments"


def test_take_one_refuses_unless_exactly_one(shop: Session) -> None:
    assert shop.refused("get_job_on_stand", status="on stand")[0] == "not_found"
    shop.do("move_job", job_id="J-001", status="on stand")
    assert shop.do("get_job_on_stand", status="on stand")["job_id"] == "J-001"
    shop.do("open_job", rider_id="R-02", what="Bell")
    shop.do("move_job", job_id="J-002", status="on stand")
    assert shop.refused("get_job_on_stand", status="on stand")[0] == "conflict"


def test_membership_in_lists(shop: Session, festival: Session) -> None:
    shop.do("open_job", rider_id="R-01", what="Bell", labels=["red"])
    assert shop.do("list_jobs_with_label", labels="red")["total"] == 1
    assert festival.do("list_fans", film_id="F2")["total"] == 1
    assert festival.refused("list_fans", film_id="F9")[0] == "not_found"


def test_a_get_of_some_fields(shop: Session) -> None:
    assert shop.do("get_phone", rider_id="R-01") == {"rider_id": "R-01", "phone": "123-4567", "debt": 20.0}


def test_sorting_by_several_keys_and_the_least_of_nothing(shop: Session) -> None:
    shop.do("open_job", rider_id="R-02", what="Axle", price=20)
    shop.do("open_job", rider_id="R-02", what="Tube", price=30)
    result = shop.do("cheapest", percent=10)
    assert result == {"lowest": 20.0, "order": ["Tube", "Axle", "Brakes"], "share": 7.0, "labels": []}
    assert Session("workshop").refused("cheapest", percent=10)[0] == "refused"


def test_merge_has_the_fields_of_both(festival: Session) -> None:
    assert festival.do("programme", day="2026-05-02")["items"] == [
        {
            **festival.do("get_screening", hall_name="Blue", day="2026-05-02", slot=2),
            "title": "Alien",
            "minutes": 117,
        }
    ]


def test_dates_and_texts(diary: Session) -> None:
    entry = diary.do("list_entries")["entries"][0]
    assert (entry["day"], entry["again_on"], entry["age"], entry["first_word"]) == ("2026-02-28", "2026-03-10", 0, "A")
    assert diary.do("words_of", entry_id="E1") == {
        "loud": "A GOOD DAY",
        "lines": ["A good day"],
        "starts": True,
        "part": " g",
        "joined": "a-good-day",
        "has": False,
    }
    assert diary.do("parts", entry_id="E1", separator=" ") == {"items": ["A", "good", "day"]}
    assert diary.refused("parts", entry_id="E1", separator="")[0] == "refused"


def test_reckoning_refuses_what_has_no_answer(diary: Session) -> None:
    assert diary.do("reckon", one=-7, other=2.5)["whole"] == -3.0
    assert diary.do("reckon", one=7, other=2.5, places=1)["rounded"] == 2.5
    assert diary.refused("reckon", one=7, other=0)[0] == "refused"
    assert diary.refused("reckon", one=10**11, other=1)[0] == "invalid_value"
    assert diary.refused("reckon", one=1, other=1, places=10**9)[0] == "invalid_value"


def test_what_agents_get_is_not_the_state(festival: Session) -> None:
    before = festival.spelled()
    for tool, arguments in (
        ("get_person", {"badge": "B001"}),
        ("get_hall", {"hall_name": "Blue"}),
        ("programme", {"day": "2026-05-02"}),
        ("get_booking", {"booking_id": "K-001"}),
    ):
        spoil(festival.do(tool, **arguments))
    assert festival.spelled() == before


def spoil(value: Any) -> None:
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    for part in parts:
        spoil(part)
    if isinstance(value, dict | list):
        value.clear()


def test_arguments_are_not_the_state(shop: Session) -> None:
    labels = ["red"]
    shop.do("open_job", rider_id="R-01", what="Bell", labels=labels)
    labels.append("blue")
    assert shop.rows("jobs")["J-002"]["labels"] == ["red"]


def test_names_that_python_needs_itself() -> None:
    session = Session("odd_names")
    session.do("add_row", key="a", list=["x"])
    session.do("add_row", key="b", type="it's")
    assert session.do("change", row_id="1", changes=1, found="c", old="it's", rows=["y"])["list"] == ["y", "x"]
    assert session.refused("change", row_id="1", changes=0)[1] == 'It\'s "0" \\ enough.'
    assert session.do("list_of_type", type="it's")["total"] == 2
    session.environment.paths["P1"] = {"path_id": "P1", "path": "p", "limit": 0}
    assert session.do("copy_path", path_id="P1", copy="q")["keys_of_path"][0]["key"] == "q"
    assert session.do("swap_keys", row_id="1", other_id="2", key="z", list=[]) == {"list": [], "class_": "z"}


# -- arguments and states that do not fit -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (None, "An object is expected, found null."),
        ([], "An object is expected, found a list."),
        ({}, "'rider_id' is missing: Id of the rider, such as R-01."),
        ({"rider_id": 1, "what": "x"}, "rider_id: a text is expected, found 1."),
        ({"rider_id": "R-01", "what": "x", "prize": 1}, "There is no 'prize'; did you mean 'price'?"),
        ({"rider": "R-01", "what": "x"}, "There is no 'rider'; did you mean 'rider_id'?"),
        ({"rider_id": "R-01", "what": "x", 5: 1}, "There is no 5; there are rider_id"),
        ({"rider_id": "R-01", "what": "x", "price": float("nan")}, "price: NaN is not a number of a sensible size."),
        (
            {"rider_id": "R-01", "what": "x", "price": 10**5000},
            "price: a huge number is not a number of a sensible size.",
        ),
        ({"rider_id": "R-01", "what": "x", "price": True}, "price: a number is expected, found true."),
        ({"rider_id": "R-01", "what": "x", "price": "5"}, "price: a number is expected, found '5'."),
        ({"rider_id": "R-01", "what": "\ud800"}, "what: the text has broken characters."),
        (
            {"rider_id": "R-01", "what": "x" * 20_001},
            "what: the text is too long: 20,001 characters, 20,000 are allowed.",
        ),
        ({"rider_id": "R-01", "what": "x", "labels": ["a", None]}, "labels[1]: a text is expected, found null."),
        (
            {"rider_id": "R-01", "what": "x", "labels": ["a"] * 1001},
            "labels: 0 to 1000 entries are expected, found 1001.",
        ),
        ({"rider_id": "R-01", "what": "x", "urgency": "\udfff"}, "urgency: '?' is not one of normal, express."),
        ({"rider_id": "R-01", "what": "x", "due": "tomorrow"}, "due: 'tomorrow' is not a date such as 2026-03-02."),
        (
            {"rider_id": "R-01", "what": "x", "due": object()},
            "due: a text is expected, found something of type object.",
        ),
    ],
)
def test_wrong_arguments(shop: Session, arguments: object, message: str) -> None:
    before = shop.spelled()
    result = shop.environment.call("open_job", arguments)
    assert (result.ok, result.content["code"]) == (False, "invalid_arguments")
    assert result.text.startswith(message)
    result.text.encode()
    assert shop.spelled() == before


@pytest.mark.parametrize("name", ["open_jobs", "", "\ud800", None, 5, [], "x" * 10**6])
def test_unknown_tools(shop: Session, name: Any) -> None:
    result = shop.environment.call(name, {})
    assert (result.ok, result.content["code"]) == (False, "unknown_tool")
    assert len(result.text.encode()) < 2_000


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value, {"x": value}]
    return value


def test_deep_arguments(shop: Session) -> None:
    assert shop.refused("open_job", rider_id="R-01", what="x", labels=deep(500))[0] == "invalid_arguments"
    assert shop.refused("open_job", rider_id=deep(500), what="x")[0] == "invalid_arguments"


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("clock",), "2026-13-01T00:00:00", "clock: '2026-13-01T00:00:00' is not a date and time"),
        (("tables", "jobs"), None, "tables.jobs: an object is expected, found null."),
        (("tables", "jobs", "J-001", "price"), "20", "tables.jobs.J-001.price: a number is expected, found '20'."),
        (("tables", "jobs", "J-001", "price"), float("inf"), "tables.jobs.J-001.price: Infinity is not a number"),
        (
            ("tables", "jobs", "J-001", "rider_id"),
            "R-77",
            "tables.jobs.J-001.rider_id: there is no 'R-77' among the riders.",
        ),
        (("tables", "jobs", "J-001", "job_id"), "J-002", "tables.jobs.J-001: the row belongs under another key."),
        (("tables", "bikes"), {}, "tables: there is no 'bikes'"),
        (("counters", "job"), -1, "counters.job: it must be at least 0, not -1."),
    ],
)
def test_states_that_do_not_fit(shop: Session, place: tuple[str, ...], value: object, message: str) -> None:
    state = json.loads(json.dumps(shop.environment.state))
    target = state
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    with pytest.raises(module("workshop").InvalidState, match="This state does not fit workshop: ") as caught:
        Session("workshop", state)
    assert message in str(caught.value)


def test_whole_amounts_become_numbers_with_decimals(shop: Session) -> None:
    state = json.loads(json.dumps(shop.environment.state).replace("20.0", "20"))
    assert repr(Session("workshop", state).do("get_job", job_id="J-001")["price"]) == "20.0"


def test_a_copy_is_independent(shop: Session) -> None:
    other = shop.environment.copy()
    other.call("open_job", {"rider_id": "R-01", "what": "Bell"})
    assert (len(other.jobs), len(shop.rows("jobs"))) == (2, 1)
    assert first_state("workshop") == first_state("workshop")
