"""Questions: their words, and that the expression gives the answer."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from conftest import Stage

from generator.rendering import load_environment
from generator.scengenerator.checking import CheckCompiler
from generator.scengenerator.questions import Question, Questioner
from generator.scengenerator.references import Describer
from generator.scengenerator.snapshot import Snapshot
from generator.scengenerator.states import make_state
from generator.skeleton.checker import check
from generator.skeleton.reading import read_skeleton

ROOT = Path(__file__).parents[3]
SKELETONS = [*sorted((ROOT / "servers").glob("*/skeleton.yaml")), ROOT / "tests/golden/examples/forum.skeleton.yaml"]


def asked(stage: Stage, count: int, seed: int = 0) -> list[Question]:
    rng = random.Random(seed)
    questioner = Questioner(stage.model, Describer(stage.model, rng), rng)
    snapshot = stage.snapshot
    return [question for _ in range(count) if (question := questioner.propose(snapshot))]


@pytest.mark.parametrize("path", SKELETONS, ids=lambda path: path.parent.name)
def test_the_expression_gives_the_answer_and_the_question_does_not(path: Path) -> None:
    model = check(read_skeleton(path))
    state = make_state(model, "questions", 3)
    stage = Stage(model, load_environment(model).Environment(state))
    compiler = CheckCompiler(model)
    before = compiler.world(state)
    after = compiler.world(state, before)
    questions = {question.text: question for question in asked(stage, 120)}
    assert len(questions) >= 40
    assert len({question.kind for question in questions.values()}) >= 4
    for question in questions.values():
        holds = compiler.check(f"states(answer, {question.expression})")
        assert holds(after, [], f"{question.answer}."), question
        assert not holds(after, [], "I do not know."), question
        assert not holds(after, [], question.text), question
        assert re.search(r"\?( [A-Z][\w ,]+\.)?$", question.text)
        assert not re.search(r"\bthe the\b|[{}\[\]]|  |None", question.text)
        assert question.steps >= 0


def test_kinds_of_questions(bank: Stage) -> None:
    texts = {question.text.split("?")[0] for question in asked(bank, 400)}
    assert "How many savings accounts does Marta Ruiz have" in texts
    assert "Which of Marta Ruiz's accounts has the highest balance" in texts
    assert any(text.startswith("On which day") for text in texts)
    assert any(text.startswith("What is the balance of") for text in texts)
    assert any(text.startswith("How much do ") for text in texts)


def test_totals_and_extremes_are_right(bank: Stage) -> None:
    found = {question.text.split("?")[0]: question for question in asked(bank, 400)}
    assert found["How many savings accounts does Marta Ruiz have"].value == 2
    assert found["Which of Marta Ruiz's accounts has the highest balance"].value == "New roof"
    assert found["How much do all of Marta Ruiz's deposits come to"].value == 465.5


def test_no_question_where_there_is_nothing(bank: Stage) -> None:
    for table in bank.tables.values():
        table.clear()
    assert asked(bank, 3) == []


def test_the_same_seed_asks_the_same(bank: Stage) -> None:
    assert [q.text for q in asked(bank, 20, 7)] == [q.text for q in asked(bank, 20, 7)]


def test_snapshots_are_shared_between_questioners(bank: Stage) -> None:
    snapshot = Snapshot(bank.model, bank.environment)
    rngs = [random.Random(3), random.Random(3)]
    texts = [
        [q.text for _ in range(10) if (q := Questioner(bank.model, Describer(bank.model, rng), rng).propose(snapshot))]
        for rng in rngs
    ]
    assert texts[0] == texts[1]
