"""A small released class and scenarios with checks, in EnvScaler's spelling, for tests of audits and gradings."""

from __future__ import annotations

from typing import Any

from generator.importers.checks import settle
from generator.importers.contained.box import Limits
from generator.importers.folder import ForeignClass, new_box
from generator.scengenerator.scenario import Scenario, Solution

CLOCK = "2025-03-01T09:00:00"
CLASS = """
import uuid
from datetime import datetime


class Desk:
    def __init__(self, init_config=None):
        self.users = {}
        self.notes = {}
        self.log = []

    def get_user(self, user_id):
        if user_id not in self.users:
            return {"success": False, "error": "no such user"}
        return {"success": True, "data": self.users[user_id]}

    def set_status(self, user_id, status):
        self.users[user_id]["status"] = status
        return {"success": True}

    def add_note(self, text):
        note_id = str(uuid.uuid4())
        self.notes[note_id] = {"note_id": note_id, "text": text, "made": datetime.now().isoformat()}
        return {"success": True, "note_id": note_id}

    def mark_note(self, note_id):
        if note_id not in self.notes:
            return {"success": False, "error": "no such note"}
        self.notes[note_id]["marked"] = True
        return {"success": True}
"""
CONFIG: dict[str, Any] = {
    "users": {
        "U1": {"user_id": "U1", "name": "Ada", "status": "closed", "visits": 4, "remark": ""},
        "U2": {"user_id": "U2", "name": "Bo", "status": "unverified", "visits": 7, "remark": "tall"},
        "U3": {"user_id": "U3", "name": "Cy", "status": "active", "visits": 1, "remark": ""},
    },
    "notes": {},
}
STATUS = "    status = final_state['users']['U1']['status']\n"
FOREIGN = ForeignClass("desk", "env_1", "Desk", CLASS)
_TEXT = {"type": "string"}
TOOLS: list[dict[str, Any]] = [
    {
        "name": name,
        "description": name.replace("_", " "),
        "inputSchema": {"type": "object", "properties": dict.fromkeys(parameters, _TEXT), "required": parameters},
    }
    for name, parameters in (
        ("get_user", ["user_id"]),
        ("set_status", ["user_id", "status"]),
        ("add_note", ["text"]),
        ("mark_note", ["note_id"]),
    )
]


def function(body: str) -> str:
    """A check function with this body."""
    return f"def check_func(final_state):\n{body}"


def scenario(*checks: tuple[str, str], config: dict[str, Any] = CONFIG) -> Scenario:
    """A scenario of the desk with these checks: what each asks for, and its source."""
    tables = FOREIGN.start(config, CLOCK, "start")
    settled, audit = settle(lambda: new_box(CLOCK, "check", Limits(seconds=1.0)), checks, tables)
    return Scenario(
        id="env_1-task_1",
        environment="desk",
        skeleton_digest="",
        environment_digest="",
        seed=0,
        kind="change",
        difficulty=1,
        clock=CLOCK,
        initial_state={"clock": CLOCK, "counters": {}, "tables": tables},
        task="Do it.",
        checks=list(settled),
        solution=Solution(),
        audit=audit,
    )


def after(made: Scenario, *calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The state of the scenario after these calls."""
    with FOREIGN.open(made.initial_state["tables"], made.clock) as box:
        for name, arguments in calls:
            box.call(name, arguments)
        return {"clock": box.clock, "counters": {}, "tables": box.state()}
