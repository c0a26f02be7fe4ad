"""Trips of least reduced cost along given orders of stops: which goods whole, which in part, and when.

A stop hands over all goods of its task, or a part. For one order of stops, one set of tasks in part, one start and one
stretch of loads, the parts of any trip are a mean of corners: each part all or nothing, but one at most, and then the
load is the stretch's upper end. All corners take the loading time of the stretch's lower end. Of the stops in part
some complete their task, one comes before each of these, and further ones are free; each is what costs least.
"""

from __future__ import annotations

import numba as nb
import numpy as np

__all__ = ["cheapest"]

_ALL, _NOTHING = 1, 2


@nb.njit(cache=True, nogil=True, inline="always")
def _loading(load, edges, loading, whole):  # type: ignore[no-untyped-def]
    """Least duration of loading: of the load itself where nothing is in part, else of its stretch."""
    if whole:
        return np.floor(loading * max(edges[0], load))
    at = edges[0]
    for e in range(1, len(edges)):
        if load <= edges[e - 1] + 1e-9:
            break
        at = edges[e - 1]
    return np.floor(loading * at)


@nb.njit(cache=True, nogil=True)
def _corner(  # type: ignore[no-untyped-def]
    j, s, kinds, odd, odd_share, length, of, sizes, money, share, out
):  # fmt: skip
    """Reduced cost without the end, and the end of the last stop, of one corner; inf where it ends too late.

    ``share``: filled with the share of each stop. ``out``: (cost, last_ms, bits of the stops that complete a task in
    parts, and of those that come before).
    """
    kind, depot, stops, task, drive = of
    size, edges, _, unloading, convoy, block_ms, until = sizes
    by_share, by_stop, by_last, visit, before, handed, agg, low, below, node, stand, pairs, pair_price = money[:13]
    part, further, since, done_by, late_ms = money[13:]
    n, d, k = stops[j], depot[j], kind[j]
    begin = s * block_ms
    base = length + convoy
    unload = 0.0
    cost = node[k, stand[d], s]
    b = node.shape[2]
    cost += below[d, min(s + int(length // block_ms), b)] - below[d, s]
    at = 0.0
    mask, final, early = 0, 0, 0
    for i in range(n):
        t = task[j, i]
        is_whole = kinds[i] == 0
        f = 1.0 if kinds[i] != _NOTHING else 0.0
        if i == odd:
            f = odd_share
        share[i] = f
        unload += np.floor(unloading * max(edges[0], size[t] if is_whole else 0.0))
        at = base + drive[j, i] + unload
        done = begin + at
        in_time = done + block_ms > since[t]
        if done > (done_by[t] if is_whole else done_by[t] + late_ms) or (is_whole and not in_time):
            out[0], out[1] = np.inf, at
            return
        cost += f * (by_share[t] * done - handed[t] + agg[d, t])
        if is_whole:
            cost += (by_stop[t] + by_last[t]) * done - visit[t] + low[k, d, t]
            mask |= 1 << t
        else:
            as_last, as_early = np.inf, 0.5 * by_stop[t] * done - before[t]
            if in_time and done <= done_by[t]:
                as_last = (0.5 * by_stop[t] + by_last[t]) * done - visit[t] + before[t]
            cost += min(as_last, as_early, further[t]) + part[d, t]
            if as_last <= min(as_early, further[t]):
                final |= 1 << i
            elif as_early <= further[t]:
                early |= 1 << i
    if begin + at > until:
        out[0], out[1] = np.inf, at
        return
    for c in range(len(pairs)):
        both = mask & pairs[c]
        count = 0
        while both:
            both &= both - 1
            count += 1
        if count >= 2:
            cost += pair_price[c]
    out[0], out[1], out[2], out[3] = cost, at, final, early


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
def _lines(j, last, of, sizes, money, back, lines, ends):  # type: ignore[no-untyped-def]
    """Write down what does not depend on the start of a trip along an order.

    ``lines``: of each stop, its cost at a start at zero (whole; of goods; in part, if it completes a task, or comes
    before), and the same per ms; ``ends``: blocks until the vehicle stands at each place again. Least duration of
    loading in blocks.
    """
    kind, depot, stops, task, drive = of
    _, edges, loading, unloading, convoy, block_ms, _ = sizes
    by_share, by_stop, by_last, visit, before, handed, agg, low, _, node = money[:10]
    d, k = depot[j], kind[j]
    length = np.floor(loading * edges[0])
    for i in range(stops[j]):
        t = task[j, i]
        at = length + convoy + drive[j, i] + (i + 1) * np.floor(unloading * edges[0])
        lines[i, 4] = by_share[t] + by_stop[t] + by_last[t]
        lines[i, 5] = by_share[t]
        lines[i, 6] = 0.5 * by_stop[t] + by_last[t]
        lines[i, 7] = 0.5 * by_stop[t]
        lines[i, 0] = lines[i, 4] * at - handed[t] + agg[d, t] - visit[t] + low[k, d, t]
        lines[i, 1] = lines[i, 5] * at - handed[t] + agg[d, t]
        lines[i, 2] = lines[i, 6] * at - visit[t] + before[t]
        lines[i, 3] = lines[i, 7] * at - before[t]
    t = task[j, stops[j] - 1]
    for a in range(node.shape[1]):
        ends[a] = int((last + back[k, t, a]) // block_ms)
    return int(length // block_ms)


@nb.njit(cache=True, nogil=True)
def _quick(j, s, length, block_ms, of, money, split, lines, ends, by_stop):  # type: ignore[no-untyped-def]
    """What no trip along the order that starts then can cost less than.

    ``by_stop``: filled with the least cost of each stop by kind; the last column is that of any part.
    """
    d, k = of[1][j], of[0][j]
    below, node, stand, part, further = money[8], money[9], money[10], money[13], money[14]
    b = node.shape[2]
    cost = node[k, stand[d], s] + below[d, min(s + length, b)] - below[d, s]
    begin = s * block_ms
    for i in range(of[2][j]):
        t = of[3][j, i]
        free = part[d, t] if split else np.inf
        free += min(lines[i, 2] + lines[i, 6] * begin, lines[i, 3] + lines[i, 7] * begin, further[t])
        by_stop[i, 0] = lines[i, 0] + lines[i, 4] * begin
        by_stop[i, 1] = lines[i, 1] + lines[i, 5] * begin + free
        by_stop[i, 2] = free
        by_stop[i, 3] = min(by_stop[i, 1], by_stop[i, 2])
        cost += min(by_stop[i, 0], by_stop[i, 3])
    worth = 0.0
    for a in range(len(ends)):
        if s + ends[a] < b and node[k, a, s + ends[a]] > worth:
            worth = node[k, a, s + ends[a]]
    return cost - worth


@nb.njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    j, s, most, least, of, sizes, money, back, capacity, split, lines, by_stop, row, share_row
):  # fmt: skip
    """Cheapest corner along an order from a start, if it is below ``most``: whether there is one, and its cost.

    ``least``, ``by_stop``: as of ``_quick``. ``row``: reduced cost, order, start, end, duration of loading, last_ms,
    bits of the stops in part, load, bits of the stops that complete a task in parts, and of those before.
    """
    kind, depot, stops, task, _ = of
    size, edges, loading = sizes[0], sizes[1], sizes[2]
    node, part = money[9], money[13]
    n = stops[j]
    cap = capacity[kind[j]]
    ways = 3 if split else 1
    total = ways**n
    kinds = np.zeros(n, np.int64)
    share = np.zeros(n)
    out = np.zeros(4)
    best = most
    for i in range(n):
        least -= min(by_stop[i, 0], by_stop[i, 3])
    for code in range(total):
        rest = code
        load = 0.0
        whole = True
        bits = 0
        barred = False
        bound, plain, slope = least, least, 0.0
        for i in range(n):
            kinds[i] = rest % ways
            rest //= ways
            bound += by_stop[i, 3] if kinds[i] == _NOTHING else by_stop[i, kinds[i]]
            plain += by_stop[i, kinds[i]]
            slope += lines[i, 4 + kinds[i]] if kinds[i] != _NOTHING else 0.0
            if kinds[i] == _ALL and by_stop[i, 1] > by_stop[i, 2]:
                barred = True
                break
            if kinds[i] != 0 and part[depot[j], task[j, i]] == np.inf:
                barred = True
                break
            if kinds[i] != _NOTHING:
                load += size[task[j, i]]
            if kinds[i] != 0:
                whole = False
                bits |= 1 << i
        if barred or load > cap + 1e-9 or bound >= best:
            continue
        for odd in range(-1, n if split else 0):
            if odd >= 0 and (kinds[odd] != _NOTHING or by_stop[odd, 1] >= by_stop[odd, 2]):
                continue
            for e in range(1 if odd < 0 else len(edges)):
                odd_share = 0.0
                full = load
                if odd >= 0:
                    full = min(edges[e], cap)
                    if (e and edges[e - 1] >= cap) or full <= load + 1e-9:
                        continue
                    if full >= load + size[task[j, odd]] - 1e-9:
                        break
                    odd_share = (full - load) / size[task[j, odd]]
                length = _loading(full, edges, loading, whole)
                more = length - np.floor(loading * edges[0])
                if plain + slope * more + odd_share * (by_stop[odd, 1] - by_stop[odd, 2] if odd >= 0 else 0.0) >= best:
                    continue
                _corner(j, s, kinds, odd, odd_share, length, of, sizes, money, share, out)
                if out[0] == np.inf:
                    continue
                worth, where = _ending(j, s, out[1], back, of, sizes[5], node)
                if out[0] - worth >= best:
                    continue
                best = out[0] - worth
                row[0], row[1], row[2], row[3] = best, j, s, where
                row[4], row[5], row[6], row[7], row[8], row[9] = length, out[1], bits, full, out[2], out[3]
                for i in range(n):
                    share_row[i] = share[i]
    return best < most, best


@nb.njit(cache=True, nogil=True)
def cheapest(of, first, last, light, sizes, money, back, capacity, split, most, thorough):  # type: ignore[no-untyped-def]
    """Cheapest trip along each order whose reduced cost is below ``most``: rows as of ``_search``, and shares.

    Unless ``thorough``, only the start that promises most is looked at.
    """
    wide = of[3].shape[1]
    rows = np.empty((len(first), 10))
    shares = np.zeros((len(first), wide))
    count = 0
    by_stop, lines, ends = np.empty((wide, 4)), np.empty((wide, 8)), np.empty(back.shape[2], np.int64)
    for j in range(len(first)):
        best, promising, begin = most, most, -1
        length = _lines(j, light[j], of, sizes, money, back, lines, ends)
        for s in range(first[j], last[j] + 1):
            quick = _quick(j, s, length, sizes[5], of, money, split, lines, ends, by_stop)
            if quick < promising:
                promising, begin = quick, s
        if begin < 0:
            continue
        for turn in range(-1, last[j] + 1 - first[j] if thorough else 0):
            s = begin if turn < 0 else first[j] + turn
            if turn >= 0 and s == begin:
                continue
            least = _quick(j, s, length, sizes[5], of, money, split, lines, ends, by_stop)
            if least >= best:
                continue
            found, value = _search(j, s, best, least, of, sizes, money, back, capacity, split, lines, by_stop,
                                   rows[count], shares[count])  # fmt: skip
            if found:
                best = value
        if best < most:
            count += 1
    return rows[:count], shares[:count]
