"""Ruin and recreate on chains: strings of neighbouring customers are taken out and put back greedily with blinks.

Christiaens and Vanden Berghe (2020), "Slack induction by string removals for vehicle routing problems".
"""

from __future__ import annotations

import numba as nb
import numpy as np

from models.routing.chains import BEFORE, BEHIND, PLACE, VEHICLE, anywhere, beside, drop, put, refresh_chain
from models.routing.tolerance import REVIEW, absent_less_often, reviewed_toll

__all__ = ["descend", "pull", "put_back"]

_LONGEST = 10.0
_SCATTERED = 0.2
"""How often single customers are taken out instead, around one or anywhere."""

_SPLIT = 0.5
_SPLIT_DEEPER = 0.01
_BLINK = 0.01

_TOLL_RANGE = 100.0
"""How far the toll may move from its first value, up and down."""


@nb.njit(cache=True)
def _touch(chains, v, touched, changed, count, saved, was):  # type: ignore[no-untyped-def]
    """Copy a tour that is about to change, once; returns how many are."""
    if touched[v]:
        return count
    touched[v] = True
    was[v, 0], was[v, 1] = chains.worth[v], chains.load[v]
    changed[count] = v
    k, c = 0, chains.ends[v, 0]
    while c != 0:
        saved[v, k] = c
        k += 1
        c = chains.link[c, BEHIND]
    saved[v, k] = 0
    return count + 1


@nb.njit(cache=True)
def restore(legs, chains, v, saved):  # type: ignore[no-untyped-def]
    """Make a tour what it was when it was copied."""
    k, a = 0, 0
    c = saved[v, 0]
    chains.ends[v, 0] = c
    while c != 0:
        chains.link[c, BEFORE] = a
        k += 1
        a, c = c, saved[v, k]
        chains.link[a, BEHIND] = c
    refresh_chain(legs, chains, v)


@nb.njit(cache=True)
def pull(legs, chains, near, absent, absentees, mean, touched, changed, count, saved, was, rng):  # type: ignore[no-untyped-def]
    """Take ``mean`` customers on average out around a random one; returns how many are absent, and tours changed."""
    n = len(legs.demand) - 1
    link, size = chains.link, chains.size
    used = 0
    for v in range(len(size)):
        used += size[v] > 0
    if not used:
        return absentees, count
    longest = min(_LONGEST, max(1.0, (n - absentees) / used))
    strings = int(rng.random() * max(1.0, 4.0 * mean / (1.0 + longest) - 1.0) + 1.0)
    seed = 1 + int(rng.random() * n)
    if rng.random() < _SCATTERED:
        around = rng.random() < 0.5
        wanted = 1 + int(rng.random() * min(2.0 * mean, 0.5 * n))
        for k in range(min(wanted, near.shape[1] + 1)):
            c = 1 + int(rng.random() * n)
            if around:
                c = seed if k == 0 else near[seed, k - 1]
            v = link[c, VEHICLE]
            if v >= 0:
                count = _touch(chains, v, touched, changed, count, saved, was)
                drop(chains, c)
                absent[absentees] = c
                absentees += 1
    else:
        for k in range(near.shape[1] + 1):
            if strings <= 0:
                break
            c = seed if k == 0 else near[seed, k - 1]
            v = link[c, VEHICLE]
            if v < 0 or touched[v]:
                continue
            whole = size[v]
            length = min(int(rng.random() * min(float(whole), longest) + 1.0), whole)
            kept = 0
            if 1 < length < whole and rng.random() < _SPLIT:
                kept = 1
                while length + kept < whole and rng.random() > _SPLIT_DEEPER:
                    kept += 1
            span = length + kept
            at = link[c, PLACE]
            first, last = max(0, at - span + 1), min(at, whole - span)
            begin = first + int(rng.random() * (last - first + 1))
            skip = begin + span
            if kept:
                skip = begin + int(rng.random() * (length + 1))
            count = _touch(chains, v, touched, changed, count, saved, was)
            for i in range(begin, begin + span):
                if skip <= i < skip + kept:
                    continue
                drop(chains, saved[v, i])
                absent[absentees] = saved[v, i]
                absentees += 1
            strings -= 1
    for k in range(count):
        refresh_chain(legs, chains, changed[k])
    return absentees, count


@nb.njit(cache=True)
def _sort(legs, absent, absentees, key, rng):  # type: ignore[no-untyped-def]
    """Sort the absent by one of several rules, drawn at random: any order, great demand, far or close to the depot."""
    rule = rng.random() * 11.0
    for k in range(absentees):
        c = absent[k]
        if rule < 4.0:
            rank = rng.random()
        elif rule < 8.0:
            rank = -legs.demand[c]
        elif rule < 10.0:
            rank = -legs.to[0, c]
        else:
            rank = legs.to[0, c]
        j = k
        while j > 0 and key[j - 1] > rank:
            key[j] = key[j - 1]
            absent[j] = absent[j - 1]
            j -= 1
        key[j] = rank
        absent[j] = c


