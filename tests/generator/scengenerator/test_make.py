"""Making scenarios: what a wish gives, how varied it is, and that it is the same everywhere."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter

import pytest
from made import COUNT, ENVIRONMENTS, ROOT, made, model_of

from generator.scengenerator.make import Tally, Wish, make_scenarios
from generator.scengenerator.scenario import Kind, canonical
from generator.skeleton.facts import escalations

SCRIPT = """
import hashlib
from pathlib import Path
from generator.scengenerator.make import Wish, make_scenarios
from generator.scengenerator.scenario import canonical
from generator.skeleton.reading import read_skeleton
skeleton = read_skeleton(Path("servers/parts_warehouse/skeleton.yaml"))
text = "".join(canonical(scenario.model_dump()) for scenario in make_scenarios(skeleton, Wish(6, 7)))
print(hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_forty_scenarios_use_every_command_and_have_all_kinds_and_difficulties(name: str) -> None:
    scenarios, _ = made(name)
    assert len(scenarios) == COUNT
    solved = [scenario for scenario in scenarios if scenario.kind == "change"]
    used = {call.name for scenario in solved for call in scenario.solution.calls}
    assert [command.name for command in model_of(name).commands if command.name not in used] == []
    assert set(Counter(scenario.difficulty for scenario in scenarios)) == {1, 2, 3, 4, 5}
    kinds = Counter(scenario.kind for scenario in scenarios)
    assert min(kinds["question"], kinds["decline"]) >= 3
    assert kinds["change"] >= 20


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_no_two_are_the_same_task(name: str) -> None:
    scenarios, _ = made(name)
    assert len({scenario.task for scenario in scenarios}) == COUNT
    commands = {command.name for command in model_of(name).commands}
    work = [
        canonical([(call.name, call.arguments) for call in scenario.solution.calls if call.name in commands])
        for scenario in scenarios
        if scenario.kind == "change"
    ]
    states = [canonical(scenario.initial_state) for scenario in scenarios if scenario.kind == "change"]
    assert len(set(zip(work, states, strict=True))) == len(work)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_all_carry_their_digests_and_a_certificate(name: str) -> None:
    for scenario in made(name)[0]:
        assert scenario.environment == name
        assert len(scenario.skeleton_digest) == len(scenario.environment_digest) == 64
        assert scenario.certificate is not None
        assert scenario.certificate.solution_passes
        assert scenario.clock == scenario.initial_state["clock"]


def test_ids_are_told_in_no_task_but_where_people_have_one() -> None:
    """An id in the words would make the look-up needless."""
    for name in ENVIRONMENTS:
        told = [
            s
            for s in made(name)[0]
            if any(f" {key}" in s.task for t in s.initial_state["tables"].values() for key in t)
        ]
        assert len(told) <= COUNT // 4


def test_some_partial_solutions_earn_a_part() -> None:
    partial = [s for name in ENVIRONMENTS for s in made(name)[0] if s.certificate and s.certificate.partial_scores]
    assert len(partial) >= 30
    for scenario in partial:
        assert scenario.certificate is not None
        assert all(0 < score < 1 for score in scenario.certificate.partial_scores)


@pytest.mark.parametrize(("kind", "difficulty"), [("change", 1), ("change", 4), ("question", 2), ("decline", 3)])
def test_a_wish_for_a_kind_and_a_difficulty_is_met(kind: Kind, difficulty: int) -> None:
    found = list(make_scenarios(model_of("outpatient_clinic").document, Wish(3, 2, difficulty, kind)))
    assert [(scenario.kind, scenario.difficulty) for scenario in found] == [(kind, difficulty)] * 3


def test_what_cannot_be_had_ends_early_and_is_counted() -> None:
    tally = Tally()
    assert list(make_scenarios(model_of("outpatient_clinic").document, Wish(1, 1, 5, "question"), tally)) == []
    assert tally.kept == 0
    assert tally.dropped["of another difficulty than is wanted"] > 0
    assert tally.lines()[0].startswith("0 kept, ")


def test_a_tally_tells_the_most_frequent_reason_first() -> None:
    tally = Tally(kept=2)
    tally.dropped.update({"a step leaves no trace": 1, "the same task again": 3})
    assert [line.strip() for line in tally.lines()] == [
        "2 kept, 4 dropped",
        "3 the same task again",
        "1 a step leaves no trace",
    ]


def test_the_same_wish_gives_the_same_bytes_in_every_process() -> None:
    found = []
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        found.append(done.stdout)
    skeleton = model_of("parts_warehouse").document
    text = "".join(canonical(scenario.model_dump()) for scenario in make_scenarios(skeleton, Wish(6, 7)))
    assert found[0] == found[1] == hashlib.sha256(text.encode()).hexdigest() + "\n"


def test_a_longer_wish_begins_like_a_shorter_one() -> None:
    skeleton = model_of("outpatient_clinic").document
    assert list(make_scenarios(skeleton, Wish(3, 11))) == list(made("outpatient_clinic")[0][:3])


def test_scenarios_do_not_share_their_states() -> None:
    first, second = list(make_scenarios(model_of("parts_warehouse").document, Wish(2, 5, 2)))
    first.initial_state["tables"]["customers"].clear()
    assert second.initial_state["tables"]["customers"]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_is_to_be_declined_is_said_to_be_impossible_or_handed_over(name: str) -> None:
    tools = {tool.name for tool in escalations(model_of(name))}
    for scenario in made(name)[0]:
        if scenario.kind == "decline":
            assert scenario.allowed_changes == []
            assert scenario.solution.answer.startswith("I cannot do this. ")
            assert all(f"called('{tool}')" in scenario.checks[0].that for tool in tools)
