"""The trip of least reduced cost, for each start of loading: labels over (task, time, load), backwards in time.

``V[p, t, o, r]`` is the least cost of what a vehicle does after it is done at task ``p`` at slot ``t`` with ``r``
units still aboard, ``o`` odd portions among them. Tasks may be visited again, as they may be served in parts (q-routes,
Christofides, Mingozzi, Toth 1981).
"""

from __future__ import annotations

import numba as nb
import numpy as np

__all__ = ["MOST_STOPS", "NO_WAY", "cost_to_go", "price_starts", "trace"]

NO_WAY = -(2**31) + 1
"""Driving time where no road leads (a negative one saves unloading time at the same site)."""

MOST_STOPS = 64
"""Stops of one trip that are traced; those beyond are left out of the column (which stays a valid one)."""


@nb.njit(cache=True, inline="always")
def _done(depart_ms, leg_ms, arrive_ms, unload_ms, per_step):  # type: ignore[no-untyped-def]
    """Slot in which unloading ends; ``arrive_ms``: nobody arrives before."""
    return int((max(depart_ms + leg_ms, arrive_ms) + unload_ms) * per_step)


@nb.njit(cache=True, inline="always")
def _counted(done, least, between):  # type: ignore[no-untyped-def]
    """Slot that counts: convex in the start, taken on the lower side of its bend."""
    if done - between < least:
        return least
    return done


