"""Differences between two cases played on common random numbers, with 95 % intervals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb, nan, sqrt

import numpy as np
from numpy.typing import NDArray

from dispatch.simulation.interval import wilson

__all__ = ["Difference", "mcnemar", "paired_mean", "paired_share"]


@dataclass(frozen=True)
class Difference:
    """Other minus base, its interval, and the probability of so large a difference by chance.

    ``p_value``: two-sided; ``method``: how interval and ``p_value`` were found.
    """

    value: float
    low: float
    high: float
    p_value: float
    method: str


def paired_share(base: NDArray[np.bool_], other: NDArray[np.bool_]) -> Difference:
    """Difference of two shares seen on the same nights.

    Interval: R. G. Newcombe, Statistics in Medicine 17 (1998) 2635–2650, method 10 (Wilson intervals squared and added,
    with the correlation of the pairs); probability: McNemar's test, exact.
    """
    n = len(base)
    if n == 0:
        return Difference(nan, nan, nan, nan, "Newcombe, McNemar exact")
    both, only = int((base & other).sum()), int((other & ~base).sum())
    lost, neither = int((base & ~other).sum()), int((~base & ~other).sum())
    p1, p2 = (both + only) / n, (both + lost) / n
    (l1, u1), (l2, u2) = wilson(both + only, n), wilson(both + lost, n)
    margins = (both + only) * (lost + neither) * (both + lost) * (only + neither)
    phi = 0.0
    if margins:
        cross = both * neither - only * lost
        phi = (max(cross - n / 2, 0.0) if cross > 0 else cross) / sqrt(margins)
    below, above = p1 - l1, u2 - p2
    low = p1 - p2 - sqrt(max(below**2 - 2 * phi * below * above + above**2, 0.0))
    below, above = p2 - l2, u1 - p1
    high = p1 - p2 + sqrt(max(below**2 - 2 * phi * below * above + above**2, 0.0))
    return Difference(p1 - p2, low, high, mcnemar(only, lost), "Newcombe, McNemar exact")


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided exact probability that ``gained`` and ``lost`` come from an even chance (Q. McNemar, 1947)."""
    n, few = gained + lost, min(gained, lost)
    if n == 0:
        return 1.0
    tail: int = sum(comb(n, k) for k in range(few + 1))
    return min(1.0, float(Fraction(2 * tail, 2**n)))


def paired_mean(base: NDArray[np.float64], other: NDArray[np.float64]) -> Difference:
    """Mean of the differences night by night, with Student's interval and test."""
    from scipy.stats import t

    gap = other - base
    n = len(gap)
    if n < 2:
        return Difference(float(gap.mean()) if n else nan, nan, nan, nan, "paired t")
    mean, error = float(gap.mean()), float(gap.std(ddof=1)) / sqrt(n)
    if error == 0:
        return Difference(mean, mean, mean, 1.0 if mean == 0 else 0.0, "paired t")
    half = float(t.ppf(0.975, n - 1)) * error
    return Difference(mean, mean - half, mean + half, float(2 * t.sf(abs(mean) / error, n - 1)), "paired t")
