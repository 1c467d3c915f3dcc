"""Outpatient clinic desk: Appointments, referrals, prescriptions and payments of a small outpatient clinic.

Rendered by envwright from skeleton.yaml; change that file and render again. Needs the standard library only:

    environment = Environment()
    environment.call("get_patient", { … })  # as an agent calls a tool: validated, refused with a sentence
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
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar, cast

NAME = "outpatient_clinic"
TITLE = "Outpatient clinic desk"
VERSION = "b2f1fb286b60"
INSTRUCTIONS = """\
You work at the desk of an outpatient clinic. The book in front of you covers one working week, so an appointment has a day from Monday to Friday and no date. A visit runs from booking through check-in to the practitioner's findings, and is paid for afterwards; insured patients pay the co-payment, all others the full fee. Amounts are in dollars. A child is a patient under 18. Some policies are not enforced by the tools; keep to them, and hand over to the practice manager what they do not let you do.

Rules that always hold:
- A practitioner never has more appointments on a day than places; cancelled appointments do not count.
- A patient has at most one booked or ongoing appointment with the same practitioner.
- Every appointment with a specialist rests on an approved referral of that patient to that specialty.
- A referral is good for one appointment; if that is cancelled, it can be used again.
- Nobody pays more than the fee of a visit, and only completed visits are charged.
- An issued prescription lists at least one medicine and belongs to a completed visit of the same patient.
- A prescription lists a medicine only once.

Policies that the tools do not enforce; keep to them:
- Before an appointment is booked for a child, a guardian must be on record for that child.
- Do not issue a controlled medicine to a patient who was issued the same medicine within the last 28 days, on whatever prescription.
- An appointment may be moved to another day once; a second move is for the practice manager to decide.
- Take at most 50 dollars in cash for one appointment, all payments for it together.

When you are done, say so; to a question, give the value that was asked for and no other. When a request cannot or must not be met, change nothing and say plainly that you cannot do it, or hand it over with hand_over_to_manager.
"""

State = dict[str, Any]
Schema = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


# Rows: what the tables hold.


class Patient(TypedDict):
    """A person treated at the clinic."""

    patient_id: str
    first_name: str
    last_name: str
    date_of_birth: str
    guardian: str | None
    phone: str
    coverage: str
    allergies: list[str]


class Practitioner(TypedDict):
    """A doctor who sees patients."""

    practitioner_id: str
    first_name: str
    last_name: str
    specialty: str
    room: int
    fee: float
    copayment: float
    places: dict[str, int]


class Medicine(TypedDict):
    """A medicine of the clinic's list."""

    medicine_name: str
    drug_group: str
    controlled: bool


class Referral(TypedDict):
    """A general practitioner's request that a specialist sees a patient."""

    referral_id: str
    patient_id: str
    referrer_id: str
    specialty: str
    reason: str
    status: str
    note: str | None
    requested_at: str


class Appointment(TypedDict):
    """A patient's place in the book of a practitioner, and later the visit itself."""

    appointment_id: str
    patient_id: str
    practitioner_id: str
    day: str
    reason: str
    referral_id: str | None
    status: str
    moves: int
    findings: str | None
    fee: float
    paid: float
    paid_in_cash: float
    last_paid_by: str | None
    booked_at: str


class Prescription(TypedDict):
    """Medicines that a patient gets after a visit."""

    prescription_id: str
    patient_id: str
    appointment_id: str
    status: str
    issued_on: str | None
    started_at: str


class PrescriptionEntry(TypedDict):
    """One medicine of a prescription."""

    prescription_id: str
    medicine_name: str
    dosage: str
    duration: int


class PatientChanges(TypedDict, total=False):
    patient_id: str
    first_name: str
    last_name: str
    date_of_birth: str
    guardian: str | None
    phone: str
    coverage: str
    allergies: list[str]


class ReferralChanges(TypedDict, total=False):
    referral_id: str
    patient_id: str
    referrer_id: str
    specialty: str
    reason: str
    status: str
    note: str | None
    requested_at: str


class AppointmentChanges(TypedDict, total=False):
    appointment_id: str
    patient_id: str
    practitioner_id: str
    day: str
    reason: str
    referral_id: str | None
    status: str
    moves: int
    findings: str | None
    fee: float
    paid: float
    paid_in_cash: float
    last_paid_by: str | None
    booked_at: str


class PrescriptionChanges(TypedDict, total=False):
    prescription_id: str
    patient_id: str
    appointment_id: str
    status: str
    issued_on: str | None
    started_at: str


# Results: what agents see.


class PatientView(Patient):
    full_name: str
    is_minor: bool
    balance: float


class ReferralView(Referral):
    is_used: bool


class AppointmentView(Appointment):
    owed: float


class PrescriptionView(Prescription):
    valid_until: str | None
    entries: list[PrescriptionEntry]


class PractitionerView(Practitioner):
    full_name: str
    needs_referral: bool


class MedicinesResult(TypedDict):
    medicines: list[Medicine]
    total: int


class ReferralsResult(TypedDict):
    referrals: list[ReferralView]
    total: int


class AppointmentsResult(TypedDict):
    appointments: list[AppointmentView]
    total: int


class PrescriptionsResult(TypedDict):
    prescriptions: list[PrescriptionView]
    total: int


class PatientsResult(TypedDict):
    patients: list[PatientView]
    total: int


class PractitionersResult(TypedDict):
    practitioners: list[PractitionerView]
    total: int


class GetFreePlacesResult(TypedDict):
    places: int
    taken: int
    free: int


