"""Given hazards on roads, places and areas: hand-worked cases on a line of three roads, and an independent recount."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.hazards.closed_roads import ClosedRoad
from dispatch.hazards.disruption import AREA_COLUMNS, EDGE_COLUMNS, GROUP_COLUMNS, PLACE_COLUMNS, Disruption
from dispatch.hazards.effect import Effect
from dispatch.hazards.footprints import Footprint, read_footprints
from dispatch.hazards.overlay import TOUCH_M, disrupt
from dispatch.hazards.timed import timed_edges
from dispatch.roads.network import RoadNetwork
from dispatch.roads.profiles import travel_ms
from models.earliest_arrival import earliest_arrival
from models.traversal import NEVER
from tests import tiny
from tests.hazards.worlds import box, geojson, line

VILLAGES = [
    {"place": "T", "name": "镇", "kind": "township", "lon": 112.005, "lat": 35.5, "population": 300},
    {"place": "A", "name": "甲", "kind": "village", "parent": "T", "lon": 112.005, "lat": 35.5, "population": 100},
    {"place": "B", "name": "乙", "kind": "village", "parent": "T", "lon": 112.025, "lat": 35.5, "population": 200},
    {"place": "U", "name": "独镇", "kind": "township", "lon": 112.006, "lat": 35.5, "population": 50},
]
COUNTY = tiny.county(places=VILLAGES)


def _area(west: float, east: float, effect: Effect, **other: Any) -> Footprint:
    """Footprint across the line of roads."""
    return Footprint("f", shapely.box(west, 35.49, east, 35.51), effect, **other)


def _closed(cause: str = "other", **other: Any) -> Effect:
    return Effect(0.0, math.inf, 0.0, speed_permille=0.0, cause=cause, **other)


def _water(depth_m: float, cause: str = "flood") -> Effect:
    return Effect(0.0, math.inf, 0.0, depth_m=depth_m, cause=cause)


def _slow(permille: float) -> Effect:
    return Effect(0.0, math.inf, 0.0, speed_permille=permille, cause="snow_ice")


def _disrupt(
    *footprints: Footprint, network: RoadNetwork | None = None, closed: Sequence[ClosedRoad] = ()
) -> Disruption:
    """Disruption of footprints on the line; no problem may arise."""
    made, problems = disrupt(line() if network is None else network, COUNTY, footprints, closed)
    assert problems == []
    return made


def test_both_directions_of_the_roads_inside_and_no_others() -> None:
    edges = _disrupt(_area(112.012, 112.018, _closed())).edges
    assert set(edges["edge"]) == {"r12:1-2", "r12:2-1"}


def test_a_road_that_only_touches_is_not_closed() -> None:
    """The area ends exactly at the junction of r01 and r12, or laps over it by less than a metre."""
    metre = 1 / 90_500  # degrees of longitude at 35.5° N
    assert set(_disrupt(_area(112.01, 112.018, _closed())).edges["edge"]) == {"r12:1-2", "r12:2-1"}
    assert set(_disrupt(_area(112.01 - 0.5 * metre, 112.018, _closed())).edges["edge"]) == {"r12:1-2", "r12:2-1"}
    assert len(_disrupt(_area(112.01 - 2 * metre, 112.018, _closed())).edges) == 4


def test_a_road_shorter_than_the_touch_is_closed_when_it_lies_inside() -> None:
    network = line()
    lon = network.shape_lon.copy()
    for e, edge in enumerate(network.edge_id):
        if edge.startswith("r12"):  # drawn 10 cm long
            lon[network.shape_first[e] : network.shape_first[e + 1]] = [112.015, 112.015 + 0.1 / 90_500]
    short = replace(network, shape_lon=lon)
    assert set(_disrupt(_area(112.012, 112.018, _closed()), network=short).edges["edge"]) == {"r12:1-2", "r12:2-1"}


def test_an_area_between_the_nodes_is_not_overlooked() -> None:
    """Neither end of r12 lies in it."""
    assert len(_disrupt(_area(112.0149, 112.0151, _water(1.0))).edges) == 2


@pytest.mark.parametrize(
    ("permille", "west", "east", "expected"),
    [
        (500, 112.0, 112.01, 500),  # the whole of r01 at half speed
        (500, 112.0, 112.005, 667),  # half of it: 0.5 + 0.5 / 0.5 = 1.5 times as long
        (100, 112.0, 112.0025, 308),  # a quarter at a tenth: 0.75 + 2.5 = 3.25 times
    ],
)
def test_a_slowdown_counts_for_the_part_inside(permille: float, west: float, east: float, expected: int) -> None:
    edges = _disrupt(_area(west, east, _slow(permille))).edges
    assert edges.set_index("edge").at["r01:0-1", "speed_permille"] == expected


def test_a_closure_of_a_part_closes_the_whole_road() -> None:
    edges = _disrupt(_area(112.0, 112.001, _closed())).edges
    assert set(edges["speed_permille"]) == {0.0}


@pytest.mark.parametrize(
    ("effect", "told", "expected"),
    [
        (_water(2.0), None, None),  # the deck stands 3 m up (norm table exposure)
        (_water(4.0), None, 1.0),
        (_water(2.0), True, 2.0),
        (_water(4.0), False, None),
        (_water(4.0, "dam_break"), None, None),  # deck rule of 5 m
        (_closed("flood"), None, None),  # water of no known depth stays below the deck
        (_closed("flood"), True, math.nan),
        (_closed("debris_flow"), None, math.nan),  # takes bridges
        (_closed("meteorite"), None, math.nan),  # no rule: nothing is spared
    ],
)
def test_bridges(effect: Effect, told: bool | None, expected: float | None) -> None:
    """``expected``: depth on the bridge r12 (NaN: closed), None if it is spared; the road beside it feels it always."""
    made = _disrupt(_area(112.005, 112.018, effect, bridges=told), network=line(bridge={"r12": True})).edges
    depth = made.set_index("edge")["depth_m"]
    assert {"r01:0-1", "r01:1-0"} <= set(depth.index)
    assert ("r12:1-2" in depth.index) == (expected is not None)
    if expected is not None:
        assert depth["r12:1-2"] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("effect", "told", "hit"),
    [
        (_closed("wildfire"), None, False),
        (_closed("wildfire"), True, True),
        (_closed("slide"), None, False),
        (_water(1.0), None, True),
        (_water(1.0), False, False),
        (_closed("earthquake"), None, True),
    ],
)
def test_tunnels(effect: Effect, told: bool | None, hit: bool) -> None:
    made = _disrupt(_area(112.005, 112.018, effect, tunnels=told), network=line(tunnel={"r12": True})).edges
    assert set(made["edge"]) == {"r01:0-1", "r01:1-0"} | ({"r12:1-2", "r12:2-1"} if hit else set())


def test_columns_times_and_classes_of_the_rows() -> None:
    effect = Effect(
        600.0, 7200.0, 900.0, depth_m=0.3, vehicle_classes=("car", "bus"), cause="flood", group="g", probability=0.5
    )
    made = _disrupt(_area(112.012, 112.018, effect))
    assert {name: str(kind) for name, kind in made.edges.dtypes.items()} == EDGE_COLUMNS
    assert len(made.edges) == 4
    assert set(made.edges["vehicle_class"]) == {"car", "bus"}
    first = made.edges.iloc[0]
    assert tuple(first[["forecast_start_s", "forecast_end_s", "start_s", "end_s", "known_s"]]) == (
        600,
        7200,
        600,
        7200,
        900,
    )
    assert (first["cause"], first["group"], first["depth_m"]) == ("flood", "g", 0.3)
    assert math.isnan(first["speed_permille"])


def test_people_count_where_they_live() -> None:
    """Township T has villages: its people are theirs, so it has no row of its own; U has none and counts itself."""
    made = _disrupt(_area(112.0, 112.01, _water(0.5), people_share=0.4)).places
    assert {name: str(kind) for name, kind in made.dtypes.items()} == PLACE_COLUMNS
    assert dict(zip(made["place"], made["share"], strict=True)) == {"A": 0.4, "U": 0.4}
    assert set(made["depth_m"]) == {0.5}


def test_an_outage_without_effect_on_roads() -> None:
    effect = Effect(0.0, 3600.0, 0.0, cause="flood")
    made = _disrupt(_area(112.0, 112.01, effect, people_share=0.0, outage=("power", "network")))
    assert made.edges.empty
    assert made.places.empty
    assert {name: str(kind) for name, kind in made.areas.dtypes.items()} == AREA_COLUMNS
    assert sorted(zip(made.areas["place"], made.areas["medium"], strict=True)) == [
        ("A", "network"), ("A", "power"), ("U", "network"), ("U", "power")]  # fmt: skip


def test_groups_gather_what_their_rows_say() -> None:
    first = _closed(group="g", probability=0.4)
    second = _closed(group="g", shift_s=(-600.0, 0.0, 1200.0), duration=(0.5, 1.0, 2.0))
    certain = _closed(group="h")
    made = _disrupt(*(_area(112.0, 112.01, effect) for effect in (first, second, certain)))
    assert {name: str(kind) for name, kind in made.groups.dtypes.items()} == GROUP_COLUMNS
    assert made.groups.to_numpy().tolist() == [
        ["g", 0.4, -600, 0, 1200, 0.5, 1, 2],
        ["h", 1.0, 0, 0, 0, 1, 1, 1],
    ]


def test_a_group_that_contradicts_itself_is_an_error() -> None:
    footprint = _area(112.0, 112.01, _closed(group="g", probability=0.4), file="f.geojson", row=1)
    road = ClosedRoad("r", _closed(group="g", probability=0.6), edge=("r12:1-2",), file="c.csv", row=2)
    _, problems = disrupt(line(), COUNTY, [footprint], [road])
    assert [(p.file, p.row, p.column, p.value, p.code) for p in problems] == [
        ("c.csv", 2, "probability", "0.6", "hazards_group_conflict")
    ]


def test_an_area_off_the_map_is_a_warning() -> None:
    """Shifted or mistyped coordinates would otherwise pass as a night on which nothing happens."""
    made, problems = disrupt(line(), COUNTY, [_area(113.0, 113.1, _closed(), file="f.geojson", row=3)], [])
    assert made.edges.empty
    assert [(p.severity, p.file, p.row, p.code) for p in problems] == [
        ("warning", "f.geojson", 3, "hazards_touches_nothing")
    ]


def test_a_place_without_position_is_a_warning_once() -> None:
    county = tiny.county(places=[*VILLAGES, {"place": "X", "name": "无", "kind": "village"}])
    areas = [_area(112.0, 112.01, _closed()), _area(112.0, 112.02, _closed())]
    _, problems = disrupt(line(), county, areas, [])
    assert [(p.severity, p.value, p.code) for p in problems] == [("warning", "无", "hazards_places_without_position")]
    assert disrupt(line(), county, [], [])[1] == []


def test_closed_roads_become_rows_like_footprints() -> None:
    rows = [
        ClosedRoad("a", _closed("slide"), edge=("r01:0-1",)),
        ClosedRoad("b", _water(0.4), edge=("r12:1-2",), one_way=True),
    ]
    made = _disrupt(closed=rows).edges.set_index("edge")
    assert set(made.index) == {"r01:0-1", "r01:1-0", "r12:1-2"}
    assert made.at["r01:1-0", "speed_permille"] == 0
    assert made.at["r12:1-2", "depth_m"] == 0.4


def test_nothing_given_nothing_disrupted() -> None:
    made = _disrupt()
    for table, columns in ((made.edges, EDGE_COLUMNS), (made.places, PLACE_COLUMNS), (made.areas, AREA_COLUMNS),
                           (made.groups, GROUP_COLUMNS)):  # fmt: skip
        assert table.empty
        assert {name: str(kind) for name, kind in table.dtypes.items()} == columns


def test_from_the_file_to_the_truck(tmp_path: Any) -> None:
    """r12 under 0.25 m from minute 10 on: the 5 t truck (0.5 m) at half speed, the car (0.2 m) not at all."""
    path = geojson(tmp_path / "f.geojson", [(box(112.012, 112.018), {"depth_m": 0.25, "start": 10})])
    footprints, _ = read_footprints(path, tiny.REFERENCE)
    network = line()
    flood = _disrupt(*footprints, network=network)
    free = travel_ms(network, tiny.TRUCK)  # a minute a kilometre
    arrival = {
        wading: earliest_arrival(network.graph, timed_edges(network, free, "x", wading, flood), 0, depart)[0][3]
        for wading, depart in ((0.5, 600_000), (0.2, 600_001))
    }
    assert arrival == {0.5: 600_000 + 4 * 60_000, 0.2: NEVER}
    before = earliest_arrival(network.graph, timed_edges(network, free, "x", 0.2, flood), 0, 8 * 60_000)[0][3]
    assert before == 11 * 60_000  # out of r12 in the minute in which the water comes


def test_sampled_nights_follow_the_group() -> None:
    effect = _closed(group="g", probability=0.5)
    made = _disrupt(_area(112.012, 112.018, effect))
    nights = [len(made.sample(np.random.default_rng(seed)).edges) for seed in range(400)]
    assert set(nights) == {0, 2}
    assert 0.4 < np.mean(np.array(nights) > 0) < 0.6


CORNER = st.tuples(st.floats(112.0, 112.03), st.floats(35.495, 35.505))
DEGREE_M = np.array([90_520.0, 111_195.0])  # at 35.5° N


@given(
    roads=st.lists(st.lists(CORNER, min_size=2, max_size=4), min_size=1, max_size=5),
    corners=st.lists(CORNER, min_size=3, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_the_same_edges_as_walking_along_every_road(roads: list, corners: list) -> None:
    """Independent recount: step along each road metre by metre and ask of each step whether it is inside."""
    polygon = shapely.convex_hull(shapely.MultiPoint(corners))
    if polygon.geom_type != "Polygon" or polygon.area < 1e-9:
        return
    network = _drawn(roads)
    made, _ = disrupt(network, tiny.county(), [Footprint("f", polygon, _closed())], [])
    found = set(made.edges["edge"])
    for k, road in enumerate(roads):
        steps = [_steps(np.array(a), np.array(b)) for a, b in zip(road, road[1:], strict=False)]
        inside_m = sum(size * shapely.contains_xy(polygon, *points.T).sum() for points, size in steps)
        ids = {f"r0{k + 1}:0-{k + 1}", f"r0{k + 1}:{k + 1}-0"}
        if inside_m > TOUCH_M + 4:  # a step may lie half outside at each end of each piece
            assert ids <= found
        elif inside_m == 0 and shapely.LineString(road).disjoint(polygon):
            assert not ids & found


def _drawn(roads: list) -> RoadNetwork:
    """Roads from node 0 to 1, 2 …, drawn as given in both directions."""
    network = tiny.network([(0, k + 1, 1.0) for k in range(len(roads))])
    drawn = []
    for edge in network.edge_id:
        tail, head = (int(end) for end in edge.split(":")[1].split("-"))
        drawn.append(np.array(roads[head - 1] if tail == 0 else roads[tail - 1][::-1], dtype=float))
    shape = np.concatenate(drawn)
    first = np.concatenate([[0], np.cumsum([len(points) for points in drawn])])
    return replace(network, shape_first=first, shape_lon=shape[:, 0], shape_lat=shape[:, 1])


def _steps(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """Middles of steps of at most a metre from a to b, and the length of one."""
    length = float(np.linalg.norm((b - a) * DEGREE_M))
    count = max(math.ceil(length), 1)
    return a + (np.arange(count)[:, None] + 0.5) / count * (b - a), length / count


def test_rows_come_in_the_order_of_the_input_then_of_the_edges() -> None:
    """So that equal input gives equal bytes."""
    areas = [_area(112.022, 112.028, _closed()), _area(112.002, 112.008, _closed())]
    made = _disrupt(*areas).edges["edge"].tolist()
    assert [edge[:3] for edge in made] == ["r23", "r23", "r01", "r01"]
    again = _disrupt(*areas)
    pd.testing.assert_frame_equal(again.edges, _disrupt(*areas).edges)
