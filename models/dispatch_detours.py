"""Arrival as a function of the departure by the ways that are known, one origin to many targets, in pieces.

Every way is followed exactly: over what nothing disturbs by its sums, over edges that close or slow by the rule of
``models.traversal``. The arrival is that of the best known way, or of a later departure, for whoever waits is no worse
off; so it is never earlier than the earliest, and the earliest where the right ways are known. Where speeds change
under way, pieces are straight lines between departures followed exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.traversal import FULL, MOVES, NEVER, ROUGH, STAYS, TimedEdges, traverse_form
from models.turns import SplitGraph

__all__ = ["Strands", "WayPieces", "best_pieces", "lower_to", "strands", "way_pieces", "worth_searching"]

Ints = NDArray[np.int64]
Best = tuple[Ints, Ints, Ints, Ints, NDArray[np.float64]]

_COARSE_MS, _FINE_MS, _SLACK_MS = 1_200_000, 300_000, 5_000
"""Longest and shortest straight line where speeds change under way, and how far it may be off at its quarters."""


class Strands(NamedTuple):
    """Ways of a search tree, by target: stretches that nothing disturbs, and the disturbed edges between them.

    Attributes
    ----------
    first : int64 array (t + 1,)
        Disturbed edges of target ``k`` stand at ``first[k] … first[k + 1] - 1``, those of its stretches ``k`` further
        on, one more of them.
    edge : int64 array
        Disturbed edges, in driving order.
    stretch : int64 array (s, g)
        Time of each stretch under each general speed, ms; ``NEVER`` where the target is out of reach.
    """

    first: Ints
    edge: Ints
    stretch: Ints


class WayPieces(NamedTuple):
    """Arrival along one way for each target: target ``k`` has pieces ``first[k] … first[k + 1] - 1``, maybe none.

    From ``start`` on the arrival is ``arrive`` plus ``rate`` times what has passed since.
    """

    first: Ints
    start: Ints
    arrive: Ints
    rate: NDArray[np.float64]


@nb.njit(cache=True)
def _traced(via, offset, tail, edge_of, targets, cross, first):  # type: ignore[no-untyped-def]
    """Bounds, disturbed edges and stretches of each target's way; what ways share is walked once."""
    paces, nodes = cross.shape[0], len(via)
    depth = np.full(nodes, -1, np.int64)  # disturbed edges on the way, -1: not looked at
    above = np.full(nodes, -1, np.int64)  # the last of them
    since = np.zeros((nodes, paces), np.int64)  # what comes behind it
    stack = np.empty(nodes, np.int64)
    begin = np.zeros(len(targets) + 1, np.int64)
    for k in range(len(targets)):
        begin[k + 1] = begin[k]
        if targets[k] < 0:
            continue
        node = offset + targets[k]
        size = 0
        while depth[node] < 0:
            edge = via[node]
            if edge < 0:
                depth[node] = 0
                break
            stack[size] = node
            size += 1
            node = tail[edge]
        while size > 0:
            size -= 1
            node = stack[size]
            edge = via[node]
            e, before = edge_of[edge], tail[edge]
            if first[e + 1] > first[e]:
                depth[node] = depth[before] + 1
                above[node] = edge
            else:
                depth[node] = depth[before]
                above[node] = above[before]
                for g in range(paces):
                    since[node, g] = min(since[before, g] + cross[g, e], NEVER)
        begin[k + 1] += depth[offset + targets[k]]
    edges = np.empty(begin[-1], np.int64)
    stretch = np.full((begin[-1] + len(targets), paces), NEVER, np.int64)
    for k in range(len(targets)):
        if targets[k] < 0:
            continue
        node = offset + targets[k]
        for i in range(begin[k + 1], begin[k] - 1, -1):
            stretch[i + k] = since[node]
            if i > begin[k]:
                edges[i - 1] = edge_of[above[node]]
                node = tail[above[node]]
    return begin, edges, stretch


