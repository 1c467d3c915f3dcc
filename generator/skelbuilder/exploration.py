"""Walks through an environment's states, towards what was not reached yet, and watches what must always hold.

A walk starts from sampled rows without a past and makes calls under an advancing clock. What it aims at changes every
few calls: a command that has not succeeded, a condition that has not refused, a word that no row has shown; commands
that write what the target reads are then called more often. Everything depends on the seed only.
"""

from __future__ import annotations

import datetime as dt
import json
import marshal
import random
from collections import Counter
from typing import Any

import jsonschema  # type: ignore[import-untyped]

from generator.scengenerator.laws import Laws, Outcome, State, World
from generator.scengenerator.proposals import Arguments, Proposer
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import canonical
from generator.scengenerator.tendencies import Place, Tendency, tendencies
from generator.skelbuilder.coverage import Coverage
from generator.skelbuilder.report import Finding, FindingKind
from generator.skeleton.facts import footprint
from generator.skeleton.model import Entity, Operation, Query

WATCHED = 4  # the first so many results of a tool, and refusals by an origin, are looked at closely
WATCHED_EACH = 12  # and from then on every so many
LARGE = 60_000  # bytes of a state that takes long to compare; then every so many calls are
LARGE_EACH = 8
GROWTH = 600  # rows that a walk may add
AIM = 15  # calls until another target is chosen
_STRANGE: tuple[Any, ...] = ("no such thing", "", -1, None, True, [], {"x": 1}, 10**20, "2026-02-30")


class Explorer:
    """Explores; coverage and findings grow with every walk."""

    def __init__(self, laws: Laws, seed: str) -> None:
        self.laws, self.model, self.seed = laws, laws.model, seed
        self.coverage = Coverage(laws.model)
        self.findings: dict[tuple[FindingKind, str], Finding] = {}
        self.calls = 0
        self.validators = {
            tool["name"]: jsonschema.Draft202012Validator(tool["outputSchema"]) for tool in laws.module.TOOLS
        }
        self.tendencies = {item.operation.name: item for item in tendencies(laws.model)}
        self.footprints = {name: footprint(laws.model, item) for name, item in laws.model.operations.items()}
        self.queries = [(entity, query) for entity in laws.model.entities.values() for query in entity.queries.values()]
        self.seen: Counter[tuple[str, ...]] = Counter()

    def find(self, kind: FindingKind, place: str, text: str) -> None:
        self.findings.setdefault((kind, place), Finding(kind=kind, place=place, text=text))

    def walk(self, state: State, number: int, length: int) -> None:
        """One walk from a state, which it takes over; then the same calls again, which must give the same bytes."""
        Walk(self, state, number).run(length)


