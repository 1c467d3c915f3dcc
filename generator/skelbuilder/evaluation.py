"""Quality evaluation without a model: does an environment do all that its skeleton says, and nothing else?

It takes the place of EnvScaler's testing and checking agents (arXiv 2601.05808, section 3) for what can be known by
running: see `Report` for what is looked at.
"""

from __future__ import annotations

from generator.scengenerator.laws import Laws, laws_of
from generator.scengenerator.population import UnluckyError
from generator.scengenerator.sampling import SamplingError
from generator.scengenerator.states import populate
from generator.scengenerator.unsampled import unsampled
from generator.skelbuilder.discovery import unfindable
from generator.skelbuilder.exploration import Explorer
from generator.skelbuilder.report import Finding, Report, Thresholds
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton

BUDGET = 20_000  # calls
LEAST_WALKS = 6  # also when everything is reached before
STALE_WALKS = 15  # without anything new, after which no more are made
WALK = 400  # draws in one walk
_SIZES = (3, 1, 5, 2, 4)
_UNLUCKY = 6  # states that may fail to be drawn, one after the other


def evaluate(
    document: Skeleton, seed: str | int = 1, budget: int = BUDGET, thresholds: Thresholds | None = None
) -> Report:
    """Explores the environment of a document with at most about `budget` calls.

    It ends early when all is reached, and when walks no longer reach anything new.
    The same arguments give the same report. Raises SkeletonError for a document that the checker rejects.
    """
    return evaluate_laws(laws_of(check(document)), str(seed), budget, thresholds or Thresholds())


def evaluate_laws(laws: Laws, seed: str, budget: int, thresholds: Thresholds) -> Report:
    """The evaluation of an environment that is loaded already."""
    explorer = Explorer(laws, seed)
    findings = _beforehand(laws)
    states = 0
    if not any(finding.kind == "no_sample" for finding in findings):
        states, failure = _explore(laws, explorer, seed, budget)
        if failure:
            findings.append(Finding(kind="no_state", place="population", text=failure))
    coverage = explorer.coverage
    return Report(
        environment=laws.model.document.id,
        seed=seed,
        calls=explorer.calls,
        states=states,
        commands=coverage.share_of_tools(coverage.commands),
        queries=coverage.share_of_tools(coverage.queries),
        clauses=coverage.share_of_clauses(),
        words=coverage.share_of_words(),
        operations=coverage.operations(),
        findings=[*findings, *explorer.findings.values()],
        notes=coverage.notes() if states else [],
        thresholds=thresholds,
    )


def _beforehand(laws: Laws) -> list[Finding]:
    """What can be seen without running anything."""
    findings = [
        Finding(kind="no_sample", place=name, text=f"the text '{name}' would have to be made up; give it a sample")
        for _, name in unsampled(laws.model)
    ]
    for operation, argument, entity in unfindable(laws.model):
        text = f"no query gives the id of a {entity}, which the argument {argument} needs; add a query that lists them"
        findings.append(Finding(kind="unfindable_id", place=operation.name, text=text))
    return findings


def _explore(laws: Laws, explorer: Explorer, seed: str, budget: int) -> tuple[int, str]:
    """The number of walks, and why no state could be drawn, if so."""
    walks = drawn = unlucky = stale = 0
    while explorer.calls < budget and stale < STALE_WALKS:
        if walks >= LEAST_WALKS and explorer.coverage.done():
            break
        calls, reached = explorer.calls, explorer.coverage.reached()
        try:
            state = populate(laws, f"{laws.model.document.id}/{seed}/evaluation/{drawn}", _SIZES[drawn % len(_SIZES)])
        except UnluckyError as error:
            unlucky += 1
            if unlucky == _UNLUCKY:
                return walks, str(error)
            continue
        except SamplingError as error:
            return walks, str(error)
        finally:
            drawn += 1
        unlucky = 0
        walks += 1
        explorer.walk(state, walks, WALK)
        stale = 0 if explorer.coverage.reached() > reached else stale + 1
        if explorer.calls == calls:
            break  # there is nothing that could be called
    return walks, ""
