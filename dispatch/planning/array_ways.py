"""Driving times between sites as pieces, for the search over arrays: those of the ways that are known.

At first these are the usual ways; searches at departures at which they lose most against the open road find detours.
Known ways are followed exactly (``models.dispatch_detours``), so that no arrival is too early, and those that matter
are hardly ever too late.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.legs import Legs
from models.dispatch_detours import WayPieces, best_pieces, lower_to, strands, way_pieces, worth_searching
from models.dispatch_ways import Ways
from models.traversal import NEVER, TimedEdges

__all__ = ["ways_between"]

Ints = NDArray[np.int64]
Pieces = tuple[Ints, Ints, Ints, Ints, NDArray[np.float64]]

_FAR = 1 << 50
"""In place of ``NEVER`` where times are added up."""

_SEARCHES, _NODES, _HASTY = 6000, 18_000_000, 4
"""One-to-all searches that all origins together may cost, about; nodes that these may settle; the divisor of both where
the clock counts."""

_MOST, _FEWEST = 32, 4
"""Searches of an origin at most; where there are fewer than so many for each, only depots get any."""

_APART_MS, _DEPARTURES = 4 * MINUTE_MS, 240
"""Departures looked at stand no closer than this, and are no more than so many."""

_SLACK_MS, _MOST_MS = MINUTE_MS, 180 * MINUTE_MS
"""A gain is worth looking for between these."""

_WORTH, _HOME = 0.25, 4.0
"""Hours of arrival, added up over hours of departure and targets, below which no search is made; and how many times a
depot counts, to which vehicles come back from everywhere."""


def ways_between(
    legs: Legs,
    classes: Sequence[str],
    sites: Sequence[str],
    busy: Collection[str],
    from_ms: int,
    until_ms: int,
    stop: Callable[[], bool] | None = None,
) -> Ways | None:
    """Pieces of the arrival between all pairs of sites; None if ``stop`` says so before they are made.

    Parameters
    ----------
    legs : Legs
    classes, sites : sequences of str
    busy : collection of str
        Sites to be looked at more closely: depots.
    from_ms, until_ms : int
        Departures that matter.
    stop : callable, optional
    """
    targets = np.array([legs.roads.index[site] for site in sites], dtype=np.int64)
    searches = min(_SEARCHES, _NODES // max(1, legs.roads.network.graph.n)) // (1 if stop is None else _HASTY)
    most = searches // max(1, len(classes) * len(sites))
    most = 0 if most < _FEWEST else min(most, _MOST)
    home = np.array([_HOME if site in busy else 1.0 for site in sites])
    alike = _alike(legs, classes)
    found: dict[tuple[int, int], Pieces] = {}
    for k, site in enumerate(sites):
        weight = np.ones(len(sites)) if site in busy else home
        known: dict[int, _Known] = {}
        for c, vehicle_class in enumerate(classes):
            if stop is not None and stop():
                return None
            each = _MOST if site in busy and stop is None else (max(most, _MOST // _HASTY) if site in busy else most)
            others = known.setdefault(alike[c], _Known([], []))
            found[c, k] = _from(legs, vehicle_class, site, targets, weight, from_ms, until_ms, each, others)
    of = [found[c, k] for c in range(len(classes)) for k in range(len(sites))]
    empty = np.empty(0, dtype=np.int64)
    count = np.concatenate([empty, *(np.diff(pieces[0]) for pieces in of)])
    start, at, cap = (np.concatenate([empty, *(pieces[k] for pieces in of)]) for k in (1, 2, 3))
    rate = np.concatenate([np.empty(0), *(pieces[4] for pieces in of)])
    return Ways(len(sites), np.concatenate([[0], np.cumsum(count)]).astype(np.int64), start, at, cap, rate)


@dataclass(frozen=True)
class _Known:
    """What vehicles before this one, for which the same roads are shut and slowed, found: trees, and departures."""

    trees: list[tuple[Ints, NDArray[np.int32]]]
    departs: list[int]


def _alike(legs: Legs, classes: Sequence[str]) -> list[int]:
    """For each class the first one for which the same roads are shut and slowed at the same times."""
    timed = [legs.roads.timed[of] for of in classes]

    def same(a: TimedEdges, b: TimedEdges) -> bool:
        pairs = ((a.first, b.first), (a.start_ms, b.start_ms), (a.end_ms, b.end_ms), (a.permille, b.permille))
        return all(np.array_equal(x, y) for x, y in pairs)

    return [next(i for i, other in enumerate(timed) if same(other, one)) for one in timed]


def _from(
    legs: Legs, vehicle_class: str, origin: str, targets: Ints, weight: NDArray[np.float64], from_ms: int,
    until_ms: int, most: int, others: _Known,
) -> Pieces:  # fmt: skip
    """Bounds of the pieces by target, their starts, arrivals and caps, and rates."""
    roads = legs.roads
    usual = legs.usual(vehicle_class, origin)
    if usual is None:
        never = np.full(len(targets), NEVER)
        return np.arange(len(targets) + 1), np.full(len(targets), from_ms), never, never, np.ones(len(targets))
    graph, timed = roads.network.drivable, roads.timed[vehicle_class]
    out_ms, in_ms = int(roads.access_ms[roads.index[origin]]), roads.access_ms[targets]
    begin, end = from_ms + out_ms, until_ms + out_ms
    duration = usual.duration[:, targets]
    departs = _departures(timed.breakpoints_ms(), begin, end)
    upper = np.full((len(targets), len(departs)), NEVER)
    trees: list[WayPieces] = []
    known: list[Ints] = []

    def learn(node: Ints, via: NDArray[np.int32]) -> None:
        ways = strands(graph, timed, via, node, usual.cross)
        rows = ways.first[:-1] + np.arange(len(node))
        signature = np.stack([np.add.reduceat(np.minimum(ways.stretch[:, 0], _FAR), rows), np.diff(ways.first)], axis=1)
        new = np.ones(len(node), dtype=np.bool_)
        if trees:
            new = (node >= 0) & ~(np.stack(known) == signature).all(axis=2).any(axis=0)
        known.append(signature)
        trees.append(way_pieces(timed, ways, begin, end, new))
        lower_to(trees[-1].first, trees[-1].start, trees[-1].arrive, trees[-1].rate, departs, upper)

    learn(np.where(duration[0] < NEVER, roads.node[targets], -1), usual.via)
    pace = np.maximum(np.searchsorted(usual.change_ms, departs, side="right") - 1, 0)
    free = np.minimum(departs + duration[pace].T, NEVER)
    disturbed = (upper > free + _SLACK_MS).any(axis=1)
    for node, via in others.trees:
        learn(np.where(disturbed, node, -1), via)
    sample = np.array(others.departs, dtype=np.int64)
    found = np.ascontiguousarray(upper[:, sample].T)
    for _ in range(most):
        g, worth = worth_searching(departs, upper, free, sample, found, weight, _SLACK_MS, _MOST_MS)
        if worth < _WORTH:
            break
        at, via = legs.tree(vehicle_class, origin, int(departs[g]))
        at = at[targets]
        here = int(np.searchsorted(sample, g))
        sample = np.insert(sample, here, g)
        found = np.insert(found, here, at, axis=0)
        upper[:, : g + 1] = np.minimum(upper[:, : g + 1], at[:, None])
        others.trees.append((np.where(at < NEVER, roads.node[targets], -1), via))
        learn(np.where(disturbed, others.trees[-1][0], -1), via)
    others.departs[:] = sample.tolist()
    first, start, at, cap, rate = best_pieces(trees, departs[sample], found)
    target = np.repeat(np.arange(len(targets)), np.diff(first))
    at = np.where(at >= NEVER, NEVER, at + in_ms[target])
    cap = np.where(cap >= NEVER, NEVER, cap + in_ms[target])
    return first, start - out_ms, at, cap, rate


def _departures(breaks: Ints, begin: int, end: int) -> Ints:
    """Evenly spaced times of entering the road while something on the roads may change."""
    last = max(begin, min(end, int(breaks[-1]))) if len(breaks) else begin
    apart = max(_APART_MS, -(-(last - begin) // _DEPARTURES))
    return np.arange(begin, last + 1, apart, dtype=np.int64)
