"""A small environment that is really rendered and served, and a scenario of it that is really graded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator.scengenerator.scenario import Scenario
from harness.environments import RenderedEnvironment, load_environment
from harness.making import render_folder

SKELETON = Path(__file__).parent.parent / "fixtures" / "shelf.skeleton.yaml"
TITLES = ("Dune", "Emma", "Ulysses")


def render_shelf(folder: Path) -> RenderedEnvironment:
    """The shelf, rendered into `folder`."""
    folder.mkdir(parents=True)
    (folder / "skeleton.yaml").write_text(SKELETON.read_text())
    render_folder(folder)
    return load_environment(folder)


def state() -> dict[str, Any]:
    books = {
        f"B-{n:03}": {"book_id": f"B-{n:03}", "title": title, "status": "shelved"}
        for n, title in enumerate(TITLES, start=1)
    }
    return {"clock": "2026-03-02T09:00:00", "counters": {"book": 3}, "tables": {"books": books}}


def lend_emma(environment: RenderedEnvironment, **changes: Any) -> Scenario:
    """Emma is to be lent; half of the score is for saying so."""
    document = {
        "id": "lend-emma",
        "environment": environment.name,
        "skeleton_digest": "",
        "environment_digest": environment.digest,
        "seed": 1,
        "kind": "change",
        "difficulty": 1,
        "clock": "2026-03-02T09:00:00",
        "initial_state": state(),
        "task": "Lend Emma, and say which book it was.",
        "checks": [
            {"id": "lent", "kind": "goal", "description": "Emma is lent.", "that": LENT},
            {"id": "said", "kind": "goal", "description": "Emma is named.", "that": "states(answer, 'Emma')"},
        ],
        "allowed_changes": [{"table": "books", "row": "B-002", "fields": ["status"]}],
        "solution": {
            "calls": [{"name": "lend_book", "arguments": {"book_id": "B-002"}}],
            "answer": "Emma is lent.",
        },
    }
    return Scenario.model_validate(document | changes)


LENT = "any(b.title == 'Emma' and b.status == 'lent' for b in books)"
