"""The search over chains: coolings one after the other, then children of what they found.

One long annealing ends in one valley, whichever it is; several short ones end in several, and tours of two of them,
put together and annealed from a lower temperature, lead to better ones. A child takes the tours of one parent around a
customer, and what the other's tours serve beyond them (in the manner of Nagata and Bräysy 2009, "Edge assembly-based
memetic algorithm for the capacitated vehicle routing problem", with whole tours for edges).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.routing.chains import BEFORE, BEHIND, VEHICLE, Chains, Legs, legs, no_chains, refresh_chain, trips
from models.routing.chunks import CHUNK, CHUNK_S, next_chunk
from models.routing.instance import RoutingInstance
from models.routing.strings import descend, put_back

__all__ = ["child_tours", "load_tours", "search_chains"]

Tour = NDArray[np.int64]

_NEIGHBOURS = 60
"""Neighbours around which customers are taken out."""

_HEAT = {True: (0.3, 0.003), False: (0.1, 0.01)}
"""Temperatures of a cooling, as shares of a customer's mean worth: of arrivals, of cost."""

_TIGHT_COLD = 0.02
"""The lower one of arrivals where overloading is allowed on the way."""

_CHILD_HOT = 0.06
"""Temperature from which a child of arrivals is annealed."""

_BESIDE = {True: 25, False: 40}
"""Neighbours beside which a customer is put back (granular, as Toth and Vigo 2003): of arrivals, of cost."""

_COOLING_S = {True: (1.0, 0.005), False: (0.0, 0.1)}
_COOLING_STEPS = {True: (200_000, 1000), False: (0, 20_000)}
"""Length of a cooling: of any, and for each customer. These six found by trial on published instances."""

_GROWN = 0.5
"""Share of the work after which coolings are followed by children."""

_CHILDREN = 3
"""Children annealed in the time of one cooling."""

_MEAN_REMOVED = 10.0

_ABSENT = 20.0
"""Price of an absent customer, in mean worths of a customer."""


@dataclass(frozen=True)
class _Found:
    """Tours at the end of a cooling: customers absent, worth, and the tours."""

    absent: int
    worth: float
    tours: tuple[Tour, ...]

    @property
    def rank(self) -> tuple[int, float]:
        return self.absent, self.worth


class _Walk(NamedTuple):
    """Arrays of one search, those of :func:`models.routing.strings.descend`."""

    legs: Legs
    chains: Chains
    near: NDArray[np.int32]
    beside: int
    absent: NDArray[np.int64]
    counts: NDArray[np.int64]
    best: Chains
    best_absent: NDArray[np.int64]
    totals: NDArray[np.float64]
    missed: NDArray[np.int64]
    saved: NDArray[np.int32]


def load_tours(legs: Legs, chains: Chains, tours: tuple[Tour, ...]) -> NDArray[np.int64]:
    """Make chains of tours; returns the customers on none of them."""
    chains.link[:] = 0
    chains.link[:, VEHICLE] = -1
    chains.ends[:] = 0
    for v, tour in enumerate(tours):
        chains.ends[v, 0] = tour[0]
        chains.link[tour[1:], BEFORE] = tour[:-1]
        chains.link[tour[:-1], BEHIND] = tour[1:]
    for v in range(len(chains.size)):
        refresh_chain(legs, chains, v)
    return np.flatnonzero(chains.link[1:, VEHICLE] < 0) + 1


def child_tours(
    one: tuple[Tour, ...], other: tuple[Tour, ...], near: NDArray[np.int32], seed: int, share: float, fleet: int
) -> tuple[Tour, ...]:
    """Tours of one parent around a customer, and the other's with those customers left out.

    Parameters
    ----------
    one, other : tuples of int64 arrays
        Tours of the parents.
    near : int32 array (n + 1, k)
        Customers next to each, nearest first.
    seed : int
        The customer around whom tours of ``one`` are taken.
    share : float
        Of the tours of ``one`` that are taken, at least one.
    fleet : int
        Tours at most: the other's shortest are given up beyond that, their customers are absent.
    """
    tour_of = {int(c): k for k, tour in enumerate(one) for c in tour}
    wanted = max(1, round(share * len(one)))
    taken: dict[int, None] = {}
    for c in (seed, *near[seed].tolist()):
        if len(taken) >= wanted:
            break
        if c in tour_of:
            taken[tour_of[c]] = None
    child = [one[k] for k in taken]
    served = np.concatenate(child) if child else np.zeros(0, np.int64)
    rest = [tour[~np.isin(tour, served)] for tour in other]
    rest = sorted((tour for tour in rest if len(tour)), key=len, reverse=True)
    return tuple([*child, *rest][:fleet])


