"""Estimates held to the published formulas, to brute force and to simulation."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from harness.estimators import clustered, pass_at_k, pass_hat_k, t_quantile, wilson

SMALL = [(n, c, k) for n in range(1, 8) for c in range(n + 1) for k in range(1, n + 1)]


@pytest.mark.parametrize(("n", "c", "k"), SMALL)
def test_every_choice_of_k_attempts(n: int, c: int, k: int) -> None:
    draws = list(itertools.combinations([True] * c + [False] * (n - c), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, draws)) / len(draws))
    assert pass_hat_k(n, c, k) == pytest.approx(sum(map(all, draws)) / len(draws))


def human_eval(n: int, c: int, k: int) -> float:
    """The program of the HumanEval paper, figure 3, without numpy."""
    if n - c < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / at for at in range(n - c + 1, n + 1))


@pytest.mark.parametrize(("n", "c", "k"), [(200, 0, 100), (200, 3, 100), (200, 37, 10), (10, 9, 2), (5, 5, 5)])
def test_the_published_program(n: int, c: int, k: int) -> None:
    assert pass_at_k(n, c, k) == pytest.approx(human_eval(n, c, k))


def test_both_are_unbiased() -> None:
    """Over all numbers of passes that n attempts can have, the estimates average to the truth."""
    for n, k, p in ((5, 3, 0.3), (8, 4, 0.9), (8, 8, 0.5)):
        chance = [math.comb(n, c) * p**c * (1 - p) ** (n - c) for c in range(n + 1)]
        at, hat = (
            sum(weight * estimate(n, c, k) for c, weight in enumerate(chance)) for estimate in (pass_at_k, pass_hat_k)
        )
        assert at == pytest.approx(1 - (1 - p) ** k)
        assert hat == pytest.approx(p**k)


@pytest.mark.parametrize(("n", "c", "k"), [(3, 4, 1), (3, 1, 4), (3, 1, 0), (3, -1, 1)])
def test_what_cannot_be_estimated(n: int, c: int, k: int) -> None:
    for estimate in (pass_at_k, pass_hat_k):
        with pytest.raises(ValueError, match="no estimate"):
            estimate(n, c, k)


@pytest.mark.parametrize(
    ("degrees", "value"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (9, 2.2622), (10, 2.2281), (29, 2.0452), (5000, 1.9600)],
)
def test_the_table_of_student(degrees: int, value: float) -> None:
    assert t_quantile(0.975, degrees) == pytest.approx(value, abs=5e-5)


def test_wilson_as_published() -> None:
    """R. Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3."""
    for passed, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(passed / n, n, 1.959964) == pytest.approx((low, high), abs=5e-5)


def test_without_clusters_it_is_nearly_wilson() -> None:
    values = [1.0] * 70 + [0.0] * 30
    estimate = clustered([value] for value in values)
    assert estimate is not None and (estimate.value, estimate.n, estimate.scenarios) == (0.7, 100, 100)
    assert (estimate.low, estimate.high) == pytest.approx(wilson(0.7, 100, 1.96), abs=0.005)


def test_attempts_that_are_all_alike_count_once() -> None:
    once = clustered([[1.0]] * 14 + [[0.0]] * 6)
    often = clustered([[1.0] * 8] * 14 + [[0.0] * 8] * 6)
    assert once is not None and often is not None
    assert (often.low, often.high) == pytest.approx((once.low, once.high))
    assert often.n == 8 * once.n


def test_nothing_few_and_all() -> None:
    assert clustered([]) is None and clustered([[], []]) is None
    one = clustered([[1.0, 0.0]])
    assert one is not None and one.low < 0.1 and one.high > 0.9  # one scenario says nothing about others
    passed = clustered([[1.0] * 4] * 20)
    assert passed is not None and (passed.low, passed.high) == pytest.approx((0.839, 1.0), abs=0.001)


@pytest.mark.parametrize(
    ("groups", "size", "a", "b"), [(20, 1, 7, 3), (30, 4, 1.4, 0.6), (40, 8, 0.5, 0.5), (15, 3, 9, 1)]
)
def test_the_interval_covers_the_truth(groups: int, size: int, a: float, b: float) -> None:
    """Scenarios differ in how hard they are (beta), attempts at one are alike: about 95 of 100 intervals hold it."""
    chance, truth, held, rounds = random.Random(5), a / (a + b), 0, 1500
    for _ in range(rounds):
        shares = [chance.betavariate(a, b) for _ in range(groups)]
        estimate = clustered([[float(chance.random() < share) for _ in range(size)] for share in shares])
        assert estimate is not None
        held += estimate.low <= truth <= estimate.high
    assert 0.93 <= held / rounds <= 0.985


def test_an_interval_that_knows_nothing_of_clusters_would_be_too_narrow() -> None:
    chance, held, rounds = random.Random(6), 0, 500
    for _ in range(rounds):
        shares = [chance.betavariate(0.5, 0.5) for _ in range(40)]
        values = [float(chance.random() < share) for share in shares for _ in range(8)]
        low, high = wilson(sum(values) / len(values), len(values), 1.96)
        held += low <= 0.5 <= high
    assert held / rounds < 0.75
