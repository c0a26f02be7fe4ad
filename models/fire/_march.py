"""The compiled search behind ``models.fire.arrival``."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np
from numba import njit

from models.earliest_arrival import push, sift

__all__ = ["march"]

_BLENDS = (0.25, 0.5, 0.75)
"""Points between two neighbours from which a front that crosses into another period is followed."""


@njit(cache=True, nogil=True)
def _along(p, y, x, d, a, east, north, first, passed, share):
    """Mean coefficients (a, east, north) over the line of direction d from a cell; a = 0: something does not burn."""
    mean_a, mean_e, mean_n = 0.0, 0.0, 0.0
    for s in range(first[d], first[d + 1]):
        cx, cy = x + passed[s, 0], y - passed[s, 1]
        here = a[p, cy, cx]
        if here <= 0:
            return 0.0, 0.0, 0.0
        mean_a += share[s] * here
        mean_e += share[s] * east[p, cy, cx]
        mean_n += share[s] * north[p, cy, cx]
    return mean_a, mean_e, mean_n


@njit(cache=True, nogil=True)
def _delayed(t, y, x, d, closed, opens, first, passed, corner_first, corner):
    """Arrival of a front that would arrive at t along direction d: it waits for closed cells to open."""
    while True:
        later = t
        for s in range(first[d] + 1, first[d + 1]):
            cy, cx = y - passed[s, 1], x + passed[s, 0]
            if closed[cy, cx] <= later < opens[cy, cx]:
                later = opens[cy, cx]
        for s in range(corner_first[d], corner_first[d + 1]):
            ay, ax, by, bx = y - corner[s, 1], x + corner[s, 0], y - corner[s, 3], x + corner[s, 2]
            if closed[ay, ax] <= later < opens[ay, ax] and closed[by, bx] <= later < opens[by, bx]:
                later = min(opens[ay, ax], opens[by, bx])
        if later == t:
            return t
        t = later


@njit(cache=True, nogil=True)
def _interpolated(t1, t2, x1, y1, x2, y2, a, e, n):
    """Earliest arrival through a point strictly between two neighbours, inf if the earliest is at one of them.

    Minimises over s in (0, 1): s·t1 + (1-s)·t2 + a·|d| - b·d with d = s·d1 + (1-s)·d2.
    """
    from1 = t1 - e * x1 - n * y1
    from2 = t2 - e * x2 - n * y2
    wx, wy = x1 - x2, y1 - y2
    q = wx * wx + wy * wy
    foot = (x2 * wx + y2 * wy) / q
    height2 = x2 * x2 + y2 * y2 - foot * foot * q
    r = (from2 - from1) / a
    if r * r >= q:
        return math.inf
    s = r * math.sqrt(height2 / (q * (q - r * r))) - foot
    if s <= 0.0 or s >= 1.0:
        return math.inf
    dx, dy = x2 + s * wx, y2 + s * wy
    return s * from1 + (1.0 - s) * from2 + a * math.sqrt(dx * dx + dy * dy)


@njit(cache=True, nogil=True)
def _follow(t, p, y, x, d, start, a, east, north, cell, step, length, first, passed, share, until):
    """Arrival at the end of direction d of a fire that is in a cell at t: progress adds up over the periods."""
    left = 1.0
    last = len(start) - 1
    while True:
        mean_a, mean_e, mean_n = _along(p, y, x, d, a, east, north, first, passed, share)
        end = start[p + 1] if p < last else math.inf
        if mean_a > 0:
            cost = cell * (mean_a * length[d] - mean_e * step[d, 0] - mean_n * step[d, 1])
            if t + left * cost <= end:
                return t + left * cost
            left -= (end - t) / cost
        if p == last or end >= until:
            return math.inf
        t = end
        p += 1


@njit(cache=True, nogil=True)
def _blend(t1, t2, y, x, d1, y2, x2, d2, start, a, east, north, cell, step, first, passed, share, until):
    """Earliest arrival from fixed points between two neighbours, over several periods."""
    best = math.inf
    last = len(start) - 1
    for s in _BLENDS:
        t = s * t1 + (1.0 - s) * t2
        dx = s * step[d1, 0] + (1.0 - s) * step[d2, 0]
        dy = s * step[d1, 1] + (1.0 - s) * step[d2, 1]
        size = math.sqrt(dx * dx + dy * dy)
        p = 0
        while p < last and start[p + 1] <= t:
            p += 1
        left = 1.0
        while True:
            a1, e1, n1 = _along(p, y, x, d1, a, east, north, first, passed, share)
            a2, e2, n2 = _along(p, y2, x2, d2, a, east, north, first, passed, share)
            end = start[p + 1] if p < last else math.inf
            if a1 > 0 and a2 > 0:
                cost = cell * 0.5 * ((a1 + a2) * size - (e1 + e2) * dx - (n1 + n2) * dy)
                if t + left * cost <= end:
                    best = min(best, t + left * cost)
                    break
                left -= (end - t) / cost
            if p == last or end >= until:
                break
            t = end
            p += 1
    return max(best, t1, t2)


@njit(cache=True, nogil=True)
def _pair(t1, t2, p, y, x, d1, y2, x2, d2, start, a, east, north, cell, step, first, passed, share, until):
    """Earliest arrival from between two neighbours in directions d1, d2; waiting for a later period is allowed."""
    last = len(start) - 1
    k = p
    while True:
        a1, e1, n1 = _along(k, y, x, d1, a, east, north, first, passed, share)
        a2, e2, n2 = _along(k, y2, x2, d2, a, east, north, first, passed, share)
        end = start[k + 1] if k < last else math.inf
        if a1 > 0 and a2 > 0:
            since = start[k] if k > 0 else -math.inf
            ux, uy, vx, vy = float(step[d1, 0]), float(step[d1, 1]), float(step[d2, 0]), float(step[d2, 1])
            am, em, nm = 0.5 * (a1 + a2), 0.5 * (e1 + e2), 0.5 * (n1 + n2)
            # never faster along either line than the line itself, so that its ends need no looking at
            size1, size2 = math.sqrt(ux * ux + uy * uy), math.sqrt(vx * vx + vy * vy)
            ratio1 = (a1 * size1 - e1 * ux - n1 * uy) / (am * size1 - em * ux - nm * uy)
            ratio2 = (a2 * size2 - e2 * vx - n2 * vy) / (am * size2 - em * vx - nm * vy)
            scale = cell * max(1.0, ratio1, ratio2)
            u = _interpolated(
                max(t1, since), max(t2, since), ux, uy, vx, vy, scale * am, scale * em, scale * nm
            )  # fmt: skip
            u = max(u, t1, t2)
            if u <= end:
                break
        u = math.inf
        if k == last or end >= until:
            break
        k += 1
    # a front that the period's end overtakes; also where nothing beyond that end is asked for (until)
    if k > p or (u == math.inf and end < math.inf):
        return min(u, _blend(t1, t2, y, x, d1, y2, x2, d2, start, a, east, north, cell, step, first, passed, share,
                             until))  # fmt: skip
    return u


@njit(cache=True, nogil=True)
def _in(low, high, d):
    """Whether direction d is in a stencil."""
    word, bit = (low, d) if d < 64 else (high, d - 64)
    return (word >> np.uint64(bit)) & np.uint64(1) == np.uint64(1)


@njit(cache=True, nogil=True)
def _next(low, high, d, way, count):
    """Neighbour of direction d in a stencil, one way (1, -1) round."""
    k = d + way
    while not _in(low, high, k % count):
        k += way
    return k % count


@njit(cache=True, nogil=True)
def _put(key, item, size, k, v):
    """Push, growing the heap where it is full."""
    if size == len(key):
        key = np.concatenate((key, np.empty(size)))
        item = np.concatenate((item, np.empty(size, dtype=np.int64)))
    push(key, item, size, k, v)
    return key, item


@njit(cache=True, nogil=True)
def march(start, a, east, north, cell, known, closed, opens, until, origins, member, lines, near):
    """Arrival times; see ``models.fire.arrival.arrival_times``."""
    step, length, first, passed, share, corner_first, corner = lines
    rows, columns = known.shape
    arrival = np.full((rows, columns), math.inf)
    done = np.zeros((rows, columns), dtype=np.bool_)
    origin = np.zeros((rows, columns), dtype=np.bool_)
    for k in range(len(origins)):
        origin[origins[k, 0], origins[k, 1]] = True
    key = np.empty(1024)
    item = np.empty(1024, dtype=np.int64)
    size = 0
    for y in range(rows):
        for x in range(columns):
            if known[y, x] <= until:
                arrival[y, x] = known[y, x]
                key, item = _put(key, item, size, known[y, x], y * columns + x)
                size += 1
    last, count = len(start) - 1, len(step)
    while size > 0:
        t, node = key[0], item[0]
        size -= 1
        if size > 0:
            sift(key, item, size)
        y, x = node // columns, node % columns
        if done[y, x] or t > arrival[y, x]:
            continue
        done[y, x] = True
        p = 0
        while p < last and start[p + 1] <= t:
            p += 1
        if origin[y, x]:
            for d in range(len(near[0])):
                jy, jx = y - near[0][d, 1], x + near[0][d, 0]
                if jy < 0 or jx < 0 or jy >= rows or jx >= columns or done[jy, jx]:
                    continue
                u = _follow(t, p, y, x, d, start, a, east, north, cell, near[0], near[1], near[2], near[3], near[4],
                            until)  # fmt: skip
                u = _delayed(u, y, x, d, closed, opens, near[2], near[3], near[5], near[6])
                if u < arrival[jy, jx] and u <= until:
                    arrival[jy, jx] = u
                    key, item = _put(key, item, size, u, jy * columns + jx)
                    size += 1
        for d in range(count):
            jy, jx = y - step[d, 1], x + step[d, 0]
            if jy < 0 or jx < 0 or jy >= rows or jx >= columns or done[jy, jx]:
                continue
            low, high = member[jy, jx, 0], member[jy, jx, 1]
            if not _in(low, high, d):
                continue
            best = arrival[jy, jx]
            u = _follow(t, p, y, x, d, start, a, east, north, cell, step, length, first, passed, share, until)
            if u < best:
                best = min(best, _delayed(u, y, x, d, closed, opens, first, passed, corner_first, corner))
            for way in (-1, 1):
                d2 = _next(low, high, d, way, count)
                ky, kx = jy + step[d2, 1], jx - step[d2, 0]
                if ky < 0 or kx < 0 or ky >= rows or kx >= columns or not done[ky, kx]:
                    continue
                u = _pair(t, arrival[ky, kx], p, y, x, d, ky, kx, d2, start, a, east, north, cell, step, first,
                          passed, share, until)  # fmt: skip
                if u < best:
                    u = _delayed(u, y, x, d, closed, opens, first, passed, corner_first, corner)
                    u = _delayed(u, ky, kx, d2, closed, opens, first, passed, corner_first, corner)
                    best = min(best, _delayed(u, y, x, d, closed, opens, first, passed, corner_first, corner))
            best = best if best <= until else math.inf
            if best < arrival[jy, jx]:
                arrival[jy, jx] = best
                key, item = _put(key, item, size, best, jy * columns + jx)
                size += 1
    return arrival
