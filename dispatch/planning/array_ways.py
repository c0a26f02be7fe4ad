"""Driving times between sites as pieces, for the search over arrays, from the windows that disturb a usual way.

Outside them the usual way takes its usual time. Inside, arrivals are searched for some departures, more of them where
they jump; between two of them a vehicle moves on, waits on a detour, or waits until the usual way is free. Where a
change of the general speed falls into a drive, the rest of it is scaled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.legs import Legs
from models.dispatch_ways import Ways
from models.traversal import NEVER

__all__ = ["ways_between"]

Ints = NDArray[np.int64]

_SEARCHES, _NODES, _HASTY = 3000, 9_000_000, 4
"""One-to-all searches that all origins together may cost, about; nodes that these may settle; the divisor of both where
the clock counts."""

_MOST, _FEWEST = 32, 4
"""Searches of a depot at most, other origins half of it; where there are fewer than so many for each, only depots get
any."""

_APART_MS = 4 * MINUTE_MS
"""Searches of one origin are not closer than this."""

_SLACK_MS = 1000
"""By how much an arrival may move more than the departure and still counts as moving with it."""


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
        Origins to be looked at more closely: depots.
    from_ms, until_ms : int
        Departures that matter.
    stop : callable, optional
    """
    targets = np.array([legs.roads.index[site] for site in sites], dtype=np.int64)
    searches = min(_SEARCHES, _NODES // max(1, legs.roads.network.graph.n)) // (1 if stop is None else _HASTY)
    most = searches // max(1, len(classes) * len(sites))
    most = 0 if most < _FEWEST else min(most, _MOST // 2)
    pieces, counts = [], []
    for vehicle_class in classes:
        for site in sites:
            if stop is not None and stop():
                return None
            each = _MOST if site in busy and stop is None else (max(most, _MOST // _HASTY) if site in busy else most)
            found, count = _from(legs, vehicle_class, site, targets, from_ms, until_ms, each)
            pieces.append(found)
            counts.append(count)
    start, at, cap = (np.concatenate([of[k] for of, _ in pieces] or [np.empty(0, np.int64)]) for k in range(3))
    rate = np.concatenate([rate for _, rate in pieces] or [np.empty(0)])
    first = np.concatenate([[0], np.cumsum(np.concatenate([*counts, np.empty(0, np.int64)]))]).astype(np.int64)
    return Ways(len(sites), first, start, at, cap, rate)


def _from(
    legs: Legs, vehicle_class: str, origin: str, targets: Ints, from_ms: int, until_ms: int, most: int
) -> tuple[tuple[Ints, NDArray[np.float64]], Ints]:
    """Pieces (start, arrival, cap; rate) to all targets, target by target, and how many each has."""
    roads = legs.roads
    usual = legs.usual(vehicle_class, origin, targets)
    if usual is None:
        never = np.full(len(targets), NEVER)
        starts = np.full(len(targets), from_ms)
        return (np.stack([starts, never, never]), np.ones(len(targets))), np.ones(len(targets), np.int64)
    out_ms, in_ms = int(roads.access_ms[roads.index[origin]]), roads.access_ms[targets]
    changes, durations, windows = usual
    position = np.full(len(roads.node), -1, dtype=np.int64)
    position[targets] = np.arange(len(targets))

    def free(k: Ints, enter: Ints) -> Ints:
        """Arrival on the road at target ``k`` by the usual way, entering the road then."""
        g = np.maximum(np.searchsorted(changes, enter, side="right") - 1, 0)
        duration = durations[g, k]
        later = np.minimum(g + 1, len(changes) - 1)
        change = np.where(g + 1 < len(changes), changes[later], NEVER)
        share = (enter + duration - change) / np.maximum(duration, 1)
        crossing = change + np.rint(share * durations[later, k]).astype(np.int64)
        leave = np.where(enter + duration <= change, enter + duration, crossing)
        return np.where((duration >= NEVER) | (enter >= NEVER), NEVER, leave)

    begin, end = from_ms + out_ms, until_ms + out_ms
    everybody = np.arange(len(targets))
    rows, met = [], []
    for g, change in enumerate(changes.tolist()):
        low = max(begin, change) if g else begin
        high = int(changes[g + 1]) if g + 1 < len(changes) else NEVER
        if low >= min(high, end + 1):
            continue
        rows.append(_rows(everybody, np.full(len(targets), low), free(everybody, np.full(len(targets), low)), 0))
        duration = durations[g]
        owner = position[windows[g].owner]
        here = np.flatnonzero((owner >= 0) & (windows[g].end_ms > low) & (windows[g].start_ms < min(high, end)))
        here = here[duration[owner[here]] < NEVER]
        opens, freed = np.maximum(windows[g].start_ms[here], low), windows[g].end_ms[here]
        again = np.flatnonzero(freed < min(high, end))
        rows.append(_rows(owner[here[again]], freed[again], free(owner[here[again]], freed[again]), 1))
        met.append((owner[here], opens, np.minimum(freed, high), free(owner[here], freed)))
        if high <= end:
            # the general speed changes under way: behind the last window before
            known = np.flatnonzero((duration < NEVER) & (duration > 0) & (high - duration > low))
            since = np.full(len(targets), low)
            since[known] = high - duration[known]
            np.maximum.at(since, owner[here], np.where(opens < since[owner[here]] + 1, freed, NEVER))
            since = since[known]
            known, since = known[since < high], since[since < high]
            rate = durations[g + 1, known] / duration[known]
            rows.append(_rows(known, since, free(known, since), 1, rate))
    owner, opens, freed, wait = (np.concatenate(of) for of in zip(*met, strict=True))
    if len(owner):

        def search(enter: int) -> Ints:
            found = legs.searched(vehicle_class, origin, enter - out_ms)[targets]
            return np.where(found >= NEVER, NEVER, found - in_ms)

        times, found = _sampled(search, owner, opens, freed, begin, end, most)
        rows += _disturbed(owner, opens, freed, wait, times, found)
    k, start, kind, at, cap, rate = (np.concatenate(of) for of in zip(*rows, strict=True))
    order = np.lexsort((kind, start, k))
    k, start, at, cap, rate = k[order], start[order], at[order], cap[order], rate[order]
    kept = np.append((k[1:] != k[:-1]) | (start[1:] != start[:-1]), True)
    k, start, at, cap, rate = k[kept], start[kept], at[kept], cap[kept], rate[kept]
    at = np.where(at >= NEVER, NEVER, at + in_ms[k])
    cap = np.where(cap >= NEVER, NEVER, cap + in_ms[k])
    return (np.stack([start - out_ms, at, cap]), rate), np.bincount(k, minlength=len(targets))


def _rows(
    k: Ints, start: Ints, at: Ints, kind: int, rate: NDArray[np.float64] | None = None, cap: Ints | None = None
) -> tuple[Ints, Ints, Ints, Ints, Ints, NDArray[np.float64]]:
    """Pieces of targets ``k``; of those that begin at the same time the largest ``kind`` counts."""
    none = np.full(len(k), NEVER, dtype=np.int64)
    return (k, start, np.full(len(k), kind), at, none if cap is None else cap,
            np.ones(len(k)) if rate is None else rate)  # fmt: skip


def _sampled(
    search: Callable[[int], Ints], owner: Ints, opens: Ints, freed: Ints, begin: int, end: int, most: int
) -> tuple[Ints, Ints]:
    """Times of entering the road at which ways were searched, at most so many, and arrivals (time, target).

    Intervals in which most arrivals jump are halved first.
    """
    last = int(min(end, np.where(freed >= NEVER, opens, freed).max()))
    first = int(max(begin, opens.min()))
    if most < 2:
        return np.empty(0, np.int64), np.empty((0, 0), np.int64)
    often = np.sort(np.clip(opens, first, last))
    _, count = np.unique((often - first) // _APART_MS, return_counts=True)
    ends = often[np.cumsum(count) - 1][np.argsort(-count, kind="stable")[: most // 3]]
    evenly = np.linspace(first, max(last, first), max(2, most // 4)).astype(np.int64)
    times = np.unique([*ends, *evenly]).tolist()
    found = [search(time) for time in times]
    jumps = [_jumps(owner, opens, freed, times, found, i) for i in range(len(times) - 1)]
    while len(times) < most and jumps and max(jumps) > 0:
        i = int(np.argmax(jumps))
        times.insert(i + 1, (times[i] + times[i + 1]) // 2)
        found.insert(i + 1, search(times[i + 1]))
        jumps[i : i + 1] = [_jumps(owner, opens, freed, times, found, k) for k in (i, i + 1)]
    return np.array(times, dtype=np.int64), np.stack(found)


def _jumps(owner: Ints, opens: Ints, freed: Ints, times: list[int], found: list[Ints], i: int) -> float:
    """How much halving an interval is worth: how many arrivals jump, or bend, within it, times its length."""
    early, late = times[i], times[i + 1]
    if late - early < 2 * _APART_MS:
        return 0.0
    within = owner[(opens <= early) & (late < freed)]
    more = found[i + 1][within] - found[i][within]
    jumps = more > late - early + _SLACK_MS
    bends = (more > _SLACK_MS) & (more < late - early - _SLACK_MS)
    return float(np.count_nonzero(jumps) + 0.5 * np.count_nonzero(bends)) * (late - early)


def _disturbed(
    owner: Ints, opens: Ints, freed: Ints, wait: Ints, times: Ints, found: Ints
) -> list[tuple[Ints, Ints, Ints, Ints, Ints, NDArray[np.float64]]]:
    """Pieces within windows: what was searched; between two searches moving, waiting, or all at the later arrival."""
    first = np.searchsorted(times, opens)
    none = (first >= len(times)) | (times[np.minimum(first, len(times) - 1)] >= freed) if len(times) else opens >= 0
    rows = [_rows(owner[none], opens[none], wait[none], 2, cap=wait[none])]
    live = np.flatnonzero(~none)
    k, at = owner[live], first[live]
    if len(live):
        # what was searched last may be later than the usual way freed: then the general speed has changed meanwhile
        wait = wait.copy()
        wait[live] = np.maximum(wait[live], found[np.searchsorted(times, freed[live]) - 1, k])
    now = np.minimum(found[at, k], wait[live]) if len(live) else np.empty(0, np.int64)
    detour = (now < wait[live]) & (now < NEVER)
    opened = np.where(detour, now - (times[at] - opens[live]), now) if len(live) else now
    rows.append(_rows(k, opens[live], opened, 2, cap=now))
    while len(live):
        following = at + 1
        inside = following < len(times)
        inside[inside] = times[following[inside]] < freed[live[inside]]
        step = np.minimum(following, len(times) - 1)
        later = np.where(inside, times[step], freed[live])
        begin, length = times[at], later - times[at]
        # behind the last search a detour is taken to stay open
        then = np.where(inside, found[step, k], np.where(now < NEVER, now + np.minimum(length, NEVER - now), NEVER))
        then = np.minimum(then, wait[live])
        more = np.where((now < NEVER) & (then < NEVER), then - now, np.where(now < then, NEVER, 0))
        moves = (more > 0) & (more <= length + _SLACK_MS) & (later < NEVER)
        jumps = ~moves & (more > 0)
        # on a detour until waiting is as good, or waiting on the detour until it opens
        waits = then == wait[live]
        begins_moving = np.where(moves & ~waits, np.maximum(later - more, begin), begin)
        rows.append(_rows(k[moves], begin[moves], now[moves], 3, cap=now[moves]))
        rows.append(_rows(k[moves], begins_moving[moves], now[moves], 4, cap=then[moves]))
        rows.append(_rows(k[jumps], begin[jumps], now[jumps], 3, cap=then[jumps]))
        # when it jumps is not known: at once, lest the search makes use of a way that is shut
        rows.append(_rows(k[jumps], begin[jumps] + 1, then[jumps], 4, cap=then[jumps]))
        live, k, at, now = live[inside], k[inside], following[inside], then[inside]
    return rows
