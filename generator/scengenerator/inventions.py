"""A proposed task made into a scenario: its calls run, its checks typed and tried, what it may change read off."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from generator.scengenerator.certificates import UncertifiedError
from generator.scengenerator.check_forms import about_the_way, is_worked_out
from generator.scengenerator.checking import FAILURES
from generator.scengenerator.checks import CheckWriter, acting, declining
from generator.scengenerator.drafts import difficulty
from generator.scengenerator.findings import Finding
from generator.scengenerator.intents import Meant
from generator.scengenerator.obstacles import Obstacles
from generator.scengenerator.plans import Planner
from generator.scengenerator.playing import Player, is_command
from generator.scengenerator.proposals import Proposer
from generator.scengenerator.provenance import all_untold
from generator.scengenerator.sampling import Sampler
from generator.scengenerator.scenario import AllowedChange, Check, JsonObject, Kind, Scenario, Solution, ToolCall
from generator.scengenerator.setting import Setting
from generator.scengenerator.showing import call_text
from generator.scengenerator.solving import Solved, Solver
from generator.scengenerator.wired import Wire, WireCall

NOT_DECLINED = "what is asked for can be done"
_LONGEST = 2_000  # characters of a task
UNFIT = "a check does not fit the environment"


class ProposedCheck(Wire):
    """A check as a model proposes it."""

    kind: Literal["goal", "keep"]
    description: str = Field(description="What it tests, in words.")
    that: str = Field(description="The expression.")


class Proposal(Wire):
    """A task of the model's own."""

    kind: Kind
    task: str
    calls: list[WireCall]
    answer: str
    checks: list[ProposedCheck]


class Proposals(Wire):
    """Proposals, in the order in which they were asked for."""

    proposals: list[Proposal]


