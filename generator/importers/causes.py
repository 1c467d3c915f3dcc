"""Why a recorded attempt earned another reward than it earns here: found by playing its calls again, otherwise.

Each cause is a change of one thing; it is named when with that one thing changed the grade is the recorded one, or
when changing it changes the grade at all, which shows that the recording hung on it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator.importers.contained.box import Box, Reply
from generator.importers.contained.encoding import TAG
from generator.importers.contained.errors import Broken, ClassError
from generator.importers.folder import ForeignClass, check_box
from generator.importers.grading import judged
from generator.importers.recordings import RecordedCall
from generator.importers.release import listed
from generator.importers.verdicts import Court
from generator.scengenerator.scenario import Scenario

Arguments = dict[str, Any]
_CLOCKS = (
    "2024-03-01T12:00:00",
    "2025-06-15T08:30:00",
    "2025-11-20T17:45:00",
    "2026-02-28T23:59:00",
    "2031-01-01T00:00:00",
)
_SEEDS = tuple(f"other chance {number}" for number in range(12))
_MOST_MATCHES = 120  # ways to put recorded ids in the place of those made here


@dataclass(frozen=True)
class Cause:
    """A named cause, the sentence for it, and whether with it changed the reward is the recorded one."""

    name: str
    words: str
    proven: bool


@dataclass(frozen=True)
class _Played:
    state: Any  # encoded
    raised: int | None  # the number of the first call that raised
    made: tuple[str, ...]  # texts that the class made, in order, and that nobody gave it
    unknown: tuple[str, ...]  # texts in arguments that stood nowhere before


class Examiner:
    """Plays one recording again, in ways that differ from how it was played through the server."""

    def __init__(self, foreign: ForeignClass, scenario: Scenario, open_box: Callable[[str], Box] = check_box) -> None:
        self._foreign, self._scenario, self._open = foreign, scenario, open_box

    def cause(self, calls: Sequence[RecordedCall], recorded: float, ours: float, refused: dict[int, str]) -> Cause:
        """The cause of a difference; `refused` holds the codes of calls that the server refused, by number."""
        try:
            for cause in self._causes(calls, recorded, ours, refused):
                if cause is not None:
                    return cause
        except (Broken, ClassError) as error:
            return Cause("contained", f"played again, the class broke its box: {error}", False)
        return Cause("unexplained", "none of the things that were changed explains it", False)

    def _causes(
        self, calls: Sequence[RecordedCall], recorded: float, ours: float, refused: dict[int, str]
    ) -> Iterator[Cause | None]:
        plain = self._play(calls)
        here = self._reward(plain.state, self._scenario.clock)
        yield _refusals(calls, here, recorded, refused) if here == recorded else None
        yield self._ended(calls, plain, recorded)
        yield self._ids(calls, plain, recorded)
        # Chance comes first, since another time makes other chance too.
        yield self._hangs_on("random", [(self._scenario.clock, seed) for seed in _SEEDS], calls, recorded, here)
        yield self._hangs_on("clock", [(clock, None) for clock in _CLOCKS], calls, recorded, here)
        yield self._standing_still(calls, plain, recorded)
        yield self._undecided(plain)
        yield _refusals(calls, here, recorded, refused) if here != ours else None
        unmatched = next(_matches(plain.unknown, plain.made), None)
        if unmatched is not None:
            named = ", ".join(list(unmatched)[:3])
            yield Cause(
                "random ids", f"its calls name {named}, which stood nowhere before; ids are made at random", False
            )

    def _ended(self, calls: Sequence[RecordedCall], plain: _Played, recorded: float) -> Cause | None:
        """EnvScaler ends an attempt at a call that raises, with reward 0."""
        if plain.raised is None:
            return None
        told = f"call {plain.raised}, {calls[plain.raised - 1].name}, raises"
        if recorded == 0:
            return Cause("raising call", f"{told}; EnvScaler ends the attempt there with reward 0", True)
        if self._earns(self._play(calls[: plain.raised - 1]).state, recorded):
            return Cause("raising call", f"{told}; up to there the reward is the recorded one", True)
        return None

    def _ids(self, calls: Sequence[RecordedCall], plain: _Played, recorded: float) -> Cause | None:
        """Recorded calls name ids that the class made at random in the original."""
        for matched in itertools.islice(_matches(plain.unknown, plain.made), _MOST_MATCHES):
            renamed = [RecordedCall(call.name, _renamed(call.arguments, matched)) for call in calls]
            if self._earns(self._play(renamed).state, recorded):
                told = ", ".join(f"{ours} for {theirs}" for theirs, ours in list(matched.items())[:3])
                return Cause(
                    "random ids", f"with the ids made here in their place ({told}), it is the recorded one", True
                )
        return None

    def _hangs_on(
        self,
        name: str,
        worlds: Sequence[tuple[str, str | None]],
        calls: Sequence[RecordedCall],
        recorded: float,
        here: float,
    ) -> Cause | None:
        """`here` is the reward of the same calls in the world as it is."""
        rewards = []
        for clock, seed in worlds:
            rewards.append(self._reward(self._play(calls, clock, seed).state, clock))
            if rewards[-1] == recorded:
                return Cause(name, f"{_world(name, clock, seed)}, the reward is the recorded one", True)
        if any(reward != here for reward in rewards):
            told = ", ".join(f"{reward:g}" for reward in dict.fromkeys(rewards))
            return Cause(name, f"the reward hangs on it: in other worlds it is {told}", False)
        return None

    def _standing_still(self, calls: Sequence[RecordedCall], plain: _Played, recorded: float) -> Cause | None:
        """Played back at once, calls of the original see one time, and ids that are made of it are the same."""
        scenario, state = self._scenario, self._scenario.initial_state["tables"]
        for call in calls:
            with self._foreign.open(state, scenario.clock, self._foreign.seed(state)) as box:
                box.call(call.name, call.arguments)
                state = box.state()
        if state != plain.state and self._earns(state, recorded):
            return Cause("clock", "where no time passes between the calls, the reward is the recorded one", True)
        return None

    def _play(self, calls: Sequence[RecordedCall], clock: str | None = None, seed: str | None = None) -> _Played:
        """The calls, made on the class directly, as EnvScaler makes them, but going on after one that raises."""
        before = self._scenario.initial_state["tables"]
        known = set(_texts(before))
        made: dict[str, None] = {}
        unknown: dict[str, None] = {}
        raised = None
        with self._foreign.open(before, clock or self._scenario.clock, seed) as box:
            for number, call in enumerate(calls, start=1):
                given = list(dict.fromkeys(text for value in call.arguments.values() for text in _texts(value)))
                unknown |= dict.fromkeys(text for text in given if text not in known)
                if call.problem:
                    continue
                reply = box.call(call.name, call.arguments)
                raised = number if raised is None and not reply.ok and not _absent(call, reply) else raised
                known |= set(given)
                told = [*_texts(reply.value), *_texts(box.state())]
                made |= dict.fromkeys(text for text in told if text not in known)
                known |= set(told)
            return _Played(box.state(), raised, tuple(made), tuple(unknown))

    def _undecided(self, plain: _Played) -> Cause | None:
        """Checks that need what is not where they run: a package, or what objects of the class can do."""
        checks = self._scenario.sources
        with Court(lambda: self._open(self._scenario.clock)) as court:
            verdicts = judged(court, checks, self._scenario.initial_state["tables"], plain.state).judgements
        pairs = list(zip(checks, verdicts, strict=True))
        broken = [check.id for check, one in pairs if one.kind == "broken"]
        if broken:
            return Cause("contained", f"{listed(broken)} did what no check may do, and cannot be decided here", False)
        raised = {check.id: one.detail for check, one in pairs if one.kind == "raised"}
        packages = [name for name, detail in raised.items() if detail.startswith("ModuleNotFoundError")]
        if packages:
            told = f"{listed(packages)} cannot be decided: {raised[packages[0]]}; only the standard library is there"
            return Cause("package missing", told, False)
        written = json.dumps(plain.state)
        if raised and any(f'"{TAG}": "{kind}"' in written for kind in ("object", "opaque")):
            told = f"{listed([*raised])} cannot be decided: the state holds objects of classes, and checks see no class"
            return Cause("objects", told, False)
        return None

    def _earns(self, state: Any, recorded: float) -> bool:
        return self._reward(state, self._scenario.clock) == recorded

    def _reward(self, state: Any, clock: str) -> float:
        before, checks = self._scenario.initial_state["tables"], self._scenario.sources
        with Court(lambda: self._open(clock)) as court:
            return round(judged(court, checks, before, state).as_released, 4)


def _refusals(calls: Sequence[RecordedCall], here: float, recorded: float, refused: dict[int, str]) -> Cause | None:
    """The class itself takes calls that the server refuses, by the declared tools and schemas; then it is `here`."""
    schemas = [number for number, code in refused.items() if code == "invalid_arguments"]
    missing = [number for number, code in refused.items() if code == "unknown_tool"]
    if not schemas and not missing:
        return None
    name = "tool missing" if missing else "arguments refused by the declared schema"
    told = ", ".join(f"call {number}, {calls[number - 1].name}" for number in (missing or schemas)[:4])
    reward = "the recorded one" if here == recorded else f"{here:g}"
    return Cause(name, f"{told}: carried out by the class itself, the reward is {reward}", here == recorded)


def _absent(call: RecordedCall, reply: Reply) -> bool:
    """Whether the object has nothing of that name, so that EnvScaler does not make the call at all."""
    return reply.raised == "AttributeError" and reply.message.endswith(f"has no attribute '{call.name}'")


def _world(name: str, clock: str, seed: str | None) -> str:
    return f"at {clock}" if name == "clock" else f"with the seed {seed}"


def _matches(theirs: Sequence[str], ours: Sequence[str]) -> Iterator[dict[str, str]]:
    """Ways to put texts made here in the place of recorded ones of the same shape, one by one; not none at all."""
    shapes: dict[str, list[str]] = {}
    for text in ours:
        shapes.setdefault(_shape(text), []).append(text)
    wanted = [text for text in theirs if _shape(text) in shapes and len(text) > 3]
    choices = [shapes[_shape(text)] for text in wanted[:6]]
    for chosen in itertools.product(*choices) if wanted else ():
        if len(set(chosen)) == len(chosen):
            yield dict(zip(wanted, chosen, strict=False))


def _shape(text: str) -> str:
    """A text with all letters and digits alike, as far as ids of one maker share that."""
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        return "uuid"
    return re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d+|(?<=\d)[a-f]+", "0", text)))


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def _texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, keys among them, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def final_state(foreign: ForeignClass, scenario: Scenario, calls: Sequence[RecordedCall]) -> Any:
    """What recorded calls leave behind, encoded, made on the class directly; None where the class breaks its box."""
    tables = scenario.initial_state["tables"]
    try:
        with foreign.open(tables, scenario.clock) as box:
            for call in calls:
                box.call(call.name, call.arguments)
            return box.state()
    except (Broken, ClassError):
        return None
