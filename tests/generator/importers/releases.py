"""Records in the form of EnvScaler's release, written for tests: ways in which a class may be built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]

DESK = '''from typing import Dict, List, Optional, TypedDict
import uuid
from datetime import datetime


class LoanInfo(TypedDict):
    loan_id: str
    user_id: str
    due: str


class Desk:
    def __init__(self, init_config: dict):
        self.users: Dict[str, dict] = {}
        self.loans: Dict[str, LoanInfo] = {}
        self.init_config = init_config

    def _user(self, user_id):
        return self.users.get(user_id)

    def get_user(self, user_id: str) -> dict:
        """
        One user.

        Args:
            user_id (str): Whose.
        """
        user = self._user(user_id)
        if not user:
            return {"success": False, "error": "User not found"}
        return {"success": True, "data": user}

    def list_loans(self, user_id: Optional[str] = None) -> dict:
        return {"success": True, "data": [x for x in self.loans.values() if user_id in (None, x["user_id"])]}

    def add_loan(self, user_id: str, days: int = 14) -> dict:
        if user_id not in self.users:
            raise KeyError(user_id)
        loan_id = str(uuid.uuid4())
        due = datetime.now().isoformat()
        self.loans[loan_id] = {"loan_id": loan_id, "user_id": user_id, "due": due}
        return {"success": True, "message": "Lent", "loan_id": loan_id}

    def rename_user(self, user_id: str, name: str) -> dict:
        user = self._user(user_id)
        if not user:
            return {"success": False, "error": "User not found"}
        user["name"] = name
        return {"success": True}
'''


def schema(required: list[str] | None = None, **properties: Any) -> JsonObject:
    """The parameters of a tool as the release declares them."""
    types = {name: {"type": value} if isinstance(value, str) else value for name, value in properties.items()}
    return {"type": "object", "properties": types, "required": list(types) if required is None else required}


def tool(name: str, parameters: Any = None, description: str = "") -> JsonObject:
    """A tool in OpenAI's form."""
    given = schema() if parameters is None else parameters
    return {
        "type": "function",
        "function": {"name": name, "description": description or f"{name} does it.", "parameters": given},
    }


DESK_TOOLS = [
    tool("get_user", schema(user_id="string")),
    tool("list_loans", schema([], user_id={"type": ["string", "null"]})),
    tool("add_loan", schema(["user_id"], user_id="string", days="integer")),
    tool("rename_user", schema(user_id="string", name="string")),
]
DESK_KINDS = {"get_user": "query", "list_loans": "query", "add_loan": "state_change", "rename_user": "state_change"}
DESK_CONFIG = {
    "users": {"U-1": {"user_id": "U-1", "name": "Ana"}, "U-2": {"user_id": "U-2", "name": "Bö"}},
    "loans": {"L-1": {"loan_id": "L-1", "user_id": "U-1", "due": "2025-10-03"}},
}
CHECKS = [
    {
        "check_item": "Has U-1 been renamed to Anna?",
        "check_func": "def check_func(final_state):\n    return final_state['users']['U-1']['name'] == 'Anna'",
    },
    {
        "check_item": "Has L-1 been kept?",
        "check_func": "def check_func(final_state):\n    return 'L-1' in final_state['loans']",
    },
]


def environment(env_id: str = "env_1_rl", **changes: Any) -> JsonObject:
    """An environment's record; `None` takes a key away."""
    kinds = [{"operation_name": name, "operation_type": kind} for name, kind in DESK_KINDS.items()]
    record: JsonObject = {
        "env_id": env_id,
        "env_class_name": "Desk",
        "env_class_code": DESK,
        "environment_summary": "Lending desk",
        "environment_introduction": "A desk that lends things.",
        "constraints_rules": ["A loan has a user."],
        "operation_list": kinds,
        "tools": DESK_TOOLS,
    }
    return {key: value for key, value in (record | changes).items() if value is not None}


def scenario(env_id: str = "env_1_rl", number: int = 1, **changes: Any) -> JsonObject:
    """A scenario's record; `None` takes a key away."""
    record: JsonObject = {
        "env_id": env_id,
        "env_class_name": "Desk",
        "task_id": f"{env_id}-task_{number}",
        "task": "Rename Ana (U-1) to Anna.",
        "init_config": DESK_CONFIG,
        "checklist_with_func": CHECKS,
    }
    return {key: value for key, value in (record | changes).items() if value is not None}


def of_code(code: str, *tools: JsonObject, name: str = "Env", **changes: Any) -> JsonObject:
    """An environment of one class."""
    return environment(env_class_code=code, env_class_name=name, tools=list(tools), operation_list=None, **changes)


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path
