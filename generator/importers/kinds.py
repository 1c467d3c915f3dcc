"""Query or command: found in the code of a tool, and by calling it in the box and looking at the state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from generator.importers.contained import Box, Broken, ClassError
from generator.importers.contained.values import decode, plain
from generator.importers.drawing import Drawer
from generator.importers.findings import Finding
from generator.importers.tools import Tool
from generator.importers.writes import Write

Kind = Literal["query", "command"]
TRIES = 8  # calls of one tool on one state
_DECLARED: dict[str, Kind] = {
    "query": "query", "read": "query", "get": "query", "information": "query",
    "state_change": "command", "command": "command", "update": "command", "write": "command", "mutation": "command",
}  # fmt: skip


@dataclass
class Observation:
    """What calling a tool showed."""

    calls: int = 0
    raised: int = 0
    changed: int = 0
    removed: bool = False  # some change took something away or replaced it
    broke: str = ""  # how it broke its process


@dataclass(frozen=True)
class Nature:
    """What a tool does to the state, as far as its code and its calls show."""

    kind: Kind
    destructive: bool
    writes: tuple[Write, ...]
    observed: Observation
    declared: str

    @property
    def hints(self) -> dict[str, bool]:
        """The annotations of the tool."""
        reads = self.kind == "query"
        return {
            "readOnlyHint": reads,
            "destructiveHint": self.destructive,
            "idempotentHint": reads,
            "openWorldHint": False,
        }

    def document(self) -> dict[str, Any]:
        """As import.json keeps it."""
        seen = self.observed
        return {
            "kind": self.kind,
            "declared": self.declared,
            "writes": [f"line {write.line}: {write.what}" for write in self.writes[:5]],
            "observed": {"calls": seen.calls, "raised": seen.raised, "changed": seen.changed},
        }


OpenBox = Callable[[], Box]  # one that has loaded the class


def observe(open_box: OpenBox, tools: Sequence[Tool], states: Sequence[Any], seed: str) -> dict[str, Observation]:
    """Call every tool on each state, with arguments drawn from it, and compare the state before and after.

    `states` are encoded, as Box.state gives them. Raises ContainmentError.
    """
    seen = {tool.name: Observation() for tool in tools}
    for number, state in enumerate(states):
        configuration = decode(state)
        known = plain(configuration)
        box: Box | None = None
        try:
            for tool in tools:
                drawer = Drawer(known, f"{seed} {number} {tool.name}")
                box = _try(box, open_box, tool, configuration, drawer, seen[tool.name])
        finally:
            if box is not None:
                box.close()
    return seen


def _try(
    box: Box | None, open_box: OpenBox, tool: Tool, configuration: Any, drawer: Drawer, seen: Observation
) -> Box | None:
    """Some calls of one tool, each on the state as it was. Gives back the box, if it still lives."""
    before: Any = None
    for _ in range(TRIES):
        if seen.broke or (seen.changed >= 2 and seen.removed):
            break
        try:
            if box is None:
                box = open_box()
            if before is None:
                box.construct(configuration)
                before = box.state()  # not what the configuration was made of: some things have no lossless form
            reply = box.call(tool.name, drawer.draw(tool.schema))
            after = box.state()
        except (Broken, ClassError) as error:
            seen.broke = str(error)
            if box is not None:
                box.close()
            return None
        seen.calls += 1
        seen.raised += not reply.ok
        if after != before:
            seen.changed += 1
            seen.removed = seen.removed or not _within(before, after)
            before = None
    return box


def _within(before: Any, after: Any) -> bool:
    """Whether all that was there still is, as it was."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(key in after and _within(item, after[key]) for key, item in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) <= len(after) and all(map(_within, before, after))
    return bool(before == after) and type(before) is type(after)


def judge(
    record: str, tool: Tool, writes: tuple[Write, ...], seen: Observation, declared: str
) -> tuple[Nature, list[Finding]]:
    """The nature of a tool, and what the release, its code and its calls say differently about it."""
    kind: Kind = "command" if writes or seen.changed else "query"
    removes = seen.removed or any(write.removes for write in writes)
    destructive = kind == "command" and (removes or not seen.changed)
    nature = Nature(kind, destructive, writes, seen, declared)
    findings: list[Finding] = []

    def say(message: str) -> None:
        findings.append(Finding(record, f"tools.{tool.name}", message))

    said = _DECLARED.get(declared.strip().lower())
    if declared and said is None:
        say(f"has the operation_type {declared!r}, which is neither query nor state_change")
    elif said is not None and said != kind:
        where = f" (line {writes[0].line}: {writes[0].what})" if writes else ""
        seen_words = f"{seen.changed} of {seen.calls} calls changed the state" if seen.changed else "its code can"
        changes = f"is released as a query, but it changes the state: {seen_words}{where}"
        say(changes if said == "query" else "is released as a state_change, but nothing that it does changes the state")
    if seen.changed and not writes:
        say("changes the state in a way that its code does not show")
    if seen.broke:
        say(f"broke its process when it was tried: {seen.broke}")
    elif seen.calls and seen.raised == seen.calls:
        say(f"raised in each of {seen.calls} calls with arguments from the state")
    return nature, findings
