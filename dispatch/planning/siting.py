"""Choosing points: covering, median or center layouts on road time, on intact roads or under every single failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.siting_ground import Ground, siting_rules
from models.siting import Layout, choice, fewest_sites, max_cover, p_center, p_median, robust_median
from models.siting.always_cover import always_cover

__all__ = ["Objective", "Wish", "best_layout", "count_range", "fewest_for_all", "gain_curve"]

Objective = Literal["cover", "median", "center"]


@dataclass(frozen=True)
class Wish:
    """What is asked.

    Attributes
    ----------
    points : int
        New points beside the existing ones (``keep``), or all points (``free``).
    within_min : float
        Time within which a place counts as covered.
    existing : {"keep", "free"}
        Whether what stands today stays, or everything is laid out anew on the same candidates.
    objective : {"cover", "median", "center"}
        Most people within the time; least mean time; least worst time.
    seconds : float
        For each solve.
    """

    points: int
    within_min: float = 60.0
    existing: Literal["keep", "free"] = "keep"
    objective: Objective = "cover"
    seconds: float = 60.0


def count_range(ground: Ground, existing: str) -> tuple[int, int]:
    """Fewest and most points that may be asked for."""
    barred = ground.candidates["forbidden"].to_numpy(dtype=bool)
    stays = ground.candidates["existing"].to_numpy(dtype=bool)
    if existing == "keep":
        return 0, int((~barred & ~stays).sum())
    return 1, int((~barred | stays).sum())


def best_layout(ground: Ground, wish: Wish, cut_times: NDArray[np.float64] | None = None) -> Layout:
    """Best layout of that many points.

    Without failures: the objective itself; among equally good covers one of low mean time is taken (the cover is
    proven, that mean is not). With ``cut_times`` (s, n, m), the times after each single failure: ``cover`` counts
    people who stay within the time whichever failure comes; ``median`` is the mean over the intact roads and every
    failure, all equally likely; ``center`` the worst time under any of them, of places that can be reached then.

    Places that no permitted candidate reaches are left out of ``median`` and ``center`` and named in ``unreached``.
    In ``median`` a place that no open point reaches counts the norm's ``unreached_counts``.

    Returns
    -------
    Layout
        Value in people (``cover``), person-milliseconds (``median``) or milliseconds (``center``).
    """
    among, total = _among(ground, wish)
    time, people = ground.time_ms, ground.people
    permitted = ~among.forbidden
    lost = np.flatnonzero(~np.isfinite(time[:, permitted]).any(axis=1))
    limit = wish.within_min * MINUTE_MS
    away = siting_rules()["unreached_counts"] * MINUTE_MS
    tables = None if cut_times is None else np.concatenate([time[None], cut_times])
    if wish.objective == "cover":
        if tables is not None:
            return always_cover(list(tables <= limit), total, people, among, seconds=wish.seconds)
        layout = max_cover(time <= limit, total, people, among, seconds=wish.seconds)
        return _nearer(layout, time, limit, total, people, among, away, wish.seconds)
    weight = people.copy()
    weight[lost] = 0.0
    if wish.objective == "median":
        if tables is not None:
            found = robust_median(list(tables), total, "expected", away, weight, None, among, seconds=wish.seconds)
        else:
            found = p_median(time, total, weight, among, unserved=away, seconds=wish.seconds)
        return replace(found, unreached=lost)
    table = time if tables is None else _worst_rows(tables)
    counted = np.isfinite(table[:, permitted]).any(axis=1)
    found = p_center(table[counted], total, None, among, seconds=wish.seconds)
    first = np.isfinite(time[:, found.sites]).any(axis=1) if len(found.sites) else np.zeros(len(time), bool)
    nearest = np.full(len(time), -1, np.int64)
    if len(found.sites):
        nearest[first] = found.sites[time[:, found.sites].argmin(axis=1)][first]
    return replace(found, assignment=nearest, unreached=lost)


def _among(ground: Ground, wish: Wish) -> tuple[Any, int]:
    """What may be chosen, and how many in all."""
    stays = ground.existing
    barred = ground.candidates["forbidden"].to_numpy(dtype=bool).copy()
    barred[stays] = False
    if wish.existing == "keep":
        return choice(len(barred), stays, np.flatnonzero(barred)), len(stays) + wish.points
    return choice(len(barred), (), np.flatnonzero(barred)), wish.points


def _nearer(layout: Layout, time, limit, total, people, among, away, seconds) -> Layout:  # type: ignore[no-untyped-def]
    """Another layout with the same cover and a lower mean time, if the median with a penalty outside finds one."""
    if not len(layout.sites):
        return layout
    outside = np.where(time <= limit, time, np.where(np.isfinite(time), 1000.0 * limit + time, np.inf))
    other = p_median(outside, total, people, among, unserved=2000.0 * limit + away, seconds=seconds)
    if not len(other.sites):
        return layout
    covered = (time[:, other.sites] <= limit).any(axis=1)
    if people[covered].sum() < layout.value - 1e-6:
        return layout
    nearest = np.where(covered, other.sites[time[:, other.sites].argmin(axis=1)], -1)
    return replace(layout, sites=other.sites, assignment=nearest, unreached=np.flatnonzero(~covered))


def _worst_rows(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Different rows of times of every place under every failure."""
    rows: NDArray[np.float64] = np.unique(tables.reshape(-1, tables.shape[2]), axis=0)
    return rows


def fewest_for_all(ground: Ground, within_min: float, *, keep: bool, seconds: float = 60.0) -> Layout:
    """Fewest points that cover every place which any candidate covers; ``unreached`` are the others."""
    among, _ = _among(ground, Wish(0, existing="keep" if keep else "free"))
    cover = ground.time_ms <= within_min * MINUTE_MS
    possible = cover[:, ~among.forbidden].any(axis=1)
    layout = fewest_sites(cover, possible.astype(np.int64), among, seconds=seconds)
    return replace(layout, unreached=np.flatnonzero(~possible))


def gain_curve(
    ground: Ground,
    wish: Wish,
    most: int,
    cut_times: NDArray[np.float64] | None = None,
    ask: Callable[[int], None] | None = None,
) -> list[tuple[int, Layout]]:
    """Best layout for every number of points from the fewest to ``most``, each proven by itself."""
    low, high = count_range(ground, wish.existing)
    among_now = len(ground.existing)
    first = low if wish.existing == "keep" and among_now else max(low, 1)
    points: list[tuple[int, Layout]] = []
    for count in range(first, min(most, high) + 1):
        if ask is not None:
            ask(count)
        points.append((count, best_layout(ground, replace(wish, points=count), cut_times)))
    return points
