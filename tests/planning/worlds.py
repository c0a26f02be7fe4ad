"""Small worlds for the planner's tests: tiny ones with a twist, one with a bit of everything, and random ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from dispatch.scenario import Scenario
from tests import tiny

MINUTE = 60_000
HOUR = 60 * MINUTE

QUILT = {"item": "quilt", "name": "棉被", "name_en": "quilt", "unit": "床", "weight_kg": 3.0, "volume_m3": 0.02}
BLANKET = {"item": "blanket", "name": "毛毯", "name_en": "blanket", "unit": "条", "weight_kg": 1.6, "volume_m3": 0.011}
TENT = {"item": "tent", "name": "帐篷", "name_en": "tent", "unit": "顶", "weight_kg": 75.0, "volume_m3": 0.4}


def vehicle(name: str, base: str = "D", **other: Any) -> dict[str, Any]:
    """A 5 t truck of the tiny world."""
    return {"vehicle": name, "base": base, "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0, **other}


def three_tiers(county: int = 60, city: int = 30, province: int = 100, **other: Any) -> Scenario:
    """County depot D, city depot K, province depot P at nodes 0, 4, 5; village A at node 1 needs 100 quilts.

    Roads: D–A 10 km, K–A 40 km, P–A 90 km. City and province have their order after 20 and 40 minutes; each depot has
    a truck of its own.
    """
    roads = tiny.network([(0, 1, 10), (1, 4, 40), (1, 5, 90), (2, 3, 1)])
    sites = {"D": ("depot", 0), "K": ("depot", 4), "P": ("depot", 5), "A": ("place", 1)}
    tables = {
        "depots": [
            {"depot": "D", "name": "县库", "tier": "county", "docks": 1},
            {"depot": "K", "name": "市库", "tier": "city", "docks": 1},
            {"depot": "P", "name": "省库", "tier": "province", "docks": 1, "approval_min": 50.0},
        ],
        "stock": [
            {"depot": depot, "item": "quilt", "lot": f"L{depot}", "quantity": quantity}
            for depot, quantity in (("D", county), ("K", city), ("P", province))
        ],
        "vehicles": [vehicle("VD"), vehicle("VK", "K"), vehicle("VP", "P")],
        **other.pop("tables", {}),
    }
    needs = other.pop("needs", [tiny.need("NA", "A", "quilt", 100, 100.0)])
    return tiny.one_depot(
        roads=roads, sites=sites, tables=tables, needs=needs,
        tier_request_ms={"city": 20 * MINUTE, "province": 40 * MINUTE}, **other,
    )  # fmt: skip


def bit_of_everything() -> Scenario:
    """County and city depot, agreed stock, two lots, substitutes, a hired truck, a rest part, a closure, two sites.

    Nodes: D 0, A 1, B 2, C 3 on a line of 10 km each, K (city) at 4, 30 km beyond C, and a shelter S at 5, 5 km off A.
    The road B–C is closed from minute 60 to 180.
    """
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10), (3, 4, 30), (1, 5, 5)])
    sites = {
        "D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "C": ("place", 3), "K": ("depot", 4),
        "S": ("shelter", 5),
    }  # fmt: skip
    tables = {
        "shelters": [{"shelter": "S", "name": "小学", "place": "A", "capacity": 500}],
        "depots": [
            {"depot": "D", "name": "县库", "tier": "county", "docks": 2, "approval_min": 35.0},
            {"depot": "K", "name": "市库", "tier": "city", "docks": 1},
        ],
        "items": [QUILT, BLANKET, TENT],
        "stock": [
            {"depot": "D", "item": "quilt", "lot": "Q1", "quantity": 150, "expiry": "2027-01-01"},
            {"depot": "D", "item": "quilt", "lot": "Q2", "quantity": 260, "expiry": "2029-01-01"},
            {"depot": "D", "item": "quilt", "lot": "Q0", "quantity": 500, "expiry": "2026-07-01"},
            {"depot": "D", "item": "blanket", "lot": "B1", "quantity": 60, "mode": "agreement",
             "lead_time_min": 60.0, "release_per_h": 120.0},
            {"depot": "D", "item": "tent", "lot": "T1", "quantity": 20},
            {"depot": "K", "item": "tent", "lot": "T2", "quantity": 50},
            {"depot": "K", "item": "quilt", "lot": "QK", "quantity": 400},
        ],
        "vehicles": [
            vehicle("V1"), vehicle("V2", turnout_min=20.0), vehicle("V3", "A", mode="agreement"), vehicle("V4", "K"),
        ],
    }  # fmt: skip
    needs = [
        tiny.need("A/q", "A", "quilt", 120, 120.0, site="S", substitutes="blanket"),
        tiny.need("A/t", "A", "tent", 8, 120.0, site="S"),
        tiny.need("B/q", "B", "quilt", 150, 150.0, substitutes="blanket", weight=300.0),
        tiny.need("B/t", "B", "tent", 10, 150.0, weight=300.0),
        tiny.need("B/b", "B", "blanket", 40, 150.0, weight=300.0),
        tiny.need("C/q", "C", "quilt", 80, 80.0, release_ms=45 * MINUTE),
        tiny.need("C/t", "C", "tent", 12, 80.0, release_ms=45 * MINUTE),
        tiny.need("A/r", "A", "quilt", 60, 120.0, site="S", part="rest"),
    ]
    hazard = tiny.disruption([
        tiny.closure(f"r23:{way}", 3600, 10800) for way in ("2-3", "3-2")
    ])  # fmt: skip
    return tiny.one_depot(
        hazard, roads=roads, sites=sites, tables=tables, needs=needs, tier_request_ms={"city": 10 * MINUTE}
    )


def random_worlds() -> st.SearchStrategy[Scenario]:
    """Random worlds, by seed."""
    return st.integers(0, 2**20).map(random_world)


def random_world(seed: int) -> Scenario:
    """A county of up to five places, three depots and four vehicles on a random small road network that closes."""
    rng = np.random.default_rng(seed)
    n_places, n_depots, n_trucks = int(rng.integers(1, 6)), int(rng.integers(1, 4)), int(rng.integers(0, 5))
    n = n_places + n_depots + 1
    links = [(int(rng.integers(0, k)), k, float(rng.integers(1, 40))) for k in range(1, n)]
    links += [(int(a), int(b), float(rng.integers(1, 40))) for a, b in rng.integers(0, n, (3, 2)) if a < b]
    links = list({(a, b): (a, b, km) for a, b, km in links}.values())
    places = [f"P{k}" for k in range(n_places)]
    depots = [f"D{k}" for k in range(n_depots)]
    sites = {d: ("depot", k) for k, d in enumerate(depots)}
    sites |= {p: ("place", n_depots + k) for k, p in enumerate(places)}
    tiers = ["county", "township", "city", "province"]
    tables: dict[str, Any] = {
        "places": [{"place": p, "name": f"{p}村", "kind": "village", "population": 100} for p in places],
        "depots": [
            {"depot": d, "name": d, "docks": int(rng.integers(1, 3)),
             "tier": "county" if k == 0 else tiers[int(rng.integers(0, 4))],
             "readiness": ["ready", "standby", "standby", "closed"][int(rng.integers(0, 4)) if k else 0],
             "open_min": [np.nan, 50.0][int(rng.integers(0, 2))],
             "approval_min": [np.nan, 20.0, 70.0][int(rng.integers(0, 3))]}
            for k, d in enumerate(depots)
        ],
        "items": [QUILT, BLANKET, TENT],
        "stock": [_random_lot(rng, d, item, k) for d in depots for item in ("quilt", "blanket", "tent")
                  for k in range(int(rng.integers(0, 3)))],
        "vehicles": [
            vehicle(f"V{k}", [*depots, *places][int(rng.integers(0, n_depots + n_places))],
                    payload_kg=float(rng.choice([800.0, 2000.0, 5000.0])),
                    volume_m3=float(rng.choice([6.0, 15.0, 38.0])),
                    mode=["own", "own", "agreement"][int(rng.integers(0, 3))],
                    turnout_min=[np.nan, 15.0][int(rng.integers(0, 2))])
            for k in range(n_trucks)
        ],
    }  # fmt: skip
    needs = []
    for p in places:
        people = float(rng.integers(10, 300))
        site = p if rng.random() < 0.7 else places[int(rng.integers(0, n_places))]
        for item, part in (("quilt", "first_batch"), ("tent", "first_batch"), ("quilt", "rest")):
            if rng.random() < 0.7:
                needs.append(tiny.need(
                    f"{p}/{item}/{part}", p, item, int(rng.integers(1, 400 if item == "quilt" else 40)), people,
                    site=site, part=part, weight=people * float(rng.integers(1, 3)),
                    substitutes="blanket" if item == "quilt" and rng.random() < 0.6 else "",
                    release_ms=int(rng.choice([0, 0, 90 * MINUTE])),
                ))  # fmt: skip
    hazard = []
    network = tiny.network(links)
    for edge in rng.choice(network.edge_id, size=min(3, len(network.edge_id)), replace=False):
        start = float(rng.integers(0, 20_000))
        length = float(rng.choice([3600.0, 14_400.0, np.inf]))
        hazard.append(tiny.closure(str(edge), start, start + length))
    return tiny.scenario(
        tiny.network(links), sites, needs, tiny.disruption(hazard), tables,
        tier_request_ms={"city": 15 * MINUTE, "province": HOUR},
        horizon_ms=int(rng.choice([5, 12, 24])) * HOUR,
        drive_limit_ms=int(rng.choice([60, 240])) * MINUTE,
    )  # fmt: skip


def _random_lot(rng: np.random.Generator, depot: str, item: str, k: int) -> dict[str, Any]:
    mode = ["physical", "physical", "agreement", "capacity"][int(rng.integers(0, 4))]
    return {
        "depot": depot, "item": item, "lot": f"{item}{k}", "mode": mode,
        "quantity": int(rng.integers(0, 400 if item != "tent" else 40)),
        "expiry": ["", "2026-07-20", "2026-07-21", "2030-01-01"][int(rng.integers(0, 4))],
        "lead_time_min": np.nan if mode == "physical" else float(rng.integers(0, 200)),
        "release_per_h": np.nan if mode == "physical" or rng.random() < 0.5 else float(rng.integers(5, 200)),
    }  # fmt: skip
