"""The embedded county's roads: schematic, well-formed, and hanging together like a county's."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import cache

import numpy as np
import shapely
from scipy.sparse.csgraph import connected_components, dijkstra

from dispatch.roads.network import ROAD_CLASSES
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import travel_ms
from dispatch.roads.travel import NEVER
from tests.qinshui import (
    PACK,
    TOWN_HALL,
    county,
    matrix,
    nearest_nodes,
    network,
    places,
)


def test_roads_are_schematic_and_of_every_class():
    roads = network()
    assert roads.schematic
    there = {ROAD_CLASSES[k] for k in np.unique(roads.road_class)}
    assert {"motorway", "motorway_link", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
            "track"} <= there  # fmt: skip
    assert roads.bridge.any() and roads.tunnel.any() and roads.ford.any()
    assert {"S80", "G342", "S331", "S334", "X754"} <= set(roads.ref)
    assert {"坪曲线", "黑东线", "定中线", "北固线"} <= set(roads.name)
    by_ref = {ref: ROAD_CLASSES[roads.road_class[roads.ref == ref][0]] for ref in ("S80", "G342", "S331", "S334")}
    assert by_ref == {"S80": "motorway", "G342": "trunk", "S331": "primary", "S334": "primary"}


def test_a_car_gets_from_anywhere_to_anywhere():
    roads = network()
    crossing = travel_ms(roads, read_profiles()["car"])
    usable = crossing < NEVER
    parts, _ = connected_components(matrix(roads.length_m, usable), directed=True, connection="strong")
    assert parts == 1


def test_every_village_and_depot_is_near_a_road():
    for points in (places("village"), county().table("depots"), county().table("shelters")):
        lines = shapely.linestrings(
            np.column_stack([network().shape_lon * 90_350, network().shape_lat * 111_000]),
            indices=np.repeat(np.arange(network().graph.m), np.diff(network().shape_first)),
        )
        tree = shapely.STRtree(lines)
        at = shapely.points(points["lon"].to_numpy() * 90_350, points["lat"].to_numpy() * 111_000)
        _, away = tree.query_nearest(at, return_distance=True, all_matches=False)
        assert away.max() <= 100.0  # the limit is 2 km; drawn lanes reach every village


def test_seats_are_as_far_apart_by_road_as_in_mountains():
    # Valley roads: 1.1 to 2 times the straight line for every pair, 1.2 to 1.5 in the median.
    seats = places("township")
    nodes, away = nearest_nodes(seats)
    assert away.max() < 1.0  # roads pass the sourced points themselves
    by_road = dijkstra(matrix(network().length_m), indices=nodes)[:, nodes]
    east, north = seats["lon"].to_numpy() * 90_350, seats["lat"].to_numpy() * 111_000
    straight = np.hypot(east[:, None] - east, north[:, None] - north)
    ratio = (by_road / np.where(straight > 0, straight, 1.0))[~np.eye(12, dtype=bool)]
    assert ratio.min() > 1.1
    assert ratio.max() < 2.0
    assert 1.2 <= np.median(ratio) <= 1.5


def _reached_without(edges: np.ndarray, start: int) -> np.ndarray:
    keep = np.ones(network().graph.m, dtype=bool)
    keep[edges] = False
    keep[network().twin[edges][network().twin[edges] >= 0]] = False
    return np.isfinite(dijkstra(matrix(network().length_m, keep), indices=start))


def test_single_bridges_hold_the_only_way_to_some_villages():
    roads = network()
    nodes, _ = nearest_nodes(places("village"))
    start = nearest_nodes(places("township").loc[[TOWN_HALL]])[0][0]
    lost: dict[int, int] = {}
    for way in np.unique(roads.way[roads.bridge]):
        reached = _reached_without(np.flatnonzero((roads.way == way) & roads.bridge), start)
        if not reached[nodes].all():
            lost[int(way)] = int((~reached[nodes]).sum())
    assert len(lost) == 15  # as roads.md says
    assert set(lost.values()) == {1, 2, 3}


def test_no_single_cut_isolates_a_township_seat():
    nodes, _ = nearest_nodes(places("township"))
    start = nodes[places("township")["place"].tolist().index(TOWN_HALL)]
    streets = [e for e in range(network().graph.m) if not 0 <= network().twin[e] < e]
    for edge in streets:
        assert _reached_without(np.array([edge]), start)[nodes].all(), network().edge_id[edge]


def test_heavy_trucks_stop_at_village_bridges():
    # 湾则村 lies behind a bridge signed for 10 t: a light truck passes, a 5 t truck of 12 t gross does not.
    villages = places("village")
    node = nearest_nodes(villages[villages["name"] == "湾则村"])[0][0]
    start = nearest_nodes(places("township").loc[[TOWN_HALL]])[0][0]
    for vehicle_class, passes in (("light_truck", True), ("truck_5t", False)):
        usable = travel_ms(network(), read_profiles()[vehicle_class]) < NEVER
        away = dijkstra(matrix(network().length_m, usable), indices=start)[node]
        assert np.isfinite(away) == passes


@cache
def osm() -> ET.Element:
    return ET.parse(PACK / "roads.osm").getroot()


def _ways() -> list[tuple[dict[str, str], list[str]]]:
    return [
        ({tag.get("k", ""): tag.get("v", "") for tag in way.iter("tag")}, [nd.get("ref", "") for nd in way.iter("nd")])
        for way in osm().iter("way")
    ]


def test_osm_file_is_well_formed_and_small():
    assert osm().get("version") == "0.6"
    assert "schematic" in osm().get("generator", "")
    assert (PACK / "roads.osm").stat().st_size < 1_500_000
    nodes = [node.get("id", "") for node in osm().iter("node")]
    ways = [way.get("id", "") for way in osm().iter("way")]
    assert 1_500 <= len(nodes) <= 4_000
    assert len(set(nodes)) == len(nodes) and len(set(ways)) == len(ways)
    used = {ref for _, refs in _ways() for ref in refs}
    assert used == set(nodes)
    assert all(tags["source"] == "schematic" for tags, _ in _ways())
    assert all(10_000_000 < int(one) < 30_000_000 for one in (*nodes, *ways))


def test_roads_cross_only_at_junctions_bridges_and_tunnels():
    # A crossing without a shared node would be a junction that drivers see and the network does not.
    at = {node.get("id"): (float(node.get("lon", 0)), float(node.get("lat", 0))) for node in osm().iter("node")}
    ways = [(tags, refs) for tags, refs in _ways() if "waterway" not in tags]
    level = [(tags, refs) for tags, refs in ways if tags.get("bridge", "no") == "no" and tags.get("tunnel") != "yes"]
    lines = [shapely.LineString([at[ref] for ref in refs]) for _, refs in level]
    tree = shapely.STRtree(lines)
    for i, j in zip(*tree.query(lines, predicate="crosses"), strict=True):
        if i < j:
            shared = {at[ref] for ref in level[i][1]} & {at[ref] for ref in level[j][1]}
            met = shapely.get_parts(lines[i].intersection(lines[j]))
            assert all(any(point.distance(shapely.Point(p)) < 1e-6 for p in shared) for point in met)


def test_roads_meet_rivers_only_on_bridges_and_fords():
    at = {node.get("id"): (float(node.get("lon", 0)), float(node.get("lat", 0))) for node in osm().iter("node")}
    rivers = [shapely.LineString([at[ref] for ref in refs]) for tags, refs in _ways() if "waterway" in tags]
    tree = shapely.STRtree(rivers)
    crossed = 0
    for tags, refs in _ways():
        if "waterway" in tags:
            continue
        hit = len(tree.query(shapely.LineString([at[ref] for ref in refs]), predicate="intersects"))
        crossed += hit
        assert not hit or tags.keys() & {"bridge", "ford", "tunnel"}
    assert crossed > 40
