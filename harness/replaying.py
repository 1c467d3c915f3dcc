"""What each recorded call changed: the calls are played again in process, without a server.

Environments are deterministic (DESIGN section 5), so the same calls make the same state. Where they do not, as in a
run of another rendering, nothing is claimed.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from generator.rendering import load_environment
from generator.scengenerator.outcomes import Change, difference
from generator.skeleton.model import Model
from harness.records import CallRecord, JsonObject

Replay = dict[int, list[Change]]
"""The changes that calls made, by the calls' numbers; calls that changed nothing are not in it."""


class Replayer:
    """Plays the calls of one environment's episodes again."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._commands = {operation.name for operation in model.commands}
        self._module: ModuleType | None = None  # loaded when it is first needed

    def replay(self, initial: JsonObject, calls: Sequence[CallRecord], final: JsonObject) -> Replay | None:
        """Every change that a call made, or None where the calls do not lead to the final state again."""
        if self._module is None:
            self._module = load_environment(self._model)
        try:
            return self._replay(self._module.Environment(copy.deepcopy(initial)), initial, calls, final)
        except Exception:  # noqa: BLE001  states that no tool could have left: what replaying is for can do without it
            return None

    def _replay(
        self, environment: Any, before: JsonObject, calls: Sequence[CallRecord], final: JsonObject
    ) -> Replay | None:
        found: Replay = {}
        for call in calls:
            result = environment.call(call.name, copy.deepcopy(call.arguments))
            if result.ok != call.ok:
                return None
            if result.ok and call.name in self._commands:
                after = copy.deepcopy(environment.state)
                changes = difference(before, after, self._model)
                if changes:
                    found[call.n] = changes
                before = after
        same: bool = environment.state["tables"] == final.get("tables")
        return found if same else None
