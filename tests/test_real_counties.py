"""The whole chain on real road networks: a pack from OSM tags, declared depots, a flood, a plan, nights, a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dispatch import check, load_scenario, plan_relief, save_results, simulate, write_county
from dispatch.roads.settlements import county_from_osm
from tests.shared import shared_path

COUNTIES = {
    # name: file, zone, box of a flood drawn across the main valley (west, south, east, north)
    "Andorra": ("data/roads_andorra/andorra-20250118.osm.pbf", "Europe/Andorra", (1.48, 42.44, 1.53, 42.52)),
    "Liechtenstein": (
        "data/roads_liechtenstein/liechtenstein-20210504.osm.pbf", "Europe/Vaduz", (9.50, 47.12, 9.54, 47.20),
    ),
}  # fmt: skip


def write_flood(folder: Path, box: tuple[float, float, float, float]) -> None:
    """One rectangle of water, 0.4 m for three hours: cars stop, trucks are slowed."""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    water = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"cause": "flash_flood", "start": "+0:00", "end": "+3:00", "depth_m": 0.4, "people_share": 0.2},
    }
    (folder / "flood.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [water]}))


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTIES)
def test_a_county_from_osm_runs_end_to_end(name, tmp_path):
    file, zone, box = COUNTIES[name]
    osm = shared_path(file)
    county, _ = county_from_osm(osm, code="000000", name_zh=name, name_en=name, zone=zone, declare_depots=True)
    write_county(county, tmp_path / "pack", lang="en")
    write_flood(tmp_path, box)
    preset = county.table("first_batch")["preset"].iloc[0]
    (tmp_path / "flood.toml").write_text(f"""
name = "{name}"
county = "pack"
roads = {json.dumps(str(osm))}
reference_time = "2026-07-20T09:00:00"
order_received = "+0:30"
seed = 7
demand.rule = {{ share_relocated = 0.5, share_sheltered = 0.4 }}
hazards.footprints = ["flood.geojson"]
first_batch.preset = "{preset}"
""")
    scenario = load_scenario(tmp_path / "flood.toml")
    assert len(scenario.disruption.edges) > 0
    assert scenario.needs["place"].nunique() >= 5
    plan = plan_relief(scenario, seconds=1)
    assert check(plan, scenario) == []
    assert len(plan.trips) > 0
    nights = simulate(scenario, plan, replications=5)
    assert nights.replications == 5
    files, _ = save_results(scenario, plan, nights, tmp_path, lang="en", command="test")
    page = files[0].read_text(encoding="utf-8")
    assert "OpenStreetMap" in page
    assert len(page) < 10_000_000
