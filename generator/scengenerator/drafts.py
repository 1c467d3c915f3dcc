"""Drafts of scenarios: a plan, its words, its checks and its solution over one state; not yet proven.

Difficulty runs from 1 to 5: two points a command, one a step of resolution (a look-up that the words call for), two
for an obstacle or a policy to be minded, half a point for each size of the state above 1.
"""

from __future__ import annotations

import random
from typing import Any

from generator.scengenerator.checks import CheckWriter
from generator.scengenerator.plans import Plan, Planner, actors
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.provenance import references
from generator.scengenerator.questions import Question, Questioner
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import Check, Kind, Scenario, Solution, ToolCall, canonical
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.tasks import Task, TaskWriter, WordlessError
from generator.scengenerator.worlds import Worlds
from generator.skeleton.facts import escalations
from generator.skeleton.model import Model, Operation

OBSTACLES = 0.35  # how often a change has one
THRESHOLDS = (4.0, 6.0, 8.5, 11.0)  # points up to which a scenario has difficulty 1, 2, 3, 4
LENGTHS = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 3), 5: (3, 5)}  # commands by level


class NoDraftError(Exception):
    """Nothing came of it; the message is a short reason that is counted.

    `barren`: nor will anything come of this kind and command over the same state.
    """

    def __init__(self, reason: str, *, barren: bool = False) -> None:
        super().__init__(reason)
        self.barren = barren


