"""Looks into a check from inside its box: what it reads of a state, and what it says of states a little different.

Checks are run on one state, which is edited and mended again, so that a hundred neighbours of a large state cost a
hundred runs and not a hundred copies. A check that changes what it is given is run on copies.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from .checking import FILE, as_released, prepared
from .decoding import decode
from .encoding import encode

Path = list[Any]
Edit = list[Any]
"""`[path, value]` sets, `[path]` removes, what is at a path; `[path, value, "append"]` adds to a list there."""

MOST_PATHS = 4_000
_MISSING = object()


def judge(argument: dict[str, Any]) -> list[list[Any]]:
    """Verdicts of several checks on one state, each `[kind, detail, mutated]`.

    With `shared`, what one of them changes in the final state the next ones see, as EnvScaler runs them.
    """
    found: list[list[Any]] = []
    initial, final = _states(argument)
    held = copy.deepcopy([initial, final])
    for source in argument["sources"]:
        kind, detail = prepared(source, initial)(final)
        changed = not same([initial, final], held)
        found.append([kind, detail, changed])
        if changed:
            initial = copy.deepcopy(held[0])
            final = final if argument.get("shared") else copy.deepcopy(held[1])
    return found


def probe(argument: dict[str, Any]) -> list[list[Any] | None]:
    """A check's verdicts on the final state after each group of `edits`; None for a group that does not fit."""
    initial, final = _states(argument)
    run = prepared(argument["source"], initial)
    return neighbours(lambda state: _traced(run, state), final, argument["edits"])


def reads(argument: dict[str, Any]) -> list[Path]:
    """The paths that a check asks the final state for, in order, each once; also those that lead nowhere."""
    initial, final = _states(argument)
    record = _Record()
    prepared(argument["source"], initial)(record.wrapped(final, ()))
    return [list(path) for path in record.paths]


def _traced(run: Callable[[Any], tuple[str, str]], state: Any) -> list[Any]:
    """`[kind, detail, False, *lines]`, the lines of the check's code that were reached."""
    lines: set[int] = set()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != FILE:
            return None
        lines.add(frame.f_lineno)
        return trace

    sys.settrace(trace)
    try:
        kind, detail = run(state)
    finally:
        sys.settrace(None)
    return [kind, detail, False, *sorted(lines)]


def _states(argument: dict[str, Any]) -> tuple[Any, Any]:
    return as_released(decode(argument["before"])), as_released(decode(argument["after"]))


REQUESTS: dict[str, Callable[[dict[str, Any]], Any]] = {"judge": judge, "probe": probe, "reads": reads}


def neighbours(run: Callable[[Any], Any], state: Any, edits: Sequence[Sequence[Edit]]) -> list[Any]:
    """What `run` says of the state after each group of edits, one group at a time; None for one that does not fit."""
    pristine = copy.deepcopy(state)
    run(state)
    changes = not same(state, pristine)
    found: list[Any] = []
    for group in edits:
        if changes:
            state = copy.deepcopy(pristine)
        undo: list[Callable[[], None]] = []
        try:
            for edit in group:
                undo.append(_apply(state, edit))
        except (LookupError, TypeError, AttributeError, ValueError):
            found.append(None)
        else:
            found.append(run(state))
        finally:
            for step in reversed(undo):
                step()
    return found


def edit(state: Any, group: Sequence[Edit]) -> None:
    """Carry a group of edits out for good."""
    for one in group:
        _apply(state, one)


def same(one: Any, other: Any) -> bool:
    """Equal; where their classes cannot tell (a generator of chance, what contains itself), equal when encoded."""
    try:
        if one == other:
            return True
    except Exception:  # noqa: BLE001  a stranger's __eq__ may raise whatever it likes
        pass
    return bool(encode(one) == encode(other))


def _apply(state: Any, edit: Edit) -> Callable[[], None]:
    """Carry an edit out; the step that takes it back."""
    path = edit[0]
    place = state
    for step in path[:-1]:
        place = place[step]
    last = path[-1]
    if len(edit) == 3:
        place[last].append(copy.deepcopy(edit[1]))
        return lambda: _drop_last(place[last])
    if isinstance(place, list):
        old_items = list(place)
        if len(edit) == 1:
            del place[last]
        else:
            place[last] = copy.deepcopy(edit[1])
        return lambda: place.__setitem__(slice(None), old_items)
    if not isinstance(place, dict):
        raise TypeError("only mappings and lists have places")
    old = dict(place)  # with its order
    if len(edit) == 1:
        del place[last]
    else:
        place[last] = copy.deepcopy(edit[1])
    return lambda: _restore(place, old)


def _drop_last(items: list[Any]) -> None:
    del items[-1]


def _restore(place: dict[Any, Any], old: dict[Any, Any]) -> None:
    place.clear()
    place.update(old)


class _Record:
    def __init__(self) -> None:
        self.paths: dict[tuple[Any, ...], None] = {}

    def add(self, path: tuple[Any, ...]) -> None:
        if len(self.paths) < MOST_PATHS and all(type(step) in (str, int) for step in path):
            self.paths.setdefault(path)

    def wrapped(self, value: Any, path: tuple[Any, ...]) -> Any:
        if type(value) is dict:
            return _Mapping(self, path, {key: self.wrapped(item, (*path, key)) for key, item in value.items()})
        if type(value) is list:
            return _List(self, path, [self.wrapped(item, (*path, at)) for at, item in enumerate(value)])
        return value


class _Mapping(dict[Any, Any]):
    """A dict that tells what it is asked for."""

    def __init__(self, record: _Record, path: tuple[Any, ...], items: dict[Any, Any]) -> None:
        super().__init__(items)
        self._record, self._path = record, path

    def __getitem__(self, key: Any) -> Any:
        self._record.add((*self._path, key))
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._record.add((*self._path, key))
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._record.add((*self._path, key))
        return super().__contains__(key)

    def values(self) -> Any:
        return [self[key] for key in super().__iter__()]

    def items(self) -> Any:
        return [(key, self[key]) for key in super().__iter__()]

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return {key: copy.deepcopy(item, memo) for key, item in super().items()}


class _List(list[Any]):
    """A list that tells which of its items were looked at."""

    def __init__(self, record: _Record, path: tuple[Any, ...], items: list[Any]) -> None:
        super().__init__(items)
        self._record, self._path = record, path

    def __iter__(self) -> Iterator[Any]:
        for at, item in enumerate(super().__iter__()):
            self._record.add((*self._path, at))
            yield item

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, int):
            self._record.add((*self._path, at if at >= 0 else at + len(self)))
        return super().__getitem__(at)

    def __contains__(self, item: object) -> bool:
        return any(one == item for one in self)
