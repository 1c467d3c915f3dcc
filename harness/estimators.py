"""Estimates from repeated attempts at scenarios, as published, and how sure they are.

A cluster is a scenario; its values are those of its attempts. Attempts at one scenario are alike, so what makes an
estimate sure is the number of scenarios, not that of attempts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

_SURE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` attempts at `scenarios` scenarios, with its 95 % confidence interval."""

    value: float
    low: float
    high: float
    n: int
    scenarios: int


def pass_at_k(n: int, c: int, k: int) -> float:
    """The chance that at least one of k attempts passes, estimated without bias from c passes in n attempts.

    1 − C(n−c, k) / C(n, k): M. Chen et al., Evaluating Large Language Models Trained on Code (HumanEval),
    arXiv 2107.03374, equation 1.
    """
    _require(n, c, k)
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """The chance that all of k attempts pass (pass^k), estimated without bias from c passes in n attempts.

    C(c, k) / C(n, k): S. Yao et al., τ-bench, arXiv 2406.12045, section 4.
    """
    _require(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def _require(n: int, c: int, k: int) -> None:
    if not (0 <= c <= n and 1 <= k <= n):
        raise ValueError(f"no estimate for k={k} from {c} passes in {n} attempts")


def clustered(clusters: Iterable[Sequence[float]]) -> Estimate | None:
    """The mean of values in [0, 1], with an interval for values that come in clusters. None without any value.

    The variance is the cluster-robust one (E. Miller, Adding Error Bars to Evals, arXiv 2411.00640, section 2.2),
    times G/(G−1) for G clusters. It is turned into an effective number of independent values, for which Wilson's
    interval is taken: that stays within [0, 1] and does not shrink to nothing at 0 and 1 (C. Franco et al.,
    Comparative Study of Confidence Intervals for Proportions in Complex Sample Surveys, 2019). Where all values are
    equal, every cluster counts once; there are never more effective values than real ones. Student's t stands for
    the normal distribution, as few clusters tell their own variance badly.
    """
    kept = [list(cluster) for cluster in clusters if cluster]
    n, groups = sum(map(len, kept)), len(kept)
    if n == 0:
        return None
    mean = math.fsum(value for cluster in kept for value in cluster) / n
    residuals = [math.fsum(cluster) - mean * len(cluster) for cluster in kept]
    variance = math.fsum(residual**2 for residual in residuals) / n**2
    spread = mean * (1 - mean)
    if spread <= 1e-12 or groups < 2:
        effective, quantile = float(groups), _z(_SURE)
    else:
        variance *= groups / (groups - 1)
        effective = min(float(n), spread / variance) if variance > 0 else float(n)
        quantile = t_quantile((1 + _SURE) / 2, groups - 1)
    low, high = wilson(mean, effective, quantile)
    return Estimate(mean, low, high, n, groups)


def wilson(share: float, n: float, quantile: float) -> tuple[float, float]:
    """Wilson's score interval for a share of n values; n need not be whole."""
    squared = quantile**2
    middle = (share + squared / (2 * n)) / (1 + squared / n)
    half = quantile / (1 + squared / n) * math.sqrt(share * (1 - share) / n + squared / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _z(sure: float) -> float:
    return NormalDist().inv_cdf((1 + sure) / 2)


def t_quantile(probability: float, degrees: int) -> float:
    """A quantile of Student's t: exact for 1 and 2 degrees of freedom, else by bisection of its distribution."""
    if degrees == 1:
        return math.tan(math.pi * (probability - 0.5))
    if degrees == 2:
        centred = 2 * probability - 1
        return centred * math.sqrt(2 / (1 - centred**2))
    if degrees > 2000:
        return NormalDist().inv_cdf(probability)
    low, high = 0.0, 20.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _t_below(middle, degrees) < probability else (low, middle)
    return (low + high) / 2


def _t_below(value: float, degrees: int) -> float:
    """Student's t distribution function, by its finite series (Abramowitz and Stegun, 26.7.3 and 26.7.4)."""
    angle = math.atan(value / math.sqrt(degrees))
    cosine, term, total = math.cos(angle), 1.0, 0.0
    if degrees % 2:
        term = cosine
        for step in range(1, (degrees - 1) // 2 + 1):
            total += term
            term *= cosine**2 * (2 * step) / (2 * step + 1)
        both = 2 / math.pi * (angle + math.sin(angle) * total)
    else:
        for step in range(1, degrees // 2 + 1):
            total += term
            term *= cosine**2 * (2 * step - 1) / (2 * step)
        both = math.sin(angle) * total
    return 0.5 + both / 2
