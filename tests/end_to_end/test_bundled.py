"""The bundled environments and scenarios: proven again here, and solved over MCP as an agent would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from generator.rendering import bundled_environments, digests, find_scenarios
from generator.scengenerator.certificates import Prover
from generator.scengenerator.files import load_scenario, scenario_text
from generator.scengenerator.make import Wish, make_scenarios
from generator.scengenerator.scenario import Scenario
from generator.skelbuilder.evaluation import evaluate
from generator.skeleton.checker import check
from generator.skeleton.model import Model
from generator.skeleton.reading import read_skeleton

ENVIRONMENTS = bundled_environments()
SEED = 14  # of the bundled scenarios: envwright scenarios NAME --count 12 --seed 14 --replace
ENVWRIGHT = Path(sys.executable).with_name("envwright")


def _model(folder: Path) -> Model:
    return check(read_skeleton(folder / "skeleton.yaml"))


def _scenarios(folder: Path) -> list[Scenario]:
    return [load_scenario(path) for path in find_scenarios(folder)]


@pytest.fixture(params=ENVIRONMENTS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


def test_there_are_three_environments_in_three_domains() -> None:
    assert len({_model(folder).document.domain for folder in ENVIRONMENTS}) == len(ENVIRONMENTS) >= 3


def test_an_environment_is_rich_enough_to_think_in(folder: Path) -> None:
    model = _model(folder)
    queries = sum(len(entity.queries) for entity in model.entities.values())
    assert queries + len(model.operations) >= 18
    assert len(model.commands) >= 8
    assert 4 <= len(model.entities) <= 7
    assert len(model.rules) >= 4
    assert model.policies
    assert any(entity.owned for entity in model.entities.values())
    assert any(entity.derived for entity in model.entities.values())
    assert any(item.doc.transitions for entity in model.entities.values() for item in entity.stored)


def test_an_environment_passes_quality_evaluation(folder: Path) -> None:
    report = evaluate(read_skeleton(folder / "skeleton.yaml"))
    assert report.passed, "\n".join(report.lines())


def test_every_certificate_is_made_again_the_same(folder: Path) -> None:
    model = _model(folder)
    prover = Prover(model)
    skeleton, environment = digests(model.document)
    scenarios = _scenarios(folder)
    assert len(scenarios) >= 12
    for scenario in scenarios:
        assert (scenario.skeleton_digest, scenario.environment_digest) == (skeleton, environment), scenario.id
        assert prover.prove(scenario) == scenario.certificate, scenario.id


def test_the_same_seed_makes_the_bundled_files_again(folder: Path) -> None:
    paths = find_scenarios(folder)
    made = list(make_scenarios(read_skeleton(folder / "skeleton.yaml"), Wish(len(paths), SEED)))
    assert [scenario_text(scenario) for scenario in made] == [path.read_text(encoding="utf-8") for path in paths]


def test_the_scenarios_are_of_all_kinds_and_difficulties(folder: Path) -> None:
    scenarios = _scenarios(folder)
    assert {scenario.kind for scenario in scenarios} == {"change", "question", "decline"}
    assert {scenario.difficulty for scenario in scenarios} == {1, 2, 3, 4, 5}
    assert len({scenario.task for scenario in scenarios}) == len(scenarios)


def test_at_least_eight_mutation_operators_were_at_work() -> None:
    operators: Counter[str] = Counter()
    for folder in ENVIRONMENTS:
        for scenario in _scenarios(folder):
            assert scenario.certificate is not None
            operators.update(scenario.certificate.mutants)
    assert len(operators) >= 8, operators


def test_some_partial_solutions_earn_something(folder: Path) -> None:
    partial = [s.certificate.partial_scores for s in _scenarios(folder) if s.certificate is not None]
    assert any(0 < score < 1 for scores in partial for score in scores)


def test_over_mcp_every_solution_passes_and_doing_nothing_earns_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(ENVWRIGHT), "run", "--agent", "reference", "--agent", "noop", "--json", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    lines = [
        json.loads(line) for run in tmp_path.iterdir() for line in (run / "attempts.jsonl").read_text().splitlines()
    ]
    outcomes = Counter((line["agent"], line["outcome"], line["score"]) for line in lines)
    count = sum(len(find_scenarios(folder)) for folder in ENVIRONMENTS)
    assert outcomes == {("reference", "passed", 1.0): count, ("noop", "failed", 0.0): count}
