"""Sites on roads: the nearest point by brute force, exact lengths, twins and turns carried over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dispatch.roads.attach import JUNCTION_M, attach, main_roads
from dispatch.roads.components import component_labels
from dispatch.roads.measure import great_circle_m
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.roads.read import read_network
from models.traversal import NEVER
from tests.roads.osm_text import assert_sound, by_id, distances, grid, osm, shape, turns, write
from tests.shared import shared_path

NODES = grid(n1=(0, 0), n2=(2, 0), n3=(10, 0), n4=(2, 5), n5=(2, -5), n6=(12, 0))


@pytest.fixture
def town(tmp_path: Path) -> RoadNetwork:
    """A cross: a main road west to east (1 – 2 – 3), a one-way street south, a track north, a bridge at the end."""
    ways = [
        (10, [1, 2, 3], {"highway": "primary"}),
        (11, [2, 5], {"highway": "residential", "oneway": "yes"}),
        (12, [2, 4], {"highway": "track"}),
        (13, [3, 6], {"highway": "primary", "bridge": "yes"}),
    ]
    return read_network(write(tmp_path, osm(NODES, ways, [("no_straight_on", 12, 2, 11)])), cache=False)


def point(column: float, row: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([112.0 + 0.001 * column]), np.array([35.7 + 0.001 * row])


def test_a_site_in_mid_road(town: RoadNetwork) -> None:
    """Both directions are cut at the foot of the perpendicular, half way; the pieces are named along each direction."""
    network, node, access_m = attach(town, *point(6, 0.5))
    assert_sound(network)
    assert {"10:2-3/1", "10:2-3/2", "10:3-2/1", "10:3-2/2"} <= set(network.edge_id)
    assert "10:2-3" not in set(network.edge_id)
    assert network.node_id[node[0]] == -1
    assert network.node_lon[node[0]] == pytest.approx(112.006, abs=1e-8)
    assert access_m[0] == pytest.approx(0.0005 * np.pi / 180 * 6_371_009, rel=1e-6)
    lengths = by_id(network, "length_m")
    assert lengths["10:2-3/1"] == lengths["10:3-2/2"]
    assert lengths["10:2-3/1"] == pytest.approx(lengths["10:2-3/2"], abs=0.01)
    assert lengths["10:2-3/1"] + lengths["10:2-3/2"] == by_id(town, "length_m")["10:2-3"]  # type: ignore[operator]
    assert network.edge_id[network.twin[network.edge_index["10:2-3/1"]]] == "10:3-2/2"
    assert (network.source, network.attribution) == (town.source, town.attribution)


def test_several_sites_on_one_road(town: RoadNetwork) -> None:
    """Cut in the order along the road, whatever the order of the sites; ids of nodes follow the sites."""
    lon = np.concatenate([point(x, 0.1)[0] for x in (8, 4, 6)])
    network, node, _ = attach(town, lon, np.full(3, 35.7001))
    assert_sound(network)
    assert network.node_id[node].tolist() == [-1, -2, -3]
    assert network.node_lon[node] == pytest.approx(lon, abs=1e-8)
    pieces = [network.edge_index[f"10:2-3/{k}"] for k in (1, 2, 3, 4)]
    assert network.graph.head[pieces[:3]].tolist() == [node[1], node[2], node[0]]
    assert network.graph.tail[pieces[1:]].tolist() == [node[1], node[2], node[0]]
    for order in (pieces, pieces[::-1]):
        assert sum(network.length_m[order].tolist()) == town.length_m[town.edge_index["10:2-3"]]


def test_near_a_junction_and_near_each_other(town: RoadNetwork) -> None:
    """Within a metre along the road: the junction's node, or one node for both sites."""
    assert attach(town, *point(2.005, 0.004))[0] is town
    network, node, _ = attach(
        town, np.array([112.002005, 112.00600, 112.006005]), np.array([35.700004, 35.7001, 35.6999])
    )
    assert network.node_id[node].tolist() == [2, -1, -1]
    assert network.graph.n == town.graph.n + 1


def test_one_way_streets_are_cut_once(town: RoadNetwork) -> None:
    network, node, _ = attach(town, *point(2.1, -2.5))
    assert_sound(network)
    assert network.twin[network.edge_index["11:2-5/1"]] == -1
    assert network.graph.head[network.edge_index["11:2-5/1"]] == node[0]


