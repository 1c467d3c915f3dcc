"""Certificates: what is proven about a scenario before it is kept (DESIGN section 6)."""

from __future__ import annotations

import json
import random
from functools import cache
from importlib.metadata import version
from itertools import chain, islice, permutations
from typing import Any

from generator.errors import EnvwrightError
from generator.scengenerator.grading import Grade, Grader
from generator.scengenerator.guesses import wrong_answers
from generator.scengenerator.laws import laws_of
from generator.scengenerator.mutations import Mutant, Mutator
from generator.scengenerator.outcomes import normalised
from generator.scengenerator.playing import Played, Player, is_command
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.provenance import untold
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import Certificate, JsonObject, Scenario, ToolCall, canonical
from generator.skeleton.facts import escalations
from generator.skeleton.model import Model

ORDERS = 12  # permutations of a solution's commands that are tried


class UncertifiedError(EnvwrightError):
    """A scenario that could not be proven; `reason` is short and counted, the message has the detail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


class Prover:
    """Proves scenarios of one environment."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.laws = laws_of(model)
        self.grader = Grader(model)

    def prove(self, scenario: Scenario) -> Certificate:
        """The certificate of a scenario. Raises UncertifiedError with the first thing that does not hold."""
        problems = self.grader.problems(scenario)
        if problems:
            raise UncertifiedError("a check does not fit the environment", str(problems[0]))
        proof = _Proof(self, scenario)
        proof.nothing_earns()
        proof.solution_passes()
        proof.replays()
        rejected, equivalent, partial = proof.mutants()
        for operator, count in proof.wrong_answers().items():
            rejected[operator] = rejected.get(operator, 0) + count
        return Certificate(
            solution_passes=True,
            nothing_scores=0.0,
            replay_identical=True,
            mutants=dict(sorted(rejected.items())),
            equivalent=equivalent,
            partial_scores=partial,
            reorderings=proof.reorderings(),
            extra_queries=proof.extra_queries(),
            proven_by=_proven_by(),
        )

    def open(self, state: JsonObject) -> Any:
        """An environment on a copy of the state. Raises UncertifiedError for a state that does not fit."""
        try:
            tables = {name: {key: dict(row) for key, row in rows.items()} for name, rows in state["tables"].items()}
            return self.laws.open({"clock": state["clock"], "counters": dict(state["counters"]), "tables": tables})
        except (LookupError, TypeError, ValueError, AttributeError) as error:  # InvalidState is a ValueError
            raise UncertifiedError("the initial state does not fit the environment", str(error)) from error


