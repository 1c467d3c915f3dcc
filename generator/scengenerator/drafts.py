"""Drafts of scenarios: a plan, its words, its checks and its solution over one state; not yet proven.

Difficulty runs from 1 to 5: two points a command, one a step of resolution (a look-up that the words call for), two
for an obstacle or a policy to be minded, half a point for each size of the state above 1.
"""

from __future__ import annotations

import random
from collections.abc import Container
from typing import Any

from generator.scengenerator.checking import FAILURES
from generator.scengenerator.checks import CheckWriter, acting, declining
from generator.scengenerator.dependence import Dependence
from generator.scengenerator.laws import laws_of
from generator.scengenerator.obstacles import Obstacles
from generator.scengenerator.plans import Planner
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.questions import Question, Questioner
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import AllowedChange, Check, Kind, Scenario, Solution, ToolCall, canonical
from generator.scengenerator.sets import Sets
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.steps import Plan
from generator.scengenerator.tasks import Task, TaskWriter, WordlessError
from generator.scengenerator.worlds import Worlds
from generator.skeleton.model import Model, Operation

SETS = 0.25  # how often a change is tried for all rows that a phrase denotes
OBSTACLES = 0.7  # how often a change has one
THRESHOLDS = (4.0, 6.0, 8.5, 11.0)  # points up to which a scenario has difficulty 1, 2, 3, 4
LENGTHS = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (3, 3), 5: (4, 5)}  # commands by level
EVERY = frozenset(range(1, 6))  # difficulties
FORBIDDEN = 4  # tries of a command that a policy forbids


class NoDraftError(Exception):
    """Nothing came of it; the message is a short reason that is counted.

    `barren`: nor will anything come of this kind and command over the same state.
    """

    def __init__(self, reason: str, *, barren: bool = False) -> None:
        super().__init__(reason)
        self.barren = barren


class OtherDifficultyError(NoDraftError):
    """A draft that came out easier or harder than what is wanted."""

    def __init__(self) -> None:
        super().__init__("of another difficulty than is wanted")


