"""What containment costs: a class as EnvScaler releases them, contained and not, on the same calls in one run.

Start and call through a box (with each kind of walls that this system can put up), the same class called directly,
and EnvScaler's way: the whole state copied at each step, and compared with the state before (as its
`EnvScalerBaseEnv._record_step` and `get_state_diff` do). The state is about 70 KB. Times are medians.

    .venv/bin/python -m benchmarks.containment
"""

from __future__ import annotations

import json
import statistics
import time
import types
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from benchmarks.workload import rows
from generator.importers.contained import Box, ContainmentError
from generator.importers.contained.walls import Kind, walls

SIZE = 70_000
STARTS = 15
CALLS = 400
CLOCK = "2026-03-02T09:00:00"

SOURCE = """
from typing import Dict
import datetime
import uuid

class Clinic:
    def __init__(self, init_config: dict):
        self.patients: Dict[str, dict] = {}
        self.entries: Dict[str, dict] = {}
        self.init_config = init_config

    def get_patient(self, patient_id: str) -> dict:
        if patient_id not in self.patients:
            return {"success": False, "error": "Patient not found"}
        return {"success": True, "data": self.patients[patient_id]}

    def find_patients(self, town: str) -> dict:
        return {"success": True, "data": [p for p in self.patients.values() if p["town"] == town]}

    def add_entry(self, patient_id: str, procedure: str) -> dict:
        entry_id = str(uuid.uuid4())
        now = datetime.datetime.now().isoformat()
        self.entries[entry_id] = {"entry_id": entry_id, "patient_id": patient_id, "procedure": procedure, "added": now}
        return {"success": True, "entry_id": entry_id}

    def rename_patient(self, patient_id: str, name: str) -> dict:
        self.patients[patient_id]["name"] = name
        return {"success": True, "message": "Patient renamed"}
"""


def configuration() -> dict[str, Any]:
    """Patients up to the size."""

    def patient(n: int) -> tuple[str, dict[str, Any]]:
        return f"PAT-{n:04}", {
            "patient_id": f"PAT-{n:04}",
            "name": f"Ann Ash {n}",
            "date_of_birth": "1985-03-08",
            "town": f"Town {n % 40}",
            "contact_info": "ann@example.com, +1-555-3412",
            "medical_history": "Asthma, previous appendectomy in 2012.",
        }

    return {"patients": rows(SIZE, patient), "entries": {}}


def calls(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Two queries and two commands, in turn."""
    keys = list(config["patients"])
    for at in range(CALLS):
        key = keys[at * 7 % len(keys)]
        yield (
            ("get_patient", {"patient_id": key}),
            ("find_patients", {"town": f"Town {at % 40}"}),
            ("add_entry", {"patient_id": key, "procedure": "MRI"}),
            ("rename_patient", {"patient_id": key, "name": f"Name {at}"}),
        )[at % 4]


class Bare:
    """The class itself, in this process."""

    def __init__(self, config: dict[str, Any]) -> None:
        module = types.ModuleType("dynamic_env")
        exec(SOURCE, vars(module))
        self.made = module.Clinic(config)
        for name, value in config.items():
            setattr(self.made, name, value)

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        return getattr(self.made, name)(**arguments)

    def close(self) -> None:
        """Nothing to end."""


class Recording(Bare):
    """EnvScaler's way: after each step the state is copied, and compared with the one before."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(deepcopy(config))
        self.trajectory: list[dict[str, Any]] = [{"state": self.state()}]

    def state(self) -> dict[str, Any]:
        return deepcopy(vars(self.made))

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        observation = f"{super().call(name, arguments)}"
        state = self.state()
        change = difference(self.trajectory[-1]["state"], state)
        self.trajectory.append({"observation": observation, "state": state, "change": change})
        return observation


def difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Added, removed and changed values. Copies both sides at every level, which is how it is done there."""
    old, new = deepcopy(old), deepcopy(new)
    found: dict[str, Any] = {}
    for key in old.keys() | new.keys():
        if key not in old:
            found[key] = {"added": new[key]}
        elif key not in new:
            found[key] = {"removed": old[key]}
        elif isinstance(old[key], dict) and isinstance(new[key], dict):
            if inner := difference(old[key], new[key]):
                found[key] = inner
        elif old[key] != new[key]:
            found[key] = {"changed": {"old": old[key], "new": new[key]}}
    return deepcopy(found)


def contained(kind: Kind) -> Callable[[dict[str, Any]], Box]:
    """Makes boxes with these walls, with an object in them."""

    def make(config: dict[str, Any]) -> Box:
        box = Box(seed="benchmark", clock=CLOCK, kind=kind)
        box.load(SOURCE, "Clinic")
        box.construct(config)
        return box

    return make


def measured(make: Callable[[dict[str, Any]], Any]) -> tuple[float, float, list[Any]]:
    """Seconds for a start and for a call, medians; and what the first calls answered, in plain JSON."""
    starts: list[float] = []
    times: list[float] = []
    answers: list[Any] = []
    for _ in range(STARTS):
        config = configuration()
        begun = time.perf_counter()
        made = make(config)
        starts.append(time.perf_counter() - begun)
        made.close()
    config = configuration()
    made = make(config)
    for name, arguments in calls(config):
        begun = time.perf_counter()
        answer = made.call(name, arguments)
        times.append(time.perf_counter() - begun)
        if len(answers) < 2:
            answers.append(json.dumps(getattr(answer, "value", answer)))
    made.close()
    return statistics.median(starts), statistics.median(times), answers[:2]


def main() -> None:
    ways: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
        ("the class itself", Bare),
        ("EnvScaler's way", Recording),
    ]
    for kind in ("bubblewrap", "landlock", "none"):
        try:
            walls(kind)
        except ContainmentError as error:
            print(error)
        else:
            ways.append((f"contained, {'no walls' if kind == 'none' else kind}", contained(kind)))
    print(
        f"state {len(json.dumps(configuration())):,} bytes; {STARTS} starts, {CALLS} calls; medians, "
        "and how often the class itself fits in"
    )
    found = {name: measured(make) for name, make in ways}
    bare = found["the class itself"]
    for name, (start, call, answers) in found.items():
        same = "" if name == "EnvScaler's way" or answers == bare[2] else "  (other answers!)"
        print(
            f"{name:24} start {start * 1000:8.2f} ms ({start / bare[0]:7.1f}x)"
            f"   call {call * 1e6:9.1f} µs ({call / bare[1]:8.1f}x){same}"
        )


if __name__ == "__main__":
    main()
