"""County depots, township points and village points together: who restocks whom, and who serves the villages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import Choice, relative_gap, status_of

__all__ = ["Tier", "Tiers", "tiered_median"]


@dataclass(frozen=True, eq=False)
class Tier:
    """One level of points.

    Attributes
    ----------
    serve : float64 array, shape (n, m)
        Time to each client; ``inf`` = does not serve it.
    feed : float64 array, shape (m, m_above) or None
        Time from the points of the level above, ``inf`` = not from there; None on the highest level.
    among : Choice
    count : int
        Most sites on this level.
    """

    serve: NDArray[np.float64]
    feed: NDArray[np.float64] | None
    among: Choice
    count: int


@dataclass(frozen=True, eq=False)
class Tiers:
    """Answer, recomputed from the open sites.

    ``sites``: open sites of each level; ``level`` and ``assignment``: what serves each client (-1 = none);
    ``fed_by``: for each level the site above that feeds each open site (-1 = none).
    """

    value: float
    bound: float
    gap: float
    status: str
    sites: list[NDArray[np.int64]]
    level: NDArray[np.int64]
    assignment: NDArray[np.int64]
    fed_by: list[NDArray[np.int64]]


def tiered_median(
    tiers: Sequence[Tier], weight: NDArray[np.float64], unserved: float, feed_weight: float, *, seconds: float = 120.0
) -> Tiers:
    r"""Minimise weighted service time plus the time of feeding each open point from an open point one level up.

    .. math::
        \min \sum_{ilj} w_i t^l_{ij} x_{ilj} + \sum_i w_i M v_i + \phi \sum_{ljk} \tau^l_{jk} u^l_{jk}
        + \sum_{lj} f^l_j y^l_j
        \quad \text{s.t.} \quad \sum_{lj} x_{ilj} + v_i = 1, \; x_{ilj} \le y^l_j, \; \sum_k u^l_{jk} = y^l_j, \;
        u^l_{jk} \le y^{l-1}_k, \; \sum_j y^l_j \le p_l

    (the flow-type, nested hierarchy of Şahin and Süral 2007). Levels are listed from the highest
    (county) to the lowest.

    Parameters
    ----------
    tiers : sequence of Tier
    weight : float64 array, shape (n,)
    unserved : float
        Time that an unserved client counts; finite.
    feed_weight : float
        People that a minute of feeding one point counts as (φ).
    """
    from scipy.sparse import coo_array

    n = len(weight)
    if not np.isfinite(unserved) or tiers[0].feed is not None or any(tier.feed is None for tier in tiers[1:]):
        msg = "the highest level has no feed, every other needs one, and the unserved need a finite time"
        raise ValueError(msg)
    first = np.concatenate([[0], np.cumsum([tier.among.m for tier in tiers])]).astype(np.int64)
    m = int(first[-1])
    client, level, site = (
        np.concatenate(part) for part in zip(*[_pairs(t, a, unserved) for a, t in enumerate(tiers)], strict=True)
    )
    lower, upper, above = (
        np.concatenate(part) for part in zip(*[_feeds(t, a) for a, t in enumerate(tiers)], strict=True)
    )
    k, u = len(client), len(lower)
    serve_y, fed_y = first[level] + site, first[lower] + upper
    source_y = first[np.maximum(lower - 1, 0)] + above
    needs_feed = np.arange(int(first[1]), m)
    x, v, w = m + np.arange(k), m + k + np.arange(n), m + k + n + np.arange(u)
    parts = [  # row, column, entry, lower side, upper side
        (np.concatenate([client, np.arange(n)]), np.concatenate([x, v]), np.ones(k + n), np.ones(n), np.ones(n)),
        (np.tile(np.arange(k), 2), np.concatenate([x, serve_y]), np.repeat([1.0, -1.0], k),
         np.full(k, -np.inf), np.zeros(k)),
        (np.concatenate([fed_y - first[1], needs_feed - first[1]]), np.concatenate([w, needs_feed]),
         np.concatenate([np.ones(u), -np.ones(len(needs_feed))]), np.zeros(len(needs_feed)), np.zeros(len(needs_feed))),
        (np.tile(np.arange(u), 2), np.concatenate([w, source_y]), np.repeat([1.0, -1.0], u),
         np.full(u, -np.inf), np.zeros(u)),
        (np.repeat(np.arange(len(tiers)), np.diff(first)), np.arange(m), np.ones(m), np.zeros(len(tiers)),
         np.array([tier.count for tier in tiers], dtype=np.float64)),
    ]  # fmt: skip
    offset = np.concatenate([[0], np.cumsum([len(part[3]) for part in parts])])
    rows = coo_array((np.concatenate([part[2] for part in parts]),
                      (np.concatenate([part[0] + at for part, at in zip(parts, offset, strict=False)]),
                       np.concatenate([part[1] for part in parts]))),
                     shape=(int(offset[-1]), m + k + n + u))  # fmt: skip
    time = np.array([tiers[a].serve[i, j] for i, a, j in zip(client, level, site, strict=True)])
    feed = np.array([tiers[a].feed[j, b] for a, j, b in zip(lower, upper, above, strict=True)])
    opening = np.concatenate([tier.among.cost for tier in tiers])
    found = minimise(Programme(
        np.concatenate([opening, weight[client] * time, weight * unserved, feed_weight * feed]), rows,
        np.concatenate([part[3] for part in parts]), np.concatenate([part[4] for part in parts]),
        np.concatenate([*[tier.among.existing.astype(np.float64) for tier in tiers], np.zeros(k + n + u)]),
        np.concatenate([*[(~tier.among.forbidden).astype(np.float64) for tier in tiers], np.ones(k + n + u)]),
        np.concatenate([np.ones(m, bool), np.zeros(k + n + u, bool)]),
    ), seconds)  # fmt: skip
    if found.x is None:
        none = [np.empty(0, np.int64) for _ in tiers]
        return Tiers(np.nan, found.bound, np.inf, "infeasible" if found.infeasible else "time_limit", none,
                     np.full(n, -1), np.full(n, -1), none)  # fmt: skip
    opened = [found.x[first[a] : first[a + 1]] > 0.5 for a in range(len(tiers))]
    return _recomputed(tiers, weight, unserved, feed_weight, opened, found.bound)


def _pairs(tier: Tier, level: int, unserved: float):  # type: ignore[no-untyped-def]
    client, site = np.nonzero((tier.serve < unserved) & ~tier.among.forbidden)
    return client, np.full(len(client), level), site


def _feeds(tier: Tier, level: int):  # type: ignore[no-untyped-def]
    if tier.feed is None:
        none = np.empty(0, np.int64)
        return none, none, none
    site, above = np.nonzero(np.isfinite(tier.feed))
    return np.full(len(site), level), site, above


def _recomputed(tiers, weight, unserved, feed_weight, opened, bound) -> Tiers:  # type: ignore[no-untyped-def]
    """Value and assignments from the open sites alone."""
    n = len(weight)
    near, level, assignment = np.full(n, unserved), np.full(n, -1), np.full(n, -1)
    value, fed_by = 0.0, []
    for a, tier in enumerate(tiers):
        chosen = np.flatnonzero(opened[a])
        value += float(tier.among.cost[chosen].sum())
        if len(chosen):
            mine = tier.serve[:, chosen]
            better = mine.min(axis=1) < near
            level[better], assignment[better] = a, chosen[mine.argmin(axis=1)][better]
            near = np.minimum(near, mine.min(axis=1))
        source = np.full(len(chosen), -1, np.int64)
        if tier.feed is not None and len(chosen):
            above = np.flatnonzero(opened[a - 1])
            times = tier.feed[np.ix_(chosen, above)]
            source = above[times.argmin(axis=1)]
            value += feed_weight * float(times.min(axis=1).sum())
        fed_by.append(source)
    value += float(weight @ near)
    bound = min(bound, value)
    return Tiers(value, bound, relative_gap(value, bound), status_of(value, bound), [np.flatnonzero(o) for o in opened],
                 level, assignment, fed_by)  # fmt: skip
