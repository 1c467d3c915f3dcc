"""The checker against mistakes as people and models make them, planted into skeletons that are right."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from mistakes import KINDS, Mistake, planted

from generator.errors import Problem
from generator.skeleton.checker import examine
from generator.skeleton.shapes import validated
from generator.skeleton.yaml_tree import compose, plain

ROOT = Path(__file__).parents[3]
SKELETONS = sorted((ROOT / "tests/golden/examples").glob("*.yaml")) + sorted(ROOT.glob("servers/*/skeleton.yaml"))
OF_EACH_KIND = 2  # in each skeleton
Finding = tuple[str, Mistake, tuple[Problem, ...]]


@cache
def findings() -> tuple[Finding, ...]:
    """Every planted mistake with the problems that are reported before anything runs."""
    return tuple(
        (path.parent.name if path.name == "skeleton.yaml" else path.name.split(".")[0], mistake, problems(mistake))
        for path in SKELETONS
        for mistake in planted(written(path), OF_EACH_KIND)
    )


def written(path: Path) -> dict[str, Any]:
    document = one_line(plain(compose(path.read_text(encoding="utf-8"), str(path)), []))
    assert isinstance(document, dict)
    return document


def one_line(value: object) -> object:
    """The document with its folded expressions on one line each, as the reader takes them."""
    if isinstance(value, dict):
        return {key: one_line(part) for key, part in value.items()}
    if isinstance(value, list):
        return [one_line(part) for part in value]
    return " ".join(value.split()) if isinstance(value, str) and "\n" in value else value


def problems(mistake: Mistake) -> tuple[Problem, ...]:
    document = validated(mistake.document)
    return tuple(document) if isinstance(document, list) else examine(document).problems


@pytest.mark.parametrize("path", SKELETONS, ids=lambda path: path.parent.name + "/" + path.name)
def test_the_skeletons_are_right_before_anything_is_planted(path: Path) -> None:
    document = validated(written(path))
    assert not isinstance(document, list)
    assert examine(document).problems == ()


def test_mistakes_are_caught_before_anything_runs() -> None:
    missed = [f"{name}: {mistake}" for name, mistake, found in findings() if not found]
    total = len(findings())
    print(f"{total - len(missed)} of {total} planted mistakes caught; missed:", *missed, sep="\n  ")
    assert total >= 200
    assert len(missed) <= 0.05 * total, "\n".join(missed)


def test_every_kind_of_mistake_is_planted() -> None:
    planted_kinds = Counter(mistake.kind for _, mistake, _ in findings())
    assert set(planted_kinds) == set(KINDS)


def test_every_problem_has_a_place_and_one_sentence() -> None:
    for _, mistake, found in findings():
        for problem in found:
            assert problem.path, f"{mistake}: {problem}"
            assert "\n" not in problem.message and len(problem.message) < 400, problem
            assert not re.search(r"Traceback|<class|generator\.skeleton|Ref\(|Maybe\(|Scalar\(", problem.message), (
                problem
            )


def test_a_misspelt_name_is_answered_with_the_right_one() -> None:
    unanswered = [
        f"{mistake}: {found[0]}"
        for _, mistake, found in findings()
        if mistake.right and found and not any(f"did you mean '{mistake.right}'" in each.message for each in found)
    ]
    typos = sum(1 for _, mistake, _ in findings() if mistake.right)
    print(f"{typos - len(unanswered)} of {typos} misspellings answered; not:", *unanswered, sep="\n  ")
    assert len(unanswered) <= 0.03 * typos, "\n".join(unanswered)


def test_a_misspelling_is_reported_where_it_stands_or_where_it_is_applied() -> None:
    for _, mistake, found in findings():
        if mistake.kind.startswith("misspelt") and found:
            at = mistake.path[1]
            name = str(at).split("(")[0]
            assert any(name in problem.path or name in problem.message for problem in found), f"{mistake}: {found[0]}"