class HandOverToManagerResult(TypedDict):
    message: str


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
    """Outpatient clinic desk. One public method a tool; `call` is the door for agents."""

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
        for practitioner_row in self.practitioners.values():
            practitioner_row["fee"] = float(practitioner_row["fee"])
            practitioner_row["copayment"] = float(practitioner_row["copayment"])
        for appointment_row in self.appointments.values():
            appointment_row["fee"] = float(appointment_row["fee"])
            appointment_row["paid"] = float(appointment_row["paid"])
            appointment_row["paid_in_cash"] = float(appointment_row["paid_in_cash"])

    def _open(self, clock: str, counters: dict[str, int], tables: dict[str, Any]) -> None:
        self.clock = clock
        self.counters = counters
        self.patients: dict[str, Patient] = tables["patients"]
        self.practitioners: dict[str, Practitioner] = tables["practitioners"]
        self.medicines: dict[str, Medicine] = tables["medicines"]
        self.referrals: dict[str, Referral] = tables["referrals"]
        self.appointments: dict[str, Appointment] = tables["appointments"]
        self.prescriptions: dict[str, Prescription] = tables["prescriptions"]
        self.prescription_entries: dict[str, PrescriptionEntry] = tables["prescription_entries"]
        self._undo: list[Callable[[], object]] = []
        self._tools: dict[str, Callable[..., Any]] = {
            "get_patient": self.get_patient,
            "list_medicines": self.list_medicines,
            "list_referrals_of_patient": self.list_referrals_of_patient,
            "list_appointments_of_patient": self.list_appointments_of_patient,
            "list_prescriptions_of_patient": self.list_prescriptions_of_patient,
            "search_patients": self.search_patients,
            "find_practitioners": self.find_practitioners,
            "get_free_places": self.get_free_places,
            "get_day_list": self.get_day_list,
            "list_unpaid_appointments": self.list_unpaid_appointments,
            "record_guardian": self.record_guardian,
            "record_allergy": self.record_allergy,
            "request_referral": self.request_referral,
            "approve_referral": self.approve_referral,
            "reject_referral": self.reject_referral,
            "book_appointment": self.book_appointment,
            "reschedule_appointment": self.reschedule_appointment,
            "cancel_appointment": self.cancel_appointment,
            "check_in_patient": self.check_in_patient,
            "record_visit": self.record_visit,
            "take_payment": self.take_payment,
            "start_prescription": self.start_prescription,
            "add_medicine": self.add_medicine,
            "remove_medicine": self.remove_medicine,
            "issue_prescription": self.issue_prescription,
            "hand_over_to_manager": self.hand_over_to_manager,
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
            "patients": self.patients,
            "practitioners": self.practitioners,
            "medicines": self.medicines,
            "referrals": self.referrals,
            "appointments": self.appointments,
            "prescriptions": self.prescriptions,
            "prescription_entries": self.prescription_entries,
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
                True, self._tools[name](**{key: value for key, value in given.items() if value is not None})
            )
        except Refused as refused:
            return _refusal(refused.code, refused.message, refused.origin)
        except (OverflowError, InvalidOperation):
            return _refusal("invalid_value", "These numbers are too large to calculate with.", "arithmetic")

    # Tools that change nothing.

    def get_patient(self, patient_id: str) -> PatientView:
        """Get everything known about a patient."""
        return self._show_patient(self._find_patient(patient_id))

    def list_medicines(self, limit: int | None = None, offset: int = 0) -> MedicinesResult:
        """List all medicines."""
        found = list(self.medicines.values())
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"medicines": [self._show_medicine(medicine) for medicine in page], "total": len(found)}

    def list_referrals_of_patient(
        self, patient_id: str, limit: int | None = None, offset: int = 0
    ) -> ReferralsResult:
        """List the referrals of a patient, ordered by requested at, the earliest first."""
        self._find_patient(patient_id)
        found = [referral for referral in self.referrals.values() if referral["patient_id"] == patient_id]
        found.sort(key=lambda referral: referral["requested_at"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {"referrals": [self._show_referral(referral) for referral in page], "total": len(found)}

    def list_appointments_of_patient(
        self, patient_id: str, limit: int | None = None, offset: int = 0
    ) -> AppointmentsResult:
        """List the appointments of a patient, ordered by booked at, the earliest first."""
        self._find_patient(patient_id)
        found = [
            appointment
            for appointment in self.appointments.values()
            if appointment["patient_id"] == patient_id
        ]
        found.sort(key=lambda appointment: appointment["booked_at"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {
            "appointments": [self._show_appointment(appointment) for appointment in page],
            "total": len(found),
        }

    def list_prescriptions_of_patient(
        self, patient_id: str, limit: int | None = None, offset: int = 0
    ) -> PrescriptionsResult:
        """List the prescriptions of a patient, ordered by started at, the earliest first."""
        self._find_patient(patient_id)
        found = [
            prescription
            for prescription in self.prescriptions.values()
            if prescription["patient_id"] == patient_id
        ]
        found.sort(key=lambda prescription: prescription["started_at"])
        page = found[offset:] if limit is None else found[offset : offset + limit]
        return {
            "prescriptions": [self._show_prescription(prescription) for prescription in page],
            "total": len(found),
        }

    def search_patients(self, name: str) -> PatientsResult:
        """Find patients by their name or a part of it."""
        found = [
            p for p in self.patients.values() if name.strip().lower() in self._patient_full_name(p).lower()
        ]
        return {"patients": [self._show_patient(x) for x in found], "total": len(found)}

    def find_practitioners(self, specialty: str | None = None, day: str | None = None) -> PractitionersResult:
        """List practitioners, all of them or those of a specialty or with a free place on a day."""
        found = [
            p
            for p in self.practitioners.values()
            if (specialty is None or p["specialty"] == specialty) and (day is None or self._free(p, day) > 0)
        ]
        return {"practitioners": [self._show_practitioner(x) for x in found], "total": len(found)}

    def get_free_places(self, practitioner_id: str, day: str) -> GetFreePlacesResult:
        """Say how many places a practitioner has on a day and how many of them are free."""
        practitioner = self._find_practitioner(practitioner_id)
        return {
            "places": entry(practitioner["places"], day),
            "taken": self._taken(practitioner, day),
            "free": self._free(practitioner, day),
        }

    def get_day_list(self, practitioner_id: str, day: str) -> AppointmentsResult:
        """List the appointments of a practitioner on a day, without the cancelled ones."""
        practitioner = self._find_practitioner(practitioner_id)
        found = [
            a
            for a in self.appointments.values()
            if a["practitioner_id"] == practitioner["practitioner_id"]
            and a["day"] == day
            and a["status"] != "cancelled"
        ]
        return {"appointments": [self._show_appointment(x) for x in found], "total": len(found)}

    def list_unpaid_appointments(self) -> AppointmentsResult:
        """List all appointments for which something is still owed."""
        found = [a for a in self.appointments.values() if self._appointment_owed(a) > 0]
        return {"appointments": [self._show_appointment(x) for x in found], "total": len(found)}

    def hand_over_to_manager(self, summary: str) -> HandOverToManagerResult:
        """Hand a request that you may not or cannot fulfil over to the practice manager."""
        return {"message": "The practice manager takes over."}

    # Tools that change the state.

    @command
    def record_guardian(self, patient_id: str, guardian: str) -> PatientView:
        """Put a guardian on record for a child; a guardian recorded earlier is replaced."""
        patient = self._find_patient(patient_id)
        if not self._patient_is_minor(patient):
            raise Refused(
                "refused",
                f"{self._patient_full_name(patient)} is of age and needs no guardian.",
                "record_guardian.requires[0]",
            )
        self._update_patient(patient, {"guardian": guardian})
        return self._show_patient(patient)

    @command
    def record_allergy(self, patient_id: str, allergen: str) -> PatientView:
        """Record that a patient does not tolerate a group of medicines; this cannot be undone at the desk."""
        patient = self._find_patient(patient_id)
        if allergen in patient["allergies"]:
            raise Refused(
                "refused",
                f"It is already on record that {self._patient_full_name(patient)} is allergic to {allergen}.",
                "record_allergy.requires[0]",
            )
        self._update_patient(patient, {"allergies": patient["allergies"] + [allergen]})
        return self._show_patient(patient)

    @command
    def request_referral(
        self, patient_id: str, referrer_id: str, specialty: str, reason: str
    ) -> ReferralView:
        """Have a general practitioner ask for a patient to be seen by a specialist; it must still be approved."""
        patient = self._find_patient(patient_id)
        referrer = self._find_practitioner(referrer_id)
        if specialty == "general medicine":
            raise Refused(
                "refused",
                "General medicine is open to everybody without a referral.",
                "request_referral.requires[0]",
            )
        if referrer["specialty"] != "general medicine":
            raise Refused(
                "refused",
                f"{self._practitioner_full_name(referrer)} works in {referrer['specialty']}; only practitioners of general medicine refer patients.",
                "request_referral.requires[1]",
            )
        if any(
            r["patient_id"] == patient["patient_id"]
            and r["specialty"] == specialty
            and (r["status"] == "requested" or r["status"] == "approved" and not self._referral_is_used(r))
            for r in self.referrals.values()
        ):
            raise Refused(
                "refused",
                f"{self._patient_full_name(patient)} already has a referral to {specialty} that is not used yet.",
                "request_referral.requires[2]",
            )
        referral = self._create_referral(
            {
                "referral_id": self._next_referral_id(),
                "patient_id": patient["patient_id"],
                "referrer_id": referrer["practitioner_id"],
                "specialty": specialty,
                "reason": reason,
                "status": "requested",
                "note": None,
                "requested_at": self.clock,
            }
        )
        return self._show_referral(referral)

    @command
    def approve_referral(self, referral_id: str) -> ReferralView:
        """Approve a requested referral, so that an appointment can be booked on it."""
        referral = self._find_referral(referral_id)
        self._update_referral(referral, {"status": "approved"})
        return self._show_referral(referral)

    @command
    def reject_referral(self, referral_id: str, note: str) -> ReferralView:
        """Reject a requested referral for good; a new one may be requested."""
        referral = self._find_referral(referral_id)
        self._update_referral(referral, {"note": note, "status": "rejected"})
        return self._show_referral(referral)

    @command
    def book_appointment(
        self, patient_id: str, practitioner_id: str, day: str, reason: str
    ) -> AppointmentView:
        """Book a patient in with a practitioner. For a specialist, the patient's approved and unused referral to that specialty is used. Patients who owe something pay first."""
        patient = self._find_patient(patient_id)
        practitioner = self._find_practitioner(practitioner_id)
        if self._patient_balance(patient) != 0:
            raise Refused(
                "refused",
                f"{self._patient_full_name(patient)} still owes {self._patient_balance(patient):.2f} dollars, which must be paid before a new appointment is booked.",
                "book_appointment.requires[0]",
            )

        def clearance_now() -> Referral | None:
            return first(
                r
                for r in self.referrals.values()
                if r["patient_id"] == patient["patient_id"]
                and r["specialty"] == practitioner["specialty"]
                and r["status"] == "approved"
                and not self._referral_is_used(r)
            )

        if not (not self._practitioner_needs_referral(practitioner) or clearance_now() is not None):
            raise Refused(
                "refused",
                f"{self._patient_full_name(patient)} has no approved, unused referral to {practitioner['specialty']}.",
                "book_appointment.requires[1]",
            )
        if any(
            a["patient_id"] == patient["patient_id"]
            and a["practitioner_id"] == practitioner["practitioner_id"]
            and self._is_open(a)
            for a in self.appointments.values()
        ):
            raise Refused(
                "refused",
                f"{self._patient_full_name(patient)} already has an open appointment with {self._practitioner_full_name(practitioner)}.",
                "book_appointment.requires[2]",
            )
        self._require_has_place(practitioner, day)
        clearance: Referral | None = first(
            r
            for r in self.referrals.values()
            if r["patient_id"] == patient["patient_id"]
            and r["specialty"] == practitioner["specialty"]
            and r["status"] == "approved"
            and not self._referral_is_used(r)
        )
        appointment = self._create_appointment(
            {
                "appointment_id": self._next_appointment_id(),
                "patient_id": patient["patient_id"],
                "practitioner_id": practitioner["practitioner_id"],
                "day": day,
                "reason": reason,
                "referral_id": clearance["referral_id"] if clearance is not None else None,
                "status": "booked",
                "moves": 0,
                "findings": None,
                "fee": 0,
                "paid": 0,
                "paid_in_cash": 0,
                "last_paid_by": None,
                "booked_at": self.clock,
            }
        )
        return self._show_appointment(appointment)

    @command
    def reschedule_appointment(self, appointment_id: str, day: str) -> AppointmentView:
        """Move a booked appointment to another day with the same practitioner."""
        appointment = self._find_appointment(appointment_id)
        if appointment["status"] != "booked":
            raise Refused(
                "refused",
                f"Appointment {appointment['appointment_id']} is {appointment['status']}; only booked appointments can be moved.",
                "reschedule_appointment.requires[0]",
            )
        if day == appointment["day"]:
            raise Refused(
                "refused",
                f"Appointment {appointment['appointment_id']} is on {day} already.",
                "reschedule_appointment.requires[1]",
            )
        self._require_has_place(self.practitioners[appointment["practitioner_id"]], day)
        self._update_appointment(appointment, {"day": day, "moves": appointment["moves"] + 1})
        return self._show_appointment(appointment)

    @command
    def cancel_appointment(self, appointment_id: str) -> AppointmentView:
        """Cancel a booked appointment; its place and its referral are free again."""
        appointment = self._find_appointment(appointment_id)
        self._update_appointment(appointment, {"status": "cancelled"})
        return self._show_appointment(appointment)

    @command
    def check_in_patient(self, appointment_id: str) -> AppointmentView:
        """Record that the patient of a booked appointment has arrived."""
        appointment = self._find_appointment(appointment_id)
        self._update_appointment(appointment, {"status": "ongoing"})
        return self._show_appointment(appointment)

    @command
    def record_visit(self, appointment_id: str, findings: str) -> AppointmentView:
        """Close an ongoing visit with the practitioner's findings and charge the patient for it."""
        appointment = self._find_appointment(appointment_id)
        if appointment["status"] == "booked":
            raise Refused(
                "refused",
                f"{self._patient_full_name(self.patients[appointment['patient_id']])} has not been checked in for appointment {appointment['appointment_id']}.",
                "record_visit.requires[0]",
            )
        if appointment["status"] != "ongoing":
            raise Refused(
                "refused",
                f"Appointment {appointment['appointment_id']} is already {appointment['status']}.",
                "record_visit.requires[1]",
            )
        self._update_appointment(
            appointment,
            {
                "findings": findings,
                "status": "completed",
                "fee": self.practitioners[appointment["practitioner_id"]]["copayment"]
                if self.patients[appointment["patient_id"]]["coverage"] == "insured"
                else self.practitioners[appointment["practitioner_id"]]["fee"],
            },
        )
        return self._show_appointment(appointment)

    @command
    def take_payment(self, appointment_id: str, method: str, amount: float | None = None) -> AppointmentView:
        """Take a payment for a completed visit, in full or in part."""
        appointment = self._find_appointment(appointment_id)
        if not self._appointment_owed(appointment) > 0:
            raise Refused(
                "refused",
                f"Nothing is owed for appointment {appointment['appointment_id']}.",
                "take_payment.requires[0]",
            )
        received: float = amount if amount is not None else self._appointment_owed(appointment)
        if not cents(received) <= self._appointment_owed(appointment):
            raise Refused(
                "refused",
                f"Only {self._appointment_owed(appointment):.2f} dollars are owed for appointment {appointment['appointment_id']}.",
                "take_payment.requires[1]",
            )
        self._update_appointment(
            appointment, {"paid": appointment["paid"] + received, "last_paid_by": method}
        )
        if method == "cash":
            self._update_appointment(appointment, {"paid_in_cash": appointment["paid_in_cash"] + received})
        return self._show_appointment(appointment)

    @command
    def start_prescription(self, appointment_id: str) -> PrescriptionView:
        """Start a prescription for a visit, with no medicine on it yet."""
        appointment = self._find_appointment(appointment_id)
        if not (appointment["status"] == "ongoing" or appointment["status"] == "completed"):
            raise Refused(
                "refused",
                f"Appointment {appointment['appointment_id']} is {appointment['status']}; a prescription can be started once the patient has been checked in.",
                "start_prescription.requires[0]",
            )
        if any(
            p["appointment_id"] == appointment["appointment_id"] and p["status"] == "draft"
            for p in self.prescriptions.values()
        ):
            raise Refused(
                "refused",
                f"Appointment {appointment['appointment_id']} already has a prescription that is not issued yet.",
                "start_prescription.requires[1]",
            )
        prescription = self._create_prescription(
            {
                "prescription_id": self._next_prescription_id(),
                "patient_id": appointment["patient_id"],
                "appointment_id": appointment["appointment_id"],
                "status": "draft",
                "issued_on": None,
                "started_at": self.clock,
            }
        )
        return self._show_prescription(prescription)

    @command
    def add_medicine(
        self, prescription_id: str, medicine_name: str, dosage: str, duration: int
    ) -> PrescriptionView:
        """Put a medicine on a prescription that is not issued yet."""
        prescription = self._find_prescription(prescription_id)
        medicine = self._find_medicine(medicine_name)
        self._require_still_draft(prescription)
        if medicine["drug_group"] in self.patients[prescription["patient_id"]]["allergies"]:
            raise Refused(
                "refused",
                f"{self._patient_full_name(self.patients[prescription['patient_id']])} is allergic to {medicine['drug_group']}, and {medicine['medicine_name']} is one of them.",
                "add_medicine.requires[1]",
            )
        if any(
            e["medicine_name"] == medicine["medicine_name"] for e in self._prescription_entries(prescription)
        ):
            raise Refused(
                "refused",
                f"Prescription {prescription['prescription_id']} lists {medicine['medicine_name']} already.",
                "add_medicine.requires[2]",
            )
        self._create_prescription_entry(
            {
                "prescription_id": prescription["prescription_id"],
                "medicine_name": medicine["medicine_name"],
                "dosage": dosage,
                "duration": duration,
            }
        )
        return self._show_prescription(prescription)

    @command
    def remove_medicine(self, prescription_id: str, medicine_name: str) -> PrescriptionView:
        """Take a medicine off a prescription that is not issued yet."""
        prescription = self._find_prescription(prescription_id)
        medicine = self._find_medicine(medicine_name)
        self._require_still_draft(prescription)
        if not any(
            e["medicine_name"] == medicine["medicine_name"] for e in self._prescription_entries(prescription)
        ):
            raise Refused(
                "refused",
                f"Prescription {prescription['prescription_id']} does not list {medicine['medicine_name']}.",
                "remove_medicine.requires[1]",
            )
        for e in [
            e
            for e in self._prescription_entries(prescription)
            if e["medicine_name"] == medicine["medicine_name"]
        ]:
            self._delete_prescription_entry(e)
        return self._show_prescription(prescription)

    @command
    def issue_prescription(self, prescription_id: str) -> PrescriptionView:
        """Issue a prescription once the visit is completed; it cannot be changed afterwards."""
        prescription = self._find_prescription(prescription_id)
        self._require_still_draft(prescription)
        if not len(self._prescription_entries(prescription)) > 0:
            raise Refused(
                "refused",
                f"Prescription {prescription['prescription_id']} lists no medicine yet.",
                "issue_prescription.requires[1]",
            )
        for e in self._prescription_entries(prescription):
            if (
                self.medicines[e["medicine_name"]]["drug_group"]
                in self.patients[prescription["patient_id"]]["allergies"]
            ):
                raise Refused(
                    "refused",
                    f"{self._patient_full_name(self.patients[prescription['patient_id']])} is allergic to {self.medicines[e['medicine_name']]['drug_group']}; {e['medicine_name']} must be taken off the prescription first.",
                    "issue_prescription.requires[2]",
                )
        if self.appointments[prescription["appointment_id"]]["status"] != "completed":
            raise Refused(
                "refused",
                f"The visit of {self._patient_full_name(self.patients[prescription['patient_id']])} (appointment {prescription['appointment_id']}) has not been recorded yet.",
                "issue_prescription.requires[3]",
            )
        self._update_prescription(prescription, {"status": "issued", "issued_on": self.clock[:10]})
        return self._show_prescription(prescription)

    # What must hold before a command does anything.

    def _require_has_place(self, practitioner: Practitioner, day: str) -> None:
        if not entry(practitioner["places"], day) > 0:
            raise Refused(
                "refused",
                f"{self._practitioner_full_name(practitioner)} does not see patients on {day}.",
                "has_place[0]",
            )
        if not self._free(practitioner, day) > 0:
            raise Refused(
                "refused",
                f"{self._practitioner_full_name(practitioner)} has no free place on {day}.",
                "has_place[1]",
            )

    def _require_still_draft(self, prescription: Prescription) -> None:
        if prescription["status"] != "draft":
            raise Refused(
                "refused",
                f"Prescription {prescription['prescription_id']} has been issued and can no longer be changed.",
                "still_draft",
            )

    # Definitions and derived fields.

    def _free(self, practitioner: Practitioner, day: str) -> int:
        return entry(practitioner["places"], day) - self._taken(practitioner, day)

    def _taken(self, practitioner: Practitioner, day: str) -> int:
        return sum(
            1
            for a in self.appointments.values()
            if a["practitioner_id"] == practitioner["practitioner_id"]
            and a["day"] == day
            and a["status"] != "cancelled"
        )

    def _is_open(self, a: Appointment) -> bool:
        return a["status"] == "booked" or a["status"] == "ongoing"

    def _patient_full_name(self, patient: Patient) -> str:
        return patient["first_name"] + " " + patient["last_name"]

    def _patient_is_minor(self, patient: Patient) -> bool:
        """Whether the patient is a child, that is, under 18."""
        return shift(patient["date_of_birth"], duration_days(6575)) > self.clock[:10]

    def _patient_balance(self, patient: Patient) -> float:
        """What the patient owes for all appointments together."""
        return cents(
            sum(
                self._appointment_owed(a)
                for a in self.appointments.values()
                if a["patient_id"] == patient["patient_id"]
            )
        )

    def _practitioner_full_name(self, practitioner: Practitioner) -> str:
        return "Dr " + practitioner["first_name"] + " " + practitioner["last_name"]

    def _practitioner_needs_referral(self, practitioner: Practitioner) -> bool:
        """Whether patients need an approved referral to be seen."""
        return practitioner["specialty"] != "general medicine"

    def _referral_is_used(self, referral: Referral) -> bool:
        """Whether an appointment that is not cancelled was booked on it; a referral is good for one."""
        return any(
            a["referral_id"] is not None
            and a["referral_id"] == referral["referral_id"]
            and a["status"] != "cancelled"
            for a in self.appointments.values()
        )

    def _appointment_owed(self, appointment: Appointment) -> float:
        """What is still to be paid."""
        return cents(appointment["fee"] - appointment["paid"])

    def _prescription_valid_until(self, prescription: Prescription) -> str | None:
        """Last day on which a pharmacy accepts it."""
        return (
            shift(prescription["issued_on"], duration_days(30))
            if prescription["issued_on"] is not None
            else None
        )

    # Rows: finding, showing, writing.

    def _find_patient(self, patient_id: str) -> Patient:
        row = self.patients.get(patient_id)
        if row is None:
            raise Refused("not_found", f"There is no patient '{patient_id}'.", "patient")
        return row

    def _show_patient(self, patient: Patient) -> PatientView:
        return {
            **patient,
            "allergies": list(patient["allergies"]),
            "full_name": self._patient_full_name(patient),
            "is_minor": self._patient_is_minor(patient),
            "balance": self._patient_balance(patient),
        }

    def _update_patient(self, patient: Patient, changes: PatientChanges) -> None:
        row = patient.copy()
        row.update(changes)
        self._check_patient(row)
        before = patient.copy()
        self._undo.append(lambda: patient.update(before))
        patient.update(row)

    def _check_patient(self, row: Patient) -> None:
        row["allergies"] = unique(row["allergies"])

    def _find_practitioner(self, practitioner_id: str) -> Practitioner:
        row = self.practitioners.get(practitioner_id)
        if row is None:
            raise Refused("not_found", f"There is no practitioner '{practitioner_id}'.", "practitioner")
        return row

    def _show_practitioner(self, practitioner: Practitioner) -> PractitionerView:
        return {
            **practitioner,
            "places": copy.deepcopy(practitioner["places"]),
            "full_name": self._practitioner_full_name(practitioner),
            "needs_referral": self._practitioner_needs_referral(practitioner),
        }

    def _find_medicine(self, medicine_name: str) -> Medicine:
        row = self.medicines.get(medicine_name)
        if row is None:
            raise Refused("not_found", f"There is no medicine '{medicine_name}'.", "medicine")
        return row

    def _show_medicine(self, medicine: Medicine) -> Medicine:
        return medicine.copy()

    def _find_referral(self, referral_id: str) -> Referral:
        row = self.referrals.get(referral_id)
        if row is None:
            raise Refused("not_found", f"There is no referral '{referral_id}'.", "referral")
        return row

    def _show_referral(self, referral: Referral) -> ReferralView:
        return {**referral, "is_used": self._referral_is_used(referral)}

    def _next_referral_id(self) -> str:
        return self._next_id("referral", self.referrals, "RF-{:03}")

    def _create_referral(self, row: Referral) -> Referral:
        self._check_referral(row)
        key = row["referral_id"]
        self._insert(self.referrals, key, row)
        return row

    def _update_referral(self, referral: Referral, changes: ReferralChanges) -> None:
        if "status" in changes:
            move(
                "the status of the referral",
                referral["status"],
                changes["status"],
                {"requested": ["approved", "rejected"], "approved": [], "rejected": []},
            )
        row = referral.copy()
        row.update(changes)
        self._check_referral(row)
        before = referral.copy()
        self._undo.append(lambda: referral.update(before))
        referral.update(row)

    def _check_referral(self, row: Referral) -> None:
        if not row["reason"].strip():
            raise Refused("invalid_value", "The reason of a referral must not be blank.", "referral.reason")
        if (row["note"] is not None) != (row["status"] == "rejected"):
            raise Refused(
                "invalid_value",
                "The note of a referral is given for status rejected, and only then.",
                "referral.note",
            )

    def _find_appointment(self, appointment_id: str) -> Appointment:
        row = self.appointments.get(appointment_id)
        if row is None:
            raise Refused("not_found", f"There is no appointment '{appointment_id}'.", "appointment")
        return row

    def _show_appointment(self, appointment: Appointment) -> AppointmentView:
        return {**appointment, "owed": self._appointment_owed(appointment)}

    def _next_appointment_id(self) -> str:
        return self._next_id("appointment", self.appointments, "AP-{:04}")

    def _create_appointment(self, row: Appointment) -> Appointment:
        self._check_appointment(row)
        key = row["appointment_id"]
        self._insert(self.appointments, key, row)
        return row

    def _update_appointment(self, appointment: Appointment, changes: AppointmentChanges) -> None:
        if "status" in changes:
            move(
                "the status of the appointment",
                appointment["status"],
                changes["status"],
                {
                    "booked": ["ongoing", "cancelled"],
                    "ongoing": ["completed"],
                    "completed": [],
                    "cancelled": [],
                },
            )
        row = appointment.copy()
        row.update(changes)
        self._check_appointment(row)
        before = appointment.copy()
        self._undo.append(lambda: appointment.update(before))
        appointment.update(row)

    def _check_appointment(self, row: Appointment) -> None:
        if not row["reason"].strip():
            raise Refused(
                "invalid_value", "The reason of an appointment must not be blank.", "appointment.reason"
            )
        if row["moves"] < 0:
            raise Refused(
                "invalid_value",
                f"The moves of an appointment must be at least 0, not {row['moves']}.",
                "appointment.moves",
            )
        if (row["findings"] is not None) != (row["status"] == "completed"):
            raise Refused(
                "invalid_value",
                "The findings of an appointment is given for status completed, and only then.",
                "appointment.findings",
            )
        row["fee"] = cents(row["fee"])
        if row["fee"] < 0.0:
            raise Refused(
                "invalid_value",
                f"The fee of an appointment must be at least 0, not {row['fee']}.",
                "appointment.fee",
            )
        row["paid"] = cents(row["paid"])
        if row["paid"] < 0.0:
            raise Refused(
                "invalid_value",
                f"The paid of an appointment must be at least 0, not {row['paid']}.",
                "appointment.paid",
            )
        row["paid_in_cash"] = cents(row["paid_in_cash"])
        if row["paid_in_cash"] < 0.0:
            raise Refused(
                "invalid_value",
                f"The paid in cash of an appointment must be at least 0, not {row['paid_in_cash']}.",
                "appointment.paid_in_cash",
            )

    def _find_prescription(self, prescription_id: str) -> Prescription:
        row = self.prescriptions.get(prescription_id)
        if row is None:
            raise Refused("not_found", f"There is no prescription '{prescription_id}'.", "prescription")
        return row

    def _show_prescription(self, prescription: Prescription) -> PrescriptionView:
        return {
            **prescription,
            "valid_until": self._prescription_valid_until(prescription),
            "entries": [self._show_prescription_entry(x) for x in self._prescription_entries(prescription)],
        }

    def _prescription_entries(self, prescription: Prescription) -> list[PrescriptionEntry]:
        key = prescription["prescription_id"]
        return [x for x in self.prescription_entries.values() if x["prescription_id"] == key]

    def _next_prescription_id(self) -> str:
        return self._next_id("prescription", self.prescriptions, "RX-{:04}")

    def _create_prescription(self, row: Prescription) -> Prescription:
        self._check_prescription(row)
        key = row["prescription_id"]
        self._insert(self.prescriptions, key, row)
        return row

    def _update_prescription(self, prescription: Prescription, changes: PrescriptionChanges) -> None:
        if "status" in changes:
            move(
                "the status of the prescription",
                prescription["status"],
                changes["status"],
                {"draft": ["issued"], "issued": []},
            )
        row = prescription.copy()
        row.update(changes)
        self._check_prescription(row)
        before = prescription.copy()
        self._undo.append(lambda: prescription.update(before))
        prescription.update(row)

    def _check_prescription(self, row: Prescription) -> None:
        if (row["issued_on"] is not None) != (row["status"] == "issued"):
            raise Refused(
                "invalid_value",
                "The issued on of a prescription is given for status issued, and only then.",
                "prescription.issued_on",
            )

    def _show_prescription_entry(self, prescription_entry: PrescriptionEntry) -> PrescriptionEntry:
        return prescription_entry.copy()

    def _create_prescription_entry(self, row: PrescriptionEntry) -> PrescriptionEntry:
        self._check_prescription_entry(row)
        key = self._next_id("prescription_entry", self.prescription_entries, "#{}")
        self._insert(self.prescription_entries, key, row)
        return row

    def _delete_prescription_entry(self, prescription_entry: PrescriptionEntry) -> None:
        key = next((key for key, row in self.prescription_entries.items() if row is prescription_entry), None)
        if key is None:
            return  # gone already, with what owned it
        self._remove(self.prescription_entries, key)

    def _check_prescription_entry(self, row: PrescriptionEntry) -> None:
        if not row["dosage"].strip():
            raise Refused(
                "invalid_value",
                "The dosage of a prescription entry must not be blank.",
                "prescription_entry.dosage",
            )
        if not 1 <= row["duration"] <= 90:
            raise Refused(
                "invalid_value",
                f"The duration of a prescription entry must be between 1 and 90, not {row['duration']}.",
                "prescription_entry.duration",
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


def first(items: Iterable[T]) -> T | None:
    return next(iter(items), None)


def entry(values: dict[str, T], key: str) -> T:
    """A value of a map that must be there."""
    if key not in values:
        raise Refused("not_found", f"There is nothing for '{key}'.")
    return values[key]


def unique(items: Iterable[T]) -> list[T]:
    """Without repetitions, in the order of first appearance."""
    found: list[T] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def shift(moment: str, by: timedelta) -> str:
    """A date or datetime, moved."""
    try:
        if len(moment) == 10:
            return (date.fromisoformat(moment) + by).isoformat()
        return (datetime.fromisoformat(moment) + by).isoformat(timespec="seconds")
    except OverflowError:
        raise Refused("invalid_value", "This date is out of range.") from None


def duration_days(number: int) -> timedelta:
    try:
        return timedelta(days=number)
    except OverflowError:
        raise Refused("invalid_value", "These are too many days.") from None


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


PATIENT_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "patient_id": {"type": "string", "description": "Id of the patient."},
        "first_name": {"type": "string"},
        "last_name": {"type": "string"},
        "date_of_birth": {"type": "string", "format": "date"},
        "guardian": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "Name of the person who answers for the patient.",
        },
        "phone": {"type": "string"},
        "coverage": {
            "type": "string",
            "enum": ["insured", "uninsured"],
            "description": "Whether a health insurance covers the visits, all but the co-payment.",
        },
        "allergies": {
            "type": "array",
            "items": {
                "type": "string",
                "enum": [
                    "penicillins",
                    "sulfonamides",
                    "anti-inflammatories",
                    "opioids",
                    "sedatives",
                    "statins",
                    "antihistamines",
                ],
            },
            "description": "Groups of medicines that the patient does not tolerate.",
        },
        "full_name": {"type": "string"},
        "is_minor": {"type": "boolean", "description": "Whether the patient is a child, that is, under 18."},
        "balance": {"type": "number", "description": "What the patient owes for all appointments together."},
    },
    "required": [
        "patient_id",
        "first_name",
        "last_name",
        "date_of_birth",
        "guardian",
        "phone",
        "coverage",
        "allergies",
        "full_name",
        "is_minor",
        "balance",
    ],
    "additionalProperties": False,
}
PRACTITIONER_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "practitioner_id": {"type": "string", "description": "Id of the practitioner."},
        "first_name": {"type": "string"},
        "last_name": {"type": "string"},
        "specialty": {
            "type": "string",
            "enum": ["general medicine", "cardiology", "dermatology", "orthopaedics"],
        },
        "room": {"type": "integer", "description": "Number of the consulting room."},
        "fee": {"type": "number", "description": "Price of a visit without insurance."},
        "copayment": {"type": "number", "description": "What an insured patient pays for a visit."},
        "places": {
            "type": "object",
            "properties": {
                "Monday": {"type": "integer"},
                "Tuesday": {"type": "integer"},
                "Wednesday": {"type": "integer"},
                "Thursday": {"type": "integer"},
                "Friday": {"type": "integer"},
            },
            "additionalProperties": False,
            "description": "How many patients are seen on each day; 0 when the practitioner is not in.",
        },
        "full_name": {"type": "string"},
        "needs_referral": {
            "type": "boolean",
            "description": "Whether patients need an approved referral to be seen.",
        },
    },
    "required": [
        "practitioner_id",
        "first_name",
        "last_name",
        "specialty",
        "room",
        "fee",
        "copayment",
        "places",
        "full_name",
        "needs_referral",
    ],
    "additionalProperties": False,
}
MEDICINE_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "medicine_name": {"type": "string", "description": "Name of the active substance."},
        "drug_group": {
            "type": "string",
            "enum": [
                "penicillins",
                "sulfonamides",
                "anti-inflammatories",
                "opioids",
                "sedatives",
                "statins",
                "antihistamines",
            ],
            "description": "Group that the medicine belongs to; allergies are to groups.",
        },
        "controlled": {"type": "boolean", "description": "Whether the medicine is under special control."},
    },
    "required": ["medicine_name", "drug_group", "controlled"],
    "additionalProperties": False,
}
REFERRAL_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "referral_id": {"type": "string", "description": "Id of the referral."},
        "patient_id": {"type": "string"},
        "referrer_id": {"type": "string", "description": "The general practitioner who refers the patient."},
        "specialty": {
            "type": "string",
            "enum": ["general medicine", "cardiology", "dermatology", "orthopaedics"],
            "description": "Specialty that the patient is referred to.",
        },
        "reason": {"type": "string", "description": "Medical reason."},
        "status": {"type": "string", "enum": ["requested", "approved", "rejected"]},
        "note": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "Why the referral was rejected.",
        },
        "requested_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "is_used": {
            "type": "boolean",
            "description": "Whether an appointment that is not cancelled was booked on it; a referral is good for one.",
        },
    },
    "required": [
        "referral_id",
        "patient_id",
        "referrer_id",
        "specialty",
        "reason",
        "status",
        "note",
        "requested_at",
        "is_used",
    ],
    "additionalProperties": False,
}
APPOINTMENT_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "appointment_id": {"type": "string", "description": "Id of the appointment."},
        "patient_id": {"type": "string"},
        "practitioner_id": {"type": "string"},
        "day": {
            "type": "string",
            "enum": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
            "description": "Day of the working week that the book covers.",
        },
        "reason": {"type": "string", "description": "Why the patient comes."},
        "referral_id": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "The referral that the appointment was booked on.",
        },
        "status": {
            "type": "string",
            "enum": ["booked", "ongoing", "completed", "cancelled"],
            "description": "Ongoing from check-in until the visit is recorded.",
        },
        "moves": {"type": "integer", "description": "How often the appointment was moved to another day."},
        "findings": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "What the practitioner found.",
        },
        "fee": {
            "type": "number",
            "description": "What the patient has to pay; 0 until the visit is recorded.",
        },
        "paid": {"type": "number", "description": "What has been paid so far."},
        "paid_in_cash": {"type": "number", "description": "The part of it that was paid in cash."},
        "last_paid_by": {
            "anyOf": [{"type": "string", "enum": ["card", "cash", "bank transfer"]}, {"type": "null"}],
            "description": "How the latest payment was made.",
        },
        "booked_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "owed": {"type": "number", "description": "What is still to be paid."},
    },
    "required": [
        "appointment_id",
        "patient_id",
        "practitioner_id",
        "day",
        "reason",
        "referral_id",
        "status",
        "moves",
        "findings",
        "fee",
        "paid",
        "paid_in_cash",
        "last_paid_by",
        "booked_at",
        "owed",
    ],
    "additionalProperties": False,
}
PRESCRIPTION_ENTRY_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "prescription_id": {"type": "string"},
        "medicine_name": {"type": "string"},
        "dosage": {"type": "string", "description": "How much to take and when."},
        "duration": {"type": "integer", "description": "For how many days."},
    },
    "required": ["prescription_id", "medicine_name", "dosage", "duration"],
    "additionalProperties": False,
}
PRESCRIPTION_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "prescription_id": {"type": "string", "description": "Id of the prescription."},
        "patient_id": {"type": "string"},
        "appointment_id": {"type": "string", "description": "The visit that it belongs to."},
        "status": {"type": "string", "enum": ["draft", "issued"]},
        "issued_on": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "started_at": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
        "valid_until": {
            "anyOf": [{"type": "string", "format": "date"}, {"type": "null"}],
            "description": "Last day on which a pharmacy accepts it.",
        },
        "entries": {"type": "array", "items": PRESCRIPTION_ENTRY_SCHEMA},
    },
    "required": [
        "prescription_id",
        "patient_id",
        "appointment_id",
        "status",
        "issued_on",
        "started_at",
        "valid_until",
        "entries",
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
                "patients": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "patient_id": {"type": "string", "description": "Id of the patient."},
                            "first_name": {"type": "string"},
                            "last_name": {"type": "string"},
                            "date_of_birth": {"type": "string", "format": "date"},
                            "guardian": {
                                "anyOf": [{"type": "string"}, {"type": "null"}],
                                "description": "Name of the person who answers for the patient.",
                            },
                            "phone": {"type": "string"},
                            "coverage": {
                                "type": "string",
                                "enum": ["insured", "uninsured"],
                                "description": "Whether a health insurance covers the visits, all but the co-payment.",
                            },
                            "allergies": {
                                "type": "array",
                                "items": {
                                    "type": "string",
                                    "enum": [
                                        "penicillins",
                                        "sulfonamides",
                                        "anti-inflammatories",
                                        "opioids",
                                        "sedatives",
                                        "statins",
                                        "antihistamines",
                                    ],
                                },
                                "description": "Groups of medicines that the patient does not tolerate.",
                            },
                        },
                        "required": [
                            "patient_id",
                            "first_name",
                            "last_name",
                            "date_of_birth",
                            "guardian",
                            "phone",
                            "coverage",
                            "allergies",
                        ],
                        "additionalProperties": False,
                    },
                },
                "practitioners": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "practitioner_id": {"type": "string", "description": "Id of the practitioner."},
                            "first_name": {"type": "string"},
                            "last_name": {"type": "string"},
                            "specialty": {
                                "type": "string",
                                "enum": ["general medicine", "cardiology", "dermatology", "orthopaedics"],
                            },
                            "room": {"type": "integer", "description": "Number of the consulting room."},
                            "fee": {"type": "number", "description": "Price of a visit without insurance."},
                            "copayment": {
                                "type": "number",
                                "description": "What an insured patient pays for a visit.",
                            },
                            "places": {
                                "type": "object",
                                "properties": {
                                    "Monday": {"type": "integer"},
                                    "Tuesday": {"type": "integer"},
                                    "Wednesday": {"type": "integer"},
                                    "Thursday": {"type": "integer"},
                                    "Friday": {"type": "integer"},
                                },
                                "additionalProperties": False,
                                "description": "How many patients are seen on each day; 0 when the practitioner is not in.",
                            },
                        },
                        "required": [
                            "practitioner_id",
                            "first_name",
                            "last_name",
                            "specialty",
                            "room",
                            "fee",
                            "copayment",
                            "places",
                        ],
                        "additionalProperties": False,
                    },
                },
                "medicines": {"type": "object", "additionalProperties": MEDICINE_SCHEMA},
                "referrals": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "referral_id": {"type": "string", "description": "Id of the referral."},
                            "patient_id": {"type": "string"},
                            "referrer_id": {
                                "type": "string",
                                "description": "The general practitioner who refers the patient.",
                            },
                            "specialty": {
                                "type": "string",
                                "enum": ["general medicine", "cardiology", "dermatology", "orthopaedics"],
                                "description": "Specialty that the patient is referred to.",
                            },
                            "reason": {"type": "string", "description": "Medical reason."},
                            "status": {"type": "string", "enum": ["requested", "approved", "rejected"]},
                            "note": {
                                "anyOf": [{"type": "string"}, {"type": "null"}],
                                "description": "Why the referral was rejected.",
                            },
                            "requested_at": {
                                "type": "string",
                                "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$",
                            },
                        },
                        "required": [
                            "referral_id",
                            "patient_id",
                            "referrer_id",
                            "specialty",
                            "reason",
                            "status",
                            "note",
                            "requested_at",
                        ],
                        "additionalProperties": False,
                    },
                },
                "appointments": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "appointment_id": {"type": "string", "description": "Id of the appointment."},
                            "patient_id": {"type": "string"},
                            "practitioner_id": {"type": "string"},
                            "day": {
                                "type": "string",
                                "enum": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
                                "description": "Day of the working week that the book covers.",
                            },
                            "reason": {"type": "string", "description": "Why the patient comes."},
                            "referral_id": {
                                "anyOf": [{"type": "string"}, {"type": "null"}],
                                "description": "The referral that the appointment was booked on.",
                            },
                            "status": {
                                "type": "string",
                                "enum": ["booked", "ongoing", "completed", "cancelled"],
                                "description": "Ongoing from check-in until the visit is recorded.",
                            },
                            "moves": {
                                "type": "integer",
                                "description": "How often the appointment was moved to another day.",
                            },
                            "findings": {
                                "anyOf": [{"type": "string"}, {"type": "null"}],
                                "description": "What the practitioner found.",
                            },
                            "fee": {
                                "type": "number",
                                "description": "What the patient has to pay; 0 until the visit is recorded.",
                            },
                            "paid": {"type": "number", "description": "What has been paid so far."},
                            "paid_in_cash": {
                                "type": "number",
                                "description": "The part of it that was paid in cash.",
                            },
                            "last_paid_by": {
                                "anyOf": [
                                    {"type": "string", "enum": ["card", "cash", "bank transfer"]},
                                    {"type": "null"},
                                ],
                                "description": "How the latest payment was made.",
                            },
                            "booked_at": {
                                "type": "string",
                                "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$",
                            },
                        },
                        "required": [
                            "appointment_id",
                            "patient_id",
                            "practitioner_id",
                            "day",
                            "reason",
                            "referral_id",
                            "status",
                            "moves",
                            "findings",
                            "fee",
                            "paid",
                            "paid_in_cash",
                            "last_paid_by",
                            "booked_at",
                        ],
                        "additionalProperties": False,
                    },
                },
                "prescriptions": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "prescription_id": {"type": "string", "description": "Id of the prescription."},
                            "patient_id": {"type": "string"},
                            "appointment_id": {
                                "type": "string",
                                "description": "The visit that it belongs to.",
                            },
                            "status": {"type": "string", "enum": ["draft", "issued"]},
                            "issued_on": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
                            "started_at": {
                                "type": "string",
                                "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$",
                            },
                        },
                        "required": [
                            "prescription_id",
                            "patient_id",
                            "appointment_id",
                            "status",
                            "issued_on",
                            "started_at",
                        ],
                        "additionalProperties": False,
                    },
                },
                "prescription_entries": {"type": "object", "additionalProperties": PRESCRIPTION_ENTRY_SCHEMA},
            },
            "required": [
                "patients",
                "practitioners",
                "medicines",
                "referrals",
                "appointments",
                "prescriptions",
                "prescription_entries",
            ],
            "additionalProperties": False,
        },
    },
    "required": ["clock", "counters", "tables"],
    "additionalProperties": False,
}

