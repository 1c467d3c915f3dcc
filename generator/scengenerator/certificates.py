"""Certificates: what is proven about a scenario before it is kept (DESIGN section 6)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from importlib.metadata import version
from itertools import permutations
from typing import Any

from generator.errors import EnvwrightError
from generator.scengenerator.grading import Grade, Grader
from generator.scengenerator.laws import laws_of
from generator.scengenerator.mutations import Mutator
from generator.scengenerator.outcomes import normalised
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.provenance import untold
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import Certificate, JsonObject, Scenario, ToolCall, canonical
from generator.skeleton.model import Model

ORDERS = 12  # permutations of a solution's commands that are tried


class UncertifiedError(EnvwrightError):
    """A scenario that could not be proven; `reason` is short and counted, the message has the detail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


@dataclass(frozen=True)
class Played:
    """Tool calls, run: the environment they left, those that succeeded, and what all of them answered."""

    environment: Any
    succeeded: list[ToolCall]
    results: list[Any]

    @property
    def refused(self) -> int:
        return len(self.results) - len(self.succeeded)


class Prover:
    """Proves scenarios of one environment."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.laws = laws_of(model)
        self.grader = Grader(model.document)

    def prove(self, scenario: Scenario) -> Certificate:
        """The certificate of a scenario. Raises UncertifiedError with the first thing that does not hold."""
        start: Any = self.laws.open(_copied(scenario.initial_state))
        problems = self.grader.problems(scenario)
        if problems:
            raise UncertifiedError("a check does not fit the environment", str(problems[0]))
        solution = self._play(start, scenario.solution.calls)
        self._solution_passes(scenario, start, solution)
        proof = _Proof(self, scenario, start, solution)
        rejected, equivalent, partial = proof.mutants()
        return Certificate(
            solution_passes=True,
            nothing_scores=0.0,
            replay_identical=True,
            mutants=rejected,
            equivalent=equivalent,
            partial_scores=partial,
            reorderings=proof.reorderings(),
            extra_queries=proof.extra_queries(),
            proven_by=f"envwright {version('envwright')}",
        )

    # -- the solution -------------------------------------------------------------------------------------------------

    def _solution_passes(self, scenario: Scenario, start: Any, solution: Played) -> None:
        nothing = self.grade(scenario, start, [], "")
        if nothing.score or nothing.passed:
            raise UncertifiedError("doing nothing earns something", f"score {nothing.score}")
        self._refuse_errors(nothing, "before the agent acts")
        allowed = 1 if scenario.kind == "decline" else 0
        if solution.refused > allowed:
            raise UncertifiedError("the solution is refused", _first_refusal(solution))
        grade = self.grade(scenario, solution.environment, solution.succeeded, scenario.solution.answer)
        self._refuse_errors(grade, "after the solution")
        if not grade.passed:
            failed = [check.description for check in grade.checks if not check.holds]
            damage = [f"{change.table} {change.row}" for change in grade.damage]
            raise UncertifiedError("the solution does not pass", "; ".join(failed + damage))
        missing = untold(self.model, scenario.task, scenario.solution.calls, solution.results)
        if missing:
            raise UncertifiedError("a value of the solution stands nowhere", missing)
        again = self._play(self.laws.open(_copied(scenario.initial_state)), scenario.solution.calls)
        if canonical(again.environment.state) != canonical(solution.environment.state):
            raise UncertifiedError("a replay ends in another state")

    @staticmethod
    def _refuse_errors(grade: Grade, when: str) -> None:
        for check in grade.checks:
            if check.error is not None:
                raise UncertifiedError("a check raises", f"{check.id} {when}: {check.error}")

    # -- running and grading ------------------------------------------------------------------------------------------

    def grade(self, scenario: Scenario, environment: Any, calls: list[ToolCall], answer: str) -> Grade:
        return self.grader.grade(scenario, environment.state, calls, answer)

    def _play(self, start: Any, calls: list[ToolCall]) -> Played:
        environment = start.copy()
        succeeded, results = [], []
        for call in calls:
            result = environment.call(call.name, call.arguments)
            results.append(result)
            if result.ok:
                succeeded.append(call)
        return Played(environment, succeeded, results)

    def is_command(self, call: ToolCall) -> bool:
        operation = self.model.operations.get(call.name)
        return operation is not None and operation.is_command


class _Proof:
    """The parts of a proof that compare other runs with the solution."""

    def __init__(self, prover: Prover, scenario: Scenario, start: Any, solution: Played) -> None:
        self.prover, self.scenario, self.start, self.solution = prover, scenario, start, solution
        self.rng = random.Random(f"{scenario.seed}/{scenario.id}/proof")
        sampler = Sampler(prover.model, f"{scenario.seed}/{scenario.id}/proof")
        proposer = Proposer(prover.model, random.Random(f"{scenario.seed}/{scenario.id}/mutants"), sampler)
        self.mutator = Mutator(prover.model, start, self.rng, proposer.propose)
        self.outcome = self._outcome(solution)

    def _outcome(self, played: Played) -> str:
        return normalised(self.prover.model, played.environment.state, self.start.state)

    def _effects(self, played: Played) -> list[str]:
        """The commands that were done, for who acted: equal outcomes by another actor are not the same."""
        return sorted(canonical(call.model_dump()) for call in played.succeeded if self.prover.is_command(call))

    def mutants(self) -> tuple[dict[str, int], int, list[float]]:
        """Rejected mutants by operator, equivalent ones, and the scores of partial solutions."""
        rejected: dict[str, int] = {}
        equivalent = 0
        partial: set[float] = set()
        answer = self.scenario.solution.answer
        for mutant in self.mutator.mutants(self.scenario.solution.calls):
            played = self.prover._play(self.start, mutant.calls)
            grade = self.prover.grade(self.scenario, played.environment, played.succeeded, answer)
            if not self._is_wrong(mutant.operator, played):
                equivalent += 1
                continue
            if grade.passed:
                raise UncertifiedError("a wrong solution passes", mutant.operator)
            rejected[mutant.operator] = rejected.get(mutant.operator, 0) + 1
            if 0 < grade.score < 1:
                partial.add(round(grade.score, 4))
        for operator, calls, words in self._wrong_answers():
            played = self.prover._play(self.start, calls)
            if self.prover.grade(self.scenario, played.environment, played.succeeded, words).passed:
                raise UncertifiedError("a wrong answer passes", f"{operator}: {words!r}")
            rejected[operator] = rejected.get(operator, 0) + 1
        return dict(sorted(rejected.items())), equivalent, sorted(partial)

    def _is_wrong(self, operator: str, played: Played) -> bool:
        if self._outcome(played) != self.outcome:
            return True
        return operator == "another actor" and self._effects(played) != self._effects(self.solution)

    def _wrong_answers(self) -> list[tuple[str, list[ToolCall], str]]:
        """Answers that must not do: none, or one beside the right one."""
        calls, answer = self.scenario.solution.calls, self.scenario.solution.answer
        if self.scenario.kind == "change":
            return []
        quiet = [call for call in calls if self.prover.is_command(call) or not self._escalates(call)]
        found = [("silence", quiet, ""), ("claims it is done", quiet, "Done.")]
        if self.scenario.kind == "question":
            found += [("another answer", calls, other) for other in self._others(answer)]
        return found

    def _escalates(self, call: ToolCall) -> bool:
        return any(f"called('{call.name}'" in check.that for check in self.scenario.checks)

    @staticmethod
    def _others(answer: str) -> list[str]:
        """The answer with its number, word or date changed."""
        words = answer.rstrip(".")
        if words.replace(".", "", 1).replace(",", "").isdigit():
            number = float(words.replace(",", ""))
            return [f"{number + 1:g}", f"{number * 10 + 3:g}", f"Either {words} or {number + 1:g}"]
        return ["I do not know.", "There is nothing."]

    # -- other right solutions ------------------------------------------------------------------------------------------

    def reorderings(self) -> int:
        """Other orders of the commands that reach the same outcome pass too."""
        calls = self.scenario.solution.calls
        commands = [call for call in calls if self.prover.is_command(call)]
        queries = [call for call in calls if not self.prover.is_command(call)]
        count = 0
        for order in list(permutations(commands))[1 : ORDERS + 1]:
            played = self.prover._play(self.start, [*queries, *order])
            if len([call for call in played.succeeded if self.prover.is_command(call)]) < len(commands):
                continue
            if self._outcome(played) != self.outcome:
                continue
            if not self._passes(played):
                raise UncertifiedError("another order of the same steps fails")
            count += 1
        return count

    def extra_queries(self) -> int:
        """Looking around costs nothing."""
        extra = list(self.mutator.silent_queries())
        played = self.prover._play(self.start, [*extra, *self.scenario.solution.calls, *extra])
        if not self._passes(played):
            raise UncertifiedError("extra queries change the grade")
        return len(extra) * 2

    def _passes(self, played: Played) -> bool:
        answer = self.scenario.solution.answer
        return self.prover.grade(self.scenario, played.environment, played.succeeded, answer).passed


def _copied(state: JsonObject) -> JsonObject:
    tables = {name: {key: dict(row) for key, row in rows.items()} for name, rows in state["tables"].items()}
    return {"clock": state["clock"], "counters": dict(state["counters"]), "tables": tables}


def _first_refusal(played: Played) -> str:
    return next((str(result.content["message"]) for result in played.results if not result.ok), "")
