"""Small worlds for the air: the last village is cut off by road; a helicopter and drones stand at the county's pad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.air_order import AirOrder, AirRequest
from dispatch.clock import HOUR_MS
from dispatch.hazards.disruption import AREA_COLUMNS
from dispatch.norms.response import Response, response_figures
from dispatch.scenario import Scenario
from tests import tiny

MORNING = datetime(2026, 7, 20, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
NEVER_S = 10.0**9
HELICOPTER = {"aircraft": "H1", "name": "甲机", "base": "P1", "type": "H125", "payload_kg": 900.0, "bucket_l": 900.0,
              "cruise_kmh": 216.0, "endurance_min": 200.0, "turnout_min": 30.0, "max_wind_ms": 15.0}  # fmt: skip
"""60 m/s in still air."""
DRONE = {"drone": "U1", "name": "一号", "base": "P1", "type": "vtol_fixed_wing", "payloads": "video;communications",
         "payload_kg": 10.0, "cruise_kmh": 72.0, "endurance_min": 300.0, "range_km": 80.0, "prepare_min": 15.0,
         "max_wind_ms": 14.0}  # fmt: skip
FACILITIES: list[dict[str, Any]] = [
    {"facility": "P1", "name": "起降点一", "kind": "helipad", "lon": 112.0, "lat": 35.6},
    {"facility": "P2", "name": "起降点二", "kind": "helipad", "lon": 112.3, "lat": 35.5},
    {"facility": "W1", "name": "水库", "kind": "water_point", "lon": 112.28, "lat": 35.5, "depth_m": 5.0},
    {"facility": "W2", "name": "浅滩", "kind": "water_point", "lon": 112.25, "lat": 35.5, "depth_m": 1.0},
    {"facility": "M1", "name": "医院", "kind": "hospital", "lon": 112.0, "lat": 35.52},
]


def request(name: str, kind: str, lon: float = 112.24, lat: float = 35.5, **other: Any) -> AirRequest:
    """A request open for the whole horizon of 24 h, due in 6 h."""
    made: dict[str, Any] = {"place": "", "people": 1 if kind == "medical" else 0, "to": "", "priority": 1, "from_ms": 0,
                            "by_ms": 6 * HOUR_MS, "until_ms": 24 * HOUR_MS}  # fmt: skip
    return AirRequest(name, kind, lon=lon, lat=lat, **{**made, **other})


def air_world(
    *,
    requests: Sequence[AirRequest] = (),
    aircraft: Sequence[dict[str, Any]] = (HELICOPTER,),
    drones: Sequence[dict[str, Any]] = (),
    facilities: Sequence[dict[str, Any]] = FACILITIES,
    order: dict[str, Any] | None = None,
    silent: bool = False,
    closed: bool = True,
    **other: Any,
) -> Scenario:
    """One depot and three villages on a road whose last stretch is closed for good; C, at its end, asks 100 quilts."""
    hazard = tiny.disruption(
        [tiny.closure("r23:2-3", 0.0, NEVER_S), tiny.closure("r23:3-2", 0.0, NEVER_S)] if closed else []
    )
    if silent:
        rows = [
            {"place": "C", "medium": "network", "start_s": 0.0, "end_s": 20 * 3600.0, "cause": "flood", "group": ""}
        ]
        hazard = replace(hazard, areas=tiny.frame(AREA_COLUMNS, rows))
    made = tiny.one_depot(hazard, tables={
        "facilities": list(facilities), "aircraft": list(aircraft), "drones": list(drones),
        "places": [{"place": p, "name": f"{p}村", "kind": "village", "population": 100, "lon": 112.01 + 0.01 * k,
                    "lat": 35.5} for k, p in enumerate("ABC")],
    }, **other)  # fmt: skip
    figures = {name: of for name, of in response_figures("day").items() if name.startswith(("air.", "news."))}
    sections = frozenset({"air", "news"} if silent else {"air"})
    kept = {name: of for name, of in figures.items() if name.split(".")[0] in sections}
    air = AirOrder(**{"weather_ms": 0, "wind_ms": (0.0,), "visibility_km": (20.0,), "requests": tuple(requests),
                      "elevation_m": 800.0, **(order or {})})  # fmt: skip
    return replace(made, air=air, response=Response(sections, kept), reference_time=MORNING)
