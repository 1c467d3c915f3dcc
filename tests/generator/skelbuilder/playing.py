"""A model that is played for tests of building: what it answers at each stage, over the loopback."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from generator.rendering.bundled import templates_folder
from generator.skeleton.reading import parse_skeleton
from generator.skeleton.wire import to_wire
from tests.llm.loopback import Asked, Failed, Said

Json = dict[str, Any]
Answer = Json | Failed | Callable[[str], Json]


def bike_rental() -> Json:
    """The example of the prompts as a model would write it."""
    text = (templates_folder() / "prompts" / "example.skeleton.yaml").read_text(encoding="utf-8")
    return to_wire(parse_skeleton(text, "example")).model_dump(mode="json")


def part(document: Json, section: str, name: str) -> Json:
    found: Json = next(item for item in document[section] if item["name"] == name)
    return found


def repair(**changes: Any) -> Json:
    """A repair that changes these sections only."""
    lists = ("head", "removed", "corpora", "types", "entities", "definitions", "guards", "rules", "policies")
    return {"diagnosis": "As said.", **{name: [] for name in (*lists, "operations")}, **changes}


OUTLINE: Json = {
    **{"id": "bike_rental", "title": "Bike rental", "summary": "Bikes are rented.", "people": ["Customers"]},
    **{"entities": [], "lookups": [], "operations": [], "rules": [], "policies": []},
}


def case(name: str, *steps: tuple[str, Json, str]) -> Json:
    told = [
        {"tool": tool, "arguments": json.dumps(arguments), "expects": expects, "because": "It is said so."}
        for tool, arguments, expects in steps
    ]
    return {"name": name, "purpose": "To see.", "steps": told}


CASES: Json = {
    "cases": [
        case("hand over", ("hand_over", {"summary": "A discount is asked for."}, "success")),
        case("customers", ("get_customer", {"customer_id": "C-001"}, "success")),
        case("nobody", ("get_customer", {"customer_id": "C-999"}, "refusal")),
        case(
            "new address",
            ("change_customer", {"customer_id": "C-001", "email": "new@example.org"}, "success"),
            ("get_customer", {"customer_id": "$1.customer_id"}, "success"),
        ),
    ]
}


def verdicts(**marks: str) -> Callable[[str], Json]:
    """Every call passes, save those of the tools that are named here."""

    def answer(prompt: str) -> Json:
        calls = re.findall(r"^(\d+)\. \[.*?\] (\w+)\(", prompt, re.MULTILINE)
        told = [
            {"number": int(number), "mark": marks.get(tool, "pass"), "reason": "So it is.", "remedy": "Otherwise."}
            for number, tool in calls
        ]
        return {"verdicts": told}

    return answer


class Played:
    """A script that answers stage by stage; `prompts` are what was asked. What is missing is an error of the API."""

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = answers
        self.prompts: dict[str, list[str]] = {}

    def __call__(self, asked: Asked) -> Said | Failed:
        content = asked.body["messages"][-1]["content"]
        prompt = content if isinstance(content, str) else "".join(block["text"] for block in content)
        asked_before = self.prompts.setdefault(asked.stage, [])
        asked_before.append(prompt)
        given = self.answers.get(asked.stage, [])
        if len(asked_before) > len(given):
            return Failed(400, "invalid_request_error", f"nobody expected another question of the stage {asked.stage}")
        answer = given[len(asked_before) - 1]
        if isinstance(answer, Failed):
            return answer
        return Said(answer if isinstance(answer, dict) else answer(prompt))

    @property
    def questions(self) -> int:
        return sum(map(len, self.prompts.values()))
