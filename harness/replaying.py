"""What each recorded call changed: the calls are played again in process, without a server.

Environments are deterministic (DESIGN section 5), so the same calls make the same state. Where they do not, as in a
run of another rendering, nothing is claimed.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from generator.rendering import load_environment
from generator.scengenerator.outcomes import Change, difference
from generator.skeleton.model import Model
from harness.records import CallRecord, JsonObject

Replay = dict[int, list[Change]]
"""The changes that calls made, by the calls' numbers; calls that changed nothing are not in it."""


def replay(model: Model, initial: JsonObject, calls: Sequence[CallRecord], final: JsonObject) -> Replay | None:
    """Every change that a call made, or None where the calls do not lead to the final state again."""
    environment = load_environment(model).Environment(copy.deepcopy(initial))
    commands = {operation.name for operation in model.commands}
    found: Replay = {}
    before = initial
    for call in calls:
        result = environment.call(call.name, copy.deepcopy(call.arguments))
        if result.ok != call.ok:
            return None
        if result.ok and call.name in commands:
            after = copy.deepcopy(environment.state)
            changes = difference(before, after, model)
            if changes:
                found[call.n] = changes
            before = after
    same: bool = environment.state["tables"] == final.get("tables")
    return found if same else None
