"""Film festival: Halls, screenings, seats and passes.

Rendered by envwright from skeleton.yaml; change that file and render again. Needs the standard library only:

    environment = Environment()
    environment.call("get_person", { … })  # as an agent calls a tool: validated, refused with a sentence
"""

from __future__ import annotations

import copy
import difflib
import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar, cast

NAME = "festival"
TITLE = "Film festival"
VERSION = "470892bbf458"
INSTRUCTIONS = """\
You plan a festival.

When you are done, say so; to a question, give the value that was asked for and no other. When a request cannot or must not be met, change nothing and say plainly that you cannot do it.
"""

State = dict[str, Any]
Schema = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


# Rows: what the tables hold.


class Guest(TypedDict):
    name: str
    age: int | None
    host: str | None


class Price(TypedDict):
    zone: str
    amount: float


class Drop(TypedDict):
    film_id: str
    reason: str


class ProgrammeItem(TypedDict):
    hall_name: str
    day: str
    slot: int
    film_id: str
    sold: dict[str, int]
    free: int
    title: str
    minutes: int


class Person(TypedDict):
    badge: str
    name: str
    likes: list[str]
    mentor: str | None


class Film(TypedDict):
    film_id: str
    title: str
    minutes: int


class Hall(TypedDict):
    hall_name: str
    seats: dict[str, int]
    prices: list[Price]


class Screening(TypedDict):
    hall_name: str
    day: str
    slot: int
    film_id: str
    sold: dict[str, int]


class Booking(TypedDict):
    booking_id: str
    badge: str
    hall_name: str
    day: str
    slot: int


class Ticket(TypedDict):
    ticket_id: str
    booking_id: str
    zone: str
    paid: float
    swap_for_id: str | None


class Visitor(TypedDict):
    ticket_id: str
    name: str
    age: int | None
    host: str | None
    row_number: int


class PersonChanges(TypedDict, total=False):
    badge: str
    name: str
    likes: list[str]
    mentor: str | None


class TicketChanges(TypedDict, total=False):
    ticket_id: str
    booking_id: str
    zone: str
    paid: float
    swap_for_id: str | None


class VisitorChanges(TypedDict, total=False):
    ticket_id: str
    name: str
    age: int | None
    host: str | None
    row_number: int


# Results: what agents see.


class ScreeningView(Screening):
    free: int


class TicketView(Ticket):
    visitors: list[Visitor]


class BookingView(Booking):
    tickets: list[TicketView]


class Existence(TypedDict):
    exists: bool


class PersonsResult(TypedDict):
    persons: list[Person]
    total: int


class FilmsResult(TypedDict):
    films: list[Film]
    total: int


class ScreeningsResult(TypedDict):
    screenings: list[ScreeningView]
    total: int


class Done(TypedDict):
    ok: bool


class ProgrammeResult(TypedDict):
    items: list[ProgrammeItem]


class InvalidState(ValueError):
    """A state that does not fit this environment."""


