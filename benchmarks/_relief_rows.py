"""Our plan beside the baseline planner, nearest first and a distance plan, by all five levels of the objective."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks._relief_counties import generated_county
from benchmarks._relief_peers import ortools_search, pyvrp_search
from benchmarks.harness import Row
from dispatch.planning.check import check
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_nearest_first, plan_relief, plan_with
from dispatch.scenario import Scenario
from dispatch.scenario_file import load_scenario

__all__ = ["SCENARIOS", "scenario_rows"]

PEERS = ("nearest first", "OR-Tools, same timetable", "PyVRP, distance plan re-timed")

_MANY = 700
"""Consignments (about as many as places) above which OR-Tools' model of them does not fit into memory and time."""

_UNIT = {
    "people_served_by_deadline": ("people", 1.0),
    "t_all_ms": ("h", 3.6e6),
    "weighted_first_batch_ms": ("person-h", 3.6e6),
    "weighted_rest_ms": ("person-h", 3.6e6),
    "vehicle_km": ("km", 1.0),
}


def _made(places: int) -> Callable[[Path], Scenario]:
    return lambda material: generated_county(places, 1, material)


def _andorra(material: Path) -> Scenario:
    """Andorra's own settlements, depots by norm, and water across the main valley for three hours."""
    from dispatch import write_county
    from dispatch.roads.settlements import county_from_osm

    osm = material / "roads_andorra" / "andorra-20250118.osm.pbf"
    county, _ = county_from_osm(
        osm, code="000000", name_zh="Andorra", name_en="Andorra", zone="Europe/Andorra", declare_depots=True
    )
    ring = [[1.48, 42.44], [1.53, 42.44], [1.53, 42.52], [1.48, 42.52], [1.48, 42.44]]
    water = {
        "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"cause": "flash_flood", "start": "+0:00", "end": "+3:00", "depth_m": 0.4, "people_share": 0.2},
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        write_county(county, Path(folder) / "pack", lang="en")
        (Path(folder) / "flood.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [water]}))
        (Path(folder) / "flood.toml").write_text(f"""
name = "Andorra"
county = "pack"
roads = {json.dumps(str(osm))}
reference_time = "2026-07-20T09:00:00"
order_received = "+0:30"
seed = 7
demand.rule = {{ share_relocated = 0.5, share_sheltered = 0.4 }}
hazards.footprints = ["flood.geojson"]
first_batch.preset = "{county.table("first_batch")["preset"].iloc[0]}"
""")
        return load_scenario(Path(folder) / "flood.toml")


SCENARIOS: dict[str, tuple[str, Callable[[Path], Scenario]]] = {
    "qinshui_flood": ("Qinshui, flash flood", lambda _: load_scenario("qinshui/flash_flood")),
    "qinshui_fire": ("Qinshui, forest fire", lambda _: load_scenario("qinshui/forest_fire")),
    "andorra": ("Andorra, flood", _andorra),
    "made_20": ("made, 20 places", _made(20)),
    "made_60": ("made, 60 places", _made(60)),
    "made_200": ("made, 200 places", _made(200)),
    "made_1000": ("made, 1000 places", _made(1000)),
}


def scenario_rows(name: str, bench: Path, seconds: float) -> Iterator[Row]:
    """Rows of one scenario: every level beside every peer, which has as long on the clock as all of ours took."""
    case, make = SCENARIOS[name]
    if name != "qinshui_flood" and name != "qinshui_fire" and not (bench.parent / "data" / "roads_andorra").is_dir():
        yield Row(case, "levels", "", 0.0, note="not run: no roads_andorra beside the instances")
        return
    scenario = make(bench.parent / "data")
    begun = time.monotonic()
    ours = plan_relief(scenario, seconds=seconds)
    took = time.monotonic() - begun
    faults = [violation.code for violation in check(ours, scenario)]
    peers: list[Callable[[], Plan | None]] = [
        lambda: plan_nearest_first(scenario),
        lambda: (
            plan_with(scenario, ortools_search(took), "or-tools") if scenario.needs["place"].nunique() < _MANY else None
        ),
        lambda: plan_with(scenario, pyvrp_search(took), "pyvrp"),
    ]
    for peer, plan in zip(PEERS, peers, strict=True):
        theirs = plan()
        if theirs is not None and check(theirs, scenario):
            theirs = None
        for k, level in enumerate(ours.objective.to_dict("records")):
            unit, scale = _UNIT[level["measure"]]
            bound = float(level["bound"]) / scale
            value = float(level["value"]) / scale
            other = None if theirs is None else float(theirs.objective["value"].iloc[k]) / scale
            ratio = None
            if other is not None and min(value, other) > 0:
                ratio = value / other if level["sense"] == "max" else other / value
            yield Row(
                case, level["measure"].removesuffix("_ms"), unit, value, other, peer, ratio,
                None if bound != bound else bound, None if bound != bound else float(level["gap"]), not faults,
                "; ".join([level["status"], *faults]) if theirs is not None else f"{peer}: not run",
            )  # fmt: skip
