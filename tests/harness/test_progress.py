from __future__ import annotations

from builders import attempt

from harness.reporting.progress import Standing


def test_what_a_run_has_come_to_so_far() -> None:
    standing = Standing([attempt(1, outcome="passed")])
    assert str(standing) == "1 passed · todo_list/todo-01"
    standing.add(attempt(2, outcome="invalid"))
    standing.add(attempt(3, outcome="failed", cost=0.25))
    standing.add(attempt(4, outcome="passed", cost=0.5, scenario="todo-02"))
    assert str(standing) == "2 passed · 1 left out · $0.75 · todo_list/todo-02"
    assert standing.made == 4
    assert str(Standing()) == "0 passed"
