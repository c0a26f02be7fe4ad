"""A county on one road, worked out by hand: 60 km/h, so that a kilometre is a minute.

``0 -10- 1 -20- 2 =10= 3 -30- 4 -10- 5``; ``=`` is a bridge. A depot stands at 0; candidates at 2, 3 and 5.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dispatch.county.county import County
from dispatch.planning.siting_ground import Ground, candidate_points, lay_ground
from dispatch.roads.network import RoadNetwork
from tests import tiny

PEOPLE = (100, 100, 100, 300, 200, 50)


def roads() -> RoadNetwork:
    network = tiny.network([(0, 1, 10), (1, 2, 20), (2, 3, 10), (3, 4, 30), (4, 5, 10)])
    ends = {2, 3}
    bridge = np.array([{int(a), int(b)} == ends for a, b in
                       zip(network.graph.tail, network.graph.head, strict=True)])  # fmt: skip
    return replace(network, bridge=bridge)


def at(node: int) -> dict[str, float]:
    return {"lon": 112.0 + 0.01 * node, "lat": 35.5}


def county(**more: list[dict[str, object]]) -> County:
    tables: dict[str, list[dict[str, object]]] = {
        "places": [
            {"place": "T", "name": "东镇", "kind": "township"},
            {"place": "U", "name": "西镇", "kind": "township"},
            *(
                {
                    "place": f"v{k}",
                    "name": f"村{k}",
                    "kind": "village",
                    "parent": "T" if k < 3 else "U",
                    "population": people,
                    **at(k),
                }
                for k, people in enumerate(PEOPLE)
            ),
        ],
        "depots": [
            {"depot": "D", "name": "县库", "tier": "county", "place": "v0", "docks": 1, "readiness": "ready", **at(0)}
        ],
        "candidates": [
            {
                "candidate": f"C{k}",
                "name": f"候选{k}",
                "kind": "depot",
                "place": f"v{k}",
                "opening_cost": 1000.0 * k,
                **at(k),
            }
            for k in (2, 3, 5)
        ],
    }
    return tiny.county(**{**tables, **more})


def ground(one: County | None = None) -> Ground:
    one = one or county()
    return lay_ground(one, roads(), tiny.TRUCK, candidate_points(one), limit_m=2000, walk_kmh=3)