def search_chains(
    instance: RoutingInstance,
    near: NDArray[np.int64],
    seconds: float | None,
    iterations: int | None,
    seed: int,
    clock: Callable[[], float],
    tight: bool,
) -> tuple[tuple[tuple[Tour, ...], ...], NDArray[np.int64], float, int]:
    """Search within the limits: trips by vehicle, customers absent, worth, steps."""
    begun = clock()
    n, arrival = len(instance.demand) - 1, instance.by_arrival
    rng = np.random.default_rng(seed)
    walk = _begin(instance, near, rng)
    scale = float(walk.totals[0]) / max(1, n - int(walk.counts[0])) or float(instance.time.mean()) or 1.0
    if not tight:
        walk.totals[3:] = np.inf
    else:
        walk.totals[3:] = scale / max(float(instance.demand[1:].mean()), 1e-9)
    most = math.inf if iterations is None else iterations
    limit, (any_, each) = (
        (iterations or 0, _COOLING_STEPS[arrival]) if seconds is None else (seconds, _COOLING_S[arrival])
    )
    coolings = max(1, round(limit / (any_ + each * max(1, n))))
    hot, cold = (scale * part for part in _HEAT[arrival])
    if tight and arrival:
        cold = scale * _TIGHT_COLD
    best = _found(walk)
    elite: list[_Found] = []
    done, chunk, reached = 0, CHUNK if seconds is None else 1, 0.0

    def share() -> float:
        return max(done / most, 0.0 if seconds is None else (clock() - begun) / seconds)

    while n > 1 and reached < 1.0:
        young = len(elite) > 1 and reached >= _GROWN
        start = hot
        if young:
            start = min(hot, scale * _CHILD_HOT)
            parents = rng.choice(len(elite), 2, replace=False)
            _conceive(walk, elite[parents[0]], elite[parents[1]], rng)
        elif elite:
            _from(walk, (), rng)
        _forget(walk)
        begin = reached
        end = min(1.0, begin + 1.0 / coolings / (_CHILDREN if young else 1))
        if 1.0 - end < 0.2 / coolings:
            end = 1.0
        while reached < end:
            spent = clock()
            chunk = int(min(chunk, most - done))
            ahead = max(chunk / most, 0.0 if seconds is None else CHUNK_S / seconds)
            from_, to = (
                start * (cold / start) ** min(1.0, part / (end - begin))
                for part in (reached - begin, reached + ahead - begin)
            )
            descend(walk.legs, walk.chains, walk.near, walk.beside, _MEAN_REMOVED, walk.absent, walk.counts, walk.best,
                    walk.best_absent, walk.totals, chunk, from_, to, _ABSENT * scale, walk.missed, walk.saved,
                    rng)  # fmt: skip
            done += chunk
            if seconds is not None:
                took = clock() - spent
                chunk = next_chunk(chunk, took)
            reached = share()
        found = _found(walk)
        best = min(best, found, key=lambda tours: tours.rank)
        if not young:
            elite.append(found)
        elif all(abs(found.worth - old.worth) > 1e-6 for old in elite):
            worse = int(max(parents, key=lambda k: elite[k].rank))
            if found.rank < elite[worse].rank:
                elite[worse] = found
    absent = load_tours(walk.legs, walk.chains, best.tours)
    return trips(walk.chains), absent, float(walk.chains.worth.sum()), done


def _begin(instance: RoutingInstance, near: NDArray[np.int64], rng: np.random.Generator) -> _Walk:
    """Put everybody on tours greedily."""
    nodes, fleet = len(instance.demand), instance.vehicles
    chains = no_chains(nodes, fleet)
    absent = np.zeros(nodes, np.int64)
    absent[: nodes - 1] = np.arange(1, nodes)
    near = near[:, :_NEIGHBOURS] if near.shape[1] > 2 * _NEIGHBOURS else near
    walk = _Walk(
        legs(instance), chains, np.ascontiguousarray(near, np.int32), min(_BESIDE[instance.by_arrival], near.shape[1]),
        absent, np.zeros(2, np.int64), chains._replace(link=chains.link.copy(), ends=chains.ends.copy()),
        absent.copy(), np.zeros(5), np.zeros(nodes, np.int64), np.zeros((fleet, nodes), np.int32),
    )  # fmt: skip
    _complete(walk, nodes - 1, rng)
    _forget(walk)
    return walk


def _complete(walk: _Walk, absentees: int, rng: np.random.Generator) -> None:
    """Put back the first so many of the absent, without overloading."""
    nodes, fleet = len(walk.legs.demand), len(walk.chains.size)
    left, _ = put_back(
        walk.legs, walk.chains, walk.near, walk.beside, walk.absent, absentees, np.zeros(nodes),
        np.zeros(fleet, np.bool_), np.zeros(fleet, np.int64), 0, walk.saved, np.zeros((fleet, 2)), 0.0, np.inf, rng,
    )  # fmt: skip
    walk.counts[0] = left


def _forget(walk: _Walk) -> None:
    """Let the best of the next cooling begin with the tours as they are, if none is overloaded."""
    walk.totals[0] = walk.chains.worth.sum()
    walk.totals[2] = np.maximum(0.0, walk.chains.load - walk.legs.capacity).sum()
    walk.counts[1] = walk.counts[0] if walk.totals[2] <= 1e-9 else len(walk.legs.demand)
    walk.totals[1] = walk.totals[0]
    walk.best_absent[:] = walk.absent
    walk.best.link[:] = walk.chains.link
    walk.best.ends[:] = walk.chains.ends


def _found(walk: _Walk) -> _Found:
    """The best since :func:`_forget`."""
    return _Found(int(walk.counts[1]), float(walk.totals[1]), tuple(tour for (tour,) in trips(walk.best)))


def _conceive(walk: _Walk, one: _Found, other: _Found, rng: np.random.Generator) -> None:
    """Make a child the tours to go on from."""
    fleet, n = len(walk.chains.size), len(walk.legs.demand) - 1
    seed, share = int(rng.integers(1, n + 1)), float(rng.uniform(0.3, 0.7))
    _from(walk, child_tours(one.tours, other.tours, walk.near, seed, share, fleet), rng)


def _from(walk: _Walk, tours: tuple[Tour, ...], rng: np.random.Generator) -> None:
    """Make tours those to go on from, and put everybody else on them greedily."""
    absent = load_tours(walk.legs, walk.chains, tours)
    walk.absent[: len(absent)] = absent
    _complete(walk, len(absent), rng)
