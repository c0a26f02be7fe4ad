"""The programme of points and stock as sparse arrays, its nights aggregated without loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme

__all__ = ["Nights", "PointsAndStock", "Rows", "layout_rows", "nights_of", "programme_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PointsAndStock:
    """The problem: ``m`` candidates, ``k`` items, ``n`` places, ``s`` nights.

    Attributes
    ----------
    existing : bool array (m,)
        Points that stand already; they cost nothing and are not counted as new.
    opening, room : float64 arrays (m,)
        Cost of opening, and the volume that a point holds. Sizes of one point are candidates of one ``spot``.
    spot : int64 array (m,)
        Of candidates with the same number at most one is opened.
    volume, price : float64 arrays (k,)
        Per unit.
    today : float64 array (m, k)
        Held today.
    people : float64 array (s, n)
    demand : float64 array (s, n, k)
        Wanted by the deadline; nought where there are no people.
    reach : bool array (s, m, n)
        Whether goods of a candidate are at the place by the deadline.
    surviving : float64 array (s, m, k)
        Share of the stock that is still usable.
    probability : float64 array (s,)
    budget : float
        For opening and buying; ``inf`` = no limit.
    keep : bool
        Goods of today stay where they lie; else they may be moved for nothing, but none is given up.
    aim : {"everyone", "people"}
        What comes first.
    hours : float64 array (s, m, n), optional
        On the road; among layouts that provide as much, one of least expected carriage is taken then.
    weight : float64 array (k,), optional
        Of a unit, for the carriage; 1 if not given.
    """

    existing: NDArray[np.bool_]
    opening: Floats
    room: Floats
    spot: Ints
    volume: Floats
    price: Floats
    today: Floats
    people: Floats
    demand: Floats
    reach: NDArray[np.bool_]
    surviving: Floats
    probability: Floats
    budget: float = np.inf
    keep: bool = False
    aim: Literal["everyone", "people"] = "everyone"
    hours: Floats | None = None
    weight: Floats | None = None


@dataclass(frozen=True, eq=False)
class Nights:
    """What the nights want of whom, aggregated.

    Attributes
    ----------
    night, place : int64 arrays (w,)
        Every place that wants something and that some candidate reaches on the night.
    people : float64 array (w,)
    group : int64 array (w,)
        Number of its group: places of one night that the same candidates reach.
    weight : float
        ``W``: what a night without anybody left out is worth, in people.
    member : int64 arrays (c,), source : int64 (c,)
        Which candidate belongs to which source: candidates that reach the same groups of one night.
    source_night : int64 array (number of sources,)
    way_source, way_group : int64 arrays (ways,)
        Which source reaches which group.
    """

    night: Ints
    place: Ints
    people: Floats
    group: Ints
    weight: float
    member: Ints
    source: Ints
    source_night: Ints
    way_source: Ints
    way_group: Ints

    def first_share(self, problem: PointsAndStock) -> int:
        """Column of the first share ``t``."""
        m, k = problem.today.shape
        return int(m + m * k + k + len(problem.probability))


def nights_of(problem: PointsAndStock) -> Nights:
    """Aggregate the nights, and check that the arrays fit each other."""
    _validate(problem)
    night: list[Ints] = []
    place: list[Ints] = []
    group: list[Ints] = []
    member: list[Ints] = []
    source: list[Ints] = []
    source_night: list[int] = []
    ways: list[tuple[int, int]] = []
    groups = sources = 0
    for s in range(len(problem.probability)):
        wants: NDArray[np.bool_] = (problem.demand[s] > 0).any(axis=1) & (problem.people[s] > 0)
        who = np.flatnonzero(wants & problem.reach[s].any(axis=0))
        if not len(who):
            continue
        patterns, of = np.unique(problem.reach[s][:, who].T, axis=0, return_inverse=True)  # groups × candidates
        kinds, kind = np.unique(patterns.T, axis=0, return_inverse=True)  # sources × groups
        useful: NDArray[np.bool_] = np.asarray(kinds.any(axis=1))
        number = np.cumsum(useful) - 1
        candidates = np.flatnonzero(useful[kind.ravel()])
        night.append(np.full(len(who), s))
        place.append(who)
        group.append(groups + of.ravel())
        member.append(candidates)
        source.append(sources + number[kind.ravel()[candidates]])
        ways += [(sources + number[a], groups + b) for a, b in np.argwhere(kinds & useful[:, None]).tolist()]
        source_night += [s] * int(useful.sum())
        groups += len(patterns)
        sources += int(useful.sum())
    nights = _joined(night)
    places = _joined(place)
    people = problem.people[nights, places]
    pairs = np.array(ways, dtype=np.int64).reshape(-1, 2)
    mean = float(problem.probability[nights] @ people)
    weight = 1e-3 * mean if problem.aim == "people" else 2.0 * mean / float(problem.probability.min())
    return Nights(nights, places, people, _joined(group), max(weight, 1.0), _joined(member), _joined(source),
                  np.array(source_night, dtype=np.int64), pairs[:, 0], pairs[:, 1])  # fmt: skip


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)


def programme_of(problem: PointsAndStock, nights: Nights, most: int, stock: Floats | None = None) -> Programme:
    """The programme; with ``stock`` the one that only looks what that stock provides.

    Columns: ``y`` (m), ``r`` (m × k), bought (k), ``v`` (s), ``t`` (w), flows (ways × k).
    """
    from scipy.sparse import coo_array

    m, k = problem.today.shape
    scenarios, w, ways = len(problem.probability), len(nights.night), len(nights.way_source)
    r = m + np.arange(m * k).reshape(m, k)
    buy = m + m * k + np.arange(k)
    v = m + m * k + k + np.arange(scenarios)
    t = nights.first_share(problem) + np.arange(w)
    x = nights.first_share(problem) + w + np.arange(ways * k).reshape(ways, k)
    width = nights.first_share(problem) + w + ways * k
    rows = Rows()
    fixed = stock is not None
    if not fixed:
        layout_rows(problem, rows, most)
        rows.add(np.arange(w), t, np.ones(w), w, 0.0, np.inf)
        rows.more(np.arange(w), v[nights.night], -np.ones(w))
    groups = int(nights.group.max(initial=-1)) + 1
    sources = len(nights.source_night)
    each = np.arange(k)
    rows.add((nights.way_group[:, None] * k + each).ravel(), x.ravel(), np.ones(ways * k), groups * k, 0.0, np.inf)
    wanted = problem.demand[nights.night, nights.place]
    rows.more((nights.group[:, None] * k + each).ravel(), np.repeat(t, k), -wanted.ravel())
    rows.add((nights.way_source[:, None] * k + each).ravel(), x.ravel(), np.ones(ways * k), sources * k, -np.inf, 0.0)
    lasting = problem.surviving[nights.source_night[nights.source], nights.member]
    rows.more((nights.source[:, None] * k + each).ravel(), r[nights.member].ravel(), -lasting.ravel())
    row, column, entry, low, high = rows.joined()
    pi = problem.probability
    cost = np.concatenate([np.zeros(m + m * k + k), -nights.weight * pi, -pi[nights.night] * nights.people,
                           np.zeros(ways * k)])  # fmt: skip
    lower, upper = np.zeros(width), np.full(width, np.inf)
    upper[:m] = 1.0
    lower[:m] = problem.existing
    lower[r.ravel()] = problem.today.ravel() if problem.keep else 0.0
    upper[v] = 1.0
    upper[t] = 1.0
    if stock is not None:
        upper[:m] = lower[:m]
        lower[r.ravel()] = upper[r.ravel()] = stock.ravel()
        upper[buy] = upper[v] = 0.0
    whole = np.zeros(width, bool)
    whole[:m] = True
    whole[v] = True
    table: Any = coo_array((entry, (row, column)), shape=(len(low), width))
    return Programme(cost, table, low, high, lower, upper, whole)


def layout_rows(problem: PointsAndStock, rows: Rows, most: int) -> None:
    """Rows of room, of one size at a spot, of the number of points and of money; columns ``y``, ``r``, bought."""
    m, k = problem.today.shape
    r = m + np.arange(m * k).reshape(m, k)
    buy = m + m * k + np.arange(k)
    new = np.flatnonzero(~problem.existing)
    rows.add(np.repeat(np.arange(m), k), r.ravel(), np.tile(problem.volume, m), m, -np.inf, 0.0)
    rows.more(np.arange(m), np.arange(m), -problem.room)
    size = len(np.unique(problem.spot))
    rows.add(np.unique(problem.spot, return_inverse=True)[1], np.arange(m), np.ones(m), size, -np.inf, 1.0)
    rows.add(np.zeros(len(new), np.int64), new, np.ones(len(new)), 1, -np.inf, float(most))
    held = problem.today.sum(axis=0)
    rows.add(np.tile(np.arange(k), m), r.ravel(), np.ones(m * k), k, held, held)
    rows.more(np.arange(k), buy, -np.ones(k))
    if np.isfinite(problem.budget):
        scale = 1.0 / max(float(problem.price.max()), 1e-9)
        rows.add(np.zeros(len(new) + k, np.int64), np.concatenate([new, buy]),
                 scale * np.concatenate([problem.opening[new], problem.price]), 1, -np.inf,
                 scale * problem.budget)  # fmt: skip
    useful = _useful(problem)
    a, b = np.nonzero(~problem.existing[:, None] & (useful > 0))
    rows.add(np.arange(len(a)), r[a, b], np.ones(len(a)), len(a), -np.inf, 0.0)
    rows.more(np.arange(len(a)), a, -np.minimum(useful[a, b], problem.room[a] / np.maximum(problem.volume[b], 1e-12)))


def _useful(problem: PointsAndStock) -> Floats:
    """Most of each item that a candidate could ever bring (m, k)."""
    most = np.zeros(problem.today.shape)
    for s in range(len(problem.probability)):
        here = problem.reach[s].astype(np.float64) @ problem.demand[s]
        most = np.maximum(most, here / np.maximum(problem.surviving[s], 1e-3))
    return np.maximum(most, problem.today)


class Rows:
    """Rows of a sparse table, added block by block."""

    def __init__(self) -> None:
        self._row: list[Ints] = []
        self._column: list[Ints] = []
        self._entry: list[Floats] = []
        self._low: list[Floats] = []
        self._high: list[Floats] = []
        self._last = self._count = 0

    def add(self, row, column, entry, count: int, low: Any, high: Any) -> None:  # type: ignore[no-untyped-def]
        """Add a block of ``count`` rows numbered from 0."""
        self._last, self._count = self._count, self._count + count
        self._low.append(np.broadcast_to(np.asarray(low, dtype=np.float64), (count,)))
        self._high.append(np.broadcast_to(np.asarray(high, dtype=np.float64), (count,)))
        self.more(row, column, entry)

    def more(self, row, column, entry) -> None:  # type: ignore[no-untyped-def]
        """Add entries to the last block."""
        self._row.append(np.asarray(row) + self._last)
        self._column.append(np.asarray(column))
        self._entry.append(np.asarray(entry, dtype=np.float64))

    def joined(self) -> tuple[Ints, Ints, Floats, Floats, Floats]:
        """Row, column, entry, lower and upper sides."""
        return (np.concatenate(self._row), np.concatenate(self._column), np.concatenate(self._entry),
                np.concatenate(self._low), np.concatenate(self._high))  # fmt: skip


def _validate(problem: PointsAndStock) -> None:
    m, k = problem.today.shape
    scenarios, n = problem.people.shape
    shapes: list[tuple[Any, tuple[int, ...]]] = [
        (problem.existing, (m,)), (problem.opening, (m,)), (problem.room, (m,)), (problem.spot, (m,)),
        (problem.volume, (k,)), (problem.price, (k,)), (problem.demand, (scenarios, n, k)),
        (problem.reach, (scenarios, m, n)), (problem.surviving, (scenarios, m, k)), (problem.probability, (scenarios,)),
    ]  # fmt: skip
    if any(array.shape != shape for array, shape in shapes) or abs(problem.probability.sum() - 1) > 1e-6:
        msg = "the arrays do not fit each other, or the probabilities do not add up to 1"
        raise ValueError(msg)
    room = np.where(problem.existing, problem.room, 0.0)
    if (problem.today < 0).any() or (problem.today @ problem.volume > room * (1 + 1e-9) + 1e-9).any():
        msg = "today's stock is negative or has no room where it lies"
        raise ValueError(msg)
    if (problem.probability <= 0).any() or problem.budget < 0:
        msg = "every night needs a probability above 0, and the budget may not be negative"
        raise ValueError(msg)
