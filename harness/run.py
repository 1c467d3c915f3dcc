"""A run: environments × scenarios × agents × attempts, several at a time, everything kept as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import platform
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx2

from generator.errors import ScenarioError
from generator.scengenerator.scenario import Scenario, Solution, canonical, digest
from harness.agents.agent import AgentOptions, Limits
from harness.agents.registry import AgentSpec, find_agent
from harness.agents.toolbox import http_client
from harness.attempt import Grade, Job, Made, Stage, make_attempt, not_begun
from harness.budget import Budget
from harness.environments import RenderedEnvironment
from harness.errors import BudgetError, HarnessError, HostingError, RunError
from harness.records import Attempt, Configuration, Evidence, Key, RunDocument, Spoilt
from harness.servers import Servers
from harness.store import Run

RETRIES = 2
_LONGEST_WAIT = 120.0  # seconds that an attempt waits for a busy provider before it is made again

Progress = Callable[[Attempt], None]
Selection = Sequence[tuple[RenderedEnvironment, Sequence[Scenario]]]


def grader_for(environment: RenderedEnvironment, scenarios: Sequence[Scenario]) -> Grade:
    """The grader for the kind of environment: by a skeleton, or by the Python checks of an imported one."""
    if not environment.imported:
        return skeleton_grader(environment, scenarios)
    from harness.imported_grading import ImportedGrader

    grader = ImportedGrader(environment.folder)
    for scenario in scenarios:
        grader.require(scenario)
    return grader.grade


def skeleton_grader(environment: RenderedEnvironment, scenarios: Sequence[Scenario]) -> Grade:
    """The grader that an environment's skeleton makes, having looked at all it is to grade."""
    from generator.rendering import skeleton_digest
    from generator.skeleton.reading import read_skeleton
    from harness.grading import ScenarioGrader

    if environment.skeleton is None:
        raise RunError(f"{environment.folder} has no skeleton.yaml, so nothing could be graded.")
    skeleton = read_skeleton(environment.skeleton)
    if not skeleton_digest(skeleton).startswith(environment.record.version):
        raise RunError(
            f"{environment.skeleton} was changed since it was rendered; "
            f"render it again: envwright render {environment.folder}"
        )
    grader = ScenarioGrader(skeleton)
    for scenario in scenarios:
        grader.require(scenario)
    return grader.grade


@dataclass(frozen=True)
class Plan:
    """Everything a run needs, checked before anything starts."""

    configuration: Configuration
    environments: dict[str, RenderedEnvironment]
    scenarios: dict[tuple[str, str], Scenario]
    agents: dict[str, AgentSpec]
    graders: dict[str, Grade]

    def job(self, key: Key) -> Job:
        return Job(self.agents[key.agent], self.scenarios[key.environment, key.scenario], key.number)


def plan_run(
    selection: Selection,
    agents: Sequence[str],
    attempts: int = 1,
    limits: Limits | None = None,
    grader: Callable[[RenderedEnvironment, Sequence[Scenario]], Grade] = grader_for,
    options: AgentOptions | None = None,
) -> Plan:
    """Put a run together.

    Raises:
        RunError: there is nothing to do, an agent's name leads nowhere, or the reference agent has no solution.
        UnusableProviderError: there is no key for an agent's model.
        ScenarioError: a scenario was made for something else than its environment, or cannot be graded.
        SkeletonError: an environment's skeleton cannot be used.
    """
    for environment, chosen in selection:
        _check_scenarios(environment, chosen)
        _check_solutions(agents, chosen)
    if not any(chosen for _, chosen in selection):
        raise RunError("There is no scenario to run; make some with 'envwright scenarios'.")
    configuration = Configuration(
        agents=list(dict.fromkeys(agents)),
        scenarios={environment.name: scenario_digests(chosen) for environment, chosen in selection},
        attempts=attempts,
        limits=limits or Limits(),
        agent_options=options or AgentOptions(),
    )
    return Plan(
        configuration=configuration,
        environments={environment.name: environment for environment, _ in selection},
        scenarios={(one.environment, one.id): one for _, chosen in selection for one in chosen},
        agents={name: find_agent(name, configuration.agent_options) for name in configuration.agents},
        graders={environment.name: grader(environment, chosen) for environment, chosen in selection},
    )