def test_turns_point_to_the_pieces_at_the_junction(town: RoadNetwork) -> None:
    """Coming from the north and going on south: the last piece of one, the first of the other."""
    assert turns(town) == {("12:4-2", "11:2-5")}
    network, _, _ = attach(town, np.array([112.0021, 112.0021]), np.array([35.7025, 35.6975]))
    assert turns(network) == {("12:4-2/2", "11:2-5/1")}


def test_attached_again(town: RoadNetwork) -> None:
    """A second round cuts pieces further and gives new ids."""
    once, _, _ = attach(town, *point(6, 0.1))
    twice, node, _ = attach(once, *point(8, 0.1))
    assert_sound(twice)
    assert twice.node_id[node[0]] == -2
    assert {"10:2-3/1", "10:2-3/2/1", "10:2-3/2/2"} <= set(twice.edge_id)


def test_too_far(town: RoadNetwork) -> None:
    """No node, and the distance to the nearest road, so that the warning can say it; unknown positions have none."""
    network, node, access_m = attach(town, np.array([112.04, np.nan]), np.array([35.7, 35.7]), limit_m=2000.0)
    assert network is town
    assert node.tolist() == [-1, -1]
    gap = great_circle_m(*(np.array(v) for v in (*NODES[6], 112.04, 35.7)))  # type: ignore[arg-type]
    assert access_m[0] == pytest.approx(float(gap), rel=1e-9)
    assert np.isinf(access_m[1])
    assert attach(town, *point(40, 0), limit_m=2600.0)[1][0] == town.graph.head[town.edge_index["13:3-6"]]


def test_bridges_only_if_nothing_else_is_near(town: RoadNetwork) -> None:
    """A flood that closes the bridge must not cut off a house beside its end; a site far out still gets a node."""
    network, node, _ = attach(town, *point(10.5, 0.3))
    assert network.node_id[node[0]] == 3
    far, node, _ = attach(town, *point(11.5, 0.3), limit_m=50.0)
    assert far.bridge[far.edge_index["13:3-6/1"]]
    assert far.node_id[node[0]] == -1


@pytest.mark.parametrize("tags", [{"highway": "motorway"}, {"highway": "motorway_link"}, {"tunnel": "yes"},
                                  {"highway": "", "route": "ferry", "motor_vehicle": "yes"}])  # fmt: skip
def test_where_nobody_can_stop(tmp_path: Path, tags: dict[str, str]) -> None:
    """Motorways, their ramps, tunnels and ferries are passed by for the next road, however near they run."""
    near = {k: v for k, v in {"highway": "primary", **tags}.items() if v}
    nodes = grid(n1=(0, 0), n2=(10, 0), n3=(0, 9), n4=(10, 9))
    ways = [(10, [1, 2], near), (11, [3, 4], {"highway": "track"})]
    network, node, access_m = attach(read_network(write(tmp_path, osm(nodes, ways)), cache=False), *point(5, 1))
    assert {"11:3-4/1", "11:4-3/1"} <= set(network.edge_id)
    assert access_m[0] == pytest.approx(0.008 * np.pi / 180 * 6_371_009, rel=1e-5)
    assert node[0] >= 0


def test_usable_edges_only(town: RoadNetwork) -> None:
    """The track is nearest but may not be used; of a street with both directions one usable is enough."""
    usable = np.array([edge.startswith("10:2-3") for edge in town.edge_id])
    network, node, _ = attach(town, *point(2.5, 4), usable=usable)
    assert network.node_id[node[0]] == -1
    assert {"10:2-3/1", "10:3-2/1"} <= set(network.edge_id)


def test_main_roads(town: RoadNetwork) -> None:
    """The one-way street leads to a dead end nobody returns from; a closed track is no main road."""
    free = np.full(town.graph.m, 1000)
    main = {str(edge) for edge in town.edge_id[main_roads(town, free)]}
    assert main == {"10:1-2", "10:2-1", "10:2-3", "10:3-2", "12:2-4", "12:4-2", "13:3-6", "13:6-3"}
    free[town.road_class == ROAD_CLASSES.index("track")] = NEVER
    assert not any(edge.startswith("12") for edge in town.edge_id[main_roads(town, free)])