@nb.njit(cache=True)
def put_back(legs, chains, near, most, absent, absentees, key, touched, changed, count, saved, was, blink, toll, rng):  # type: ignore[no-untyped-def]
    """Put the absent back; returns how many remain absent (the first of ``absent``), and tours changed."""
    _sort(legs, absent, absentees, key, rng)
    fleet = len(chains.size)
    spare = 0
    while spare < fleet and chains.size[spare] > 0:
        spare += 1
    left = 0
    for k in range(absentees):
        c = absent[k]
        best, where, behind = beside(legs, chains, c, near, most, blink, toll, rng)
        if where < 0 or chains.load[where] + legs.demand[c] > legs.capacity + 1e-9:
            other, v, a = anywhere(legs, chains, c, blink, toll, rng)
            if other < best:
                best, where, behind = other, v, a
        if spare < fleet:
            more = legs.weight[c] * (legs.begin + legs.to[0, c]) + legs.end_weight * (legs.to[0, c] + legs.to[c, 0])
            if more < best:
                best, where, behind = more, spare, 0
        if where < 0:
            absent[left] = c
            left += 1
            continue
        count = _touch(chains, where, touched, changed, count, saved, was)
        put(legs, chains, c, where, behind)
        if where == spare:
            while spare < fleet and chains.size[spare] > 0:
                spare += 1
    return left, count


@nb.njit(cache=True)
def descend(  # type: ignore[no-untyped-def]
    legs, chains, near, most, mean, absent, counts, best, best_absent, totals, steps, hot, cold, price, missed, saved,
    rng
):  # fmt: skip
    """Take so many steps while the temperature falls from ``hot`` to ``cold``.

    ``counts``: absent now, absent in the best; ``totals``: worth now, worth of the best, load beyond capacity now, its
    toll a unit, and what that was at first; ``missed``: how often each customer was absent so far. Where some are
    absent, a change that leaves out those who are so less often is always taken (Christiaens and Vanden Berghe's fleet
    minimisation).
    """
    nodes, fleet = len(legs.demand), len(chains.size)
    touched = np.zeros(fleet, np.bool_)
    changed = np.zeros(fleet, np.int64)
    key = np.zeros(nodes)
    was = np.zeros((fleet, 2))
    was_absent = np.zeros(nodes, np.int64)
    within = 0
    temperature = hot
    cooling = (cold / hot) ** (1.0 / steps)
    for step in range(steps):
        temperature *= cooling
        toll = totals[3]
        before = counts[0]
        was_absent[:before] = absent[:before]
        gone, count = pull(legs, chains, near, absent, before, mean, touched, changed, 0, saved, was, rng)
        left, count = put_back(legs, chains, near, most, absent, gone, key, touched, changed, count, saved, was, _BLINK,
                               toll, rng)  # fmt: skip
        change = excess = 0.0
        for k in range(count):
            v = changed[k]
            change += chains.worth[v] - was[v, 0]
            excess += max(0.0, chains.load[v] - legs.capacity) - max(0.0, was[v, 1] - legs.capacity)
        worth = totals[0] + change
        excess += totals[2]
        if excess < 1e-9:
            excess = 0.0
        change += price * (left - before)
        if toll < np.inf:
            change += toll * (excess - totals[2])
        easier = False
        if before > 0 and excess <= 1e-9:
            easier = absent_less_often(missed, was_absent, before, absent, left)
        if easier or change <= 0.0 or change < -temperature * np.log(rng.random()):
            counts[0] = left
            totals[0] = worth
            totals[2] = excess
            if excess <= 1e-9 and (left < counts[1] or (left == counts[1] and worth < totals[1] - 1e-9)):
                counts[1] = left
                totals[1] = worth
                best_absent[:left] = absent[:left]
                best.link[:] = chains.link
                best.ends[:] = chains.ends
        else:
            counts[0] = before
            for k in range(left):
                chains.link[absent[k], VEHICLE] = -1
            absent[:before] = was_absent[:before]
            for k in range(count):
                restore(legs, chains, changed[k], saved)
            for k in range(before):
                chains.link[absent[k], VEHICLE] = -1
        for k in range(count):
            touched[changed[k]] = False
        if toll < np.inf:
            within += totals[2] <= 1e-9
            if (step + 1) % REVIEW == 0:
                totals[3] = reviewed_toll(toll, within, totals[4], _TOLL_RANGE)
                within = 0