def scenario_digests(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """What a configuration says of scenarios: their documents' digests by id."""
    return {one.id: digest(canonical(one.model_dump(mode="json"))) for one in scenarios}


def _check_scenarios(environment: RenderedEnvironment, scenarios: Sequence[Scenario]) -> None:
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.id in seen:
            raise ScenarioError(f"There are two scenarios '{scenario.id}' of {environment.name}.")
        seen.add(scenario.id)
        if scenario.environment != environment.name:
            raise ScenarioError(
                f"Scenario '{scenario.id}' belongs to {scenario.environment}, not to {environment.name}."
            )
        if scenario.environment_digest != environment.digest:
            raise ScenarioError(
                f"Scenario '{scenario.id}' was made for another version of {environment.name}; "
                f"make it again: envwright scenarios {environment.name}"
            )


def _check_solutions(agents: Sequence[str], scenarios: Sequence[Scenario]) -> None:
    unsolved = [scenario.id for scenario in scenarios if scenario.imported and scenario.solution == Solution()]
    if unsolved and "reference" in agents:
        raise RunError(
            f"Imported scenarios such as '{unsolved[0]}' come without a solution, so the agent 'reference' has nothing "
            "to play; name another one with --agent, or play recorded attempts: envwright replay FILE"
        )


def _fresh_folder(wanted: Path) -> Path:
    """A folder that is nobody else's: of two runs that begin in the same second, each gets its own."""
    folder, number = wanted, 1
    while True:
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
            folder = wanted.with_name(f"{wanted.name}-{number}")
        except OSError:  # whoever writes the first file says what is wrong
            return folder
        else:
            return folder


def create_run(plan: Plan, runs: Path = Path("runs"), name: str | None = None) -> Run:
    """A folder for the run, with all it will need to be read."""
    hash_ = plan.configuration.hash
    now = datetime.now(UTC)
    folder = runs / name if name else _fresh_folder(runs / f"{now:%Y%m%d-%H%M%S}-{hash_[:6]}")
    document = RunDocument(
        id=folder.name,
        created=now.isoformat(timespec="seconds"),
        configuration=plan.configuration,
        configuration_hash=hash_,
        versions={
            "envwright": version("envwright"),
            "mcp": version("mcp"),
            "python": platform.python_version(),
            "platform": platform.platform(terse=True),
        },
    )
    return Run.create(
        folder,
        document,
        [environment.record for environment in plan.environments.values()],
        {name: one.skeleton for name, one in plan.environments.items() if one.skeleton},
        plan.scenarios.values(),
    )


def carry_out(
    plan: Plan,
    run: Run,
    parallel: int = 1,
    progress: Progress = lambda _: None,
    budget: float | None = None,
    retries: int = RETRIES,
) -> None:
    """Make all attempts that the run does not have yet, at most `parallel` at a time.

    `budget` is what the whole run may cost, in US dollars, with what it has cost so far. An attempt whose server
    died, or whose model was busy before anything was done, is made again up to `retries` times, each time in a
    fresh episode; what an agent does wrong never is.

    Raises:
        RunError: an attempt cannot be kept, or another process is at work on the run.
        BudgetError: the budget was used up before all attempts were made; those that were made are kept.
        UnusableProviderError: a model's provider will answer no more; attempts that were under way are not made.
        KeyboardInterrupt: on SIGINT or SIGTERM, with all processes ended and all finished attempts kept.
    """
    with run.claimed():
        run.tidy()
        try:
            asyncio.run(_carry_out(plan, run, parallel, progress, budget, retries))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


async def _carry_out(
    plan: Plan, run: Run, parallel: int, progress: Progress, budget: float | None, retries: int
) -> None:
    made = run.attempts()
    purse, keys = Budget(budget, made), {attempt.key for attempt in made}
    due = deque(key for key in plan.configuration.keys() if key not in keys)  # noqa: SIM118
    with _ending_on_sigterm():
        async with http_client() as http, Servers(http) as servers:
            shift = _Shift(plan, run, servers, http, due, purse, progress, retries)
            try:
                async with asyncio.TaskGroup() as workers:
                    for _ in range(parallel):
                        workers.create_task(shift.work())
            except* HarnessError as group:
                raise group.exceptions[0] from None
    if due:
        raise BudgetError(f"The budget of ${budget:g} is used up: ${purse.spent:.2f} were spent.")


@dataclass(frozen=True)
class _Shift:
    """What the workers of a run share."""

    plan: Plan
    run: Run
    servers: Servers
    http: httpx2.AsyncClient
    due: deque[Key]
    budget: Budget
    progress: Progress
    retries: int

    async def work(self) -> None:
        """Take one attempt after the other until none is left, or no money."""
        while self.due and not self.budget.used_up:
            evidence = await self._make(self.due.popleft())
            await asyncio.to_thread(self.run.record, evidence)
            self.progress(evidence.attempt)

    async def _make(self, key: Key) -> Evidence:
        """An attempt, made again as long as something else than the agent ends it, and that is worth it."""
        earlier: list[Spoilt] = []
        while True:
            made = await self._try(key)
            attempt = made.evidence.attempt
            self.budget.take(attempt)
            attempt.earlier = [*earlier]
            if len(earlier) >= self.retries or made.again is None or made.again > _LONGEST_WAIT or self.budget.used_up:
                return made.evidence
            earlier.append(attempt.spoilt())
            await asyncio.sleep(made.again)

    async def _try(self, key: Key) -> Made:
        plan, job = self.plan, self.plan.job(key)
        environment = plan.environments[key.environment]
        try:
            server = await self.servers.get(environment)
        except HostingError as error:
            return Made(not_begun(job, str(error)))
        limits = self.budget.narrow(plan.configuration.limits)
        stage = Stage(server, environment.record.instructions, plan.graders[key.environment], limits, self.http)
        return await make_attempt(job, stage)


@contextlib.contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does, where the system has it."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    try:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    except (NotImplementedError, RuntimeError):  # Windows; not the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