class Refused(Exception):
    """A request that cannot be done. `code` is stable, `message` is for people, `origin` says what refused."""

    def __init__(self, code: str, message: str, origin: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.origin = code, message, origin


@dataclass(frozen=True)
class Result:
    """The result of a tool call; of a refusal, `content` is its code and message."""

    ok: bool
    content: dict[str, Any]
    origin: str = ""

    @property
    def text(self) -> str:
        """What a model reads."""
        if not self.ok:
            return str(self.content["message"])
        return json.dumps(self.content, ensure_ascii=False)


def command(method: Callable[Concatenate[Environment, P], T]) -> Callable[Concatenate[Environment, P], T]:
    """All effects of a command happen, or none."""

    @functools.wraps(method)
    def whole(self: Environment, /, *args: P.args, **kwargs: P.kwargs) -> T:
        self._undo.clear()
        try:
            return method(self, *args, **kwargs)
        except BaseException:
            for step in reversed(self._undo):
                step()
            raise

    return whole


class Environment:
    """Film festival. One public method a tool; `call` is the door for agents."""

    def __init__(self, state: State | None = None) -> None:
        """Takes a state over, or starts from state.json. Raises InvalidState."""
        if state is None:
            state = cast(
                State, json.loads(Path(__file__).with_name("state.json").read_text(encoding="utf-8"))
            )
        fault = STATE_CHECK(state) or _unresolved(state["tables"])
        if fault:
            raise InvalidState(f"This state does not fit {NAME}: {_sentence(fault)}")
        self._open(state["clock"], state["counters"], state["tables"])
        for hall_row in self.halls.values():
            for part in hall_row["prices"]:
                part["amount"] = float(part["amount"])
        for ticket_row in self.tickets.values():
            ticket_row["paid"] = float(ticket_row["paid"])

    def _open(self, clock: str, counters: dict[str, int], tables: dict[str, Any]) -> None:
        self.clock = clock
        self.counters = counters
        self.persons: dict[str, Person] = tables["persons"]
        self.films: dict[str, Film] = tables["films"]
        self.halls: dict[str, Hall] = tables["halls"]
        self.screenings: dict[str, Screening] = tables["screenings"]
        self.bookings: dict[str, Booking] = tables["bookings"]
        self.tickets: dict[str, Ticket] = tables["tickets"]
        self.visitors: dict[str, Visitor] = tables["visitors"]
        self._undo: list[Callable[[], object]] = []
        self._tools: dict[str, Callable[..., Any]] = {
            "get_person": self.get_person,
            "person_exists": self.person_exists,
            "list_fans": self.list_fans,
            "list_films": self.list_films,
            "get_hall": self.get_hall,
            "get_screening": self.get_screening,
            "screening_exists": self.screening_exists,
            "list_screenings": self.list_screenings,
            "get_booking": self.get_booking,
            "add_person": self.add_person,
            "add_film": self.add_film,
            "open_hall": self.open_hall,
            "schedule": self.schedule,
            "book": self.book,
            "reseat": self.reseat,
            "swap": self.swap,
            "add_ticket": self.add_ticket,
            "cancel": self.cancel,
            "remove_person": self.remove_person,
            "remove_film": self.remove_film,
            "drop_films": self.drop_films,
            "programme": self.programme,
        }

    def copy(self) -> Environment:
        """An independent copy. Rows are copied; what they hold is replaced on writing, never changed in place."""
        tables = {
            name: {key: row.copy() for key, row in rows.items()}
            for name, rows in self.state["tables"].items()
        }
        other = type(self).__new__(type(self))
        other._open(self.clock, self.counters.copy(), tables)
        return other

    @property
    def state(self) -> State:
        """The state as one JSON object; a live view, not a copy."""
        tables = {
            "persons": self.persons,
            "films": self.films,
            "halls": self.halls,
            "screenings": self.screenings,
            "bookings": self.bookings,
            "tickets": self.tickets,
            "visitors": self.visitors,
        }
        return {"clock": self.clock, "counters": self.counters, "tables": tables}

    def call(self, name: str, arguments: object) -> Result:
        """Runs a tool as an agent calls it. What is wrong is refused with a sentence, and then nothing has changed."""
        check = ARGUMENT_CHECKS.get(name) if isinstance(name, str) else None
        if check is None:
            return _refusal(
                "unknown_tool", f"There is no tool {_shown(name)}{_nearest(name, ARGUMENT_CHECKS)}", "tool"
            )
        fault = check(arguments)
        if fault:
            return _refusal("invalid_arguments", _sentence(fault), "arguments")
        given = cast(dict[str, Any], arguments)
        try:
            return Result(
                True,
                self._tools[name](
                    **{
                        key: copy.deepcopy(value) if isinstance(value, dict | list) else value
                        for key, value in given.items()
                        if value is not None
                    }
                ),
            )
        except Refused as refused:
            return _refusal(refused.code, refused.message, refused.origin)
        except (OverflowError, InvalidOperation):
            return _refusal("invalid_value", "These numbers are too large to calculate with.", "arithmetic")

    # Tools that change nothing.

    def get_person(self, badge: str) -> Person:
        """Get everything known about a person."""
        return self._show_person(self._find_person(badge))

    def person_exists(self, badge: str) -> Existence:
        """Say whether there is a person with this badge."""
        return {"exists": badge in self.persons}

    def list_fans(self, film_id: str, limit: int | None = None, offset: int = 0) -> PersonsResult:
        """List the persons that have a given one among their likes."""
        self._find_film(film_id)
        found = [person for person in self.persons.values() if film_id in person["likes"]]
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"persons": [self._show_person(person) for person in page], "total": len(found)}

    def list_films(self, limit: int | None = None, offset: int = 0) -> FilmsResult:
        """List all films."""
        found = list(self.films.values())
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"films": [self._show_film(film) for film in page], "total": len(found)}

    def get_hall(self, hall_name: str) -> Hall:
        """Get everything known about a hall."""
        return self._show_hall(self._find_hall(hall_name))

    def get_screening(self, hall_name: str, day: str, slot: int) -> ScreeningView:
        """Get everything known about a screening."""
        return self._show_screening(only_row(self.screenings, f"{hall_name}|{day}|{slot}", "screening"))

    def screening_exists(self, hall_name: str, day: str, slot: int) -> Existence:
        """Say whether there is a screening with this key."""
        return {"exists": f"{hall_name}|{day}|{slot}" in self.screenings}

    def list_screenings(self, day: str, limit: int | None = None, offset: int = 0) -> ScreeningsResult:
        """List the screenings with a given day, ordered by slot, the smallest first."""
        found = [screening for screening in self.screenings.values() if screening["day"] == day]
        found.sort(key=lambda screening: screening["slot"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"screenings": [self._show_screening(screening) for screening in page], "total": len(found)}

    def get_booking(self, booking_id: str) -> BookingView:
        """Get everything known about a booking."""
        return self._show_booking(self._find_booking(booking_id))

    def programme(self, day: str) -> ProgrammeResult:
        """What is on, with the films."""
        return {
            "items": copy.deepcopy(
                [
                    self._merge_screening_film(s, self.films[s["film_id"]])
                    for s in sorted(self.screenings.values(), key=lambda x: x["slot"])
                    if s["day"] == day
                ]
            )
        }

    # Tools that change the state.

    @command
    def add_person(
        self, name: str, badge: str | None = None, mentor: str | None = None, likes: list[str] | None = None
    ) -> Person:
        """Register a person, under a badge of their own or the next one."""
        mentor_row = self._find_person(mentor) if mentor is not None else None
        if likes is None:
            likes = []
        for one_of_likes in likes:
            self._find_film(one_of_likes)
        person = self._create_person(
            {
                "badge": badge if badge is not None else self._next_person_id(),
                "name": name,
                "likes": likes,
                "mentor": mentor_row["badge"] if mentor_row is not None else None,
            }
        )
        return self._show_person(person)

    @command
    def add_film(self, title: str, minutes: int) -> Film:
        """Enter a film."""
        film = self._create_film({"film_id": self._next_film_id(), "title": title, "minutes": minutes})
        return self._show_film(film)

    @command
    def open_hall(self, hall_name: str, seats: dict[str, int], prices: list[Price]) -> Hall:
        """Open a hall."""
        for part in seats.values():
            if part < 0:
                raise Refused("invalid_arguments", f"seats: it must be at least 0, not {part}.", "arguments")
        hall = self._create_hall({"hall_name": hall_name, "seats": seats, "prices": prices})
        return self._show_hall(hall)

    @command
    def schedule(self, hall_name: str, day: str, slot: int, film_id: str) -> ScreeningView:
        """Put a film into a slot of a hall."""
        hall = self._find_hall(hall_name)
        if day < "2026-05-01":
            raise Refused(
                "invalid_arguments", f"day: it must be at least 2026-05-01, not {day}.", "arguments"
            )
        film = self._find_film(film_id)
        screening = self._create_screening(
            {
                "hall_name": hall["hall_name"],
                "day": day,
                "slot": slot,
                "film_id": film["film_id"],
                "sold": hall["seats"],
            }
        )
        return self._show_screening(screening)

    @command
    def book(
        self, badge: str, hall_name: str, day: str, slot: int, guests: list[Guest], zone: str
    ) -> BookingView:
        """Book a screening."""
        person = self._find_person(badge)
        hall = self._find_hall(hall_name)
        for one_of_guests in guests:
            one_of_guests.setdefault("age", None)
            one_of_guests.setdefault("host", None)
            if one_of_guests["host"] is not None:
                self._find_person(one_of_guests["host"])
        for g in guests:
            if not (g["age"] is None or g["age"] > 5):
                raise Refused("refused", f"{g['name']} is too young.", "book.requires[0]")
        screening: Screening = only_row(
            self.screenings, "|".join((hall["hall_name"], day, str(slot))), "screening"
        )
        booking = self._create_booking(
            {
                "booking_id": self._next_booking_id(),
                "badge": person["badge"],
                "hall_name": hall["hall_name"],
                "day": day,
                "slot": slot,
            }
        )
        ticket = self._create_ticket(
            {
                "ticket_id": self._next_ticket_id(),
                "booking_id": booking["booking_id"],
                "zone": zone,
                "paid": only([p["amount"] for p in hall["prices"] if p["zone"] == zone]),
                "swap_for_id": None,
            }
        )
        for old in self._ticket_visitors(ticket):
            self._delete_visitor(old)
        for row in guests:
            self._create_visitor(
                {
                    "ticket_id": ticket["ticket_id"],
                    "name": row["name"],
                    "age": row["age"],
                    "host": row["host"],
                    "row_number": self._screening_free(screening) + len(self._ticket_visitors(ticket)),
                }
            )
        return self._show_booking(booking)

    @command
    def reseat(self, ticket_id: str, guests: list[Guest]) -> TicketView:
        """Name the visitors of a ticket anew."""
        ticket = self._find_ticket(ticket_id)
        for one_of_guests in guests:
            one_of_guests.setdefault("age", None)
            one_of_guests.setdefault("host", None)
            if one_of_guests["host"] is not None:
                self._find_person(one_of_guests["host"])
        for old in self._ticket_visitors(ticket):
            self._delete_visitor(old)
        for row in guests:
            self._create_visitor(
                {
                    "ticket_id": ticket["ticket_id"],
                    "name": row["name"],
                    "age": row["age"],
                    "host": row["host"],
                    "row_number": len(guests),
                }
            )
        return self._show_ticket(ticket)

    @command
    def swap(self, ticket_id: str, other_id: str | None = None) -> TicketView:
        """Say which ticket another one is swapped for."""
        ticket = self._find_ticket(ticket_id)
        other = self._find_ticket(other_id) if other_id is not None else None
        self._update_ticket(ticket, {"swap_for_id": other["ticket_id"] if other is not None else None})
        return self._show_ticket(ticket)

    @command
    def add_ticket(self, booking_id: str, zone: str) -> TicketView:
        """One more ticket of a booking."""
        booking = self._find_booking(booking_id)
        ticket = self._create_ticket(
            {
                "ticket_id": self._next_ticket_id(),
                "booking_id": booking["booking_id"],
                "zone": zone,
                "paid": 0,
                "swap_for_id": None,
            }
        )
        return self._show_ticket(ticket)

    @command
    def cancel(self, booking_id: str) -> Done:
        """Cancel a booking."""
        booking = self._find_booking(booking_id)
        self._delete_booking(booking)
        return {"ok": True}

    @command
    def remove_person(self, badge: str) -> Done:
        """Remove a person and those whom they mentor."""
        person = self._find_person(badge)
        self._delete_person(person)
        return {"ok": True}

    @command
    def remove_film(self, film_id: str) -> Done:
        """Remove a film."""
        film = self._find_film(film_id)
        self._delete_film(film)
        return {"ok": True}

    @command
    def drop_films(self, drops: list[Drop]) -> Done:
        """Remove several films, each with a reason."""
        for one_of_drops in drops:
            self._find_film(one_of_drops["film_id"])
        for d in drops:
            if d["film_id"] in self.films:
                self._delete_film(self.films[d["film_id"]])
        return {"ok": True}

    # Definitions and derived fields.

    def _screening_free(self, screening: Screening) -> int:
        return entry(self.halls[screening["hall_name"]]["seats"], "front") - entry(screening["sold"], "front")

    def _merge_screening_film(self, one: Screening, other: Film) -> ProgrammeItem:
        return {
            "hall_name": one["hall_name"],
            "day": one["day"],
            "slot": one["slot"],
            "film_id": other["film_id"],
            "sold": one["sold"],
            "free": self._screening_free(one),
            "title": other["title"],
            "minutes": other["minutes"],
        }

    # Rows: finding, showing, writing.

    def _find_person(self, badge: str) -> Person:
        row = self.persons.get(badge)
        if row is None:
            raise Refused("not_found", f"There is no person '{badge}'.", "person")
        return row

    def _show_person(self, person: Person) -> Person:
        return {**person, "likes": list(person["likes"])}

    def _next_person_id(self) -> str:
        return self._next_id("person", self.persons, "B{:03}")

    def _create_person(self, row: Person) -> Person:
        key = row["badge"]
        if key in self.persons:
            raise Refused("conflict", f"There is already a person '{key}'.", "person.key")
        self._insert(self.persons, key, row)
        return row

    def _update_person(self, person: Person, changes: PersonChanges) -> None:
        row = person.copy()
        row.update(changes)
        before = person.copy()
        self._undo.append(lambda: person.update(before))
        person.update(row)

    def _delete_person(self, person: Person) -> None:
        key = person["badge"]
        if key not in self.persons:
            return  # gone already, with what owned it
        self._remove(self.persons, key)
        for other_person in [x for x in self.persons.values() if x["mentor"] == key]:
            self._delete_person(other_person)
        for booking in [x for x in self.bookings.values() if x["badge"] == key]:
            self._delete_booking(booking)
        for visitor in [x for x in self.visitors.values() if x["host"] == key]:
            self._update_visitor(visitor, {"host": None})

    def _find_film(self, film_id: str) -> Film:
        row = self.films.get(film_id)
        if row is None:
            raise Refused("not_found", f"There is no film '{film_id}'.", "film")
        return row

    def _show_film(self, film: Film) -> Film:
        return film.copy()

    def _next_film_id(self) -> str:
        return self._next_id("film", self.films, "F{}")

    def _create_film(self, row: Film) -> Film:
        self._check_film(row, None)
        key = row["film_id"]
        self._insert(self.films, key, row)
        return row

    def _delete_film(self, film: Film) -> None:
        key = film["film_id"]
        if key not in self.films:
            return  # gone already, with what owned it
        if any(x["film_id"] == key for x in self.screenings.values()):
            raise Refused(
                "conflict", "The film cannot be deleted: it is still named by a screening.", "screening.film"
            )
        self._remove(self.films, key)
        for person in [x for x in self.persons.values() if key in x["likes"]]:
            self._update_person(person, {"likes": [x for x in person["likes"] if x != key]})

    def _check_film(self, row: Film, old: Film | None) -> None:
        if any(x["title"] == row["title"] and x is not old for x in self.films.values()):
            raise Refused("conflict", f"There is already a film with the title {row['title']}.", "film.title")
        if not 1 <= row["minutes"] <= 600:
            raise Refused(
                "invalid_value",
                f"The minutes of a film must be between 1 and 600, not {row['minutes']}.",
                "film.minutes",
            )

    def _find_hall(self, hall_name: str) -> Hall:
        row = self.halls.get(hall_name)
        if row is None:
            raise Refused("not_found", f"There is no hall '{hall_name}'.", "hall")
        return row

    def _show_hall(self, hall: Hall) -> Hall:
        return {**hall, "seats": copy.deepcopy(hall["seats"]), "prices": copy.deepcopy(hall["prices"])}

    def _create_hall(self, row: Hall) -> Hall:
        self._check_hall(row)
        key = row["hall_name"]
        if key in self.halls:
            raise Refused("conflict", f"There is already a hall '{key}'.", "hall.key")
        self._insert(self.halls, key, row)
        return row

    def _check_hall(self, row: Hall) -> None:
        for number in row["seats"].values():
            if number < 0:
                raise Refused(
                    "invalid_value", f"The seats of a hall must be at least 0, not {number}.", "hall.seats"
                )
        for part in row["prices"]:
            part["amount"] = cents(part["amount"])
        if len(row["prices"]) > 3:
            raise Refused(
                "invalid_value",
                f"The number of prices must be at most 3, not {len(row['prices'])}.",
                "hall.prices",
            )

    def _show_screening(self, screening: Screening) -> ScreeningView:
        return {
            **screening,
            "sold": copy.deepcopy(screening["sold"]),
            "free": self._screening_free(screening),
        }

    def _create_screening(self, row: Screening) -> Screening:
        key = screening_key(row)
        if key in self.screenings:
            raise Refused("conflict", f"There is already a screening '{key}'.", "screening.key")
        self._insert(self.screenings, key, row)
        return row

    def _find_booking(self, booking_id: str) -> Booking:
        row = self.bookings.get(booking_id)
        if row is None:
            raise Refused("not_found", f"There is no booking '{booking_id}'.", "booking")
        return row

    def _show_booking(self, booking: Booking) -> BookingView:
        return {**booking, "tickets": [self._show_ticket(x) for x in self._booking_tickets(booking)]}

    def _booking_tickets(self, booking: Booking) -> list[Ticket]:
        key = booking["booking_id"]
        return [x for x in self.tickets.values() if x["booking_id"] == key]

    def _next_booking_id(self) -> str:
        return self._next_id("booking", self.bookings, "K-{:03}")

    def _create_booking(self, row: Booking) -> Booking:
        key = row["booking_id"]
        self._insert(self.bookings, key, row)
        return row

    def _delete_booking(self, booking: Booking) -> None:
        key = booking["booking_id"]
        if key not in self.bookings:
            return  # gone already, with what owned it
        self._remove(self.bookings, key)
        for ticket in [x for x in self.tickets.values() if x["booking_id"] == key]:
            self._delete_ticket(ticket)

    def _find_ticket(self, ticket_id: str) -> Ticket:
        row = self.tickets.get(ticket_id)
        if row is None:
            raise Refused("not_found", f"There is no ticket '{ticket_id}'.", "ticket")
        return row

    def _show_ticket(self, ticket: Ticket) -> TicketView:
        return {**ticket, "visitors": [self._show_visitor(x) for x in self._ticket_visitors(ticket)]}

    def _ticket_visitors(self, ticket: Ticket) -> list[Visitor]:
        key = ticket["ticket_id"]
        return [x for x in self.visitors.values() if x["ticket_id"] == key]

    def _next_ticket_id(self) -> str:
        return self._next_id("ticket", self.tickets, "T-{:03}")

    def _create_ticket(self, row: Ticket) -> Ticket:
        self._check_ticket(row)
        key = row["ticket_id"]
        self._insert(self.tickets, key, row)
        return row

    def _update_ticket(self, ticket: Ticket, changes: TicketChanges) -> None:
        row = ticket.copy()
        row.update(changes)
        self._check_ticket(row)
        before = ticket.copy()
        self._undo.append(lambda: ticket.update(before))
        ticket.update(row)

    def _delete_ticket(self, ticket: Ticket) -> None:
        key = ticket["ticket_id"]
        if key not in self.tickets:
            return  # gone already, with what owned it
        if any(
            x is not ticket and x["swap_for_id"] == key and x["booking_id"] in self.bookings
            for x in self.tickets.values()
        ):
            raise Refused(
                "conflict",
                "The ticket cannot be deleted: it is still named by another ticket.",
                "ticket.swap_for",
            )
        self._remove(self.tickets, key)
        for visitor in [x for x in self.visitors.values() if x["ticket_id"] == key]:
            self._delete_visitor(visitor)

    def _check_ticket(self, row: Ticket) -> None:
        row["paid"] = cents(row["paid"])

    def _show_visitor(self, visitor: Visitor) -> Visitor:
        return visitor.copy()

    def _create_visitor(self, row: Visitor) -> Visitor:
        self._check_visitor(row)
        key = self._next_id("visitor", self.visitors, "#{}")
        self._insert(self.visitors, key, row)
        return row

    def _update_visitor(self, visitor: Visitor, changes: VisitorChanges) -> None:
        row = visitor.copy()
        row.update(changes)
        self._check_visitor(row)
        before = visitor.copy()
        self._undo.append(lambda: visitor.update(before))
        visitor.update(row)

    def _delete_visitor(self, visitor: Visitor) -> None:
        key = next((key for key, row in self.visitors.items() if row is visitor), None)
        if key is None:
            return  # gone already, with what owned it
        self._remove(self.visitors, key)

    def _check_visitor(self, row: Visitor) -> None:
        if not row["name"].strip():
            raise Refused("invalid_value", "The name of a visitor must not be blank.", "visitor.name")
        if row["age"] is not None and row["age"] < 0:
            raise Refused(
                "invalid_value", f"The age of a visitor must be at least 0, not {row['age']}.", "visitor.age"
            )

    def _next_id(self, entity: str, table: Mapping[str, object], pattern: str) -> str:
        """The next counted id; ids are never used again."""
        counters = dict(self.counters)
        number = counters.get(entity, 0) + 1
        while pattern.format(number) in table:
            number += 1
        self._undo.append(functools.partial(_restore, self.counters, counters))
        self.counters[entity] = number
        return pattern.format(number)

    def _insert(self, table: dict[str, T], key: str, row: T) -> None:
        table[key] = row
        self._undo.append(functools.partial(table.pop, key))

    def _remove(self, table: dict[str, T], key: str) -> None:
        rows = dict(table)  # going back restores the order too
        self._undo.append(functools.partial(_restore, table, rows))
        del table[key]


def _restore(target: dict[str, T], saved: dict[str, T]) -> None:
    target.clear()
    target.update(saved)


# What expressions are made of.


def cents(amount: float) -> float:
    """Money, rounded half up to cents."""
    try:
        return float(Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    except InvalidOperation:
        raise Refused("invalid_value", "This amount is too large.") from None


def only(items: Iterable[T]) -> T:
    """The one item; anything else refuses."""
    found = list(items)
    if len(found) != 1:
        raise Refused("conflict", f"Exactly one is expected here, found {len(found)}.")
    return found[0]


def only_row(table: dict[str, T], key: str, entity: str) -> T:
    """The row with a key that must be there."""
    if key not in table:
        raise Refused("not_found", f"There is no {entity.replace('_', ' ')} '{key}'.", entity)
    return table[key]


def entry(values: dict[str, T], key: str) -> T:
    """A value of a map that must be there."""
    if key not in values:
        raise Refused("not_found", f"There is nothing for '{key}'.")
    return values[key]


def screening_key(row: Screening) -> str:
    return f"{row['hall_name']}|{row['day']}|{row['slot']}"


def canonical(state: State) -> str:
    """One spelling of a state: sorted keys, no spaces."""
    return json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# Validation of arguments and states: strict, and with a sentence for what is wrong. A schema is turned into a function
# once; what that finds is written `.place: words`, each level putting its own place in front.

Check = Callable[[Any], str]

MAX_TEXT = 20_000
MAX_NUMBER = 1_000_000_000_000
MAX_LIST = 1_000
DATETIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"
TIME = r"^\d{2}:\d{2}:\d{2}$"
NOT_BLANK = r"\S"


def checker(schema: Schema, *, limited: bool) -> Check:
    """The check of a schema; `limited` for what comes from agents, whose texts, numbers and lists have a size."""
    if "anyOf" in schema:
        return _or_null(checker(schema["anyOf"][0], limited=limited))
    if "enum" in schema:
        return _word_check(schema["enum"])
    if schema["type"] == "boolean":
        return lambda value: "" if type(value) is bool else _expected("true or false", value)
    makers = {"string": _text_check, "array": _list_check, "object": _object_check}
    return makers.get(schema["type"], _number_check)(schema, limited)


def _or_null(check: Check) -> Check:
    return lambda value: "" if value is None else check(value)


def _word_check(words: list[str]) -> Check:
    known, expected = frozenset(words), ", ".join(words)

    def check(value: Any) -> str:
        if type(value) is str and value in known:
            return ""
        return f": {_shown(value)} is not one of {expected}."

    return check


def _text_check(schema: Schema, limited: bool) -> Check:
    form, expected = _form(schema)
    longest = MAX_TEXT if limited else sys.maxsize

    def check(value: Any) -> str:
        if type(value) is not str:
            return _expected("a text", value)
        if len(value) > longest:
            return f": the text is too long: {len(value):,} characters, {MAX_TEXT:,} are allowed."
        if not value.isascii() and _is_broken(value):
            return ": the text has broken characters."
        if form is not None and not form(value):
            return f": {_shown(value)} is {expected}."
        return ""

    return check


def _form(schema: Schema) -> tuple[Callable[[str], object] | None, str]:
    """What a text must look like, and what is said of one that does not."""
    pattern = schema.get("pattern")
    if schema.get("format") == "date":
        return _is_date, "not a date such as 2026-03-02"
    if pattern == DATETIME:
        return _is_datetime, "not a date and time such as 2026-03-02T09:00:00"
    if pattern == TIME:
        return _is_time, "not a time such as 09:00:00"
    if pattern == NOT_BLANK:
        return str.strip, "blank"
    if pattern:
        whole = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)  # Python's $ would let a line break pass
        return re.compile(whole).search, f"not of the right form ({pattern})"
    return None, ""


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_datetime(value: str) -> bool:
    try:
        return len(value) == 19 and datetime.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_time(value: str) -> bool:
    return _is_datetime(f"2000-01-01T{value}")


def _is_broken(value: str) -> bool:
    """Whether a text has half characters, which cannot be written to a file or a network."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _number_check(schema: Schema, limited: bool) -> Check:
    kinds, expected = (
        ((int,), "a whole number") if schema["type"] == "integer" else ((int, float), "a number")
    )
    largest = MAX_NUMBER if limited else sys.float_info.max
    low, high = schema.get("minimum", -largest), schema.get("maximum", largest)

    def check(value: Any) -> str:
        if type(value) not in kinds:
            return _expected(expected, value)
        if not abs(value) <= largest:
            return f": {_shown(value)} is not a number of a sensible size."
        if value < low:
            return f": it must be at least {low}, not {value}."
        if value > high:
            return f": it must be at most {high}, not {value}."
        return ""

    return check


def _list_check(schema: Schema, limited: bool) -> Check:
    item_check = checker(schema["items"], limited=limited)
    least, most = schema.get("minItems", 0), schema.get("maxItems", MAX_LIST if limited else sys.maxsize)

    def check(value: Any) -> str:
        if type(value) is not list:
            return _expected("a list", value)
        if not least <= len(value) <= most:
            return f": {least} to {most} entries are expected, found {len(value)}."
        for at, item in enumerate(value):
            if fault := item_check(item):
                return f"[{at}]{fault}"
        return ""

    return check


def _object_check(schema: Schema, limited: bool) -> Check:
    properties: Schema = schema.get("properties", {})
    checks = {name: checker(inner, limited=limited) for name, inner in properties.items()}
    required = schema.get("required", [])
    needed, optional = set(required), checks.keys() - set(required)
    others = schema.get("additionalProperties")
    rest = checker(others, limited=limited) if others else None

    def check(value: Any) -> str:
        if type(value) is not dict:
            return _expected("an object", value)
        if (
            rest is None and not value.keys() <= checks.keys()
        ):  # a misspelt name is missing too: first what it is
            name = next(name for name in value if name not in checks)
            return f": there is no {_shown(name)}{_nearest(name, properties)}"
        if not value.keys() >= needed:
            name = next(name for name in required if name not in value)
            return f": '{name}' is missing: {properties[name].get('description', 'it is needed.')}"
        for name, item in value.items():
            inner = checks.get(name, rest)
            if inner is not None and (fault := inner(item)) and not (item is None and name in optional):
                return f".{name}{fault}"
        return ""

    return check


def _unresolved(tables: dict[str, dict[str, Any]]) -> str:
    """The first row that is not under its own key, or refers to a row that is not there."""
    for table, columns in KEYS.items():
        for key, row in tables[table].items():
            if key != "|".join([str(row[column]) for column in columns]):
                return f".tables.{table}.{key}: the row belongs under another key."
    for table, references in REFERENCES.items():
        for key, row in tables[table].items():
            for column, target in references.items():
                value = row[column]
                for wanted in value if isinstance(value, list) else [] if value is None else [value]:
                    if wanted not in tables[target]:
                        return f".tables.{table}.{key}.{column}: there is no {_shown(wanted)} among the {target}."
    return ""


def _sentence(fault: str) -> str:
    text = fault.lstrip(".: ")
    return text if fault.startswith(".") else text[:1].upper() + text[1:]


def _expected(what: str, value: object) -> str:
    return f": {what} is expected, found {_shown(value)}."


def _shown(value: object) -> str:
    """A value in a sentence: containers by their kind, long ones cut, broken characters replaced."""
    if isinstance(value, str):
        text = value[:61].encode("utf-8", "replace").decode()
        return f"'{text}'" if len(text) <= 60 else f"'{text[:60]}…'"
    if value is None or isinstance(value, bool | float):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else "a huge number"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return f"something of type {type(value).__name__}"


def _nearest(name: object, names: Iterable[str]) -> str:
    choices = list(names)
    found = difflib.get_close_matches(str(name)[:100], choices, n=1)
    if found:
        return f"; did you mean '{found[0]}'?"
    return f"; there are {', '.join(choices)}." if choices else "; nothing is expected here."


def _refusal(code: str, message: str, origin: str) -> Result:
    return Result(False, {"code": code, "message": message}, origin)


# Schemas and tools, as MCP shows them.


def _rows(plural: str, row: Schema) -> Schema:
    """The schema of a list of rows."""
    properties = {plural: {"type": "array", "items": row}, "total": {"type": "integer"}}
    return {
        "type": "object",
        "properties": properties,
        "required": [plural, "total"],
        "additionalProperties": False,
    }


PERSON_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "badge": {"type": "string"},
        "name": {"type": "string"},
        "likes": {"type": "array", "items": {"type": "string"}},
        "mentor": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["badge", "name", "likes", "mentor"],
    "additionalProperties": False,
}
FILM_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "film_id": {"type": "string", "description": "Id of the film."},
        "title": {"type": "string"},
        "minutes": {"type": "integer"},
    },
    "required": ["film_id", "title", "minutes"],
    "additionalProperties": False,
}
HALL_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "hall_name": {"type": "string"},
        "seats": {
            "type": "object",
            "properties": {"front": {"type": "integer"}, "rear": {"type": "integer"}},
            "additionalProperties": False,
        },
        "prices": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "zone": {"type": "string", "enum": ["front", "rear"]},
                    "amount": {"type": "number"},
                },
                "required": ["zone", "amount"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["hall_name", "seats", "prices"],
    "additionalProperties": False,
}
SCREENING_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "hall_name": {"type": "string"},
        "day": {"type": "string", "format": "date"},
        "slot": {"type": "integer"},
        "film_id": {"type": "string"},
        "sold": {
            "type": "object",
            "properties": {"front": {"type": "integer"}, "rear": {"type": "integer"}},
            "additionalProperties": False,
        },
        "free": {"type": "integer"},
    },
    "required": ["hall_name", "day", "slot", "film_id", "sold", "free"],
    "additionalProperties": False,
}
VISITOR_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "ticket_id": {"type": "string"},
        "name": {"type": "string"},
        "age": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "host": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "row_number": {"type": "integer"},
    },
    "required": ["ticket_id", "name", "age", "host", "row_number"],
    "additionalProperties": False,
}
TICKET_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "ticket_id": {"type": "string", "description": "Id of the ticket."},
        "booking_id": {"type": "string"},
        "zone": {"type": "string", "enum": ["front", "rear"]},
        "paid": {"type": "number"},
        "swap_for_id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "visitors": {"type": "array", "items": VISITOR_SCHEMA},
    },
    "required": ["ticket_id", "booking_id", "zone", "paid", "swap_for_id", "visitors"],
    "additionalProperties": False,
}
BOOKING_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "booking_id": {"type": "string", "description": "Id of the booking."},
        "badge": {"type": "string"},
        "hall_name": {"type": "string"},
        "day": {"type": "string", "format": "date"},
        "slot": {"type": "integer"},
        "tickets": {"type": "array", "items": TICKET_SCHEMA},
    },
    "required": ["booking_id", "badge", "hall_name", "day", "slot", "tickets"],
    "additionalProperties": False,
}

SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "clock": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "counters": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        "tables": {
            "type": "object",
            "properties": {
                "persons": {"type": "object", "additionalProperties": PERSON_SCHEMA},
                "films": {"type": "object", "additionalProperties": FILM_SCHEMA},
                "halls": {"type": "object", "additionalProperties": HALL_SCHEMA},
                "screenings": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "hall_name": {"type": "string"},
                            "day": {"type": "string", "format": "date"},
                            "slot": {"type": "integer"},
                            "film_id": {"type": "string"},
                            "sold": {
                                "type": "object",
                                "properties": {"front": {"type": "integer"}, "rear": {"type": "integer"}},
                                "additionalProperties": False,
                            },
                        },
                        "required": ["hall_name", "day", "slot", "film_id", "sold"],
                        "additionalProperties": False,
                    },
                },
                "bookings": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "booking_id": {"type": "string", "description": "Id of the booking."},
                            "badge": {"type": "string"},
                            "hall_name": {"type": "string"},
                            "day": {"type": "string", "format": "date"},
                            "slot": {"type": "integer"},
                        },
                        "required": ["booking_id", "badge", "hall_name", "day", "slot"],
                        "additionalProperties": False,
                    },
                },
                "tickets": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "ticket_id": {"type": "string", "description": "Id of the ticket."},
                            "booking_id": {"type": "string"},
                            "zone": {"type": "string", "enum": ["front", "rear"]},
                            "paid": {"type": "number"},
                            "swap_for_id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                        },
                        "required": ["ticket_id", "booking_id", "zone", "paid", "swap_for_id"],
                        "additionalProperties": False,
                    },
                },
                "visitors": {"type": "object", "additionalProperties": VISITOR_SCHEMA},
            },
            "required": ["persons", "films", "halls", "screenings", "bookings", "tickets", "visitors"],
            "additionalProperties": False,
        },
    },
    "required": ["clock", "counters", "tables"],
    "additionalProperties": False,
}

TOOLS: list[dict[str, Any]] = [
    {
        "name": "get_person",
        "title": "Get person",
        "description": "Get everything known about a person.",
        "inputSchema": {
            "type": "object",
            "properties": {"badge": {"type": "string", "description": "Badge of the person."}},
            "required": ["badge"],
            "additionalProperties": False,
        },
        "outputSchema": PERSON_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "person_exists",
        "title": "Person exists",
        "description": "Say whether there is a person with this badge.",
        "inputSchema": {
            "type": "object",
            "properties": {"badge": {"type": "string", "description": "Badge of the person."}},
            "required": ["badge"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"exists": {"type": "boolean"}},
            "required": ["exists"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_fans",
        "title": "List fans",
        "description": "List the persons that have a given one among their likes.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "film_id": {"type": "string", "description": "Id of the film, such as F1."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["film_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("persons", PERSON_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_films",
        "title": "List films",
        "description": "List all films.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("films", FILM_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_hall",
        "title": "Get hall",
        "description": "Get everything known about a hall.",
        "inputSchema": {
            "type": "object",
            "properties": {"hall_name": {"type": "string", "description": "Hall name of the hall."}},
            "required": ["hall_name"],
            "additionalProperties": False,
        },
        "outputSchema": HALL_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_screening",
        "title": "Get screening",
        "description": "Get everything known about a screening.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "hall_name": {"type": "string", "description": "Hall name of the hall."},
                "day": {"type": "string", "format": "date"},
                "slot": {"type": "integer"},
            },
            "required": ["hall_name", "day", "slot"],
            "additionalProperties": False,
        },
        "outputSchema": SCREENING_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "screening_exists",
        "title": "Screening exists",
        "description": "Say whether there is a screening with this key.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "hall_name": {"type": "string", "description": "Hall name of the hall."},
                "day": {"type": "string", "format": "date"},
                "slot": {"type": "integer"},
            },
            "required": ["hall_name", "day", "slot"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"exists": {"type": "boolean"}},
            "required": ["exists"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_screenings",
        "title": "List screenings",
        "description": "List the screenings with a given day, ordered by slot, the smallest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "day": {"type": "string", "format": "date"},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["day"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("screenings", SCREENING_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_booking",
        "title": "Get booking",
        "description": "Get everything known about a booking.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "booking_id": {"type": "string", "description": "Id of the booking, such as K-001."}
            },
            "required": ["booking_id"],
            "additionalProperties": False,
        },
        "outputSchema": BOOKING_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_person",
        "title": "Add person",
        "description": "Register a person, under a badge of their own or the next one.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "badge": {"type": "string"},
                "mentor": {"type": "string", "description": "Badge of the person."},
                "likes": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Ids of film, such as F1.",
                },
            },
            "required": ["name"],
            "additionalProperties": False,
        },
        "outputSchema": PERSON_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_film",
        "title": "Add film",
        "description": "Enter a film.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "minutes": {"type": "integer", "minimum": 1, "maximum": 600},
            },
            "required": ["title", "minutes"],
            "additionalProperties": False,
        },
        "outputSchema": FILM_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "open_hall",
        "title": "Open hall",
        "description": "Open a hall.",
        "inputSchema": HALL_SCHEMA,
        "outputSchema": HALL_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "schedule",
        "title": "Schedule",
        "description": "Put a film into a slot of a hall.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "hall_name": {"type": "string", "description": "Hall name of the hall."},
                "day": {"type": "string", "format": "date"},
                "slot": {"type": "integer"},
                "film_id": {"type": "string", "description": "Id of the film, such as F1."},
            },
            "required": ["hall_name", "day", "slot", "film_id"],
            "additionalProperties": False,
        },
        "outputSchema": SCREENING_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "book",
        "title": "Book",
        "description": "Book a screening.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "badge": {"type": "string", "description": "Badge of the person."},
                "hall_name": {"type": "string", "description": "Hall name of the hall."},
                "day": {"type": "string", "format": "date"},
                "slot": {"type": "integer"},
                "guests": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string", "pattern": "\\S", "description": "Text. Not blank."},
                            "age": {"type": "integer", "minimum": 0},
                            "host": {"type": "string", "description": "Badge of the person."},
                        },
                        "required": ["name"],
                        "additionalProperties": False,
                    },
                    "minItems": 1,
                    "maxItems": 3,
                },
                "zone": {"type": "string", "enum": ["front", "rear"]},
            },
            "required": ["badge", "hall_name", "day", "slot", "guests", "zone"],
            "additionalProperties": False,
        },
        "outputSchema": BOOKING_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "reseat",
        "title": "Reseat",
        "description": "Name the visitors of a ticket anew.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "ticket_id": {"type": "string", "description": "Id of the ticket, such as T-001."},
                "guests": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string", "pattern": "\\S", "description": "Text. Not blank."},
                            "age": {"type": "integer", "minimum": 0},
                            "host": {"type": "string", "description": "Badge of the person."},
                        },
                        "required": ["name"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["ticket_id", "guests"],
            "additionalProperties": False,
        },
        "outputSchema": TICKET_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "swap",
        "title": "Swap",
        "description": "Say which ticket another one is swapped for.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "ticket_id": {"type": "string", "description": "Id of the ticket, such as T-001."},
                "other_id": {"type": "string", "description": "Id of the ticket, such as T-001."},
            },
            "required": ["ticket_id"],
            "additionalProperties": False,
        },
        "outputSchema": TICKET_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_ticket",
        "title": "Add ticket",
        "description": "One more ticket of a booking.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "booking_id": {"type": "string", "description": "Id of the booking, such as K-001."},
                "zone": {"type": "string", "enum": ["front", "rear"]},
            },
            "required": ["booking_id", "zone"],
            "additionalProperties": False,
        },
        "outputSchema": TICKET_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "cancel",
        "title": "Cancel",
        "description": "Cancel a booking.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "booking_id": {"type": "string", "description": "Id of the booking, such as K-001."}
            },
            "required": ["booking_id"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"ok": {"type": "boolean"}},
            "required": ["ok"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "remove_person",
        "title": "Remove person",
        "description": "Remove a person and those whom they mentor.",
        "inputSchema": {
            "type": "object",
            "properties": {"badge": {"type": "string", "description": "Badge of the person."}},
            "required": ["badge"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"ok": {"type": "boolean"}},
            "required": ["ok"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "remove_film",
        "title": "Remove film",
        "description": "Remove a film.",
        "inputSchema": {
            "type": "object",
            "properties": {"film_id": {"type": "string", "description": "Id of the film, such as F1."}},
            "required": ["film_id"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"ok": {"type": "boolean"}},
            "required": ["ok"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "drop_films",
        "title": "Drop films",
        "description": "Remove several films, each with a reason.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "drops": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "film_id": {"type": "string", "description": "Id of the film, such as F1."},
                            "reason": {"type": "string"},
                        },
                        "required": ["film_id", "reason"],
                        "additionalProperties": False,
                    },
                }
            },
            "required": ["drops"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"ok": {"type": "boolean"}},
            "required": ["ok"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "programme",
        "title": "Programme",
        "description": "What is on, with the films.",
        "inputSchema": {
            "type": "object",
            "properties": {"day": {"type": "string", "format": "date"}},
            "required": ["day"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "items": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "hall_name": {"type": "string"},
                            "day": {"type": "string", "format": "date"},
                            "slot": {"type": "integer"},
                            "film_id": {"type": "string"},
                            "sold": {
                                "type": "object",
                                "properties": {"front": {"type": "integer"}, "rear": {"type": "integer"}},
                                "additionalProperties": False,
                            },
                            "free": {"type": "integer"},
                            "title": {"type": "string"},
                            "minutes": {"type": "integer"},
                        },
                        "required": [
                            "hall_name",
                            "day",
                            "slot",
                            "film_id",
                            "sold",
                            "free",
                            "title",
                            "minutes",
                        ],
                        "additionalProperties": False,
                    },
                }
            },
            "required": ["items"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
]

# What rows are kept under, and the tables that their refs point to.
KEYS: dict[str, list[str]] = {
    "persons": ["badge"],
    "films": ["film_id"],
    "halls": ["hall_name"],
    "screenings": ["hall_name", "day", "slot"],
    "bookings": ["booking_id"],
    "tickets": ["ticket_id"],
}
REFERENCES: dict[str, dict[str, str]] = {
    "persons": {"likes": "films", "mentor": "persons"},
    "screenings": {"hall_name": "halls", "film_id": "films"},
    "bookings": {"badge": "persons", "hall_name": "halls"},
    "tickets": {"booking_id": "bookings", "swap_for_id": "tickets"},
    "visitors": {"ticket_id": "tickets", "host": "persons"},
}

ARGUMENT_CHECKS = {tool["name"]: checker(tool["inputSchema"], limited=True) for tool in TOOLS}
STATE_CHECK = checker(SCHEMA, limited=False)