@pytest.fixture(scope="module")
def andorra() -> RoadNetwork:
    return read_network(shared_path("data/roads_andorra/andorra-20250118.osm.pbf"), cache=False)


@pytest.fixture(scope="module")
def attached(andorra: RoadNetwork) -> tuple[RoadNetwork, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """2,000 random sites in and around Andorra, on its main roads."""
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(1.42, 1.77, 2000), rng.uniform(42.44, 42.65, 2000)
    usable = main_roads(andorra, np.zeros(andorra.graph.m, dtype=np.int64))
    return (*attach(andorra, lon, lat, usable=usable), lon, lat, usable)


def test_nearest_by_brute_force(andorra: RoadNetwork, attached: tuple) -> None:  # type: ignore[type-arg]
    """No point of an allowed road, sampled every 4 m, is nearer to its site than the node."""
    _, node, access_m, lon, lat, usable = attached
    banned = [ROAD_CLASSES.index(name) for name in ("motorway", "motorway_link", "ferry")]
    allowed = usable & ~andorra.tunnel & ~andorra.bridge & ~andorra.ford & ~np.isin(andorra.road_class, banned)
    once = (andorra.twin < 0) | (andorra.twin > np.arange(andorra.graph.m))  # twins run along the same line
    points_lon, points_lat = _sampled(andorra, np.flatnonzero(allowed & once))
    for site in np.random.default_rng(4).choice(np.flatnonzero(node >= 0), 80, replace=False):
        nearest = great_circle_m(lon[site], lat[site], points_lon, points_lat).min()
        assert nearest - 2.5 < access_m[site] < nearest + 0.001 + JUNCTION_M
    assert 0.5 < (node >= 0).mean() < 0.9


def _sampled(network: RoadNetwork, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lons, lats = [], []
    for e in edges.tolist():
        i, j = network.shape_first[e], network.shape_first[e + 1]
        lon, lat = network.shape_lon[i:j], network.shape_lat[i:j]
        walked = np.concatenate([[0.0], np.cumsum(great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]))])
        at = np.linspace(0, walked[-1], max(int(walked[-1] / 4), 2))
        lons.append(np.interp(at, walked, lon))
        lats.append(np.interp(at, walked, lat))
    return np.concatenate(lons), np.concatenate(lats)


def test_attaching_changes_no_distance(andorra: RoadNetwork, attached: tuple) -> None:  # type: ignore[type-arg]
    """Between old junctions every shortest path is as long as before; edges' pieces add up without rounding."""
    network = attached[0]
    assert_sound(network)
    assert network.graph.n > andorra.graph.n + 500
    sources = np.random.default_rng(5).choice(andorra.graph.n, 40, replace=False)
    old, new = andorra.graph, network.graph
    before = distances(old.n, old.tail, old.head, andorra.length_m, sources)
    after = distances(new.n, new.tail, new.head, network.length_m, sources)[:, : old.n]
    np.testing.assert_allclose(after, before, rtol=1e-12)
    pieces: dict[str, list[float]] = {}
    for edge, length in zip(network.edge_id, network.length_m.tolist(), strict=True):
        pieces.setdefault(edge.split("/")[0], []).append(length)
    whole = dict(zip(andorra.edge_id, andorra.length_m.tolist(), strict=True))
    assert {edge: sum(lengths) for edge, lengths in pieces.items()} == whole


def test_every_attached_site_reaches_every_other(attached: tuple) -> None:  # type: ignore[type-arg]
    """That is what attaching to the main roads is for."""
    network, node, *_ = attached
    labels = component_labels(network.graph.n, network.graph.tail, network.graph.head, "strong")
    assert len(np.unique(labels[node[node >= 0]])) == 1


def test_pieces_keep_what_the_edge_was(andorra: RoadNetwork, attached: tuple) -> None:  # type: ignore[type-arg]
    network = attached[0]
    for edge in [edge for edge in network.edge_id if edge.endswith("/1")][:200]:
        e, whole = network.edge_index[edge], andorra.edge_index[edge.split("/")[0]]
        for column in ("road_class", "surface", "name", "ref", "way", "ways", "max_speed_kmh", "max_weight_t"):
            one, other = getattr(network, column)[e], getattr(andorra, column)[whole]
            assert one == other or (one != one and other != other), column
        assert shape(network, edge)[0] == shape(andorra, edge.split("/")[0])[0]
