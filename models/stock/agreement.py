"""How much to hold oneself and how much to have promised by suppliers, so that needs are met in time surely enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of

__all__ = ["Reserve", "Split", "split_reserve"]


@dataclass(frozen=True, eq=False)
class Reserve:
    """Agreements on one item, one entry each.

    Attributes
    ----------
    cost : float64 array (g,)
        Per unit promised and year.
    lead_h : float64 array (g,)
        Hours from the call to the first unit at the place; ``inf`` = never.
    release_per_h : float64 array (g,)
        Units an hour after that.
    most : float64 array (g,)
        Units that the supplier can promise.
    honoured : bool array (s, g)
        Whether the agreement is honoured in each scenario (drawn with its reliability).
    """

    cost: NDArray[np.float64]
    lead_h: NDArray[np.float64]
    release_per_h: NDArray[np.float64]
    most: NDArray[np.float64]
    honoured: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Split:
    """Units held, units promised by each agreement, yearly cost, bound, gap, status, and the scenarios met in time."""

    value: float
    bound: float
    gap: float
    status: str
    physical: float
    promised: NDArray[np.float64]
    met: NDArray[np.bool_]


def split_reserve(
    need: NDArray[np.float64],
    probability: NDArray[np.float64],
    physical_cost: float,
    reserve: Reserve,
    deadline_h: float,
    target: float,
    seconds: float = 60.0,
) -> Split:
    r"""Cheapest split between physical and agreement reserve.

    .. math::
        \min c q + \sum_g e_g a_g \quad \text{s.t.} \quad q + \sum_g \omega_{sg} a_g \ge d_s v_s, \quad
        \sum_s \pi_s v_s \ge \alpha, \quad 0 \le a_g \le \min\big(A_g,\; \varrho_g \max(0, H - \ell_g)\big), \quad
        v_s \in \{0, 1\}

    Units that cannot arrive by the deadline are never promised, so an agreement with infinite lead time is never used.

    Parameters
    ----------
    need : float64 array (s,)
        Units wanted by the deadline.
    probability : float64 array (s,)
    physical_cost : float
        Per unit held and year: capital, care and expiry.
    reserve : Reserve
    deadline_h : float
    target : float
        Least probability that the whole need is met in time.
    """
    from scipy.sparse import csr_array, hstack, vstack

    scenarios, g = reserve.honoured.shape
    if len(need) != scenarios or abs(probability.sum() - 1) > 1e-6 or not 0 <= target <= 1 or physical_cost < 0:
        msg = "needs, probabilities (adding up to 1) and agreements must fit each other"
        raise ValueError(msg)
    hours = np.maximum(deadline_h - reserve.lead_h, 0.0)
    top = np.minimum(reserve.most, np.where(hours > 0, reserve.release_per_h * hours, 0.0))
    minus_need = csr_array((-need, (np.arange(scenarios), np.arange(scenarios))), shape=(scenarios, scenarios))
    rows = vstack([
        hstack([csr_array(np.ones((scenarios, 1))), csr_array(reserve.honoured.astype(np.float64)), minus_need]),
        csr_array(np.concatenate([np.zeros(1 + g), probability])[None]),
    ])  # fmt: skip
    found = minimise(
        Programme(
            np.concatenate([[physical_cost], reserve.cost, np.zeros(scenarios)]), rows,
            np.append(np.zeros(scenarios), target - 1e-12), np.full(scenarios + 1, np.inf), np.zeros(1 + g + scenarios),
            np.concatenate([[np.inf], top, np.ones(scenarios)]),
            np.concatenate([np.zeros(1 + g, bool), np.ones(scenarios, bool)]),
        ), seconds,
    )  # fmt: skip
    if found.x is None:
        return Split(np.nan, found.bound, np.inf, "time_limit", np.nan, np.full(g, np.nan), np.zeros(scenarios, bool))
    physical, promised = float(found.x[0]), np.clip(found.x[1 : 1 + g], 0.0, top)
    met = physical + reserve.honoured @ promised >= need - 1e-6 * (1 + need)
    if probability[met].sum() < target - 1e-6:
        msg = "the solver's split misses the target"
        raise ArithmeticError(msg)
    value = physical_cost * physical + float(reserve.cost @ promised)
    bound = min(found.bound, value)
    return Split(value, bound, relative_gap(value, bound), status_of(value, bound), physical, promised, met)
