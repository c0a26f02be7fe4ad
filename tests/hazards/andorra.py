"""Andorra as a county pack made of its map and its real heights, and scenarios of every hazard over it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from dispatch.county.write import write_county
from dispatch.roads.settlements import county_from_osm
from tests.shared import shared_path

HEAD = """
name = "andorra-{name}"
county = "pack"
roads = {roads}
reference_time = "2026-07-20T20:00:00"
order_received = "+1:00"
horizon_h = 24
seed = 7
first_batch.preset = "{preset}"
demand.rule = {{ share_relocated = {share}, share_sheltered = {share} }}
"""
VALLEY = "POLYGON ((1.55 42.52, 1.62 42.52, 1.62 42.57, 1.55 42.57, 1.55 42.52))"

HAZARDS = {
    "flash_flood": """
[hazards.flash_flood]
terrain = {terrain}
depth_mm = 160
duration_h = 5
land = "grass_fair"
soil = "d"
condition = "wet"
stream_km2 = 2
hours = 14
rain_factor = [1.0, 1.0, 1.0]
""",
    "dam_breach": """
[hazards.dam_breach]
terrain = {terrain}
dam = "fictional"
at = [1.558, 42.555]
storage_m3 = 1500000
height_m = 22
start = "+0:20"
hours = 8
""",
    "levee_breach": """
[hazards.levee_breach]
terrain = {terrain}
at = [1.505, 42.487]
inflow = [[0, 0], [20, 220], [120, 180], [240, 0]]
width_m = 90
reach_km = 2
cell_m = 60
hours = 6
""",
    "waterlogging": """
[hazards.waterlogging]
terrain = {terrain}
box = [1.49, 42.49, 1.55, 42.52]
cell_m = 60
depth_mm = 110
duration_h = 2
land = "town"
soil = "c"
rain_factor = [1.0, 1.0, 1.0]
hours = 5
""",
    "fire": """
[hazards.fire]
fuel = "pine"
terrain = {terrain}
hours = 6
reach_km = 6
cell_m = 60
detection = true
ignitions = [{{ lon = 1.515, lat = 42.53, time = "+0:00" }}]
weather = [{{ time = "+0:00", wind_m_s = 12, wind_from_deg = 225, temperature_c = 30, humidity_pct = 18 }}]
""",
    "geohazard": """
[hazards.geohazard]
depth_mm = 180
duration_h = 9
antecedent_mm = [30, 20]
hours = 24
""",
    "earthquake": """
[hazards.earthquake]
magnitude = 5.9
epicentre = [1.55, 42.53]
axis_deg = 110
region = "cornell_1979"
building = "URML_low"
terrain = {terrain}
[hazards.outage]
from_hazard = true
""",
    "snow": """
[hazards.snow]
snow_mm = 30
fall_h = 10
hours = 26
terrain = {terrain}
snow_line_m = 1200
ploughs = [{{ at = [1.52, 42.51], start = "+0:00", speed_kmh = 20 }}, {{ at = [1.73, 42.54], start = "+1:00" }}]
""",
}
"""Tables of the scenarios. The reservoir and the levee are fictional."""


@cache
def osm() -> Path:
    """Its map."""
    return shared_path("data/roads_andorra/andorra-20250118.osm.pbf")


def write_pack(folder: Path) -> str:
    """Write the pack, with danger points of its own on mountain roads; the preset of the first batch."""
    county, _ = county_from_osm(osm(), code="000000", name_zh="Andorra", name_en="Andorra", zone="Europe/Andorra",
                                declare_depots=True)  # fmt: skip
    places = county.table("places")
    villages = places[(places["kind"] == "village") & places["lon"].notna()].head(40)
    points = county.table("hazard_points").reindex(range(len(villages)))
    text = [name for name in points if points[name].dtype == "str"]
    points[text] = ""
    points = points.assign(
        hazard_point=[f"P{k}" for k in range(len(villages))], name="P", kind="slide",
        place=villages["place"].to_numpy(),
        lon=villages["lon"].to_numpy(), lat=villages["lat"].to_numpy(), people_threatened=20.0, rain_threshold_mm=70.0,
    )  # fmt: skip
    zones = county.table("risk_zones")
    row = {name: "" if zones[name].dtype == "str" else float("nan") for name in zones}
    row |= {"risk_zone": "Z1", "name": "Z1", "kind": "geohazard", "geometry": VALLEY}
    more = {"hazard_points": points, "risk_zones": pd.DataFrame([row])[list(zones.columns)].astype(dict(zones.dtypes))}
    write_county(replace(county, tables={**county.tables, **more}), folder / "pack", lang="en")
    return str(county.table("first_batch")["preset"].iloc[0])


def write_scenario(folder: Path, hazard: str, preset: str) -> Path:
    """One TOML file with one hazard, beside the pack."""
    terrain = json.dumps(str(shared_path("data/roads_andorra/N42E001.hgt.zip")))
    head = HEAD.format(name=hazard, roads=json.dumps(str(osm())), preset=preset, share=0.3)
    path = folder / f"{hazard}.toml"
    path.write_text(head + HAZARDS[hazard].format(terrain=terrain), encoding="utf-8")
    return path
