"""Environments in process, for trainers: no server, no agent, and the same grading as a run.

After the conventions of Gymnasium (https://gymnasium.farama.org/api/env): `reset` gives an observation and info,
`step` gives observation, reward, terminated, truncated and info. An action is a tool call or an answer; the answer ends
the episode. Rewards come at the end: 0 before it, then the scenario's reward. See docs/training.md.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.errors import NotFoundError, ScenarioError
from generator.rendering import find_environment, find_scenarios, load_environment, skeleton_digest
from generator.rendering.bundled import scenarios_beside
from generator.scengenerator.files import load_scenario
from generator.scengenerator.scenario import Scenario, ToolCall
from generator.skeleton.document import Skeleton
from generator.skeleton.reading import read_skeleton
from harness.exporting.openai import function
from harness.grading import ScenarioGrader
from harness.records import CallRecord, GradeRecord, JsonObject

__all__ = ["Action", "Info", "Step", "ToolCall", "ToolEnvironment", "ToolEnvironments", "scenarios"]

Action = ToolCall | Mapping[str, Any] | str
"""A call, also as `{"name": …, "arguments": {…}}`, or the answer."""

Info = dict[str, Any]
Step = tuple[str, float, bool, bool, Info]
"""Observation, reward, terminated, truncated, info."""


def scenarios(environment: str | Path) -> list[Scenario]:
    """The scenarios of an environment: a bundled one's name, or a folder.

    Raises:
        NotFoundError: there is no such environment, or no scenario of it.
        ScenarioError: a scenario's file cannot be read.
    """
    folder = find_environment(str(environment))
    files = find_scenarios(folder)
    if not files:
        place = scenarios_beside(folder).absolute()
        raise NotFoundError(
            f"There is no scenario in {place}; make some with: envwright scenarios {folder} --out {place}"
        )
    return [load_scenario(path) for path in files]


class ToolEnvironment:
    """One environment, one episode at a time.

    Observations are what a model reads: the task, then the results of its calls. `instructions` and `tools` (as
    functions that a model is told of) are the same in every episode.
    """

    def __init__(self, environment: str | Path | Skeleton, max_calls: int = 200) -> None:
        """A bundled environment's name, a folder with a skeleton, or the skeleton itself.

        After `max_calls` calls without an answer an episode is truncated.

        Raises:
            NotFoundError: there is no such environment.
            SkeletonError: its skeleton cannot be used.
        """
        if not isinstance(environment, Skeleton):
            environment = read_skeleton(find_environment(str(environment)) / "skeleton.yaml")
        self.max_calls = max_calls
        self._module = load_environment(environment)
        self._digest = skeleton_digest(environment)
        self._grader = ScenarioGrader(environment)
        self.name: str = self._module.NAME
        self.instructions: str = self._module.INSTRUCTIONS
        self.tools: list[JsonObject] = [function(tool) for tool in self._module.TOOLS]
        self._states: dict[int, tuple[Scenario, bytes]] = {}
        self._scenario: Scenario | None = None
        self._world: Any = None
        self._calls: list[CallRecord] = []

    def another(self) -> ToolEnvironment:
        """A second one with episodes of its own, made at once: what does not change is shared."""
        second = copy.copy(self)
        second._scenario, second._world, second._calls = None, None, []
        return second

    def reset(self, scenario: Scenario) -> tuple[str, Info]:
        """Begin an episode; the scenario stays as it is.

        Raises:
            ScenarioError: it was made for another environment, or cannot be graded.
        """
        self._world = self._module.Environment(pickle.loads(self._start(scenario)))
        self._scenario, self._calls = scenario, []
        return scenario.task, {
            "scenario": scenario.id,
            "kind": scenario.kind,
            "difficulty": scenario.difficulty,
            "instructions": self.instructions,
            "tools": self.tools,
        }

    def step(self, action: Action) -> Step:
        """Make a call, or answer and be graded.

        A refused call is an observation like any other. At the end, `info` has `grade`, `score` and `passed`;
        an episode that is truncated is graded too, but earns nothing.

        Raises:
            RuntimeError: there is no episode, or it has ended.
            TypeError: it is no action.
            GraderError: the outcome could not be graded; that is nobody's reward.
        """
        if self._scenario is None:
            raise RuntimeError("the episode has ended; call reset first")
        if isinstance(action, str):
            return self._end(action, truncated=False)
        name, arguments = _call(action)
        result = self._world.call(name, arguments)
        record = CallRecord.model_construct(
            n=len(self._calls) + 1,
            name=name,
            arguments=_copied(arguments),
            ok=result.ok,
            content=result.content,
            origin=result.origin,
        )
        self._calls.append(record)
        if len(self._calls) >= self.max_calls:
            _, _, _, _, info = self._end("", truncated=True)
            return result.text, 0.0, False, True, info | {"ok": result.ok, "content": result.content}
        return result.text, 0.0, False, False, {"ok": result.ok, "content": result.content}

    @property
    def running(self) -> bool:
        """Whether there is an episode that has not ended."""
        return self._scenario is not None

    @property
    def state(self) -> JsonObject:
        """The episode's state, live: for looking at only."""
        if self._world is None:
            raise RuntimeError("there is no episode; call reset first")
        state: JsonObject = self._world.state
        return state

    def _end(self, answer: str, *, truncated: bool) -> Step:
        scenario = self._scenario
        assert scenario is not None
        self._scenario = None
        grade: GradeRecord = self._grader.grade(scenario, self._world.state, self._calls, answer)
        info = {"grade": grade, "score": grade.score, "passed": grade.passed and not truncated}
        return "", 0.0 if truncated else grade.reward, not truncated, truncated, info

    def _start(self, scenario: Scenario) -> bytes:
        """The initial state, to be copied quickly; a scenario is looked at once."""
        known = self._states.get(id(scenario))  # it is kept with its state, so no other one gets its id
        if known is None:
            if scenario.environment != self.name:
                raise ScenarioError(f"Scenario '{scenario.id}' belongs to {scenario.environment}, not to {self.name}.")
            if scenario.skeleton_digest not in ("", self._digest):
                raise ScenarioError(
                    f"Scenario '{scenario.id}' was made for another version of {self.name}; "
                    f"make it again: envwright scenarios {self.name}"
                )
            self._grader.require(scenario)
            known = self._states[id(scenario)] = (scenario, pickle.dumps(scenario.initial_state))
        return known[1]


