"""Trips of least reduced cost along given orders of stops: which goods, whole or in part, and when.

A stop hands over all goods of its task, or a part; of each measured need at most half, or more (then it is a major
one). For one order of stops, one kind of each stop, one start and one stretch of loads, all times are fixed but for the
load, which is taken at the stretch's lower end. What each need's share is worth is then known, and the shares of least
cost are those of a knapsack of the stretch's upper end: the best per load first. Of the stops in part some complete
their task, one comes before each of these, and further ones are free; each is what costs least.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from models.relief_exact.trip_bounds import ANY, WHOLE, least_cost, priced_load, stop_lines

__all__ = ["cheapest"]

_TOGETHER = 8
"""Stretches of loads that are looked at together."""


@nb.njit(cache=True, nogil=True)
def _fill(price, load, limit, room, count, share):  # type: ignore[no-untyped-def]
    """Take goods of negative price, the best per load first: their cost.

    ``price``, ``load``, ``limit``: of each of so many goods, for all of it, and share at most; ``share``: filled.
    """
    cost = 0.0
    for g in range(count):
        share[g] = -1.0
    while True:
        best, rate = -1, 0.0
        for g in range(count):
            if share[g] < 0 and price[g] < 0 and price[g] < rate * load[g]:
                best, rate = g, (price[g] / load[g] if load[g] > 1e-12 else -1e300)
        if best < 0:
            break
        share[best] = limit[best]
        if limit[best] * load[best] > room + 1e-12:
            share[best] = room / load[best]
        room = max(0.0, room - share[best] * load[best])
        cost += share[best] * price[best]
    for g in range(count):
        share[g] = max(0.0, share[g])
    return cost


@nb.njit(cache=True, nogil=True)
def _trip(j, s, kinds, length, room, spare, of, goods, sizes, money, share, out, work):  # type: ignore[no-untyped-def]
    """Least reduced cost, without the end, of a trip with so much room for parts; inf where it ends too late.

    ``share``: filled with the share of each need of each stop. ``out``: (cost, last_ms, bits of the stops that
    complete a task in parts, of those before, and of needs of which it is a major one, and what longer loading may save
    at most).
    """
    kind, depot, stops, task, drive = of
    of_task, weight = goods
    size, edges, _, unloading, convoy, block_ms, until = sizes
    by_need, by_stop, by_last, visit, before, handed, agg, whole, below, node, stand, pairs, pair_price = money[:13]
    part, further, since, done_by, late_ms, major, measured, charge, given = money[13:22]
    rounded, together, excess, apart = money[22:26]
    half = 1 << measured
    price, load, limit, taken, stop, which = work
    n, d, k = stops[j], depot[j], kind[j]
    begin = s * block_ms
    b = node.shape[2]
    cost = node[k, stand[d], s] + below[d, min(s + int(length // block_ms), b)] - below[d, s]
    at, unload, late, slope, later = 0.0, 0.0, rounded, 0.0, 0.0
    latest = charge.shape[1] - 1
    mask, final, early, count = 0, 0, 0, 0
    out[0] = np.inf
    for i in range(n):
        t = task[j, i]
        is_whole, completes = kinds[i] == WHOLE, kinds[i] > half
        bits = 0 if is_whole else (kinds[i] - 1) % half
        unload += np.floor(unloading * max(edges[0], size[t] if is_whole else 0.0))
        at = length + convoy + drive[j, i] + unload
        done = begin + at
        out[1] = at
        in_time = done + block_ms > since[t]
        late += together + 1.0
        if not is_whole:
            late += excess[t]
        to_complete = charge[t, min(latest, int((done + late) // block_ms))]
        saved = to_complete - charge[t, min(latest, int((done + late + spare) // block_ms))]
        hour = min(latest, int(done // block_ms))
        as_last, as_early = 0.0, 0.0
        if not is_whole:
            as_last = (0.5 * by_stop[t] + by_last[t]) * done - visit[t] + before[t] + to_complete
            as_early = min(0.5 * by_stop[t] * (done + apart) - before[t], further[t])
            if apart == 0:
                completes = in_time and done <= done_by[t] and as_last <= as_early
        if is_whole or completes:
            if not in_time or done > done_by[t]:
                return
        elif done + apart > min(done_by[t] + late_ms, until):
            return
        for m in range(of_task.shape[1]):
            need = of_task[t, m]
            share[i, m] = 0.0
            if need >= 0:
                value = by_need[need] * done - handed[need] + agg[d, need] - given[need, hour]
                if is_whole:
                    share[i, m] = 1.0
                    cost += value
                    slope += by_need[need]
                else:
                    price[count], load[count], stop[count], which[count] = value, weight[need] * size[t], i, m
                    if not completes:
                        price[count] += by_need[need] * apart
                    limit[count] = 0.5 if m < measured and bits >> m & 1 == 0 else 1.0
                    count += 1
        if is_whole:
            cost += (by_stop[t] + by_last[t]) * done - visit[t] + whole[k, d, t] + to_complete
            slope += by_stop[t] + by_last[t]
            later += saved
        else:
            cost += part[d, t]
            if completes:
                final |= 1 << i
                cost += as_last
                later += saved
            else:
                cost += as_early
                if as_early < further[t]:
                    early |= 1 << i
            if spare > 0:  # the least of some lines lies above its chord
                then = np.inf
                if completes:
                    then = as_last + (0.5 * by_stop[t] + by_last[t]) * spare
                if apart == 0 or not completes:
                    then = min(then, as_early + 0.5 * by_stop[t] * spare, further[t])
                slope += (then - (as_last if completes else as_early)) / spare
        for m in range(measured):
            if is_whole or bits >> m & 1:
                cost += major[t * measured + m]
                mask |= 1 << (t * measured + m)
    if begin + at > until:
        return
    for c in range(len(pairs)):
        both = mask & pairs[c]
        if both & (both - 1) != 0:
            cost += pair_price[c]
    less = _fill(price, load, limit, room, count, taken)
    for g in range(count):
        share[stop[g], which[g]] = taken[g]
        slope += taken[g] * by_need[of_task[task[j, stop[g]], which[g]]]
    for g in range(count):
        later -= (limit[g] - taken[g]) * min(0.0, price[g] + slope * sizes[2] * load[g])
    out[0], out[2], out[3], out[4], out[5] = cost + less, final, early, mask, later


@nb.njit(cache=True, nogil=True)
def _ending(j, s, last, back, of, block_ms, node):  # type: ignore[no-untyped-def]
    """Where and when a vehicle is worth most again: worth, place (-1: nowhere)."""
    kind, _, stops, task, _ = of
    n = stops[j]
    b = node.shape[2]
    worth, where = 0.0, -1
    for a in range(node.shape[1]):
        e = int((s * block_ms + last + back[kind[j], task[j, n - 1], a]) // block_ms)
        if e < b and node[kind[j], a, e] > worth:
            worth, where = node[kind[j], a, e], a
    return worth, where


@nb.njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    j, s, most, of, goods, sizes, money, back, capacity, split, lines, each, ends, length, by_kind, row, share_row,
    share, out, work,
):  # fmt: skip
    """Cheapest trip along an order from a start, if it is below ``most``: whether there is one, and its cost.

    Some stretches of loads are looked at together: what no trip with such a load costs less than often rules them out.
    ``row``: reduced cost, order, start, end, duration of loading, last_ms, bits of the stops in part, load at most,
    bits of the stops that complete a task in parts and of those before, and of needs of which it is a major one.
    """
    kind, _, stops, task, _ = of
    size, edges, loading = sizes[0], sizes[1], sizes[2]
    node = money[9]
    n = stops[j]
    cap = capacity[kind[j]]
    total = 0.0
    for i in range(n):
        total += size[task[j, i]]
    total = min(total, cap)
    ways = 1 if not split else 1 + (1 if money[25] == 0 else 2) * (1 << money[19])
    kinds, turn = np.zeros(n, np.int64), np.zeros(n, np.int64)
    order, rest = np.zeros((n, ANY), np.int64), np.zeros(n + 1)
    best = most
    begin = 0
    while begin < len(edges):
        end = min(len(edges), begin + (_TOGETHER if begin else 1))
        low = edges[max(begin - 1, 0)]
        if begin and low >= total:
            break
        high = min(edges[end - 1], cap)
        later = np.floor(loading * low) - length
        bound = priced_load(j, s, later, high, best, of, goods, sizes, money, split, lines, each, ends, length,
                            by_kind)  # fmt: skip
        if bound < best:
            for i in range(n - 1, -1, -1):
                order[i, :ways] = np.argsort(by_kind[i, :ways])
                rest[i] = rest[i + 1] + by_kind[i, ANY]
            bound -= rest[0]
            depth, cost, load, bits = 0, bound, 0.0, 0
            turn[0] = -1
            while depth >= 0:
                t = task[j, depth]
                if turn[depth] >= 0:
                    cost -= by_kind[depth, kinds[depth]]
                    if kinds[depth] == WHOLE:
                        load -= size[t]
                    else:
                        bits ^= 1 << depth
                turn[depth] += 1
                k = order[depth, turn[depth]] if turn[depth] < ways else -1
                if k < 0 or cost + by_kind[depth, k] + rest[depth + 1] >= best:
                    depth -= 1
                    continue
                kinds[depth] = k
                cost += by_kind[depth, k]
                if k == WHOLE:
                    load += size[t]
                else:
                    bits |= 1 << depth
                if load > high + 1e-9:
                    continue
                if depth < n - 1:
                    depth += 1
                    turn[depth] = -1
                    continue
                if bits == 0 and begin and load <= low:
                    continue
                for e in range(begin, end):
                    top = min(edges[e], cap)
                    if (e and edges[e - 1] >= total) or top < load - 1e-9:
                        continue
                    at = max(edges[max(e - 1, 0)] if bits else edges[0], load)
                    spare = np.floor(loading * max(edges[0], total)) - np.floor(loading * at)
                    _trip(j, s, kinds, np.floor(loading * at), max(0.0, top - load), spare, of, goods, sizes, money,
                          share, out, work)  # fmt: skip
                    if out[0] == np.inf:
                        break
                    worth, where = _ending(j, s, out[1], back, of, sizes[5], node)
                    if out[0] - worth < best:
                        best = out[0] - worth
                        row[0], row[1], row[2], row[3] = best, j, s, where
                        row[4], row[5], row[6], row[7] = np.floor(loading * at), out[1], bits, top
                        row[8], row[9], row[10] = out[2], out[3], out[4]
                        share_row[:n] = share[:n]
                    if not bits or out[0] - worth - out[5] >= best:
                        break
        begin = end
    return best < most, best


@nb.njit(cache=True, nogil=True)
def cheapest(of, goods, first, last, light, sizes, money, back, capacity, split, most, pieces):  # type: ignore[no-untyped-def]
    """Cheapest trips along each order whose reduced cost is below ``most``: rows as of ``_search``, and shares.

    ``pieces``: stretches of starts, of each of which the cheapest is sought; 0: only one, of the start that promises
    most.
    """
    wide, needs = of[3].shape[1], goods[0].shape[1]
    ranges = max(pieces, 1)
    rows = np.empty((len(first) * ranges, 11))
    shares = np.zeros((len(first) * ranges, wide, needs))
    count = 0
    by_kind, lines, each = np.empty((wide, ANY + 1)), np.empty((wide, 8)), np.empty((wide, needs, 2))
    ends = np.empty(back.shape[2], np.int64)
    share, out = np.zeros((wide, needs)), np.zeros(6)
    work = (np.empty(wide * needs), np.empty(wide * needs), np.empty(wide * needs), np.empty(wide * needs),
            np.empty(wide * needs, np.int64), np.empty(wide * needs, np.int64))  # fmt: skip
    for j in range(len(first)):
        if last[j] < first[j]:
            continue
        length = stop_lines(j, light[j], of, goods, sizes, money, back, capacity, lines, each, ends)
        long = -(-(last[j] + 1 - first[j]) // ranges)
        for since in range(first[j], last[j] + 1, long):
            best, promising, begin = most, most, -1
            until = min(since + long, last[j] + 1)
            for s in range(since, until):
                quick, _ = least_cost(
                    j, s, 0.0, 0.0, of, goods, sizes, money, split, lines, each, ends, length, by_kind
                )
                if quick < promising:
                    promising, begin = quick, s
            if begin < 0:
                continue
            for turn in range(since - 1, until if pieces else since):
                s = begin if turn < since else turn
                if turn == begin:
                    continue
                quick, _ = least_cost(
                    j, s, 0.0, 0.0, of, goods, sizes, money, split, lines, each, ends, length, by_kind
                )
                if quick >= best:
                    continue
                found, value = _search(j, s, best, of, goods, sizes, money, back, capacity, split, lines, each, ends,
                                       length, by_kind, rows[count], shares[count], share, out, work)  # fmt: skip
                if found:
                    best = value
            if best < most:
                count += 1
    return rows[:count], shares[:count]
