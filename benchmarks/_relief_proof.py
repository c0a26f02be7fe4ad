"""How well relief plans are proven: a generated family of counties, and the county that comes with the library.

A county: places and depots at random in a square, roads along a spanning tree and to three neighbours, two to four
kinds of trucks at the depots, stock of 1.3 times the need scattered unevenly, first batches of a twentieth to a fifth
of a 5 t truck (as of the villages of Qinshui). Seeds are fixed. Planned, then proven; every plan through the checker.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import Row
from dispatch import load_scenario, plan_relief
from dispatch.planning.check import check
from dispatch.planning.prove import prove
from dispatch.scenario import Scenario

__all__ = ["generated_county", "proof_rows"]

SIZES = ((15, 3, 10), (60, 5, 40))
_PLAN_S = 5.0
_LEVELS = ("people by the deadline", "T_all", "weighted first batches")


def generated_county(places: int, depots: int, trucks: int, seed: int) -> Scenario:
    """One county of the family."""
    from tests import tiny

    rng = np.random.default_rng(seed)
    n = places + depots
    where = rng.random((n, 2)) * 60 * (places / 15) ** 0.25
    far = np.hypot(*(where[:, None] - where[None]).transpose(2, 0, 1))
    names = [f"D{k}" for k in range(depots)] + [f"P{k}" for k in range(places)]
    people = rng.integers(10, 55, places)
    part = rng.dirichlet(np.full(depots, 3.0))
    per_person = {"quilt": 1.0, "tent": 0.25}
    kinds = ((5000.0, 38.0), (5000.0, 38.0), (1500.0, 15.0))
    tables: dict[str, Any] = {
        "depots": [
            {"depot": f"D{k}", "name": f"D{k}", "tier": "county", "docks": int(rng.integers(1, 3))}
            for k in range(depots)
        ],
        "stock": [
            {"depot": f"D{k}", "item": item, "lot": f"{item}{k}",
             "quantity": int(int(people.sum()) * per * 1.3 * part[k]) + 5}
            for k in range(depots)
            for item, per in per_person.items()
        ],
        "items": [
            {"item": "quilt", "name": "棉被", "unit": "床", "weight_kg": 3.0, "volume_m3": 0.02},
            {"item": "tent", "name": "帐篷", "unit": "顶", "weight_kg": 75.0, "volume_m3": 0.4},
        ],
        "vehicles": [
            {"vehicle": f"V{k}", "base": f"D{int(rng.integers(depots))}", "class": "truck_5t",
             "payload_kg": kinds[k % 3][0], "volume_m3": kinds[k % 3][1]}
            for k in range(trucks)
        ],
    }  # fmt: skip
    needs = []
    for k in range(places):
        count = float(people[k])
        needs.append(tiny.need(f"N{k}q", f"P{k}", "quilt", int(people[k]), count))
        needs.append(tiny.need(f"N{k}t", f"P{k}", "tent", max(1, int(people[k] * 0.25)), count))
    roads = tiny.network([(a, b, float(1 + 1.35 * far[a, b])) for a, b in _links(far)])
    sites = {name: ("depot" if name[0] == "D" else "place", k) for k, name in enumerate(names)}
    return tiny.scenario(roads, sites, needs, None, tables)


def _links(far: np.ndarray) -> list[tuple[int, int]]:
    """A spanning tree (Prim) and the three nearest neighbours of each."""
    n = len(far)
    links, inside, outside = set(), [0], set(range(1, n))
    while outside:
        a, b = min(((a, b) for a in inside for b in outside), key=lambda pair: far[pair])
        links.add((min(a, b), max(a, b)))
        inside.append(b)
        outside.discard(b)
    links |= {(min(a, int(b)), max(a, int(b))) for a in range(n) for b in np.argsort(far[a])[1:4]}
    return sorted(links)


def proof_rows(seconds: float, quick: bool) -> Iterator[Row]:
    """Value, bound and gap of the first three levels, before the proof (``peer``) and after it."""
    for places, depots, trucks in SIZES[: 1 if quick else None]:
        proven, gaps = [], []
        seeds = range(2 if quick else 5 if places < 20 else 2)
        for seed in seeds:
            name = f"generated {places}/{depots}/{trucks} #{seed}"
            rows, objective = _proven(name, generated_county(places, depots, trucks, seed), seconds)
            yield from rows
            proven.append([status == "optimal" for status in objective["status"][:3]])
            gaps.append(objective["gap"][:3].to_numpy(float))
        share, mean, worst = np.mean(proven, axis=0), np.mean(gaps, axis=0), np.max(gaps, axis=0)
        for k, level in enumerate(_LEVELS):
            yield Row(f"generated {places}/{depots}/{trucks}", f"proven: {level}", "%", 100 * float(share[k]),
                      gap=float(mean[k]), note=f"{len(gaps)} counties; worst gap {worst[k]:.2%}")  # fmt: skip
    if not quick:
        for name in ("qinshui/flash_flood", "qinshui/forest_fire"):
            yield from _proven(name, load_scenario(name), seconds)[0]


def _proven(name: str, scenario: Scenario, seconds: float) -> tuple[list[Row], pd.DataFrame]:
    """Rows of one scenario, and its objective after the proof."""
    rows = []
    plan = plan_relief(scenario, seconds=_PLAN_S)
    begun = time.perf_counter()
    after = prove(scenario, plan, seconds)
    took = time.perf_counter() - begun
    agrees = not check(after, scenario)
    grid = after.meta["proof"]["grid_s"]
    for k, level in enumerate(_LEVELS):
        was, now = plan.objective.iloc[k], after.objective.iloc[k]
        unit, scale = ("people", 1.0) if k == 0 else ("min", 60_000.0) if k == 1 else ("person-h", 3_600_000.0)
        note = f"{now['status']}; gap before {was['gap']:.2%}; {took:.0f} s, grid {grid:g} s"
        rows.append(Row(name, level, unit, float(now["value"]) / scale, float(was["value"]) / scale,
                        "plan before the proof", reference=float(now["bound"]) / scale, gap=float(now["gap"]),
                        agrees=agrees, note=note))  # fmt: skip
    return rows, after.objective
