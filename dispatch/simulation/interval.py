"""Confidence interval of a proportion (Wilson 1927)."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

__all__ = ["wilson"]


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a binomial proportion (E. B. Wilson, JASA 22, 1927), without continuity correction.

    It says how far the share seen in ``trials`` nights may be from the true one by chance of sampling alone.

    Raises
    ------
    ValueError
        If there are no trials, or more successes than trials.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        msg = f"{successes} successes in {trials} trials"
        raise ValueError(msg)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / trials
    spread = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / spread
    half = z / spread * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return low, high
