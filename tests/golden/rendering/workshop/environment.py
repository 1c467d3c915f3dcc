"""Bicycle workshop: Repair jobs, parts and bills of a small workshop.

Rendered by envwright from skeleton.yaml; change that file and render again. Needs the standard library only:

    environment = Environment()
    environment.call("get_rider", { … })  # as an agent calls a tool: validated, refused with a sentence
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

NAME = "workshop"
TITLE = "Bicycle workshop"
VERSION = "36cebdef3ee1"
INSTRUCTIONS = """\
You keep the job book of a bicycle workshop. It's "busy".

Rules that always hold:
- A collected job is paid.

Policies that the tools do not enforce; keep to them:
- The price of a paid job stays.

When you are done, say so; to a question, give the value that was asked for and no other. When a request cannot or must not be met, change nothing and say plainly that you cannot do it.
"""

State = dict[str, Any]
Schema = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


# Rows: what the tables hold.


class Rider(TypedDict):
    rider_id: str
    first_name: str
    last_name: str
    phone: str | None
    credit: float


class Job(TypedDict):
    job_id: str
    rider_id: str
    what: str
    status: str
    urgency: str
    surcharge: float | None
    price: float
    paid: bool
    labels: list[str]
    due: str | None
    opened_at: str
    follows_id: str | None


class RiderChanges(TypedDict, total=False):
    rider_id: str
    first_name: str
    last_name: str
    phone: str | None
    credit: float


class JobChanges(TypedDict, total=False):
    job_id: str
    rider_id: str
    what: str
    status: str
    urgency: str
    surcharge: float | None
    price: float
    paid: bool
    labels: list[str]
    due: str | None
    opened_at: str
    follows_id: str | None


# Results: what agents see.


class RiderView(Rider):
    full_name: str
    debt: float
    last_price: float | None
    known: bool


class RidersResult(TypedDict):
    riders: list[RiderView]
    total: int


class GetPhoneResult(TypedDict):
    rider_id: str
    phone: str | None
    debt: float


class Existence(TypedDict):
    exists: bool


class JobsResult(TypedDict):
    jobs: list[Job]
    total: int


class OpenJobResult(TypedDict):
    express: str | None
    rush: bool


class ChargeJobResult(TypedDict):
    price: float
    rounded: int
    debt: float


class PutInCreditResult(TypedDict):
    credit: float


class Done(TypedDict):
    ok: bool


class CheapestResult(TypedDict):
    lowest: float
    order: list[str]
    share: float
    labels: list[str]


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
    """Bicycle workshop. One public method a tool; `call` is the door for agents."""

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
        for rider_row in self.riders.values():
            rider_row["credit"] = float(rider_row["credit"])
        for job_row in self.jobs.values():
            if job_row["surcharge"] is not None:
                job_row["surcharge"] = float(job_row["surcharge"])
            job_row["price"] = float(job_row["price"])

    def _open(self, clock: str, counters: dict[str, int], tables: dict[str, Any]) -> None:
        self.clock = clock
        self.counters = counters
        self.riders: dict[str, Rider] = tables["riders"]
        self.jobs: dict[str, Job] = tables["jobs"]
        self._undo: list[Callable[[], object]] = []
        self._tools: dict[str, Callable[..., Any]] = {
            "get_rider": self.get_rider,
            "find_rider": self.find_rider,
            "list_riders": self.list_riders,
            "get_phone": self.get_phone,
            "rider_exists": self.rider_exists,
            "get_job": self.get_job,
            "list_jobs": self.list_jobs,
            "list_open_jobs": self.list_open_jobs,
            "list_jobs_with_label": self.list_jobs_with_label,
            "get_job_on_stand": self.get_job_on_stand,
            "add_rider": self.add_rider,
            "change_rider": self.change_rider,
            "open_job": self.open_job,
            "move_job": self.move_job,
            "charge_job": self.charge_job,
            "pay": self.pay,
            "put_in_credit": self.put_in_credit,
            "split_job": self.split_job,
            "drop_job": self.drop_job,
            "drop_rider": self.drop_rider,
            "cheapest": self.cheapest,
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
            "riders": self.riders,
            "jobs": self.jobs,
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

    def get_rider(self, rider_id: str) -> RiderView:
        """Get everything known about a rider."""
        return self._show_rider(self._find_rider(rider_id))

    def find_rider(self, full_name: str) -> RiderView:
        """Find the one rider with this full name; case and outer spaces do not matter."""
        wanted = full_name.strip().casefold()
        found = [
            rider
            for rider in self.riders.values()
            if self._rider_full_name(rider).strip().casefold() == wanted
        ]
        if not found:
            raise Refused("not_found", f"There is no rider with the full name '{full_name}'.", "rider")
        if len(found) > 1:
            raise Refused(
                "conflict", f"There are {len(found)} riders with the full name '{full_name}'.", "rider"
            )
        return self._show_rider(found[0])

    def list_riders(self, limit: int | None = None, offset: int = 0) -> RidersResult:
        """List all riders, ordered by last name."""
        found = list(self.riders.values())
        found.sort(key=lambda rider: rider["last_name"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"riders": [self._show_rider(rider) for rider in page], "total": len(found)}

    def get_phone(self, rider_id: str) -> GetPhoneResult:
        """Get the rider id, phone and debt of a rider."""
        row = self._find_rider(rider_id)
        return {"rider_id": row["rider_id"], "phone": row["phone"], "debt": self._rider_debt(row)}

    def rider_exists(self, rider_id: str) -> Existence:
        """Say whether there is a rider with this rider id."""
        return {"exists": rider_id in self.riders}

    def get_job(self, job_id: str) -> Job:
        """Get everything known about a job."""
        return self._show_job(self._find_job(job_id))

    def list_jobs(self, rider_id: str, limit: int | None = None, offset: int = 0) -> JobsResult:
        """List the jobs of a rider, ordered by opened at, the latest first."""
        self._find_rider(rider_id)
        found = [job for job in self.jobs.values() if job["rider_id"] == rider_id]
        found.sort(key=lambda job: job["opened_at"], reverse=True)
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"jobs": [self._show_job(job) for job in page], "total": len(found)}

    def list_open_jobs(self, status: str, limit: int | None = None, offset: int = 0) -> JobsResult:
        """List the jobs with a given status, ordered by due, the earliest first."""
        found = [job for job in self.jobs.values() if job["status"] == status and not job["paid"]]
        found.sort(key=lambda job: (job["due"] is None, job["due"] or ""))
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"jobs": [self._show_job(job) for job in page], "total": len(found)}

    def list_jobs_with_label(self, labels: str, limit: int | None = None, offset: int = 0) -> JobsResult:
        """List the jobs that have a given one among their labels."""
        found = [job for job in self.jobs.values() if labels in job["labels"]]
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"jobs": [self._show_job(job) for job in page], "total": len(found)}

    def get_job_on_stand(self, status: str) -> Job:
        """Get the one job of this status."""
        found = [job for job in self.jobs.values() if job["status"] == status]
        if not found:
            raise Refused("not_found", "There is no job of this kind.", "job")
        if len(found) > 1:
            raise Refused("conflict", f"There are {len(found)} jobs of this kind.", "job")
        return self._show_job(found[0])

    def cheapest(self, percent: int) -> CheapestResult:
        """The lowest price, the order of prices and a share."""
        return {
            "lowest": smallest([j["price"] for j in self.jobs.values()]),
            "order": [
                j["what"]
                for j in sorted(
                    sorted(self.jobs.values(), key=lambda x: x["what"]),
                    key=lambda x: x["price"],
                    reverse=True,
                )
            ],
            "share": self._share(sum(j["price"] for j in self.jobs.values()), percent),
            "labels": copy.deepcopy(unique([l_ for j in self.jobs.values() for l_ in j["labels"]])),
        }

    # Tools that change the state.

    @command
    def add_rider(self, first_name: str, last_name: str, phone: str | None = None) -> RiderView:
        """Enter a rider."""
        rider = self._create_rider(
            {
                "rider_id": self._next_rider_id(),
                "first_name": first_name,
                "last_name": last_name,
                "phone": phone,
                "credit": 0,
            }
        )
        return self._show_rider(rider)

    @command
    def change_rider(
        self, rider_id: str, last_name: str | None = None, phone: str | None = None
    ) -> RiderView:
        """Change what is known about a rider; what is left out stays."""
        rider = self._find_rider(rider_id)
        changes: RiderChanges = {}
        if last_name is not None:
            changes["last_name"] = last_name
        if phone is not None:
            changes["phone"] = phone
        self._update_rider(rider, changes)
        return self._show_rider(rider)

    @command
    def open_job(
        self,
        rider_id: str,
        what: str,
        urgency: str | None = None,
        labels: list[str] | None = None,
        due: str | None = None,
        price: float = 0,
    ) -> OpenJobResult:
        """Open a job."""
        rider = self._find_rider(rider_id)
        if labels is None:
            labels = []
        labels = unique(labels)
        if due is not None and due < "2026-01-01":
            raise Refused(
                "invalid_arguments", f"due: it must be at least 2026-01-01, not {due}.", "arguments"
            )
        line: str = what + " for " + self._rider_full_name(rider)
        if not self._busy(rider) < 3:
            raise Refused(
                "refused",
                f'{self._rider_full_name(rider)} has {self._busy(rider)} jobs here; "{line}" must wait.',
                "open_job.requires[0]",
            )
        for label in labels:
            if not len(label) < 10:
                raise Refused("refused", f"The label {label} is too long.", "open_job.requires[1]")
        rush: bool = urgency is not None and urgency == "express"
        express_job: Job | None = None
        if rush:
            express_job = self._create_job(
                {
                    "job_id": self._next_job_id(),
                    "rider_id": rider["rider_id"],
                    "what": what,
                    "status": "waiting",
                    "urgency": "express",
                    "surcharge": self._share(price, 15),
                    "price": price,
                    "paid": False,
                    "labels": labels,
                    "due": due,
                    "opened_at": self.clock,
                    "follows_id": None,
                }
            )
        if not rush:
            self._create_job(
                {
                    "job_id": self._next_job_id(),
                    "rider_id": rider["rider_id"],
                    "what": what,
                    "status": "waiting",
                    "urgency": "normal",
                    "surcharge": None,
                    "price": price,
                    "paid": False,
                    "labels": labels,
                    "due": due,
                    "opened_at": self.clock,
                    "follows_id": None,
                }
            )
        return {"express": express_job["job_id"] if express_job is not None else None, "rush": rush}

    @command
    def move_job(self, job_id: str, status: str, heads: int = 1) -> Job:
        """Change the status of a job."""
        job = self._find_job(job_id)
        self._require_in_order(job, heads)

        def hours_each_now() -> int:
            return 10 // nonzero(heads)

        if not (heads < 3 or hours_each_now() > 2):
            raise Refused("refused", "Not enough time.", "move_job.requires[1]")
        self._update_job(job, {"status": status})
        return self._show_job(job)

    @command
    def charge_job(self, job_id: str, hours_worked: float, rate: float) -> ChargeJobResult:
        """Set the price of a job, in money or in hours."""
        job = self._find_job(job_id)
        self._require_unpaid(job)
        self._update_job(job, {"price": hours_worked * rate})
        return {
            "price": job["price"],
            "rounded": rounded(hours_worked),
            "debt": self._rider_debt(self.riders[job["rider_id"]]),
        }

    @command
    def pay(self, rider_id: str) -> JobsResult:
        """Pay with credit for every open job of a rider that is done."""
        rider = self._find_rider(rider_id)
        open_jobs: list[Job] = [
            j
            for j in self.jobs.values()
            if j["rider_id"] == rider["rider_id"] and not j["paid"] and j["status"] == "done"
        ]
        if not len(open_jobs) > 0:
            raise Refused("refused", "There is nothing to pay.", "pay.requires[0]")
        if not rider["credit"] >= cents(sum(j["price"] for j in open_jobs)):
            raise Refused(
                "refused",
                f"The credit of {rider['credit']:.2f} does not cover {sum(j['price'] for j in open_jobs):.2f}.",
                "pay.requires[1]",
            )
        for j in open_jobs:
            self._update_rider(rider, {"credit": rider["credit"] - j["price"]})
        for j in open_jobs:
            self._update_job(j, {"paid": True})
        return {"jobs": [self._show_job(x) for x in open_jobs], "total": len(open_jobs)}

    @command
    def put_in_credit(self, rider_id: str, amount: float) -> PutInCreditResult:
        """Pay in."""
        rider = self._find_rider(rider_id)
        self._update_rider(rider, {"credit": rider["credit"] + amount})
        return {"credit": rider["credit"]}

    @command
    def split_job(self, job_id: str, what: str) -> Job:
        """Move the newest follow-up out of the way, where there is one."""
        job = self._find_job(job_id)
        next_job: Job | None = first(
            [
                j
                for j in self.jobs.values()
                if j["follows_id"] is not None and j["follows_id"] == job["job_id"]
            ]
        )
        part = self._create_job(
            {
                "job_id": self._next_job_id(),
                "rider_id": job["rider_id"],
                "what": what,
                "status": "waiting",
                "urgency": "normal",
                "surcharge": None,
                "price": 0,
                "paid": False,
                "labels": [],
                "due": None,
                "opened_at": self.clock,
                "follows_id": job["job_id"],
            }
        )
        if next_job is not None:
            self._update_job(next_job, {"follows_id": part["job_id"]})
        return self._show_job(part)

    @command
    def drop_job(self, job_id: str) -> Done:
        """Drop a job."""
        job = self._find_job(job_id)
        self._delete_job(job)
        return {"ok": True}

    @command
    def drop_rider(self, rider_id: str) -> Done:
        """Drop a rider."""
        rider = self._find_rider(rider_id)
        self._delete_rider(rider)
        return {"ok": True}

    # What must hold before a command does anything.

    def _require_in_order(self, job: Job, heads: int) -> None:
        if job["status"] == "collected":
            raise Refused("refused", "It's gone.", "in_order[0]")
        if not (heads > 0 and 10 // nonzero(heads) > 0):
            raise Refused("refused", f"Too many heads, {heads}.", "in_order[1]")

    def _require_unpaid(self, job: Job) -> None:
        if job["paid"]:
            raise Refused(
                "refused",
                f'Job {job["job_id"]} ("{job["what"]}") is paid, {job["price"]:.2f} in full.',
                "unpaid",
            )

    # Definitions and derived fields.

    def _busy(self, rider: Rider) -> int:
        return sum(
            1 for j in self.jobs.values() if j["rider_id"] == rider["rider_id"] and j["status"] != "collected"
        )

    def _share(self, amount: float, percent: int) -> float:
        return amount * percent / 100

    def _rider_full_name(self, rider: Rider) -> str:
        return rider["first_name"] + " " + rider["last_name"]

    def _rider_debt(self, rider: Rider) -> float:
        return cents(
            sum(
                j["price"] for j in self.jobs.values() if j["rider_id"] == rider["rider_id"] and not j["paid"]
            )
        )

    def _rider_last_price(self, rider: Rider) -> float | None:
        amount = (
            largest([j["price"] for j in self.jobs.values() if j["rider_id"] == rider["rider_id"]])
            if self._rider_known(rider)
            else None
        )
        return cents(amount) if amount is not None else None

    def _rider_known(self, rider: Rider) -> bool:
        return any(j["rider_id"] == rider["rider_id"] for j in self.jobs.values())

    # Rows: finding, showing, writing.

    def _find_rider(self, rider_id: str) -> Rider:
        row = self.riders.get(rider_id)
        if row is None:
            raise Refused("not_found", f"There is no rider '{rider_id}'.", "rider")
        return row

    def _show_rider(self, rider: Rider) -> RiderView:
        return {
            **rider,
            "full_name": self._rider_full_name(rider),
            "debt": self._rider_debt(rider),
            "last_price": self._rider_last_price(rider),
            "known": self._rider_known(rider),
        }

    def _next_rider_id(self) -> str:
        return self._next_id("rider", self.riders, "R-{:02}")

    def _create_rider(self, row: Rider) -> Rider:
        self._check_rider(row, None)
        key = row["rider_id"]
        self._insert(self.riders, key, row)
        return row

    def _update_rider(self, rider: Rider, changes: RiderChanges) -> None:
        row = rider.copy()
        row.update(changes)
        self._check_rider(row, rider)
        before = rider.copy()
        self._undo.append(lambda: rider.update(before))
        rider.update(row)

    def _delete_rider(self, rider: Rider) -> None:
        key = rider["rider_id"]
        if key not in self.riders:
            return  # gone already, with what owned it
        if any(x["rider_id"] == key for x in self.jobs.values()):
            raise Refused("conflict", "The rider cannot be deleted: it is still named by a job.", "job.rider")
        self._remove(self.riders, key)

    def _check_rider(self, row: Rider, old: Rider | None) -> None:
        if not row["last_name"].strip():
            raise Refused("invalid_value", "The last name of a rider must not be blank.", "rider.last_name")
        if row["phone"] is not None:
            if re.search("^[0-9]{3}-[0-9]{4}\\Z", row["phone"]) is None:
                raise Refused(
                    "invalid_value",
                    f"The phone of a rider is not of the right form: {row['phone']}",
                    "rider.phone",
                )
            if any(x["phone"] == row["phone"] and x is not old for x in self.riders.values()):
                raise Refused(
                    "conflict", f"There is already a rider with the phone {row['phone']}.", "rider.phone"
                )
        row["credit"] = cents(row["credit"])

    def _find_job(self, job_id: str) -> Job:
        row = self.jobs.get(job_id)
        if row is None:
            raise Refused("not_found", f"There is no job '{job_id}'.", "job")
        return row

    def _show_job(self, job: Job) -> Job:
        return {**job, "labels": list(job["labels"])}

    def _next_job_id(self) -> str:
        return self._next_id("job", self.jobs, "J-{:03}")

    def _create_job(self, row: Job) -> Job:
        self._check_job(row)
        key = row["job_id"]
        self._insert(self.jobs, key, row)
        return row

    def _update_job(self, job: Job, changes: JobChanges) -> None:
        if "status" in changes:
            move(
                "the status of the job",
                job["status"],
                changes["status"],
                {
                    "waiting": ["on stand"],
                    "on stand": ["done", "waiting"],
                    "done": ["collected"],
                    "collected": [],
                },
            )
        row = job.copy()
        row.update(changes)
        self._check_job(row)
        before = job.copy()
        self._undo.append(lambda: job.update(before))
        job.update(row)

    def _delete_job(self, job: Job) -> None:
        key = job["job_id"]
        if key not in self.jobs:
            return  # gone already, with what owned it
        self._remove(self.jobs, key)
        for other_job in [x for x in self.jobs.values() if x["follows_id"] == key]:
            self._update_job(other_job, {"follows_id": None})

    def _check_job(self, row: Job) -> None:
        if not row["what"].strip():
            raise Refused("invalid_value", "The what of a job must not be blank.", "job.what")
        if (row["surcharge"] is not None) != (row["urgency"] == "express"):
            raise Refused(
                "invalid_value",
                "The surcharge of a job is given for urgency express, and only then.",
                "job.surcharge",
            )
        if row["surcharge"] is not None:
            row["surcharge"] = cents(row["surcharge"])
            if row["surcharge"] < 0.0:
                raise Refused(
                    "invalid_value",
                    f"The surcharge of a job must be at least 0, not {row['surcharge']}.",
                    "job.surcharge",
                )
        row["price"] = cents(row["price"])
        if not 0.0 <= row["price"] <= 2000.0:
            raise Refused(
                "invalid_value",
                f"The price of a job must be between 0 and 2000, not {row['price']}.",
                "job.price",
            )
        row["labels"] = unique(row["labels"])
        if row["due"] is not None and row["due"] < "2026-01-01":
            raise Refused(
                "invalid_value", f"The due of a job must be at least 2026-01-01, not {row['due']}.", "job.due"
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


def rounded(number: float, places: int = 0) -> Any:
    """Rounded half up; a whole number without `places`."""
    try:
        exact = Decimal(str(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:
        raise Refused("invalid_value", "This number is too large to be rounded.") from None
    return float(exact) if places else int(exact)


def first(items: Iterable[T]) -> T | None:
    return next(iter(items), None)


def unique(items: Iterable[T]) -> list[T]:
    """Without repetitions, in the order of first appearance."""
    found: list[T] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def smallest(items: Iterable[Any]) -> Any:
    found = list(items)
    if not found:
        raise Refused("refused", "There is nothing to choose the smallest from.")
    return min(found)


def largest(items: Iterable[Any]) -> Any:
    found = list(items)
    if not found:
        raise Refused("refused", "There is nothing to choose the largest from.")
    return max(found)


def nonzero(divisor: T) -> T:
    if not divisor:
        raise Refused("refused", "This would divide by zero.")
    return divisor


def move(what: str, old: str, new: str, moves: dict[str, list[str]]) -> None:
    """A step of a state machine; any other is refused."""
    if new not in moves[old]:
        if new == old:
            raise Refused("bad_transition", f"{what[0].upper()}{what[1:]} is {old} already.", what)
        allowed = f"only {' or '.join(moves[old])}" if moves[old] else "nothing else"
        raise Refused(
            "bad_transition", f"{what[0].upper()}{what[1:]} is {old}; it can become {allowed}.", what
        )


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


RIDER_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "rider_id": {"type": "string", "description": "Id of the rider."},
        "first_name": {"type": "string"},
        "last_name": {"type": "string"},
        "phone": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "credit": {"type": "number"},
        "full_name": {"type": "string"},
        "debt": {"type": "number"},
        "last_price": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "known": {"type": "boolean"},
    },
    "required": [
        "rider_id",
        "first_name",
        "last_name",
        "phone",
        "credit",
        "full_name",
        "debt",
        "last_price",
        "known",
    ],
    "additionalProperties": False,
}
JOB_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "job_id": {"type": "string", "description": "Id of the job."},
        "rider_id": {"type": "string"},
        "what": {"type": "string"},
        "status": {"type": "string", "enum": ["waiting", "on stand", "done", "collected"]},
        "urgency": {"type": "string", "enum": ["normal", "express"]},
        "surcharge": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "price": {"type": "number"},
        "paid": {"type": "boolean"},
        "labels": {"type": "array", "items": {"type": "string"}},
        "due": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "opened_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "follows_id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": [
        "job_id",
        "rider_id",
        "what",
        "status",
        "urgency",
        "surcharge",
        "price",
        "paid",
        "labels",
        "due",
        "opened_at",
        "follows_id",
    ],
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
                "riders": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "rider_id": {"type": "string", "description": "Id of the rider."},
                            "first_name": {"type": "string"},
                            "last_name": {"type": "string"},
                            "phone": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                            "credit": {"type": "number"},
                        },
                        "required": ["rider_id", "first_name", "last_name", "phone", "credit"],
                        "additionalProperties": False,
                    },
                },
                "jobs": {"type": "object", "additionalProperties": JOB_SCHEMA},
            },
            "required": ["riders", "jobs"],
            "additionalProperties": False,
        },
    },
    "required": ["clock", "counters", "tables"],
    "additionalProperties": False,
}

TOOLS: list[dict[str, Any]] = [
    {
        "name": "get_rider",
        "title": "Get rider",
        "description": "Get everything known about a rider.",
        "inputSchema": {
            "type": "object",
            "properties": {"rider_id": {"type": "string", "description": "Id of the rider, such as R-01."}},
            "required": ["rider_id"],
            "additionalProperties": False,
        },
        "outputSchema": RIDER_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "find_rider",
        "title": "Find rider",
        "description": "Find the one rider with this full name; case and outer spaces do not matter.",
        "inputSchema": {
            "type": "object",
            "properties": {"full_name": {"type": "string"}},
            "required": ["full_name"],
            "additionalProperties": False,
        },
        "outputSchema": RIDER_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_riders",
        "title": "List riders",
        "description": "List all riders, ordered by last name.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("riders", RIDER_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_phone",
        "title": "Get phone",
        "description": "Get the rider id, phone and debt of a rider.",
        "inputSchema": {
            "type": "object",
            "properties": {"rider_id": {"type": "string", "description": "Id of the rider, such as R-01."}},
            "required": ["rider_id"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "rider_id": {"type": "string", "description": "Id of the rider."},
                "phone": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "debt": {"type": "number"},
            },
            "required": ["rider_id", "phone", "debt"],
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
        "name": "rider_exists",
        "title": "Rider exists",
        "description": "Say whether there is a rider with this rider id.",
        "inputSchema": {
            "type": "object",
            "properties": {"rider_id": {"type": "string", "description": "Id of the rider, such as R-01."}},
            "required": ["rider_id"],
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
        "name": "get_job",
        "title": "Get job",
        "description": "Get everything known about a job.",
        "inputSchema": {
            "type": "object",
            "properties": {"job_id": {"type": "string", "description": "Id of the job, such as J-001."}},
            "required": ["job_id"],
            "additionalProperties": False,
        },
        "outputSchema": JOB_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_jobs",
        "title": "List jobs",
        "description": "List the jobs of a rider, ordered by opened at, the latest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "rider_id": {"type": "string", "description": "Id of the rider, such as R-01."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["rider_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("jobs", JOB_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_open_jobs",
        "title": "List open jobs",
        "description": "List the jobs with a given status, ordered by due, the earliest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "status": {"type": "string", "enum": ["waiting", "on stand", "done", "collected"]},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["status"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("jobs", JOB_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_jobs_with_label",
        "title": "List jobs with label",
        "description": "List the jobs that have a given one among their labels.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "labels": {"type": "string"},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["labels"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("jobs", JOB_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_job_on_stand",
        "title": "Get job on stand",
        "description": "Get the one job of this status.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "status": {"type": "string", "enum": ["waiting", "on stand", "done", "collected"]}
            },
            "required": ["status"],
            "additionalProperties": False,
        },
        "outputSchema": JOB_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_rider",
        "title": "Add rider",
        "description": "Enter a rider.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "first_name": {"type": "string"},
                "last_name": {"type": "string"},
                "phone": {"type": "string", "pattern": "^[0-9]{3}-[0-9]{4}$"},
            },
            "required": ["first_name", "last_name"],
            "additionalProperties": False,
        },
        "outputSchema": RIDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "change_rider",
        "title": "Change rider",
        "description": "Change what is known about a rider; what is left out stays.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "rider_id": {"type": "string", "description": "Id of the rider, such as R-01."},
                "last_name": {"type": "string"},
                "phone": {"type": "string"},
            },
            "required": ["rider_id"],
            "additionalProperties": False,
        },
        "outputSchema": RIDER_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "open_job",
        "title": "Open job",
        "description": "Open a job.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "rider_id": {"type": "string", "description": "Id of the rider, such as R-01."},
                "what": {"type": "string", "pattern": "\\S", "description": "Text. Not blank."},
                "urgency": {"type": "string", "enum": ["normal", "express"]},
                "labels": {"type": "array", "items": {"type": "string"}},
                "due": {"type": "string", "format": "date"},
                "price": {"type": "number"},
            },
            "required": ["rider_id", "what"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "express": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "rush": {"type": "boolean"},
            },
            "required": ["express", "rush"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "move_job",
        "title": "Move job",
        "description": "Change the status of a job.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "job_id": {"type": "string", "description": "Id of the job, such as J-001."},
                "status": {"type": "string", "enum": ["waiting", "on stand", "done", "collected"]},
                "heads": {"type": "integer"},
            },
            "required": ["job_id", "status"],
            "additionalProperties": False,
        },
        "outputSchema": JOB_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "charge_job",
        "title": "Charge job",
        "description": "Set the price of a job, in money or in hours.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "job_id": {"type": "string", "description": "Id of the job, such as J-001."},
                "hours_worked": {"type": "number"},
                "rate": {"type": "number", "minimum": 1.0},
            },
            "required": ["job_id", "hours_worked", "rate"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "price": {"type": "number"},
                "rounded": {"type": "integer"},
                "debt": {"type": "number"},
            },
            "required": ["price", "rounded", "debt"],
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
        "name": "pay",
        "title": "Pay",
        "description": "Pay with credit for every open job of a rider that is done.",
        "inputSchema": {
            "type": "object",
            "properties": {"rider_id": {"type": "string", "description": "Id of the rider, such as R-01."}},
            "required": ["rider_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("jobs", JOB_SCHEMA),
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "put_in_credit",
        "title": "Put in credit",
        "description": "Pay in.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "rider_id": {"type": "string", "description": "Id of the rider, such as R-01."},
                "amount": {"type": "number", "minimum": 0.01},
            },
            "required": ["rider_id", "amount"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"credit": {"type": "number"}},
            "required": ["credit"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "split_job",
        "title": "Split job",
        "description": "Move the newest follow-up out of the way, where there is one.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "job_id": {"type": "string", "description": "Id of the job, such as J-001."},
                "what": {"type": "string"},
            },
            "required": ["job_id", "what"],
            "additionalProperties": False,
        },
        "outputSchema": JOB_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "drop_job",
        "title": "Drop job",
        "description": "Drop a job.",
        "inputSchema": {
            "type": "object",
            "properties": {"job_id": {"type": "string", "description": "Id of the job, such as J-001."}},
            "required": ["job_id"],
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
        "name": "drop_rider",
        "title": "Drop rider",
        "description": "Drop a rider.",
        "inputSchema": {
            "type": "object",
            "properties": {"rider_id": {"type": "string", "description": "Id of the rider, such as R-01."}},
            "required": ["rider_id"],
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
        "name": "cheapest",
        "title": "Cheapest",
        "description": "The lowest price, the order of prices and a share.",
        "inputSchema": {
            "type": "object",
            "properties": {"percent": {"type": "integer", "minimum": 0, "maximum": 100}},
            "required": ["percent"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "lowest": {"type": "number"},
                "order": {"type": "array", "items": {"type": "string"}},
                "share": {"type": "number"},
                "labels": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["lowest", "order", "share", "labels"],
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
KEYS: dict[str, list[str]] = {"riders": ["rider_id"], "jobs": ["job_id"]}
REFERENCES: dict[str, dict[str, str]] = {"jobs": {"rider_id": "riders", "follows_id": "jobs"}}

ARGUMENT_CHECKS = {tool["name"]: checker(tool["inputSchema"], limited=True) for tool in TOOLS}
STATE_CHECK = checker(SCHEMA, limited=False)