class Inventor:
    """Makes scenarios of proposals over one initial state."""

    def __init__(self, setting: Setting, state: JsonObject, size: int, seed: int) -> None:
        self.setting, self.model, self.state, self.size, self.seed = setting, setting.model, state, size, seed
        self.start: Any = setting.open(state)
        self.solver = Solver(setting, self.start)

    def made(self, proposal: Proposal, wanted: Kind, name: str) -> tuple[Meant | None, list[Finding]]:
        """A certified scenario of this name, or everything that speaks against the proposal."""
        if proposal.kind != wanted:
            return None, [Finding("another kind", f"a task of the kind {wanted} is wanted here, not {proposal.kind}")]
        if not proposal.task.strip():
            return None, [Finding("there are no words", "there are no words")]
        if len(proposal.task) > _LONGEST:
            words = f"the task has {len(proposal.task):,} characters; say it in a few sentences"
            return None, [Finding("too long", words)]
        solved = self.solver.solved(proposal.task, proposal.calls, declined=wanted == "decline")
        maker = {"change": self._change, "question": self._question, "decline": self._decline}[wanted]
        scenario, findings = maker(proposal, solved)
        findings = [*solved.findings, *findings]
        if scenario is None:
            return None, findings
        scenario.id = name
        findings += self._faults(scenario, solved=not findings)
        if not findings:
            findings += self._untold(scenario)
        if findings:
            return None, findings
        return self._proven(scenario, solved.last if wanted == "decline" else None)

    def _proven(self, scenario: Scenario, declined: ToolCall | None) -> tuple[Meant | None, list[Finding]]:
        try:
            certificate = self.setting.prover.prove(scenario)
        except UncertifiedError as error:
            return None, [Finding(error.reason, f"it cannot be certified: {error}")]
        return Meant(scenario.model_copy(update={"certificate": certificate}), declined), []

    # -- kinds --------------------------------------------------------------------------------------------------------

    def _change(self, proposal: Proposal, solved: Solved) -> tuple[Scenario | None, list[Finding]]:
        plan = solved.plan
        if plan.end.state["tables"] == self.start.state["tables"]:
            return None, [Finding("nothing changes", "the calls that succeed change nothing")]
        findings = [
            Finding("a policy is broken", f"the calls break a policy: {self.model.policies[name].text}")
            for name in self.setting.workshop.broken_policies(self.start, plan.end)
        ]
        expected = CheckWriter(self.model, self.start, plan.end).write()
        checks = list(_numbered(proposal))
        for check in checks:
            findings += [Finding(UNFIT, f"`{check.that}`: {why}") for why in about_the_way(self.model, check.that)]
        if not any(check.kind == "goal" for check in checks):
            findings.append(Finding("no goal", "a change needs a goal: what has to be different at the end"))
        written = {check.that for check in checks}
        checks += [check for check in acting(self.model, plan) if check.that not in written]
        checks += self.setting.workshop.policy_checks()
        return self._scenario(proposal, solved.calls, checks, expected.allowed), findings

    def _question(self, proposal: Proposal, solved: Solved) -> tuple[Scenario | None, list[Finding]]:
        findings: list[Finding] = []
        if any(is_command(self.model, call) for call in solved.calls):
            findings.append(Finding("a question changes something", "a question is answered by look-ups alone"))
        if not solved.calls:
            findings.append(Finding("nothing has to be looked up", "no look-up shows the answer: give the calls"))
        checks = list(_numbered(proposal))
        if len(checks) != 1 or checks[0].kind != "goal" or not checks[0].that.startswith("states(answer,"):
            words = "a question has exactly one check, the goal states(answer, <expression over before.…>)"
            return None, [*findings, Finding(UNFIT, words)]
        if not is_worked_out(checks[0].that) and proposal.answer.casefold() not in solved.seen.casefold():
            words = f"no look-up returns {proposal.answer!r}: the answer must be found with the tools, as it is written"
            findings.append(Finding("no query shows the answer", words))
        return self._scenario(proposal, solved.calls, checks, []), findings

    def _decline(self, proposal: Proposal, solved: Solved) -> tuple[Scenario | None, list[Finding]]:
        commands = [call for call in solved.calls if is_command(self.model, call)]
        if len(commands) != 1 or solved.calls[-1] != commands[0]:
            words = "the calls of a decline are look-ups and last the one action that is asked for"
            return None, [Finding("not one thing is asked for", words)]
        refusal, calls = solved.refused, solved.calls
        if refusal is None:
            if not self.setting.workshop.broken_policies(self.start, solved.plan.end):
                words = f"{call_text(commands[0])} succeeds and breaks no policy: there is nothing to decline"
                return None, [Finding(NOT_DECLINED, words)]
            calls = calls[:-1]  # a right solution does not do what a policy forbids
        elif not self._hopeless(commands[0], refusal):
            words = f"{call_text(commands[0])} is refused ({refusal.content['message']}), but other actions make it "
            words += (
                "possible, or it is so already; ask for something that nothing makes possible, or that is forbidden"
            )
            return None, [Finding(NOT_DECLINED, words)]
        return self._scenario(proposal, calls, [declining(self.model)], []), []

    def _hopeless(self, call: ToolCall, refusal: Any) -> bool:
        if refusal.content["code"] not in ("refused", "bad_transition"):
            return False  # a mistake in the call, and no reason of the domain
        rng = random.Random(f"{self.seed}/{call_text(call)}")
        proposer = Proposer(self.model, rng, Sampler(self.model, f"{self.seed}/hopeless"))
        planner = Planner(self.model, self.start, proposer, rng, self.setting.workshop.dependence)
        return Obstacles(planner).is_hopeless(self.model.operations[call.name], call.arguments, refusal)

    # -- what speaks against it ---------------------------------------------------------------------------------------

    def _faults(self, scenario: Scenario, *, solved: bool) -> Iterator[Finding]:
        """Every check that does not fit, is no goal or keep at the start, or, when `solved`, is not true at the end."""
        compiler = self.setting.compiler
        before = compiler.world(scenario.initial_state)
        played = Player(self.model, self.start, scenario.solution.calls).solution
        after = compiler.world(played.environment.state, before)
        made = [call.model_dump() for call in played.succeeded]
        for check in scenario.expressions:
            compiled = compiler.checked(check.that)
            for problem in compiled.problems:
                yield Finding(UNFIT, f"`{check.that}`: {problem.message}")
            if compiled.run is None:
                continue
            try:
                first = bool(compiled.run(compiler.world(scenario.initial_state, before), [], ""))
                last = bool(compiled.run(after, made, scenario.solution.answer))
            except FAILURES as error:
                yield Finding("a check raises", f"`{check.that}` cannot be decided: {error}; write it so that it can")
                continue
            if check.kind == "goal" and first:
                yield Finding("a goal is reached at the start", f"`{check.that}` is true before anything is done")
            if check.kind == "keep" and not first:
                yield Finding("a keep fails at the start", f"`{check.that}` is not true at the start")
            if solved and not last:
                yield Finding(
                    "the solution does not pass", f"`{check.that}` is not true after the calls and the answer"
                )

    def _untold(self, scenario: Scenario) -> Iterator[Finding]:
        played = Player(self.model, self.start, scenario.solution.calls).solution
        calls = scenario.solution.calls
        for missing in all_untold(self.model, scenario.task, calls, played.results, searches=True):
            words = f"{missing} stands neither in the words nor in what earlier calls returned: say it as it is"
            yield Finding("a value of the solution stands nowhere", words)

    def _scenario(
        self, proposal: Proposal, calls: list[ToolCall], checks: list[Check], allowed: list[AllowedChange]
    ) -> Scenario:
        commands = sum(is_command(self.model, call) for call in calls)
        minding = proposal.kind == "decline"
        points = 2 * max(commands, 1) + (len(calls) - commands) + 2 * minding + (self.size - 1) / 2
        return Scenario(
            id="invention",
            environment=self.setting.name,
            skeleton_digest=self.setting.digests["skeleton_digest"],
            environment_digest=self.setting.digests["environment_digest"],
            seed=self.seed,
            kind=proposal.kind,
            difficulty=difficulty(points),
            clock=self.state["clock"],
            initial_state=self.state,
            task=proposal.task.strip(),
            checks=list(checks),
            allowed_changes=allowed,
            solution=Solution(calls=calls, answer=proposal.answer),
        )


def _numbered(proposal: Proposal) -> Iterator[Check]:
    """Each check once, with an id of its own."""
    numbers = {"goal": 0, "keep": 0}
    different: dict[tuple[str, str], ProposedCheck] = {}
    for check in proposal.checks:
        different.setdefault((check.kind, check.that.strip()), check)
    for check in different.values():
        numbers[check.kind] += 1
        yield Check(
            id=f"{check.kind}-{numbers[check.kind]}",
            kind=check.kind,
            description=check.description.strip() or check.that,
            that=check.that.strip(),
        )