def strands(graph: SplitGraph, timed: TimedEdges, via: NDArray[np.int32], targets: Ints, cross: Ints) -> Strands:
    """Ways to targets in a search tree.

    Parameters
    ----------
    graph : SplitGraph
    timed : TimedEdges
    via : int32 array
        Of :func:`models.earliest_arrival.earliest_arrival`.
    targets : int64 array (t,)
        Nodes; -1 = out of reach.
    cross : int64 array (g, m)
        Time of each edge under each general speed, undisturbed; ``NEVER`` where the vehicle may not go.
    """
    offset = 0 if len(graph.node_of) == graph.n else len(graph.node_of)
    return Strands(*_traced(via, offset, graph.graph.tail, graph.edge_of, targets, cross, timed.first))


@nb.njit(cache=True)
def _along(  # type: ignore[no-untyped-def]
    k, depart, begin, edges, stretch, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
):  # fmt: skip
    """Arrival along a way, how it follows the departure, and up to how many ms later."""
    now, form, hold = depart, MOVES, NEVER
    paces = len(pace_start_ms)
    row = begin[k] + k
    for i in range(begin[k], begin[k + 1] + 1):
        g = 0
        while g + 1 < paces and pace_start_ms[g + 1] <= now:
            g += 1
        if stretch[row, 0] >= NEVER:
            return NEVER, STAYS, NEVER
        left, held, this = 1.0, NEVER, MOVES
        while left > 0:
            takes = left * stretch[row, g]
            if g + 1 >= paces or now + takes <= pace_start_ms[g + 1]:
                now += int(np.rint(takes))
                held = pace_start_ms[g + 1] - now if g + 1 < paces else NEVER
                break
            left -= (pace_start_ms[g + 1] - now) / stretch[row, g]
            now = pace_start_ms[g + 1]
            g += 1
            this = ROUGH
        row += 1
        if form == MOVES:
            form = this
            hold = min(hold, held)
        if i == begin[k + 1]:
            break
        now, this, held = traverse_form(
            edges[i], now, FULL, True, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
        )
        if now >= NEVER:
            return NEVER, STAYS, NEVER
        if form == MOVES:
            form = this
            hold = min(hold, held)
    return now, form, hold


