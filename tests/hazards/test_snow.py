"""Snow on roads: deeper never opens a road, steep streets shut to trucks first, ploughs reopen them in order."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from dispatch.clock import HOUR_MS
from dispatch.hazards.ground_spec import Snow
from dispatch.hazards.snow import snow
from dispatch.hazards.timed import timed_edges
from models.traversal import traverse_path
from tests import tiny
from tests.hazards import worlds
from tests.qinshui import PACK, county

NIGHT = Snow(snow_mm=12.0, fall_h=6.0, hours=18.0)
PLOUGH = {"at": (112.0, 35.5), "start": 2 * 3600.0, "speed_kmh": 15.0}


@cache
def roads():
    from dispatch.roads.read import read_network

    return read_network(PACK / "roads.osm")


def hill(path, rise: float):
    """Land that rises to the east."""
    import rasterio
    from rasterio.transform import from_bounds

    side = 0.001 * np.pi / 180 * 6_371_009 * np.cos(np.radians(35.5))
    heights = np.tile(np.arange(80)[None, :] * side * rise, (40, 1)).astype("float32")
    with rasterio.open(path, "w", driver="GTiff", height=40, width=80, count=1, dtype="float32", crs="EPSG:4326",
                       transform=from_bounds(111.98, 35.48, 112.06, 35.52, 80, 40)) as file:  # fmt: skip
        file.write(heights[None])
    return path


def permille_at(disruption, network, vehicle_class: str, hour: float) -> np.ndarray:
    """Speed left on every edge at an hour."""
    free = np.full(network.graph.m, 60_000, dtype=np.int64)
    timed = timed_edges(network, free, vehicle_class, 0.5, disruption)
    left = np.full(network.graph.m, 1000, dtype=np.int64)
    at = hour * HOUR_MS
    for e in range(network.graph.m):
        for k in range(timed.first[e], timed.first[e + 1]):
            if timed.start_ms[k] <= at < timed.end_ms[k]:
                left[e] = timed.permille[k]
    return left


def test_deeper_snow_never_opens_or_speeds_up_a_road():
    some, network = county(), roads()
    last = {}
    for mm in (3.0, 8.0, 20.0, 40.0):
        made = snow(replace(NIGHT, snow_mm=mm, terrain=PACK / "terrain.tif",
                            ploughs=(PLOUGH | {"at": (112.19, 35.69)},) * 2)).over(network, some)  # fmt: skip
        for name in ("truck_5t", "car"):
            for hour in (2.0, 6.0, 12.0):
                left = permille_at(made, network, name, hour)
                assert (left <= last.get((name, hour), 1000)).all()
                last[name, hour] = left
    assert (last["truck_5t", 6.0] == 0).any()


def test_the_steep_road_shuts_to_trucks_before_cars_on_better_tyres(tmp_path):
    # secondary road: 8 % at most; grip of deep snow 0.22 × 0.65 - 0.03 = 11.3 % carries a truck, of ice 4.8 % does not
    network, some = worlds.line(), tiny.one_depot().county
    steep, gentle = (hill(tmp_path / f"{rise}.tif", rise) for rise in (0.07, 0.03))
    for terrain, ice, wanted in ((steep, False, False), (steep, True, True), (gentle, True, False)):
        made = snow(replace(NIGHT, terrain=terrain, ice=ice)).over(network, some)
        shut = made.edges[(made.edges["vehicle_class"] == "truck_5t") & (made.edges["speed_permille"] == 0)]
        assert bool(len(shut)) is wanted


def test_chains_keep_the_fire_engine_moving(tmp_path):
    steep = hill(tmp_path / "steep.tif", 0.07)
    some = tiny.county(vehicles=[
        {"vehicle": "F", "base": "D", "class": "fire_engine", "payload_kg": 1, "volume_m3": 1},
        {"vehicle": "L", "base": "D", "class": "light_truck", "payload_kg": 1, "volume_m3": 1},
    ])  # fmt: skip
    made = snow(replace(NIGHT, terrain=steep, ice=True)).over(worlds.line(), some)
    shut = set(made.edges.loc[made.edges["speed_permille"] == 0, "vehicle_class"])
    assert "light_truck" in shut
    assert "fire_engine" not in shut


def test_ploughs_reopen_roads_in_their_order():
    network = worlds.line(name={"r01": "A", "r12": "B", "r23": "C"})
    # 1 km at 15 km/h: 4 min each, first the road named first; way between middles 900 m at 30 km/h
    blocked = replace(
        NIGHT, snow_mm=60.0, hours=12.0, ploughs=(PLOUGH | {"start": 8 * 3600.0},), plough_first=("C", "B")
    )
    model = snow(blocked)
    table = model.ploughed(network)
    assert table["name"].tolist() == ["C", "B", "A"]
    assert table["done_s"].is_monotonic_increasing
    assert table["done_s"].diff().iloc[1] == pytest.approx(240 + 905 / 30 * 3.6, rel=0.01)
    made = model.over(network, tiny.one_depot().county)
    assert (permille_at(made, network, "truck_5t", 7.5) == 0).all()
    assert (permille_at(made, network, "truck_5t", 10.5) == 1000).all()  # snowfall is over
    assert (permille_at(snow(replace(blocked, ploughs=())).over(network, tiny.one_depot().county), network,
                        "truck_5t", 10.5) == 0).all()  # fmt: skip


def test_a_truck_waits_for_the_plough():
    network = worlds.line()
    model = snow(replace(NIGHT, snow_mm=60.0, ploughs=(PLOUGH | {"start": 8 * 3600.0},)))
    done = model.ploughed(network).set_index("edge")["done_s"]
    made = model.over(network, tiny.one_depot().county)
    free = np.full(network.graph.m, 60_000, dtype=np.int64)
    timed = timed_edges(network, free, "truck_5t", 0.5, made)
    e = network.edge_index["r01:0-1"]
    left = int(traverse_path(timed, np.array([e]), 7 * HOUR_MS)[1][0])
    assert left >= done["r01:0-1"] * 1000  # not before the plough has been
    assert left <= (done["r01:0-1"] + 3600 + 60) * 1000  # steps of an hour


def test_below_the_snow_line_it_rains(tmp_path):
    terrain = hill(tmp_path / "hill.tif", 0.1)  # 0 to 700 m from west to east
    network = worlds.line()
    made = snow(replace(NIGHT, terrain=terrain, snow_line_m=400.0)).over(network, tiny.one_depot().county)
    hit = {edge.split(":")[0] for edge in made.edges["edge"]}
    assert "r23" in hit
    assert "r01" not in hit


def test_tunnels_stay_dry():
    network = worlds.line(tunnel={"r12": True})
    made = snow(NIGHT).over(network, tiny.one_depot().county)
    assert {edge.split(":")[0] for edge in made.edges["edge"]} == {"r01", "r23"}


def test_nights_bring_more_or_less_snow_than_forecast():
    made = snow(replace(NIGHT, snow_factor=(0.3, 1.0, 2.5), outcomes=3)).over(worlds.line(), tiny.one_depot().county)
    worst = set()
    for seed in range(30):
        edges = made.sample(np.random.default_rng(seed)).edges
        felt = edges[edges["end_s"] > edges["start_s"]]
        worst.add(float(felt["speed_permille"].min()))
    assert len(worst) >= 2


def test_travellers_are_stranded_where_a_road_is_shut_for_hours(tmp_path):
    # a blocked secondary road: 30 vehicles an hour × half an hour × 2 people = 30 people, once for the road
    network = worlds.line(ref={"r01": "X1", "r12": "X1", "r23": "X1"})
    some = tiny.county(places=[{"place": "T", "name": "T", "kind": "township", "parent": "", "lon": 112.0, "lat": 35.5,
                                "population": 1000}])  # fmt: skip
    table = snow(replace(NIGHT, snow_mm=60.0)).stranded(network, some)
    assert table["place"].tolist() == ["T"]
    assert table["people"].tolist() == [30.0]
    assert snow(replace(NIGHT, snow_mm=2.0)).stranded(network, some).empty