class ToolEnvironments:
    """Many episodes of one environment, stepped together; each as in `ToolEnvironment`.

    An episode that has ended stays so until the next `reset`: its action must be None, its observation is empty, and
    it earns nothing more.
    """

    def __init__(self, environment: str | Path | Skeleton, count: int, max_calls: int = 200) -> None:
        """`count` episodes at once, at least one; the other parameters and errors are those of `ToolEnvironment`."""
        if count < 1:
            raise ValueError(f"there must be an episode at least, not {count}")
        first = ToolEnvironment(environment, max_calls)
        self.environments = [first, *(first.another() for _ in range(count - 1))]
        self._ended = [(True, False)] * count

    def reset(self, scenarios: Sequence[Scenario]) -> tuple[list[str], list[Info]]:
        """Begin one episode for each scenario. Raises ValueError unless there are as many as environments."""
        self._require_one_each("scenario", scenarios)
        begun = [one.reset(scenario) for one, scenario in zip(self.environments, scenarios, strict=True)]
        self._ended = [(False, False)] * len(begun)
        return [observation for observation, _ in begun], [info for _, info in begun]

    def step(
        self, actions: Sequence[Action | None]
    ) -> tuple[list[str], list[float], list[bool], list[bool], list[Info]]:
        """One action each, None for episodes that have ended.

        Raises:
            RuntimeError: an action for an episode that has ended, or none for one that has not.
            ValueError: there are not as many actions as environments.
        """
        self._require_one_each("action", actions)
        steps = [self._step(at, action) for at, action in zip(range(len(self.environments)), actions, strict=True)]
        observations, rewards, terminated, truncated, infos = ([step[at] for step in steps] for at in range(5))
        return observations, rewards, terminated, truncated, infos  # type: ignore[return-value]

    def _require_one_each(self, what: str, given: Sequence[object]) -> None:
        if len(given) != len(self.environments):
            raise ValueError(f"one {what} for each of the {len(self.environments)} environments, not {len(given)}")

    def _step(self, at: int, action: Action | None) -> Step:
        ended = any(self._ended[at])
        if ended != (action is None):
            raise RuntimeError(f"episode {at} has {'ended; its action is None' if ended else 'not ended; it acts'}")
        if action is None:
            return ("", 0.0, *self._ended[at], {})
        step = self.environments[at].step(action)
        self._ended[at] = step[2], step[3]
        return step


def _copied(arguments: Any) -> Any:
    try:
        return pickle.loads(pickle.dumps(arguments))
    except RecursionError:  # no tool takes what is nested so deeply; a server keeps no record of it either
        return {}


def _call(action: ToolCall | Mapping[str, Any]) -> tuple[str, Any]:
    if isinstance(action, ToolCall):
        return action.name, action.arguments
    if not isinstance(action, Mapping):
        kind = type(action).__name__
        raise TypeError(f"an action is a ToolCall, {{'name': …, 'arguments': {{…}}}} or an answer as str, not {kind}")
    return str(action.get("name", "")), action.get("arguments", {})
