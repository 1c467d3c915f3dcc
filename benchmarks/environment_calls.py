"""How many get-by-id calls a second a rendered environment answers in process, with a state of about 70 KB.

The ratio is to what a call cannot do without: a lookup in a dict and a copy of the row, measured in the same run.

    .venv/bin/python -m benchmarks.environment_calls
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.workload import rows
from generator.rendering import load_environment
from generator.skeleton.reading import read_skeleton

SKELETON = Path(__file__).parent.parent / "tests" / "golden" / "rendering" / "workshop" / "skeleton.yaml"
CALLS = 40_000
SIZE = 70_000


def state() -> dict[str, Any]:
    """A workshop with jobs up to the size."""
    riders = {
        f"R-{n:02}": {
            "rider_id": f"R-{n:02}",
            "first_name": "Ann",
            "last_name": f"Ash {n}",
            "phone": None,
            "credit": 0.0,
        }
        for n in range(1, 41)
    }

    def job(n: int) -> tuple[str, dict[str, Any]]:
        return f"J-{n:03}", {
            "job_id": f"J-{n:03}",
            "rider_id": f"R-{n % 40 + 1:02}",
            "what": "Brakes squeal in the rain",
            "status": "waiting",
            "urgency": "normal",
            "surcharge": None,
            "price": 20.0,
            "paid": False,
            "labels": ["brakes"],
            "due": None,
            "opened_at": "2026-03-02T09:00:00",
            "follows_id": None,
        }

    tables = {"riders": riders, "jobs": rows(SIZE - len(json.dumps(riders)), job)}
    return {"clock": "2026-03-02T09:00:00", "counters": {}, "tables": tables}


def best(work: Callable[[str], object], keys: list[str]) -> float:
    """The least time of five runs, a call."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for at in range(CALLS):
            work(keys[at % len(keys)])
        times.append(time.perf_counter() - start)
    return min(times) / CALLS


def main() -> None:
    made = state()
    module = load_environment(read_skeleton(SKELETON))
    text = json.dumps(made)
    loads = []
    for _ in range(10):
        fresh = json.loads(text)
        start = time.perf_counter()
        module.Environment(fresh)
        loads.append(time.perf_counter() - start)
    environment = module.Environment(made)
    jobs = made["tables"]["jobs"]
    keys = list(jobs)
    call = best(lambda key: environment.call("get_job", {"job_id": key}), keys)
    bare = best(lambda key: {**jobs[key], "labels": list(jobs[key]["labels"])}, keys)
    print(f"state                 {len(text):>9,} bytes, loaded and checked in {min(loads) * 1000:.2f} ms")
    print(f"get by id             {1 / call:>9,.0f} calls a second (target: 50,000)")
    print(f"bare lookup and copy  {1 / bare:>9,.0f} a second; a call costs {call / bare:.1f} times that")


if __name__ == "__main__":
    main()
