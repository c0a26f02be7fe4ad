"""What no trip along an order of stops from a start costs less than, by kind of each stop and by how much is aboard."""

from __future__ import annotations

import numba as nb
import numpy as np

__all__ = ["ANY", "WHOLE", "least_cost", "priced_load", "stop_lines"]

WHOLE = 0
"""Kind of a stop; others are in part: 1 + bits of the measured needs of which it is a major one, + as many again for
one that completes its task (where that makes a difference to what its goods are worth; else one kind is for both)."""

ANY = 9
"""Where the least of all kinds is written down."""

_TURNS = 6
"""Prices of load that are tried for a bound."""


@nb.njit(cache=True, nogil=True)
def stop_lines(j, last, of, goods, sizes, money, back, capacity, lines, each, ends):  # type: ignore[no-untyped-def]
    """Write down what does not depend on the start of a trip along an order.

    ``lines``: of each stop, its cost at a start at zero and per ms (whole; in part, if it completes a task, or comes
    before), and its end for a start at zero, at the earliest and at the latest; ``each``: cost of each need at a start
    at zero and per ms; ``ends``: blocks until the vehicle stands at each place again. Least duration of loading.
    """
    kind, depot, stops, task, drive = of
    of_task = goods[0]
    size, edges, loading, unloading, convoy, block_ms, _ = sizes
    by_need, by_stop, by_last, visit, before, handed, agg, whole, _, node = money[:10]
    major, measured = money[18], money[19]
    rounded, together, excess, apart = money[22:26]
    d, k = depot[j], kind[j]
    length = np.floor(loading * edges[0])
    most = 0.0
    for i in range(stops[j]):
        most += size[task[j, i]]
    late = rounded + np.floor(loading * max(edges[0], min(most, capacity[k]))) - length
    for i in range(stops[j]):
        t = task[j, i]
        at = length + convoy + drive[j, i] + (i + 1) * np.floor(unloading * edges[0])
        late += together + 1.0 + excess[t]
        lines[i, 6], lines[i, 7] = at, at + late
        lines[i, 3] = by_stop[t] + by_last[t]
        lines[i, 4] = 0.5 * by_stop[t] + by_last[t]
        lines[i, 5] = 0.5 * by_stop[t]
        lines[i, 0] = lines[i, 3] * at - visit[t] + whole[k, d, t]
        lines[i, 0] += major[t * measured : (t + 1) * measured].sum()
        lines[i, 1] = lines[i, 4] * at - visit[t] + before[t]
        lines[i, 2] = lines[i, 5] * (at + apart) - before[t]
        for m in range(of_task.shape[1]):
            need = of_task[t, m]
            if need >= 0:
                each[i, m, 1] = by_need[need]
                each[i, m, 0] = by_need[need] * at - handed[need] + agg[d, need]
    t = task[j, stops[j] - 1]
    for a in range(node.shape[1]):
        ends[a] = int((last + back[k, t, a]) // block_ms)
    return length


@nb.njit(cache=True, nogil=True)
def least_cost(j, s, later, rate, of, goods, sizes, money, split, lines, each, ends, length, by_kind):  # type: ignore[no-untyped-def]
    """What no trip along the order that starts then costs less than if loading takes so much longer than it must.

    ``rate``: price of a unit of load, on top. ``by_kind``: filled with the least cost of each stop by kind, and of any;
    inf for kinds that another makes needless: being a major one costs something or is worth nothing. The cost, and the
    load aboard at that cost.
    """
    d, k = of[1][j], of[0][j]
    of_task, weight = goods
    size, block_ms = sizes[0], sizes[5]
    below, node, stand, part, further, major = money[8], money[9], money[10], money[13], money[14], money[18]
    measured, charge, given = money[19], money[20], money[21]
    latest, half, apart, priced = charge.shape[1] - 1, 1 << measured, money[25], money[26]
    b = node.shape[2]
    cost = node[k, stand[d], s] + below[d, min(s + int((length + later) // block_ms), b)] - below[d, s]
    begin = s * block_ms + later
    load = 0.0
    for i in range(of[2][j]):
        t = of[3][j, i]
        everything = 0.0
        free = part[d, t] if split else np.inf
        hour = min(latest, int((begin + lines[i, 6]) // block_ms))
        to_complete = charge[t, min(latest, int((s * block_ms + lines[i, 7]) // block_ms))]
        as_last = lines[i, 1] + lines[i, 4] * begin + to_complete
        as_early = min(lines[i, 2] + lines[i, 5] * begin, further[t])
        for kind in range(1, half + 1):
            by_kind[i, kind] = free + (min(as_last, as_early) if apart == 0 else as_early)
            by_kind[i, kind + half] = free + as_last
        for m in range(of_task.shape[1]):
            need = of_task[t, m]
            if need >= 0:
                value = each[i, m, 0] + each[i, m, 1] * begin - given[need, hour]
                everything += value
                value += rate * weight[need] * size[t]
                for kind in range(1, 2 * half + 1):
                    bits = (kind - 1) % half
                    some = min(0.0, value if kind > half else value + each[i, m, 1] * apart)
                    by_kind[i, kind] += 0.5 * some if m < measured and bits >> m & 1 == 0 else some
                    if m < measured and bits >> m & 1:
                        by_kind[i, kind] += major[t * measured + m] if some < 0 else np.inf
                    elif m < measured and some < 0 and not priced[t * measured + m]:
                        by_kind[i, kind] = np.inf
            elif m < measured:
                for kind in range(1, 2 * half + 1):
                    if (kind - 1) % half >> m & 1:
                        by_kind[i, kind] = np.inf
        by_kind[i, WHOLE] = lines[i, 0] + lines[i, 3] * begin + to_complete + everything + rate * size[t]
        best = by_kind[i, : (half if apart == 0 else 2 * half) + 1].argmin()
        by_kind[i, ANY] = by_kind[i, best]
        cost += by_kind[i, ANY]
        if rate > 0:
            if best == WHOLE:
                load += size[t]
            else:
                bits = (best - 1) % half
                for m in range(of_task.shape[1]):
                    need = of_task[t, m]
                    if need >= 0:
                        value = each[i, m, 0] + each[i, m, 1] * (begin if best > half else begin + apart)
                        if value - given[need, hour] + rate * weight[need] * size[t] < 0:
                            load += weight[need] * size[t] * (0.5 if m < measured and bits >> m & 1 == 0 else 1.0)
    worth = 0.0
    for a in range(len(ends)):
        e = s + ends[a] + int(later // block_ms)
        if e < b and node[k, a, e] > worth:
            worth = node[k, a, e]
    return cost - worth, load


@nb.njit(cache=True, nogil=True)
def priced_load(j, s, later, room, best, of, goods, sizes, money, split, lines, each, ends, length, by_kind):  # type: ignore[no-untyped-def]
    """A bound as of ``least_cost`` for trips with so much room, at the price of load that makes it nearly best.

    ``by_kind`` is as at that price. Ends as soon as the bound is no less than ``best``.
    """
    low, high, rate, chosen, bound = 0.0, -1.0, 1e-9, 0.0, -np.inf
    for turn in range(_TURNS):
        cost, load = least_cost(j, s, later, rate, of, goods, sizes, money, split, lines, each, ends, length, by_kind)
        cost -= rate * room
        if cost > bound:
            bound, chosen = cost, rate
            if bound >= best:
                return bound
        if load <= room:
            if turn == 0:
                break
            high = rate
        else:
            low = rate
        rate = (low + high) / 2 if high >= 0 else max(1.0, 4 * low)
    if chosen != rate:
        least_cost(j, s, later, chosen, of, goods, sizes, money, split, lines, each, ends, length, by_kind)
    return bound
