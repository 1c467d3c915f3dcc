"""Plans over a set of rows: the same command for every row that one phrase denotes ("every draft order of …")."""

from __future__ import annotations

from dataclasses import dataclass

from generator.scengenerator.descriptions import Description
from generator.scengenerator.plans import Planner
from generator.scengenerator.references import Describer
from generator.scengenerator.resolution import denotes
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.steps import Plan, Step, actors
from generator.skeleton.model import Operation, Param
from generator.skeleton.types import Ref, bare


@dataclass(frozen=True)
class SetPlan:
    """A plan whose steps differ in one parameter only, which goes through the rows that `description` denotes."""

    plan: Plan
    param: Param
    description: Description


class Sets:
    """Finds set plans over one initial state."""

    def __init__(self, planner: Planner, describer: Describer, snapshot: Snapshot) -> None:
        self.planner, self.describer, self.snapshot = planner, describer, snapshot

    def planned(self, focus: Operation) -> SetPlan | None:
        """A set that one possible call of the focus belongs to, and for all of which it can be done."""
        single = self.planner.change(focus, 1, 1)
        if single is None or single.steps[0].operation is not focus:
            return None
        step = single.steps[0]
        acting = actors(focus)
        for param in focus.params:
            type_, key = bare(param.type), step.arguments.get(param.argument)
            if not isinstance(type_, Ref) or key is None or param in acting:
                continue
            for description, keys in self.describer.sets_with(self.snapshot, type_.entity, key):
                plan = self._for_all(step, param, keys)
                if plan is not None and denotes(self.planner.model, self.planner.start, description, keys):
                    return SetPlan(plan, param, description)
        return None

    def _for_all(self, step: Step, param: Param, keys: tuple[str, ...]) -> Plan | None:
        """The call for each of the rows, or None where one is refused, changes nothing or undoes something."""
        plan = Plan(self.planner.start)
        for key in keys:
            before, after = plan.end, plan.end.copy()
            arguments = {**step.arguments, param.argument: key}
            result = after.call(step.operation.name, arguments)
            if not result.ok or after.state["tables"] == before.state["tables"]:
                return None
            done = Step(step.operation, arguments, before, after, result.content)
            if self.planner.sense.undoes(plan.steps, done):
                return None
            plan.steps.append(done)
        return plan if self.planner.minds(plan.end) else None
