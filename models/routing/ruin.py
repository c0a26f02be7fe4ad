"""Ruin and recreate: take strings of neighbouring customers out of tours, put them back greedily with blinks.

Christiaens and Vanden Berghe (2020), "Slack induction by string removals for vehicle routing problems".
"""

from __future__ import annotations

import numba as nb
import numpy as np

from models.routing.tours import best_insertion, insert, remove_marked

__all__ = ["recreate", "ruin"]

_MEAN_REMOVED = 10.0
_LONGEST = 10.0
_SCATTERED = 0.2
"""How often single customers are taken out instead, around one or anywhere."""

_SPLIT = 0.5
_SPLIT_DEEPER = 0.01


@nb.njit(cache=True)
def _customers(tours, v, string):  # type: ignore[no-untyped-def]
    """Customers of a tour in order, without reloads; returns how many."""
    count = 0
    for i in range(1, tours.length[v] - 1):
        if tours.node[v, i] != 0:
            string[count] = tours.node[v, i]
            count += 1
    return count


@nb.njit(cache=True)
def ruin(inst, tours, near, absent, absentees, marked, touched, string, rng):  # type: ignore[no-untyped-def]
    """Mark strings of customers around a random one, as an addition to those absent already.

    ``touched`` (by vehicle) tells which tours lose something; nothing is removed yet, so that the caller can keep
    copies. Returns how many customers are in ``absent``.
    """
    n = len(inst.demand) - 1
    count, used = 0, 0
    for v in range(len(tours.length)):
        if tours.length[v] > 2:
            used += 1
            count += tours.length[v] - 2
    if not used:
        return absentees
    longest = min(_LONGEST, max(1.0, count / used))
    most = 4.0 * _MEAN_REMOVED / (1.0 + longest) - 1.0
    strings = int(rng.random() * max(1.0, most) + 1.0)
    seed = 1 + int(rng.random() * n)
    if rng.random() < _SCATTERED:
        around = rng.random() < 0.5
        wanted = 1 + int(rng.random() * min(2.0 * _MEAN_REMOVED, 0.5 * n))
        for k in range(min(wanted, near.shape[1] + 1)):
            c = 1 + int(rng.random() * n)
            if around:
                c = seed if k == 0 else near[seed, k - 1]
            if tours.vehicle[c] >= 0 and not marked[c]:
                marked[c] = True
                absent[absentees] = c
                absentees += 1
                touched[tours.vehicle[c]] = True
        return absentees
    for k in range(near.shape[1] + 1):
        if strings <= 0:
            break
        c = seed if k == 0 else near[seed, k - 1]
        v = tours.vehicle[c]
        if v < 0 or touched[v]:
            continue
        size = _customers(tours, v, string)
        at = 0
        while string[at] != c:
            at += 1
        length = int(rng.random() * min(float(size), longest) + 1.0)
        length = min(length, size)
        kept = 0
        if length > 1 and rng.random() < _SPLIT:
            kept = 1
            while length + kept < size and rng.random() > _SPLIT_DEEPER:
                kept += 1
            kept = min(kept, size - length)
        whole = length + kept
        first = max(0, at - whole + 1)
        last = min(at, size - whole)
        begin = first + int(rng.random() * (last - first + 1))
        skip_from = begin + whole
        if kept:
            skip_from = begin + int(rng.random() * (length + 1))
        for i in range(begin, begin + whole):
            if skip_from <= i < skip_from + kept:
                continue
            marked[string[i]] = True
            absent[absentees] = string[i]
            absentees += 1
        touched[v] = True
        strings -= 1
    return absentees


@nb.njit(cache=True)
def _order(inst, far, absent, absentees, key, rng):  # type: ignore[no-untyped-def]
    """Sort the absent by one of several rules, drawn at random."""
    rule = rng.random() * (17.0 if inst.timed else 11.0)
    for k in range(absentees):
        c = absent[k]
        if rule < 4.0:
            key[k] = rng.random()
        elif rule < 8.0:
            key[k] = -inst.demand[c]
        elif rule < 10.0:
            key[k] = -far[c]
        elif rule < 11.0:
            key[k] = far[c]
        elif rule < 13.0:
            key[k] = inst.due[c] - inst.ready[c]
        elif rule < 15.0:
            key[k] = max(inst.ready[c], inst.release[c])
        else:
            key[k] = -inst.due[c]
    ranks = np.argsort(key[:absentees])
    sorted_ = absent[:absentees][ranks]
    absent[:absentees] = sorted_


@nb.njit(cache=True)
def recreate(  # type: ignore[no-untyped-def]
    inst, tours, near, far, absent, absentees, key, touched, stamp, blink, toll, rng, saved_node, saved_length
):  # fmt: skip
    """Put the absent back; returns how many remain absent (the first of ``absent``)."""
    _order(inst, far, absent, absentees, key, rng)
    fleet = len(tours.length)
    everywhere = near.shape[1] >= len(inst.demand) - 2
    left = 0
    for k in range(absentees):
        c = absent[k]
        best, where, position, alone = np.inf, -1, -1, False
        if everywhere:
            first_empty = True
            for v in range(fleet):
                if tours.length[v] == 2:
                    if not first_empty:
                        continue
                    first_empty = False
                found, at, own = best_insertion(inst, tours, c, v, blink, toll, rng, best)
                if at >= 0:
                    best, where, position, alone = found, v, at, own
        else:
            stamp[fleet] += 1
            for j in range(near.shape[1]):
                v = tours.vehicle[near[c, j]]
                if v < 0 or stamp[v] == stamp[fleet]:
                    continue
                stamp[v] = stamp[fleet]
                found, at, own = best_insertion(inst, tours, c, v, blink, toll, rng, best)
                if at >= 0:
                    best, where, position, alone = found, v, at, own
            empty = False
            for v in range(fleet):
                if tours.length[v] == 2:
                    if empty:
                        continue
                    empty = True
                elif where >= 0 or stamp[v] == stamp[fleet]:
                    continue
                found, at, own = best_insertion(inst, tours, c, v, 0.0, toll, rng, best)
                if at >= 0:
                    best, where, position, alone = found, v, at, own
        if where < 0:
            absent[left] = c
            left += 1
            continue
        if not touched[where]:
            touched[where] = True
            keep(tours, where, saved_node, saved_length)
        insert(inst, tours, c, where, position, alone)
    return left


@nb.njit(cache=True)
def keep(tours, v, saved_node, saved_length):  # type: ignore[no-untyped-def]
    """Copy one tour."""
    saved_length[v] = tours.length[v]
    for i in range(tours.length[v]):
        saved_node[v, i] = tours.node[v, i]


@nb.njit(cache=True)
def take_out(inst, tours, marked, touched, saved_node, saved_length):  # type: ignore[no-untyped-def]
    """Remove what is marked from the tours touched, keeping copies of them."""
    for v in range(len(touched)):
        if touched[v]:
            keep(tours, v, saved_node, saved_length)
            remove_marked(inst, tours, v, marked)
