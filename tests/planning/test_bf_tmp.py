"""The true optimum of small instances, by trying everything, against the plan and its bounds.

Up to four places on open roads; every place's goods are small (loading and unloading at the floor), so that splitting
them never helps. Tried are all orders of dispatch, all ways to cut them into trips, all vehicles and depots; each is
timed by a few lines of its own.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dispatch.planning.check import check
from dispatch.planning.relief import plan_relief
from tests import tiny
from tests.planning.worlds import MINUTE, vehicle

LOAD, CONVOY, UNLOAD, CALL_UP = 8, 10, 6, 30


def _instance(seed):
    """Random roads with whole kilometres (a minute each), places, depots, trucks, docks and a tight deadline."""
    rng = np.random.default_rng(seed)
    places, depots, trucks = int(rng.integers(2, 5)), int(rng.integers(1, 3)), int(rng.integers(1, 4))
    if places == 4:
        depots, trucks = 1, min(trucks, 2)
    n = places + depots
    links = {(int(rng.integers(0, k)), k): int(rng.integers(3, 30)) for k in range(1, n)}
    links |= {(int(a), int(b)): int(rng.integers(3, 30)) for a, b in rng.integers(0, n, (2, 2)) if a < b}
    bases = [int(rng.integers(0, n)) for _ in range(trucks)]
    docks = [int(rng.integers(1, 3)) for _ in range(depots)]
    people = [int(rng.integers(10, 200)) for _ in range(places)]
    # a road reaches every place in time, so that T_all is over all of them
    farthest = int(_distances(n, links)[:depots, depots:].min(axis=0).max())
    return places, depots, links, bases, docks, people, max(int(rng.integers(60, 150)), farthest)


def _scenario(places, depots, links, bases, docks, people, deadline):
    names = [f"D{k}" for k in range(depots)] + [f"P{k}" for k in range(places)]
    sites = {name: ("depot" if name[0] == "D" else "place", k) for k, name in enumerate(names)}
    tables = {
        "depots": [{"depot": f"D{k}", "name": f"D{k}", "tier": "county", "docks": docks[k]} for k in range(depots)],
        "stock": [{"depot": f"D{k}", "item": "quilt", "lot": "L", "quantity": 1000} for k in range(depots)],
        "vehicles": [vehicle(f"V{k}", names[base]) for k, base in enumerate(bases)],
        "items": [{"item": "quilt", "name": "棉被", "unit": "床", "weight_kg": 3.0, "volume_m3": 0.02}],
    }
    needs = [tiny.need(f"N{k}", f"P{k}", "quilt", 40, float(people[k])) for k in range(places)]
    roads = tiny.network([(a, b, float(km)) for (a, b), km in links.items()])
    return tiny.scenario(roads, sites, needs, None, tables, deadline_ms=deadline * MINUTE)


def _distances(n, links):
    """All shortest drives (Floyd and Warshall)."""
    far = np.full((n, n), 10**6)
    np.fill_diagonal(far, 0)
    for (a, b), km in links.items():
        far[a, b] = far[b, a] = min(far[a, b], km)
    for k in range(n):
        far = np.minimum(far, far[:, [k]] + far[[k], :])
    return far


def _free(busy, start, length):
    for begin, end in sorted(busy):
        if begin >= start + length:
            break
        start = max(start, end)
    return start


def _timed(far, depots, bases, docks, trips):
    """Minutes at which each place is done."""
    stands = {v: (CALL_UP, base) for v, base in enumerate(bases)}
    busy = [[[] for _ in range(count)] for count in docks]
    done = {}
    for v, d, stops in trips:
        time, at = stands[v]
        ready = max(time + far[at, d], CALL_UP)
        start, dock = min((_free(calendar, ready, LOAD), k) for k, calendar in enumerate(busy[d]))
        busy[d][dock].append((start, start + LOAD))
        time, at = start + LOAD + CONVOY, d
        for p in stops:
            time += far[at, depots + p] + UNLOAD
            done[p], at = time, depots + p
        stands[v] = (time, at)
    return done


def _optimum(places, depots, links, bases, docks, people, deadline):
    """Best levels (people on time, T_all, person-minutes), the first negated so that smaller is better."""
    far = _distances(places + depots, links)
    ways = list(itertools.product(range(len(bases)), range(depots)))
    best = None
    for order in itertools.permutations(range(places)):
        for cuts in itertools.product((False, True), repeat=places - 1):
            loads = [[order[0]]]
            for cut, p in zip(cuts, order[1:], strict=True):
                if cut:
                    loads.append([p])
                else:
                    loads[-1].append(p)
            for chosen in itertools.product(ways, repeat=len(loads)):
                trips = [(v, d, load) for (v, d), load in zip(chosen, loads, strict=True)]
                done = _timed(far, depots, bases, docks, trips)
                levels = (
                    -sum(people[p] for p, time in done.items() if time <= deadline),
                    max(done.values()),
                    sum(people[p] * time for p, time in done.items()),
                )
                best = levels if best is None else min(best, levels)
    return best


@pytest.mark.parametrize("seed", range(0,220))
def test_plan_and_bounds_against_the_true_optimum(seed):
    instance = _instance(seed)
    optimum = _optimum(*instance)
    scenario = _scenario(*instance)
    plan = plan_relief(scenario, seconds=5.0)
    assert check(plan, scenario) == []
    people, t_all, weighted = plan.objective["value"].tolist()[:3]
    assert (-people, t_all / MINUTE, weighted / MINUTE) == pytest.approx(optimum)
    # no bound rules out what the best of all plans reaches
    most, soonest, least = plan.objective["bound"].tolist()[:3]
    assert most >= -optimum[0]
    assert soonest / MINUTE <= optimum[1] + 1e-6
    assert least / MINUTE <= optimum[2] + 1e-6