class Walk:
    """One sequence of calls."""

    def __init__(self, explorer: Explorer, state: State, number: int) -> None:
        self.explorer, self.laws, self.coverage = explorer, explorer.laws, explorer.coverage
        self.start = marshal.dumps(state)
        self.world: World = self.laws.open(state)
        self.rng = random.Random(f"{explorer.seed}/walk/{number}")
        sampler = Sampler(self.laws.model, f"{explorer.seed}/values/{number}")
        self.proposer = Proposer(self.laws.model, self.rng, sampler, curious=True)
        self.log: list[tuple[str, str, Any, str]] = []  # clock, tool, arguments, what came back
        self.aim: Operation | None = None
        self.refusing: str | None = None
        self.wish: dict[str, str] = {}
        self.boosted: set[str] = set()
        self.most = self._rows() + GROWTH
        self.coverage.look(self.world)

    def _rows(self) -> int:
        return sum(len(getattr(self.world, entity.plural)) for entity in self.laws.model.entities.values())

    def run(self, length: int) -> None:
        for step in range(length):
            if step % AIM == 0:
                self._take_aim()
                self._advance()
            if self._rows() > self.most:
                break  # a folder copied into itself doubles each time
            draw = self.rng.random()
            if draw < 0.5:
                self._command()
            elif draw < 0.75:
                self._aimed()
            elif draw < 0.93:
                self._query()
            else:
                self._nonsense()
        self._replay()

    def _advance(self) -> None:
        """Time passes: hours mostly, sometimes days or weeks."""
        hours = self.rng.choice((1, 2, 4, 20, 26, 72, 24 * 9))
        self.world.clock = (dt.datetime.fromisoformat(self.world.clock) + dt.timedelta(hours=hours)).isoformat()

    # -- choosing -----------------------------------------------------------------------------------------------------

    def _take_aim(self) -> None:
        """Chooses something that is still open, and the commands that could bring it nearer."""
        operations = self.laws.model.operations
        targets: list[tuple[str, str | None, dict[str, str]]] = []
        targets += [(name, None, {}) for name in self.coverage.open_commands()]
        targets += [(name, origin, {}) for name, origin in self.coverage.open_clauses()]
        for place, word in self.coverage.open_words():
            targets += self._makers(place, word)
        name, self.refusing, self.wish = self.rng.choice(targets) if targets else ("", None, {})
        self.aim = operations.get(name)
        reads = self.explorer.footprints[name].reads if self.aim else frozenset()
        needs = set(self.explorer.tendencies[name].needs) if name in self.explorer.tendencies else set()
        self.boosted = {
            item.operation.name
            for item in self.explorer.tendencies.values()
            if self.explorer.footprints[item.operation.name].writes & reads or _sets(item) & needs
        }

    def _makers(self, place: Place, word: str) -> list[tuple[str, str | None, dict[str, str]]]:
        found: list[tuple[str, str | None, dict[str, str]]] = []
        for name, item in self.explorer.tendencies.items():
            for move in (*item.moves, *item.starts):
                if (move.place, move.word) == (place, word):
                    found.append((name, None, dict([move.choice]) if move.choice else {}))
        return found

    def _command(self) -> None:
        names = list(self.explorer.tendencies)
        weights = [
            (1 + 4 * (name in self.boosted)) / (2 if self.explorer.tendencies[name].removes else 1) for name in names
        ]
        operation = self.laws.model.operations[self.rng.choices(names, weights)[0]] if names else None
        if operation is not None:
            self._propose(operation, None, {})

    def _aimed(self) -> None:
        operation = self.aim
        refusing, wish = self.refusing, self.wish
        if operation is None:  # nothing is open: any condition again
            operation = self.rng.choice(list(self.laws.model.operations.values()))
            origins = [origin for name, origin in self.coverage.clauses if name == operation.name]
            refusing, wish = self.rng.choice(origins) if origins else None, {}
        for _ in range(3):
            self._propose(operation, refusing, wish)

    def _propose(self, operation: Operation, refusing: str | None, wish: dict[str, str]) -> None:
        arguments = self.proposer.propose(operation, self.world, refusing, wish)
        if arguments is not None:
            self.call(operation.name, arguments, command=operation.is_command)

    def _query(self) -> None:
        own = [operation for operation in self.laws.model.operations.values() if not operation.is_command]
        at = self.rng.randrange(len(own) + len(self.explorer.queries)) if own or self.explorer.queries else -1
        if at < 0:
            return
        if at < len(own):
            self._propose(own[at], None, {})
            return
        entity, query = self.explorer.queries[at - len(own)]
        self._entity_query(entity, query)

    def _entity_query(self, entity: Entity, query: Query) -> None:
        arguments = self.proposer.propose_query(entity, query, self.world)
        if arguments is not None:
            self.call(query.name, arguments, command=False)

    def _nonsense(self) -> None:
        """A call that cannot be right: one argument replaced, left out, or too many."""
        tool = self.rng.choice(self.laws.module.TOOLS)
        name = tool["name"]
        operation = self.laws.model.operations.get(name)
        arguments: Arguments = (self.proposer.propose(operation, self.world) if operation else None) or {}
        properties = [*tool["inputSchema"]["properties"], "surplus"]
        arguments[self.rng.choice(properties)] = self.rng.choice(_STRANGE)
        self.call(name, arguments, command=operation is not None and operation.is_command)

    # -- calling and watching -----------------------------------------------------------------------------------------

    def call(self, name: str, arguments: Any, *, command: bool) -> None:
        """Calls a tool and looks at what it did."""
        given = json.dumps(arguments)
        self.explorer.calls += 1
        compared = len(self.start) < LARGE or self.explorer.calls % LARGE_EACH == 0
        saved = marshal.dumps(self.world.state) if compared else b""
        try:
            result = self.world.call(name, json.loads(given))
        except Exception as error:  # noqa: BLE001 - whatever it is, the environment should have refused
            self.explorer.find("raises", name, f"{type(error).__name__}: {error} for the arguments {given}")
            return
        self.log.append((self.world.clock, name, given, canonical(result.content)))
        if result.ok:
            self._succeeded(name, result, None if command else saved)
        else:
            self._refused(name, result, given, saved)

    def _succeeded(self, name: str, result: Outcome, saved: bytes | None) -> None:
        """`saved` is the state before where nothing may have changed; empty where that is not looked at."""
        self.coverage.succeeded(name)
        close = self._watched("result", name)
        if saved is not None:
            if saved and self._differs(saved, close):
                self.explorer.find("query_changes_state", name, "the state is another one after this query")
        else:
            self.coverage.look(self.world)
            for rule in self.laws.broken(self.world):
                self.explorer.find("rule_broken", f"{name} / {rule}", f"after {name}, the rule '{rule}' does not hold")
        if close:
            fault = next(iter(self.explorer.validators[name].iter_errors(result.content)), None)
            if fault is not None:
                self.explorer.find("result_off_schema", name, f"its result does not fit its schema: {fault.message}")

    def _refused(self, name: str, result: Outcome, given: str, saved: bytes) -> None:
        self.coverage.refused(name, result.origin)
        if saved and self._differs(saved, self._watched(name, result.origin)):
            text = f"the state is another one after the refusal '{result.content.get('message')}' for {given}"
            self.explorer.find("refusal_changes_state", name, text)

    def _differs(self, saved: bytes, close: bool) -> bool:
        """Whether the state is another one than before: byte by byte where it is looked at closely."""
        before = marshal.loads(saved)
        if close:
            return canonical(before) != canonical(self.world.state)
        return bool(before != self.world.state)

    def _watched(self, *what: str) -> bool:
        self.explorer.seen[what] += 1
        count = self.explorer.seen[what]
        return count <= WATCHED or count % WATCHED_EACH == 0

    def _replay(self) -> None:
        """The same calls from the same state once more."""
        world = self.laws.open(marshal.loads(self.start))
        for clock, name, given, expected in self.log:
            world.clock = clock
            if canonical(world.call(name, json.loads(given)).content) != expected:
                self.explorer.find("replay_differs", name, "the same call in the same state gives another result")
                return
        world.clock = self.world.clock
        if canonical(world.state) != canonical(self.world.state):
            self.explorer.find("replay_differs", "state", "the same calls on the same state lead to another state")


def _sets(item: Tendency) -> set[tuple[Place, str]]:
    return {(move.place, move.word) for move in (*item.moves, *item.starts)}