@nb.njit(cache=True)
def _pieces(  # type: ignore[no-untyped-def]
    wanted, from_ms, until_ms, begin, edges, stretch, free_ms, first, start_ms, end_ms, permille, pace_start_ms,
    pace_permille,
):  # fmt: skip
    """Pieces of the wanted targets."""
    roads = (free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille)
    bounds = np.zeros(len(begin), np.int64)
    start, value, rates = np.empty(256, np.int64), np.empty(256, np.int64), np.empty(256)
    size = 0
    for k in range(len(begin) - 1):
        now = from_ms
        while wanted[k] and now <= until_ms:
            arrive, form, hold = _along(k, now, begin, edges, stretch, *roads)
            rate, there = 1.0 if form == MOVES else 0.0, arrive
            if form == ROUGH and arrive < NEVER:
                step = _COARSE_MS
                while True:
                    then = _along(k, now + step, begin, edges, stretch, *roads)[0]
                    straight = then < NEVER
                    for part in range(1, 4):
                        if straight:
                            between = _along(k, now + part * step // 4, begin, edges, stretch, *roads)[0]
                            straight = abs(arrive + part * (then - arrive) // 4 - between) <= _SLACK_MS
                    if straight or step <= _FINE_MS:
                        break
                    step //= 2
                hold = step - 1
                if straight:
                    rate = (then - arrive) / step
                else:
                    there = then  # it jumps within: at once
            if size == len(start):
                start = np.concatenate((start, start))
                value = np.concatenate((value, value))
                rates = np.concatenate((rates, rates))
            start[size], value[size], rates[size] = now, there, rate
            size += 1
            if arrive >= NEVER or hold > until_ms - now:
                break
            now += hold + 1
        bounds[k + 1] = size
    return bounds, start[:size].copy(), value[:size].copy(), rates[:size].copy()


def way_pieces(timed: TimedEdges, ways: Strands, from_ms: int, until_ms: int, wanted: NDArray[np.bool_]) -> WayPieces:
    """Arrival along the ways of a tree for departures of an interval, for the targets wanted."""
    return WayPieces(*_pieces(wanted, from_ms, until_ms, ways.first, ways.edge, ways.stretch, timed.free_ms,
                              timed.first, timed.start_ms, timed.end_ms, timed.permille, timed.pace_start_ms,
                              timed.pace_permille))  # fmt: skip


@nb.njit(cache=True)
def _at(start, arrive, rate, i, depart):  # type: ignore[no-untyped-def]
    """Arrival by a piece."""
    if arrive[i] >= NEVER or rate[i] == 0.0:
        return arrive[i]
    later = depart - start[i]
    return arrive[i] + (later if rate[i] == 1.0 else int(rate[i] * later))


@nb.njit(cache=True)
def lower_to(first, start, arrive, rate, departs, upper):  # type: ignore[no-untyped-def]
    """Lower ``upper`` (target, departure) to what one more tree of pieces (``WayPieces``) allows."""
    for k in range(len(first) - 1):
        i, last = first[k], first[k + 1] - 1
        if i > last:
            continue
        for g in range(len(departs)):
            while i < last and start[i + 1] <= departs[g]:
                i += 1
            upper[k, g] = min(upper[k, g], _at(start, arrive, rate, i, departs[g]))
        for g in range(len(departs) - 2, -1, -1):
            upper[k, g] = min(upper[k, g], upper[k, g + 1])


@nb.njit(cache=True)
def worth_searching(departs, upper, free, sample, found, weight, slack_ms, most_ms):  # type: ignore[no-untyped-def]
    """The departure whose search is likely to tell most, and how much: hours that its targets may gain, added up.

    A search at a departure shows until when its ways hold; so what counts is all that may be gained from there on
    without a break. Where a vehicle need not wait on the way found last, no gain is expected that makes the drive
    shorter than that, or than the one found next.

    Parameters
    ----------
    departs : int64 array (g,)
        Evenly apart.
    upper : int64 array (t, g)
        Arrival by the ways that are known.
    free : int64 array (t, g)
        Arrival on undisturbed roads.
    sample : int64 array (s,)
        Positions of the departures searched, increasing.
    found : int64 array (s, t)
        Arrivals found.
    weight : float64 array (t,)
    slack_ms, most_ms : int
        A gain is worth looking for between these.
    """
    total = np.zeros(len(departs))
    moves = np.zeros(found.shape, np.bool_)
    for s in range(len(sample)):
        g = min(sample[s] + 1, len(departs) - 1)
        for k in range(upper.shape[0]):
            moves[s, k] = upper[k, g] > upper[k, g - 1]
    for k in range(upper.shape[0]):
        run = 0.0
        s = len(sample) - 1
        for g in range(len(departs) - 1, -1, -1):
            while s >= 0 and sample[s] > g:
                s -= 1
            low = free[k, g]
            if s >= 0:
                takes = found[s, k] - departs[sample[s]]
                if s + 1 < len(sample) and moves[s + 1, k]:
                    takes = min(takes, found[s + 1, k] - departs[sample[s + 1]])
                if moves[s, k]:
                    low = max(low, departs[g] + takes)
                low = max(low, found[s, k])
            gain = upper[k, g] - low
            if gain <= slack_ms or low >= NEVER:
                run = 0.0
                continue
            run += weight[k] * min(gain, most_ms)
            if s < 0 or sample[s] != g:
                total[g] += run
    best = int(np.argmax(total))
    return best, total[best] * (departs[1] - departs[0]) / 3.6e6 / 3.6e6 if len(departs) > 1 else 0.0


@nb.njit(cache=True)
def _best(first, start, arrive, rate, tree_first, sample_ms, sample_arrive):  # type: ignore[no-untyped-def]
    """Lower envelope of the trees' pieces, target by target.

    ``first`` (tree, target + 1) counts from the tree's ``tree_first`` on; samples: arrivals searched, (sample, target).
    """
    trees, targets = first.shape[0], first.shape[1] - 1
    samples = len(sample_ms)
    most = len(start) + samples * targets
    out_start, out_arrive, out_cap = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    out_rate, out_first = np.ones(most), np.zeros(targets + 1, np.int64)
    size = 0
    at = np.zeros(trees, np.int64)
    for k in range(targets):
        count = samples
        for t in range(trees):
            count += first[t, k + 1] - first[t, k]
        breaks = np.empty(count, np.int64)
        count = 0
        for t in range(trees):
            at[t] = tree_first[t] + first[t, k]
            for i in range(at[t], tree_first[t] + first[t, k + 1]):
                breaks[count] = start[i]
                count += 1
        begin = breaks[:count].min()
        for s in range(samples):
            if sample_ms[s] > begin:
                breaks[count] = sample_ms[s]
                count += 1
        breaks = np.unique(breaks[:count])
        base = size
        for b in range(len(breaks)):
            now = breaks[b]
            moving, fixed, speed = NEVER, NEVER, 1.0
            for t in range(trees):
                last = tree_first[t] + first[t, k + 1] - 1
                if at[t] > last:
                    continue
                while at[t] < last and start[at[t] + 1] <= now:
                    at[t] += 1
                there = _at(start, arrive, rate, at[t], now)
                if rate[at[t]] == 0.0:
                    fixed = min(fixed, there)
                elif there < moving:
                    moving, speed = there, rate[at[t]]
            for s in range(samples):
                if sample_ms[s] > now:
                    fixed = min(fixed, sample_arrive[s, k])
            out_start[size], out_arrive[size], out_cap[size], out_rate[size] = now, moving, fixed, speed
            size += 1
        # whoever waits for a later departure is no worse off
        for i in range(size - 2, base - 1, -1):
            out_cap[i] = min(out_cap[i], min(out_arrive[i + 1], out_cap[i + 1]))
        kept = base
        for i in range(base, size):
            if out_arrive[i] >= out_cap[i]:
                out_arrive[i], out_rate[i] = out_cap[i], 1.0
            elif i + 1 < size and out_rate[i] == 1.0 and out_arrive[i] + out_start[i + 1] - out_start[i] <= out_cap[i]:
                out_cap[i] = NEVER  # it is not reached before the next piece begins
            if kept > base:
                p = kept - 1
                same = out_cap[i] == out_cap[p] and out_rate[i] == out_rate[p]
                waits = out_arrive[p] >= out_cap[p] and out_arrive[i] >= out_cap[i]
                later = out_start[i] - out_start[p]
                goes_on = out_rate[p] == 1.0 and out_arrive[p] < NEVER and out_arrive[p] + later == out_arrive[i]
                reached = out_rate[p] == 1.0 and out_arrive[p] + later >= out_cap[p] and out_arrive[i] >= out_cap[i]
                if same and (waits or goes_on or reached):
                    continue
            out_start[kept], out_arrive[kept], out_cap[kept], out_rate[kept] = (
                out_start[i], out_arrive[i], out_cap[i], out_rate[i],
            )  # fmt: skip
            kept += 1
        size = kept
        out_first[k + 1] = size
    return out_first, out_start[:size].copy(), out_arrive[:size].copy(), out_cap[:size].copy(), out_rate[:size].copy()


def best_pieces(trees: list[WayPieces], sample_ms: Ints, sample_arrive: Ints) -> Best:
    """Arrival by the best of several ways as pieces.

    Parameters
    ----------
    trees : list of WayPieces
        The first has pieces for every target.
    sample_ms : int64 array (s,)
        Departures searched.
    sample_arrive : int64 array (s, t)
        What was found.

    Returns
    -------
    first, start, arrive, cap, rate : arrays
        As of :class:`models.dispatch_ways.Ways`; those of target ``k`` from ``first[k]`` on.
    """
    offset = np.cumsum([0, *(len(tree.start) for tree in trees)])[:-1].astype(np.int64)
    found: Best = _best(np.stack([tree.first for tree in trees]), np.concatenate([tree.start for tree in trees]),
                 np.concatenate([tree.arrive for tree in trees]), np.concatenate([tree.rate for tree in trees]),
                 offset, sample_ms, sample_arrive)  # fmt: skip
    return found