class Drafter:
    """Drafts scenarios over one initial state of a size from 1 to 5."""

    def __init__(self, model: Model, start: Any, size: int) -> None:
        self.model, self.start, self.size = model, start, size
        self._worlds = worlds_of(model)
        self._snapshot = Snapshot(model, start)

    def draft(self, kind: Kind, focus: Operation, seed: str) -> Scenario:
        """A scenario without identity and certificate. Raises NoDraftError."""
        rng = random.Random(f"{seed}/draft")
        proposer = Proposer(self.model, random.Random(f"{seed}/proposals"), Sampler(self.model, f"{seed}/values"))
        planner = Planner(self.model, self.start, proposer, rng)
        writer = TaskWriter(self.model, self._snapshot, rng)
        try:
            if kind == "change":
                return self._change(planner, writer, focus, rng)
            if kind == "decline":
                return self._decline(planner, writer, focus, rng)
            return self._question(writer, rng)
        except WordlessError as error:
            raise NoDraftError(str(error)) from error

    # -- change -------------------------------------------------------------------------------------------------------

    def _change(self, planner: Planner, writer: TaskWriter, focus: Operation, rng: random.Random) -> Scenario:
        obstacle = self.size > 1 and rng.random() < OBSTACLES
        plan = planner.obstructed(focus) if obstacle else None
        plan = plan or planner.change(focus, *LENGTHS[self.size])
        if plan is None:
            raise NoDraftError("no sequence of commands to be found", barren=LENGTHS[self.size][0] == 1)
        if broken := self._broken_policies(plan.end):
            raise NoDraftError(f"the policy {broken[0]} would be broken")
        task = writer.write(plan)
        if len(task.calls) == len(plan.steps):
            raise NoDraftError("nothing has to be looked up")
        expected = CheckWriter(self.model, self.start.state, plan.end.state).write()
        checks = [*expected.checks, *self._acting(plan), *self._policies()]
        return self._scenario("change", task, checks, task.calls, "Done.", plan, expected.allowed)

    def _broken_policies(self, end: Any) -> list[str]:
        before = self._worlds.world(self.start.state)
        after = self._worlds.world(end.state, before)
        return [name for name, holds in policies_of(self._worlds) if not _holds(holds, after)]

    def _policies(self) -> list[Check]:
        return [
            Check(id=f"policy-{name}", kind="keep", description=doc.text, that=doc.holds)
            for name, doc in self.model.document.policies.items()
        ]

    def _acting(self, plan: Plan) -> list[Check]:
        """Who acts: a parameter that only guards read leaves no other trace."""
        checks: list[Check] = []
        initial = self.start.state["tables"]
        for number, step in enumerate(plan.steps, start=1):
            acting = {param.argument for param in actors(step.operation)}
            if not acting & step.arguments.keys():
                continue
            known = {
                key for entity, key in references(self.model, step.operation, step.arguments)
                if key in initial[self.model.entities[entity].plural]
            }
            given = {
                param.argument: step.arguments[param.argument]
                for param in step.operation.params
                if step.arguments.get(param.argument) in known and isinstance(step.arguments[param.argument], str)
            }
            listed = ", ".join(f"{name}={value!r}" for name, value in given.items())
            that = f"called('{step.operation.name}', {listed})"
            words = f"{step.operation.name} with {listed}"
            checks.append(Check(id=f"actor-{number}", kind="goal", description=words, that=that, weight=0.5))
        return checks

    # -- decline ------------------------------------------------------------------------------------------------------

    def _decline(self, planner: Planner, writer: TaskWriter, focus: Operation, rng: random.Random) -> Scenario:
        plan = self._forbidden(planner, focus) if self.model.policies and rng.random() < 0.5 else None
        policy = plan.refusal if plan else ""
        plan = plan or planner.hopeless(focus)
        if plan is None:
            raise NoDraftError("nothing that has to be declined to be found", barren=True)
        task = writer.write(plan)
        lookups = task.calls[:-1]
        tools = escalations(self.model)
        said = [f"called('{tool.name}')" for tool in tools]
        that = " or ".join([*said, "declines(answer)"])
        words = "says that it cannot be done" + (", or hands over" if tools else "")
        reason = f"That is against the policy: {policy}" if policy else plan.refusal
        answer = f"I cannot do this. {reason}"
        attempt = [] if policy else [task.calls[-1]]
        check = Check(id="goal-1", kind="goal", description=words, that=that)
        return self._scenario("decline", task, [check], [*lookups, *attempt], answer, plan, [])

    def _forbidden(self, planner: Planner, focus: Operation) -> Plan | None:
        """A command that works and that a policy forbids."""
        for _ in range(12):
            plan = planner.change(focus, 1, 1)
            if plan is None:
                return None
            broken = self._broken_policies(plan.end)
            if broken:
                plan.refusal = self.model.policies[broken[0]].text
                return plan
        return None

    # -- question -----------------------------------------------------------------------------------------------------

    def _question(self, writer: TaskWriter, rng: random.Random) -> Scenario:
        question = Questioner(self.model, writer.describer, rng).propose(self._snapshot)
        if question is None:
            raise NoDraftError("nothing worth a question")
        calls = self._shown(question, writer)
        if not calls:
            raise NoDraftError("nothing has to be looked up")
        words = f"the answer is {question.answer}"
        check = Check(id="goal-1", kind="goal", description=words, that=f"states(answer, {question.expression})")
        task = Task(question.text, calls, question.steps)
        plan = Plan(self.start, [], self.start)
        return self._scenario("question", task, [check], calls, question.answer, plan, [])

    def _shown(self, question: Question, writer: TaskWriter) -> list[ToolCall]:
        """The queries that show what was asked for."""
        environment = self.start.copy()
        calls: list[ToolCall] = []
        seen = ""
        for entity, key in question.rows:
            shown = writer.lookups.show(environment, self.model.entities[entity], key, question.text + seen)
            if shown is None:
                raise NoDraftError(f"no query shows a {entity}")
            for call in shown:
                if call not in calls:
                    calls.append(call)
                    seen += " " + canonical(environment.call(call.name, call.arguments).content)
        single = question.kind not in ("count", "total")
        if single and str(question.value).casefold() not in seen.casefold():
            raise NoDraftError("no query shows the answer")
        return calls

    # -- together -----------------------------------------------------------------------------------------------------

    def _scenario(
        self,
        kind: Kind,
        task: Task,
        checks: list[Check],
        calls: list[ToolCall],
        answer: str,
        plan: Plan,
        allowed: list[Any],
    ) -> Scenario:
        commands = len(plan.steps) if kind == "change" else 1
        extra = 2 if plan.obstacle or (kind == "decline" and plan.refusal) else 0
        points = 2 * commands + task.steps + extra + (self.size - 1) / 2
        state = self.start.copy().state
        return Scenario(
            id="draft",
            environment=self.model.document.id,
            skeleton_digest="",
            environment_digest="",
            seed=0,
            kind=kind,
            difficulty=difficulty(points),
            clock=state["clock"],
            initial_state=state,
            task=task.text,
            checks=checks,
            allowed_changes=allowed,
            solution=Solution(calls=calls, answer=answer),
        )


def difficulty(points: float) -> int:
    """1 to 5, from points; see the top of this module."""
    return 1 + sum(points > threshold for threshold in THRESHOLDS)


def worlds_of(model: Model) -> Worlds:
    """The worlds of a model, made once."""
    from generator.scengenerator.laws import laws_of

    kept = laws_of(model).kept
    if "worlds" not in kept:
        kept["worlds"] = Worlds(model)
    worlds: Worlds = kept["worlds"]
    return worlds


def policies_of(worlds: Worlds) -> list[tuple[str, Any]]:
    """Each policy as a function of the final world, compiled once."""
    from generator.scengenerator.laws import laws_of

    kept = laws_of(worlds.model).kept
    if "policies" not in kept:
        kept["policies"] = [(name, worlds.function(rule.holds, {}, [])) for name, rule in worlds.model.policies.items()]
    policies: list[tuple[str, Any]] = kept["policies"]
    return policies


def _holds(policy: Any, world: Any) -> bool:
    try:
        return bool(policy(world))
    except Exception:  # noqa: BLE001 - a policy that cannot be evaluated is not kept
        return False
