"""Whether a check accepts more than its words ask for: shown by a state that it accepts though the value is not met.

That two neighbouring values both pass proves nothing (`>=`, a tolerance, a field that does not matter). So a finding
takes all of this at one place of a state that the check accepts:
- the words name the value that is there, and ask for exactly it;
- the place matters: with some other value there the check does not hold;
- with a value there that is *not* the one asked for, it still holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from generator.importers.asked import Asked, is_path, plain
from generator.importers.changes import changes
from generator.importers.contained.values import plain as plain_json
from generator.importers.neighbours import MISSING, OTHER_TEXT, Group, Path, at, column
from generator.importers.verdicts import Judgement
from generator.scengenerator.scenario import AuditFinding

Probe = Callable[[Sequence[Group]], Sequence[Judgement | None]]
_MOST_PLACES = 60
_MOST_CHANGES = 3
_WORD = re.compile(r"[A-Za-z][a-z]+\Z", re.ASCII)


def accepted_too(asked: Asked, state: Any, start: Any, reads: Sequence[Path], probe: Probe) -> list[AuditFinding]:
    """Findings about a check that holds in `state`; `start` is the initial state, `probe` judges its neighbours."""
    if asked.negated or asked.choice:
        return []
    places = [_Place(path, at(state, path), at(start, path)) for path in reads]
    places = [place for place in places if place.asked_for(asked)][:_MOST_PLACES]
    groups: list[Group] = []
    for place in places:
        place.first = len(groups)
        groups += [
            [[list(place.path), value]] if value is not MISSING else [[list(place.path)]]
            for value in place.tried(state)
        ]
    verdicts = probe(groups) if groups else []
    found: list[AuditFinding] = []
    for place in places:
        tried = place.tried(state)
        judged = verdicts[place.first : place.first + len(tried)]
        pairs = [(value, verdict.kind) for value, verdict in zip(tried, judged, strict=True) if verdict is not None]
        if any(kind == "false" and value is not MISSING for value, kind in pairs):  # else the place does not matter
            found += place.findings(asked, state, [value for value, kind in pairs if kind == "true"])
    return found[:1]


class _Place:
    """A place of a state that a check reads, and what it may be replaced with."""

    def __init__(self, path: Path, value: Any, before: Any) -> None:
        self.path, self.value, self.before = path, value, before
        self.first = 0
        self.others: list[str] = []  # what other rows have there

    def asked_for(self, asked: Asked) -> bool:
        """Whether the words name exactly what is there now."""
        if isinstance(self.value, str):
            return asked.exact and asked.asks_for(self.value)
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return not asked.ranging and asked.counts(float(self.value))
        return False

    def tried(self, state: Any) -> list[Any]:
        """Values that are not the one asked for; the first ones have nothing to do with it."""
        if isinstance(self.value, str):
            longer = (
                [f"un{self.value}", f"{self.value}x"] if _WORD.match(self.value) else [f"{self.value} {OTHER_TEXT}"]
            )
            self.others = others = [one for one in column(state, self.path) if plain(one) != plain(self.value)]
            before = [self.before] if isinstance(self.before, str) and plain(self.before) != plain(self.value) else []
            return [OTHER_TEXT, "", MISSING, *before, *longer, *others]
        step = 1 if isinstance(self.value, int) else max(1.0, abs(self.value) / 10)
        old = [self.before] if isinstance(self.before, int | float) and self.before != self.value else []
        return [self.value * 3 + 17, -abs(self.value) - 17, *old, self.value + step, self.value - step]

    def _row(self, state: Any, accepted: Any) -> Any:
        """What the check accepts, with what stands around the place."""
        around = at(state, self.path[:-1])
        return plain_json({**around, self.path[-1]: accepted}) if isinstance(around, dict) else plain_json(around)

    def findings(self, asked: Asked, state: Any, passing: Sequence[Any]) -> list[AuditFinding]:
        """What values that the check accepts here, though they are not the one asked for, show."""
        if isinstance(self.value, str):
            texts = [one for one in passing if isinstance(one, str) and one and one != self.before]
            wrong: list[Any] = [one for one in texts if not asked.names(one)]
        else:
            wrong = [one for one in passing if one is not MISSING and not asked.counts(float(one))]
        if not wrong:
            return []
        found = [one for one in wrong if one in self.others]
        shown = OTHER_TEXT if OTHER_TEXT in wrong else [*found, *wrong][0]
        where = ".".join(map(str, self.path))
        beside = " (and so any text)" if shown == OTHER_TEXT else ", which others have," if found else ""
        return [
            AuditFinding(
                what="accepts_more",
                words=f"It asks for {_shown(self.value)} and also accepts {_shown(shown)}{beside} at {where}.",
                evidence={"path": [*self.path], "asked": self.value, "accepted": shown, "row": self._row(state, shown)},
            )
        ]


def not_looked_for(asked: Asked, state: Any, start: Any) -> list[AuditFinding]:
    """A quoted text that is to be there, and is nowhere in a state that the check accepts: it is not looked for.

    What stood in the state at the start may be what a thing was called then, and proves nothing.
    """
    if asked.negated or asked.choice:
        return []
    held, before = ([plain(text) for text in _texts(one)] for one in (state, start))
    for text in asked.targets:
        wanted = plain(text)
        if is_path(text) or len(wanted) < 3 or not re.search(r"[a-z]{3}", wanted):
            continue
        if not any(wanted in one for one in [*held, *before]):
            return [
                AuditFinding(
                    what="accepts_more",
                    words=f"It asks for {_shown(text)} and accepts a state that holds this nowhere.",
                    evidence={"asked": text, "changes": _changes(start, state)},
                )
            ]
    return []


def _changes(start: Any, state: Any) -> list[dict[str, Any]]:
    """The first differences between two decoded states, as JSON."""
    before, after = plain_json(start), plain_json(state)
    return [asdict(one) for one in changes(before, after)[:_MOST_CHANGES]]


def _texts(value: Any) -> list[str]:
    found: list[str] = []
    waiting, seen = [value], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict | list | tuple | set | frozenset) and id(one) not in seen:
            seen.add(id(one))
            waiting += [*one.keys(), *one.values()] if isinstance(one, dict) else one
    return found


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