class _Proof:
    """One scenario's proof; every method raises UncertifiedError where something does not hold."""

    def __init__(self, prover: Prover, scenario: Scenario) -> None:
        self.prover, self.model, self.scenario = prover, prover.model, scenario
        self.answer = scenario.solution.answer
        self.start = prover.open(scenario.initial_state)
        self.solution = Player(self.model, self.start, scenario.solution.calls).solution
        self.calls = [call for call in scenario.solution.calls if self._matters(call)]
        self.player = Player(self.model, self.start, self.calls)
        seed = f"{scenario.seed}/{scenario.id}"
        sampler = Sampler(self.model, f"{seed}/proof")
        self.proposer = Proposer(self.model, random.Random(f"{seed}/mutants"), sampler)
        self.mutator = Mutator(self.model, self.start, random.Random(f"{seed}/proof"), self.proposer)
        self.outcome = self._outcome(self.solution)

    def _matters(self, call: ToolCall) -> bool:
        """Commands, and queries that a check speaks of: others leave nothing behind that is graded."""
        return is_command(self.model, call) or any(f"called('{call.name}'" in c.that for c in self.scenario.expressions)

    # -- the start and the solution -----------------------------------------------------------------------------------

    def nothing_earns(self) -> None:
        """Every goal is false at the start, every keep is true."""
        nothing = self._grade(Played(self.start, [], []), "", "before the agent acts")
        for check in nothing.checks:
            if check.kind == "goal" and check.holds:
                raise UncertifiedError("a goal is reached at the start", f"{check.id}: {check.description}")
            if check.kind == "keep" and not check.holds:
                raise UncertifiedError("a keep fails at the start", f"{check.id}: {check.description}")
        if nothing.score or nothing.passed:
            raise UncertifiedError("doing nothing earns something", f"score {nothing.score}")

    def solution_passes(self) -> None:
        """The solution runs, earns everything, and says nothing that an agent could not know."""
        allowed = 1 if self.scenario.kind == "decline" else 0
        if self.solution.refused > allowed:
            raise UncertifiedError("the solution is refused", self.solution.first_refusal)
        grade = self._grade(self.solution, self.answer, "after the solution")
        if not grade.passed:
            failed = [check.description for check in grade.checks if not check.holds]
            damage = [f"{change.table} {change.row} may not change" for change in grade.damage]
            raise UncertifiedError("the solution does not pass", "; ".join(failed + damage))
        calls = self.scenario.solution.calls
        if all(is_command(self.model, call) for call in calls):
            raise UncertifiedError("nothing has to be looked up")
        missing = untold(self.model, self.scenario.task, calls, self.solution.results)
        if missing:
            raise UncertifiedError("a value of the solution stands nowhere", missing)

    def replays(self) -> None:
        """The same calls on the same state give the same bytes."""
        again = Player(self.model, self.prover.open(self.scenario.initial_state), self.scenario.solution.calls).solution
        one, other = (
            json.dumps([played.environment.state, [result.content for result in played.results]])
            for played in (self.solution, again)
        )
        if one != other:
            raise UncertifiedError("a replay differs")

    # -- wrong solutions ----------------------------------------------------------------------------------------------

    def mutants(self) -> tuple[dict[str, int], int, list[float]]:
        """Rejected mutants by operator, equivalent ones, and the scores of partial solutions."""
        rejected: dict[str, int] = {}
        equivalent = 0
        partial: set[float] = set()
        queries = [call for call in self.scenario.solution.calls if not is_command(self.model, call)]
        for mutant in chain([Mutant("queries only", queries)], self.mutator.mutants(self.calls)):
            played = self.player.play(mutant.calls)
            grade = self._grade(played, self.answer, f"after a mutant ({mutant.operator})")
            if not self._is_wrong(mutant.operator, played):
                if len(mutant.calls) < len(self.calls) and mutant.operator != "queries only":
                    raise UncertifiedError("a step leaves no trace")
                equivalent += 1
                continue
            if grade.passed:
                raise UncertifiedError("a wrong solution passes", self._spoilt(mutant))
            rejected[mutant.operator] = rejected.get(mutant.operator, 0) + 1
            if 0 < grade.score < 1:
                partial.add(round(grade.score, 4))
        return rejected, equivalent, sorted(partial)

    def _spoilt(self, mutant: Mutant) -> str:
        """What a mutant does otherwise: its operator and its own calls, or the one that it leaves out."""
        own = [call for call in mutant.calls if call not in self.calls]
        left = [call for call in self.calls if call not in mutant.calls]
        told = ", ".join(f"{call.name} {canonical(call.arguments)}" for call in own or left)
        return f"{mutant.operator}, {'' if own else 'without '}{told}" if told else mutant.operator

    def wrong_answers(self) -> dict[str, int]:
        """Of questions and what has to be declined: answers that must not do, and acting all the same."""
        rejected: dict[str, int] = {}
        if self.scenario.kind == "change":
            return rejected
        tools = {tool.name for tool in escalations(self.model)}
        quiet = self.player.play([call for call in self.calls if call.name not in tools])
        for operator, words in wrong_answers(self.scenario):
            if self._grade(quiet, words, f"after a wrong answer ({operator})").passed:
                raise UncertifiedError("a wrong answer passes", f"{operator}: {words!r}")
            rejected[operator] = rejected.get(operator, 0) + 1
        if self.scenario.kind == "decline" and (handing := self._handing_over()) is not None:
            if not self._grade(self.player.play([handing]), "", "after handing over").passed:
                raise UncertifiedError("handing over does not pass")
            for mutant in self.mutator.extra([]):
                played = self.player.play([*mutant.calls, handing])
                if self._outcome(played) != self.outcome and self._grade(played, "", "after acting").passed:
                    raise UncertifiedError("a wrong solution passes", "acts, then hands over")
                rejected["acts, then hands over"] = rejected.get("acts, then hands over", 0) + 1
        return rejected

    def _handing_over(self) -> ToolCall | None:
        for tool in escalations(self.model):
            arguments = self.proposer.propose(tool, self.start)
            if arguments is not None:
                return ToolCall(name=tool.name, arguments=arguments)
        return None

    def _is_wrong(self, operator: str, played: Played) -> bool:
        """Whether a mutant left something else; equal outcomes by another actor are not the same either."""
        if self._outcome(played) != self.outcome:
            return True
        return operator == "another actor" and self._effects(played) != self._effects(self.solution)

    # -- other right solutions ----------------------------------------------------------------------------------------

    def reorderings(self) -> int:
        """Other orders of the commands that reach the same outcome pass too."""
        commands = [call for call in self.calls if is_command(self.model, call)]
        queries = [call for call in self.calls if not is_command(self.model, call)]
        count = 0
        for order in islice(permutations(commands), 1, ORDERS + 1):
            played = self.player.play([*queries, *order])
            if len(self._effects(played)) < len(commands) or self._outcome(played) != self.outcome:
                continue
            if not self._grade(played, self.answer, "after another order").passed:
                raise UncertifiedError("another order of the same steps fails")
            count += 1
        return count

    def extra_queries(self) -> int:
        """Looking around costs nothing."""
        extra = list(self.mutator.silent_queries())
        played = self.player.play([*extra, *self.scenario.solution.calls, *extra])
        if not self._grade(played, self.answer, "after extra queries").passed:
            raise UncertifiedError("extra queries change the grade")
        return len(extra) * 2

    # -- running and grading ------------------------------------------------------------------------------------------

    def _grade(self, played: Played, answer: str, when: str) -> Grade:
        grade = self.prover.grader.grade(self.scenario, played.environment.state, played.succeeded, answer)
        for check in grade.checks:
            if check.error is not None:
                raise UncertifiedError("a check raises", f"{check.id} {when}: {check.error}")
        return grade

    def _outcome(self, played: Played) -> str:
        return normalised(self.model, played.environment.state, self.start.state)

    def _effects(self, played: Played) -> list[str]:
        """The commands that were done."""
        return sorted(canonical(call.model_dump()) for call in played.succeeded if is_command(self.model, call))


@cache
def _proven_by() -> str:
    return f"envwright {version('envwright')}"
