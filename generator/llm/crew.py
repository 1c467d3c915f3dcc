"""Work at the same time on threads that nobody has to wait for: a Ctrl-C ends it at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def each(work: Callable[[Job], Result], jobs: Sequence[Job], workers: int) -> list[Result]:
    """What `work` makes of each job, in the order of the jobs.

    Whatever one of them raises, or a Ctrl-C, is raised here at once, and no further job is begun; those under way
    are left to end by themselves, or with the process, since a read from the network cannot be interrupted.
    """
    ahead: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            try:
                number = ahead.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, work(jobs[number]), None))
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, whatever it is
                done.put((number, None, error))

    for number in range(len(jobs)):
        ahead.put(number)
    for _ in range(min(workers, len(jobs))):
        threading.Thread(target=run, daemon=True).start()
    results: dict[int, Result] = {}
    try:
        while len(results) < len(jobs):
            number, result, error = done.get()
            if error is not None:
                raise error
            results[number] = result  # type: ignore[assignment]  # without an error there is one
    finally:
        ended.set()
    return [results[number] for number in range(len(jobs))]
