"""Plans worked out by hand on the roads of ``tests.tiny``."""

from __future__ import annotations

from typing import Any

from dispatch.planning.plan import (
    LOAD_COLUMNS,
    PATH_COLUMNS,
    STOP_COLUMNS,
    TRIP_COLUMNS,
    UNMET_COLUMNS,
    Plan,
)
from dispatch.scenario import Scenario
from tests import tiny

MINUTE = 60_000


def minutes(**times: float) -> dict[str, int]:
    """Times in ms."""
    return {f"{name}_ms": round(value * MINUTE) for name, value in times.items()}


def one_truck(**other: Any) -> tuple[Scenario, Plan]:
    """One truck takes 100 quilts to each of A, B, C, 10 km and 10 minutes apart, and comes back.

    Call-up 30 min; 300 quilts are 18 % of a reference truck, so the floor of 20 % counts: loading 8 min (to 38);
    convoy 10 (to 48); A at 58, unloading 20 % of 30 = 6 min; B at 74; C at 90, done at 96; home at 126.
    """
    scenario = tiny.one_depot(**other)
    trip = {
        "trip": "T1", "vehicle": "V1", "sequence": 1, "depot": "D", "dock": 1, "start_site": "D", "to_depot_path": "",
        "return_site": "D", "return_path": "P4",
        **minutes(start=30, at_depot=30, load_start=30, load_end=38, depart=48, **{"return": 126}),
    }  # fmt: skip
    stops = [
        {"trip": "T1", "stop": k + 1, "site": site, "path": f"P{k + 1}",
         **minutes(leave=leave, arrive=leave + 10, unload_start=leave + 10, unload_end=leave + 16)}
        for k, (site, leave) in enumerate([("A", 48), ("B", 64), ("C", 80)])
    ]  # fmt: skip
    loads = [{"trip": "T1", "stop": k + 1, "need": f"N{site}", "item": "quilt", "lot": "L1", "quantity": 100}
             for k, site in enumerate("ABC")]  # fmt: skip
    roads = [("P1", "D", "A", ("r01:0-1",)), ("P2", "A", "B", ("r12:1-2",)), ("P3", "B", "C", ("r23:2-3",)),
             ("P4", "C", "D", ("r23:3-2", "r12:2-1", "r01:1-0"))]  # fmt: skip
    paths = [{"path": path, "from_site": a, "to_site": b, "vehicle_class": "truck_5t", "edges": edges,
              "length_m": 10_000.0 * len(edges)} for path, a, b, edges in roads]  # fmt: skip
    plan = Plan(
        tiny.frame(TRIP_COLUMNS, [trip]),
        tiny.frame(STOP_COLUMNS, stops),
        tiny.frame(LOAD_COLUMNS, loads),
        tiny.frame(PATH_COLUMNS, paths),
        tiny.frame(UNMET_COLUMNS, []),
        meta={"planner": "by hand"},
    )
    return scenario, plan