@nb.njit(cache=True, nogil=True)
def cost_to_go(  # type: ignore[no-untyped-def]
    leg_ms, arrive_ms, leg_slots, step_ms, slots, units, first, low, credit, unload_ms, odd, least_slot, between,
    gain, time_cost, end_cost, earliest,
):  # fmt: skip
    """Fill the table of least costs.

    Parameters
    ----------
    leg_ms : int32 array (p, p)
        Between tasks.
    arrive_ms : int32 array (p, p, t)
        Earliest arrival when leaving from slot ``t * leg_slots`` on; -1 = none.
    gain : float64 array (p,)
        Per whole task.
    time_cost : float64 array (p,)
        Per whole task and slot.
    least_slot : int64 array (p,)
        No task is complete before; goods handed over earlier wait for the others.
    between : int
        Slots between a start and the next, if starts between them are means of the two; else 0.
    end_cost : float64 array (p, slots + 1)
        Of a vehicle that is done with its last task in a slot (what it is worth for other trips, negative).
    earliest : int64 array (p,)
        Slot before which nobody can be done at a task.

    Returns
    -------
    float64 array (p, slots + 1, 2, units + 1)
    """
    count = len(gain)
    per_step = 1.0 / step_ms
    value = np.full((count, slots + 1, 2, units + 1), np.inf)
    hours = arrive_ms.shape[2] - 1
    for t in range(slots, -1, -1):
        hour = min(t // leg_slots, hours)
        for p in range(count - 1, -1, -1):  # no time passes only from a task to a later one of its site
            if t < earliest[p]:
                continue
            here = value[p, t]
            here[0, 0] = end_cost[p, t]
            for n in range(count):
                if n == p or leg_ms[p, n] == NO_WAY or arrive_ms[p, n, hour] < 0:
                    continue
                for i in range(first[n], first[n + 1]):
                    done = _done(t * step_ms, leg_ms[p, n], arrive_ms[p, n, hour], unload_ms[i], per_step)
                    if done > slots:
                        continue
                    step = credit[i] * (time_cost[n] * _counted(done, least_slot[n], between) - gain[n])
                    a = low[i]
                    for o in range(1 if odd[i] else 2):
                        there = value[n, done, o]
                        mine = here[1 if odd[i] else o]
                        for r in range(a, units + 1):
                            mine[r] = min(mine[r], step + there[r - a])
    return value


@nb.njit(cache=True, nogil=True)
def price_starts(  # type: ignore[no-untyped-def]
    value, leg_ms, arrive_ms, leg_slots, step_ms, slots, units, first, low, credit, unload_ms, odd, least_slot, between,
    gain, time_cost, block,
    begin_block, load_ms, convoy_ms, load_cost, begin_cost,
):  # fmt: skip
    """Least reduced cost of a trip by block in which its loading starts.

    Parameters
    ----------
    leg_ms : int32 array (p,)
        From the depot.
    arrive_ms : int32 array (p, t)
    load_ms : float64 array (units + 1,)
    load_cost : float64 array (blocks, units + 1)
        Price of the dock.
    begin_cost : float64 array (blocks,)
        Price of the vehicle in the block of the start.

    Returns
    -------
    best : float64 array (blocks,)
    load, task, portion : int64 arrays (blocks,)
        Units loaded, and the first stop, of the best trip.
    """
    blocks = load_cost.shape[0]
    per_step = 1.0 / step_ms
    hours = arrive_ms.shape[1] - 1
    best = np.full(blocks, np.inf)
    loads = np.zeros(blocks, dtype=np.int64)
    tasks = np.full(blocks, -1, dtype=np.int64)
    parts = np.full(blocks, -1, dtype=np.int64)
    for s in range(begin_block, blocks):
        for q in range(units + 1):
            depart = s * block * step_ms + load_ms[q] + convoy_ms
            at = int(depart * per_step)
            if at > slots:
                break
            hour = min(at // leg_slots, hours)
            fixed = load_cost[s, q] + begin_cost[s]
            for n in range(len(gain)):
                if leg_ms[n] < 0 or arrive_ms[n, hour] < 0:
                    continue
                for i in range(first[n], first[n + 1]):
                    if low[i] > q:
                        continue
                    done = _done(depart, leg_ms[n], arrive_ms[n, hour], unload_ms[i], per_step)
                    if done > slots:
                        continue
                    then = value[n, done, 0, q - low[i]]
                    if not odd[i]:
                        then = min(then, value[n, done, 1, q - low[i]])
                    at_slot = _counted(done, least_slot[n], between)
                    cost = fixed + credit[i] * (time_cost[n] * at_slot - gain[n]) + then
                    if cost < best[s]:
                        best[s] = cost
                        loads[s] = q
                        tasks[s] = n
                        parts[s] = i
    return best, loads, tasks, parts


@nb.njit(cache=True, nogil=True)
def trace(  # type: ignore[no-untyped-def]
    value, leg_ms, arrive_ms, leg_slots, step_ms, slots, first, low, credit, unload_ms, odd, least_slot, between,
    gain, time_cost, end_cost, task, done, left, odds,
):  # fmt: skip
    """Stops after the first (done at slot ``done``, ``left`` units aboard, ``odds`` odd): (task, portion, slot)."""
    stops = np.zeros((MOST_STOPS, 3), dtype=np.int64)
    count = 0
    per_step = 1.0 / step_ms
    hours = arrive_ms.shape[2] - 1
    while count < MOST_STOPS:
        here = value[task, done, odds, left]
        hour = min(done // leg_slots, hours)
        if left == 0 and odds == 0 and here == end_cost[task, done]:
            break
        nearest, found, portion, end = np.inf, -1, -1, -1
        for n in range(len(gain)):
            if n == task or leg_ms[task, n] == NO_WAY or arrive_ms[task, n, hour] < 0:
                continue
            for i in range(first[n], first[n + 1]):
                at = _done(done * step_ms, leg_ms[task, n], arrive_ms[task, n, hour], unload_ms[i], per_step)
                if low[i] > left or at > slots or (odd[i] and odds == 0):
                    continue
                counted = _counted(at, least_slot[n], between)
                then = value[n, at, odds - 1 if odd[i] else odds, left - low[i]]
                off = abs(credit[i] * (time_cost[n] * counted - gain[n]) + then - here)
                if off < nearest:
                    nearest, found, portion, end = off, n, i, at
        if found < 0:
            break
        stops[count, 0], stops[count, 1], stops[count, 2] = found, portion, end
        task, done, left = found, end, left - low[portion]
        odds -= 1 if odd[portion] else 0
        count += 1
    return stops[:count]