TOOLS: list[dict[str, Any]] = [
    {
        "name": "get_patient",
        "title": "Get patient",
        "description": "Get everything known about a patient.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "patient_id": {"type": "string", "description": "Id of the patient, such as PT-001."}
            },
            "required": ["patient_id"],
            "additionalProperties": False,
        },
        "outputSchema": PATIENT_SCHEMA,
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_medicines",
        "title": "List medicines",
        "description": "List all medicines.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("medicines", MEDICINE_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_referrals_of_patient",
        "title": "List referrals of patient",
        "description": "List the referrals of a patient, ordered by requested at, the earliest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "patient_id": {"type": "string", "description": "Id of the patient, such as PT-001."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["patient_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("referrals", REFERRAL_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_appointments_of_patient",
        "title": "List appointments of patient",
        "description": "List the appointments of a patient, ordered by booked at, the earliest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "patient_id": {"type": "string", "description": "Id of the patient, such as PT-001."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["patient_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("appointments", APPOINTMENT_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_prescriptions_of_patient",
        "title": "List prescriptions of patient",
        "description": "List the prescriptions of a patient, ordered by started at, the earliest first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "patient_id": {"type": "string", "description": "Id of the patient, such as PT-001."},
                "limit": {"type": "integer", "minimum": 1, "description": "At most so many."},
                "offset": {"type": "integer", "minimum": 0, "description": "Leave out so many first."},
            },
            "required": ["patient_id"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("prescriptions", PRESCRIPTION_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "search_patients",
        "title": "Search patients",
        "description": "Find patients by their name or a part of it.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "name": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "A name or a part of it; case does not matter. Not blank.",
                }
            },
            "required": ["name"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("patients", PATIENT_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "find_practitioners",
        "title": "Find practitioners",
        "description": "List practitioners, all of them or those of a specialty or with a free place on a day.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "specialty": {
                    "type": "string",
                    "enum": ["general medicine", "cardiology", "dermatology", "orthopaedics"],
                    "description": "Only practitioners of this specialty.",
                },
                "day": {
                    "type": "string",
                    "enum": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
                    "description": "Only practitioners with a free place on this day.",
                },
            },
            "required": [],
            "additionalProperties": False,
        },
        "outputSchema": _rows("practitioners", PRACTITIONER_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "get_free_places",
        "title": "Get free places",
        "description": "Say how many places a practitioner has on a day and how many of them are free.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "practitioner_id": {
                    "type": "string",
                    "description": "Id of the practitioner, such as DR-01.",
                },
                "day": {"type": "string", "enum": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]},
            },
            "required": ["practitioner_id", "day"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "places": {"type": "integer"},
                "taken": {"type": "integer"},
                "free": {"type": "integer"},
            },
            "required": ["places", "taken", "free"],
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
        "name": "get_day_list",
        "title": "Get day list",
        "description": "List the appointments of a practitioner on a day, without the cancelled ones.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "practitioner_id": {
                    "type": "string",
                    "description": "Id of the practitioner, such as DR-01.",
                },
                "day": {"type": "string", "enum": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]},
            },
            "required": ["practitioner_id", "day"],
            "additionalProperties": False,
        },
        "outputSchema": _rows("appointments", APPOINTMENT_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "list_unpaid_appointments",
        "title": "List unpaid appointments",
        "description": "List all appointments for which something is still owed.",
        "inputSchema": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
        "outputSchema": _rows("appointments", APPOINTMENT_SCHEMA),
        "annotations": {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "record_guardian",
        "title": "Record guardian",
        "description": "Put a guardian on record for a child; a guardian recorded earlier is replaced.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "patient_id": {"type": "string", "description": "Id of the patient, such as PT-001."},
                "guardian": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "Full name of the guardian. Not blank.",
                },
            },
            "required": ["patient_id", "guardian"],
            "additionalProperties": False,
        },
        "outputSchema": PATIENT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "record_allergy",
        "title": "Record allergy",
        "description": "Record that a patient does not tolerate a group of medicines; this cannot be undone at the desk.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "patient_id": {"type": "string", "description": "Id of the patient, such as PT-001."},
                "allergen": {
                    "type": "string",
                    "enum": [
                        "penicillins",
                        "sulfonamides",
                        "anti-inflammatories",
                        "opioids",
                        "sedatives",
                        "statins",
                        "antihistamines",
                    ],
                    "description": "The group of medicines.",
                },
            },
            "required": ["patient_id", "allergen"],
            "additionalProperties": False,
        },
        "outputSchema": PATIENT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "request_referral",
        "title": "Request referral",
        "description": "Have a general practitioner ask for a patient to be seen by a specialist; it must still be approved.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "patient_id": {"type": "string", "description": "Id of the patient, such as PT-001."},
                "referrer_id": {
                    "type": "string",
                    "description": "The general practitioner who refers the patient.",
                },
                "specialty": {
                    "type": "string",
                    "enum": ["general medicine", "cardiology", "dermatology", "orthopaedics"],
                    "description": "Specialty to refer the patient to.",
                },
                "reason": {"type": "string", "pattern": "\\S", "description": "Medical reason. Not blank."},
            },
            "required": ["patient_id", "referrer_id", "specialty", "reason"],
            "additionalProperties": False,
        },
        "outputSchema": REFERRAL_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "approve_referral",
        "title": "Approve referral",
        "description": "Approve a requested referral, so that an appointment can be booked on it.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "referral_id": {"type": "string", "description": "Id of the referral, such as RF-001."}
            },
            "required": ["referral_id"],
            "additionalProperties": False,
        },
        "outputSchema": REFERRAL_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "reject_referral",
        "title": "Reject referral",
        "description": "Reject a requested referral for good; a new one may be requested.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "referral_id": {"type": "string", "description": "Id of the referral, such as RF-001."},
                "note": {"type": "string", "pattern": "\\S", "description": "Why it is rejected. Not blank."},
            },
            "required": ["referral_id", "note"],
            "additionalProperties": False,
        },
        "outputSchema": REFERRAL_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "book_appointment",
        "title": "Book appointment",
        "description": "Book a patient in with a practitioner. For a specialist, the patient's approved and unused referral to that specialty is used. Patients who owe something pay first.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "patient_id": {"type": "string", "description": "Id of the patient, such as PT-001."},
                "practitioner_id": {
                    "type": "string",
                    "description": "Id of the practitioner, such as DR-01.",
                },
                "day": {
                    "type": "string",
                    "enum": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
                    "description": "Day of the working week that the book covers.",
                },
                "reason": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "Why the patient comes. Not blank.",
                },
            },
            "required": ["patient_id", "practitioner_id", "day", "reason"],
            "additionalProperties": False,
        },
        "outputSchema": APPOINTMENT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "reschedule_appointment",
        "title": "Reschedule appointment",
        "description": "Move a booked appointment to another day with the same practitioner.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "appointment_id": {
                    "type": "string",
                    "description": "Id of the appointment, such as AP-0001.",
                },
                "day": {
                    "type": "string",
                    "enum": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
                    "description": "Day of the working week that the book covers.",
                },
            },
            "required": ["appointment_id", "day"],
            "additionalProperties": False,
        },
        "outputSchema": APPOINTMENT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "cancel_appointment",
        "title": "Cancel appointment",
        "description": "Cancel a booked appointment; its place and its referral are free again.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "appointment_id": {"type": "string", "description": "Id of the appointment, such as AP-0001."}
            },
            "required": ["appointment_id"],
            "additionalProperties": False,
        },
        "outputSchema": APPOINTMENT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "check_in_patient",
        "title": "Check in patient",
        "description": "Record that the patient of a booked appointment has arrived.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "appointment_id": {"type": "string", "description": "Id of the appointment, such as AP-0001."}
            },
            "required": ["appointment_id"],
            "additionalProperties": False,
        },
        "outputSchema": APPOINTMENT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "record_visit",
        "title": "Record visit",
        "description": "Close an ongoing visit with the practitioner's findings and charge the patient for it.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "appointment_id": {
                    "type": "string",
                    "description": "Id of the appointment, such as AP-0001.",
                },
                "findings": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "What the practitioner found. Not blank.",
                },
            },
            "required": ["appointment_id", "findings"],
            "additionalProperties": False,
        },
        "outputSchema": APPOINTMENT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "take_payment",
        "title": "Take payment",
        "description": "Take a payment for a completed visit, in full or in part.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "appointment_id": {
                    "type": "string",
                    "description": "Id of the appointment, such as AP-0001.",
                },
                "method": {
                    "type": "string",
                    "enum": ["card", "cash", "bank transfer"],
                    "description": "How it is paid.",
                },
                "amount": {
                    "type": "number",
                    "minimum": 1.0,
                    "description": "Dollars to take; all that is owed when not given.",
                },
            },
            "required": ["appointment_id", "method"],
            "additionalProperties": False,
        },
        "outputSchema": APPOINTMENT_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "start_prescription",
        "title": "Start prescription",
        "description": "Start a prescription for a visit, with no medicine on it yet.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "appointment_id": {"type": "string", "description": "Id of the appointment, such as AP-0001."}
            },
            "required": ["appointment_id"],
            "additionalProperties": False,
        },
        "outputSchema": PRESCRIPTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "add_medicine",
        "title": "Add medicine",
        "description": "Put a medicine on a prescription that is not issued yet.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "prescription_id": {
                    "type": "string",
                    "description": "Id of the prescription, such as RX-0001.",
                },
                "medicine_name": {"type": "string", "description": "Medicine name of the medicine."},
                "dosage": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "How much to take and when. Not blank.",
                },
                "duration": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 90,
                    "description": "For how many days.",
                },
            },
            "required": ["prescription_id", "medicine_name", "dosage", "duration"],
            "additionalProperties": False,
        },
        "outputSchema": PRESCRIPTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    },
    {
        "name": "remove_medicine",
        "title": "Remove medicine",
        "description": "Take a medicine off a prescription that is not issued yet.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "prescription_id": {
                    "type": "string",
                    "description": "Id of the prescription, such as RX-0001.",
                },
                "medicine_name": {"type": "string", "description": "Medicine name of the medicine."},
            },
            "required": ["prescription_id", "medicine_name"],
            "additionalProperties": False,
        },
        "outputSchema": PRESCRIPTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "issue_prescription",
        "title": "Issue prescription",
        "description": "Issue a prescription once the visit is completed; it cannot be changed afterwards.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "prescription_id": {
                    "type": "string",
                    "description": "Id of the prescription, such as RX-0001.",
                }
            },
            "required": ["prescription_id"],
            "additionalProperties": False,
        },
        "outputSchema": PRESCRIPTION_SCHEMA,
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    },
    {
        "name": "hand_over_to_manager",
        "title": "Hand over to manager",
        "description": "Hand a request that you may not or cannot fulfil over to the practice manager.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "summary": {
                    "type": "string",
                    "pattern": "\\S",
                    "description": "What is asked for and why it is handed over. Not blank.",
                }
            },
            "required": ["summary"],
            "additionalProperties": False,
        },
        "outputSchema": {
            "type": "object",
            "properties": {"message": {"type": "string"}},
            "required": ["message"],
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
    "patients": ["patient_id"],
    "practitioners": ["practitioner_id"],
    "medicines": ["medicine_name"],
    "referrals": ["referral_id"],
    "appointments": ["appointment_id"],
    "prescriptions": ["prescription_id"],
}
REFERENCES: dict[str, dict[str, str]] = {
    "referrals": {"patient_id": "patients", "referrer_id": "practitioners"},
    "appointments": {
        "patient_id": "patients",
        "practitioner_id": "practitioners",
        "referral_id": "referrals",
    },
    "prescriptions": {"patient_id": "patients", "appointment_id": "appointments"},
    "prescription_entries": {"prescription_id": "prescriptions", "medicine_name": "medicines"},
}

ARGUMENT_CHECKS = {tool["name"]: checker(tool["inputSchema"], limited=True) for tool in TOOLS}
STATE_CHECK = checker(SCHEMA, limited=False)
