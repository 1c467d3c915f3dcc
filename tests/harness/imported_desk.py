"""A small release in EnvScaler's spelling, imported as users do it: an environment that reads the clock and chance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from harness.cli import app

CLASS = """
import random
import uuid
from datetime import datetime


class Pin:
    def __init__(self, text):
        self.text = text

    def get(self, name):
        return getattr(self, name, None)


class Desk:
    def __init__(self, init_config=None):
        self.users = {}
        self.notes = {}

    def list_users(self):
        return {"success": True, "data": list(self.users.values())}

    def set_status(self, user_id, status):
        self.users[user_id]["status"] = status
        return {"success": True}

    def set_visits(self, user_id, visits):
        self.users[user_id]["visits"] = int(visits)
        return {"success": True}

    def add_note(self, text):
        note_id = str(uuid.uuid4())
        self.notes[note_id] = {"note_id": note_id, "text": text, "year": datetime.now().year}
        return {"success": True, "note_id": note_id}

    def pin_note(self, text):
        self.notes["pinned"] = Pin(text)
        return {"success": True}

    def mark_note(self, note_id):
        if note_id not in self.notes:
            return {"success": False, "error": "no such note"}
        self.notes[note_id]["marked"] = True
        return {"success": True}

    def draw_prize(self, user_id):
        self.users[user_id]["prize"] = random.choice(["cup", "pen"])
        return {"success": True}

    def wipe(self):
        self.users.clear()
        return {"success": True}
"""
_PARAMETERS = {
    "list_users": {},
    "set_status": {"user_id": "string", "status": "string"},
    "set_visits": {"user_id": "string", "visits": "integer"},
    "add_note": {"text": "string"},
    "pin_note": {"text": "string"},
    "mark_note": {"note_id": "string"},
    "draw_prize": {"user_id": "string"},
}
CONFIG: dict[str, Any] = {
    "users": {
        "U1": {"user_id": "U1", "name": "Ada", "status": "closed", "visits": 4},
        "U2": {"user_id": "U2", "name": "Bo", "status": "active", "visits": 7},
    },
    "notes": {},
}
ACTIVE = ('Has the status of user U1 been set to "active"?', "final_state['users']['U1']['status'] == 'active'")
KEPT = ("Is user U2 still active?", "final_state['users']['U2']['status'] == 'active'")
MARKED = ("Has a note been marked?", "any(note.get('marked') for note in final_state['notes'].values())")
BROKEN = ("Has today been noted?", "date.today() in final_state['notes']")


def check(asks: str, holds: str) -> dict[str, str]:
    """A check as the release has it."""
    return {"check_item": asks, "check_func": f"def check_func(final_state):\n    return {holds}\n"}


def recording(reward: float | None, *calls: tuple[str, Any], checks: list[tuple[str, str]]) -> dict[str, Any]:
    """A recorded attempt."""
    return {
        "task_id": "env_1-task_1",
        "env_id": "env_1",
        "init_config": CONFIG,
        "checklist_with_func": [check(*one) for one in checks],
        "calls": [{"name": name, "arguments": arguments} for name, arguments in calls],
        "recorded_reward": reward,
    }


def import_desk(folder: Path) -> Path:
    """Import the release, with one scenario, below a folder; what was written."""
    tools = [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": name.replace("_", " "),
                "parameters": {
                    "type": "object",
                    "properties": {key: {"type": kind} for key, kind in parameters.items()},
                    "required": list(parameters),
                },
            },
        }
        for name, parameters in _PARAMETERS.items()
    ]
    environment = {"env_id": "env_1", "env_class_name": "Desk", "env_class_code": CLASS, "tools": tools}
    scenario = {
        "task_id": "env_1-task_1",
        "env_id": "env_1",
        "env_class_name": "Desk",
        "init_config": CONFIG,
        "task": "Reactivate Ada's account.",
        "checklist_with_func": [check(*one) for one in (ACTIVE, KEPT, BROKEN)],
    }
    (folder / "environments.json").write_text(json.dumps([environment]), encoding="utf-8")
    (folder / "scenarios.json").write_text(json.dumps([scenario]), encoding="utf-8")
    out = folder / "imported"
    files = ("--environments", folder / "environments.json", "--scenarios", folder / "scenarios.json")
    result = envwright("import", "envscaler", *files, "--out", out)
    assert result.exit_code == 0, result.output
    return out


def envwright(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])
