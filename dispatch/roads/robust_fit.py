"""Bounded least squares on relative errors that single wrong entries do not spoil.

Iteratively reweighted least squares with Huber's weights first and Tukey's biweight then (an MM-estimate in the manner
of Yohai 1987), drawn toward 1 by a ridge. An error is relative to the longer of the two times, so that minutes entered
as hours weigh no more than hours entered as minutes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["HUBER", "REJECT", "biweight_loss", "relative_error", "robust_factors"]

HUBER = 0.05
"""Relative error from which an entry pulls with constant force: what rounding to five minutes leaves on two hours."""
REJECT = 0.5
"""Relative error from which an entry has no pull: one time is twice the other, which nobody would believe."""

_ROUNDS = 100


def robust_factors(
    parts: NDArray[np.float64],
    fixed: NDArray[np.float64],
    known: NDArray[np.float64],
    start: NDArray[np.float64],
    bounds: tuple[float, float],
    ridge: float,
) -> NDArray[np.float64]:
    """Factors x for which ``fixed + parts @ x`` agrees with ``known``.

    Parameters
    ----------
    parts : float64 array (k, c)
        Time of each entry that each factor multiplies.
    fixed, known : float64 arrays (k,)
        Time no factor touches, and the time aimed at, above 0.
    start : float64 array (c,)
        Where the weights are first taken.
    bounds : tuple of two floats
        Of every factor.
    ridge : float
        Weight of (x - 1)² beside an entry's squared relative error.

    Returns
    -------
    float64 array (c,)
    """
    from scipy.optimize import lsq_linear

    x = start
    pull = np.sqrt(ridge)
    for weigh in (_huber, _biweight):
        for _ in range(_ROUNDS):
            now = parts @ x + fixed
            weight = np.sqrt(weigh(relative_error(now, known))) / np.maximum(now, known)
            solved = lsq_linear(
                np.vstack([parts * weight[:, None], pull * np.eye(len(x))]),
                np.concatenate([(known - fixed) * weight, np.full(len(x), pull)]),
                bounds=bounds,
                method="bvls",
            )
            settled = np.allclose(solved.x, x, rtol=1e-9)
            x = solved.x
            if settled:
                break
    return x


def relative_error(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Difference of positive times relative to the longer of the two."""
    off: NDArray[np.float64] = np.abs(a - b) / np.maximum(a, b)
    return off


def biweight_loss(error: NDArray[np.float64]) -> float:
    """Tukey's loss: the square for small errors, constant from ``REJECT`` on."""
    return float(REJECT**2 / 3 * (1 - (1 - np.minimum(error / REJECT, 1.0) ** 2) ** 3).sum())


def _huber(error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that leave every entry a pull, at most that of an error of ``HUBER``."""
    return np.minimum(1.0, HUBER / np.maximum(error, 1e-12))


def _biweight(error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that fall to nothing at an error of ``REJECT``."""
    weight: NDArray[np.float64] = (1 - np.minimum(error / REJECT, 1.0) ** 2) ** 2
    return weight
