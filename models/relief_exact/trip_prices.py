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

__all__ = ["cheapest"]

_WHOLE = 0
"""Kind of a stop; kind 1 + bits is one in part, with bits of the measured needs of which it is a major one."""

_ANY = 5


@nb.njit(cache=True, nogil=True)
def _fill(price, load, limit, room, count, share):  # type: ignore[no-untyped-def]
    """Take goods of negative price, the best per load first: their cost, and whether there was no room for some.

    ``price``, ``load``, ``limit``: of each of so many goods, for all of it, and share at most; ``share``: filled.
    """
    cost, short = 0.0, False
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
            short = True
            share[best] = room / load[best]
        room = max(0.0, room - share[best] * load[best])
        cost += share[best] * price[best]
    for g in range(count):
        share[g] = max(0.0, share[g])
    return cost, short


@nb.njit(cache=True, nogil=True)
def _trip(j, s, kinds, length, room, of, goods, sizes, money, share, out, work):  # type: ignore[no-untyped-def]
    """Least reduced cost, without the end, of a trip with so much room for parts; inf where it ends too late.

    ``share``: filled with the share of each need of each stop. ``out``: (cost, last_ms, bits of the stops that
    complete a task in parts, of those before, and of needs of which it is a major one). Whether there was no room for
    some goods.
    """
    kind, depot, stops, task, drive = of
    of_task, weight = goods
    size, edges, _, unloading, convoy, block_ms, until = sizes
    by_need, by_stop, by_last, visit, before, handed, agg, whole, below, node, stand, pairs, pair_price = money[:13]
    part, further, since, done_by, late_ms, major, measured = money[13:]
    price, load, limit, taken, stop, which = work
    n, d, k = stops[j], depot[j], kind[j]
    begin = s * block_ms
    b = node.shape[2]
    cost = node[k, stand[d], s] + below[d, min(s + int(length // block_ms), b)] - below[d, s]
    at, unload = 0.0, 0.0
    mask, final, early, count = 0, 0, 0, 0
    out[0] = np.inf
    for i in range(n):
        t = task[j, i]
        is_whole = kinds[i] == _WHOLE
        unload += np.floor(unloading * max(edges[0], size[t] if is_whole else 0.0))
        at = length + convoy + drive[j, i] + unload
        done = begin + at
        out[1] = at
        in_time = done + block_ms > since[t]
        if done > (done_by[t] if is_whole else done_by[t] + late_ms) or (is_whole and not in_time):
            return False
        for m in range(of_task.shape[1]):
            need = of_task[t, m]
            share[i, m] = 0.0
            if need >= 0:
                value = by_need[need] * done - handed[need] + agg[d, need]
                if is_whole:
                    share[i, m] = 1.0
                    cost += value
                else:
                    price[count], load[count], stop[count], which[count] = value, weight[need] * size[t], i, m
                    limit[count] = 0.5 if m < measured and (kinds[i] - 1) >> m & 1 == 0 else 1.0
                    count += 1
        if is_whole:
            cost += (by_stop[t] + by_last[t]) * done - visit[t] + whole[k, d, t]
        else:
            as_last, as_early = np.inf, 0.5 * by_stop[t] * done - before[t]
            if in_time and done <= done_by[t]:
                as_last = (0.5 * by_stop[t] + by_last[t]) * done - visit[t] + before[t]
            cost += min(as_last, as_early, further[t]) + part[d, t]
            if as_last <= min(as_early, further[t]):
                final |= 1 << i
            elif as_early <= further[t]:
                early |= 1 << i
        for m in range(measured):
            if is_whole or (kinds[i] - 1) >> m & 1:
                cost += major[t * measured + m]
                mask |= 1 << (t * measured + m)
    if begin + at > until:
        return False
    for c in range(len(pairs)):
        both = mask & pairs[c]
        if both & (both - 1) != 0:
            cost += pair_price[c]
    less, short = _fill(price, load, limit, room, count, taken)
    for g in range(count):
        share[stop[g], which[g]] = taken[g]
    out[0], out[2], out[3], out[4] = cost + less, final, early, mask
    return short


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
def _lines(j, last, of, goods, sizes, money, back, lines, each, ends):  # type: ignore[no-untyped-def]
    """Write down what does not depend on the start of a trip along an order.

    ``lines``: of each stop, its cost at a start at zero and per ms (whole; in part, if it completes a task, or comes
    before), and that of its needs per ms; ``each``: cost of each need at a start at zero and per ms; ``ends``: blocks
    until the vehicle stands at each place again. Least duration of loading in blocks.
    """
    kind, depot, stops, task, drive = of
    of_task = goods[0]
    _, edges, loading, unloading, convoy, block_ms, _ = sizes
    by_need, by_stop, by_last, visit, before, handed, agg, whole, _, node = money[:10]
    major, measured = money[18], money[19]
    d, k = depot[j], kind[j]
    length = np.floor(loading * edges[0])
    for i in range(stops[j]):
        t = task[j, i]
        at = length + convoy + drive[j, i] + (i + 1) * np.floor(unloading * edges[0])
        lines[i, 3] = by_stop[t] + by_last[t]
        lines[i, 4] = 0.5 * by_stop[t] + by_last[t]
        lines[i, 5] = 0.5 * by_stop[t]
        lines[i, 0] = lines[i, 3] * at - visit[t] + whole[k, d, t]
        lines[i, 0] += major[t * measured : (t + 1) * measured].sum()
        lines[i, 1] = lines[i, 4] * at - visit[t] + before[t]
        lines[i, 2] = lines[i, 5] * at - before[t]
        lines[i, 6] = 0.0
        for m in range(of_task.shape[1]):
            need = of_task[t, m]
            if need >= 0:
                lines[i, 6] += by_need[need]
                each[i, m, 1] = by_need[need]
                each[i, m, 0] = by_need[need] * at - handed[need] + agg[d, need]
    t = task[j, stops[j] - 1]
    for a in range(node.shape[1]):
        ends[a] = int((last + back[k, t, a]) // block_ms)
    return int(length // block_ms)


@nb.njit(cache=True, nogil=True)
def _quick(j, s, length, block_ms, of, goods, money, split, lines, each, ends, by_kind):  # type: ignore[no-untyped-def]
    """What no trip along the order that starts then can cost less than.

    ``by_kind``: filled with the least cost of each stop by kind, and of any.
    """
    d, k = of[1][j], of[0][j]
    of_task = goods[0]
    below, node, stand, part, further, major = money[8], money[9], money[10], money[13], money[14], money[18]
    measured = money[19]
    b = node.shape[2]
    cost = node[k, stand[d], s] + below[d, min(s + length, b)] - below[d, s]
    begin = s * block_ms
    for i in range(of[2][j]):
        t = of[3][j, i]
        everything = 0.0
        free = part[d, t] if split else np.inf
        free += min(lines[i, 1] + lines[i, 4] * begin, lines[i, 2] + lines[i, 5] * begin, further[t])
        for kind in range(1, (1 << measured) + 1):
            by_kind[i, kind] = free
        for m in range(of_task.shape[1]):
            need = of_task[t, m]
            if need >= 0:
                value = each[i, m, 0] + each[i, m, 1] * begin
                everything += value
                value = min(0.0, value)
                for bits in range(1 << measured):
                    by_kind[i, 1 + bits] += 0.5 * value if m < measured and bits >> m & 1 == 0 else value
                    if m < measured and bits >> m & 1:
                        by_kind[i, 1 + bits] += major[t * measured + m]
            elif m < measured:
                for bits in range(1 << measured):
                    by_kind[i, 1 + bits] = np.inf if bits >> m & 1 else by_kind[i, 1 + bits]
        by_kind[i, _WHOLE] = lines[i, 0] + lines[i, 3] * begin + everything
        by_kind[i, _ANY] = by_kind[i, : (1 << measured) + 1].min()
        cost += by_kind[i, _ANY]
    worth = 0.0
    for a in range(len(ends)):
        if s + ends[a] < b and node[k, a, s + ends[a]] > worth:
            worth = node[k, a, s + ends[a]]
    return cost - worth


@nb.njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    j, s, most, least, of, goods, sizes, money, back, capacity, split, lines, by_kind, row, share_row, share, out, work
):  # fmt: skip
    """Cheapest trip along an order from a start, if it is below ``most``: whether there is one, and its cost.

    ``least``, ``by_kind``: as of ``_quick``. ``row``: reduced cost, order, start, end, duration of loading, last_ms,
    bits of the stops in part, load at most, bits of the stops that complete a task in parts and of those before, and
    of needs of which it is a major one.
    """
    kind, _, stops, task, _ = of
    size, edges, loading = sizes[0], sizes[1], sizes[2]
    node = money[9]
    n = stops[j]
    cap = capacity[kind[j]]
    ways = 1 + (1 << money[19]) if split else 1
    kinds = np.zeros(n, np.int64)
    best = most
    for i in range(n):
        least -= by_kind[i, _ANY]
    for code in range(ways**n):
        rest, bound, load, bits, slope = code, least, 0.0, 0, 0.0
        for i in range(n):
            kinds[i] = rest % ways
            rest //= ways
            bound += by_kind[i, kinds[i]]
            if kinds[i] == _WHOLE:
                load += size[task[j, i]]
                slope += lines[i, 3] + lines[i, 6]
            else:
                bits |= 1 << i
        if bound >= best or load > cap + 1e-9:
            continue
        quickest = np.floor(loading * max(edges[0], load))
        if bits:  # with room for everything, no stretch is cheaper
            _trip(j, s, kinds, quickest, np.inf, of, goods, sizes, money, share, out, work)
            if out[0] == np.inf:
                continue
            bound = max(bound, out[0] - _ending(j, s, out[1], back, of, sizes[5], node)[0])
            if bound >= best:
                continue
        for e in range(len(edges)):
            top = min(edges[e], cap)
            if bits and ((e and edges[e - 1] >= cap) or top < load - 1e-9):
                continue
            at = max(edges[max(e - 1, 0)] if bits else edges[0], load)
            if bits and bound + slope * (np.floor(loading * at) - quickest) >= best:
                break
            short = _trip(j, s, kinds, np.floor(loading * at), max(0.0, top - load), of, goods, sizes, money, share,
                          out, work)  # fmt: skip
            if out[0] == np.inf:
                break
            worth, where = _ending(j, s, out[1], back, of, sizes[5], node)
            if out[0] - worth < best:
                best = out[0] - worth
                row[0], row[1], row[2], row[3] = best, j, s, where
                row[4], row[5], row[6], row[7] = np.floor(loading * at), out[1], bits, top
                row[8], row[9], row[10] = out[2], out[3], out[4]
                share_row[:n] = share[:n]
            if not short:
                break
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
    by_kind, lines, each = np.empty((wide, 6)), np.empty((wide, 7)), np.empty((wide, needs, 2))
    ends = np.empty(back.shape[2], np.int64)
    share, out = np.zeros((wide, needs)), np.zeros(5)
    work = (np.empty(wide * needs), np.empty(wide * needs), np.empty(wide * needs), np.empty(wide * needs),
            np.empty(wide * needs, np.int64), np.empty(wide * needs, np.int64))  # fmt: skip
    for j in range(len(first)):
        if last[j] < first[j]:
            continue
        length = _lines(j, light[j], of, goods, sizes, money, back, lines, each, ends)
        long = -(-(last[j] + 1 - first[j]) // ranges)
        for since in range(first[j], last[j] + 1, long):
            best, promising, begin = most, most, -1
            until = min(since + long, last[j] + 1)
            for s in range(since, until):
                quick = _quick(j, s, length, sizes[5], of, goods, money, split, lines, each, ends, by_kind)
                if quick < promising:
                    promising, begin = quick, s
            if begin < 0:
                continue
            for turn in range(since - 1, until if pieces else since):
                s = begin if turn < since else turn
                if turn == begin:
                    continue
                least = _quick(j, s, length, sizes[5], of, goods, money, split, lines, each, ends, by_kind)
                if least >= best:
                    continue
                found, value = _search(j, s, best, least, of, goods, sizes, money, back, capacity, split, lines,
                                       by_kind, rows[count], shares[count], share, out, work)  # fmt: skip
                if found:
                    best = value
            if best < most:
                count += 1
    return rows[:count], shares[:count]