class Workshop:
    """What the drafts of one model share, over all states."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.dependence = Dependence(model)
        self.worlds = Worlds(model)
        self._policies = [(name, self.worlds.function(rule.holds, {}, [])) for name, rule in model.policies.items()]

    def broken_policies(self, start: Any, end: Any) -> list[str]:
        """The policies that an outcome breaks; one that cannot be evaluated counts as broken."""
        after = self.worlds.world(end.state, self.worlds.world(start.state))
        return [name for name, holds in self._policies if not self._holds(holds, after)]

    @staticmethod
    def _holds(policy: Any, world: Any) -> bool:
        try:
            return bool(policy(world))
        except FAILURES:
            return False

    def policy_checks(self) -> list[Check]:
        """Every policy as a check that must stay true."""
        return [
            Check(id=f"policy-{name}", kind="keep", description=doc.text, that=doc.holds)
            for name, doc in self.model.document.policies.items()
        ]


class Drafter:
    """Drafts scenarios over one initial state of a size from 1 to 5."""

    def __init__(self, workshop: Workshop, state: dict[str, Any], size: int) -> None:
        self.model, self.workshop, self.size = workshop.model, workshop, size
        self.start: Any = laws_of(self.model).open(state)
        self._snapshot = Snapshot(self.model, self.start)

    def draft(self, kind: Kind, focus: Operation, seed: str, wanted: Container[int] = EVERY) -> Scenario:
        """A scenario without identity and certificate, of a wanted difficulty. Raises NoDraftError."""
        rng = random.Random(f"{seed}/draft")
        writer = TaskWriter(self.model, self._snapshot, rng)
        try:
            if kind == "question":
                return self._question(writer, rng, wanted)
            proposer = Proposer(self.model, random.Random(f"{seed}/proposals"), Sampler(self.model, f"{seed}/values"))
            planner = Planner(self.model, self.start, proposer, rng, self.workshop.dependence)
            if kind == "change":
                return self._change(planner, writer, focus, wanted)
            return self._decline(planner, writer, focus, wanted)
        except WordlessError as error:
            raise NoDraftError(str(error)) from error

    # -- change -------------------------------------------------------------------------------------------------------

    def _change(self, planner: Planner, writer: TaskWriter, focus: Operation, wanted: Container[int]) -> Scenario:
        planner.minds = self._minds
        together = None
        if self.size > 1 and planner.rng.random() < SETS:
            together = Sets(planner, writer.describer, self._snapshot).planned(focus)
        plan = together.plan if together else self._plan(planner, focus)
        task = writer.write_set(together) if together else writer.write(plan)
        level = self._difficulty(len(plan.steps), task.steps, plan.obstacle, wanted)
        task.calls = writer.calls(plan, task.text)
        if len(task.calls) == len(plan.steps):
            raise NoDraftError("nothing has to be looked up")
        expected = CheckWriter(self.model, self.start, plan.end).write()
        checks = [*expected.checks, *acting(self.model, plan), *self.workshop.policy_checks()]
        return self._scenario("change", level, task, checks, "Done.", expected.allowed)

    def _minds(self, end: Any) -> bool:
        return not self.workshop.broken_policies(self.start, end)

    def _plan(self, planner: Planner, focus: Operation) -> Plan:
        least, most = LENGTHS[self.size]
        if self.size > 1 and planner.rng.random() < OBSTACLES:
            obstructed = Obstacles(planner).obstructed(focus)
            if obstructed is not None and self._minds(obstructed.end) and (self.size < 5 or planner.go_on(obstructed)):
                return obstructed
        plan = planner.change(focus, least, most)
        if plan is None:
            raise NoDraftError("no sequence of commands to be found", barren=True)
        if len(plan.steps) < least:
            raise NoDraftError("no sequence of commands that is long enough")
        return plan

    # -- decline ------------------------------------------------------------------------------------------------------

    def _decline(self, planner: Planner, writer: TaskWriter, focus: Operation, wanted: Container[int]) -> Scenario:
        """A request that a policy forbids, or that cannot be met: nothing may change, and the agent must say so."""
        plan = self._forbidden(planner, focus) if self.model.policies and planner.rng.random() < 0.6 else None
        policy = plan is not None
        plan = plan or Obstacles(planner).hopeless(focus)
        if plan is None:
            raise NoDraftError("nothing that has to be declined to be found", barren=True)
        task = writer.write(plan)
        level = self._difficulty(1, task.steps, True, wanted)
        calls = writer.calls(plan, task.text)
        if len(calls) == 1:
            raise NoDraftError("nothing has to be looked up")
        task.calls = calls[:-1] if policy else calls
        reason = f"That is against the policy: {plan.refusal}" if policy else plan.refusal
        return self._scenario("decline", level, task, [declining(self.model)], f"I cannot do this. {reason}", [])

    def _forbidden(self, planner: Planner, focus: Operation) -> Plan | None:
        """A command that works and that a policy forbids."""
        for _ in range(FORBIDDEN):
            plan = planner.change(focus, 1, 1)
            if plan is None:
                return None
            broken = self.workshop.broken_policies(self.start, plan.end)
            if broken:
                plan.refusal = self.model.policies[broken[0]].text
                return plan
        return None

    # -- question -----------------------------------------------------------------------------------------------------

    def _question(self, writer: TaskWriter, rng: random.Random, wanted: Container[int]) -> Scenario:
        question = Questioner(self.model, writer.describer, rng).propose(self._snapshot)
        if question is None:
            raise NoDraftError("nothing worth a question")
        if question.kind == "count" and question.value <= 1:
            raise NoDraftError("an answer that can be guessed")
        level = self._difficulty(1, question.steps, False, wanted)
        calls = self._shown(question, writer)
        if not calls:
            raise NoDraftError("nothing has to be looked up")
        words = f"the answer states {question.answer}"
        check = Check(id="goal-1", kind="goal", description=words, that=f"states(answer, {question.expression})")
        return self._scenario("question", level, Task(question.text, calls), [check], question.answer, [])

    def _shown(self, question: Question, writer: TaskWriter) -> list[ToolCall]:
        """The queries that show what was asked for."""
        calls: list[ToolCall] = []
        seen = ""
        for entity, key in question.rows:
            shown = writer.lookups.show(self.start, self.model.entities[entity], key, question.text + seen)
            if shown is None:
                raise NoDraftError(f"no query shows a {entity}")
            for call in shown:
                if call not in calls:
                    calls.append(call)
                    seen += " " + canonical(self.start.call(call.name, call.arguments).content)
        single = question.kind not in ("count", "total")
        if single and str(question.value).casefold() not in seen.casefold():
            raise NoDraftError("no query shows the answer")
        return calls

    # -- together -----------------------------------------------------------------------------------------------------

    def _difficulty(self, commands: int, steps: int, minding: bool, wanted: Container[int]) -> int:
        """The level, from points; see the top of this module. Raises NoDraftError for another than is wanted."""
        points = 2 * commands + steps + 2 * minding + (self.size - 1) / 2
        level = difficulty(points)
        if level not in wanted:
            raise OtherDifficultyError
        return level

    def _scenario(
        self, kind: Kind, level: int, task: Task, checks: list[Check], answer: str, allowed: list[AllowedChange]
    ) -> Scenario:
        state = self.start.state
        return Scenario(
            id="draft",
            environment=self.model.document.id,
            skeleton_digest="",
            environment_digest="",
            seed=0,
            kind=kind,
            difficulty=level,
            clock=state["clock"],
            initial_state=state,
            task=task.text,
            checks=list(checks),
            allowed_changes=allowed,
            solution=Solution(calls=task.calls, answer=answer),
        )


def difficulty(points: float) -> int:
    """1 to 5, from points; see the top of this module."""
    return 1 + sum(points > threshold for threshold in THRESHOLDS)
